/* SPDX-License-Identifier: Apache-2.0
 * mempool.h - native memory in blocks of any size, freed one by one or all at once.
 * Layer: mempool. May include: page_source.h, status.h.
 * Threads: every function may be called by any thread at any time, except that pool_destroy() ends the pool for all.
 *          Each thread keeps some free blocks of the pools that it uses in caches of its own (at most 32 KiB, or two
 *          blocks, per size class; eight pools at a time), so that small blocks are mostly allocated and freed without
 *          a lock. They go back when the thread ends.
 * Metadata never lives in the blocks or between them: a write through a stale pointer can spoil another owner's data,
 * but it cannot mislead the pool itself. */
#ifndef CORRAL_MEMPOOL_H
#define CORRAL_MEMPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "corral/page_source.h"
#include "corral/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POOL_ALIGNMENT ((size_t)16)            /* of every block */
#define POOL_ALIGNMENT_MAX ((size_t)1 << 20)   /* the largest that pool_alloc_aligned() takes */
#define POOL_SMALL_MAX ((size_t)32 << 10)      /* larger blocks are page runs */
#define POOL_GRANULE ((size_t)64 << 10)        /* unit in which spans and page runs are cut from a region */
#define POOL_REGION_DEFAULT ((size_t)1 << 20)  /* unit of reservation from the page source */
#define POOL_RETAIN_DEFAULT ((size_t)64 << 20) /* free bytes kept for reuse */
#define POOL_DECAY_DEFAULT ((uint64_t)10000)   /* milliseconds until free memory goes back */
#define POOL_DECAY_NEVER UINT64_MAX
#define POOL_DEBUG_QUARANTINE_DEFAULT ((size_t)1 << 20)
#define POOL_NAME_MAX 31 /* bytes of a name that are kept */

typedef struct Pool Pool;

/* Start from pool_config_default() and change what you need. */
typedef struct PoolConfig {
    const PageSource *source; /* copied */
    const char *name;         /* copied, cut to POOL_NAME_MAX bytes */
    size_t limit;             /* bytes of blocks alive at once; SIZE_MAX: none */
    size_t retain;            /* bytes of wholly free regions that keep their memory; more go back at once */
    /* bytes; a power of two, POOL_GRANULE to 1 GiB; larger blocks get a region of their own. 0: what the source
     * prefers, else POOL_REGION_DEFAULT */
    size_t region_size;

    /* Milliseconds after which a region that is wholly free gives its memory back although `retain` would keep it, and
     * threads' caches are emptied; POOL_DECAY_NEVER: no such time. No thread is started for this: it happens in a call
     * that takes the pool's lock, and that is at least every 4,096th allocation of a thread. */
    uint64_t decay_ms;
    /* Of two threads that free one block in the very same moment, exactly one is told so. Without this both may be told
     * CORRAL_OK; the pool finds out when it meets the block the second time, and reports it then, unless the two
     * threads allocate it again in the same moment as well: then both have it. Costs a third of a free. Pools with a
     * limit are exact in any case. */
    bool exact_frees;
    /* No caches: every call takes the pool's lock, and no thread keeps a free block. As with `retain` = 0. */
    bool uncached;

    /* Blocks may be held, see pool_hold(). Implies `uncached`. */
    bool quarantine;

    /* Debug mode, see pool_debug.h: overruns, stale writes and leaks are found. Implies `uncached`. */
    bool debug;
    size_t debug_quarantine; /* bytes of freed blocks that are kept from use then */

    /* Called with one line of text, `name=value` pairs, for each refused free (double, foreign); NULL: none. It is
     * called outside the pool's lock, by the thread that made the mistake. */
    void (*report)(void *context, const char *message);
    void *report_context;

    CorralStatus *status; /* receives why pool_create_with() returned NULL, or CORRAL_OK; NULL: not wanted */
} PoolConfig;

/* One picture, taken under the pool's lock: exact while no other thread is allocating or freeing, else off by what
 * those threads are doing at the moment. Bytes unless the name says otherwise.
 * Invariant: reserved = in_use + free_bytes + metadata, where in_use <= peak_in_use and reserved <= peak_reserved. */
