/* SPDX-License-Identifier: Apache-2.0
 * mempool_parts.h - the pool's inner structures, and what its source files offer to each other.
 * Layer: mempool (private to it). May include: pages/, base/.
 * Threads: everything here is read and written under Pool.lock, unless it says otherwise. What pool_alloc() and
 *          pool_free() do without the lock is in mempool_cache.h. */
#ifndef CORRAL_MEMPOOL_PARTS_H
#define CORRAL_MEMPOOL_PARTS_H

#include <assert.h>
#include <stdatomic.h>

#include "corral/mempool.h"
#include "mempool_meta.h"
#include "mempool_span.h"
#include "os_lock.h"

#define POOL_MARKER ((uint32_t)0xC0441A01)        /* a pool */
#define POOL_ZOMBIE_MARKER ((uint32_t)0xC0441ADD) /* a destroyed pool that still has pinned regions */

#define BIN_COUNT 42 /* lists of regions by their longest free row, see mempool_regions.c */

typedef struct SpanMap SpanMap;
typedef struct PoolDebug PoolDebug;

/* What a caller asks for. */
typedef struct Request {
    size_t size;
    size_t alignment;
    uint8_t state;   /* SLOT_LIVE or SLOT_CHUNK */
    const char *tag; /* who asks, for debug mode; NULL: not said */
} Request;

/* --- structures --------------------------------------------------------------------------------------------------- */

/* Blocks that pool_hold() holds, see mempool_quarantine.c. Invariant: 2 * count <= room, a power of two or 0. */
typedef struct Held {
    uintptr_t *entries;
    size_t room;
    size_t count;
} Held;

/* In the first metadata region, behind its header. What has no lock in its comment is written once, at creation.
 * Invariants:  sum of the regions' bytes + stats.metadata = stats.reserved
 *              sum of slot_bytes over all live slots = stats.in_use + in_use of all caches <= limit
 *              kept = bytes of the regions that are kept; of those without pins <= retain (between two calls) */
struct Pool {
    _Atomic uint32_t marker; /* relaxed: it orders nothing; entry points read it before they take the lock */
    uint32_t region_granules;
    size_t region_size;
    size_t limit;
    size_t retain;
    uint64_t decay_ms;
    bool cached;          /* threads may have caches */
    bool quarantine;      /* blocks may be held */
    bool every_call_asks; /* but may not use them without asking first: for the limit, or for exact_frees */
    PageSource source;    /* of the regions */
    PageSource books;     /* of the metadata: the same, unless others can write to its memory */
    char name[POOL_NAME_MAX + 1];
    void (*report)(void *context, const char *message);
    void *report_context;
    uint64_t (*clock)(void); /* milliseconds */

    _Atomic size_t charged; /* with a limit: bytes of live blocks. Changed by all threads, before the block and after */

    OsLock extension_lock;
    void *extension;                                          /* under extension_lock */
    CorralStatus (*at_end)(Pool *pool, bool leaves_contents); /* likewise */

    Link attachments; /* threads that have a cache; under the lock of mempool_threads.c */

    OsLock lock;
    PoolStats stats;    /* all but free_bytes, which follows from the others; without what the caches count */
    size_t holds;       /* pins of the books themselves */
    size_t books_bytes; /* of pool_books_take(), rounded */
    size_t kept;
    size_t lost; /* bytes that the source refused to take back */
    Meta meta;
    RegionTable table;
    SpanMap *map;
    Cache *caches;        /* all of them, idle ones too */
    uint64_t flush_epoch; /* a cache that has not seen the latest one gives its blocks back when it is used next */
    uint64_t epoch_at;    /* when that became what it is, in milliseconds of Pool.clock() */
    uint64_t swept_at;    /* when idle memory was last looked for */
    Held held;
    PoolDebug *debug;   /* NULL: not in debug mode. Written once, at creation; what it points to is under the lock */
    const void *spoilt; /* the block that was found in two bins last, see mempool_cache.c */
    Link regions;
    Link free_dedicated;
    uint64_t bins_filled; /* bit b: bins[b] is not empty */
    Link bins[BIN_COUNT];
    SizeClass classes[CLASSES];
};
static_assert(sizeof(Pool) + META_UNIT <= META_FIRST_BYTES / 2, "the pool and its first table fit the first region");
static_assert(BIN_COUNT <= WORD_BITS, "one word tells which bins are filled");

