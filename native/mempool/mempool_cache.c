/* SPDX-License-Identifier: Apache-2.0
 * mempool_cache.c - the half of the threads' caches that works under the lock: filling, flushing, counting, decay.
 * Layer: mempool. May include: pages/, base/. Threads: under Pool.lock, each cache by its owner only. */
#include "mempool_cache.h"

#include <string.h>

#include "base/align.h"
#include "base/check.h"

#define PROBES 4 /* spans that are looked at for one that no other cache uses */

static uint32_t count_of(const Bin *bin) {
    return (uint32_t)(bin_top(bin) - bin->bottom);
}

static void set_count(Bin *bin, uint32_t count) {
    atomic_store_explicit(&bin->top, bin->bottom + count, memory_order_relaxed);
}

static uint32_t capacity_of(const Bin *bin) {
    return (uint32_t)(bin->end - bin->bottom);
}

static uint8_t state_of(const Entry *entry) {
    return atomic_load_explicit(entry->state, memory_order_relaxed);
}

/* --- spoilt entries ----------------------------------------------------------------------------------------------- */

/* A block that two threads freed in the same moment lies in two bins. When one of the entries has been used, the other
 * one is spoilt: it is dropped, and one of the two frees that were counted is counted as refused after all. */
static void drop(Pool *pool, uint32_t class_index, const Entry *entry) {
    size_t bytes = pool->classes[class_index].slot_bytes;
    pool->stats.in_use += bytes;
    pool->stats.refused_frees++;
    pool->spoilt = entry->block;
    if (pool->limit != SIZE_MAX) {
        atomic_fetch_add_explicit(&pool->charged, bytes, memory_order_relaxed);
    }
}

/* Drops what cache_pop() may have stumbled over. */
static void drop_spoilt(Pool *pool, Cache *cache, uint32_t class_index) {
    Bin *bin = &cache->bins[class_index];
    while (count_of(bin) != 0 && state_of(bin_top(bin) - 1) != SLOT_CACHED) {
        drop(pool, class_index, bin_top(bin) - 1);
        set_count(bin, count_of(bin) - 1);
    }
}

/* --- filling ------------------------------------------------------------------------------------------------------ */

/* A cache gives its spans up by forgetting them, and loses them when it has slept through an epoch. */
static bool is_used_by_another(const Span *span, const Cache *cache) {
    const Cache *holder = span->holder;
    return holder != NULL && holder != cache && holder->bins[span->class_index].span == span &&
           holder->flush_epoch == holder->pool->flush_epoch;
}

Span *pool_cache_span(Pool *pool, const Cache *cache, uint32_t class_index, bool alone) {
    const Link *head = &pool->classes[class_index].with_room;
    const Link *link = head->next;
    for (int i = 0; i < PROBES && link != head; i++, link = link->next) {
        Span *span = LINK_OWNER(Span, room, link);
        if (!alone || !is_used_by_another(span, cache)) {
            return span;
        }
    }
    return NULL;
}

/* The bin may hold twice as much from now on. False: it has no memory of its own. */
static bool grow(Pool *pool, Cache *cache, uint32_t class_index) {
    Bin *bin = &cache->bins[class_index];
    size_t most = pool->classes[class_index].bin_most;
    if (bin->bottom == NULL) {
        if (!pool_meta_ready(pool, pool_meta_rounded(most * sizeof(Entry)))) {
            return false;
        }
        bin->bottom = pool_meta_take(pool, most * sizeof(Entry));
        bin->end = bin->bottom + 1;
        set_count(bin, 0);
    }
    size_t doubled = capacity_of(bin) * (size_t)2;
    bin->end = bin->bottom + (doubled < most ? doubled : most);
    return true;
}

/* Takes up to `wanted` slots of the span into the bin; returns how many. */
static uint32_t take_slots(Bin *bin, Span *span, uint32_t wanted) {
    uint32_t count = count_of(bin);
    uint32_t taken = 0;
    unsigned char *start = span_start(span);
    while (taken < wanted && span->used < span->slots) {
        uint32_t first;
        for (uint64_t bits = pool_slots_take(span, wanted - taken, &first); bits != 0; bits &= bits - 1) {
            uint32_t slot = first + lowest_bit(bits);
            atomic_store_explicit(&span->states[slot], SLOT_CACHED, memory_order_relaxed);
            bin->bottom[count + taken++] = (Entry){start + slot * span->slot_bytes, &span->states[slot], span};
        }
    }
    set_count(bin, count + taken);
    return taken;
}

