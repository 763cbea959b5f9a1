/* SPDX-License-Identifier: Apache-2.0
 * mempool_account.h - counting blocks, and bytes against the limit.
 * Layer: mempool (private to it). May include: pages/, base/. */
#ifndef CORRAL_MEMPOOL_ACCOUNT_H
#define CORRAL_MEMPOOL_ACCOUNT_H

#include "mempool_parts.h"

/* Counts bytes against the limit before they are handed out; false, and nothing changed, when they do not fit. relaxed:
 * the number alone matters. */
static inline bool charge(Pool *pool, size_t bytes) {
    if (pool->limit == SIZE_MAX) {
        return true;
    }
    size_t charged = atomic_load_explicit(&pool->charged, memory_order_relaxed);
    do {
        if (bytes > pool->limit - charged) {
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(&pool->charged, &charged, charged + bytes, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

static inline void discharge(Pool *pool, size_t bytes) {
    if (pool->limit != SIZE_MAX) {
        atomic_fetch_sub_explicit(&pool->charged, bytes, memory_order_relaxed);
    }
}

/* The next three under the lock. */
static inline void note_peaks(PoolStats *stats) {
    if ((int64_t)stats->in_use > (int64_t)stats->peak_in_use) {
        stats->peak_in_use = stats->in_use;
    }
    stats->peak_reserved = stats->reserved > stats->peak_reserved ? stats->reserved : stats->peak_reserved;
}

static inline void note_block(Pool *pool, size_t usable) {
    pool->stats.in_use += usable;
    pool->stats.live_blocks++;
    pool->stats.allocations++;
    note_peaks(&pool->stats);
}

static inline void note_free(Pool *pool, size_t usable) {
    pool->stats.in_use -= usable;
    pool->stats.live_blocks--;
    pool->stats.frees++;
}

#endif
