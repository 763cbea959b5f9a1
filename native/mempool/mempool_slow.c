/* SPDX-License-Identifier: Apache-2.0
 * mempool_slow.c - the slow half of the public functions on blocks: take the lock, ask the inner layers, count, report.
 * Layer: mempool. May include: pages/, base/. Threads: any; reports and copies happen outside the lock. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/align.h"
#include "corral/pool_debug.h"
#include "mempool/pool_extension.h"
#include "mempool_account.h"
#include "mempool_cache.h"
#include "mempool_debug.h"

#define REPORT_BYTES 256

/* --- reports (outside the lock) ----------------------------------------------------------------------------------- */

/* `usable` is 0 where the address lies in no span. */
void pool_report_refusal(const Pool *pool, const char *action, const char *reason, const void *address, size_t usable) {
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
        pool_report_refusal(pool, "free", "freed-by-two-threads-at-once", spoilt, 0);
    }
}

static size_t usable_of(const BlockRef *block) {
    return block->span != NULL ? block->span->slot_bytes : 0;
}

/* In debug mode what is behind the bytes that were asked for is not the caller's. */
static size_t owned_of(const Pool *pool, const BlockRef *block, const void *address) {
    return pool->debug != NULL && block->status == CORRAL_OK ? pool_debug_size(pool, address) : usable_of(block);
}

/* --- allocate ----------------------------------------------------------------------------------------------------- */

static CorralStatus shape_of(const Pool *pool, const Request *request, Shape *shape) {
    size_t alignment = request->alignment;
    size_t guard = pool->debug != NULL ? POOL_GUARD_BYTES : 0;
    if (!is_power_of_two(alignment) || alignment > POOL_ALIGNMENT_MAX) {
        return CORRAL_BAD_ALIGNMENT;
    }
    if (request->size > PTRDIFF_MAX - guard) {
        return CORRAL_SIZE_LIMIT;
    }
    *shape = pool_shape_of(pool, request->size + guard, alignment > POOL_ALIGNMENT ? alignment : POOL_ALIGNMENT);
    return CORRAL_OK;
}

/* Debug mode, under the lock: what waits in quarantine is used when there is nothing else. */
static void *take_watched(Pool *pool, const Request *request, const Shape *shape, bool *zeroed,
                          DebugFindings *findings) {
    if (!pool_debug_ready(pool)) {
        return NULL;
    }
    void *block = pool_block_take(pool, NULL, shape, request->state, zeroed);
    if (block == NULL && pool_debug_drain(pool, 0, findings)) {
        block = pool_block_take(pool, NULL, shape, request->state, zeroed);
    }
    if (block != NULL) {
        note_block(pool, shape->usable);
        pool_debug_note(pool, block, request, shape->usable);
        *zeroed = false;
    }
    return block;
}

static CorralStatus take_and_tell(Pool *pool, const Request *request, const Shape *shape, void **block, bool *zeroed) {
    DebugFindings findings = {.count = 0};
    os_lock_take(&pool->lock);
    pool_maintain(pool, NULL);
    *block = take_watched(pool, request, shape, zeroed, &findings);
    os_lock_release(&pool->lock);
    pool_debug_tell(pool, &findings);
    return *block != NULL ? CORRAL_OK : CORRAL_NO_MEMORY;
}

/* The bin was empty, or there is no cache: the spans have to help. */
static CorralStatus take_locked(Pool *pool, Cache *cache, const Shape *shape, uint8_t state, void **block,
                                bool *zeroed) {
    os_lock_take(&pool->lock);
    uint64_t refused = pool->stats.refused_frees;
    pool_maintain(pool, cache);
    *block = pool_block_take(pool, cache, shape, state, zeroed);
    if (*block != NULL) {
        note_block(pool, shape->usable);
    }
    bool any_spoilt = pool->stats.refused_frees != refused;
    const void *spoilt = pool->spoilt;
    os_lock_release(&pool->lock);
    report_spoilt(pool, any_spoilt, spoilt);
    return *block != NULL ? CORRAL_OK : CORRAL_NO_MEMORY;
}

