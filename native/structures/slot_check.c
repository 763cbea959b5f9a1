/* SPDX-License-Identifier: Apache-2.0
 * slot_check.c - verifies every invariant of a slot pool.
 * Layer: structures. May include: arena/, base/. */
#include "arena/arena_parts.h"
#include "slot_pool_parts.h"

/* What the slots of one region say, to be compared with its entry. */
typedef struct Counted {
    uint64_t tags[SLOT_RETIRED + 1]; /* slots by tag, all live inline ones under SLOT_EMPTY */
    uint64_t large_bytes;
    uint64_t chunk_bytes;
    uint64_t free_bytes;
} Counted;

static bool count_slot(const SlotBlock *block, const Slot *slot, Counted *counted) {
    uint32_t tag = slot_tag(slot), generation = slot_generation(slot);
    if (tag == SLOT_UNUSED || tag > SLOT_RETIRED || generation == 0 || generation > block->newest) {
        return false;
    }
    counted->tags[slot_tag_lives(tag) && tag != SLOT_LARGE ? (uint32_t)SLOT_EMPTY : tag]++;
    if (tag != SLOT_LARGE && tag != SLOT_CHUNK) {
        return true;
    }
    if (slot->as.chunk.address == 0 || slot->as.chunk.size_class >= SLOT_SIZE_CLASSES) {
        return false;
    }
    uint64_t capacity = slot_class_capacity(slot->as.chunk.size_class);
    if (tag == SLOT_CHUNK) {
        counted->free_bytes += capacity;
        return true;
    }
    counted->chunk_bytes += capacity;
    counted->large_bytes += slot->as.chunk.size;
    return slot->as.chunk.size > SLOT_INLINE_MAX && slot_class_of(slot->as.chunk.size) == slot->as.chunk.size_class;
}

static bool count_blocks(const SlotPool *slots, const SlotRegionEntry *region, Counted *counted, uint32_t *blocks) {
    for (uint32_t at = region->blocks; at != 0; at = slots->blocks[at - 1]->next) {
        if (at > slots->block_count || ++*blocks > slots->block_count) {
            return false;
        }
        const SlotBlock *block = slots->blocks[at - 1];
        bool whole = at == region->blocks || block->carved == SLOTS_PER_BLOCK; /* only the first has room */
        if (block->region != region->number || block->number != at - 1 || block->carved > SLOTS_PER_BLOCK || !whole) {
            return false;
        }
        for (uint32_t index = 0; index < block->carved; index++) {
            if (!count_slot(block, &block->slots[index], counted)) {
                return false;
            }
        }
    }
    return true;
}

/* Whether a place that a list names is a slot of the region with that tag. */
static bool is_listed_slot(const SlotPool *slots, const SlotRegionEntry *region, uint32_t place, uint32_t tag) {
    uint32_t number = (place - 1) >> SLOT_BLOCK_SHIFT, index = (place - 1) & SLOT_INDEX_MASK;
    return number < slots->block_count && index < slots->blocks[number]->carved &&
           slots->blocks[number]->region == region->number && slot_tag(slot_at(slots, place)) == tag;
}

/* The free list holds every free slot once: as many as there are, and each is one. */
static bool free_list_holds(const SlotPool *slots, const SlotRegionEntry *region, uint64_t expected) {
    uint64_t length = 0;
    for (uint32_t place = region->free; place != 0; place = slot_at(slots, place)->as.next) {
        if (++length > expected || !is_listed_slot(slots, region, place, SLOT_FREE)) {
            return false;
        }
    }
    return length == expected;
}

static bool bins_hold(const SlotPool *slots, const SlotRegionEntry *region, uint64_t expected) {
    uint64_t length = 0;
    for (uint32_t bin = 0; region->bins != NULL && bin < SLOT_SIZE_CLASSES; bin++) {
        for (uint32_t place = region->bins[bin]; place != 0; place = slot_at(slots, place)->as.chunk.size) {
            if (++length > expected || !is_listed_slot(slots, region, place, SLOT_CHUNK) ||
                slot_at(slots, place)->as.chunk.size_class != bin) {
                return false;
            }
        }
    }
    return length == expected;
}

static bool region_is_sound(const SlotPool *slots, const SlotRegionEntry *region, uint32_t *blocks) {
    Counted counted = {0};
    if (!count_blocks(slots, region, &counted, blocks)) {
        return false;
    }
    uint64_t large = counted.tags[SLOT_LARGE];
    bool numbers = region->live == counted.tags[SLOT_EMPTY] + large && region->large_live == large &&
                   region->large_bytes == counted.large_bytes && region->chunk_bytes == counted.chunk_bytes &&
                   region->free_bytes == counted.free_bytes;
    bool arena =
        (region->arena == NULL) == (region->bins == NULL) &&
        (region->arena == NULL ? counted.chunk_bytes + counted.free_bytes == 0
                               : arena_is_valid(region->arena) && region->arena->parent == slots->head.arena &&
                                     counted.chunk_bytes + counted.free_bytes <= arena_total_used(region->arena));
    return numbers && arena && free_list_holds(slots, region, counted.tags[SLOT_FREE]) &&
           bins_hold(slots, region, counted.tags[SLOT_CHUNK]);
}

/* Blocks in no region: in the free list, or retired. */
static bool free_blocks_hold(const SlotPool *slots, uint32_t in_regions) {
    uint32_t length = 0, retired = 0;
    for (uint32_t at = slots->free_blocks; at != 0; at = slots->blocks[at - 1]->next) {
        const SlotBlock *block = at <= slots->block_count ? slots->blocks[at - 1] : NULL;
        if (block == NULL || ++length > slots->block_count || block->region != 0 || block->carved != 0 ||
            block->first != block->newest) {
            return false;
        }
    }
    for (uint32_t number = 0; number < slots->block_count; number++) {
        const SlotBlock *block = slots->blocks[number];
        retired += block->region == 0 && block->first == 0 ? 1 : 0;
    }
    return length == slots->free_block_count && length + retired + in_regions == slots->block_count;
}

CorralStatus slot_pool_check(const SlotPool *slots) {
    if (!slot_pool_is_valid(slots)) {
        return CORRAL_INVALID_ARENA;
    }
    uint64_t live = 0;
    uint32_t blocks = 0, regions = 0;
    for (uint32_t number = SLOT_OWN_REGION; number < slots->entry_count; number++) {
        const SlotRegionEntry *region = slot_entry(slots, number);
        bool lives = region->generation % 2 == 1;
        if (region->number != number || !region_is_sound(slots, region, &blocks) || (!lives && region->blocks != 0)) {
            return CORRAL_CORRUPTED;
        }
        live += region->live;
        regions += lives ? 1 : 0;
    }
    bool sound = live == slots->totals->live && regions == slots->region_count + 1 &&
                 slots->block_count <= slots->block_room && slots->page_count <= slots->page_room &&
                 slots->own == slot_entry(slots, SLOT_OWN_REGION) && arena_is_valid(slots->head.arena);
    return sound && free_blocks_hold(slots, blocks) ? CORRAL_OK : CORRAL_CORRUPTED;
}
