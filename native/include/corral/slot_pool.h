/* SPDX-License-Identifier: Apache-2.0
 * slot_pool.h - many small values behind handles that are checked at every use.
 * Layer: structures. May include: arena.h, mempool.h, status.h.
 *
 * A value is any number of bytes up to SLOT_VALUE_MAX. One of up to SLOT_INLINE_MAX bytes lies in its slot and costs no
 * allocation; a larger one lies in a chunk of memory that its region's arena hands out from blocks of 64 KiB. Removing
 * a value frees its slot. A large value's chunk stays with the slot on a free list for its size, from which the next
 * large value of the same size class takes both.
 *
 * Waste: a chunk has at most max(15, size / 8) bytes more than its value. Free chunks are not merged with their
 * neighbours and serve their own size class only, so a region holds what its largest use of each size class took, until
 * it is destroyed.
 *
 * Threads: a slot pool and all its regions have one owner thread, as an arena has (arena.h).
 * Errors:  a function that returns a handle, a region or a pointer returns 0 or NULL on failure, changes nothing then,
 *          and slot_pool_last_status() says why. Every function refuses NULL, a destroyed slot pool and what never was
 *          one with CORRAL_INVALID_ARENA, as long as the Pool below it lives.
 * Memory:  slots lie in books of the pool, which no view can reach: 24 bytes each, in blocks of 64 KiB. They count as
 *          PoolStats.metadata, not against a limit of the pool. Chunks count as those of any arena.
 * Handles are valid in the slot pool that gave them; another one may take them for its own. */
#ifndef CORRAL_SLOT_POOL_H
#define CORRAL_SLOT_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "corral/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SLOT_INLINE_MAX ((size_t)16)           /* bytes of the largest value in a slot */
#define SLOT_VALUE_MAX ARENA_SIZE_LIMIT        /* bytes of the largest value */
#define SLOT_POOL_BLOCKS_MAX ((size_t)1 << 20) /* blocks of 64 KiB with 2,728 slots each */
#define SLOT_REGIONS_MAX ((size_t)1 << 20)     /* regions at the same time */

typedef struct SlotPool SlotPool;

/* Names a value: generation (32 bits) | block (20) | slot in the block (12). 0 names none. A slot's generation rises
 * when its value is removed, and a slot whose generation cannot rise is not used again: a handle that was removed is
 * refused for ever. Only bits that nobody has given out can name a value by chance. */
typedef uint64_t SlotHandle;

/* Values that are destroyed together. 0 is the slot pool's own region, which lives as long as the slot pool. */
typedef uint64_t SlotRegion;

/* Start from slot_pool_config_default(). */
typedef struct SlotPoolConfig {
    const char *name; /* of its arenas, in statistics; copied, cut to ARENA_NAME_MAX bytes */

    /* The slot pool ends with this arena (its reset, clear or destroy); its chunks count against the limits of this one
     * and those above. NULL: with its pool, or by slot_pool_destroy(). */
    Arena *parent;
    size_t limit; /* bytes of blocks, from which chunks are cut, of all its regions together. A region's first block has
                   * 64 KiB, or what a limit leaves. SIZE_MAX: no limit */
    CorralStatus *status; /* receives why slot_pool_create_with() returned NULL, or CORRAL_OK; NULL: not wanted */
} SlotPoolConfig;

/* All sums over the slot pool now, unless the name says otherwise. Invariant: live = inline_live + large_live. */
typedef struct SlotPoolStats {
    uint64_t live;        /* values */
    uint64_t peak;        /* the most that were live at the same time */
    uint64_t inline_live; /* values in their slots */
    uint64_t large_live;  /* values in chunks */
    uint64_t large_bytes; /* sum of the sizes of large values */
    uint64_t chunk_bytes; /* sum of the capacities of their chunks: at least large_bytes */
    uint64_t free_bytes;  /* sum of the capacities of free chunks */
    uint64_t large_puts;  /* chunks asked for since creation, by puts and updates */
    uint64_t reused;      /* of large_puts: served from a free list. reused / large_puts is the reuse rate */
    uint64_t arena_bytes; /* capacity of the blocks that chunks are cut from */
    uint64_t slot_blocks; /* blocks of 64 KiB with slots, free ones included */
    uint64_t free_blocks; /* of slot_blocks: in no region */
    uint64_t regions;     /* besides the slot pool's own */
} SlotPoolStats;

/* --- life --------------------------------------------------------------------------------------------------------- */

/* Name "slots", no parent, no limit. */
SlotPoolConfig slot_pool_config_default(void);

/* Creates a slot pool in `pool`; with `parent` the pool may be NULL and else must be the parent's. NULL config: the
 * default.
 * Owner: the caller, until slot_pool_destroy() or the end of the parent or the pool. Returns NULL for no memory, a
 *        limit without room, an invalid pool or parent. Cost: O(1); no slot is made before the first put. */
SlotPool *slot_pool_create_with(Pool *pool, const SlotPoolConfig *config);

/* The same with the default configuration. */
SlotPool *slot_pool_create(Pool *pool);

/* Destroys all regions and gives all memory back to the pool. CORRAL_OK, CORRAL_DAMAGED (a parent in debug mode: done,
 * but damage was found), CORRAL_INVALID_ARENA. Cost: O(blocks). */
CorralStatus slot_pool_destroy(SlotPool *slots);

/* Why the last call that failed on this slot pool failed; CORRAL_OK when none has. */
CorralStatus slot_pool_last_status(const SlotPool *slots);