typedef struct PoolStats {
    uint64_t reserved;       /* from the page source, now; of that, discarded regions have no physical memory */
    uint64_t in_use;         /* usable bytes of live blocks */
    uint64_t free_bytes;     /* reserved, not part of a live block (reusable blocks and the tails of spans and runs) */
    uint64_t metadata;       /* the pool's own bookkeeping */
    uint64_t peak_in_use;    /* largest in_use so far; with several threads it may be said to be a little more */
    uint64_t peak_reserved;  /* largest reserved so far */
    uint64_t live_blocks;    /* count */
    uint64_t allocations;    /* count of blocks handed out so far */
    uint64_t frees;          /* count of blocks taken back so far */
    uint64_t failures;       /* count of requests that returned no block */
    uint64_t refused_frees;  /* count of double and foreign frees */
    uint64_t regions;        /* count of regions reserved now */
    uint64_t pinned_regions; /* count of regions that pool_pin() keeps mapped */
    uint64_t pinned_bytes;   /* their size */
    uint64_t limit;          /* as configured; UINT64_MAX: none */
    uint64_t retained;       /* of in_use: blocks that were freed but are held */
} PoolStats;

/* --- lifecycle ---------------------------------------------------------------------------------------------------- */

/* Operating system pages, no limit, POOL_RETAIN_DEFAULT, name "pool". */
PoolConfig pool_config_default(void);

/* Creates a pool with the defaults. Owner: the caller, until pool_destroy(). Returns NULL when there is no memory.
 * Cost: one reservation. */
Pool *pool_create(void);

/* As pool_create(), configured; NULL config: the defaults. Returns NULL when a value is out of range or there is no
 * memory; config->status tells which (CORRAL_INVALID_ARGUMENT, CORRAL_NO_MEMORY). */
Pool *pool_create_with(const PoolConfig *config);

/* Gives back all memory of the pool, live blocks included: no frees are needed first. Regions that are pinned stay
 * mapped until their last pool_unpin(), but are discarded: their physical memory goes back at once where the source can
 * do that, and their bytes are zero then. The pool and everything allocated from it is invalid afterwards.
 * Returns CORRAL_OK, CORRAL_DAMAGED (debug mode has found damage; all is done), or CORRAL_INVALID_POOL for NULL or
 * something that is not a pool. Cost: one release or discard per region. */
CorralStatus pool_destroy(Pool *pool);

/* As pool_destroy(), but pinned regions keep their contents until their last pool_unpin(): for an owner that was lost
 * rather than done (a Java pool that the garbage collector found), so that who holds a pin sees no change. */
CorralStatus pool_abandon(Pool *pool);

/* --- blocks ------------------------------------------------------------------------------------------------------- */

/* Allocates `size` bytes (0 counts as 1), aligned to POOL_ALIGNMENT, not zeroed.
 * Owner: the caller, until pool_free() or pool_destroy(). Returns NULL when there is no memory, when the limit would be
 * passed, or when `pool` is not a pool. Cost: O(1); a lock when the thread's cache has none, a reservation when no free
 * block fits. */
void *pool_alloc(Pool *pool, size_t size);

/* As pool_alloc(); `count * size` bytes, zeroed. NULL also when the product cannot be represented. */
void *pool_calloc(Pool *pool, size_t count, size_t size);

/* As pool_alloc(), at a multiple of `alignment`: a power of two up to POOL_ALIGNMENT_MAX. */
void *pool_alloc_aligned(Pool *pool, size_t size, size_t alignment);

/* As pool_alloc_aligned(), and says why: stores the block in `*block` and returns CORRAL_OK, or leaves it NULL and
 * returns CORRAL_NO_MEMORY, CORRAL_LIMIT_REACHED, CORRAL_SIZE_LIMIT, CORRAL_BAD_ALIGNMENT, CORRAL_INVALID_POOL or,
 * for a NULL `block`, CORRAL_INVALID_ARGUMENT. */
CorralStatus pool_acquire(Pool *pool, size_t size, size_t alignment, void **block);

