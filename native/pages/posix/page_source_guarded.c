/* SPDX-License-Identifier: Apache-2.0
 * page_source_guarded.c (POSIX) - an inaccessible page before and after each reservation.
 * Layer: pages. May include: base/. Threads: any; a source is read-only after it was made.
 *
 *     | not mapped ... | guard | reservation at its alignment ... | guard | */
#include <sys/mman.h>

#include "base/align.h"
#include "mapping.h"
#include "shared_source.h"

#define GUARDED_REGION ((size_t)64 << 10) /* blocks above half of it get a reservation of their own */

static size_t guard_bytes(const void *context) {
    return ((const PageSource *)context)->page_size; /* the table is the first member of each source */
}

/* All is mapped without access first: what is opened to use is the inside. */
static void *guarded_reserve(void *context, size_t bytes, size_t alignment) {
    size_t guard = guard_bytes(context);
    size_t mapped;
    if (!checked_add(bytes, alignment + guard, &mapped)) {
        return NULL;
    }
    char *start = mapping_reserve(mapped, alignment, guard, PROT_NONE, 0);
    if (start == NULL) {
        return NULL;
    }
    char *pages = start + alignment;
    if (mprotect(pages, bytes, PROT_READ | PROT_WRITE) != 0 || !mapping_release(start, alignment - guard)) {
        mapping_release(start, mapped);
        return NULL;
    }
    return pages;
}

static bool guarded_release(void *context, void *pages, size_t bytes) {
    size_t guard = guard_bytes(context);
    return mapping_release((char *)pages - guard, guard + bytes + guard);
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
