/* SPDX-License-Identifier: Apache-2.0
 * mempool_cache.h - what a thread does without the pool's lock: its cache of free blocks, and finding a block's span.
 * Layer: mempool (private to it). May include: pages/, base/.
 * Threads: a Cache belongs to one thread at a time, which alone changes it. Others read its counters under Pool.lock.
 *
 * A cache holds free blocks in one bin per size class: a stack of {block, state, span}. Allocating pops, freeing
 * pushes; an empty or full bin exchanges half of what it may hold with the spans, under the lock. A block's state tells
 * whether it is live, whichever thread frees it, so that a double or foreign free never gets as far as a bin. */
#ifndef CORRAL_MEMPOOL_CACHE_H
#define CORRAL_MEMPOOL_CACHE_H

#include "base/poison.h"
#include "mempool_map.h"

#define CACHE_TICK ((uint32_t)4096)  /* allocations from a cache between two visits to the pool's lock, at most */
#define BIN_BYTES ((size_t)32 << 10) /* a bin holds at most so many bytes, but BIN_LEAST blocks in any case */
#define BIN_LEAST ((size_t)2)
#define BIN_MOST ((size_t)128)

/* --- size -> class ------------------------------------------------------------------------------------------------ */

#define FINE_TABLE_SHIFT 4 /* up to FINE_TABLE_MAX all classes are multiples of 16 bytes, above of 128 */
#define FINE_TABLE_MAX ((size_t)1 << 10)
#define COARSE_TABLE_SHIFT 7
extern const uint8_t pool_fine_classes[FINE_TABLE_MAX >> FINE_TABLE_SHIFT];
extern const uint8_t pool_coarse_classes[POOL_SMALL_MAX >> COARSE_TABLE_SHIFT];

/* CLASS_NONE: for 0 and above POOL_SMALL_MAX. */
static inline uint32_t class_of(size_t size) {
    if (size - 1 < FINE_TABLE_MAX) {
        return pool_fine_classes[(size - 1) >> FINE_TABLE_SHIFT];
    }
    return size - 1 < POOL_SMALL_MAX ? pool_coarse_classes[(size - 1) >> COARSE_TABLE_SHIFT] : CLASS_NONE;
}

/* --- a thread's cache --------------------------------------------------------------------------------------------- */

/* A free block. The span is where the block was found when it was freed, so that giving it back, for which others have
 * to wait, need not look for it. */
typedef struct Entry {
    unsigned char *block;
    SlotState *state;
    Span *span;
} Entry;

/* Free blocks of one class, a stack. Others may read `top` under the lock; relaxed.
 * Invariants: bottom <= top <= end <= bottom + most of the class;  (end == bottom) == (bottom is NULL) */
typedef struct Bin {
    _Atomic(Entry *) top; /* behind the latest entry */
    Entry *bottom;        /* a metadata block for as many as the class allows */
    Entry *end;           /* what the bin may hold now: it grows with use */
    const Span *span;     /* where slots were taken last: others leave it alone if they can */
} Bin;

/* What happened since the owner visited the lock last, in one number: 1 << 32 for each allocation, and the bytes handed
 * out minus the bytes taken back. Both parts start so that they need no checks of their own: the bytes in the middle of
 * their range, which is far larger than what all bins hold; the allocations so that the number turns negative when a
 * visit is due. */
#define TALLY_ONE ((uint64_t)1 << 32)
#define TALLY_BYTES_ZERO ((uint32_t)1 << 31)
#define TALLY_START ((((uint64_t)1 << 31) - CACHE_TICK) * TALLY_ONE + TALLY_BYTES_ZERO)
static_assert(BIN_BYTES < TALLY_BYTES_ZERO / CLASSES && POOL_GRANULE * BIN_LEAST < TALLY_BYTES_ZERO / CLASSES,
              "the bytes of a tally cannot overflow");

/* Invariant: blocks that are live because of this cache = supplied - sum of the bins' counts (it may be negative: of
 *            blocks that came from elsewhere and were freed here) */
