/* SPDX-License-Identifier: Apache-2.0
 * slot_layout.h - the layout of slots that C and Java share; dev.corral.internal.SlotLayout repeats it, and
 * jni/slot_layout_check.c compares the two. All of it is books of the pool, which no view of a block can reach.
 * Layer: structures (private to the library). May include: nothing of ours.
 * Threads: the slot pool's owner, from C and from Java; nothing here is atomic. */
#ifndef CORRAL_SLOT_LAYOUT_H
#define CORRAL_SLOT_LAYOUT_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* What a slot holds, in the lower half of its state; the upper half is its generation. */
enum {
    SLOT_UNUSED = 0,  /* was never on a free list since its block joined its region */
    SLOT_EMPTY = 1,   /* a value of 0 bytes; of n bytes in the slot: SLOT_EMPTY + n */
    SLOT_LARGE = 18,  /* a value in a chunk */
    SLOT_FREE = 19,   /* on its region's free list */
    SLOT_CHUNK = 20,  /* free, and on the list of its chunk's size class */
    SLOT_RETIRED = 21 /* its generation cannot rise: never used again */
};

/* A value lives when SLOT_EMPTY <= tag <= SLOT_LARGE and its handle has the generation of the state.
 * Places of slots are stored + 1, so that 0 says none. */
typedef struct Slot {
    union {
        unsigned char bytes[16];
        uint64_t words[2];
        struct {
            uint64_t address;    /* of the chunk */
            uint32_t size;       /* SLOT_LARGE: bytes of the value. SLOT_CHUNK: place of the next one */
            uint32_t size_class; /* of the chunk */
        } chunk;
        uint32_t next; /* SLOT_FREE: place of the next one */
    } as;
    uint64_t state; /* generation << 32 | tag */
} Slot;

#define SLOTS_PER_BLOCK UINT32_C(2728)

/* Invariant: slots from `carved` on were never used since the block joined its region: no handle names them;
 *            every slot before that has a generation of 1 .. newest; a live or free one of at least 1 */
typedef struct SlotBlock {
    uint32_t region; /* entry of the region that owns it; 0: none */
    uint32_t carved; /* slots that were put on the free list once */
    uint32_t first;  /* generation that slots get when they are carved */
    uint32_t newest; /* the highest generation that any slot has had */
    uint32_t next;   /* number + 1 of the next block of the region, or of those in no region */
    uint32_t number;
    uint64_t unused[5];
    Slot slots[SLOTS_PER_BLOCK];
} SlotBlock;

#define SLOT_BLOCK_BYTES ((size_t)64 << 10)
#define SLOT_BLOCK_HEADER ((size_t)64)

static_assert(sizeof(Slot) == 24, "layout: a slot");
static_assert(offsetof(Slot, state) == 16, "layout: state");
static_assert(offsetof(SlotBlock, region) == 0, "layout: region");
static_assert(offsetof(SlotBlock, carved) == 4, "layout: carved");
static_assert(offsetof(SlotBlock, newest) == 12, "layout: newest");
static_assert(offsetof(SlotBlock, slots) == SLOT_BLOCK_HEADER, "layout: slots");
static_assert(sizeof(SlotBlock) <= SLOT_BLOCK_BYTES && sizeof(SlotBlock) + sizeof(Slot) > SLOT_BLOCK_BYTES,
              "a block is full of slots");

#define SLOT_BLOCK_SHIFT 12
#define SLOT_BLOCK_MASK UINT32_C(0xFFFFF)
#define SLOT_INDEX_MASK UINT32_C(0xFFF)
#define SLOT_GENERATION_SHIFT 32
#define SLOT_GENERATION_MAX UINT32_MAX

static_assert(SLOTS_PER_BLOCK <= SLOT_INDEX_MASK, "a place + 1 fits in 32 bits");

/* A region. Java reads and writes what lies before `generation`. Sums are of this region. */
typedef struct SlotRegionEntry {
    uint32_t free; /* place of the first free slot */
    uint32_t reserved;
    uint64_t live;       /* values */
    uint32_t generation; /* of the region's own handle: odd while it lives */
    uint32_t blocks;     /* number + 1 of the block that slots are carved from, then the others */
    uint32_t next;       /* entry of the next free region; 0: none */
    uint32_t number;     /* of this entry */
    struct Arena *arena; /* of the chunks; NULL: no large value yet */
    uint32_t *bins;      /* place of the first free chunk of each size class; NULL with the arena */
    uint64_t large_live;
    uint64_t large_bytes;
    uint64_t chunk_bytes;
    uint64_t free_bytes;
    uint64_t unused[6];
} SlotRegionEntry;

/* Entry 0 of the first page: sums over all regions. */
typedef struct SlotTotals {
    uint64_t live;
    uint64_t peak; /* without what `live` says now: brought up to date before `live` falls */
    uint64_t large_puts;
    uint64_t reused;
    uint64_t unused[12];
} SlotTotals;

/* Entries lie in pages of books, as Java maps them. Entry 0 is the totals, entry 1 the slot pool's own region. */
#define SLOT_ENTRY_BYTES ((size_t)128)
#define SLOT_PAGE_BYTES ((size_t)4 << 10)
#define SLOT_PAGE_ENTRIES ((uint32_t)(SLOT_PAGE_BYTES / SLOT_ENTRY_BYTES))
#define SLOT_OWN_REGION UINT32_C(1)

static_assert(sizeof(SlotRegionEntry) == SLOT_ENTRY_BYTES && sizeof(SlotTotals) == SLOT_ENTRY_BYTES,
              "layout: entries of one size");
static_assert(offsetof(SlotRegionEntry, free) == 0, "layout: free");
static_assert(offsetof(SlotRegionEntry, live) == 8, "layout: live");
static_assert(offsetof(SlotRegionEntry, generation) == 16, "layout: generation of a region");
static_assert(offsetof(SlotTotals, live) == 0 && offsetof(SlotTotals, peak) == 8, "layout: totals");

#endif
