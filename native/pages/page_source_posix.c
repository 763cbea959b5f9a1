/* SPDX-License-Identifier: Apache-2.0
 * page_source_posix.c - the operating system's pages through mmap.
 * Layer: pages. May include: base/. Threads: any. */
#include "corral/page_source.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/align.h"

static void *map(size_t bytes) {
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages != MAP_FAILED ? pages : NULL;
}

/* True also when there was nothing to unmap. */
static bool unmap(char *pages, size_t bytes) {
    return bytes == 0 || munmap(pages, bytes) == 0;
}

/* Maps more than is asked for and cuts the ends off. A cut may be refused (it can need one more mapping than the system
 * allows): then the whole goes back, which needs none. */
static void *map_trimmed(size_t bytes, size_t alignment, size_t page_size) {
    size_t mapped;
    if (!checked_add(bytes, alignment - page_size, &mapped)) {
        return NULL;
    }
    char *start = map(mapped);
    if (start == NULL) {
        return NULL;
    }
    size_t before = align_gap((uintptr_t)start, alignment);
    size_t after = mapped - before - bytes;
    if (!unmap(start + before + bytes, after)) {
        unmap(start, mapped);
        return NULL;
    }
    if (!unmap(start, before)) {
        unmap(start, mapped - after);
        return NULL;
    }
    return start + before;
}

static void *system_reserve(void *context, size_t bytes, size_t alignment) {
    (void)context;
    void *pages = map(bytes); /* aligned more often than not: the kernel puts mappings next to each other */
    if (pages == NULL || ((uintptr_t)pages & (alignment - 1)) == 0) {
        return pages;
    }
    unmap(pages, bytes);
    return map_trimmed(bytes, alignment, page_source_system()->page_size);
}

static bool system_release(void *context, void *pages, size_t bytes) {
    (void)context;
    return munmap(pages, bytes) == 0;
}

#if defined(__linux__)
static bool system_discard(void *context, void *pages, size_t bytes) {
    (void)context;
    return madvise(pages, bytes, MADV_DONTNEED) == 0; /* refused for locked memory */
}
#else
/* Elsewhere the advice is a hint that leaves the contents, and mapping anew may leave a hole when it fails. */
#define system_discard NULL
#endif

/* Written once, by set_page_size(); read-only afterwards. */
static PageSource system_pages = {
    .name = "system", .reserve = system_reserve, .release = system_release, .discard = system_discard};

static void set_page_size(void) {
    system_pages.page_size = (size_t)sysconf(_SC_PAGESIZE);
}

const PageSource *page_source_system(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_page_size);
    return &system_pages;
}
