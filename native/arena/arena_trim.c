/* SPDX-License-Identifier: Apache-2.0
 * arena_trim.c - giving chunks back to the pool while the arena lives on.
 * Layer: arena. May include: mempool.h, base/.
 *
 * Within a generation an index means one chunk, since references (and whoever remembers where they lead) name it. So a
 * chunk that was entered in this generation leaves a hole when it goes; chunks behind all those are cut off. */
#include "arena/arena_parts.h"
#include "base/check.h"

/* The last index in use, if it has a chunk; the first chunk always does. */
static uint32_t last_chunk(const Arena *arena) {
    uint32_t index = arena->chunk_count - 1;
    while (!chunk_exists(arena, index)) {
        index--;
    }
    return index;
}

/* One spike must not make every later chunk as large as its own were: growth goes on from what is left. */
static void lower_target(Arena *arena) {
    uint32_t capacity = arena->chunks[last_chunk(arena)].capacity;
    if (capacity < arena->target) {
        arena->target = capacity > arena->initial_size ? capacity : arena->initial_size;
    }
}

static void note_change_from(Arena *arena, uint32_t index) {
    if (index < arena->squeeze_from) {
        arena->squeeze_from = index;
    }
}

/* The descriptor's `order` is of the list, and stays. */
static void make_hole(Arena *arena, uint32_t index) {
    ArenaChunk *chunk = &arena->chunks[index];
    chunk->base = 0;
    chunk->capacity = 0;
    chunk->used = 0;
    chunk->fell_back = 0;
    arena->holes++;
    note_change_from(arena, index);
}

bool chunks_trim(Arena *arena, uint64_t keep_bytes) {
    bool trimmed = false;
    for (uint32_t index = arena->chunk_count; --index > 0 && arena->allocated > keep_bytes;) {
        if (!chunk_exists(arena, index) || chunk_is_entered(arena, index)) {
            continue;
        }
        chunk_release(arena, index);
        trimmed = true;
        if (index == arena->chunk_count - 1 && index > arena->last_entered) {
            arena->chunk_count--;
        } else {
            make_hole(arena, index);
        }
    }
    if (trimmed) {
        lower_target(arena);
        arena->rover = 0;
        arena->rover_size = UINT32_MAX;
    }
    return trimmed;
}

CorralStatus arena_trim(Arena *arena, size_t keep_bytes) {
    CorralStatus refused = arena_may_change(arena);
    if (refused != CORRAL_OK) {
        return refused;
    }
    debug_begin(arena, "trim");
    chunks_trim(arena, keep_bytes);
    return debug_end(arena);
}

bool chunks_squeeze(Arena *arena) {
    CHECK(arena->entered == 0);
    uint32_t kept = arena->squeeze_from;
    for (uint32_t index = kept; index < arena->chunk_count; index++) {
        if (!chunk_exists(arena, index)) {
            continue;
        }
        if (arena->chunks[index].fell_back) {
            chunk_release(arena, index);
        } else {
            arena->chunks[kept++] = arena->chunks[index];
        }
    }
    bool squeezed = kept < arena->chunk_count;
    if (squeezed) {
        arena->chunk_count = kept;
        debug_forget_free(arena);
    }
    arena->squeeze_from = UINT32_MAX;
    arena->holes = 0;
    return squeezed;
}
