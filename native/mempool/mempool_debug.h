/* SPDX-License-Identifier: Apache-2.0
 * mempool_debug.h - debug mode: a record per block, guards behind it, and a quarantine for what was freed.
 * Layer: mempool (private to it). May include: pages/, base/. Threads: under Pool.lock, unless it says otherwise. */
#ifndef CORRAL_MEMPOOL_DEBUG_H
#define CORRAL_MEMPOOL_DEBUG_H

#include "corral/pool_debug.h"
#include "mempool_parts.h"

#define DEBUG_LINE_BYTES 480
#define DEBUG_LINES 8 /* findings of one call that are told; the rest are counted */

/* A block that is live or in quarantine. */
typedef struct PoolRecord {
    struct PoolRecord *next;  /* in its bucket */
    struct PoolRecord *newer; /* in the quarantine */
    unsigned char *block;
    size_t size;   /* bytes asked for */
    size_t usable; /* bytes of its slot: those behind `size` are guards */
    bool is_chunk; /* of an arena: the layer above knows what is left */
    bool quarantined;
    bool told; /* about its damage, or as a leak */
    char allocated[POOL_TAG_MAX + 1];
    char freed[POOL_TAG_MAX + 1];
} PoolRecord;
static_assert(sizeof(PoolRecord) <= 192, "as pool_debug.h says");

/* Invariants: records = live blocks + quarantined blocks;  quarantined_bytes = sum of their usable bytes <= quarantine
 *             (between two calls);  a live block's guards hold POOL_BYTE_GUARD, a quarantined one POOL_BYTE_FREE,
 *             unless someone wrote where he should not. */
struct PoolDebug {
    PoolRecord **heads; /* hash table by address */
    size_t buckets;
    size_t records;
    size_t quarantined;
    size_t quarantined_bytes;
    size_t quarantine;  /* as configured */
    PoolRecord *oldest; /* of the quarantine */
    PoolRecord *newest;
    PoolRecord *spare; /* made sure of before a block is taken */
};

/* What a call has found, to be told when the lock is free. */
typedef struct DebugFindings {
    size_t count;
    char lines[DEBUG_LINES][DEBUG_LINE_BYTES];
} DebugFindings;

void pool_debug_init(Pool *pool, size_t quarantine);

bool pool_debug_ready(Pool *pool); /* memory for one more record; false: there is none */
void pool_debug_note(Pool *pool, void *block, const Request *request, size_t usable); /* after that */
size_t pool_debug_size(const Pool *pool, const void *block); /* as asked for; of a live block */

/* Really frees the oldest blocks in quarantine until at most so many bytes are left. False: there was none to free. */
bool pool_debug_drain(Pool *pool, size_t keep_bytes, DebugFindings *findings);

size_t pool_debug_meta_bytes(const Pool *pool);
bool pool_debug_agrees(const Pool *pool, uint64_t live, uint64_t quarantined); /* true outside debug mode */

/* --- without the lock --- */

CorralStatus pool_debug_free(Pool *pool, void *block, uint8_t state, const char *tag);
bool pool_debug_look(Pool *pool);        /* at all blocks, and tells; false: something is damaged */
CorralStatus pool_debug_end(Pool *pool); /* looks at all blocks and tells what was not freed; OK or DAMAGED */
void pool_debug_tell(const Pool *pool, const DebugFindings *findings);

/* mempool_slow.c */
void pool_report_refusal(const Pool *pool, const char *action, const char *reason, const void *address, size_t usable);

#endif
