/* SPDX-License-Identifier: Apache-2.0
 * mempool_parts.h - the pool's inner structures, and what its source files offer to each other.
 * Layer: mempool (private to it). May include: pages/, base/.
 * Threads: everything here is read and written under Pool.lock, unless it says otherwise.
 *
 *   page source -> Region (region_size, 1 MiB) -> granules (64 KiB) -> Span -> slots = blocks
 *
 * A span is one row of granules with slots of one size: many slots of a size class, or a single one (a run). A block
 * above half a region has a dedicated region: one granule of its own size, with one run in it.
 *
 * Nothing here lies in memory that is handed out or that waits to be: a stale pointer may write there at any time. */
#ifndef CORRAL_MEMPOOL_PARTS_H
#define CORRAL_MEMPOOL_PARTS_H

#include <assert.h>
#include <stdatomic.h>

#include "corral/mempool.h"
#include "mempool_lists.h"
#include "mempool_meta.h"
#include "os_lock.h"

#define POOL_MARKER ((uint32_t)0xC0441A01)        /* a pool */
#define POOL_ZOMBIE_MARKER ((uint32_t)0xC0441ADD) /* a destroyed pool that still has pinned regions */

#define CLASS_COUNT 72             /* size classes up to POOL_SMALL_MAX */
#define CLASS_NONE CLASS_COUNT     /* class of a run */
#define RUN_UNIT ((size_t)4 << 10) /* usable sizes of runs are multiples of it */
#define BIN_COUNT 42               /* lists of regions by their longest free row, see mempool_regions.c */

typedef struct Region Region;
typedef struct Span Span;

/* --- structures --------------------------------------------------------------------------------------------------- */

/* A row of granules with slots of one size. It goes with its last live block.
 * Invariants:  0 < used = set bits of used_bits <= slots;   slots * slot_bytes <= bytes of the granules
 *              words of used_bits before first_word are all ones
 *              class:  in classes[class_index].with_room == (used < slots)
 *              run:    class_index = CLASS_NONE, slots = 1, slot_bytes = usable size of the block, in no list */
struct Span {
    Link room;
    Region *region;
    size_t slot_bytes;
    uint32_t slots;
    uint32_t used;
    uint32_t first_granule;
    uint32_t granules;
    uint32_t class_index;
    uint32_t first_word; /* where the search for a free slot starts */
    uint64_t used_bits[];
};
static_assert(offsetof(Span, used_bits) + sizeof(uint64_t) <= META_UNIT, "a run's span is one unit of metadata");

/* Pages of the source, cut into granules; each granule is free or belongs to one span.
 * Invariants:  free_granules = set bits of free_bits;  bit g is set == (spans[g] == NULL)
 *              longest_free = length of the longest row of set bits
 *              base is a multiple of the pool's region_size, so that no two regions share a key of the table
 *              shared:    bytes = region_size = granules * POOL_GRANULE; in bins[] by longest_free while it is > 0
 *              dedicated: granules = 1 (the whole region); in free_dedicated while it is free
 *              discarded: wholly free, pinned, not fresh (a stale view may write to it) */
struct Region {
    Link all; /* in Pool.regions */
    Link bin;
    Region *table_next;
    unsigned char *base;
    size_t bytes;
    size_t pins;
    uint32_t granules;
    uint32_t free_granules;
    uint32_t longest_free;
    bool dedicated;
    bool fresh;          /* never handed out: still zero, as the source gave it */
    bool discarded;      /* its physical memory went back to the source, its addresses did not */
    uint64_t *free_bits; /* behind spans[] */
    Span *spans[];
};

/* Chained hash table of the regions, by base. Invariant: entries <= buckets, a power of two. */
typedef struct RegionTable {
    Region **heads;
    size_t buckets;
    size_t entries;
} RegionTable;

/* How the spans of one class are cut. Invariant: slots * slot_bytes <= granules * POOL_GRANULE. */
typedef struct SizeClass {
    Link with_room; /* spans that have a free slot; the first one serves the next request */
    uint32_t slot_bytes;
    uint32_t slots;
    uint32_t granules;
} SizeClass;

/* In the first metadata region, behind its header. What has no lock in its comment is written once, at creation.
 * Invariants:  sum of the regions' bytes + stats.metadata = stats.reserved
 *              sum of used * slot_bytes over all spans = stats.in_use <= limit
 *              kept = bytes of the regions that are kept; of those without pins <= retain (between two calls) */
struct Pool {
    _Atomic uint32_t marker; /* relaxed: it orders nothing; entry points read it before they take the lock */
    uint32_t region_granules;
    size_t region_size;
    size_t limit;
    size_t retain;
    PageSource source; /* of the regions */
    PageSource books;  /* of the metadata: the same, unless others can write to its memory */
    char name[POOL_NAME_MAX + 1];
    void (*report)(void *context, const char *message);
    void *report_context;

    OsLock extension_lock;
    void *extension;                                          /* under extension_lock */
    CorralStatus (*at_end)(Pool *pool, bool leaves_contents); /* likewise */

    OsLock lock;
    PoolStats stats;    /* all but free_bytes, which follows from the others */
    size_t holds;       /* pins of the books themselves */
    size_t books_bytes; /* of pool_books_take(), rounded */
    size_t kept;
    size_t lost; /* bytes that the source refused to take back */
    Meta meta;
    RegionTable table;
    Link regions;
    Link free_dedicated;
    uint64_t bins_filled; /* bit b: bins[b] is not empty */
    Link bins[BIN_COUNT];
    SizeClass classes[CLASS_COUNT];
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

static inline bool region_is_free(const Region *region) {
    return region->free_granules == region->granules;
}
static inline bool region_is_kept(const Region *region) {
    return region_is_free(region) && !region->discarded;
}

/* --- mempool_spans.c ---------------------------------------------------------------------------------------------- */

void pool_classes_init(Pool *pool);

/* Smallest class that holds `size` bytes (1 to POOL_SMALL_MAX), and the size of its slots. */
uint32_t pool_class_of(size_t size);
size_t pool_class_bytes(uint32_t class_index);

/* alignment: a power of two from POOL_ALIGNMENT to POOL_ALIGNMENT_MAX; size: at most PTRDIFF_MAX. */
Shape pool_shape_of(const Pool *pool, size_t size, size_t alignment);

/* One block of the shape; NULL, and nothing changed, when there is no memory. *zeroed: all of its bytes are zero. */
void *pool_block_take(Pool *pool, const Shape *shape, bool *zeroed);
void pool_block_give(Pool *pool, const BlockRef *block);
BlockRef pool_block_find(const Pool *pool, const void *address);

/* True when the span can hold a block of the shape where the one of now is. Only runs are resized: slots are not. */
bool pool_span_fits(const Span *span, const Shape *shape);
void pool_span_resize(Span *span, size_t usable);

static inline size_t span_meta_bytes(size_t slots) {
    return offsetof(Span, used_bits) + bitmap_words(slots) * sizeof(uint64_t);
}

/* Bytes of one granule: of the whole region, when it is dedicated. */
static inline size_t granule_bytes(const Region *region) {
    return region->dedicated ? region->bytes : POOL_GRANULE;
}

static inline unsigned char *span_start(const Span *span) {
    return span->region->base + span->first_granule * granule_bytes(span->region);
}

/* --- mempool_check.c: true when the invariants above hold --------------------------------------------------------- */

bool pool_span_is_sound(const Pool *pool, const Span *span);
bool pool_region_is_sound(const Pool *pool, const Region *region);
uint32_t pool_bin_of(uint32_t longest_free); /* mempool_regions.c */
uint32_t pool_longest_free(const Region *region);

#endif
