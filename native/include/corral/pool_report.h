/* SPDX-License-Identifier: Apache-2.0
 * pool_report.h - what a pool holds, by size of block. Include mempool.h.
 * Layer: mempool. May include: mempool.h.
 * Threads: any; one consistent picture, taken under the pool's lock, except that other threads may be allocating from
 *          caches of their own. */
#ifndef CORRAL_POOL_REPORT_H
#define CORRAL_POOL_REPORT_H

#include <stdio.h>

#include "corral/mempool.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The blocks of one size, or all those that are too large for a size in common.
 * Invariants: summed over all rows, live = PoolStats.live_blocks and in_use = PoolStats.in_use;
 *             in_use <= held, and for one size in_use = live * block_bytes. */
typedef struct PoolClassStats {
    uint64_t block_bytes; /* usable bytes of each; 0: larger blocks of any size */
    uint64_t live;        /* count of blocks handed out */
    uint64_t free;        /* count of blocks that can be handed out without more memory for this size */
    uint64_t in_use;      /* usable bytes of the live ones */
    uint64_t held;        /* bytes that are set aside for blocks of this size, live or not */
} PoolClassStats;

#define POOL_CLASSES_MAX 80 /* rows that hold every size of block */

/* Fills at most `room` rows, from small to large, for the sizes that hold memory; larger blocks come last. Returns how
 * many rows there are; 0 for what is no pool. NULL rows: none is filled. Cost: O(blocks). */
size_t pool_class_stats(Pool *pool, PoolClassStats *rows, size_t room);

/* Prints the statistics as a table of at most 80 columns: the numbers, then a row per size of block. CORRAL_OK,
 * CORRAL_INVALID_POOL or CORRAL_INVALID_ARGUMENT (NULL out). Cost: O(blocks). */
CorralStatus pool_stats_print(Pool *pool, FILE *out);

#define POOL_TABLE_MAX 8192 /* bytes that hold any table with its NUL */

/* The same table in memory: writes at most `room` - 1 bytes of it and a NUL; NULL text: none. Returns the length of the
 * whole table in bytes without the NUL; 0 for what is no pool. */
size_t pool_stats_text(Pool *pool, char *text, size_t room);

#ifdef __cplusplus
}
#endif

#endif
