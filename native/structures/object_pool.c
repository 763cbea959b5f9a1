/* SPDX-License-Identifier: Apache-2.0
 * object_pool.c - life of a pool of objects, acquiring and releasing.
 * Layer: structures. May include: arena.h, mempool.h, base/. */
#include "corral/object_pool.h"

#include <string.h>

#include "arena/arena_parts.h"
#include "base/align.h"
#include "base/check.h"
#include "mempool/pool_extension.h"
#include "structures/object_pool_parts.h"

#define FIRST_BLOCK ((size_t)4096)
#define FIRST_OBJECTS ((size_t)8)           /* that the first block holds at least */
#define FIRST_GENERATION_MAX UINT64_C(8191) /* a reference is a positive number of 64 bits as long as it can be */

static_assert(FIRST_GENERATION_MAX <= ARENA_GENERATION_MAX, "it is one");

/* --- lifecycle ---------------------------------------------------------------------------------------------------- */

ObjectPoolConfig object_pool_config_default(size_t size) {
    return (ObjectPoolConfig){
        .name = "objects",
        .size = size,
        .alignment = ARENA_ALIGNMENT,
        .largest_block = OBJECT_POOL_BLOCK_DEFAULT,
    };
}

static CorralStatus config_check(const ObjectPoolConfig *config) {
    if (config == NULL || config->size == 0 || config->largest_block > OBJECT_POOL_BLOCK_MAX) {
        return CORRAL_INVALID_ARGUMENT;
    }
    if (config->size > OBJECT_POOL_SIZE_MAX) {
        return CORRAL_SIZE_LIMIT;
    }
    bool aligned =
        is_power_of_two(config->alignment) && 8 <= config->alignment && config->alignment <= OBJECT_POOL_ALIGNMENT_MAX;
    return aligned ? CORRAL_OK : CORRAL_BAD_ALIGNMENT;
}

/* The arena takes its memory back: the pool has ended, unless it is the pool itself that clears. */
static void arena_taken_back(void *context) {
    ObjectPool *pool = context;
    object_blocks_forget(pool);
    if (pool->clearing) {
        pool->disarmed = true;
    } else {
        structure_give(pool);
    }
}

/* Modulo 2^64, by Newton's method: an odd number is its own inverse in three bits, and each step doubles them. */
static uint64_t inverse_of(uint64_t odd) {
    uint64_t inverse = odd;
    for (int bits = 3; bits < 64; bits *= 2) {
        inverse *= 2 - odd * inverse;
    }
    CHECK(odd * inverse == 1);
    return inverse;
}

static void init(ObjectPool *pool, Arena *arena, const ObjectPoolConfig *config) {
    pool->head.arena = arena;
    pool->size = (uint32_t)align_up(config->size, config->alignment);
    pool->alignment = (uint32_t)config->alignment;
    pool->zeroed = config->zeroed || arena->zeroed ? 1 : 0; /* what lies in a zeroed arena reads as zero */
    size_t unit = FIRST_BLOCK;
    while (unit < FIRST_OBJECTS * pool->size) {
        unit *= 2;
    }
    pool->unit = pool->next_bytes = (uint32_t)unit;
    pool->unit_shift = floor_log2(unit);
    size_t largest = config->largest_block & ~(unit - 1);
    pool->largest_block = (uint32_t)(largest > unit ? largest : unit);
    pool->window.shift = lowest_bit(pool->size);
    pool->window.inverse = inverse_of(pool->size >> pool->window.shift);
}

/* Objects of different pools lie at the same places of their arenas. So that a pool refuses the references of another
 * one, each begins at a generation of its own: heads of one slab and one id, and lives of one head, begin apart for
 * certain, others but for one in FIRST_GENERATION_MAX. The factors are prime: neighbours begin far from each other, and
 * meet after many clears. */
