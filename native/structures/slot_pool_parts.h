/* SPDX-License-Identifier: Apache-2.0
 * slot_pool_parts.h - the whole slot pool, for its own files, its JNI and its tests.
 * Layer: structures (private to the library). May include: arena/, mempool/, base/. Threads: the slot pool's owner. */
#ifndef CORRAL_SLOT_POOL_PARTS_H
#define CORRAL_SLOT_POOL_PARTS_H

#include "corral/slot_pool.h"
#include "slot_layout.h"
#include "structure_parts.h"

#define SLOT_POOL_MAGIC UINT32_C(0x510757AB)

/* Size classes of chunks: multiples of 16 up to 128 bytes, then eight to each doubling up to SLOT_VALUE_MAX. */
#define SLOT_SIZE_CLASSES UINT32_C(191)

/* Slots that are carved at a time, so that Java calls C once for so many new ones. */
#define SLOTS_CARVED UINT32_C(64)

/* All of it is books of the pool, which are given back when the anchor takes everything back.
 * Invariants: block_count <= block_room, page_count <= page_room; blocks[n]->number == n
 *             totals->live == sum of the regions' `live`; a region's live == its slots with a live tag
 *             every block is in the list of one region or in that of free blocks, but for retired ones */
struct SlotPool {
    StructureHead head; /* first; its arena, the anchor, allocates nothing: it is the parent of the regions' arenas, and
                         * the hook by which the slot pool ends */
    SlotTotals *totals;
    SlotRegionEntry *own;
    SlotBlock **blocks;
    SlotRegionEntry **pages;
    uint32_t block_count;
    uint32_t block_room;
    uint32_t free_blocks; /* number + 1 of the first block in no region */
    uint32_t page_count;
    uint32_t page_room;
    uint32_t free_regions; /* entry; 0: none */
    uint32_t region_count; /* besides the own one */
    uint32_t free_block_count;
    uint32_t entry_count; /* entries that are or were regions, and the totals */
};

static_assert(sizeof(SlotPool) <= STRUCTURE_HEAD_BYTES, "a slot pool fits in the slot of its head");

/* --- life (slot_pool.c) ------------------------------------------------------------------------------------------- */

static inline bool slot_pool_is_valid(const SlotPool *slots) {
    return structure_is(slots, SLOT_POOL_MAGIC);
}

/* Remembers why a call failed; returns it. */
CorralStatus slot_pool_fail(SlotPool *slots, CorralStatus status);

/* Makes an arena that nothing was allocated from the anchor of a new slot pool, which ends when the arena takes
 * everything back. CORRAL_OK or why not. */
CorralStatus slot_pool_open(Arena *anchor, SlotPool **slots);

/* --- regions and blocks (slot_regions.c) -------------------------------------------------------------------------- */

/* The live region of that handle; NULL: there is none. */
SlotRegionEntry *slot_region_find(const SlotPool *slots, SlotRegion region);

/* The entry of that number, which exists. */
static inline SlotRegionEntry *slot_entry(const SlotPool *slots, uint32_t number) {
    return &slots->pages[number / SLOT_PAGE_ENTRIES][number % SLOT_PAGE_ENTRIES];
}

/* Makes the first page, and the slot pool's own region. */
CorralStatus slot_regions_open(SlotPool *slots);

/* Gives back the books of all regions, blocks and tables; the regions' arenas have ended. */
void slot_regions_close(SlotPool *slots);

/* Puts fresh slots on the region's free list, which is empty. CORRAL_OK or why there are none. */
CorralStatus slots_carve(SlotPool *slots, SlotRegionEntry *region);

/* --- slots (slot_values.c) ---------------------------------------------------------------------------------------- */

/* The slot at a place that is stored + 1, as lists have it. */
static inline Slot *slot_at(const SlotPool *slots, uint32_t place) {
    return &slots->blocks[(place - 1) >> SLOT_BLOCK_SHIFT]->slots[(place - 1) & SLOT_INDEX_MASK];
}

static inline uint32_t slot_tag(const Slot *slot) {
    return (uint32_t)slot->state;
}

static inline uint32_t slot_generation(const Slot *slot) {
    return (uint32_t)(slot->state >> SLOT_GENERATION_SHIFT);
}

/* Gives a slot another tag. */
static inline void slot_become(Slot *slot, uint32_t tag) {
    slot->state = (slot->state & ~(uint64_t)UINT32_MAX) | tag;
}

static inline bool slot_tag_lives(uint32_t tag) {
    return tag - SLOT_EMPTY <= SLOT_LARGE - SLOT_EMPTY;
}

/* Takes a slot off the region's free list: its place + 1, or 0 with *status. */
uint32_t slot_take(SlotPool *slots, SlotRegionEntry *region, CorralStatus *status);

/* Puts a slot that no handle names on the region's free list. */
void slot_give(SlotPool *slots, SlotRegionEntry *region, uint32_t place);

/* The slow halves of slot_put_words() and slot_remove(). */
SlotHandle slot_put_words_slow(SlotPool *slots, SlotRegion region, const uint64_t words[2], size_t size);
CorralStatus slot_remove_slow(SlotPool *slots, SlotHandle handle);

/* As slot_put() and slot_set() with bytes that the caller writes to slot_bytes() before it does anything else. */
SlotHandle slot_put_unfilled(SlotPool *slots, SlotRegion region, size_t size);
CorralStatus slot_set_unfilled(SlotPool *slots, SlotHandle handle, size_t size);

/* Sees to it that the next inline value of a region finds a free slot. CORRAL_OK or why not. */
CorralStatus slot_region_prepare(SlotPool *slots, SlotRegion region);

/* --- chunks of large values (slot_chunks.c) ----------------------------------------------------------------------- */

/* The size class of a value of SLOT_INLINE_MAX < size <= SLOT_VALUE_MAX bytes, and the capacity of a class. */
uint32_t slot_class_of(size_t size);
size_t slot_class_capacity(uint32_t size_class);

/* A slot with a chunk for `size` bytes, taken from the free list of the size class or made of a free slot and new
 * memory: its place + 1, or 0 with *status. Its tag is that of a free slot; only its address and class are set. */
uint32_t slot_take_chunk(SlotPool *slots, SlotRegionEntry *region, size_t size, CorralStatus *status);

/* Puts a slot with a chunk that holds no value on the list of its size class. */
void slot_give_chunk(SlotPool *slots, SlotRegionEntry *region, uint32_t place);

/* Counts a large value in (or out). */
void slot_count_large(SlotRegionEntry *region, const Slot *slot, bool in);

/* --- */

#endif
