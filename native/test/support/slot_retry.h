/* SPDX-License-Identifier: Apache-2.0
 * slot_retry.h - what `--oom` does around the calls that a test makes of a slot pool; see retry.h.
 * Layer: test support. May include: slot_pool.h, slot_pool_parts.h. */
#ifndef CORRAL_TEST_SUPPORT_SLOT_RETRY_H
#define CORRAL_TEST_SUPPORT_SLOT_RETRY_H

#include "structures/slot_pool_parts.h"
#include "support/arena_fixture.h"

typedef struct SlotAttempt {
    Attempt pool;
    SlotPoolStats stats;
    uint32_t status;
} SlotAttempt;

static inline Pool *pool_under_slots(const SlotPool *slots) {
    return slot_pool_is_valid(slots) ? slots->head.pool : NULL;
}

static inline SlotAttempt slot_attempt(const SlotPool *slots) {
    SlotAttempt before = {.pool = {.injected = fake_pages_injected_here()}};
    if (fake_pages_injecting() && pool_under_slots(slots) != NULL) {
        before.pool = attempt(slots->head.pool);
        before.status = slots->head.status;
        slot_pool_stats(slots, &before.stats);
    }
    return before;
}

/* True when two statistics differ in nothing but in memory that waits for values. */
static inline bool slot_stats_same(SlotPoolStats a, SlotPoolStats b) {
    a.slot_blocks = b.slot_blocks;
    a.free_blocks = b.free_blocks;
    a.arena_bytes = b.arena_bytes;
    return memcmp(&a, &b, sizeof a) == 0;
}

/* As is_to_repeat() for the pool; a block of slots or of chunks may have been added. */
static inline bool is_to_repeat_in_slots(const SlotAttempt *before, SlotPool *slots) {
    if (pool_under_slots(slots) == NULL || fake_pages_injected_here() == before->pool.injected) {
        return false;
    }
    PoolStats now = {0};
    SlotPoolStats stats;
    CHECK_STATUS(slots->head.status, CORRAL_NO_MEMORY);
    slots->head.status = before->status;
    CHECK_STATUS(slot_pool_stats(slots, &stats), CORRAL_OK);
    CHECK_TRUE(slot_stats_same(stats, before->stats));
    CHECK_STATUS(slot_pool_check(slots), CORRAL_OK);
    CHECK_STATUS(pool_stats(slots->head.pool, &now), CORRAL_OK);
    repeated = (Repeated){
        .run = fake_pages_run(), .pool = slots->head.pool, .failures = now.failures - before->pool.stats.failures};
    CHECK_STATUS(pool_check(slots->head.pool), CORRAL_OK);
    return true;
}

#define REPEATING_SLOTS(type, name, failed, parameters, arguments) \
    static inline type repeat_##name parameters {                  \
        SlotAttempt before = slot_attempt(slots);                  \
        type result = name arguments;                              \
        if ((failed) && is_to_repeat_in_slots(&before, slots)) {   \
            result = name arguments;                               \
        }                                                          \
        return result;                                             \
    }

REPEATING(SlotPool *, slot_pool_create_with, result == NULL, pool != NULL ? pool : pool_under(config->parent),
          (Pool * pool, const SlotPoolConfig *config), (pool, config))
REPEATING(SlotPool *, slot_pool_create, result == NULL, pool, (Pool * pool), (pool))
REPEATING_SLOTS(SlotRegion, slot_region_create, result == 0, (SlotPool * slots), (slots))
REPEATING_SLOTS(SlotHandle, slot_put, result == 0,
                (SlotPool * slots, SlotRegion region, const void *bytes, size_t size), (slots, region, bytes, size))
REPEATING_SLOTS(SlotHandle, slot_put_utf8, result == 0, (SlotPool * slots, SlotRegion region, const char *text),
                (slots, region, text))
REPEATING_SLOTS(SlotHandle, slot_put_byte, result == 0, (SlotPool * slots, SlotRegion region, int8_t value),
                (slots, region, value))
REPEATING_SLOTS(SlotHandle, slot_put_int, result == 0, (SlotPool * slots, SlotRegion region, int32_t value),
                (slots, region, value))
REPEATING_SLOTS(SlotHandle, slot_put_long, result == 0, (SlotPool * slots, SlotRegion region, int64_t value),
                (slots, region, value))
REPEATING_SLOTS(CorralStatus, slot_set, result == CORRAL_NO_MEMORY,
                (SlotPool * slots, SlotHandle handle, const void *bytes, size_t size), (slots, handle, bytes, size))

#define slot_pool_create_with repeat_slot_pool_create_with
#define slot_pool_create repeat_slot_pool_create
#define slot_region_create repeat_slot_region_create
#define slot_put repeat_slot_put
#define slot_put_utf8 repeat_slot_put_utf8
#define slot_put_byte repeat_slot_put_byte
#define slot_put_int repeat_slot_put_int
#define slot_put_long repeat_slot_put_long
#define slot_set repeat_slot_set

#endif
