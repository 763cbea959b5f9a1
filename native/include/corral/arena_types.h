/* SPDX-License-Identifier: Apache-2.0
 * arena_types.h - limits, configuration and statistics of an arena. Include arena.h.
 * Layer: arena. May include: control_block.h, mempool.h, status.h. Threads: values, with no thread rule of their
 * own. */
#ifndef CORRAL_ARENA_TYPES_H
#define CORRAL_ARENA_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "corral/control_block.h"
#include "corral/mempool.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARENA_ALIGNMENT ((size_t)16)             /* default of every block */
#define ARENA_ALIGNMENT_MAX ((size_t)1 << 20)    /* the largest that arena_alloc_aligned() takes */
#define ARENA_SIZE_LIMIT ((size_t)1 << 30)       /* bytes of the largest single request */
#define ARENA_CHUNK_ALIGNMENT ((size_t)64)       /* of the first byte of every chunk */
#define ARENA_INITIAL_DEFAULT ((size_t)4 << 10)  /* bytes of the first chunk */
#define ARENA_MAXIMUM_DEFAULT ((size_t)64 << 10) /* bytes up to which chunk sizes double */
#define ARENA_CHUNKS_MAX ((size_t)1 << 20)       /* chunks that references can name */
#define ARENA_NAME_MAX 31                        /* bytes of a name that are kept */
#define ARENA_GROWTH_BINS 31                     /* chunk sizes are counted by power of two, up to 1 GiB */

#if defined(__GNUC__)
#define ARENA_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define ARENA_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define ARENA_ASSUME(condition) ((condition) ? (void)0 : __builtin_unreachable())
#define ARENA_FITS_32_BITS(size) (__builtin_constant_p((uint64_t)(size) >> 32) && (uint64_t)(size) >> 32 == 0)
#else
#define ARENA_PRINTF(text, first)
#define ARENA_LIKELY(condition) (condition)
#define ARENA_ASSUME(condition) ((void)0)
#define ARENA_FITS_32_BITS(size) false
#endif

typedef struct Arena Arena;

/* What an arena does when a request fits in none of its chunks. */
typedef enum ArenaExhausted {
    ARENA_GROW = 0,     /* acquires a chunk within the limits, else fails with CORRAL_LIMIT_REACHED */
    ARENA_FAIL = 1,     /* fails with CORRAL_ARENA_FULL: the first chunk is all there is */
    ARENA_FALL_BACK = 2 /* as ARENA_GROW; what its limit or a fixed size refuses gets a chunk of its own: see limit */
} ArenaExhausted;

/* Start from arena_config_default() and change what you need. Sizes are rounded up to the default alignment. */
typedef struct ArenaConfig {
    const char *name;    /* copied, cut to ARENA_NAME_MAX bytes; shown in statistics */
    size_t initial_size; /* bytes of the first chunk: 1 to ARENA_SIZE_LIMIT - alignment */
    size_t maximum_size; /* bytes up to which chunk sizes double: initial_size to ARENA_SIZE_LIMIT - alignment */
    size_t alignment;    /* default alignment: 8 or 16 */
    bool fixed;          /* true: never grows beyond the first chunk */

    /* The arena becomes a child of this one, which has the same pool: see arena_family.h. NULL: of none. */
    Arena *parent;

    /* Bytes of chunks that the arena and all arenas below it may hold together: at least initial_size; SIZE_MAX: no
     * limit. A chunk that fell back (ARENA_FALL_BACK) has the size of its request, counts against no limit of an arena
     * that falls back itself, and goes back to the pool with the next reset, clear or destroy. */
    size_t limit;
    ArenaExhausted exhausted;

    size_t retain; /* every reset trims the arena to so many bytes, see arena_trim(); SIZE_MAX: it keeps all */

    /* Closed window: every allocation takes the slow path, which marks free space as untouchable and opens exactly the
     * bytes asked for, for AddressSanitizer and Valgrind builds of the library. Offsets and sizes stay the same. */
    bool poison;

    /* Every allocation reads as zero. Free space is kept zero: what was used is wiped when it is taken back, before
     * anyone else can get it, and so is what the pool hands over recycled. Allocating costs what it always costs;
     * reset, rewind, clear and destroy cost O(used bytes) instead of O(1). Writing to a block after it was taken back
     * spoils this. pool_abandon() wipes nothing. */
    bool zeroed;

    bool debug; /* closed window: guard bytes, fills and a list of blocks find damage; see arena_debug.h */

    /* Called with the text of each report of debug mode, by the thread that found the damage; NULL: stderr. It may not
     * use the arena. */
    void (*report)(void *context, const char *text);
    void *report_context;

    const struct ArenaObserver *observer; /* closed window: told of every allocation; see arena_observer.h */

    CorralStatus *status; /* receives why arena_create_with() returned NULL, or CORRAL_OK; NULL: not wanted */
} ArenaConfig;

/* Bytes unless the name says otherwise. Invariant: allocated = used + waste; used <= peak_used; allocated <=
 * peak_allocated. */
typedef struct ArenaStats {
    uint64_t allocated;                 /* capacity of all chunks */
    uint64_t used;                      /* rounded sizes of all blocks, and alignment gaps */
    uint64_t waste;                     /* allocated - used: free space, and tails that were left behind */
    uint64_t chunks;                    /* count */
    uint64_t count;                     /* allocations since the last reset or clear */
    uint64_t peak_used;                 /* largest used so far; survives reset and clear */
    uint64_t peak_allocated;            /* largest allocated so far */
    uint64_t resets;                    /* count of resets and clears */
    uint64_t limit;                     /* as configured; UINT64_MAX: none */
    uint64_t fell_back;                 /* of allocated: chunks that count against no limit of this arena */
    uint64_t children;                  /* count of arenas below this one: its children, theirs, and so on */
    uint64_t children_allocated;        /* capacity of their chunks, which `allocated` does not contain */
    uint64_t growth[ARENA_GROWTH_BINS]; /* [k]: chunks acquired so far with a capacity of 2^k to 2^(k+1) - 1 */
} ArenaStats;

/* A point to which an arena can be taken back. A value: copy it, keep it, drop it. */
typedef struct ArenaMark {
    Arena *arena; /* NULL: no mark */
    uint64_t id;  /* never 0 in a mark; never used again in the same place of memory */
} ArenaMark;

#ifdef __cplusplus
}
#endif

#endif
