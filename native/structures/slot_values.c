/* SPDX-License-Identifier: Apache-2.0
 * slot_values.c - putting, reading, replacing, removing and walking over values.
 * Layer: structures. May include: arena/, base/. */
#include "base/check.h"
#include "slot_pool_parts.h"

/* --- slots -------------------------------------------------------------------------------------------------------- */

uint32_t slot_take(SlotPool *slots, SlotRegionEntry *region, CorralStatus *status) {
    if (region->free == 0) {
        *status = slots_carve(slots, region);
        if (*status != CORRAL_OK) {
            return 0;
        }
    }
    uint32_t place = region->free;
    region->free = slot_at(slots, place)->as.next;
    return place;
}

void slot_give(SlotPool *slots, SlotRegionEntry *region, uint32_t place) {
    Slot *slot = slot_at(slots, place);
    slot_become(slot, SLOT_FREE);
    slot->as.next = region->free;
    region->free = place;
}

/* The slot of a live value, and its block; NULL: the handle is stale, or was never one. Whatever its bits are, nothing
 * is read that is not a slot. */
static inline Slot *find_in(const SlotPool *slots, SlotHandle handle, SlotBlock **block) {
    uint32_t number = (uint32_t)(handle >> SLOT_BLOCK_SHIFT) & SLOT_BLOCK_MASK;
    uint32_t index = (uint32_t)handle & SLOT_INDEX_MASK;
    if (number >= slots->block_count) {
        return NULL;
    }
    *block = slots->blocks[number];
    Slot *slot = &(*block)->slots[index];
    if (index >= (*block)->carved) {
        return NULL;
    }
    uint64_t tag = slot->state ^ (handle & ~(uint64_t)UINT32_MAX); /* large when the generations differ */
    return tag - SLOT_EMPTY <= SLOT_LARGE - SLOT_EMPTY ? slot : NULL;
}

static Slot *find(const SlotPool *slots, SlotHandle handle) {
    SlotBlock *block;
    return find_in(slots, handle, &block);
}

static SlotRegionEntry *region_of(const SlotPool *slots, SlotHandle handle) {
    return slot_entry(slots, slots->blocks[(uint32_t)(handle >> SLOT_BLOCK_SHIFT) & SLOT_BLOCK_MASK]->region);
}

/* The valid region of a valid slot pool; NULL, and the status is remembered. */
static SlotRegionEntry *open_region(SlotPool *slots, SlotRegion region) {
    if (!slot_pool_is_valid(slots)) {
        return NULL;
    }
    SlotRegionEntry *entry = ARENA_LIKELY(region == 0) ? slots->own : slot_region_find(slots, region);
    if (entry == NULL) {
        slot_pool_fail(slots, CORRAL_STALE_HANDLE);
    }
    return entry;
}

/* The slot of a live value in a valid slot pool; NULL with *status, which is remembered. */
static Slot *open_slot(SlotPool *slots, SlotHandle handle, CorralStatus *status) {
    *status = CORRAL_INVALID_ARENA;
    if (!slot_pool_is_valid(slots)) {
        return NULL;
    }
    Slot *slot = find(slots, handle);
    *status = slot != NULL ? CORRAL_OK : slot_pool_fail(slots, CORRAL_STALE_HANDLE);
    return slot;
}

static const void *bytes_of(const Slot *slot) {
    return slot_tag(slot) == SLOT_LARGE ? (const void *)(uintptr_t)slot->as.chunk.address : slot->as.bytes;
}

static size_t size_of_value(const Slot *slot) {
    uint32_t tag = slot_tag(slot);
    return tag == SLOT_LARGE ? slot->as.chunk.size : tag - SLOT_EMPTY;
}

/* --- put ---------------------------------------------------------------------------------------------------------- */

/* Stores the value in `target`, which becomes its slot: inline, or in the chunk that it has. NULL bytes: the caller
 * writes them. */
static void fill(Slot *target, const void *bytes, size_t size) {
    void *value = target->as.bytes;
    if (size > SLOT_INLINE_MAX) {
        value = (void *)(uintptr_t)target->as.chunk.address;
        target->as.chunk.size = (uint32_t)size;
    }
    if (bytes != NULL && size != 0) {
        memmove(value, bytes, size);
    }
}