/* The entries are popped from the end: reversed, so that addresses come in ascending order. */
static void reverse(Entry *entries, uint32_t count) {
    for (uint32_t i = 0; i < count / 2; i++) {
        Entry entry = entries[i];
        entries[i] = entries[count - 1 - i];
        entries[count - 1 - i] = entry;
    }
}

void pool_cache_refill(Pool *pool, Cache *cache, Span *first) {
    uint32_t class_index = first->class_index;
    Bin *bin = &cache->bins[class_index];
    drop_spoilt(pool, cache, class_index);
    uint32_t before = count_of(bin);
    first->holder = cache;
    bin->span = first;
    if (before != 0 || !grow(pool, cache, class_index)) {
        return;
    }
    uint32_t wanted = capacity_of(bin) / 2 - 1; /* the caller has taken one */
    uint32_t taken = take_slots(bin, first, wanted);
    while (taken < wanted) {
        Span *span = pool_cache_span(pool, cache, class_index, true);
        if (span == NULL) {
            break;
        }
        span->holder = cache;
        bin->span = span;
        taken += take_slots(bin, span, wanted - taken);
    }
    reverse(bin->bottom, taken);
    cache->supplied += taken;
}

/* --- flushing ----------------------------------------------------------------------------------------------------- */

static uint32_t slot_of(const Entry *entry) {
    return (uint32_t)(entry->state - entry->span->states);
}

/* False of a spoilt entry when its span has ended or moved since. */
static bool is_at_home(const Entry *entry) {
    const Span *span = entry->span;
    return span->region != NULL && span_start(span) + slot_of(entry) * span->slot_bytes == entry->block;
}

/* Gives the oldest `amount` blocks of the bin back. */
static void flush_bin(Pool *pool, Cache *cache, uint32_t class_index, uint32_t amount) {
    Bin *bin = &cache->bins[class_index];
    for (uint32_t i = 0; i < amount; i++) {
        const Entry *entry = &bin->bottom[i];
        if (state_of(entry) != SLOT_CACHED || !is_at_home(entry)) {
            drop(pool, class_index, entry);
            continue;
        }
        cache->supplied--;
        pool_slot_give(pool, entry->span, slot_of(entry));
    }
    uint32_t left = count_of(bin) - amount;
    if (left != 0) {
        memmove(bin->bottom, bin->bottom + amount, left * sizeof(Entry));
    }
    set_count(bin, left);
}

bool pool_cache_make_room(Pool *pool, Cache *cache, uint32_t class_index) {
    Bin *bin = &cache->bins[class_index];
    if (count_of(bin) < capacity_of(bin)) {
        return true;
    }
    if (capacity_of(bin) < pool->classes[class_index].bin_most) {
        return grow(pool, cache, class_index);
    }
    flush_bin(pool, cache, class_index, (capacity_of(bin) + 1) / 2);
    return true;
}

void pool_cache_flush(Pool *pool, Cache *cache) {
    for (uint32_t i = 0; i < CLASSES; i++) {
        flush_bin(pool, cache, i, count_of(&cache->bins[i]));
        cache->bins[i].span = NULL;
    }
    cache->flush_epoch = pool->flush_epoch;
}

/* --- counting ----------------------------------------------------------------------------------------------------- */

static uint64_t tally_of(const Cache *cache) {
    return atomic_load_explicit(&cache->tally, memory_order_relaxed);
}

static uint64_t allocations_of(const Cache *cache) {
    return (tally_of(cache) >> 32) - (TALLY_START >> 32);
}

/* The next two are signed numbers. */
static uint64_t in_use_of(const Cache *cache) {
    return (uint64_t)(uint32_t)tally_of(cache) - TALLY_BYTES_ZERO;
}

static uint64_t peak_of(const Cache *cache) {
    return (uint64_t)atomic_load_explicit(&cache->peak, memory_order_relaxed) - TALLY_BYTES_ZERO;
}

/* Blocks that are live because of the cache: a signed number. */
static uint64_t live_of(const Cache *cache) {
    uint64_t live = (uint64_t)cache->supplied;
    for (uint32_t i = 0; i < CLASSES; i++) {
        live -= count_of(&cache->bins[i]);
    }
    return live;
}

