/* SPDX-License-Identifier: Apache-2.0
 * mempool.c - the fast half of the public functions on blocks: what the calling thread's cache can do by itself.
 * Layer: mempool. May include: pages/, base/. Threads: any.
 *
 * Everything else is in mempool_slow.c: in a file of its own, so that no compiler puts its stack frame here. */
#include <string.h>

#include "base/align.h"
#include "corral/pool_debug.h"
#include "mempool/pool_extension.h"
#include "mempool_cache.h"

/* --- allocate ----------------------------------------------------------------------------------------------------- */

static inline void *alloc(Pool *pool, size_t size, const char *tag) {
    Cache *cache = current_cache();
    void *block;
    if (cache->pool == pool && cache_pop(cache, class_of(size), SLOT_LIVE, &block)) {
        return block;
    }
    return pool_alloc_slow(pool, size, tag);
}

void *pool_alloc(Pool *pool, size_t size) {
    return alloc(pool, size, NULL);
}

void *pool_alloc_tagged(Pool *pool, size_t size, const char *tag) {
    return alloc(pool, size, tag);
}

static inline CorralStatus acquire(Pool *pool, size_t size, size_t alignment, uint8_t state, void **block) {
    Cache *cache = current_cache();
    if (cache->pool == pool && block != NULL && is_power_of_two(alignment) && alignment <= POOL_GRANULE &&
        size - 1 < POOL_GRANULE) {
        uint32_t class_index = class_of(align_up(size, alignment));
        if (class_index == CLASS_NONE && size > POOL_GRANULE - RUN_UNIT) { /* as in pool_shape_of() */
            class_index = CLASS_GRANULE;
        }
        if (cache_pop(cache, class_index, state, block)) {
            return CORRAL_OK;
        }
    }
    return pool_acquire_slow(pool, size, alignment, state, block);
}

CorralStatus pool_acquire(Pool *pool, size_t size, size_t alignment, void **block) {
    return acquire(pool, size, alignment, SLOT_LIVE, block);
}

CorralStatus pool_chunk_take(Pool *pool, size_t size, size_t alignment, void **chunk) {
    return acquire(pool, size, alignment, SLOT_CHUNK, chunk);
}

void *pool_alloc_aligned(Pool *pool, size_t size, size_t alignment) {
    void *block;
    pool_acquire(pool, size, alignment, &block);
    return block;
}

/* --- free --------------------------------------------------------------------------------------------------------- */

static inline CorralStatus give(Pool *pool, void *block, uint8_t state, const char *tag) {
    Cache *cache = current_cache();
    if (cache->pool == pool && cache_free(cache, map_find_first(cache->map, (uintptr_t)block), state, block)) {
        return CORRAL_OK;
    }
    return pool_free_slow(pool, block, state, tag);
}

CorralStatus pool_free(Pool *pool, void *block) {
    return give(pool, block, SLOT_LIVE, NULL);
}

CorralStatus pool_free_tagged(Pool *pool, void *block, const char *tag) {
    return give(pool, block, SLOT_LIVE, tag);
}

CorralStatus pool_chunk_give(Pool *pool, void *chunk) {
    return give(pool, chunk, SLOT_CHUNK, NULL);
}

/* --- text --------------------------------------------------------------------------------------------------------- */

char *pool_strdup(Pool *pool, const char *text) {
    if (text == NULL) {
        return NULL;
    }
    size_t bytes = strlen(text) + 1;
    char *copy = pool_alloc(pool, bytes);
    return copy != NULL ? memcpy(copy, text, bytes) : NULL;
}
