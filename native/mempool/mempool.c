/* SPDX-License-Identifier: Apache-2.0
 * mempool.c - the public functions on blocks: take the lock, ask the inner layers, count, report.
 * Layer: mempool. May include: pages/, base/. Threads: any; reports and copies happen outside the lock. */
#include "mempool_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/align.h"
#include "mempool/pool_extension.h"

#define REPORT_BYTES 256

/* --- accounting (under the lock) ---------------------------------------------------------------------------------- */

static bool within_limit(const Pool *pool, size_t more) {
    return more <= pool->limit - (size_t)pool->stats.in_use;
}

static void note_peaks(PoolStats *stats) {
    stats->peak_in_use = stats->in_use > stats->peak_in_use ? stats->in_use : stats->peak_in_use;
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

static size_t usable_of(const BlockRef *block) {
    return block->span != NULL ? block->span->slot_bytes : 0;
}

/* --- allocate ----------------------------------------------------------------------------------------------------- */

static CorralStatus take_block(Pool *pool, size_t size, size_t alignment, void **block, bool *zeroed) {
    if (!is_power_of_two(alignment) || alignment > POOL_ALIGNMENT_MAX) {
        return CORRAL_BAD_ALIGNMENT;
    }
    if (size > PTRDIFF_MAX) {
        return CORRAL_SIZE_LIMIT;
    }
    Shape shape = pool_shape_of(pool, size, alignment > POOL_ALIGNMENT ? alignment : POOL_ALIGNMENT);
    if (!within_limit(pool, shape.usable)) {
        return CORRAL_LIMIT_REACHED;
    }
    *block = pool_block_take(pool, &shape, zeroed);
    if (*block == NULL) {
        return CORRAL_NO_MEMORY;
    }
    note_block(pool, shape.usable);
    return CORRAL_OK;
}

static CorralStatus acquire(Pool *pool, size_t size, size_t alignment, void **block, bool *zeroed) {
    *block = NULL;
    *zeroed = false;
    if (!pool_is_valid(pool)) {
        return CORRAL_INVALID_POOL;
    }
    os_lock_take(&pool->lock);
    CorralStatus status = take_block(pool, size, alignment, block, zeroed);
    pool->stats.failures += status != CORRAL_OK;
    os_lock_release(&pool->lock);
    return status;
}

CorralStatus pool_acquire(Pool *pool, size_t size, size_t alignment, void **block) {
    bool zeroed;
    return block != NULL ? acquire(pool, size, alignment, block, &zeroed) : CORRAL_INVALID_ARGUMENT;
}

void *pool_alloc_aligned(Pool *pool, size_t size, size_t alignment) {
    void *block;
    pool_acquire(pool, size, alignment, &block);
    return block;
}

void *pool_alloc(Pool *pool, size_t size) {
    return pool_alloc_aligned(pool, size, POOL_ALIGNMENT);
}

CorralStatus pool_acquire_zeroed(Pool *pool, size_t size, size_t alignment, void **block) {
    bool zeroed;
    CorralStatus status = acquire(pool, size, alignment, block, &zeroed);
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

char *pool_strdup(Pool *pool, const char *text) {
    if (text == NULL) {
        return NULL;
    }
    size_t bytes = strlen(text) + 1;
    char *copy = pool_alloc(pool, bytes);
    return copy != NULL ? memcpy(copy, text, bytes) : NULL;
}

/* --- free --------------------------------------------------------------------------------------------------------- */

CorralStatus pool_free(Pool *pool, void *block) {
    if (!pool_is_valid(pool)) {
        return CORRAL_INVALID_POOL;
    }
    if (block == NULL) {
        return CORRAL_OK;
    }
    os_lock_take(&pool->lock);
    BlockRef found = pool_block_find(pool, block);
    size_t usable = usable_of(&found);
    if (found.status == CORRAL_OK) {
        note_free(pool, usable);
        pool_block_give(pool, &found);
    } else {
        pool->stats.refused_frees++;
    }
    os_lock_release(&pool->lock);
    if (found.status != CORRAL_OK) {
        report(pool, "free", found.reason, block, usable);
    }
    return found.status;
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
    if (shape.usable > span->slot_bytes && !within_limit(pool, shape.usable - span->slot_bytes)) {
        return RESIZE_REFUSED;
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
