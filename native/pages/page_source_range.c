/* SPDX-License-Identifier: Apache-2.0
 * page_source_range.c - memory of the caller's as a page source.
 * Layer: pages. May include: base/. Threads: any. */
#include <stdint.h>
#include <string.h>

#include "base/align.h"
#include "extents.h"
#include "os_lock.h"
#include "shared_source.h"

#define RANGE_PAGE ((size_t)4096)
#define REGION_LEAST ((size_t)64 << 10) /* the smallest that a pool takes */
#define REGION_MOST ((size_t)1 << 20)
#define REGIONS_WANTED 16 /* alignment loses less than one of them */

typedef struct RangeSource {
    SharedSource shared;
    OsLock lock;
    Extents extents; /* under lock */
    unsigned char *base;
    void (*gone)(void *context);
    void *gone_context;
} RangeSource;

/* Zeroed each time: nobody knows what the caller left there. */
static void *range_reserve(void *context, size_t bytes, size_t alignment) {
    RangeSource *source = context;
    os_lock_take(&source->lock);
    Extent *extent = extents_take(&source->extents, bytes, (uintptr_t)source->base, alignment);
    void *pages = NULL;
    if (extent != NULL) {
        pages = extent->owner = source->base + extent->offset;
    }
    os_lock_release(&source->lock);
    return pages != NULL ? memset(pages, 0, bytes) : NULL;
}

static bool range_release(void *context, void *pages, size_t bytes) {
    RangeSource *source = context;
    os_lock_take(&source->lock);
    Extent *extent = extents_find(&source->extents, pages, bytes);
    if (extent != NULL) {
        extents_give(&source->extents, extent);
    }
    os_lock_release(&source->lock);
    return extent != NULL;
}

static void range_finish(void *context) {
    RangeSource *source = context;
    extents_close(&source->extents);
    os_lock_destroy(&source->lock);
    if (source->gone != NULL) {
        source->gone(source->gone_context);
    }
}

static size_t region_size_for(size_t bytes) {
    size_t size = REGION_MOST;
    while (size > REGION_LEAST && size > bytes / REGIONS_WANTED) {
        size /= 2;
    }
    return size;
}

/* Whether one aligned region of the smallest size fits in. */
static bool holds_a_region(uintptr_t base, size_t bytes) {
    size_t lost = align_gap(base, REGION_LEAST);
    return lost <= bytes && bytes - lost >= REGION_LEAST;
}

static bool range_open(RangeSource *source, size_t bytes) {
    if (!os_lock_init(&source->lock)) {
        return false;
    }
    if (!extents_open(&source->extents, bytes)) {
        os_lock_destroy(&source->lock);
        return false;
    }
    return true;
}

PageSource *page_source_range(void *base, size_t bytes, void (*gone)(void *context), void *context,
                              PageSourceError *error) {
    if (base == NULL || bytes > UINTPTR_MAX - (uintptr_t)base || !holds_a_region((uintptr_t)base, bytes)) {
        return source_refused(error, CORRAL_INVALID_ARGUMENT,
                              "bytes=%zu: pass a range with %zu bytes at a multiple of %zu", bytes, REGION_LEAST,
                              REGION_LEAST);
    }
    PageSource table = {.name = "range",
                        .page_size = RANGE_PAGE,
                        .reserve = range_reserve,
                        .release = range_release,
                        .region_size = region_size_for(bytes),
                        .exposed = true};
    RangeSource *source = shared_source_new(sizeof *source, &table, NULL, error);
    if (source == NULL) {
        return NULL;
    }
    source->base = base;
    if (!range_open(source, bytes)) {
        page_source_close(&source->shared.table);
        return source_refused(error, CORRAL_NO_MEMORY, "bytes=%zu: no memory to describe the range", bytes);
    }
    source->gone = gone;
    source->gone_context = context;
    source->shared.finish = range_finish;
    return &source->shared.table;
}
