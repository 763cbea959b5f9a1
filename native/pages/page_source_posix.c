/* SPDX-License-Identifier: Apache-2.0
 * page_source_posix.c - the operating system's pages through mmap.
 * Layer: pages. May include: base/. Threads: any. */
#include "corral/page_source.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mapping.h"

static void *system_reserve(void *context, size_t bytes, size_t alignment) {
    (void)context;
    return mapping_reserve(bytes, alignment, page_source_system()->page_size, PROT_READ | PROT_WRITE, 0);
}

static bool system_release(void *context, void *pages, size_t bytes) {
    (void)context;
    return mapping_release(pages, bytes);
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
