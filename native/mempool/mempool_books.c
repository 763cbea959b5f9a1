/* SPDX-License-Identifier: Apache-2.0
 * mempool_books.c - memory for the books of the layer above: control blocks, descriptor tables.
 * Layer: mempool. May include: pages/, base/. Threads: any. */
#include "mempool_parts.h"

#include <string.h>

#include "base/align.h"
#include "pool_extension.h"

static void note_reserved(Pool *pool) {
    PoolStats *stats = &pool->stats;
    stats->peak_reserved = stats->reserved > stats->peak_reserved ? stats->reserved : stats->peak_reserved;
}

void *pool_books_take(Pool *pool, size_t bytes) {
    void *books = NULL;
    size_t rounded = pool_meta_rounded(bytes);
    os_lock_take(&pool->lock);
    if (pool_meta_ready(pool, rounded)) {
        books = pool_meta_take(pool, bytes);
        pool->books_bytes += rounded;
        note_reserved(pool);
    }
    os_lock_release(&pool->lock);
    return books;
}

void pool_books_give(Pool *pool, void *books, size_t bytes) {
    if (books == NULL) {
        return;
    }
    os_lock_take(&pool->lock);
    pool->books_bytes -= pool_meta_rounded(bytes);
    pool_meta_give(pool, books, bytes);
    os_lock_release(&pool->lock);
}

/* A metadata region of its own. It is put behind the newest one, from whose end metadata blocks are cut. */
void *pool_books_slab(Pool *pool, size_t bytes) {
    static_assert(sizeof(MetaRegion) <= POOL_SLAB_HEADER, "the header fits in what the layer above leaves alone");
    size_t whole_pages = align_up(bytes, pool->books.page_size);
    os_lock_take(&pool->lock);
    MetaRegion *slab = pool_books_reserve(pool, whole_pages, whole_pages);
    if (slab != NULL) {
        slab->bytes = whole_pages;
        slab->older = pool->meta.newest->older;
        pool->meta.newest->older = slab;
        pool->stats.metadata += whole_pages;
        note_reserved(pool);
    }
    os_lock_release(&pool->lock);
    return slab;
}
