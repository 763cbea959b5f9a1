/* SPDX-License-Identifier: Apache-2.0
 * arena.c - life of an arena and the slow half of allocation.
 * Layer: arena. May include: mempool.h, base/.
 *
 * The fast path is arena_alloc() in arena.h: it only moves control.cursor within [base, limit]. Whatever does not fit
 * there comes here: zero bytes, large and over-aligned requests, an exhausted chunk, a closed window, a destroyed arena
 * (whose control block is all zero, so that nothing fits). */
#include "corral/arena.h"

#include <string.h>

#include "arena/arena_parts.h"
#include "base/align.h"
#include "base/check.h"
#include "base/poison.h"
#include "mempool/pool_extension.h"

/* --- helpers ------------------------------------------------------------------------------------------------------ */

bool arena_is_valid(const Arena *arena) {
    bool aligned = ((uintptr_t)arena & (ARENA_CHUNK_ALIGNMENT - 1)) == 0; /* else it must not even be read */
    return arena != NULL && aligned && arena->control.magic == ARENA_MAGIC;
}

void arena_fail(Arena *arena, CorralStatus status) {
    arena->control.status = (uint16_t)status;
}

void peak_update(Arena *arena) {
    arena->peak_used = arena_peak_used(arena);
}

void window_move(Arena *arena, uint64_t cursor) {
    arena->control.cursor = cursor;
    arena->control.limit = arena->poison ? cursor : arena->window_end;
}

static size_t default_alignment(const Arena *arena) {
    return (size_t)arena->control.align_mask + 1;
}

/* --- lifecycle ---------------------------------------------------------------------------------------------------- */

ArenaConfig arena_config_default(void) {
    return (ArenaConfig){
        .name = "arena",
        .initial_size = ARENA_INITIAL_DEFAULT,
        .maximum_size = ARENA_MAXIMUM_DEFAULT,
        .alignment = ARENA_ALIGNMENT,
    };
}

static CorralStatus config_check(const ArenaConfig *config) {
    if (config->alignment != 8 && config->alignment != 16) {
        return CORRAL_BAD_ALIGNMENT;
    }
    size_t largest =
        ARENA_SIZE_LIMIT - config->alignment; /* a reference's 30 bits also name the end of a current chunk */
    bool ordered = 1 <= config->initial_size && config->initial_size <= config->maximum_size;
    return ordered && config->maximum_size <= largest ? CORRAL_OK : CORRAL_INVALID_ARGUMENT;
}

static void arena_init(Arena *arena, Pool *pool, const ArenaConfig *config) {
    arena->control.magic = ARENA_MAGIC;
    arena->control.version = ARENA_LAYOUT_VERSION;
    arena->control.generation = 1;
    arena->control.align_mask = config->alignment - 1;
    arena->pool = pool;
    arena->chunks = arena->inline_chunks;
    arena->chunk_room = ARENA_INLINE_CHUNKS;
    arena->next_mark++; /* never 0 */
    arena->rover_size = UINT32_MAX;
    arena->initial_size = (uint32_t)align_up(config->initial_size, config->alignment);
    arena->maximum_size = (uint32_t)align_up(config->maximum_size, config->alignment);
    arena->target = arena->initial_size;
    arena->fixed = config->fixed;
    arena->poison = config->poison;
    if (config->name != NULL) {
        strncpy(arena->name, config->name, ARENA_NAME_MAX);
    }
}

static CorralStatus arena_build(Pool *pool, const ArenaConfig *config, Arena **arena) {
    if (!pool_is_valid(pool)) {
        return CORRAL_INVALID_POOL;
    }
    CorralStatus status = config_check(config);
    if (status != CORRAL_OK) {
        return status;
    }
    status = arena_slot_take(pool, arena);
    if (status != CORRAL_OK) {
        return status;
    }
    arena_init(*arena, pool, config);
    uint32_t first = 0;
    status = chunk_append(*arena, (*arena)->initial_size, ARENA_CHUNK_ALIGNMENT, &first);
    if (status != CORRAL_OK) {
        arena_slot_give(*arena, pool);
        *arena = NULL;
        return status;
    }
    chunk_enter(*arena, first);
    return CORRAL_OK;
}

