/* SPDX-License-Identifier: Apache-2.0
 * arena_observer.h - callbacks that tell what an arena does. Include arena.h.
 * Layer: arena. May include: arena_types.h. Threads: called by the thread that uses the arena, before its call
 * returns. */
#ifndef CORRAL_ARENA_OBSERVER_H
#define CORRAL_ARENA_OBSERVER_H

#include "corral/arena_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ArenaChunkEvent { ARENA_CHUNK_ACQUIRED = 1, ARENA_CHUNK_GIVEN_BACK = 2 } ArenaChunkEvent;

typedef enum ArenaTakeBack {
    ARENA_TOOK_BACK_BY_RESET = 1,
    ARENA_TOOK_BACK_BY_CLEAR = 2,
    ARENA_TOOK_BACK_BY_REWIND = 3
} ArenaTakeBack;

/* What ArenaConfig.observer points to. The table is copied; `context` is passed to each function and must stay valid
 * until `destroy` has been called. A NULL function is not called.
 *
 * Each is called once the operation is done and the arena is sound, in the order of what happened; only of a chunk that
 * is given back the observer hears in the midst of the operation, when arena_check() may complain. A failed operation
 * tells nothing. A callback may ask the arena for anything (statistics, references), and change nothing: while it runs,
 * every allocation, mark, reset, clear, trim, rewind and destroy of this arena, of one above it and of its pool is
 * refused with CORRAL_OBSERVING. So nothing recurses. Other arenas may be used. A child is observed by the observer of
 * its own config.
 *
 * The window of an observed arena is closed: every allocation takes the slow path. Other arenas pay nothing. */
typedef struct ArenaObserver {
    void *context;

    /* A block of `size` bytes (as asked for) was allocated at `block`; `ref` is its reference. What the caller is going
     * to store there is not there yet. A block that arena_realloc() or a growing string moves is told of as a new one;
     * a block that changes its size where it is, is not told of. */
    void (*alloc)(void *context, Arena *arena, void *block, size_t size, ArenaRef ref);

    /* A chunk of `capacity` bytes at `base` was acquired, before the `alloc` that needed it and, for the first one,
     * before arena_create_with() returns; or it is about to be given back. */
    void (*chunk)(void *context, Arena *arena, ArenaChunkEvent event, void *base, size_t capacity);

    /* Blocks were taken back: by reset, clear, or a rewind or the close of a scope. */
    void (*reset)(void *context, Arena *arena, ArenaTakeBack by);

    /* The arena ends, by arena_destroy() or with its pool: the last call. Its statistics can still be read. */
    void (*destroy)(void *context, Arena *arena);
} ArenaObserver;

#ifdef __cplusplus
}
#endif

#endif
