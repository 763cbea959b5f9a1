/* SPDX-License-Identifier: Apache-2.0
 * slot_pool.c - life of a slot pool.
 * Layer: structures. May include: arena/, mempool/, base/.
 *
 * A slot pool has an arena from which it allocates nothing, the anchor. The regions' arenas are its children, and a
 * release callback of the anchor gives the books back: so a slot pool ends with its parent or its pool however these
 * end. */
#include "arena/arena_parts.h"
#include "slot_pool_parts.h"

#define ANCHOR_BYTES ((size_t)64)

CorralStatus slot_pool_fail(SlotPool *slots, CorralStatus status) {
    return structure_fail(slots, status);
}

SlotPoolConfig slot_pool_config_default(void) {
    return (SlotPoolConfig){.name = "slots", .limit = SIZE_MAX};
}

/* The anchor takes everything back: its children have ended. */
static void end(void *context) {
    slot_regions_close(context);
    structure_give(context);
}

CorralStatus slot_pool_open(Arena *anchor, SlotPool **opened) {
    *opened = NULL;
    if (!arena_is_valid(anchor)) {
        return CORRAL_INVALID_ARENA;
    }
    SlotPool *slots = structure_take(anchor->pool, SLOT_POOL_MAGIC);
    if (slots == NULL) {
        return CORRAL_NO_MEMORY;
    }
    slots->head.arena = anchor;
    CorralStatus status = slot_regions_open(slots);
    if (status == CORRAL_OK) {
        status = arena_on_release(anchor, end, slots);
    }
    if (status != CORRAL_OK) {
        end(slots);
        return status;
    }
    *opened = slots;
    return CORRAL_OK;
}

static Arena *anchor_create(Pool *pool, const SlotPoolConfig *config, CorralStatus *status) {
    bool child = arena_is_valid(config->parent);
    ArenaConfig anchor = child ? structure_arena_config(config->parent) : arena_config_default();
    anchor.name = config->name;
    anchor.parent = config->parent;
    anchor.limit = config->limit < SIZE_MAX - ANCHOR_BYTES ? config->limit + ANCHOR_BYTES : SIZE_MAX;
    anchor.initial_size = anchor.maximum_size = ANCHOR_BYTES;
    anchor.status = status;
    return arena_create_with(pool, &anchor);
}

SlotPool *slot_pool_create_with(Pool *pool, const SlotPoolConfig *config) {
    SlotPoolConfig defaults = slot_pool_config_default();
    config = config != NULL ? config : &defaults;
    CorralStatus status = CORRAL_OK;
    SlotPool *slots = NULL;
    Arena *anchor = anchor_create(pool, config, &status);
    if (anchor != NULL) {
        status = slot_pool_open(anchor, &slots);
        if (status != CORRAL_OK) {
            arena_destroy(anchor);
        }
    }
    if (config->status != NULL) {
        *config->status = status;
    }
    return slots;
}

SlotPool *slot_pool_create(Pool *pool) {
    return slot_pool_create_with(pool, NULL);
}

CorralStatus slot_pool_destroy(SlotPool *slots) {
    if (!slot_pool_is_valid(slots)) {
        return CORRAL_INVALID_ARENA;
    }
    CorralStatus status = arena_destroy(slots->head.arena);
    return slot_pool_is_valid(slots) ? slot_pool_fail(slots, status) : status;
}

CorralStatus slot_pool_last_status(const SlotPool *slots) {
    return slot_pool_is_valid(slots) ? (CorralStatus)slots->head.status : CORRAL_INVALID_ARENA;
}

static void add_region(SlotPoolStats *stats, const SlotRegionEntry *region) {
    stats->large_live += region->large_live;
    stats->large_bytes += region->large_bytes;
    stats->chunk_bytes += region->chunk_bytes;
    stats->free_bytes += region->free_bytes;
    stats->arena_bytes += region->arena != NULL ? arena_total_allocated(region->arena) : 0;
}

CorralStatus slot_pool_stats(const SlotPool *slots, SlotPoolStats *stats) {
    if (stats == NULL) {
        return slot_pool_is_valid(slots) ? CORRAL_INVALID_ARGUMENT : CORRAL_INVALID_ARENA;
    }
    memset(stats, 0, sizeof *stats);
    if (!slot_pool_is_valid(slots)) {
        return CORRAL_INVALID_ARENA;
    }
    const SlotTotals *totals = slots->totals;
    for (uint32_t number = SLOT_OWN_REGION; number < slots->entry_count; number++) {
        add_region(stats, slot_entry(slots, number));
    }
    stats->live = totals->live;
    stats->peak = totals->live > totals->peak ? totals->live : totals->peak;
    stats->inline_live = totals->live - stats->large_live;
    stats->large_puts = totals->large_puts;
    stats->reused = totals->reused;
    stats->slot_blocks = slots->block_count;
    stats->free_blocks = slots->free_block_count;
    stats->regions = slots->region_count;
    return CORRAL_OK;
}
