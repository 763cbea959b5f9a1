/* SPDX-License-Identifier: Apache-2.0
 * slot_region_test.c - regions, and a model of everything that values and regions do. */
#include "support/slot_retry.h"

static SlotPool *open(PoolFixture *fixture) {
    SlotPool *slots = slot_pool_create(fixture_default(fixture));
    CHECK_TRUE(slots != NULL);
    return slots;
}

static void close(PoolFixture *fixture, SlotPool *slots) {
    CHECK_STATUS(slot_pool_check(slots), CORRAL_OK);
    CHECK_STATUS(slot_pool_destroy(slots), CORRAL_OK);
    fixture_close(fixture);
}

static SlotPoolStats stats_of(const SlotPool *slots) {
    SlotPoolStats stats;
    CHECK_STATUS(slot_pool_stats(slots, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.live, stats.inline_live + stats.large_live);
    CHECK_LE_U64(stats.live, stats.peak);
    return stats;
}

static void test_region_ends_with_all_its_values(void) {
    PoolFixture fixture;
    SlotPool *slots = open(&fixture);
    SlotRegion region = slot_region_create(slots);
    SlotHandle handles[9000], own = slot_put_int(slots, 0, 42);
    for (int i = 0; i < 9000; i++) {
        handles[i] = i % 9 == 0 ? slot_put(slots, region, "seventeen bytes !", 17) : slot_put_int(slots, region, i);
    }
    SlotPoolStats stats = stats_of(slots);
    CHECK_EQ_U64(stats.live, 9001);
    CHECK_EQ_U64(stats.regions, 1);
    CHECK_STATUS(slot_region_destroy(slots, region), CORRAL_OK);
    for (int i = 0; i < 9000; i++) {
        CHECK_STATUS(slot_remove(slots, handles[i]), CORRAL_STALE_HANDLE);
    }
    CHECK_STATUS(slot_region_destroy(slots, region), CORRAL_STALE_HANDLE);
    CHECK_EQ_U64(slot_put_int(slots, region, 1), 0);
    CHECK_STATUS(slot_pool_last_status(slots), CORRAL_STALE_HANDLE);
    stats = stats_of(slots);
    CHECK_EQ_U64(stats.live, 1);
    CHECK_EQ_U64(stats.peak, 9001);
    CHECK_EQ_U64(stats.regions + stats.arena_bytes + stats.free_bytes, 0);
    CHECK_EQ_U64(stats.free_blocks, 4);
    int32_t value = 0;
    CHECK_STATUS(slot_get_int(slots, own, &value), CORRAL_OK);
    CHECK_EQ_I64(value, 42);
    close(&fixture, slots);
}

/* The slots of a region that ended serve the next one, and no old handle fits them. */
static void test_handles_of_an_ended_region_stay_refused(void) {
    PoolFixture fixture;
    SlotPool *slots = open(&fixture);
    SlotRegion region = slot_region_create(slots);
    SlotHandle first = slot_put_int(slots, region, 1), second = slot_put_int(slots, region, 2);
    slot_remove(slots, second);
    SlotHandle again = slot_put_int(slots, region, 3); /* generation 2 of the second slot */
    slot_region_destroy(slots, region);
    SlotRegion next = slot_region_create(slots);
    CHECK_EQ_U64((uint32_t)next, (uint32_t)region);
    CHECK_TRUE(next != region);
    SlotHandle one = slot_put_int(slots, next, 4), two = slot_put_int(slots, next, 5);
    CHECK_EQ_U64(one, (uint64_t)3 << 32);
    CHECK_EQ_U64(two, (uint64_t)3 << 32 | 1);
    CHECK_STATUS(slot_remove(slots, first), CORRAL_STALE_HANDLE);
    CHECK_STATUS(slot_remove(slots, second), CORRAL_STALE_HANDLE);
    CHECK_STATUS(slot_remove(slots, again), CORRAL_STALE_HANDLE);
    CHECK_EQ_U64(stats_of(slots).slot_blocks, 1);
    close(&fixture, slots);
}

static void test_block_whose_generations_end_is_retired(void) {
    PoolFixture fixture;
    SlotPool *slots = open(&fixture);
    SlotRegion region = slot_region_create(slots);
    SlotHandle handle = slot_put_int(slots, region, 1);
    slots->blocks[0]->newest = SLOT_GENERATION_MAX - 1;
    slot_region_destroy(slots, region);
    CHECK_EQ_U64(stats_of(slots).free_blocks, 1);
    region = slot_region_create(slots);
    CHECK_EQ_U64(slot_put_int(slots, region, 1), (uint64_t)SLOT_GENERATION_MAX << 32);
    slot_region_destroy(slots, region);
    CHECK_EQ_U64(stats_of(slots).free_blocks, 0);
    CHECK_STATUS(slot_pool_check(slots), CORRAL_OK);
    region = slot_region_create(slots);
    CHECK_EQ_U64(slot_put_int(slots, region, 1), (uint64_t)1 << 32 | 1 << 12); /* in another block */
    CHECK_STATUS(slot_remove(slots, handle), CORRAL_STALE_HANDLE);
    close(&fixture, slots);
}

static void test_region_whose_generation_ends_is_retired(void) {
    PoolFixture fixture;
    SlotPool *slots = open(&fixture);
    SlotRegion region = slot_region_create(slots);
    slot_region_destroy(slots, region);
    slot_entry(slots, (uint32_t)region)->generation = UINT32_MAX - 1;
    SlotRegion last = slot_region_create(slots);
    CHECK_EQ_U64(last, (uint64_t)UINT32_MAX << 32 | 2);
    CHECK_STATUS(slot_region_destroy(slots, last), CORRAL_OK);
    CHECK_STATUS(slot_region_destroy(slots, last), CORRAL_STALE_HANDLE);
    CHECK_EQ_U64(slot_region_create(slots), (uint64_t)1 << 32 | 3);
    close(&fixture, slots);
}

static void test_forged_region_refused(void) {
    PoolFixture fixture;
    SlotPool *slots = open(&fixture);
    SlotRegion region = slot_region_create(slots);
    CHECK_STATUS(slot_region_destroy(slots, 0), CORRAL_INVALID_ARGUMENT);
    static const uint64_t parts[] = {0, 1, 2, 3, 31, 32, 33, UINT32_MAX};
    for (size_t high = 0; high < 8; high++) {
        for (size_t low = 0; low < 8; low++) {
            SlotRegion forged = parts[high] << 32 | parts[low];
            if (forged != region && forged != 0) {
                CHECK_EQ_U64(slot_put_int(slots, forged, 1), 0);
                CHECK_STATUS(slot_region_destroy(slots, forged), CORRAL_STALE_HANDLE);
            }
        }
    }
    CHECK_EQ_U64(stats_of(slots).live, 0);
    close(&fixture, slots);
}

static void test_many_regions(void) {
    PoolFixture fixture;
    SlotPool *slots = open(&fixture);
    SlotRegion regions[100];
    for (int i = 0; i < 100; i++) {
        regions[i] = slot_region_create(slots);
        slot_put_int(slots, regions[i], i);
        slot_put(slots, regions[i], "eighteen bytes is it", 18);
    }
    for (int i = 0; i < 100; i++) {
        SlotHandle at = slot_next_in(slots, regions[i], 0);
        int32_t value = -1;
        CHECK_STATUS(slot_get_int(slots, at, &value), CORRAL_OK);
        CHECK_EQ_I64(value, i);
        at = slot_next_in(slots, regions[i], at);
        CHECK_EQ_U64(slot_next_in(slots, regions[i], at), 0);
    }
    CHECK_EQ_U64(slot_next_in(slots, 0, 0), 0);
    for (int i = 0; i < 100; i += 2) {
        CHECK_STATUS(slot_region_destroy(slots, regions[i]), CORRAL_OK);
    }
    CHECK_STATUS(slot_pool_check(slots), CORRAL_OK);
    SlotPoolStats stats = stats_of(slots);
    CHECK_EQ_U64(stats.live, 100);
    CHECK_EQ_U64(stats.regions, 50);
    close(&fixture, slots);
}

/* --- model -------------------------------------------------------------------------------------------------------- */

#define MODEL_VALUES 600
#define MODEL_REGIONS 5

typedef struct ModelValue {
    SlotHandle handle; /* 0: free */
    int region;
    size_t size;
    unsigned char seed;
} ModelValue;

static const unsigned char *model_bytes(size_t size, unsigned char seed) {
    static unsigned char bytes[5000];
    memset(bytes, seed, size);
    return bytes;
}

static size_t model_size(uint64_t *state) {
    size_t kind = test_random_below(state, 4);
    return kind == 0   ? test_random_below(state, 5)
           : kind == 1 ? 12 + test_random_below(state, 10)
           : kind == 2 ? test_random_below(state, 200)
                       : test_random_below(state, 5000);
}

static void model_verify(SlotPool *slots, const ModelValue *values) {
    uint64_t live = 0, large = 0, bytes = 0;
    for (int i = 0; i < MODEL_VALUES; i++) {
        const ModelValue *value = &values[i];
        if (value->handle == 0) {
            continue;
        }
        size_t size = 0;
        const void *actual = slot_bytes(slots, value->handle, &size);
        CHECK_TRUE(actual != NULL && size == value->size);
        CHECK_TRUE(actual != NULL && (size == 0 || memcmp(actual, model_bytes(size, value->seed), size) == 0));
        live++;
        large += size > SLOT_INLINE_MAX ? 1 : 0;
        bytes += size > SLOT_INLINE_MAX ? size : 0;
    }
    SlotPoolStats stats = stats_of(slots);
    CHECK_EQ_U64(stats.live, live);
    CHECK_EQ_U64(stats.large_live, large);
    CHECK_EQ_U64(stats.large_bytes, bytes);
    CHECK_STATUS(slot_pool_check(slots), CORRAL_OK);
    for (SlotHandle at = slot_next(slots, 0); at != 0; at = slot_next(slots, at)) {
        live--;
    }
    CHECK_EQ_U64(live, 0);
}

static void model_end_region(SlotPool *slots, SlotRegion *regions, ModelValue *values, int which) {
    CHECK_STATUS(slot_region_destroy(slots, regions[which]), CORRAL_OK);
    regions[which] = slot_region_create(slots);
    for (int i = 0; i < MODEL_VALUES; i++) {
        if (values[i].handle != 0 && values[i].region == which) {
            CHECK_TRUE(slot_bytes(slots, values[i].handle, NULL) == NULL);
            values[i].handle = 0;
        }
    }
}

static void model_step(SlotPool *slots, SlotRegion *regions, ModelValue *value, uint64_t *state) {
    size_t size = model_size(state);
    unsigned char seed = (unsigned char)test_random(state);
    if (value->handle == 0) {
        value->region = (int)test_random_below(state, MODEL_REGIONS);
        value->handle = slot_put(slots, regions[value->region], model_bytes(size, seed), size);
        CHECK_TRUE(value->handle != 0);
    } else if (test_random_below(state, 2) == 0) {
        CHECK_STATUS(slot_set(slots, value->handle, model_bytes(size, seed), size), CORRAL_OK);
    } else {
        CHECK_STATUS(slot_remove(slots, value->handle), CORRAL_OK);
        CHECK_STATUS(slot_remove(slots, value->handle), CORRAL_STALE_HANDLE);
        value->handle = 0;
    }
    value->size = size;
    value->seed = seed;
}

static void test_random_use_agrees_with_a_model(void) {
    static ModelValue values[MODEL_VALUES];
    for (uint64_t seed = 1; seed <= 3; seed++) {
        PoolFixture fixture;
        SlotPool *slots = open(&fixture);
        SlotRegion regions[MODEL_REGIONS] = {0};
        for (int i = 1; i < MODEL_REGIONS; i++) {
            regions[i] = slot_region_create(slots);
        }
        memset(values, 0, sizeof values);
        uint64_t state = seed;
        size_t steps = test_scaled(20000);
        for (size_t step = 0; step < steps && test_failures() == 0; step++) {
            model_step(slots, regions, &values[test_random_below(&state, MODEL_VALUES)], &state);
            if (test_random_below(&state, 400) == 0) {
                model_end_region(slots, regions, values, 1 + (int)test_random_below(&state, MODEL_REGIONS - 1));
            }
            if (step % 1000 == 999) {
                model_verify(slots, values);
            }
        }
        model_verify(slots, values);
        close(&fixture, slots);
    }
}

TEST_MAIN(TEST_CASE(test_region_ends_with_all_its_values), TEST_CASE(test_handles_of_an_ended_region_stay_refused),
          TEST_CASE(test_block_whose_generations_end_is_retired),
          TEST_CASE(test_region_whose_generation_ends_is_retired), TEST_CASE(test_forged_region_refused),
          TEST_CASE(test_many_regions), TEST_CASE(test_random_use_agrees_with_a_model))