/* Counts a value in whose slot holds all but the tag. */
static SlotHandle finish_put(SlotPool *slots, SlotRegionEntry *region, uint32_t place, uint32_t tag) {
    Slot *slot = slot_at(slots, place);
    slot_become(slot, tag);
    region->live++;
    slots->totals->live++;
    return (slot->state & ~(uint64_t)UINT32_MAX) | (place - 1);
}

/* The same of a value in its slot, in one go; the region has a free one. */
static inline SlotHandle put_in_free(SlotPool *slots, SlotRegionEntry *region, const uint64_t words[2], size_t size) {
    uint32_t place = region->free;
    Slot *slot = slot_at(slots, place);
    uint64_t generation = slot->state & ~(uint64_t)UINT32_MAX;
    region->free = slot->as.next;
    slot->as.words[0] = words[0];
    slot->as.words[1] = words[1];
    slot->state = generation | (SLOT_EMPTY + (uint32_t)size);
    region->live++;
    slots->totals->live++;
    return generation | (place - 1);
}

static SlotHandle put_words(SlotPool *slots, SlotRegionEntry *region, const uint64_t words[2], size_t size) {
    if (region->free == 0) {
        CorralStatus status = slots_carve(slots, region);
        if (status != CORRAL_OK) {
            slot_pool_fail(slots, status);
            return 0;
        }
    }
    return put_in_free(slots, region, words, size);
}

/* The quick half needs no stack frame: whatever calls something else is left to this one. */
SlotHandle slot_put_words(SlotPool *slots, SlotRegion region, const uint64_t words[2], size_t size) {
    bool quick = slot_pool_is_valid(slots) && region == 0 && words != NULL && size <= SLOT_INLINE_MAX;
    if (ARENA_LIKELY(quick && slots->own->free != 0)) {
        return put_in_free(slots, slots->own, words, size);
    }
    return slot_put_words_slow(slots, region, words, size);
}

SlotHandle slot_put_words_slow(SlotPool *slots, SlotRegion region, const uint64_t words[2], size_t size) {
    SlotRegionEntry *entry = open_region(slots, region);
    if (entry == NULL) {
        return 0;
    }
    if (words == NULL || size > SLOT_INLINE_MAX) {
        slot_pool_fail(slots, CORRAL_INVALID_ARGUMENT);
        return 0;
    }
    return put_words(slots, entry, words, size);
}

static SlotHandle put_large(SlotPool *slots, SlotRegionEntry *region, const void *bytes, size_t size) {
    CorralStatus status = CORRAL_OK;
    uint32_t place = slot_take_chunk(slots, region, size, &status);
    if (place == 0) {
        slot_pool_fail(slots, status);
        return 0;
    }
    Slot *slot = slot_at(slots, place);
    fill(slot, bytes, size);
    slot_count_large(region, slot, true);
    return finish_put(slots, region, place, SLOT_LARGE);
}

/* CORRAL_OK when `size` bytes at `bytes` can be a value. */
static CorralStatus check_bytes(const void *bytes, size_t size) {
    if (size > SLOT_VALUE_MAX) {
        return CORRAL_SIZE_LIMIT;
    }
    return bytes == NULL && size != 0 ? CORRAL_INVALID_ARGUMENT : CORRAL_OK;
}

static SlotHandle put(SlotPool *slots, SlotRegion region, const void *bytes, size_t size, CorralStatus status) {
    SlotRegionEntry *entry = open_region(slots, region);
    if (entry == NULL) {
        return 0;
    }
    if (status != CORRAL_OK) {
        slot_pool_fail(slots, status);
        return 0;
    }
    if (size > SLOT_INLINE_MAX) {
        return put_large(slots, entry, bytes, size);
    }
    uint64_t words[2] = {0, 0};
    if (bytes != NULL && size != 0) {
        memcpy(words, bytes, size);
    }
    return put_words(slots, entry, words, size);
}

SlotHandle slot_put(SlotPool *slots, SlotRegion region, const void *bytes, size_t size) {
    return put(slots, region, bytes, size, check_bytes(bytes, size));
}

SlotHandle slot_put_unfilled(SlotPool *slots, SlotRegion region, size_t size) {
    return put(slots, region, NULL, size, size > SLOT_VALUE_MAX ? CORRAL_SIZE_LIMIT : CORRAL_OK);
}

