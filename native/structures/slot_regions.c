/* SPDX-License-Identifier: Apache-2.0
 * slot_regions.c - regions, the blocks that they own, and the slots that are cut from these.
 * Layer: structures. May include: arena/, mempool/, base/.
 *
 * A region is destroyed by forgetting its blocks: each notes how far its generations have come, and how many slots are
 * carved is 0 again. A slot that is carved anew starts beyond every generation that the block has seen, so that no old
 * handle fits; nobody visits the slots. */
#include "base/check.h"
#include "mempool/pool_extension.h"
#include "slot_pool_parts.h"

static_assert(SLOT_PAGE_ENTRIES == 32 && (SLOT_REGIONS_MAX + 2) <= UINT32_MAX, "entries have numbers of 32 bits");

/* --- tables ------------------------------------------------------------------------------------------------------- */

/* Makes room for one more pointer in a table of books. */
static CorralStatus table_reserve(Pool *pool, void ***table, uint32_t count, uint32_t *room) {
    if (count < *room) {
        return CORRAL_OK;
    }
    uint32_t larger = *room != 0 ? *room * 2 : 8;
    void **copy = pool_books_take(pool, larger * sizeof *copy);
    if (copy == NULL) {
        return CORRAL_NO_MEMORY;
    }
    if (count != 0) {
        memcpy(copy, *table, count * sizeof *copy);
        pool_books_give(pool, *table, *room * sizeof *copy);
    }
    *table = copy;
    *room = larger;
    return CORRAL_OK;
}

static CorralStatus reserve_block(SlotPool *slots) {
    void **table = (void **)slots->blocks;
    CorralStatus status = table_reserve(slots->head.pool, &table, slots->block_count, &slots->block_room);
    slots->blocks = (SlotBlock **)table;
    return status;
}

