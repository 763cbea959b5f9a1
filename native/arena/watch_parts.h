/* SPDX-License-Identifier: Apache-2.0
 * watch_parts.h - who looks on: observers and debug mode.
 * Layer: arena. May include: mempool.h, base/. Included by arena_parts.h, which has the structs.
 * Threads: the arena's owner, unless a function says otherwise. */
#ifndef CORRAL_WATCH_PARTS_H
#define CORRAL_WATCH_PARTS_H

#include "arena/arena_parts.h"

/* --- observers (arena_observer.c): all of it does nothing in other arenas ----------------------------------------- */

/* Notes that the chunk is new; the observer is told when the operation that needs it is done. */
void observer_chunk_acquired(Arena *arena, uint32_t index);

/* Tells of the chunk that was noted; of the block at `place`, after its chunk. */
void observer_tell_chunk(Arena *arena);
void observer_tell_alloc(Arena *arena, const ArenaPlace *place, size_t size);

/* Tells that the chunk is about to be given back. */
void observer_tell_leaving(Arena *arena, uint32_t index);

/* The last step of a reset, clear or rewind. */
void observer_tell_reset(Arena *arena, ArenaTakeBack by);

/* Tells that all chunks leave and the arena ends; from here on nobody is told. */
void observer_tell_destroy(Arena *arena);

/* --- debug mode (arena_debug.c): all of it does nothing in other arenas, unless it says otherwise ----------------- */

/* Puts a new arena into debug mode. CORRAL_OK or CORRAL_NO_MEMORY. */
CorralStatus debug_create(Arena *arena, const ArenaConfig *config);

/* Gives back what debug_create() took, for an arena that is gone; NULL is allowed. */
void debug_give(Pool *pool, ArenaDebug *debug);

/* Around the part of an operation that may find damage. The end sends the report and returns CORRAL_DAMAGED, which is
 * then the arena's last status too, or CORRAL_OK. */
void debug_begin(Arena *arena, const char *operation);
CorralStatus debug_end(Arena *arena);

/* Before a block of `size` bytes is placed: has a place in the list for it, and adds the guard to `rounded`. CORRAL_OK,
 * CORRAL_NO_MEMORY or CORRAL_SIZE_LIMIT. Only in debug mode. */
CorralStatus debug_reserve(Arena *arena, size_t size, size_t *rounded);

/* After it: verifies that the `rounded` bytes at `place`, and the gap from `start` to it, were free; fills them, and
 * lists the block. Only in debug mode. */
void debug_placed(Arena *arena, const ArenaPlace *place, size_t size, uint64_t start, size_t rounded);

/* The block at `address` has been copied elsewhere: its bytes are as good as taken back. */
void debug_moved(Arena *arena, uint64_t address);

/* The block at `address` has only `size` bytes from now on; what it loses becomes guard. */
void debug_shrunk(Arena *arena, uint64_t address, size_t size);

/* Verifies the guards of the blocks from the `first` on, and takes them off the list; before their bytes are filled. */
void debug_take_back(Arena *arena, uint64_t first);

/* Verifies a chunk of free bytes that goes back to the pool. */
void debug_release_chunk(Arena *arena, uint32_t index);

/* Makes the running operation forget whose the free bytes were, at its end: chunks have other indices from now on. */
void debug_forget_free(Arena *arena);

/* Sets in `config` what debug mode was created with. */
void debug_config(const Arena *arena, ArenaConfig *config);

/* Verifies all guards and all free bytes, and reports; CORRAL_OK or CORRAL_DAMAGED. */
CorralStatus debug_check(const Arena *arena, const char *operation);

/* Verifies the list itself. */
bool debug_holds(const Arena *arena);

#endif