struct Cache {
    const Pool *pool;
    const SpanMap *map;     /* Pool.map when the owner last held the lock */
    _Atomic uint64_t tally; /* relaxed; written by the owner */
    _Atomic uint32_t peak;  /* largest bytes part of the tally since then; as the tally */
    bool idle;              /* no thread has it; it is empty then */
    Cache *next;            /* in Pool.caches */
    int64_t supplied;       /* blocks taken from spans minus blocks given back; under the lock */
    uint64_t flush_epoch;   /* of the pool, when it was flushed last */
    uint32_t slot_bytes[CLASSES + 1];
    Bin bins[CLASSES + 1]; /* the one of CLASS_NONE is always empty, so that no one has to ask */
};

static inline Entry *bin_top(const Bin *bin) {
    return atomic_load_explicit(&bin->top, memory_order_relaxed);
}

/* Stores a block of the class, or CLASS_NONE, in `*block`, and makes it what `state` says; false, and nothing changed,
 * when the bin is empty, or the lock is due, or the last entry is spoilt. */
static inline bool cache_pop(Cache *cache, uint32_t class_index, uint8_t state, void **block) {
    Bin *bin = &cache->bins[class_index];
    Entry *top = bin_top(bin);
    if (top == bin->bottom) {
        return false;
    }
    Entry entry = top[-1];
    size_t bytes = cache->slot_bytes[class_index];
    uint64_t tally = atomic_load_explicit(&cache->tally, memory_order_relaxed) + TALLY_ONE + bytes;
    if (tally >> 63 != 0 || atomic_load_explicit(entry.state, memory_order_relaxed) != SLOT_CACHED) {
        return false;
    }
    if ((uint32_t)tally > atomic_load_explicit(&cache->peak, memory_order_relaxed)) {
        atomic_store_explicit(&cache->peak, (uint32_t)tally, memory_order_relaxed);
    }
    atomic_store_explicit(&cache->tally, tally, memory_order_relaxed);
    /* release: whoever reads that it is live sees where the span is now, see slot_is() */
    atomic_store_explicit(entry.state, state, memory_order_release);
    atomic_store_explicit(&bin->top, top - 1, memory_order_relaxed);
    memory_open(entry.block, bytes);
    *block = entry.block;
    return true;
}

/* True when the slot, as the map has named it, holds a block that is live as `state` says. acquire: pairs with the
 * release in cache_pop(). A wrong free may look at a span that moves meanwhile: its start has moved before the first of
 * its new slots is live. */
static inline bool slot_is(SlotRef slot, uint8_t state) {
    return slot.span != NULL && atomic_load_explicit(slot.state, memory_order_acquire) == state &&
           atomic_load_explicit(&slot.span->start, memory_order_relaxed) == slot.start;
}

static inline bool cache_has_room(const Cache *cache, uint32_t class_index) {
    return bin_top(&cache->bins[class_index]) != cache->bins[class_index].end;
}

/* Puts a block into its bin, which has room. The caller makes its slot SLOT_CACHED. */
static inline void cache_push(Cache *cache, uint32_t class_index, Entry entry) {
    Bin *bin = &cache->bins[class_index];
    size_t bytes = cache->slot_bytes[class_index];
    Entry *top = bin_top(bin);
    memory_close(entry.block, bytes);
    *top = entry;
    atomic_store_explicit(&bin->top, top + 1, memory_order_relaxed);
    uint64_t tally = atomic_load_explicit(&cache->tally, memory_order_relaxed);
    atomic_store_explicit(&cache->tally, tally - bytes, memory_order_relaxed);
}

/* Frees a block that is live as `state` says into the cache; false, and nothing changed, when its bin is full or it is
 * none. Two threads that free one block in the same moment may both succeed: see drop() in mempool_cache.c. */
