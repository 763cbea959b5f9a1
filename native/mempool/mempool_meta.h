/* SPDX-License-Identifier: Apache-2.0
 * mempool_meta.h - pages from the source, and the blocks in which the pool keeps its books.
 * Layer: mempool (private to it). May include: pages/, base/. Threads: under Pool.lock. */
#ifndef CORRAL_MEMPOOL_META_H
#define CORRAL_MEMPOOL_META_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "corral/mempool.h"

#define META_UNIT ((size_t)64) /* metadata blocks: multiples of it up to META_EXACT_MAX, then powers of two */
#define META_EXACT_MAX ((size_t)1 << META_EXACT_LOG)
#define META_EXACT_LOG 13             /* what describes a span of the smallest class is below it */
#define META_LISTS (128 + 51)         /* free lists of metadata blocks: one per size */
#define META_FIRST_BYTES POOL_GRANULE /* of the first metadata region; the next ones are larger */

/* Pages that hold only metadata; this header is at their start. */
typedef struct MetaRegion {
    struct MetaRegion *older;
    size_t bytes;
} MetaRegion;
static_assert(sizeof(MetaRegion) <= META_UNIT, "the header is one unit");

/* Invariants:  bump <= end, both in the newest region;  sum of the regions' bytes = stats.metadata
 *              live_bytes = sum of the rounded sizes of all blocks taken and not given back */
typedef struct Meta {
    MetaRegion *newest;
    unsigned char *bump;
    unsigned char *end;
    size_t live_bytes;
    struct MetaFree *free_lists[META_LISTS];
} Meta;

/* Reserves pages of a region, or of books, and counts them; NULL when the source has none (or does not align them). */
void *pool_pages_reserve(Pool *pool, size_t bytes, size_t alignment);
void *pool_books_reserve(Pool *pool, size_t bytes, size_t alignment);
void pool_pages_release(Pool *pool, void *pages, size_t bytes);
bool pool_pages_discard(Pool *pool, void *pages, size_t bytes); /* false, and nothing changed, when it is refused */
size_t pool_meta_rounded(size_t bytes);                         /* what a metadata block of `bytes` really takes */

/* Makes sure that blocks of together `rounded_bytes` can be taken; false, and nothing changed, without memory. */
bool pool_meta_ensure(Pool *pool, size_t rounded_bytes);

/* Makes sure of one block of that size, which may be one that was given back. */
bool pool_meta_ready(Pool *pool, size_t rounded_bytes);

/* Takes a zeroed block, which pool_meta_ensure() has made sure of. It cannot fail. */
void *pool_meta_take(Pool *pool, size_t bytes);
void pool_meta_give(Pool *pool, void *block, size_t bytes);

#endif