Arena *arena_create_with(Pool *pool, const ArenaConfig *config) {
    ArenaConfig defaults = arena_config_default();
    if (config == NULL) {
        config = &defaults;
    }
    Arena *arena = NULL;
    CorralStatus status = arena_build(pool, config, &arena);
    if (config->status != NULL) {
        *config->status = status;
    }
    return arena;
}

Arena *arena_create(Pool *pool, size_t initial_size, size_t maximum_size) {
    ArenaConfig config = arena_config_default();
    config.initial_size = initial_size;
    config.maximum_size = maximum_size;
    return arena_create_with(pool, &config);
}

Arena *arena_create_default(Pool *pool) {
    return arena_create_with(pool, NULL);
}

Arena *arena_create_fixed(Pool *pool, size_t size) {
    ArenaConfig config = arena_config_default();
    config.initial_size = size;
    config.maximum_size = size;
    config.fixed = true;
    return arena_create_with(pool, &config);
}

CorralStatus arena_destroy(Arena *arena) {
    if (!arena_is_valid(arena)) {
        return CORRAL_INVALID_ARENA;
    }
    Pool *pool = arena->pool;
    ArenaChunk *table = arena->chunks == arena->inline_chunks ? NULL : arena->chunks;
    uint32_t room = arena->chunk_room;
    MarkEntry *marks = arena->marks;
    uint32_t mark_room = arena->mark_room;
    chunks_release_from(arena, 0);
    arena_slot_give(arena, pool);
    chunk_table_give(pool, table, room);
    mark_stack_give(pool, marks, mark_room);
    return CORRAL_OK;
}

/* --- allocate ----------------------------------------------------------------------------------------------------- */

/* Finds a retained chunk for the request, or acquires one; the chunk size doubles with every acquisition. */
static CorralStatus next_chunk(Arena *arena, size_t rounded, size_t alignment, uint32_t *index) {
    if (chunk_find_free(arena, rounded, alignment, index)) {
        return CORRAL_OK;
    }
    if (arena->fixed) {
        return CORRAL_ARENA_FULL;
    }
    uint32_t doubled = arena->target > arena->maximum_size / 2 ? arena->maximum_size : arena->target * 2;
    size_t capacity = rounded > doubled ? rounded : doubled;
    CorralStatus status = chunk_append(arena, capacity, alignment, index);
    if (status == CORRAL_OK) {
        arena->target = doubled;
    }
    return status;
}

/* Takes `rounded` bytes from the start of free chunk `index`. The chunk becomes the current one, unless it would then
 * have less room than the current chunk has: a large request must not cost the space that small ones can still use. A
 * chunk of ARENA_SIZE_LIMIT bytes never becomes current: its end could not be named by a reference. */
static uint64_t take_from_chunk(Arena *arena, uint32_t index, size_t rounded, size_t alignment) {
    ArenaChunk *chunk = &arena->chunks[index];
    uint64_t address = chunk->base + align_gap(chunk->base, alignment);
    uint64_t end = address + rounded;
    uint64_t room_here = arena->window_end - arena->control.cursor;
    uint64_t room_there = chunk->base + chunk->capacity - end;
    if (room_there < room_here || chunk->capacity == ARENA_SIZE_LIMIT) {
        chunk_add_entered(arena, index);
        chunk->used = (uint32_t)(end - chunk->base);
        arena->used_elsewhere += chunk->used;
        return address;
    }
    ArenaChunk *left = &arena->chunks[arena->control.chunk];
    left->used = (uint32_t)(arena->control.cursor - arena->control.base);
    arena->used_elsewhere += left->used;
    chunk_enter(arena, index);
    window_move(arena, end);
    return address;
}

