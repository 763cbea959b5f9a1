/* SPDX-License-Identifier: Apache-2.0
 * page_source_guarded.c (Windows) - an inaccessible page before and after each reservation.
 * Layer: pages. May include: base/. Threads: any; a source is read-only after it was made.
 *
 *     | reserved, not committed ... | reservation at its alignment, committed | reserved, not committed | */
#include <stdint.h>
#include <windows.h>

#include "base/align.h"
#include "shared_source.h"

#define GUARDED_REGION ((size_t)64 << 10) /* blocks above half of it get a reservation of their own */

/* The reservation starts anywhere before the pages: at least a page, less than two alignments. */
static void *guarded_reserve(void *context, size_t bytes, size_t alignment) {
    size_t guard = ((const PageSource *)context)->page_size;
    size_t reserved;
    if (!checked_add(bytes, 2 * alignment + guard, &reserved)) {
        return NULL;
    }
    char *start = VirtualAlloc(NULL, reserved, MEM_RESERVE, PAGE_NOACCESS);
    if (start == NULL) {
        return NULL;
    }
    char *pages = start + guard + align_gap((uintptr_t)start + guard, alignment);
    if (VirtualAlloc(pages, bytes, MEM_COMMIT, PAGE_READWRITE) == NULL) {
        VirtualFree(start, 0, MEM_RELEASE);
        return NULL;
    }
    return pages;
}

/* The system knows where the reservation around the pages starts. */
static bool guarded_release(void *context, void *pages, size_t bytes) {
    (void)context;
    (void)bytes;
    MEMORY_BASIC_INFORMATION around;
    return VirtualQuery(pages, &around, sizeof around) != 0 && VirtualFree(around.AllocationBase, 0, MEM_RELEASE) != 0;
}

PageSource *page_source_guarded(PageSourceError *error) {
    const PageSource *system = page_source_system();
    PageSource table = {.name = "guarded",
                        .page_size = system->page_size,
                        .reserve = guarded_reserve,
                        .release = guarded_release,
                        .discard = system->discard,
                        .region_size = GUARDED_REGION};
    SharedSource *source = shared_source_new(sizeof *source, &table, NULL, error);
    return source != NULL ? &source->table : NULL;
}