CorralStatus slot_region_prepare(SlotPool *slots, SlotRegion region) {
    SlotRegionEntry *entry = open_region(slots, region);
    if (entry == NULL) {
        return slot_pool_last_status(slots);
    }
    CorralStatus status = entry->free == 0 ? slots_carve(slots, entry) : CORRAL_OK;
    return status == CORRAL_OK ? status : slot_pool_fail(slots, status);
}

SlotHandle slot_put_utf8(SlotPool *slots, SlotRegion region, const char *text) {
    if (text == NULL && slot_pool_is_valid(slots)) {
        slot_pool_fail(slots, CORRAL_INVALID_ARGUMENT);
    }
    return text != NULL ? slot_put(slots, region, text, strlen(text)) : 0;
}

/* --- read --------------------------------------------------------------------------------------------------------- */

const void *slot_bytes(SlotPool *slots, SlotHandle handle, size_t *size) {
    CorralStatus status;
    const Slot *slot = open_slot(slots, handle, &status);
    if (size != NULL) {
        *size = slot != NULL ? size_of_value(slot) : 0;
    }
    return slot != NULL ? bytes_of(slot) : NULL;
}

CorralStatus slot_read(SlotPool *slots, SlotHandle handle, void *into, size_t size) {
    CorralStatus status;
    const Slot *slot = open_slot(slots, handle, &status);
    if (slot == NULL) {
        return status;
    }
    if (size_of_value(slot) != size || into == NULL) {
        return slot_pool_fail(slots, CORRAL_INVALID_ARGUMENT);
    }
    memcpy(into, bytes_of(slot), size);
    return CORRAL_OK;
}

/* --- replace ------------------------------------------------------------------------------------------------------ */

/* The value needs another chunk than it has, or none any more. A spare slot is made that holds it; then the two change
 * places, and the spare one is free with what the value's slot had. */
static CorralStatus set_by_exchange(SlotPool *slots, SlotRegionEntry *region, Slot *slot, const void *bytes,
                                    size_t size) {
    CorralStatus status = CORRAL_OK;
    bool large = size > SLOT_INLINE_MAX, was_large = slot_tag(slot) == SLOT_LARGE;
    uint32_t place = large ? slot_take_chunk(slots, region, size, &status) : slot_take(slots, region, &status);
    if (place == 0) {
        return slot_pool_fail(slots, status);
    }
    Slot *spare = slot_at(slots, place);
    fill(spare, bytes, size);
    if (was_large) {
        slot_count_large(region, slot, false);
    }
    Slot old = *slot;
    slot->as = spare->as;
    spare->as = old.as;
    slot_become(slot, large ? SLOT_LARGE : SLOT_EMPTY + (uint32_t)size);
    if (large) {
        slot_count_large(region, slot, true);
    }
    if (was_large) {
        slot_give_chunk(slots, region, place);
    } else {
        slot_give(slots, region, place);
    }
    return CORRAL_OK;
}

static CorralStatus set(SlotPool *slots, SlotHandle handle, const void *bytes, size_t size, CorralStatus sized) {
    CorralStatus status;
    Slot *slot = open_slot(slots, handle, &status);
    if (slot == NULL) {
        return status;
    }
    if (sized != CORRAL_OK) {
        return slot_pool_fail(slots, sized);
    }
    SlotRegionEntry *region = region_of(slots, handle);
    bool large = size > SLOT_INLINE_MAX, was_large = slot_tag(slot) == SLOT_LARGE;
    if (!large && !was_large) {
        fill(slot, bytes, size);
        slot_become(slot, SLOT_EMPTY + (uint32_t)size);
        return CORRAL_OK;
    }
    if (!large || !was_large || slot_class_of(size) != slot->as.chunk.size_class) {
        return set_by_exchange(slots, region, slot, bytes, size);
    }
    slot_count_large(region, slot, false);
    fill(slot, bytes, size);
    slot_count_large(region, slot, true);
    return CORRAL_OK;
}

CorralStatus slot_set(SlotPool *slots, SlotHandle handle, const void *bytes, size_t size) {
    return set(slots, handle, bytes, size, check_bytes(bytes, size));
}

CorralStatus slot_set_unfilled(SlotPool *slots, SlotHandle handle, size_t size) {
    return set(slots, handle, NULL, size, size > SLOT_VALUE_MAX ? CORRAL_SIZE_LIMIT : CORRAL_OK);
}

/* --- remove ------------------------------------------------------------------------------------------------------- */

