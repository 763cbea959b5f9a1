/* SPDX-License-Identifier: Apache-2.0
 * arena_family.h - arenas below arenas, and what an arena gives back before it is destroyed. Include arena.h.
 * Layer: arena. May include: arena_types.h, status.h.
 *
 * A child takes its chunks from the pool of its parent. They count against the limit of the child, of its parent, and
 * of every arena above. Reset, clear and destroy of an arena (not rewind) first destroy its children, the newest first,
 * each after its own children; a child may be destroyed earlier. Families may be of any depth.
 * Threads: a family has one owner thread. */
#ifndef CORRAL_ARENA_FAMILY_H
#define CORRAL_ARENA_FAMILY_H

#include "corral/arena_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What arena_create_child() uses: the parent's configuration with `limit` and with the parent set. Sizes above the
 * limit are cut to it. Change what you need and pass it to arena_create_with(). What is no arena gives
 * arena_config_default() with that parent, which arena_create_with() refuses. */
ArenaConfig arena_config_child(Arena *parent, size_t limit);

/* Creates an arena that ends with its parent at the latest and holds at most `limit` bytes of chunks (SIZE_MAX: only
 * the limits above hold), configured like its parent.
 * Owner: the caller, until arena_destroy() of the child, or until reset, clear or destroy of an arena above. NULL:
 *        arena_last_status(parent) says why.
 * Cost: as arena_create(); every chunk that a family acquires costs O(arenas above with a limit). */
Arena *arena_create_child(Arena *parent, size_t limit);

/* Returns chunks that hold no block to the pool, those acquired last first, until at most `keep_bytes` of chunks stay.
 * The first chunk stays, and so does every chunk that was entered and not taken back. Chunk sizes go on doubling from
 * the last chunk that is left. The pool keeps the memory for its next user, or returns it to the operating system: see
 * PoolConfig.retain and pool_trim(). Children are not trimmed. References stay valid; the index of a chunk that was
 * used since the last reset or clear is not used again before the next one.
 * Cost: O(chunks). Returns CORRAL_OK or CORRAL_INVALID_ARENA. */
CorralStatus arena_trim(Arena *arena, size_t keep_bytes);

#ifdef __cplusplus
}
#endif

#endif
