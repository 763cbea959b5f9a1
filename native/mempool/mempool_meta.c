/* SPDX-License-Identifier: Apache-2.0
 * mempool_meta.c - pages from the source, and the blocks in which the pool keeps its books.
 * Layer: mempool. May include: pages/, base/. Threads: under Pool.lock.
 *
 * Metadata blocks are cut from the end of the newest metadata region and go back to a free list of their size. Regions
 * are never given back before the pool is destroyed: what they hold is about one per cent of what they describe. */
#include "mempool_parts.h"

#include <string.h>

#include "base/align.h"
#include "base/check.h"

#define GROWTH_MAX ((size_t)1 << 20) /* each metadata region is twice as large as the one before, up to this */

/* A block that was given back. */
typedef struct MetaFree {
    struct MetaFree *next;
} MetaFree;

static void *reserve_from(Pool *pool, const PageSource *source, size_t bytes, size_t alignment) {
    void *pages = source->reserve(source->context, bytes, alignment);
    if (pages == NULL) {
        return NULL;
    }
    if (((uintptr_t)pages & (alignment - 1)) != 0) { /* a source that breaks its contract */
        source->release(source->context, pages, bytes);
        return NULL;
    }
    pool->stats.reserved += bytes;
    return pages;
}

void *pool_pages_reserve(Pool *pool, size_t bytes, size_t alignment) {
    return reserve_from(pool, &pool->source, bytes, alignment);
}

void *pool_books_reserve(Pool *pool, size_t bytes, size_t alignment) {
    return reserve_from(pool, &pool->books, bytes, alignment);
}

void pool_pages_release(Pool *pool, void *pages, size_t bytes) {
    pool->stats.reserved -= bytes;
    if (!pool->source.release(pool->source.context, pages, bytes)) {
        pool->lost += bytes;
    }
}

bool pool_pages_discard(Pool *pool, void *pages, size_t bytes) {
    const PageSource *source = &pool->source;
    return source->discard != NULL && source->discard(source->context, pages, bytes);
}

size_t pool_meta_rounded(size_t bytes) {
    CHECK(bytes != 0);
    return bytes <= META_EXACT_MAX ? align_up(bytes, META_UNIT) : (size_t)1 << (floor_log2(bytes - 1) + 1);
}

static MetaFree **free_list_of(Pool *pool, size_t rounded) {
    size_t exact_lists = META_EXACT_MAX / META_UNIT;
    size_t index = rounded <= META_EXACT_MAX ? rounded / META_UNIT - 1
                                             : exact_lists + floor_log2(rounded) - floor_log2(META_EXACT_MAX) - 1;
    CHECK(index < META_LISTS);
    return &pool->meta.free_lists[index];
}
static_assert(META_LISTS == META_EXACT_MAX / META_UNIT + (WORD_BITS - META_EXACT_LOG), "a list for every size");

static size_t growth_bytes(const Pool *pool, size_t needed) {
    size_t next = pool->meta.newest->bytes * 2;
    next = next < GROWTH_MAX ? next : GROWTH_MAX;
    next = next > needed ? next : needed;
    return align_up(next, pool->books.page_size);
}

/* The rest of the newest region is given up: less than `rounded_bytes`, once per region. */
bool pool_meta_ensure(Pool *pool, size_t rounded_bytes) {
    Meta *meta = &pool->meta;
    if ((size_t)(meta->end - meta->bump) >= rounded_bytes) {
        return true;
    }
    size_t bytes = growth_bytes(pool, META_UNIT + rounded_bytes);
    MetaRegion *region = pool_books_reserve(pool, bytes, pool->books.page_size);
    if (region == NULL) {
        return false;
    }
    region->older = meta->newest;
    region->bytes = bytes;
    meta->newest = region;
    meta->bump = (unsigned char *)region + META_UNIT;
    meta->end = (unsigned char *)region + bytes;
    pool->stats.metadata += bytes;
    /* Nothing that fails comes after this, so the peak is one that was reached. */
    PoolStats *stats = &pool->stats;
    stats->peak_reserved = stats->reserved > stats->peak_reserved ? stats->reserved : stats->peak_reserved;
    return true;
}

bool pool_meta_ready(Pool *pool, size_t rounded_bytes) {
    return *free_list_of(pool, rounded_bytes) != NULL || pool_meta_ensure(pool, rounded_bytes);
}

void *pool_meta_take(Pool *pool, size_t bytes) {
    size_t rounded = pool_meta_rounded(bytes);
    MetaFree **list = free_list_of(pool, rounded);
    void *block = *list;
    if (block != NULL) {
        *list = (*list)->next;
    } else {
        CHECK((size_t)(pool->meta.end - pool->meta.bump) >= rounded);
        block = pool->meta.bump;
        pool->meta.bump += rounded;
    }
    pool->meta.live_bytes += rounded;
    memset(block, 0, bytes);
    return block;
}

void pool_meta_give(Pool *pool, void *block, size_t bytes) {
    size_t rounded = pool_meta_rounded(bytes);
    MetaFree **list = free_list_of(pool, rounded);
    MetaFree *freed = block;
    freed->next = *list;
    *list = freed;
    pool->meta.live_bytes -= rounded;
}