static CorralStatus take_uncharged(Pool *pool, const Request *request, const Shape *shape, void **block, bool *zeroed) {
    if (pool->debug != NULL) {
        return take_and_tell(pool, request, shape, block, zeroed);
    }
    bool small = shape->class_index != CLASS_NONE;
    Cache *cache = pool_cache_find(pool);
    bool popped = cache != NULL && cache_pop(cache, shape->class_index, request->state, block);
    CorralStatus status = popped ? CORRAL_OK : take_locked(pool, cache, shape, request->state, block, zeroed);
    if (status == CORRAL_OK && cache == NULL && small) {
        pool_cache_attach(pool);
    }
    return status;
}

static CorralStatus take_block(Pool *pool, const Request *request, const Shape *shape, void **block, bool *zeroed) {
    if (!charge(pool, shape->usable)) {
        return CORRAL_LIMIT_REACHED;
    }
    CorralStatus status = take_uncharged(pool, request, shape, block, zeroed);
    if (status != CORRAL_OK) {
        discharge(pool, shape->usable);
    }
    return status;
}

static CorralStatus acquire(Pool *pool, const Request *request, void **block, bool *zeroed) {
    *block = NULL;
    *zeroed = false;
    if (!pool_is_valid(pool)) {
        return CORRAL_INVALID_POOL;
    }
    Shape shape;
    CorralStatus status = shape_of(pool, request, &shape);
    if (status == CORRAL_OK) {
        status = take_block(pool, request, &shape, block, zeroed);
    }
    if (status != CORRAL_OK) {
        os_lock_take(&pool->lock);
        pool->stats.failures++;
        os_lock_release(&pool->lock);
    }
    return status;
}

CorralStatus pool_acquire_slow(Pool *pool, size_t size, size_t alignment, uint8_t state, void **block) {
    bool zeroed;
    Request request = {size, alignment, state, NULL};
    return block != NULL ? acquire(pool, &request, block, &zeroed) : CORRAL_INVALID_ARGUMENT;
}

void *pool_alloc_slow(Pool *pool, size_t size, const char *tag) {
    void *block;
    bool zeroed;
    Request request = {size, POOL_ALIGNMENT, SLOT_LIVE, tag};
    acquire(pool, &request, &block, &zeroed);
    return block;
}

/* Only what has a region of its own may be zero already, never what a cache holds. */
static CorralStatus acquire_large_zeroed(Pool *pool, const Request *request, void **block) {
    bool zeroed;
    CorralStatus status = acquire(pool, request, block, &zeroed);
    if (status == CORRAL_OK && !zeroed) {
        memset(*block, 0, request->size);
    }
    return status;
}

CorralStatus pool_acquire_zeroed(Pool *pool, size_t size, size_t alignment, void **block) {
    if (size > POOL_SMALL_MAX) {
        Request request = {size, alignment, SLOT_LIVE, NULL};
        return acquire_large_zeroed(pool, &request, block);
    }
    CorralStatus status = pool_acquire(pool, size, alignment, block);
    if (status == CORRAL_OK) {
        memset(*block, 0, size);
    }
    return status;
}

