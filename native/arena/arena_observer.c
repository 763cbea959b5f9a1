/* SPDX-License-Identifier: Apache-2.0
 * arena_observer.c - telling an observer what its arena did.
 * Layer: arena. May include: mempool.h, base/.
 *
 * Whatever would change the arena is refused while a callback runs, so that it can neither recurse nor pull the ground
 * from under the operation that it is told of. */
#include "arena/arena_parts.h"

void observer_chunk_acquired(Arena *arena, uint32_t index) {
    arena->untold_chunk = arena->observed ? index + 1 : 0;
}

static void tell_chunk(Arena *arena, uint32_t index, ArenaChunkEvent event) {
    const ArenaChunk *chunk = &arena->chunks[index];
    if (arena->observer.chunk != NULL) {
        arena->telling = true;
        arena->observer.chunk(arena->observer.context, arena, event, (void *)(uintptr_t)chunk->base, chunk->capacity);
        arena->telling = false;
    }
}

void observer_tell_chunk(Arena *arena) {
    if (arena->untold_chunk != 0) {
        uint32_t index = arena->untold_chunk - 1;
        arena->untold_chunk = 0;
        tell_chunk(arena, index, ARENA_CHUNK_ACQUIRED);
    }
}

void observer_tell_alloc(Arena *arena, const ArenaPlace *place, size_t size) {
    if (!arena->observed) {
        return;
    }
    observer_tell_chunk(arena);
    if (arena->observer.alloc != NULL) {
        void *block = (void *)(uintptr_t)place->address;
        arena->telling = true;
        arena->observer.alloc(arena->observer.context, arena, block, size, ref_of_place(arena, place));
        arena->telling = false;
    }
}

void observer_tell_leaving(Arena *arena, uint32_t index) {
    if (arena->observed) {
        tell_chunk(arena, index, ARENA_CHUNK_GIVEN_BACK);
    }
}

void observer_tell_reset(Arena *arena, ArenaTakeBack by) {
    if (arena->observed && arena->observer.reset != NULL) {
        arena->telling = true;
        arena->observer.reset(arena->observer.context, arena, by);
        arena->telling = false;
    }
}

void observer_tell_destroy(Arena *arena) {
    for (uint32_t index = 0; index < arena->chunk_count; index++) {
        if (chunk_exists(arena, index)) {
            observer_tell_leaving(arena, index);
        }
    }
    if (arena->observed && arena->observer.destroy != NULL) {
        arena->telling = true;
        arena->observer.destroy(arena->observer.context, arena);
        arena->telling = false;
    }
    arena->observed = false; /* whoever observed may be gone now */
}