static inline bool cache_free(Cache *cache, SlotRef slot, uint8_t state, void *block) {
    if (!slot_is(slot, state) || !cache_has_room(cache, slot.span->class_index)) {
        return false;
    }
    cache_push(cache, slot.span->class_index, (Entry){block, slot.state, slot.span});
    atomic_store_explicit(slot.state, SLOT_CACHED, memory_order_relaxed); /* last: a byte may alias all of the above */
    return true;
}

/* Makes a slot that is live as `live` says one that is on its way to a bin or to its span; false, and nothing changed,
 * when it is not or another thread was faster. Costs as much as all the rest of a free. */
static inline bool slot_claim(SlotRef slot, uint8_t live) {
    uint8_t state = live;
    if (!slot_is(slot, live) || !atomic_compare_exchange_strong_explicit(slot.state, &state, SLOT_CACHED,
                                                                         memory_order_acq_rel, memory_order_relaxed)) {
        return false;
    }
    if (atomic_load_explicit(&slot.span->start, memory_order_relaxed) == slot.start) {
        return true;
    }
    atomic_store_explicit(slot.state, live, memory_order_release); /* of another place: the block was freed */
    return false;
}

/* --- mempool_cache.c (under Pool.lock, by the cache's owner) ------------------------------------------------------ */

/* What every visit to the lock does first: lets idle memory go, adds the cache's counters to the pool's, gives its
 * blocks back when the pool wants that. NULL cache: only the first. */
void pool_maintain(Pool *pool, Cache *cache);

/* Puts free slots into the bin of the class, from spans that have room; whether it gets any does not matter. `first` is
 * the span of the block that was just taken. */
void pool_cache_refill(Pool *pool, Cache *cache, Span *first);

/* Makes room in the bin of the class; false when there is no memory for a bin. */
bool pool_cache_make_room(Pool *pool, Cache *cache, uint32_t class_index);

void pool_cache_flush(Pool *pool, Cache *cache); /* gives all of its blocks back */

/* A span of the class that has room: the one that the cache took from last, else one that no other cache uses; with
 * `alone` false, any. NULL: none. Two threads that take slots next to each other would write to the same lines. */
Span *pool_cache_span(Pool *pool, const Cache *cache, uint32_t class_index, bool alone);

/* An empty cache; NULL when there is no memory. */
Cache *pool_cache_take(Pool *pool);
void pool_cache_give(Pool *pool, Cache *cache);

/* Adds what the caches count to `stats`. Other threads may be allocating: then it is near the truth. */
void pool_caches_count(Pool *pool, PoolStats *stats);

size_t pool_sweep(Pool *pool, uint64_t now); /* releases what has idled; returns the bytes given back */

/* --- mempool_slow.c: what mempool.c does not do (no lock is held) ------------------------------------------------- */

void *pool_alloc_slow(Pool *pool, size_t size, const char *tag);
CorralStatus pool_acquire_slow(Pool *pool, size_t size, size_t alignment, uint8_t state, void **block);
CorralStatus pool_free_slow(Pool *pool, void *block, uint8_t state, const char *tag);

/* --- mempool_threads.c: which cache the calling thread uses (no lock is held) ------------------------------------- */

/* The thread's cache of the pool that it used last, if that may be used without further questions; else pool_no_cache.
 * A destroyed pool's cache is in no thread's pool_current. relaxed: no valid call finds it changed by another
 * thread. */
extern _Thread_local _Atomic(Cache *) pool_current;
extern Cache pool_no_cache; /* of no pool, and with nothing in it */

/* Its Pool field says whether it is the one that a call wants. */
static inline Cache *current_cache(void) {
    return atomic_load_explicit(&pool_current, memory_order_relaxed);
}

Cache *pool_cache_find(Pool *pool);          /* the calling thread's cache of the pool; NULL: none */
void pool_cache_attach(Pool *pool);          /* gives the thread a cache, if it should and can have one */
void pool_cache_attach_for_free(Pool *pool); /* the same for a thread that frees only: after many frees */
void pool_threads_detach(Pool *pool);        /* takes the pool from all threads: it is about to be destroyed */

#endif