/* What a request becomes. */
typedef struct Shape {
    size_t usable;    /* bytes that the block will own */
    size_t bytes;     /* dedicated: of the region */
    size_t alignment; /* dedicated: of the region's base */
    uint32_t class_index;
    uint32_t slots;
    uint32_t granules;
    bool dedicated;
} Shape;

/* Where an address lies. status: CORRAL_OK for the start of a live block, else why not; span: NULL when in none. */
typedef struct BlockRef {
    Span *span;
    uint32_t slot;
    uint8_t state;
    CorralStatus status;
    const char *reason; /* for a report */
} BlockRef;

/* --- mempool_regions.c -------------------------------------------------------------------------------------------- */

void pool_regions_init(Pool *pool);
size_t pool_region_meta_bytes(uint32_t granules);
size_t pool_table_meta_bytes(size_t buckets);
Region *pool_region_find(const Pool *pool, const void *address); /* by key: may end before `address`; NULL: none */

/* A region with a free row for the shape: one that is there, or a new one. `meta_bytes` of metadata can be taken
 * afterwards. NULL, and nothing changed, when there is no memory. */
Region *pool_region_for(Pool *pool, const Shape *shape, size_t meta_bytes);

bool pool_region_suits(const Region *region, size_t bytes); /* dedicated: large enough, at most a quarter too large */
/* Hands a free row of span->granules to the span, and takes it back. With its last row the region may go. */
void pool_region_take_row(Pool *pool, Region *region, Span *span);
void pool_region_give_row(Pool *pool, const Span *span);

/* Gives back a region that is kept: discards it when it is pinned, else drops it. Returns the bytes given back. */
size_t pool_region_give_back(Pool *pool, Region *region);
void pool_region_drop(Pool *pool, Region *region); /* releases the pages and forgets the region, whatever it holds */

/* --- mempool_spans.c ---------------------------------------------------------------------------------------------- */

void pool_classes_init(Pool *pool);

/* Smallest class that holds `size` bytes (1 to POOL_SMALL_MAX), and the size of its slots. */
uint32_t pool_class_of(size_t size);
size_t pool_class_bytes(uint32_t class_index);

/* alignment: a power of two from POOL_ALIGNMENT to POOL_ALIGNMENT_MAX; size: at most PTRDIFF_MAX. */
Shape pool_shape_of(const Pool *pool, size_t size, size_t alignment);

/* One live block of the shape; NULL, and nothing changed, when there is no memory. *zeroed: all of its bytes are zero.
 * The cache (NULL: none) is the one that the caller's thread uses. */
void *pool_block_take(Pool *pool, Cache *cache, const Shape *shape, uint8_t state, bool *zeroed);
void pool_block_give(Pool *pool, const BlockRef *block);
BlockRef pool_slot_find(const Pool *pool, const void *address); /* a slot of a span, whatever its state */
BlockRef pool_block_find(const Pool *pool, const void *address);
/* The same; a chunk of the layer above where a block is wanted, or the other way round, is CORRAL_FOREIGN_POINTER. */
BlockRef pool_block_find_as(const Pool *pool, const void *address, uint8_t state);

/* One more slot of the span, which has room; and back, whatever its state. */
uint32_t pool_slot_take(Span *span);

/* Up to `wanted` (> 0) slots at once of the span, which has room: a set bit for each, which stands for slot `*first` +
 * its number. At least one; fewer than wanted when they do not lie in one word of the bitmap. */
uint64_t pool_slots_take(Span *span, uint32_t wanted, uint32_t *first);
void pool_slot_give(Pool *pool, Span *span, uint32_t slot);

/* True when the span can hold a block of the shape where the one of now is. Only runs are resized: slots are not. */
bool pool_span_fits(const Span *span, const Shape *shape);
void pool_span_resize(Span *span, size_t usable);

/* --- mempool_quarantine.c ----------------------------------------------------------------------------------------- */

/* Of a pool with a quarantine, before a free; without the lock. Whether the block stays, because it is held; then the
 * result is that of the free: CORRAL_OK or CORRAL_DOUBLE_FREE. */
CorralStatus pool_quarantine_free(Pool *pool, const void *block, uint8_t state, bool *stays);
bool pool_quarantine_has(const Pool *pool, const void *block); /* freed, but held; under the lock */

/* --- mempool_check.c: true when the invariants above hold --------------------------------------------------------- */

bool pool_span_is_sound(const Pool *pool, const Span *span);
bool pool_region_is_sound(const Pool *pool, const Region *region);
uint32_t pool_bin_of(uint32_t longest_free); /* mempool_regions.c */
uint32_t pool_longest_free(const Region *region);

#endif