static CorralStatus reserve_page(SlotPool *slots) {
    void **table = (void **)slots->pages;
    CorralStatus status = table_reserve(slots->head.pool, &table, slots->page_count, &slots->page_room);
    slots->pages = (SlotRegionEntry **)table;
    return status;
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

SlotRegionEntry *slot_region_find(const SlotPool *slots, SlotRegion region) {
    if (region == 0) {
        return slots->own;
    }
    uint32_t number = (uint32_t)region;
    uint32_t generation = (uint32_t)(region >> SLOT_GENERATION_SHIFT);
    if (number <= SLOT_OWN_REGION || number >= slots->entry_count || generation % 2 == 0) {
        return NULL;
    }
    SlotRegionEntry *entry = slot_entry(slots, number);
    return entry->generation == generation ? entry : NULL;
}

/* Adds an entry behind the last one. */
static CorralStatus entry_add(SlotPool *slots, SlotRegionEntry **entry) {
    if (slots->entry_count == slots->page_count * SLOT_PAGE_ENTRIES) {
        CorralStatus status = reserve_page(slots);
        if (status != CORRAL_OK) {
            return status;
        }
        void *page = pool_books_take(slots->head.pool, SLOT_PAGE_BYTES);
        if (page == NULL) {
            return CORRAL_NO_MEMORY;
        }
        slots->pages[slots->page_count++] = page;
    }
    uint32_t number = slots->entry_count++;
    *entry = slot_entry(slots, number);
    (*entry)->number = number;
    return CORRAL_OK;
}

CorralStatus slot_regions_open(SlotPool *slots) {
    SlotRegionEntry *totals;
    CorralStatus status = entry_add(slots, &totals);
    if (status != CORRAL_OK) {
        return status;
    }
    memset(totals, 0, sizeof *totals);
    slots->totals = (SlotTotals *)(void *)totals;
    status = entry_add(slots, &slots->own);
    CHECK(status == CORRAL_OK && slots->own->number == SLOT_OWN_REGION);
    slots->own->generation = 1;
    return status;
}

SlotRegion slot_region_create(SlotPool *slots) {
    if (!slot_pool_is_valid(slots)) {
        return 0;
    }
    SlotRegionEntry *entry = NULL;
    CorralStatus status = CORRAL_OK;
    if (slots->free_regions != 0) {
        entry = slot_entry(slots, slots->free_regions);
        slots->free_regions = entry->next;
    } else {
        status = slots->entry_count - 2 < SLOT_REGIONS_MAX ? entry_add(slots, &entry) : CORRAL_LIMIT_REACHED;
    }
    if (status != CORRAL_OK) {
        slot_pool_fail(slots, status);
        return 0;
    }
    entry->generation++;
    slots->region_count++;
    return (uint64_t)entry->generation << SLOT_GENERATION_SHIFT | entry->number;
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

/* Makes a block of zeroed books known; it is in no list yet. */
static CorralStatus block_add(SlotPool *slots, SlotBlock **block) {
    if (slots->block_count == SLOT_POOL_BLOCKS_MAX) {
        return CORRAL_LIMIT_REACHED;
    }
    CorralStatus status = reserve_block(slots);
    *block = status == CORRAL_OK ? pool_books_take(slots->head.pool, SLOT_BLOCK_BYTES) : NULL;
    if (*block == NULL) {
        return CORRAL_NO_MEMORY;
    }
    (*block)->number = slots->block_count;
    (*block)->first = (*block)->newest = 1;
    slots->blocks[slots->block_count++] = *block;
    return CORRAL_OK;
}

/* Gives the region a block of which no slot is carved; it becomes the first of its list. */
static CorralStatus block_join(SlotPool *slots, SlotRegionEntry *region) {
    SlotBlock *block = NULL;
    if (slots->free_blocks != 0) {
        block = slots->blocks[slots->free_blocks - 1];
        slots->free_blocks = block->next;
        slots->free_block_count--;
    } else {
        CorralStatus status = block_add(slots, &block);
        if (status != CORRAL_OK) {
            return status;
        }
    }
    CHECK(block->carved == 0 && block->region == 0);
    block->region = region->number;
    block->next = region->blocks;
    region->blocks = block->number + 1;
    return CORRAL_OK;
}

/* Takes a block from its region. Where generations cannot rise any more it is not used again. */
static void block_leave(SlotPool *slots, SlotBlock *block) {
    block->region = 0;
    block->carved = 0;
    block->next = 0;
    block->first = 0; /* retired, unless */
    if (block->newest != SLOT_GENERATION_MAX) {
        block->first = ++block->newest;
        block->next = slots->free_blocks;
        slots->free_blocks = block->number + 1;
        slots->free_block_count++;
    }
}

CorralStatus slots_carve(SlotPool *slots, SlotRegionEntry *region) {
    CHECK(region->free == 0);
    if (region->blocks == 0 || slots->blocks[region->blocks - 1]->carved == SLOTS_PER_BLOCK) {
        CorralStatus status = block_join(slots, region);
        if (status != CORRAL_OK) {
            return status;
        }
    }
    SlotBlock *block = slots->blocks[region->blocks - 1];
    uint32_t rest = SLOTS_PER_BLOCK - block->carved;
    uint32_t end = block->carved + (rest < SLOTS_CARVED ? rest : SLOTS_CARVED);
    for (uint32_t index = end; index-- > block->carved;) { /* the first one is taken first */
        Slot *slot = &block->slots[index];
        slot->state = (uint64_t)block->first << SLOT_GENERATION_SHIFT | SLOT_FREE;
        slot->as.next = region->free;
        region->free = (block->number << SLOT_BLOCK_SHIFT | index) + 1;
    }
    block->carved = end;
    return CORRAL_OK;
}

/* --- the end of a region ------------------------------------------------------------------------------------------ */

/* Subtracts the region's values and makes its entry as good as new, but for its generation. */
static void entry_empty(SlotPool *slots, SlotRegionEntry *entry) {
    SlotTotals *totals = slots->totals;
    totals->peak = totals->live > totals->peak ? totals->live : totals->peak;
    totals->live -= entry->live;
    uint32_t generation = entry->generation, number = entry->number;
    memset(entry, 0, sizeof *entry);
    entry->generation = generation;
    entry->number = number;
}

CorralStatus slot_region_destroy(SlotPool *slots, SlotRegion region) {
    if (!slot_pool_is_valid(slots)) {
        return CORRAL_INVALID_ARENA;
    }
    SlotRegionEntry *entry = region != 0 ? slot_region_find(slots, region) : NULL;
    if (entry == NULL) {
        return slot_pool_fail(slots, region == 0 ? CORRAL_INVALID_ARGUMENT : CORRAL_STALE_HANDLE);
    }
    CorralStatus status = CORRAL_OK;
    if (entry->arena != NULL) {
        status = arena_destroy(entry->arena);
        if (status != CORRAL_OK && status != CORRAL_DAMAGED) {
            return slot_pool_fail(slots, status);
        }
        pool_books_give(slots->head.pool, entry->bins, SLOT_SIZE_CLASSES * sizeof *entry->bins);
    }
    for (uint32_t at = entry->blocks; at != 0;) {
        SlotBlock *block = slots->blocks[at - 1];
        at = block->next;
        block_leave(slots, block);
    }
    entry_empty(slots, entry);
    slots->region_count--;
    entry->generation++; /* even, or 0: then it is not used again */
    if (entry->generation != 0) {
        entry->next = slots->free_regions;
        slots->free_regions = entry->number;
    }
    return status;
}

void slot_regions_close(SlotPool *slots) {
    Pool *pool = slots->head.pool;
    for (uint32_t number = SLOT_OWN_REGION; number < slots->entry_count; number++) {
        pool_books_give(pool, slot_entry(slots, number)->bins, SLOT_SIZE_CLASSES * sizeof(uint32_t));
    }
    for (uint32_t page = 0; page < slots->page_count; page++) {
        pool_books_give(pool, slots->pages[page], SLOT_PAGE_BYTES);
    }
    for (uint32_t number = 0; number < slots->block_count; number++) {
        pool_books_give(pool, slots->blocks[number], SLOT_BLOCK_BYTES);
    }
    pool_books_give(pool, slots->pages, slots->page_room * sizeof *slots->pages);
    pool_books_give(pool, slots->blocks, slots->block_room * sizeof *slots->blocks);
}
