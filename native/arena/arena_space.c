/* SPDX-License-Identifier: Apache-2.0
 * arena_space.c - what becomes of bytes that are handed out and taken back, where an arena cares.
 * Layer: arena. May include: mempool.h, base/.
 *
 * A poisoning arena marks them for AddressSanitizer and Valgrind; a zeroed arena wipes what comes back, so that free
 * space is zero and the fast path has nothing to do; a debug arena fills it, so that a stale write shows. Other arenas
 * never look: what they take back costs nothing. */
#include <string.h>

#include "arena/arena_parts.h"
#include "base/poison.h"
#include "mempool/pool_extension.h"

static void *pointer_to(uint64_t address) {
    return (void *)(uintptr_t)address;
}

CorralStatus space_acquire(Arena *arena, size_t capacity, size_t alignment, void **block) {
    CorralStatus status = arena->zeroed ? pool_chunk_take_zeroed(arena->pool, capacity, alignment, block)
                                        : pool_chunk_take(arena->pool, capacity, alignment, block);
    if (status == CORRAL_OK && arena->debug != NULL) {
        memset(*block, ARENA_BYTE_FREE, capacity);
    }
    if (status == CORRAL_OK && arena->poison) {
        memory_close(*block, capacity);
    }
    return status;
}

void space_give_back(Arena *arena, uint64_t base, size_t capacity) {
    if (arena->poison) {
        memory_open(pointer_to(base), capacity);
    }
    if (arena->zeroed && arena->debug != NULL) {
        memset(pointer_to(base), 0, capacity);
    }
    pool_chunk_give(arena->pool, pointer_to(base));
}

void space_hand_out(const Arena *arena, uint64_t address, size_t bytes) {
    if (arena->poison && arena->zeroed) {
        memory_open_filled(pointer_to(address), bytes);
    } else if (arena->poison) {
        memory_open(pointer_to(address), bytes);
    }
}

void space_take_back(const Arena *arena, uint64_t address, size_t bytes) {
    if (arena->zeroed || arena->debug != NULL) {
        memory_open(pointer_to(address), bytes); /* the gaps in it are closed */
        memset(pointer_to(address), arena->debug != NULL ? ARENA_BYTE_FREE : 0, bytes);
    }
    if (arena->poison) {
        memory_close(pointer_to(address), bytes);
    }
}

static bool looks(const Arena *arena) {
    return arena->zeroed || arena->poison || arena->debug != NULL;
}

/* The chunks that are entered from `position` on. */
static void take_back_chunks(const Arena *arena, uint32_t position) {
    for (; position < arena->entered; position++) {
        uint32_t index = arena->chunks[position].order;
        space_take_back(arena, arena->chunks[index].base, chunk_used(arena, index));
    }
}

void space_take_back_since(const Arena *arena, const MarkEntry *mark) {
    if (looks(arena)) {
        take_back_chunks(arena, mark->entered);
        uint64_t start = arena->chunks[mark->chunk].base + mark->offset;
        space_take_back(arena, start, chunk_used(arena, mark->chunk) - mark->offset);
    }
}

void space_take_back_all(const Arena *arena) {
    if (looks(arena)) {
        take_back_chunks(arena, 0);
    }
}