/* Fills `stats`, which is zeroed when that fails. Cost: O(regions). */
CorralStatus slot_pool_stats(const SlotPool *slots, SlotPoolStats *stats);

/* Verifies every invariant: CORRAL_OK, CORRAL_CORRUPTED or CORRAL_INVALID_ARENA. Cost: O(slots). */
CorralStatus slot_pool_check(const SlotPool *slots);

/* --- regions ------------------------------------------------------------------------------------------------------ */

/* A new region. 0: CORRAL_NO_MEMORY or CORRAL_LIMIT_REACHED (SLOT_REGIONS_MAX). Cost: O(1). */
SlotRegion slot_region_create(SlotPool *slots);

/* Removes all values of a region at once, and the region. Its slots serve other regions from then on, its chunks go
 * back to the pool. Handles of its values and the region itself are refused with CORRAL_STALE_HANDLE from then on.
 * CORRAL_INVALID_ARGUMENT for 0. CORRAL_DAMAGED: done, but the arena is in debug mode and found damage.
 * Cost: O(blocks of 64 KiB), whatever the number of values. */
CorralStatus slot_region_destroy(SlotPool *slots, SlotRegion region);

/* --- values ------------------------------------------------------------------------------------------------------- */

/* Copies `size` bytes in as a new value of `region`. 0: CORRAL_STALE_HANDLE (no such region), CORRAL_SIZE_LIMIT,
 * CORRAL_INVALID_ARGUMENT (NULL bytes with a size), CORRAL_LIMIT_REACHED, CORRAL_NO_MEMORY. Cost: O(size); the pool is
 * asked when a block is full. */
SlotHandle slot_put(SlotPool *slots, SlotRegion region, const void *bytes, size_t size);

/* As slot_put() of a text without its NUL; NULL text is CORRAL_INVALID_ARGUMENT. */
SlotHandle slot_put_utf8(SlotPool *slots, SlotRegion region, const char *text);

/* Replaces a value, whatever its size was; the handle stays. `bytes` may lie in the old value. A value of
 * more than SLOT_INLINE_MAX bytes keeps its chunk while the size class is the same. On failure the old value stays:
 * CORRAL_STALE_HANDLE, CORRAL_SIZE_LIMIT, CORRAL_INVALID_ARGUMENT, CORRAL_LIMIT_REACHED, CORRAL_NO_MEMORY (also when a
 * value gets smaller: the free chunk needs a slot to be remembered by). Cost: O(size). */
CorralStatus slot_set(SlotPool *slots, SlotHandle handle, const void *bytes, size_t size);

/* The value's bytes, at a multiple of 8, and their number (NULL size: not wanted). Valid until the value is replaced or
 * removed. NULL: CORRAL_STALE_HANDLE. The bytes of a value of size 0 may not be read. Cost: O(1). */
const void *slot_bytes(SlotPool *slots, SlotHandle handle, size_t *size);

/* Copies a value of exactly `size` bytes out. CORRAL_OK, CORRAL_STALE_HANDLE, or CORRAL_INVALID_ARGUMENT when it has
 * another size or `into` is NULL. Cost: O(size). */
CorralStatus slot_read(SlotPool *slots, SlotHandle handle, void *into, size_t size);

/* Removes a value. CORRAL_OK or CORRAL_STALE_HANDLE. Cost: O(1). */
CorralStatus slot_remove(SlotPool *slots, SlotHandle handle);

/* The handle of the next value in the order of slots, which is that of the handles' lower halves, behind the
 * place that `after` names, whether its value is there or not; 0: from the start. Returns 0 at the end. Values that are
 * put or removed between two calls are met or not. Cost: O(slots passed over). */
SlotHandle slot_next(SlotPool *slots, SlotHandle after);

/* The same among the values of one region. Cost: O(slots passed over, and blocks of other regions). */
SlotHandle slot_next_in(SlotPool *slots, SlotRegion region, SlotHandle after);

/* --- typed values ------------------------------------------------------------------------------------------------- */

/* As slot_put() of up to SLOT_INLINE_MAX bytes that are given as they lie in memory. Cost: O(1), no copy loop. */
SlotHandle slot_put_words(SlotPool *slots, SlotRegion region, const uint64_t words[2], size_t size);

/* slot_put_int(slots, region, value), slot_get_int(slots, handle, &value), slot_set_int(slots, handle, value) and so
 * on, as the functions above for a value of the type's size. Types are not stored: a float can be read as an int. */
#define SLOT_TYPED(name, type)                                                                    \
    static inline SlotHandle slot_put_##name(SlotPool *slots, SlotRegion region, type value) {    \
        uint64_t word = 0;                                                                        \
        memcpy(&word, &value, sizeof value);                                                      \
        uint64_t words[2] = {word, 0}; /* stored as it is read: in whole words */                 \
        return slot_put_words(slots, region, words, sizeof value);                                \
    }                                                                                             \
    static inline CorralStatus slot_get_##name(SlotPool *slots, SlotHandle handle, type *value) { \
        return slot_read(slots, handle, value, sizeof *value);                                    \
    }                                                                                             \
    static inline CorralStatus slot_set_##name(SlotPool *slots, SlotHandle handle, type value) {  \
        return slot_set(slots, handle, &value, sizeof value);                                     \
    }

SLOT_TYPED(byte, int8_t)
SLOT_TYPED(short, int16_t)
SLOT_TYPED(int, int32_t)
SLOT_TYPED(long, int64_t)
SLOT_TYPED(float, float)
SLOT_TYPED(double, double)

#ifdef __cplusplus
}
#endif

#endif
