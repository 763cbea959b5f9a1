/* SPDX-License-Identifier: Apache-2.0
 * arena_parts.h - the whole arena behind its control block, for the files of this layer only.
 * Layer: arena. May include: mempool.h, base/. Threads: the arena's owner, unless a function says otherwise. */
#ifndef CORRAL_ARENA_PARTS_H
#define CORRAL_ARENA_PARTS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "corral/arena.h"

/* Chunk descriptors that fit in the arena's own slot, so that a small arena needs no table. */
#define ARENA_INLINE_CHUNKS 8

/* One chunk. Its memory holds nothing but the caller's bytes.
 * Invariant: used <= capacity <= ARENA_SIZE_LIMIT; `used` counts only while epoch == arena->epoch (the chunk has been
 *            entered
 * since the last reset) and lags behind the control block's cursor while the chunk is current. */
typedef struct ArenaChunk {
    uint64_t base;     /* address, a multiple of ARENA_CHUNK_ALIGNMENT */
    uint64_t epoch;    /* the arena's epoch when it was last entered */
    uint32_t capacity; /* bytes */
    uint32_t used;     /* bytes */
} ArenaChunk;

/* Invariants:
 *   control.base == chunks[control.chunk].base, control.cursor <= window_end == control.base + capacity of that chunk
 *   control.limit == (poison ? control.cursor : window_end)
 *   allocated == sum of capacities; used_elsewhere == sum of `used` of the entered chunks other than the current one
 *   every chunk that is free (epoch != arena->epoch) has an index >= first_free
 *   every free chunk with an index < rover has a capacity < rover_size
 *   initial_size <= target <= maximum_size */
struct Arena {
    ArenaControl control; /* first: C inlines over it, Java maps it */

    Pool *pool;
    ArenaChunk *chunks; /* inline_chunks, or books of the pool, which no view can reach */
    uint64_t window_end;
    uint64_t used_elsewhere;
    uint64_t allocated;
    uint64_t epoch; /* raised by reset and clear; 64 bits never wrap */
    uint64_t peak_used;
    uint64_t peak_allocated;
    uint64_t resets;
    uint32_t chunk_count;
    uint32_t chunk_room; /* descriptors that `chunks` can hold */
    uint32_t first_free;
    uint32_t rover; /* where the search for a large retained chunk goes on */
    uint32_t rover_size;
    uint32_t target; /* capacity of the chunk acquired last, before a large request raised it */
    uint32_t initial_size;
    uint32_t maximum_size;
    bool fixed;
    bool poison;
    char name[ARENA_NAME_MAX + 1];
    uint32_t growth[ARENA_GROWTH_BINS];
    ArenaChunk inline_chunks[ARENA_INLINE_CHUNKS];
};

static_assert(offsetof(Arena, control) == 0, "the control block is what C and Java find at an arena's address");
static_assert(sizeof(ArenaChunk) == 24, "a descriptor table of a million chunks stays at 24 MiB");

/* --- slots of control blocks (arena_slots.c); thread-safe --------------------------------------------------------- */

/* Bytes of one slot; a slab of ARENA_SLAB_BYTES, aligned to its size, holds a header slot and as many arenas as fit. */
#define ARENA_SLOT_BYTES ((size_t)640)
#define ARENA_SLAB_BYTES ((size_t)64 << 10)

static_assert(sizeof(Arena) <= ARENA_SLOT_BYTES && ARENA_SLOT_BYTES % 64 == 0,
              "an arena fills one slot of whole lines");

/* Takes a zeroed slot from the pool's slabs. CORRAL_OK, or why there is none. */
CorralStatus arena_slot_take(Pool *pool, Arena **arena);

/* Marks the arena as destroyed and gives its slot back. False when another caller has done so already. */
bool arena_slot_give(Arena *arena, Pool *pool);

/* --- chunks (arena_chunks.c) -------------------------------------------------------------------------------------- */

/* Bytes used in chunk `index` now. */
size_t chunk_used(const Arena *arena, uint32_t index);

/* Gives back a descriptor table of `room` entries that is not the inline one; NULL is allowed. */
void chunk_table_give(Pool *pool, ArenaChunk *table, uint32_t room);

/* Acquires a chunk from the pool and appends it, not entered yet; `*index` receives its place. On failure nothing
 * changed. */
CorralStatus chunk_append(Arena *arena, size_t capacity, size_t alignment, uint32_t *index);

/* Makes chunk `index` the current one; its cursor starts at its `used`, or at 0 when it was not entered since the
 * reset. */
void chunk_enter(Arena *arena, uint32_t index);

/* Finds a retained chunk in which `rounded` bytes fit at `alignment`; false when there is none. */
bool chunk_find_free(Arena *arena, size_t rounded, size_t alignment, uint32_t *index);

/* Notes that `index` is no longer free. */
void chunk_mark_entered(Arena *arena, uint32_t index);

/* Returns the chunks from `first` on to the pool. */
void chunks_release_from(Arena *arena, uint32_t first);

/* --- allocation and shared helpers (arena.c) ---------------------------------------------------------------------- */

/* Where a block lies. */
typedef struct ArenaPlace {
    uint64_t address;
    uint32_t chunk;
} ArenaPlace;

/* Allocates `size` bytes at a multiple of `alignment` and of the default alignment in a valid arena. CORRAL_OK, or why
 * not; a failure changes nothing and leaves `place` unspecified. */
CorralStatus arena_place(Arena *arena, size_t size, size_t alignment, ArenaPlace *place);

/* True when `arena` bears the marker of a live arena. */
bool arena_is_valid(const Arena *arena);

/* Remembers why a call failed. */
void arena_fail(Arena *arena, CorralStatus status);

/* Moves the cursor, and the limit with it while the window is closed. */
void window_move(Arena *arena, uint64_t cursor);

#endif
