/* SPDX-License-Identifier: Apache-2.0
 * arena_alloc.c - the slow half of allocation.
 * Layer: arena. May include: mempool.h, base/.
 *
 * The fast path is arena_alloc() in arena.h: it only moves control.cursor within [base, limit]. Whatever does not fit
 * there comes here: zero bytes, large and over-aligned requests, an exhausted chunk, a closed window, a destroyed arena
 * (whose control block is all zero, so that nothing fits). */
#include <string.h>

#include "arena/arena_parts.h"
#include "base/align.h"
#include "base/check.h"

static size_t default_alignment(const Arena *arena) {
    return (size_t)arena->control.align_mask + 1;
}

/* Finds a retained chunk for the request, or acquires one. */
static CorralStatus next_chunk(Arena *arena, size_t rounded, size_t alignment, uint32_t *index) {
    bool found = chunk_find_free(arena, rounded, alignment, index);
    return found ? CORRAL_OK : chunk_grow(arena, rounded, alignment, index);
}

/* Makes free chunk `index` the current one. */
static void leave_for(Arena *arena, uint32_t index) {
    ArenaChunk *left = &arena->chunks[arena->control.chunk];
    left->used = (uint32_t)(arena->control.cursor - arena->control.base);
    arena->used_elsewhere += left->used;
    chunk_enter(arena, index);
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
    leave_for(arena, index);
    window_move(arena, end);
    return address;
}

CorralStatus arena_place(Arena *arena, size_t size, size_t alignment, ArenaPlace *place) {
    if (arena->telling) {
        return CORRAL_OBSERVING;
    }
    if (!is_power_of_two(alignment) || alignment > ARENA_ALIGNMENT_MAX) {
        return CORRAL_BAD_ALIGNMENT;
    }
    if (size > ARENA_SIZE_LIMIT) {
        return CORRAL_SIZE_LIMIT;
    }
    size_t rounded = align_up(size, default_alignment(arena));
    if (arena->debug != NULL) {
        CorralStatus status = debug_reserve(arena, size, &rounded);
        if (status != CORRAL_OK) {
            return status;
        }
    }
    uint64_t cursor = arena->control.cursor;
    uint64_t start = cursor; /* of the first byte that the request takes */
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
        start = arena->chunks[place->chunk].base;
        place->address = take_from_chunk(arena, place->chunk, rounded, alignment);
    }
    arena->control.count++;
    if (arena->debug != NULL) {
        debug_placed(arena, place, size, start, rounded);
    }
    space_hand_out(arena, place->address, size);
    CHECK_EXPENSIVE(arena_is_sound(arena));
    observer_tell_alloc(arena, place, size);
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

/* What arena_place() comes to in an open window for most requests that get here: room in the current chunk (of any
 * alignment) or, after a reset, in the next retained one, which becomes the current one. A shorter way to the same
 * place, since this is what filling chunk after chunk costs. NULL, and nothing has changed: there is more to do. */
static void *place_simply(Arena *arena, size_t size) {
    ArenaControl *control = &arena->control;
    size_t last = size - 1; /* of zero bytes: larger than any room */
    uint64_t rounded = (last | control->align_mask) + (uint64_t)1;
    if (last < control->limit - control->cursor) {
        return arena_take_until(control, control->cursor + rounded);
    }
    uint32_t index = arena->first_free;
    if (arena->closed || last >= ARENA_SIZE_LIMIT || index >= arena->chunk_count) {
        return NULL;
    }
    const ArenaChunk *chunk = &arena->chunks[index];
    uint64_t room_here = arena->window_end - control->cursor;
    if (chunk_is_entered(arena, index) || rounded + room_here > chunk->capacity ||
        chunk->capacity == ARENA_SIZE_LIMIT) {
        return NULL;
    }
    leave_for(arena, index);
    return arena_take_until(control, control->base + rounded);
}

void *arena_alloc_slow(Arena *arena, size_t size) {
    void *block = arena_is_valid(arena) ? place_simply(arena, size) : NULL;
    return block != NULL ? block : place_or_fail(arena, size, 1);
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
