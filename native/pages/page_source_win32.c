/* SPDX-License-Identifier: Apache-2.0
 * page_source_win32.c - the operating system's pages through VirtualAlloc.
 * Layer: pages. May include: base/. Threads: any. */
#include "corral/page_source.h"

#include <stdint.h>
#include <string.h>
#include <windows.h>

#include "base/align.h"

/* Between the release of a large reservation and the second reservation inside it another thread may take the address:
 * so often it is tried again. */
#define ALIGN_ATTEMPTS 16

static void *map_at(void *address, size_t bytes) {
    return VirtualAlloc(address, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

static bool system_release(void *context, void *pages, size_t bytes) {
    (void)context;
    (void)bytes; /* a reservation is released as a whole, by its address */
    return VirtualFree(pages, 0, MEM_RELEASE) != 0;
}

/* Windows cannot cut the ends off a reservation: look for an aligned address inside a larger one, give that one back
 * and ask for the address. */
static void *map_aligned(size_t bytes, size_t alignment) {
    size_t room;
    if (!checked_add(bytes, alignment, &room)) {
        return NULL;
    }
    for (int attempt = 0; attempt < ALIGN_ATTEMPTS; attempt++) {
        char *start = VirtualAlloc(NULL, room, MEM_RESERVE, PAGE_NOACCESS);
        if (start == NULL) {
            return NULL;
        }
        char *aligned = start + align_gap((uintptr_t)start, alignment);
        VirtualFree(start, 0, MEM_RELEASE);
        void *pages = map_at(aligned, bytes);
        if (pages != NULL) {
            return pages;
        }
    }
    return NULL;
}

static void *system_reserve(void *context, size_t bytes, size_t alignment) {
    void *pages = map_at(NULL, bytes);
    if (pages == NULL || ((uintptr_t)pages & (alignment - 1)) == 0) {
        return pages;
    }
    system_release(context, pages, bytes);
    return map_aligned(bytes, alignment);
}

/* Not by decommit and commit: an access between the two would fail, and for ever when the commit does. A page that was
 * reset is zero or keeps its bytes: zeroed first, it is zero either way. Unlocking what is not locked is documented to
 * take the pages out of the working set, and to report that they were not locked. */
static bool system_discard(void *context, void *pages, size_t bytes) {
    (void)context;
    memset(pages, 0, bytes);
    bool reset = VirtualAlloc(pages, bytes, MEM_RESET, PAGE_READWRITE) != NULL;
    VirtualUnlock(pages, bytes);
    return reset;
}

/* Written once, by set_page_size(); read-only afterwards. */
static PageSource system_pages = {
    .name = "system", .reserve = system_reserve, .release = system_release, .discard = system_discard};

static BOOL CALLBACK set_page_size(PINIT_ONCE once, PVOID parameter, PVOID *context) {
    (void)once;
    (void)parameter;
    (void)context;
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    system_pages.page_size = info.dwPageSize;
    return TRUE;
}

const PageSource *page_source_system(void) {
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    InitOnceExecuteOnce(&once, set_page_size, NULL, NULL);
    return &system_pages;
}