/* The peak is brought up to date before it can be lost. */
static void count_out(SlotPool *slots, SlotRegionEntry *region) {
    SlotTotals *totals = slots->totals;
    if (totals->live > totals->peak) { /* a store less than a maximum */
        totals->peak = totals->live;
    }
    totals->live--;
    region->live--;
}

/* Of a value in a chunk, or in a slot whose generation cannot rise. */
static CorralStatus remove_slowly(SlotPool *slots, SlotRegionEntry *region, SlotBlock *block, Slot *slot,
                                  uint32_t place) {
    uint32_t generation = slot_generation(slot);
    bool large = slot_tag(slot) == SLOT_LARGE;
    if (large) {
        slot_count_large(region, slot, false);
    }
    if (generation == SLOT_GENERATION_MAX) {
        slot_become(slot, SLOT_RETIRED); /* and a chunk stays with it until the region ends */
        return CORRAL_OK;
    }
    slot->state += (uint64_t)1 << SLOT_GENERATION_SHIFT;
    block->newest = generation + 1 > block->newest ? generation + 1 : block->newest;
    slot_give_chunk(slots, region, place);
    return CORRAL_OK;
}

/* Of a value in its slot, whose next generation is `generation`. */
static inline void remove_inline(SlotPool *slots, SlotBlock *block, Slot *slot, uint32_t place, uint32_t generation) {
    SlotRegionEntry *region = slot_entry(slots, block->region);
    count_out(slots, region);
    if (generation > block->newest) {
        block->newest = generation;
    }
    slot->state = (uint64_t)generation << SLOT_GENERATION_SHIFT | SLOT_FREE;
    slot->as.next = region->free;
    region->free = place;
}

/* In two halves, as slot_put_words(). */
CorralStatus slot_remove(SlotPool *slots, SlotHandle handle) {
    SlotBlock *block = NULL;
    Slot *slot = slot_pool_is_valid(slots) ? find_in(slots, handle, &block) : NULL;
    if (ARENA_LIKELY(slot != NULL && slot_tag(slot) != SLOT_LARGE)) {
        uint32_t generation = slot_generation(slot) + 1;
        if (ARENA_LIKELY(generation != 0)) { /* else it cannot rise */
            remove_inline(slots, block, slot, (uint32_t)handle + 1, generation);
            return CORRAL_OK;
        }
    }
    return slot_remove_slow(slots, handle);
}

CorralStatus slot_remove_slow(SlotPool *slots, SlotHandle handle) {
    if (!slot_pool_is_valid(slots)) {
        return CORRAL_INVALID_ARENA;
    }
    SlotBlock *block = NULL;
    Slot *slot = find_in(slots, handle, &block);
    if (slot == NULL) {
        return slot_pool_fail(slots, CORRAL_STALE_HANDLE);
    }
    SlotRegionEntry *region = slot_entry(slots, block->region);
    count_out(slots, region);
    return remove_slowly(slots, region, block, slot, (uint32_t)handle + 1);
}

/* --- walk --------------------------------------------------------------------------------------------------------- */

/* The first live value behind `after` in blocks of that entry; 0 entry: in all. */
static SlotHandle next_from(const SlotPool *slots, SlotHandle after, uint32_t entry) {
    uint32_t number = (uint32_t)(after >> SLOT_BLOCK_SHIFT) & SLOT_BLOCK_MASK;
    uint32_t index = after != 0 ? ((uint32_t)after & SLOT_INDEX_MASK) + 1 : 0;
    for (; number < slots->block_count; number++, index = 0) {
        const SlotBlock *block = slots->blocks[number];
        uint32_t end = entry == 0 || block->region == entry ? block->carved : 0;
        for (; index < end; index++) {
            const Slot *slot = &block->slots[index];
            if (slot_tag_lives(slot_tag(slot))) {
                return (slot->state & ~(uint64_t)UINT32_MAX) | (uint64_t)number << SLOT_BLOCK_SHIFT | index;
            }
        }
    }
    return 0;
}

SlotHandle slot_next(SlotPool *slots, SlotHandle after) {
    return slot_pool_is_valid(slots) ? next_from(slots, after, 0) : 0;
}

SlotHandle slot_next_in(SlotPool *slots, SlotRegion region, SlotHandle after) {
    const SlotRegionEntry *entry = open_region(slots, region);
    return entry != NULL ? next_from(slots, after, entry->number) : 0;
}
