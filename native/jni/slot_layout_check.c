/* SPDX-License-Identifier: Apache-2.0
 * slot_layout_check.c - the compile-time proof that Java's copy of the layout of slots is C's. Only asserts; see
 * layout_check.c.
 * Layer: jni. May include: every layer. */
#include "dev_corral_internal_SlotLayout.h"
#include "slot_pool_parts.h"

#define JAVA_SLOTS(constant) ((int64_t)dev_corral_internal_SlotLayout_##constant)
#define SAME(value, constant) \
    static_assert((int64_t)(value) == JAVA_SLOTS(constant), "SlotLayout." #constant " differs from C")

SAME(SLOT_BLOCK_BYTES, BLOCK_BYTES);
SAME(offsetof(SlotBlock, region), REGION);
SAME(offsetof(SlotBlock, carved), CARVED);
SAME(offsetof(SlotBlock, newest), NEWEST);
SAME(offsetof(SlotBlock, slots), SLOTS);
SAME(sizeof(Slot), SLOT_BYTES);
SAME(offsetof(Slot, state), STATE);
SAME(offsetof(Slot, as.chunk.size), LARGE_SIZE);
SAME(SLOT_EMPTY, EMPTY);
SAME(SLOT_LARGE, LARGE);
SAME(SLOT_FREE, FREE);
SAME(SLOT_INLINE_MAX, INLINE_MAX);
SAME(SLOT_BLOCK_SHIFT, BLOCK_SHIFT);
SAME(SLOT_BLOCK_MASK, BLOCK_MASK);
SAME(SLOT_INDEX_MASK, INDEX_MASK);
SAME(SLOT_PAGE_BYTES, PAGE_BYTES);
SAME(SLOT_ENTRY_BYTES, ENTRY_BYTES);
SAME(offsetof(SlotRegionEntry, free), FIRST_FREE);
SAME(offsetof(SlotRegionEntry, live), LIVE);
SAME(offsetof(SlotRegionEntry, generation), GENERATION);
SAME(offsetof(SlotTotals, live), TOTAL_LIVE);
SAME(offsetof(SlotTotals, peak), TOTAL_PEAK);
SAME(SLOT_OWN_REGION, OWN_REGION);
