/* SPDX-License-Identifier: Apache-2.0
 * arena_resize.h - blocks that change their size. Include arena.h.
 * Layer: arena. May include: arena_types.h, status.h. Threads: the arena's owner.
 *
 * An arena keeps no list of its blocks. It takes the caller's word for where a block begins and how large it is, as
 * long as these bytes are used bytes of the arena: whatever else is said, nothing outside of them is read or given
 * back. */
#ifndef CORRAL_ARENA_RESIZE_H
#define CORRAL_ARENA_RESIZE_H

#include "corral/arena_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Makes the block of `old_size` bytes one of `new_size` bytes that begins with the same bytes, and returns it; the rest
 * is as after an allocation. NULL `block`: arena_alloc(new_size).
 *
 * The last block of a chunk is resized as if it had been allocated so: in place where the chunk has room, else it moves
 * and leaves its place; used bytes and count are those of one allocation of the new size. Any other block stays where
 * it is when it shrinks (its tail stays used), and is copied into a new block when it grows. A block from before the
 * last valid mark counts as any other, since a rewind has to find it as it was; so does every block in debug mode. A
 * block that moves has the default alignment, whatever it had before, and its old place may not be used any more.
 *
 * Returns NULL with CORRAL_FOREIGN_POINTER (no address of a block in this arena), CORRAL_INVALID_ARGUMENT (the old size
 *         reaches beyond the used bytes), or as arena_alloc(); the block is as it was then.
 * Cost:   O(1) for a last block in place; else O(bytes copied), and O(chunks) outside of the current chunk. */
void *arena_realloc(Arena *arena, void *block, size_t old_size, size_t new_size);

/* Gives the tail of the block back if it is the last one of its chunk, else does nothing: for buffers that were taken
 * larger than needed. CORRAL_OK, CORRAL_INVALID_ARENA, CORRAL_FOREIGN_POINTER (also for NULL), or
 * CORRAL_INVALID_ARGUMENT when `new_size` is above `old_size` or as above. Cost: O(1) (zeroed and poisoning arenas:
 * O(bytes)). */
CorralStatus arena_shrink_last(Arena *arena, void *block, size_t old_size, size_t new_size);

#ifdef __cplusplus
}
#endif

#endif
