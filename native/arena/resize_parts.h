/* SPDX-License-Identifier: Apache-2.0
 * resize_parts.h - resizing for this layer and for jni.
 * Layer: arena (private to the library). May include: arena_parts.h. Threads: the arena's owner. */
#ifndef CORRAL_ARENA_RESIZE_PARTS_H
#define CORRAL_ARENA_RESIZE_PARTS_H

#include "arena/arena_parts.h"

/* The chunk of a block, `place->address` being known. CORRAL_OK, CORRAL_FOREIGN_POINTER or CORRAL_INVALID_ARGUMENT. */
CorralStatus block_find(const Arena *arena, size_t size, ArenaPlace *place);

/* True when nothing is used behind the block in its chunk, and no valid mark was taken since it is there. */
bool block_is_last(const Arena *arena, const ArenaPlace *place, size_t size);

/* True when the last block can become one of `new_size` bytes where it is. */
bool block_fits(const Arena *arena, const ArenaPlace *place, size_t new_size);

/* Resizes a block that block_find() has found, as arena_realloc() says; only its first `keep` bytes matter. `place`
 * becomes the new one. CORRAL_OK, or why not: nothing changed then, `place` included. */
CorralStatus block_resize(Arena *arena, ArenaPlace *place, size_t old_size, size_t keep, size_t new_size);

/* Gives the whole block back if it is the last one, as if it had never been allocated. */
void block_give_up(Arena *arena, const ArenaPlace *place, size_t size);

/* As arena_realloc(); the reference of the block, or 0. */
ArenaRef realloc_ref(Arena *arena, void *block, size_t old_size, size_t new_size);

#endif