/* Resizes a block: in place where its slot, its granules or its own region suit the new size, else by copying the
 * smaller of both sizes.
 * NULL block: as pool_alloc(). Returns NULL on failure (also: not a live block of this pool); the old block is
 * untouched then. The alignment of the result is POOL_ALIGNMENT. */
void *pool_realloc(Pool *pool, void *block, size_t size);

/* Frees one block; NULL is allowed and does nothing. Returns CORRAL_OK, CORRAL_DOUBLE_FREE, CORRAL_FOREIGN_POINTER
 * (also for a pointer into the middle of a block, and for a chunk of an arena) or CORRAL_INVALID_POOL; a refused free
 * changes nothing but the count of them. In debug mode also CORRAL_DAMAGED: it is freed, and damage was found.
 * Cost: O(1); a lock when the thread's cache is full, a release (of a pinned region: a discard) when a region became
 * wholly free and `retain` is used up. */
CorralStatus pool_free(Pool *pool, void *block);

/* Bytes that may be used in a live block (>= the size asked for); 0 for anything else, chunks of arenas included. Cost:
 * O(1). */
size_t pool_usable_size(Pool *pool, const void *block);

/* A NUL-terminated copy of `text` in a block of its own; NULL when `text` is NULL or there is no memory. */
char *pool_strdup(Pool *pool, const char *text);

/* --- whole pool --------------------------------------------------------------------------------------------------- */

/* Empties the calling thread's cache (other threads' follow in their next call that takes the lock), and returns wholly
 * free regions to the page source until at most `keep_bytes` of them keep their memory. Pinned ones are
 * discarded: they stay reserved without physical memory, are used again when no other region fits, and go with their
 * last pin. Returns the bytes given back; a discarded region counts once until it is used again.
 * Cost: O(regions). */
size_t pool_trim(Pool *pool, size_t keep_bytes);

/* Fills `stats`; returns CORRAL_OK, CORRAL_INVALID_POOL (stats is zeroed then) or CORRAL_INVALID_ARGUMENT (NULL stats).
 * Cost: O(1). */
CorralStatus pool_stats(Pool *pool, PoolStats *stats);

/* Walks all bookkeeping and verifies it; in debug mode all blocks as well. CORRAL_OK, CORRAL_CORRUPTED, CORRAL_DAMAGED,
 * CORRAL_INVALID_POOL. Cost: O(blocks). */
CorralStatus pool_check(Pool *pool);

/* --- pins: memory that must stay mapped although its block is freed (Java's views) -------------------------------- */

/* Keeps the region of a live block mapped, also across pool_free() and pool_destroy(), until pool_unpin() with the
 * token stored in `*pin`. Pins nest. A pin keeps addresses, not contents: once the block is freed the pool may reuse
 * the memory, or discard the region when nothing in it is live, so that it reads as zero. A NULL block pins the pool's
 * books instead, arenas' control blocks among them. CORRAL_OK, CORRAL_FOREIGN_POINTER,
 * CORRAL_INVALID_ARGUMENT (NULL `pin`) or CORRAL_INVALID_POOL. */
CorralStatus pool_pin(Pool *pool, const void *block, void **pin);

/* Ends one pin. `pin` must be a token of this pool that has not been unpinned as often as pinned. It may be called
 * after pool_destroy(): the last unpin of a destroyed pool releases what is left of it. */
void pool_unpin(Pool *pool, void *pin);

/* Holds a live block of a pool with a quarantine: pool_free() then leaves it as it is, counted as live, and nobody else
 * gets its memory, until pool_let_go(). A second pool_free() is refused with CORRAL_DOUBLE_FREE. Holds do not nest, and
 * a block that pool_realloc() moves away from is not held back. CORRAL_OK, CORRAL_FOREIGN_POINTER, CORRAL_NO_MEMORY,
 * CORRAL_INVALID_POOL, or CORRAL_INVALID_ARGUMENT (no quarantine). Cost: a lock, and 16 to 32 bytes per held block. */
CorralStatus pool_hold(Pool *pool, const void *block);

/* Ends a hold; frees the block if pool_free() was called meanwhile. Does nothing when the block is not held, and for a
 * pool that was destroyed. */
void pool_let_go(Pool *pool, void *block);

#ifdef __cplusplus
}
#endif

#endif
