/* SPDX-License-Identifier: Apache-2.0
 * mapping.c - aligned anonymous mappings through mmap.
 * Layer: pages. May include: base/. Threads: any. */
#include "mapping.h"

#include <stdint.h>
#include <sys/mman.h>

#include "base/align.h"

static void *map(size_t bytes, int protection, int flags) {
    void *pages = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    return pages != MAP_FAILED ? pages : NULL;
}

bool mapping_release(void *pages, size_t bytes) {
    return bytes == 0 || munmap(pages, bytes) == 0;
}

/* Cuts the ends off. A cut may be refused (it can need one more mapping than the system allows): then the whole goes
 * back, which needs none. */
static void *cut_ends(char *start, size_t mapped, size_t bytes, size_t alignment) {
    size_t before = align_gap((uintptr_t)start, alignment);
    size_t after = mapped - before - bytes;
    if (!mapping_release(start + before + bytes, after)) {
        mapping_release(start, mapped);
        return NULL;
    }
    if (!mapping_release(start, before)) {
        mapping_release(start, mapped - after);
        return NULL;
    }
    return start + before;
}

void *mapping_reserve(size_t bytes, size_t alignment, size_t page_size, int protection, int flags) {
    char *pages =
        map(bytes, protection, flags); /* aligned more often than not: the kernel puts mappings side by side */
    if (pages == NULL || ((uintptr_t)pages & (alignment - 1)) == 0) {
        return pages;
    }
    mapping_release(pages, bytes);
    size_t mapped;
    if (!checked_add(bytes, alignment - page_size, &mapped)) {
        return NULL;
    }
    pages = map(mapped, protection, flags);
    return pages != NULL ? cut_ends(pages, mapped, bytes, alignment) : NULL;
}
