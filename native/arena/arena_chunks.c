/* SPDX-License-Identifier: Apache-2.0
 * arena_chunks.c - the chunks of an arena: acquiring, entering, finding retained ones, giving back.
 * Layer: arena. May include: mempool.h, base/.
 *
 * Reset and rewind do not walk the chunks: they shorten the list of entered ones. A chunk that is given up so is free,
 * and its `used` is set to 0 when it is entered again. */
#include <string.h>

#include "arena/arena_parts.h"
#include "base/align.h"
#include "base/check.h"
#include "mempool/pool_extension.h"

size_t chunk_used(const Arena *arena, uint32_t index) {
    const ArenaChunk *chunk = &arena->chunks[index];
    if (index == arena->control.chunk) {
        return (size_t)(arena->control.cursor - arena->control.base);
    }
    return chunk_is_entered(arena, index) ? chunk->used : 0;
}

void chunk_table_give(Pool *pool, ArenaChunk *table, uint32_t room) {
    pool_books_give(pool, table, room * sizeof(ArenaChunk));
}

/* Makes room for one more descriptor. The old table stays valid when this fails. */
static CorralStatus table_reserve(Arena *arena) {
    if (arena->chunk_count < arena->chunk_room) {
        return CORRAL_OK;
    }
    if (arena->chunk_count == ARENA_CHUNKS_MAX) {
        return CORRAL_CHUNK_LIMIT;
    }
    uint32_t room = arena->chunk_room * 2;
    ArenaChunk *table = pool_books_take(arena->pool, room * sizeof(ArenaChunk));
    if (table == NULL) {
        return CORRAL_NO_MEMORY;
    }
    memcpy(table, arena->chunks, arena->chunk_count * sizeof(ArenaChunk));
    chunk_table_give(arena->pool, arena->chunks == arena->inline_chunks ? NULL : arena->chunks, arena->chunk_room);
    arena->chunks = table;
    arena->chunk_room = room;
    return CORRAL_OK;
}

CorralStatus chunk_append(Arena *arena, size_t capacity, size_t alignment, bool fell_back, uint32_t *index) {
    CorralStatus status = table_reserve(arena);
    if (status != CORRAL_OK) {
        return status;
    }
    void *block = NULL;
    size_t block_alignment = alignment > ARENA_CHUNK_ALIGNMENT ? alignment : ARENA_CHUNK_ALIGNMENT;
    status = space_acquire(arena, capacity, block_alignment, &block);
    if (status != CORRAL_OK) {
        return status;
    }
    *index = arena->chunk_count++;
    arena->chunks[*index] = (ArenaChunk){
        .base = (uintptr_t)block, .capacity = (uint32_t)capacity, .position = UINT32_MAX, .fell_back = fell_back};
    arena->allocated += capacity;
    limit_charge(arena, capacity, fell_back);
    if (fell_back) {
        arena->fell_back += capacity;
        arena->squeeze_from = arena->squeeze_from < *index ? arena->squeeze_from : *index;
    }
    if (arena->allocated > arena->peak_allocated) {
        arena->peak_allocated = arena->allocated;
    }
    arena->growth[floor_log2(capacity)]++;
    arena->eventful = arena->eventful || *index != 0;
    observer_chunk_acquired(arena, *index);
    return CORRAL_OK;
}

void chunk_add_entered(Arena *arena, uint32_t index) {
    CHECK(!chunk_is_entered(arena, index));
    arena->chunks[index].position = arena->entered;
    arena->chunks[arena->entered++].order = index & ARENA_REF_CHUNK_MASK;
    arena->last_entered = arena->last_entered > index ? arena->last_entered : index;
    arena->eventful = arena->eventful || index != 0;
    while (arena->first_free < arena->chunk_count && chunk_is_entered(arena, arena->first_free)) {
        arena->first_free++;
    }
}

void chunk_enter(Arena *arena, uint32_t index) {
    arena->chunks[index].used = 0;
    chunk_add_entered(arena, index);
    window_open(arena, index, 0);
}

void window_open(Arena *arena, uint32_t index, uint32_t offset) {
    const ArenaChunk *chunk = &arena->chunks[index];
    ArenaControl *control = &arena->control;
    uint64_t name = (uint64_t)control->generation << ARENA_REF_GENERATION_SHIFT;
    name |= (uint64_t)index << ARENA_REF_CHUNK_SHIFT;
    control->base = chunk->base;
    control->chunk = index;
    control->ref_bias = name - chunk->base;
    arena->window_end = chunk->base + chunk->capacity;
    control->inline_limit = window_inline_limit(arena);
    window_move(arena, chunk->base + offset);
}

void chunks_give_up(Arena *arena, uint32_t entered, uint32_t first_free) {
    arena->entered = entered;
    arena->first_free = first_free;
    arena->rover = 0;
    arena->rover_size = UINT32_MAX;
}

static bool chunk_fits(const ArenaChunk *chunk, size_t rounded, size_t alignment) {
    return align_gap(chunk->base, alignment) + rounded <= chunk->capacity;
}

/* First fit in index order. Small requests fit in the first free chunk. A large one may have to pass many small chunks,
 * so the place where it ended is remembered with its size: `rover` is the first free chunk of at least `rover_size`
 * bytes, and a request of that size or more starts there. That keeps a run of large requests linear in the chunks, not
 * quadratic. */
bool chunk_find_free(Arena *arena, size_t rounded, size_t alignment, uint32_t *index) {
    bool from_rover = rounded >= arena->rover_size;
    uint32_t threshold = from_rover ? arena->rover_size : (uint32_t)rounded;
    uint32_t candidate = arena->chunk_count; /* first free chunk of at least `threshold` bytes */
    bool skipped = from_rover;
    bool found = false;
    uint32_t at = from_rover && arena->rover > arena->first_free ? arena->rover : arena->first_free;
    for (; at < arena->chunk_count && !found; at++) {
        const ArenaChunk *chunk = &arena->chunks[at];
        if (chunk_is_entered(arena, at) || !chunk_exists(arena, at)) {
            continue;
        }
        if (candidate == arena->chunk_count && chunk->capacity >= threshold) {
            candidate = at;
        }
        found = chunk_fits(chunk, rounded, alignment);
        skipped = skipped || !found;
        *index = at;
    }
    if (skipped) {
        arena->rover = candidate;
        arena->rover_size = threshold;
    }
    return found;
}

void chunk_release(Arena *arena, uint32_t index) {
    const ArenaChunk *chunk = &arena->chunks[index];
    arena->eventful = true;
    observer_tell_leaving(arena, index);
    debug_release_chunk(arena, index);
    arena->allocated -= chunk->capacity;
    arena->fell_back -= chunk->fell_back ? chunk->capacity : 0;
    limit_discharge(arena, chunk->capacity, chunk->fell_back);
    space_give_back(arena, chunk->base, chunk->capacity);
}

void chunks_release_from(Arena *arena, uint32_t first) {
    for (uint32_t index = first; index < arena->chunk_count; index++) {
        if (chunk_exists(arena, index)) {
            chunk_release(arena, index);
        }
    }
    arena->chunk_count = first;
}