CorralStatus pool_chunk_take_zeroed(Pool *pool, size_t size, size_t alignment, void **chunk) {
    if (size > POOL_SMALL_MAX) {
        Request request = {size, alignment, SLOT_CHUNK, NULL};
        return acquire_large_zeroed(pool, &request, chunk);
    }
    CorralStatus status = pool_chunk_take(pool, size, alignment, chunk);
    if (status == CORRAL_OK) {
        memset(*chunk, 0, size);
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

/* Takes a block back that slot_claim() has claimed, or a run: into the thread's cache if it has one, else into its
 * span. Under the lock. */
static void give_back(Pool *pool, Cache *cache, const BlockRef *found, void *block) {
    Span *span = found->span;
    bool small = span->class_index != CLASS_NONE;
    if (cache != NULL && small && pool_cache_make_room(pool, cache, span->class_index)) {
        cache_push(cache, span->class_index, (Entry){block, &span->states[found->slot], span});
        return;
    }
    note_free(pool, span->slot_bytes);
    pool_block_give(pool, found);
}

/* A thread that does not hold the lock may claim the block after it was found. */
static bool claim_found(const BlockRef *found) {
    Span *span = found->span;
    return span->states == NULL ||
           slot_claim((SlotRef){span, &span->states[found->slot], (uintptr_t)span_start(span)}, found->state);
}

static BlockRef free_locked(Pool *pool, Cache *cache, void *block, uint8_t state, size_t *usable) {
    os_lock_take(&pool->lock);
    uint64_t refused = pool->stats.refused_frees;
    pool_maintain(pool, cache);
    BlockRef found = pool_block_find_as(pool, block, state);
    *usable = usable_of(&found);
    if (found.status == CORRAL_OK && !claim_found(&found)) {
        found = pool_block_find_as(pool, block, state); /* says what it is now */
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
static size_t free_cached(Cache *cache, void *block, uint8_t state) {
    SlotRef slot = pool_map_find(cache->map, (uintptr_t)block);
    if (slot.span == NULL || !cache_has_room(cache, slot.span->class_index) || !slot_claim(slot, state)) {
        return 0;
    }
    size_t bytes = slot.span->slot_bytes; /* before somebody else can take the block, and the span can end */
    cache_push(cache, slot.span->class_index, (Entry){block, slot.state, slot.span});
    return bytes;
}

CorralStatus pool_free_slow(Pool *pool, void *block, uint8_t state, const char *tag) {
    if (!pool_is_valid(pool)) {
        return CORRAL_INVALID_POOL;
    }
    if (block == NULL) {
        return CORRAL_OK;
    }
    bool stays = false;
    if (pool->quarantine) {
        CorralStatus status = pool_quarantine_free(pool, block, state, &stays);
        if (status != CORRAL_OK) {
            pool_report_refusal(pool, "free", "double-free", block, 0);
        }
        if (stays) {
            return status;
        }
    }
    if (pool->debug != NULL) {
        return pool_debug_free(pool, block, state, tag);
    }
    Cache *cache = pool_cache_find(pool);
    size_t usable = cache != NULL ? free_cached(cache, block, state) : 0;
    if (usable == 0) {
        BlockRef found = free_locked(pool, cache, block, state, &usable);
        if (found.status != CORRAL_OK) {
            pool_report_refusal(pool, "free", found.reason, block, usable);
            return found.status;
        }
    }
    discharge(pool, usable);
    if (cache == NULL) {
        pool_cache_attach_for_free(pool);
    }
    return CORRAL_OK;
}

bool pool_block_is_live(Pool *pool, const void *block) {
    if (!pool_is_valid(pool)) {
        return false;
    }
    os_lock_take(&pool->lock);
    bool live = pool_block_find(pool, block).status == CORRAL_OK;
    os_lock_release(&pool->lock);
    return live;
}

size_t pool_usable_size(Pool *pool, const void *block) {
    if (!pool_is_valid(pool)) {
        return 0;
    }
    os_lock_take(&pool->lock);
    BlockRef found = pool_block_find_as(pool, block, SLOT_LIVE);
    size_t usable = found.status == CORRAL_OK ? owned_of(pool, &found, block) : 0;
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
    if (pool->debug != NULL || !pool_span_fits(span, &shape)) { /* a pointer to the old place is to be found out */
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
    BlockRef found = pool_block_find_as(pool, block, SLOT_LIVE);
    *old_usable = owned_of(pool, &found, block);
    Resize outcome = found.status == CORRAL_OK ? resize_found(pool, found.span, size) : RESIZE_REFUSED;
    pool->stats.failures += outcome == RESIZE_REFUSED;
    os_lock_release(&pool->lock);
    if (found.status != CORRAL_OK) {
        pool_report_refusal(pool, "realloc", found.reason, block, *old_usable);
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
