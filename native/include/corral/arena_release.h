/* SPDX-License-Identifier: Apache-2.0
 * arena_release.h - functions that an arena calls before it takes memory back. Include arena.h.
 * Layer: arena. May include: arena_types.h, status.h. Threads: the arena's owner. */
#ifndef CORRAL_ARENA_RELEASE_H
#define CORRAL_ARENA_RELEASE_H

#include "corral/arena_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef void ArenaReleaseFunction(void *context);

/* Calls `function(context)` once, before what was allocated since this call is taken back: by a reset, a clear, the
 * arena's or its pool's end, or a rewind to a mark (or the close of a scope) that was taken before this call. The one
 * registered last is called first; all are called before any memory is given back, so that they still see it.
 *
 * A function may allocate; what it allocates is taken back with the rest. It may not take anything back itself:
 * arena_reset(), arena_clear(), arena_rewind(), arena_close_scope(), arena_destroy() of its arena and pool_destroy() of
 * its pool are refused with CORRAL_RELEASING while it runs, and so is registering another function. It runs on the
 * thread that takes back: for an arena that Java has dropped that is the library's reaper.
 * pool_destroy() goes through the arenas in no particular order.
 *
 * Owner: `context` stays the caller's. Returns CORRAL_OK, CORRAL_INVALID_ARENA, CORRAL_INVALID_ARGUMENT (NULL
 *        function), CORRAL_RELEASING, CORRAL_LIMIT_REACHED (2^20 are registered) or CORRAL_NO_MEMORY; nothing changed
 *        then.
 * Cost:  O(1), 32 bytes of the pool each, which those registered after it has been called use again and arena_clear()
 *        gives back; a request to the pool when their number doubles. Nothing for arenas that register none. */
CorralStatus arena_on_release(Arena *arena, ArenaReleaseFunction *function, void *context);

#ifdef __cplusplus
}
#endif

#endif