static void begin_generation(const ObjectPool *pool) {
    uint64_t slot = (uintptr_t)pool % STRUCTURE_SLAB_BYTES / STRUCTURE_HEAD_BYTES;
    uint64_t pools = ((uint64_t)(uintptr_t)pool->head.pool >> 6) % FIRST_GENERATION_MAX;
    Arena *arena = pool->head.arena;
    CHECK(arena_allocation_count(arena) == 0);
    arena->control.generation = (uint32_t)((slot * 3001 + pool->head.id * 1013 + pools) % FIRST_GENERATION_MAX + 1);
    window_open(arena, arena->control.chunk, 0);
}

CorralStatus object_pool_create_in(Arena *arena, const ObjectPoolConfig *config, ObjectPool **pool) {
    *pool = NULL;
    CorralStatus status = config_check(config);
    if (status == CORRAL_OK) {
        status = arena_may_change(arena);
    }
    if (status != CORRAL_OK) {
        return status;
    }
    ObjectPool *made = structure_take(arena->pool, OBJECT_POOL_MAGIC);
    if (made == NULL) {
        return CORRAL_NO_MEMORY;
    }
    init(made, arena, config);
    status = arena_on_release(arena, arena_taken_back, made);
    if (status != CORRAL_OK) {
        structure_give(made);
        return status;
    }
    begin_generation(made);
    *pool = made;
    return CORRAL_OK;
}

static CorralStatus build(Arena *parent, const ObjectPoolConfig *config, ObjectPool **pool) {
    CorralStatus status = config_check(config);
    if (status != CORRAL_OK) {
        return status;
    }
    ArenaConfig inside = structure_arena_config(parent);
    inside.name = config->name;
    inside.initial_size = inside.maximum_size = ARENA_ALIGNMENT; /* each block is a request of its own */
    inside.status = &status;
    Arena *arena = arena_create_with(NULL, &inside);
    if (arena == NULL) {
        return parent == NULL ? CORRAL_INVALID_ARENA : status;
    }
    status = object_pool_create_in(arena, config, pool);
    if (status != CORRAL_OK) {
        arena_destroy(arena);
    }
    return status;
}

ObjectPool *object_pool_create_with(Arena *parent, const ObjectPoolConfig *config) {
    ObjectPool *pool = NULL;
    CorralStatus status = build(parent, config, &pool);
    if (config != NULL && config->status != NULL) {
        *config->status = status;
    }
    if (status != CORRAL_OK && arena_is_valid(parent)) {
        arena_fail(parent, status);
    }
    return pool;
}

ObjectPool *object_pool_create(Arena *parent, size_t size) {
    ObjectPoolConfig config = object_pool_config_default(size);
    return object_pool_create_with(parent, &config);
}

CorralStatus object_pool_destroy(ObjectPool *pool) {
    return object_pool_is(pool) ? arena_destroy(pool->head.arena) : CORRAL_INVALID_ARENA;
}

/* --- all at once -------------------------------------------------------------------------------------------------- */

void object_clear_begin(ObjectPool *pool) {
    pool->clearing = true;
}

CorralStatus object_clear_end(ObjectPool *pool) {
    pool->clearing = false;
    if (!pool->disarmed) {
        return CORRAL_OK;
    }
    pool->disarmed = false;
    CorralStatus status = arena_on_release(pool->head.arena, arena_taken_back, pool);
    CHECK(status == CORRAL_OK); /* there is room: the entry has just been taken off */
    if (status != CORRAL_OK) {
        structure_give(pool); /* nobody would tell of the arena's end any more */
    }
    return status;
}

CorralStatus object_pool_clear(ObjectPool *pool) {
    if (!object_pool_is(pool)) {
        return CORRAL_INVALID_ARENA;
    }
    if (pool->clearing) { /* a callback of the arena calls again */
        return structure_fail(pool, CORRAL_RELEASING);
    }
    object_clear_begin(pool);
    CorralStatus status = arena_reset(pool->head.arena);
    CorralStatus armed = object_clear_end(pool);
    if (status == CORRAL_RELEASING || status == CORRAL_OBSERVING) {
        return structure_fail(pool, status);
    }
    return armed == CORRAL_OK ? status : armed;
}

CorralStatus object_pool_trim(ObjectPool *pool, size_t keep_bytes) {
    return object_pool_is(pool) ? arena_trim(pool->head.arena, keep_bytes) : CORRAL_INVALID_ARENA;
}
