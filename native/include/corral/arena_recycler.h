/* SPDX-License-Identifier: Apache-2.0
 * arena_recycler.h - arenas for short units of work: borrowed, given back, reset for the next borrower.
 * Layer: structures. May include: arena.h, mempool.h, status.h.
 *
 * A borrowed arena keeps the chunks that it has grown to, so that its next borrower allocates without asking the pool.
 * What would go wrong with that alone is bounded:
 *   - One huge request would leave a huge arena behind, and in time all of them would be huge. The recycler remembers
 *     how many bytes each of the last RECYCLER_USES borrowers needed at most. What `percentile` of them needed is what
 *     is *typical*; an arena that is returned with more than 2 * typical + arena.initial_size bytes of chunks is
 *     dropped, that is, destroyed. (Doubling chunks from initial_size on never acquire more than that for a use that
 *     needs no more than what is typical, but for the tails of chunks in which the next block did not fit.)
 *   - A new arena would have to grow again: it starts with a first chunk of what is typical.
 *   - Idle arenas would pile up: at most `kept_max` arenas and `kept_bytes_max` bytes of chunks are kept.
 *
 * Threads: every function may be called by any thread at any time, except that recycler_destroy() ends the recycler for
 *          all. A borrowed arena has one owner thread, the borrower's; returning it ends that.
 * Errors:  NULL, a destroyed recycler and memory that never was one are refused with CORRAL_INVALID_ARGUMENT, as long
 *          as the pool lives (unless a new recycler has taken the place of a destroyed one).
 * Memory:  the recycler lies in books of its pool and ends with it. */
#ifndef CORRAL_ARENA_RECYCLER_H
#define CORRAL_ARENA_RECYCLER_H

#include "corral/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RECYCLER_USES 64                               /* uses that are remembered */
#define RECYCLER_KEPT_DEFAULT ((size_t)64)             /* arenas */
#define RECYCLER_KEPT_MAX ((size_t)1 << 16)            /* the largest kept_max */
#define RECYCLER_KEPT_BYTES_DEFAULT ((size_t)64 << 20) /* bytes of their chunks */
#define RECYCLER_PERCENTILE_DEFAULT 90u

typedef struct ArenaRecycler ArenaRecycler;

/* Start from recycler_config_default() and change what you need. */
typedef struct RecyclerConfig {
    ArenaConfig arena;     /* of every arena; its parent must be NULL, its status is not used, its observer is copied */
    size_t kept_max;       /* idle arenas, 0 to RECYCLER_KEPT_MAX */
    size_t kept_bytes_max; /* bytes of chunks of idle arenas */
    unsigned percentile;   /* of recent uses, 1 to 100; 100: only what exceeds all of them is an outlier */
    CorralStatus *status;  /* receives why recycler_create_with() returned NULL, or CORRAL_OK; NULL: not wanted */
} RecyclerConfig;

/* Invariants: hits + misses - returned = borrowed; returned - dropped - trimmed - hits = kept. */
typedef struct RecyclerStats {
    uint64_t hits;       /* borrows served by an idle arena */
    uint64_t misses;     /* borrows for which an arena was created */
    uint64_t returned;   /* arenas given back so far, dropped ones included */
    uint64_t dropped;    /* of them: destroyed, because they were too large, too many, or damaged */
    uint64_t outgrown;   /* of the dropped ones: larger than what recent uses justify */
    uint64_t trimmed;    /* idle arenas that recycler_trim() has destroyed */
    uint64_t borrowed;   /* arenas that are out now; one that was destroyed by its borrower counts for ever */
    uint64_t kept;       /* idle arenas now */
    uint64_t kept_bytes; /* of their chunks */
    uint64_t typical; /* bytes that `percentile` of the recent uses needed at most, rounded up by at most a quarter */
} RecyclerStats;

/* Arenas as arena_config_default() makes them, and the defaults above. */
RecyclerConfig recycler_config_default(void);

/* Creates a recycler of arenas with the defaults. Owner: the caller, until recycler_destroy() or pool_destroy().
 * Returns NULL for an invalid pool or no memory. Cost: O(kept_max) bytes of the pool's books. */
ArenaRecycler *recycler_create(Pool *pool);

/* As recycler_create(), configured; NULL config: the defaults. config->status tells why NULL was returned:
 * CORRAL_INVALID_ARGUMENT, CORRAL_BAD_ALIGNMENT, CORRAL_INVALID_POOL or CORRAL_NO_MEMORY. */
ArenaRecycler *recycler_create_with(Pool *pool, const RecyclerConfig *config);

/* Destroys the idle arenas and the recycler. Arenas that are borrowed live on, and are their borrowers' to destroy.
 * CORRAL_OK or CORRAL_INVALID_ARGUMENT; CORRAL_FOREIGN_POINTER: it is Java's to close, nothing changed. */
CorralStatus recycler_destroy(ArenaRecycler *recycler);

/* Stores in `*arena` an arena without blocks whose statistics begin anew: the idle one that was returned last, or a new
 * one.
 * Owner: the caller, until recycler_return().
 * Returns CORRAL_OK, or leaves `*arena` NULL and returns CORRAL_INVALID_ARGUMENT (also for a NULL `arena`), or why
 * there is no new one, as arena_create_with(); then nothing changed.
 * Cost: O(1) and a lock; a new arena costs what arena_create() does. */
CorralStatus recycler_borrow(ArenaRecycler *recycler, Arena **arena);

/* Gives a borrowed arena back: ends its children, runs what arena_on_release() has registered, takes all its blocks
 * back, and keeps it for a later borrower or destroys it. The caller may not use it any more, whatever happens to it.
 * Returns CORRAL_OK; CORRAL_DAMAGED: a debug arena has found damage, and is destroyed. What follows changes nothing:
 * CORRAL_INVALID_ARGUMENT or CORRAL_INVALID_ARENA; CORRAL_FOREIGN_POINTER: it was not borrowed here, or by Java;
 * CORRAL_DOUBLE_FREE: it has been returned already (as long as nobody has borrowed it again); CORRAL_RELEASING or
 * CORRAL_OBSERVING, as arena_reset().
 * Cost: as arena_reset(), O(1), and a lock; when it is dropped as arena_destroy(). */
CorralStatus recycler_return(ArenaRecycler *recycler, Arena *arena);

/* Destroys idle arenas, those first that have been idle for longest, until at most `keep_bytes` of chunks are kept.
 * Returns the bytes of chunks that went back to the pool; 0 for what is no recycler. Cost: O(arenas destroyed). */
uint64_t recycler_trim(ArenaRecycler *recycler, size_t keep_bytes);

/* Fills `stats`, one picture under the lock; CORRAL_OK or CORRAL_INVALID_ARGUMENT (stats is zeroed then). */
CorralStatus recycler_stats(ArenaRecycler *recycler, RecyclerStats *stats);

/* Verifies every invariant of the recycler and of its idle arenas. CORRAL_OK, CORRAL_CORRUPTED or
 * CORRAL_INVALID_ARGUMENT. Cost: O(idle arenas and their chunks), under the lock. */
CorralStatus recycler_check(ArenaRecycler *recycler);

#ifdef __cplusplus
}
#endif

#endif
