/* SPDX-License-Identifier: Apache-2.0
 * mempool.c - the fast half of the public functions on blocks: what the calling thread's cache can do by itself.
 * Layer: mempool. May include: pages/, base/. Threads: any.
 *
 * Everything else is in mempool_slow.c: in a file of its own, so that no compiler puts its stack frame here. */
#include <string.h>

#include "base/align.h"
#include "mempool_cache.h"

void *pool_alloc(Pool *pool, size_t size) {
    Cache *cache = current_cache();
    void *block;
    if (cache->pool == pool && cache_pop(cache, class_of(size), &block)) {
        return block;
    }
    return pool_alloc_slow(pool, size);
}

CorralStatus pool_acquire(Pool *pool, size_t size, size_t alignment, void **block) {
    Cache *cache = current_cache();
    if (cache->pool == pool && block != NULL && is_power_of_two(alignment) && alignment <= POOL_GRANULE &&
        size - 1 < POOL_GRANULE) {
        uint32_t class_index = class_of(align_up(size, alignment));
        if (class_index == CLASS_NONE && size > POOL_GRANULE - RUN_UNIT) { /* as in pool_shape_of() */
            class_index = CLASS_GRANULE;
        }
        if (cache_pop(cache, class_index, block)) {
            return CORRAL_OK;
        }
    }
    return pool_acquire_slow(pool, size, alignment, block);
}

void *pool_alloc_aligned(Pool *pool, size_t size, size_t alignment) {
    void *block;
    pool_acquire(pool, size, alignment, &block);
    return block;
}

CorralStatus pool_free(Pool *pool, void *block) {
    Cache *cache = current_cache();
    if (cache->pool == pool && cache_free(cache, map_find_first(cache->map, (uintptr_t)block), block)) {
        return CORRAL_OK;
    }
    return pool_free_slow(pool, block);
}

char *pool_strdup(Pool *pool, const char *text) {
    if (text == NULL) {
        return NULL;
    }
    size_t bytes = strlen(text) + 1;
    char *copy = pool_alloc(pool, bytes);
    return copy != NULL ? memcpy(copy, text, bytes) : NULL;
}
