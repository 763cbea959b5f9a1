/* SPDX-License-Identifier: Apache-2.0
 * object_pool_walk.c - what is in a pool of objects: references, walks, statistics, checks.
 * Layer: structures. May include: arena.h, mempool.h, base/. */
#include <string.h>

#include "arena/arena_parts.h"
#include "structures/object_pool_parts.h"

/* --- references --------------------------------------------------------------------------------------------------- */

/* The block and the index of an object that was handed out, live or not. */
static const ObjectBlock *find_object(const ObjectPool *pool, const void *object, uint32_t *index) {
    uint32_t at = object_pool_find(pool, (uintptr_t)object);
    if (at == UINT32_MAX) {
        return NULL;
    }
    const ObjectBlock *block = &pool->blocks[at];
    *index = object_index(pool, block, (uintptr_t)object);
    return *index != UINT32_MAX && block->states[*index] != OBJECT_STATE_FRESH ? block : NULL;
}

ArenaRef object_pool_ref(ObjectPool *pool, const void *object) {
    if (!object_pool_is(pool)) {
        return 0;
    }
    uint32_t index;
    const ObjectBlock *block = find_object(pool, object, &index);
    if (block == NULL) {
        structure_fail(pool, CORRAL_FOREIGN_POINTER);
        return 0;
    }
    return block->ref + (uint64_t)index * pool->size;
}

ArenaRef object_pool_acquire_ref(ObjectPool *pool) {
    const unsigned char *object = object_pool_acquire(pool);
    /* Whatever was acquired lies in the open block. */
    return object != NULL ? pool->window.ref + ((uintptr_t)object - pool->window.base) : 0;
}

CorralStatus object_pool_release_ref(ObjectPool *pool, ArenaRef object) {
    if (!object_pool_is(pool)) {
        return CORRAL_INVALID_ARENA;
    }
    void *address = arena_resolve(pool->head.arena, object);
    return address != NULL ? object_pool_release(pool, address) : structure_fail(pool, CORRAL_STALE_REF);
}

bool object_pool_is_live(const ObjectPool *pool, const void *object) {
    uint32_t index;
    const ObjectBlock *block = object_pool_is(pool) ? find_object(pool, object, &index) : NULL;
    return block != NULL && block->states[index] == OBJECT_STATE_LIVE;
}

/* --- walks -------------------------------------------------------------------------------------------------------- */

/* Most objects of a block that is searched are live: then the first look finds one; memchr() passes long gaps. */
static void *first_live(const ObjectPool *pool, uint32_t at, uint32_t index) {
    for (; at < pool->block_count; at++, index = 0) {
        const ObjectBlock *block = &pool->blocks[at];
        const unsigned char *found = memchr(block->states + index, OBJECT_STATE_LIVE, block->count - index);
        if (found != NULL) {
            return (void *)(uintptr_t)(block->base + (uint64_t)(found - block->states) * pool->size);
        }
    }
    return NULL;
}

void *object_pool_next(ObjectPool *pool, const void *object) {
    if (!object_pool_is(pool)) {
        return NULL;
    }
    if (object == NULL) {
        return first_live(pool, 0, 0);
    }
    uint32_t index;
    const ObjectBlock *block = find_object(pool, object, &index);
    if (block == NULL) {
        structure_fail(pool, CORRAL_FOREIGN_POINTER);
        return NULL;
    }
    return first_live(pool, (uint32_t)(block - pool->blocks), index + 1);
}

/* --- about the pool ----------------------------------------------------------------------------------------------- */

Arena *object_pool_arena(const ObjectPool *pool) {
    return object_pool_is(pool) ? pool->head.arena : NULL;
}

CorralStatus object_pool_last_status(const ObjectPool *pool) {
    return object_pool_is(pool) ? (CorralStatus)pool->head.status : CORRAL_INVALID_ARENA;
}

CorralStatus object_pool_stats(const ObjectPool *pool, ObjectPoolStats *stats) {
    if (stats == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    memset(stats, 0, sizeof *stats);
    if (!object_pool_is(pool)) {
        return CORRAL_INVALID_ARENA;
    }
    const ObjectWindow *window = &pool->window;
    stats->object_size = pool->size;
    stats->live = object_live(pool);
    stats->peak_live = window->peak;
    stats->capacity = pool->capacity;
    stats->blocks = pool->block_count;
    stats->allocated = arena_total_allocated(pool->head.arena);
    stats->released = object_released(pool);
    stats->acquired = window->acquired;
    stats->books = pool->books;
    return CORRAL_OK;
}

/* Counts what the states and the list say of a block. */
static bool block_holds(const ObjectPool *pool, const ObjectBlock *block) {
    uint32_t live = 0;
    uint32_t free = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        live += block->states[i] == OBJECT_STATE_LIVE ? 1 : 0;
        free += block->states[i] == OBJECT_STATE_FREE ? 1 : 0;
        if ((block->states[i] == OBJECT_STATE_FRESH) != (i >= block->fresh)) {
            return false;
        }
    }
    uint32_t listed = 0;
    uint32_t at = block->first;
    while (at < block->count && block->states[at] == OBJECT_STATE_FREE && listed < free) {
        listed++;
        memcpy(&at, (const void *)(uintptr_t)(block->base + (uint64_t)at * pool->size), sizeof at);
    }
    return live == block->live && live + free == block->fresh && listed == free && at == block->count &&
           block->states[block->count] == OBJECT_STATE_FREE &&
           block->base % object_block_alignment(pool, block->bytes) == 0;
}

static bool pool_holds(const ObjectPool *pool) {
    uint64_t live = 0;
    uint64_t capacity = 0;
    for (uint32_t i = 0; i < pool->block_count; i++) {
        ObjectBlock block = pool->blocks[i];
        if (i == pool->open) {
            block.first = (uint32_t)pool->window.first;
            block.live = object_live_here(pool);
            block.fresh = pool->fresh;
        } else {
            live += block.live;
            bool room = block.first != block.count || block.fresh != block.count;
            if (room && !block.listed) {
                return false;
            }
        }
        capacity += block.count;
        if (!block_holds(pool, &block) || object_pool_find(pool, block.base) != i ||
            object_pool_find(pool, block.base + block.bytes - 1) != i) {
            return false;
        }
    }
    const ObjectWindow *window = &pool->window;
    return live == pool->live_elsewhere && window->acquired <= window->at_peak && capacity == pool->capacity &&
           window->first <= window->count;
}

CorralStatus object_pool_check(const ObjectPool *pool) {
    if (!object_pool_is(pool)) {
        return CORRAL_INVALID_ARENA;
    }
    return pool_holds(pool) ? arena_check(pool->head.arena) : CORRAL_CORRUPTED;
}