CorralStatus arena_place(Arena *arena, size_t size, size_t alignment, ArenaPlace *place) {
    if (!is_power_of_two(alignment) || alignment > ARENA_ALIGNMENT_MAX) {
        return CORRAL_BAD_ALIGNMENT;
    }
    if (size > ARENA_SIZE_LIMIT) {
        return CORRAL_SIZE_LIMIT;
    }
    size_t rounded = align_up(size, default_alignment(arena));
    uint64_t cursor = arena->control.cursor;
    size_t gap = align_gap(cursor, alignment);
    if (gap + rounded <= arena->window_end - cursor) {
        place->address = cursor + gap;
        place->chunk = arena->control.chunk;
        if (size != 0) {
            window_move(arena, cursor + gap + rounded);
        }
    } else {
        CorralStatus status = next_chunk(arena, rounded, alignment, &place->chunk);
        if (status != CORRAL_OK) {
            return status;
        }
        place->address = take_from_chunk(arena, place->chunk, rounded, alignment);
    }
    arena->control.count++;
    if (arena->poison) {
        memory_open((void *)(uintptr_t)place->address, size);
    }
    CHECK_EXPENSIVE(arena_check(arena) == CORRAL_OK);
    return CORRAL_OK;
}

static void *place_or_fail(Arena *arena, size_t size, size_t alignment) {
    if (!arena_is_valid(arena)) {
        return NULL;
    }
    ArenaPlace place;
    CorralStatus status = arena_place(arena, size, alignment, &place);
    if (status != CORRAL_OK) {
        arena_fail(arena, status);
        return NULL;
    }
    return (void *)(uintptr_t)place.address;
}

void *arena_alloc_slow(Arena *arena, size_t size) {
    return place_or_fail(arena, size, 1);
}

void *arena_alloc_aligned(Arena *arena, size_t size, size_t alignment) {
    return place_or_fail(arena, size, alignment);
}

void *arena_calloc(Arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (!checked_mul(count, size, &bytes)) {
        bytes = SIZE_MAX; /* refused below, with the status of any other oversized request */
    }
    void *block = arena_alloc(arena, bytes);
    if (block != NULL) {
        memset(block, 0, bytes);
    }
    return block;
}

/* --- bulk --------------------------------------------------------------------------------------------------------- */

/* Marks what was used as free again, for the tools; chunks that were not entered are closed already. */
static void close_used(const Arena *arena) {
    for (uint32_t index = 0; index < arena->chunk_count; index++) {
        memory_close((void *)(uintptr_t)arena->chunks[index].base, chunk_used(arena, index));
    }
}

static void take_back_all(Arena *arena) {
    peak_update(arena);
    if (arena->poison) {
        close_used(arena);
    }
    ArenaControl *control = &arena->control;
    control->generation = control->generation == ARENA_GENERATION_MAX ? 1 : control->generation + 1;
    control->count = 0;
    control->status = CORRAL_OK;
    arena->resets++;
    arena->used_elsewhere = 0;
    arena->mark_count = 0;
    chunks_give_up(arena, 0, 0);
    chunk_enter(arena, 0);
}

CorralStatus arena_reset(Arena *arena) {
    if (!arena_is_valid(arena)) {
        return CORRAL_INVALID_ARENA;
    }
    take_back_all(arena);
    return CORRAL_OK;
}

CorralStatus arena_clear(Arena *arena) {
    if (!arena_is_valid(arena)) {
        return CORRAL_INVALID_ARENA;
    }
    take_back_all(arena);
    chunks_release_from(arena, 1);
    mark_stack_give(arena->pool, arena->marks, arena->mark_room);
    arena->marks = NULL;
    arena->mark_room = 0;
    if (arena->chunks != arena->inline_chunks) {
        arena->inline_chunks[0] = arena->chunks[0];
        chunk_table_give(arena->pool, arena->chunks, arena->chunk_room);
        arena->chunks = arena->inline_chunks;
        arena->chunk_room = ARENA_INLINE_CHUNKS;
    }
    arena->target = arena->initial_size;
    CHECK_EXPENSIVE(arena_check(arena) == CORRAL_OK);
    return CORRAL_OK;
}
