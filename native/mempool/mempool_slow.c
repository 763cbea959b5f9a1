/* SPDX-License-Identifier: Apache-2.0
 * mempool_slow.c - the slow half of the public functions on blocks: take the lock, ask the inner layers, count, report.
 * Layer: mempool. May include: pages/, base/. Threads: any; reports and copies happen outside the lock. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/align.h"
#include "mempool/pool_extension.h"
#include "mempool_cache.h"

#define REPORT_BYTES 256

/* --- accounting --------------------------------------------------------------------------------------------------- */

/* Counts bytes against the limit before they are handed out; false, and nothing changed, when they do not fit. relaxed:
 * the number alone matters. */
static bool charge(Pool *pool, size_t bytes) {
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

static void discharge(Pool *pool, size_t bytes) {
    if (pool->limit != SIZE_MAX) {
        atomic_fetch_sub_explicit(&pool->charged, bytes, memory_order_relaxed);
    }
}

/* The next three under the lock. */
static void note_peaks(PoolStats *stats) {
    if ((int64_t)stats->in_use > (int64_t)stats->peak_in_use) {
        stats->peak_in_use = stats->in_use;
    }
    stats->peak_reserved = stats->reserved > stats->peak_reserved ? stats->reserved : stats->peak_reserved;
}

static void note_block(Pool *pool, size_t usable) {
    pool->stats.in_use += usable;
    pool->stats.live_blocks++;
    pool->stats.allocations++;
    note_peaks(&pool->stats);
}

static void note_free(Pool *pool, size_t usable) {
    pool->stats.in_use -= usable;
    pool->stats.live_blocks--;
    pool->stats.frees++;
}

/* --- reports (outside the lock) ----------------------------------------------------------------------------------- */

/* `usable` is 0 where the address lies in no span. */
static void report(const Pool *pool, const char *action, const char *reason, const void *address, size_t usable) {
    if (pool->report == NULL) {
        return;
    }
    char size[40] = "";
    if (usable != 0) {
        snprintf(size, sizeof size, " block_size=%zu", usable);
    }
    char message[REPORT_BYTES];
    snprintf(message, sizeof message, "corral: refused %s: reason=%s address=0x%" PRIxPTR "%s pool=%s", action, reason,
             (uintptr_t)address, size, pool->name);
    pool->report(pool->report_context, message);
}

/* After a visit to the lock: `refused` is what stats.refused_frees was before, `spoilt` the block of the latest. */
static void report_spoilt(const Pool *pool, bool any, const void *spoilt) {
    if (any) {
        report(pool, "free", "freed-by-two-threads-at-once", spoilt, 0);
    }
}

static size_t usable_of(const BlockRef *block) {
    return block->span != NULL ? block->span->slot_bytes : 0;
}

/* --- allocate ----------------------------------------------------------------------------------------------------- */

static CorralStatus shape_of(const Pool *pool, size_t size, size_t alignment, Shape *shape) {
    if (!is_power_of_two(alignment) || alignment > POOL_ALIGNMENT_MAX) {
        return CORRAL_BAD_ALIGNMENT;
    }
    if (size > PTRDIFF_MAX) {
        return CORRAL_SIZE_LIMIT;
    }
    *shape = pool_shape_of(pool, size, alignment > POOL_ALIGNMENT ? alignment : POOL_ALIGNMENT);
    return CORRAL_OK;
}

/* The bin was empty, or there is no cache: the spans have to help. */
static CorralStatus take_locked(Pool *pool, Cache *cache, const Shape *shape, void **block, bool *zeroed) {
    os_lock_take(&pool->lock);
    uint64_t refused = pool->stats.refused_frees;
    pool_maintain(pool, cache);
    *block = pool_block_take(pool, cache, shape, zeroed);
    if (*block != NULL) {
        note_block(pool, shape->usable);
    }
    bool any_spoilt = pool->stats.refused_frees != refused;
    const void *spoilt = pool->spoilt;
    os_lock_release(&pool->lock);
    report_spoilt(pool, any_spoilt, spoilt);
    return *block != NULL ? CORRAL_OK : CORRAL_NO_MEMORY;
}

static CorralStatus take_block(Pool *pool, const Shape *shape, void **block, bool *zeroed) {
    if (!charge(pool, shape->usable)) {
        return CORRAL_LIMIT_REACHED;
    }
    bool small = shape->class_index != CLASS_NONE;
    Cache *cache = pool_cache_find(pool);
    bool popped = cache != NULL && cache_pop(cache, shape->class_index, block);
    CorralStatus status = popped ? CORRAL_OK : take_locked(pool, cache, shape, block, zeroed);
    if (status != CORRAL_OK) {
        discharge(pool, shape->usable);
    } else if (cache == NULL && small) {
        pool_cache_attach(pool);
    }
    return status;
}

static CorralStatus acquire(Pool *pool, size_t size, size_t alignment, void **block, bool *zeroed) {
    *block = NULL;
    *zeroed = false;
    if (!pool_is_valid(pool)) {
        return CORRAL_INVALID_POOL;
    }
    Shape shape;
    CorralStatus status = shape_of(pool, size, alignment, &shape);
    if (status == CORRAL_OK) {
        status = take_block(pool, &shape, block, zeroed);
    }
    if (status != CORRAL_OK) {
        os_lock_take(&pool->lock);
        pool->stats.failures++;
        os_lock_release(&pool->lock);
    }
    return status;
}

CorralStatus pool_acquire_slow(Pool *pool, size_t size, size_t alignment, void **block) {
    bool zeroed;
    return block != NULL ? acquire(pool, size, alignment, block, &zeroed) : CORRAL_INVALID_ARGUMENT;
}

void *pool_alloc_slow(Pool *pool, size_t size) {
    void *block;
    bool zeroed;
    acquire(pool, size, POOL_ALIGNMENT, &block, &zeroed);
    return block;
}

CorralStatus pool_acquire_zeroed(Pool *pool, size_t size, size_t alignment, void **block) {
    bool zeroed = false;
    bool may_be_zero = size > POOL_SMALL_MAX; /* what has a region of its own, never what a cache holds */
    CorralStatus status =
        may_be_zero ? acquire(pool, size, alignment, block, &zeroed) : pool_acquire(pool, size, alignment, block);
    if (status == CORRAL_OK && !zeroed) {
        memset(*block, 0, size);
    }
    return status;
}

void *pool_calloc(Pool *pool, size_t count, size_t size) {
    size_t bytes;
    if (!checked_mul(count, size, &bytes)) {
        bytes = SIZE_MAX; /* fails as a size that cannot be represented, and is counted */
    }
    void *block;
    pool_acquire_zeroed(pool, bytes, POOL_ALIGNMENT, &block);
    return block;
}

/* --- free --------------------------------------------------------------------------------------------------------- */

/* Takes a block back that slot_claim() has claimed, or a run: into the thread's cache if it has one, else into its span.
 * Under the lock. */
static void give_back(Pool *pool, Cache *cache, const BlockRef *found, void *block) {
    const Span *span = found->span;
    bool small = span->class_index != CLASS_NONE;
    if (cache != NULL && small && pool_cache_make_room(pool, cache, span->class_index)) {
        cache_push(cache, span->class_index, (Entry){.block = block, .state = &span->states[found->slot]});
        return;
    }
    note_free(pool, span->slot_bytes);
    pool_block_give(pool, found);
}

/* A thread that does not hold the lock may claim the block after it was found. */
static bool claim_found(const BlockRef *found) {
    Span *span = found->span;
    return span->states == NULL || slot_claim((SlotRef){span, &span->states[found->slot], (uintptr_t)span_start(span)});
}

static BlockRef free_locked(Pool *pool, Cache *cache, void *block, size_t *usable) {
    os_lock_take(&pool->lock);
    uint64_t refused = pool->stats.refused_frees;
    pool_maintain(pool, cache);
    BlockRef found = pool_block_find(pool, block);
    *usable = usable_of(&found);
    if (found.status == CORRAL_OK && !claim_found(&found)) {
        found = pool_block_find(pool, block); /* says what it is now */
    } else if (found.status == CORRAL_OK) {
        give_back(pool, cache, &found, block);
    }
    bool any_spoilt = pool->stats.refused_frees != refused;
    const void *spoilt = pool->spoilt;
    pool->stats.refused_frees += found.status != CORRAL_OK;
    os_lock_release(&pool->lock);
    report_spoilt(pool, any_spoilt, spoilt);
    return found;
}

/* Into the cache, without the lock; returns the block's size, or 0. */
static size_t free_cached(Cache *cache, void *block) {
    SlotRef slot = pool_map_find(cache->map, (uintptr_t)block);
    if (slot.span == NULL || !cache_has_room(cache, slot.span->class_index) || !slot_claim(slot)) {
        return 0;
    }
    cache_push(cache, slot.span->class_index, (Entry){.block = block, .state = slot.state});
    return slot.span->slot_bytes;
}

CorralStatus pool_free_slow(Pool *pool, void *block) {
    if (!pool_is_valid(pool)) {
        return CORRAL_INVALID_POOL;
    }
    if (block == NULL) {
        return CORRAL_OK;
    }
    bool stays = false;
    if (pool->quarantine) {
        CorralStatus status = pool_quarantine_free(pool, block, &stays);
        if (status != CORRAL_OK) {
            report(pool, "free", "double-free", block, 0);
        }
        if (stays) {
            return status;
        }
    }
    Cache *cache = pool_cache_find(pool);
    size_t usable = cache != NULL ? free_cached(cache, block) : 0;
    if (usable == 0) {
        BlockRef found = free_locked(pool, cache, block, &usable);
        if (found.status != CORRAL_OK) {
            report(pool, "free", found.reason, block, usable);
            return found.status;
        }
    }
    discharge(pool, usable);
    if (cache == NULL) {
        pool_cache_attach_for_free(pool);
    }
    return CORRAL_OK;
}

size_t pool_usable_size(Pool *pool, const void *block) {
    if (!pool_is_valid(pool)) {
        return 0;
    }
    os_lock_take(&pool->lock);
    BlockRef found = pool_block_find(pool, block);
    size_t usable = found.status == CORRAL_OK ? usable_of(&found) : 0;
    os_lock_release(&pool->lock);
    return usable;
}

/* --- resize ------------------------------------------------------------------------------------------------------- */

/* Outcome of the attempt to resize in place. */
typedef enum Resize { RESIZE_DONE, RESIZE_MOVE, RESIZE_REFUSED } Resize;

/* Gives the block the new size in place when its slot, its granules or its dedicated region fit that size as well. */
static Resize resize_found(Pool *pool, Span *span, size_t size) {
    if (size > PTRDIFF_MAX) {
        return RESIZE_REFUSED;
    }
    Shape shape = pool_shape_of(pool, size, POOL_ALIGNMENT);
    if (!pool_span_fits(span, &shape)) {
        return RESIZE_MOVE;
    }
    if (shape.usable > span->slot_bytes && !charge(pool, shape.usable - span->slot_bytes)) {
        return RESIZE_REFUSED;
    }
    if (shape.usable < span->slot_bytes) {
        discharge(pool, span->slot_bytes - shape.usable);
    }
    pool->stats.in_use += shape.usable; /* in this order, since the sizes are unsigned */
    pool->stats.in_use -= span->slot_bytes;
    pool_span_resize(span, shape.usable);
    note_peaks(&pool->stats);
    return RESIZE_DONE;
}

static Resize resize(Pool *pool, void *block, size_t size, size_t *old_usable) {
    os_lock_take(&pool->lock);
    BlockRef found = pool_block_find(pool, block);
    *old_usable = usable_of(&found);
    Resize outcome = found.status == CORRAL_OK ? resize_found(pool, found.span, size) : RESIZE_REFUSED;
    pool->stats.failures += outcome == RESIZE_REFUSED;
    os_lock_release(&pool->lock);
    if (found.status != CORRAL_OK) {
        report(pool, "realloc", found.reason, block, *old_usable);
    }
    return outcome;
}

/* The copy is made without the lock: both blocks belong to the caller then. */
static void *move(Pool *pool, void *block, size_t old_usable, size_t size) {
    void *moved = pool_alloc(pool, size);
    if (moved != NULL) {
        memcpy(moved, block, size < old_usable ? size : old_usable);
        pool_free(pool, block);
    }
    return moved;
}

void *pool_realloc(Pool *pool, void *block, size_t size) {
    if (block == NULL) {
        return pool_alloc(pool, size);
    }
    if (!pool_is_valid(pool)) {
        return NULL;
    }
    size_t old_usable;
    Resize outcome = resize(pool, block, size, &old_usable);
    if (outcome == RESIZE_MOVE) {
        return move(pool, block, old_usable, size);
    }
    return outcome == RESIZE_DONE ? block : NULL;
}
