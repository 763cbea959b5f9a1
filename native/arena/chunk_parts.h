/* SPDX-License-Identifier: Apache-2.0
 * chunk_parts.h - the chunks of an arena: their bytes, growth within limits, giving back.
 * Layer: arena. May include: mempool.h, base/. Included by arena_parts.h, which has the structs.
 * Threads: the arena's owner, unless a function says otherwise. */
#ifndef CORRAL_CHUNK_PARTS_H
#define CORRAL_CHUNK_PARTS_H

#include "arena/arena_parts.h"

/* --- chunks (arena_chunks.c) -------------------------------------------------------------------------------------- */

/* Bytes used in chunk `index` now. */
size_t chunk_used(const Arena *arena, uint32_t index);

/* Gives back a descriptor table of `room` entries that is not the inline one; NULL is allowed. */
void chunk_table_give(Pool *pool, ArenaChunk *table, uint32_t room);

/* Makes inline_marks the stack of marks, of which there are no more than fit; gives another one back (arena_marks.c).
 * */
void mark_stack_shrink(Arena *arena);

/* Makes room for `count` marks. CORRAL_OK; CORRAL_NO_MEMORY or CORRAL_LIMIT_REACHED: nothing has changed
 * (arena_marks.c). */
CorralStatus mark_stack_reserve(Arena *arena, uint32_t count);

/* The entry of a valid mark of this arena by its id; NULL when there is none. Valid until the next mark is taken. */
const MarkEntry *mark_find(const Arena *arena, uint64_t id);

/* Acquires a chunk from the pool and appends it, not entered yet; `*index` receives its place. The caller has made sure
 * that it is within the limits. On failure nothing changed. */
CorralStatus chunk_append(Arena *arena, size_t capacity, size_t alignment, bool fell_back, uint32_t *index);

/* True when there is a chunk at this index. */
static inline bool chunk_exists(const Arena *arena, uint32_t index) {
    return arena->chunks[index].capacity != 0;
}

/* Returns the memory of one chunk to the pool and takes it off all sums. Its descriptor is the caller's. */
void chunk_release(Arena *arena, uint32_t index);

/* True when the chunk holds blocks, or is the current one. */
static inline bool chunk_is_entered(const Arena *arena, uint32_t index) {
    uint32_t position = arena->chunks[index].position;
    return position < arena->entered && arena->chunks[position].order == index;
}

/* Adds a free chunk to the entered ones. */
void chunk_add_entered(Arena *arena, uint32_t index);

/* Enters a free chunk and makes it the current one, with its cursor at its first byte. */
void chunk_enter(Arena *arena, uint32_t index);

/* Makes an entered chunk the current one, with its cursor at `offset`. */
void window_open(Arena *arena, uint32_t index, uint32_t offset);

/* Gives up all chunks but the first `entered` of the list; none below `first_free` is given up. */
void chunks_give_up(Arena *arena, uint32_t entered, uint32_t first_free);

/* Finds a retained chunk in which `rounded` bytes fit at `alignment`; false when there is none. */
bool chunk_find_free(Arena *arena, size_t rounded, size_t alignment, uint32_t *index);

/* Returns the chunks from `first` on, which must be free, to the pool. */
void chunks_release_from(Arena *arena, uint32_t first);

/* Moves the cursor, and the limit with it while the window is closed. */
static inline void window_move(Arena *arena, uint64_t cursor) {
    arena->control.cursor = cursor;
    arena->control.limit = arena->closed ? cursor : arena->window_end;
}

/* What control.inline_limit has to be while the window ends where it does. */
static inline uint64_t window_inline_limit(const Arena *arena) {
    bool serves = !arena->closed && arena->control.align_mask == ARENA_ALIGNMENT - 1;
    return serves ? arena->window_end + 1 : 0;
}

/* --- bytes that are handed out and taken back (arena_space.c) ----------------------------------------------------- */

/* Memory for a chunk, from the pool: zero where the arena is zeroed. As pool_acquire(). */
CorralStatus space_acquire(Arena *arena, size_t capacity, size_t alignment, void **block);

/* Returns the memory of a chunk to the pool; what was used of it has been taken back. */
void space_give_back(Arena *arena, uint64_t base, size_t capacity);

/* The bytes belong to a block from now on. */
void space_hand_out(const Arena *arena, uint64_t address, size_t bytes);

/* The bytes were used and are free again: wiped in a zeroed arena, filled in a debug one, marked for the tools. For
 * each place where the cursor moves back, before it does; costs nothing in other arenas, O(bytes) in these. */
void space_take_back(const Arena *arena, uint64_t address, size_t bytes);

/* The same for all that was used since the mark, or at all; cost: O(1) unless the arena is one of these. */
void space_take_back_since(const Arena *arena, const MarkEntry *mark);
void space_take_back_all(const Arena *arena);

/* --- growth and limits (arena_growth.c) --------------------------------------------------------------------------- */

/* Acquires a chunk for a request that fits in no retained one, as the arena's limits and `exhausted` say. */
CorralStatus chunk_grow(Arena *arena, size_t rounded, size_t alignment, uint32_t *index);

/* Bytes of chunks that may still be acquired, for a chunk that falls back or not. */
uint64_t limit_room(const Arena *arena, bool fell_back);

/* Whether chunks below `limiter`, which has a limit, count against it. */
bool limit_counts(const Arena *limiter, bool fell_back);

/* Counts a chunk against all limits that apply, or takes it off them. */
void limit_charge(Arena *arena, uint64_t capacity, bool fell_back);
void limit_discharge(Arena *arena, uint64_t capacity, bool fell_back);

/* --- giving chunks back (arena_trim.c) ---------------------------------------------------------------------------- */

/* At a reset, when nothing is entered: gives back what fell back and closes the holes. True when there were any:
 * indices may have changed. */
bool chunks_squeeze(Arena *arena);

/* As arena_trim(), of a valid arena. True when chunks were given back. */
bool chunks_trim(Arena *arena, uint64_t keep_bytes);

#endif
