/* SPDX-License-Identifier: Apache-2.0
 * mempool_span.h - regions, spans and their slots: what the pool's memory is cut into.
 * Layer: mempool (private to it). May include: pages/, base/.
 * Threads: everything here is read and written under Pool.lock, unless it says otherwise.
 *
 *   page source -> Region (region_size, 1 MiB) -> granules (64 KiB) -> Span -> slots = blocks
 *
 * A span is one row of granules with slots of one size: many slots of a size class, or a single one (a run). A block
 * above half a region has a dedicated region: one granule of its own size, with one run in it.
 *
 * Nothing here lies in memory that is handed out or that waits to be: a stale pointer may write there at any time. */
#ifndef CORRAL_MEMPOOL_SPAN_H
#define CORRAL_MEMPOOL_SPAN_H

#include <assert.h>
#include <stdatomic.h>

#include "corral/mempool.h"
#include "mempool_lists.h"

#define CLASS_COUNT 72               /* size classes up to POOL_SMALL_MAX */
#define CLASS_GRANULE CLASS_COUNT    /* one more for blocks of exactly a granule: the largest chunks of most arenas */
#define CLASS_NONE (CLASS_COUNT + 1) /* class of a run */
#define CLASSES CLASS_NONE           /* how many classes have spans of their own */
#define RUN_UNIT ((size_t)4 << 10)   /* usable sizes of runs are multiples of it */

typedef struct Region Region;
typedef struct Span Span;
typedef struct Cache Cache;

/* Where a slot is. Its owner changes it: the caller between allocating and freeing, the cache that holds it, else the
 * pool under its lock. Threads: atomic, since a wrong free may read it at any time. */
typedef _Atomic uint8_t SlotState;
enum {
    SLOT_FREE,
    SLOT_CACHED,
    SLOT_QUARANTINED, /* freed, but debug mode keeps it */
    SLOT_LIVE,
    SLOT_CHUNK /* live, and of the layer above: pool_free() refuses it */
};

/* A row of granules with slots of one size. It goes with the last slot that is out: live, or in a thread's cache.
 * Invariants:  0 < used = set bits of used_bits <= slots;   slots * slot_bytes <= bytes of the granules
 *              bit s of used_bits is set == (states[s] != SLOT_FREE)
 *              words of used_bits before first_word are all ones
 *              class:  in classes[class_index].with_room == (used < slots);  in Pool.map under each of its granules
 *              run:    class_index = CLASS_NONE, slots = 1, slot_bytes = usable size of the block, in no list,
 *                      run_state != SLOT_FREE and != SLOT_CACHED
 * Threads:    who frees a block reads the first part without the lock. That part of a class's span is written once: its
 *             memory never becomes anything else than a span of this class, elsewhere (`start` moves then). */
struct Span {
    _Atomic(uintptr_t) start; /* of its first slot */
    uint64_t inverse;         /* 2^32 / units of a slot, rounded up */
    SlotState *states;        /* of its slots, behind used_bits; NULL: a run */
    uint32_t units;           /* class: POOL_ALIGNMENT units of all slots; run: 0 */
    uint32_t class_index;
    size_t slot_bytes; /* of a run under the lock */
    uint32_t slots;
    uint32_t granules;

    Region *region;
    Link room;
    const Cache *holder; /* the cache that took slots last, see mempool_cache.c */
    uint32_t used;
    uint32_t first_granule;
    uint32_t first_word; /* where the search for a free slot starts */
    SlotState run_state; /* of a run's slot */
    uint64_t used_bits[];
};

/* Pages of the source, cut into granules; each granule is free or belongs to one span.
 * Invariants:  free_granules = set bits of free_bits;  bit g is set == (spans[g] == NULL)
 *              longest_free = length of the longest row of set bits
 *              base is a multiple of the pool's region_size, so that no two regions share a key of the table
 *              shared:    bytes = region_size = granules * POOL_GRANULE; in bins[] by longest_free while it is > 0
 *              dedicated: granules = 1 (the whole region); in free_dedicated while it is free
 *              discarded: wholly free, pinned, not fresh (a stale view may write to it) */
struct Region {
    Link all; /* in Pool.regions */
    Link bin;
    Region *table_next;
    unsigned char *base;
    size_t bytes;
    size_t pins;
    uint64_t idle_since; /* while it is kept: Pool.clock() when it became free */
    uint32_t granules;
    uint32_t free_granules;
    uint32_t longest_free;
    bool dedicated;
    bool fresh;          /* never handed out: still zero, as the source gave it */
    bool discarded;      /* its physical memory went back to the source, its addresses did not */
    uint64_t *free_bits; /* behind spans[] */
    Span *spans[];
};

/* Chained hash table of the regions, by base. Invariant: entries <= buckets, a power of two. */
typedef struct RegionTable {
    Region **heads;
    size_t buckets;
    size_t entries;
} RegionTable;

/* How the spans of one class are cut. Invariants: slots * slot_bytes <= granules * POOL_GRANULE
 *                                                  units = POOL_ALIGNMENT units of all slots */
typedef struct SizeClass {
    Link with_room; /* spans that have a free slot */
    Link spare;     /* descriptions of spans that ended: kept for spans of the same class, see Span */
    uint64_t inverse;
    uint32_t slot_bytes;
    uint32_t slots;
    uint32_t granules;
    uint32_t units;
    uint32_t bin_most; /* blocks of this class that a thread's cache holds at most */
} SizeClass;

static inline bool state_is_live(uint8_t state) {
    return state >= SLOT_LIVE;
}

static inline SlotState *slot_state(Span *span, uint32_t slot) {
    return span->states != NULL ? &span->states[slot] : &span->run_state;
}

static inline uint8_t slot_state_now(const Span *span, uint32_t slot) {
    return atomic_load_explicit(span->states != NULL ? &span->states[slot] : &span->run_state, memory_order_relaxed);
}

static inline bool region_is_free(const Region *region) {
    return region->free_granules == region->granules;
}
static inline bool region_is_kept(const Region *region) {
    return region_is_free(region) && !region->discarded;
}

static inline size_t span_meta_bytes(const SizeClass *class) {
    return offsetof(Span, used_bits) + bitmap_words(class->slots) * sizeof(uint64_t) + class->slots;
}
#define RUN_META_BYTES (offsetof(Span, used_bits) + sizeof(uint64_t))

/* Bytes of one granule: of the whole region, when it is dedicated. */
static inline size_t granule_bytes(const Region *region) {
    return region->dedicated ? region->bytes : POOL_GRANULE;
}

static inline unsigned char *span_start(const Span *span) {
    return span->region->base + span->first_granule * granule_bytes(span->region);
}

#endif
