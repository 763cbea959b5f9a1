/* SPDX-License-Identifier: Apache-2.0
 * arena_resize.c - blocks that change their size.
 * Layer: arena. May include: mempool.h, base/. */
#include <string.h>

#include "arena/release_parts.h"
#include "arena/resize_parts.h"
#include "base/align.h"
#include "base/check.h"
#include "base/poison.h"

static void *pointer_to(uint64_t address) {
    return (void *)(uintptr_t)address;
}

static size_t rounded_size(const Arena *arena, size_t size) {
    return align_up(size, (size_t)arena->control.align_mask + 1);
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

/* Bytes of no block may lie anywhere in a chunk, also beyond what is used of it. */
static bool lies_in(const Arena *arena, uint32_t index, uint64_t address, size_t size) {
    const ArenaChunk *chunk = &arena->chunks[index];
    uint64_t offset = address - chunk->base;
    return size == 0 ? offset <= chunk->capacity : offset < chunk_used(arena, index);
}

CorralStatus block_find(const Arena *arena, size_t size, ArenaPlace *place) {
    if (place->address == 0 || (place->address & arena->control.align_mask) != 0) {
        return CORRAL_FOREIGN_POINTER;
    }
    uint32_t index = arena->control.chunk;
    uint32_t left = arena->chunk_count;
    while (!lies_in(arena, index, place->address, size)) {
        if (left == 0) {
            return CORRAL_FOREIGN_POINTER;
        }
        index = --left;
    }
    place->chunk = index;
    size_t offset = (size_t)(place->address - arena->chunks[index].base);
    return size == 0 || size <= chunk_used(arena, index) - offset ? CORRAL_OK : CORRAL_INVALID_ARGUMENT;
}

/* --- the end of what is used of a chunk --------------------------------------------------------------------------- */

static uint64_t used_end(const Arena *arena, uint32_t index) {
    return arena->chunks[index].base + chunk_used(arena, index);
}

/* Moves it; the chunk is entered. */
static void move_used_end(Arena *arena, uint32_t index, uint64_t end) {
    if (index == arena->control.chunk) {
        window_move(arena, end);
        return;
    }
    ArenaChunk *chunk = &arena->chunks[index];
    arena->used_elsewhere -= chunk->used;
    chunk->used = (uint32_t)(end - chunk->base);
    arena->used_elsewhere += chunk->used;
}

/* True when all of the chunk from `address` on was used after the last mark: what a mark says of its time stays so. */
static bool is_after_marks(const Arena *arena, uint32_t index, uint64_t address) {
    if (arena->mark_count == 0) {
        return true;
    }
    const MarkEntry *mark = &arena->marks[arena->mark_count - 1];
    const ArenaChunk *chunk = &arena->chunks[index];
    return index == mark->chunk ? mark->offset <= address - chunk->base : chunk->position >= mark->entered;
}

bool block_is_last(const Arena *arena, const ArenaPlace *place, size_t size) {
    return arena->debug == NULL && chunk_is_entered(arena, place->chunk) &&
           place->address + rounded_size(arena, size) == used_end(arena, place->chunk) &&
           is_after_marks(arena, place->chunk, place->address);
}

bool block_fits(const Arena *arena, const ArenaPlace *place, size_t new_size) {
    const ArenaChunk *chunk = &arena->chunks[place->chunk];
    return rounded_size(arena, new_size) <= chunk->base + chunk->capacity - place->address;
}

/* --- resizing ----------------------------------------------------------------------------------------------------- */

/* What a block had lost while another one followed it is in use again, and may hold old bytes. */
static void wipe_used_again(const Arena *arena, uint64_t address, size_t bytes, uint64_t used_until) {
    if (arena->zeroed && address < used_until) {
        size_t stale = (size_t)(used_until - address);
        memset(pointer_to(address), 0, stale < bytes ? stale : bytes);
    }
}

static void resize_in_place(Arena *arena, const ArenaPlace *place, size_t old_size, size_t new_size) {
    uint64_t rest = place->address + new_size; /* what is given back begins there */
    uint64_t used_until = used_end(arena, place->chunk);
    if (new_size < old_size) {
        peak_update(arena);
        space_take_back(arena, rest, (size_t)(used_until - rest));
    }
    move_used_end(arena, place->chunk, place->address + rounded_size(arena, new_size));
    if (new_size > old_size) {
        space_hand_out(arena, place->address + old_size, new_size - old_size);
        wipe_used_again(arena, place->address + old_size, new_size - old_size, used_until);
    }
}

/* The place is given back before the new one is looked for, so that everything is as if the block had not been there;
 * nobody writes to it meanwhile. */
static CorralStatus move_last(Arena *arena, ArenaPlace *place, size_t keep, size_t new_size) {
    uint64_t end = used_end(arena, place->chunk);
    ArenaPlace moved;
    move_used_end(arena, place->chunk, place->address);
    CorralStatus status = arena_place(arena, new_size, 1, &moved);
    if (status != CORRAL_OK) {
        move_used_end(arena, place->chunk, end);
        return status;
    }
    arena->control.count--; /* it is the same block */
    memcpy(pointer_to(moved.address), pointer_to(place->address), keep);
    space_take_back(arena, place->address, (size_t)(end - place->address));
    *place = moved;
    return CORRAL_OK;
}

/* A block without bytes has no place of its own: another one may begin there. */
static CorralStatus copy_block(Arena *arena, ArenaPlace *place, size_t old_size, size_t keep, size_t new_size) {
    ArenaPlace copy;
    CorralStatus status = arena_place(arena, new_size, 1, &copy);
    if (status == CORRAL_OK) {
        memcpy(pointer_to(copy.address), pointer_to(place->address), keep);
        if (old_size != 0) {
            debug_moved(arena, place->address);
        }
        *place = copy;
    }
    return status;
}

/* The tail of a block that another one follows stays used. It is closed, unless a rewind brings the whole block
 * back. */
static void shrink_inside(Arena *arena, const ArenaPlace *place, size_t old_size, size_t new_size) {
    debug_shrunk(arena, place->address, new_size);
    if (arena->poison && arena->debug == NULL && is_after_marks(arena, place->chunk, place->address)) {
        memory_close(pointer_to(place->address + new_size), old_size - new_size);
    }
}

CorralStatus block_resize(Arena *arena, ArenaPlace *place, size_t old_size, size_t keep, size_t new_size) {
    if (new_size > ARENA_SIZE_LIMIT) {
        return CORRAL_SIZE_LIMIT;
    }
    bool last = block_is_last(arena, place, old_size);
    if (last && block_fits(arena, place, new_size)) {
        resize_in_place(arena, place, old_size, new_size);
    } else if (new_size > old_size) {
        return last ? move_last(arena, place, keep, new_size) : copy_block(arena, place, old_size, keep, new_size);
    } else if (new_size < old_size) {
        shrink_inside(arena, place, old_size, new_size);
    }
    CHECK_EXPENSIVE(arena_is_sound(arena));
    return CORRAL_OK;
}

void block_give_up(Arena *arena, const ArenaPlace *place, size_t size) {
    if (block_is_last(arena, place, size)) {
        resize_in_place(arena, place, size, 0);
        arena->control.count--;
    } else {
        debug_moved(arena, place->address);
    }
}

/* --- public ------------------------------------------------------------------------------------------------------- */

/* The block's new place; false, with the arena's status set, when there is none. */
static bool resize_or_fail(Arena *arena, const void *block, size_t old_size, size_t new_size, ArenaPlace *place) {
    if (arena_may_change(arena) != CORRAL_OK) {
        return false;
    }
    *place = (ArenaPlace){.address = (uintptr_t)block};
    CorralStatus status = CORRAL_OK;
    if (block == NULL) {
        status = arena_place(arena, new_size, 1, place);
    } else {
        status = block_find(arena, old_size, place);
        if (status == CORRAL_OK) {
            status = block_resize(arena, place, old_size, old_size, new_size);
        }
    }
    if (status != CORRAL_OK) {
        arena_fail(arena, status);
    }
    return status == CORRAL_OK;
}

void *arena_realloc(Arena *arena, void *block, size_t old_size, size_t new_size) {
    ArenaPlace place;
    return resize_or_fail(arena, block, old_size, new_size, &place) ? pointer_to(place.address) : NULL;
}

ArenaRef realloc_ref(Arena *arena, void *block, size_t old_size, size_t new_size) {
    ArenaPlace place;
    return resize_or_fail(arena, block, old_size, new_size, &place) ? ref_of_place(arena, &place) : 0;
}

CorralStatus arena_shrink_last(Arena *arena, void *block, size_t old_size, size_t new_size) {
    CorralStatus status = arena_may_change(arena);
    if (status != CORRAL_OK) {
        return status;
    }
    ArenaPlace place = {.address = (uintptr_t)block};
    status = block_find(arena, old_size, &place);
    if (status == CORRAL_OK && new_size > old_size) {
        status = CORRAL_INVALID_ARGUMENT;
    }
    if (status != CORRAL_OK) {
        arena_fail(arena, status);
    } else if (block_is_last(arena, &place, old_size)) {
        resize_in_place(arena, &place, old_size, new_size);
    } else if (new_size < old_size) {
        shrink_inside(arena, &place, old_size, new_size);
    }
    return status;
}