static void note_peak(PoolStats *stats, uint64_t in_use) {
    if ((int64_t)in_use > (int64_t)stats->peak_in_use) {
        stats->peak_in_use = in_use;
    }
}

/* Bytes and allocations go to the pool; how many blocks are live follows from the bins. */
static void settle(Pool *pool, Cache *cache) {
    PoolStats *stats = &pool->stats;
    note_peak(stats, stats->in_use + peak_of(cache));
    stats->in_use += in_use_of(cache);
    stats->allocations += allocations_of(cache);
    stats->frees += allocations_of(cache);
    atomic_store_explicit(&cache->tally, TALLY_START, memory_order_relaxed);
    atomic_store_explicit(&cache->peak, TALLY_BYTES_ZERO, memory_order_relaxed);
}

/* Each thread's largest use need not have been at the same time: with several threads the peak is an upper bound. */
void pool_caches_count(Pool *pool, PoolStats *stats) {
    uint64_t peak = pool->stats.in_use;
    *stats = pool->stats;
    for (const Cache *cache = pool->caches; cache != NULL; cache = cache->next) {
        uint64_t live = live_of(cache);
        stats->in_use += in_use_of(cache);
        stats->live_blocks += live;
        stats->allocations += allocations_of(cache);
        stats->frees += allocations_of(cache) - live;
        peak += peak_of(cache);
    }
    note_peak(stats, peak);
    pool->stats.peak_in_use = stats->peak_in_use;
}

/* --- visits to the lock ------------------------------------------------------------------------------------------- */

size_t pool_sweep(Pool *pool, uint64_t now) {
    size_t released = 0;
    pool->swept_at = now;
    for (Link *link = pool->regions.next, *next; link != &pool->regions; link = next) {
        next = link->next;
        Region *region = LINK_OWNER(Region, all, link);
        if (region_is_kept(region) && now - region->idle_since >= pool->decay_ms) {
            released += pool_region_give_back(pool, region);
        }
    }
    return released;
}

/* Four times per period, so that nothing idles for much longer than one. */
static void decay(Pool *pool) {
    uint64_t now = pool->clock();
    if (now - pool->swept_at >= pool->decay_ms / 4) {
        pool_sweep(pool, now);
    }
    if (now - pool->epoch_at >= pool->decay_ms) {
        pool->epoch_at = now;
        pool->flush_epoch++;
    }
}

void pool_maintain(Pool *pool, Cache *cache) {
    if (pool->decay_ms != POOL_DECAY_NEVER && (pool->kept != 0 || pool->caches != NULL)) {
        decay(pool);
    }
    if (cache != NULL) {
        settle(pool, cache);
        cache->map = pool->map;
        if (cache->flush_epoch != pool->flush_epoch) {
            pool_cache_flush(pool, cache);
        }
    }
}

/* --- a cache's life ----------------------------------------------------------------------------------------------- */

static Cache *cache_new(Pool *pool) {
    if (!pool_meta_ready(pool, pool_meta_rounded(sizeof(Cache)))) {
        return NULL;
    }
    Cache *cache = pool_meta_take(pool, sizeof *cache);
    cache->pool = pool;
    for (uint32_t i = 0; i < CLASSES; i++) {
        cache->slot_bytes[i] = pool->classes[i].slot_bytes;
    }
    atomic_init(&cache->tally, TALLY_START);
    atomic_init(&cache->peak, TALLY_BYTES_ZERO);
    cache->next = pool->caches;
    pool->caches = cache;
    return cache;
}

Cache *pool_cache_take(Pool *pool) {
    Cache *cache = pool->caches;
    while (cache != NULL && !cache->idle) {
        cache = cache->next;
    }
    cache = cache != NULL ? cache : cache_new(pool);
    if (cache != NULL) {
        cache->idle = false;
        cache->map = pool->map;
        cache->flush_epoch = pool->flush_epoch;
    }
    return cache;
}

void pool_cache_give(Pool *pool, Cache *cache) {
    pool_maintain(pool, cache);
    pool_cache_flush(pool, cache);
    pool->stats.live_blocks += live_of(cache);
    pool->stats.frees -= live_of(cache);
    cache->supplied = 0;
    cache->idle = true;
}
