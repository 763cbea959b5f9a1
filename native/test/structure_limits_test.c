/* SPDX-License-Identifier: Apache-2.0
 * structure_limits_test.c - structures in a pool whose limit leaves less than their usual blocks need. */
#include "support/object_pool_fixture.h"
#include "support/slot_retry.h"

static Pool *pool_with_limit(PoolFixture *fixture, size_t limit) {
    PoolConfig config = fixture_open(fixture);
    config.limit = limit;
    return fixture_create(fixture, &config);
}

static void close_empty(PoolFixture *fixture) {
    CHECK_EQ_U64(fixture_stats(fixture).live_blocks, 0);
    fixture_close(fixture);
}

/* Whether the pool would hand out a chunk of so many bytes. */
static bool has_room(Pool *pool, size_t bytes) {
    void *block = pool_alloc_aligned(pool, bytes, ARENA_CHUNK_ALIGNMENT);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    return block != NULL;
}

/* --- objects ------------------------------------------------------------------------------------------------------ */

enum { OBJECTS_MAX = 2048 };

static size_t acquire_all(ObjectPool *objects, unsigned char **made, size_t size) {
    size_t count = 0;
    while (count < OBJECTS_MAX && (made[count] = object_pool_acquire(objects)) != NULL) {
        memset(made[count], (int)(count % 251), size);
        count++;
    }
    CHECK_STATUS(object_pool_last_status(objects), CORRAL_LIMIT_REACHED);
    for (size_t i = 0; i < count; i++) {
        CHECK_EQ_U64(made[i][0], i % 251);
        CHECK_EQ_U64(made[i][size - 1], i % 251);
    }
    CHECK_SOUND(objects);
    return count;
}

/* The limit is used to the last object, and objects of blocks that share a unit are told apart. */
static void use_up(size_t limit, size_t size, size_t alignment) {
    PoolFixture f;
    Pool *pool = pool_with_limit(&f, limit);
    Arena *parent = arena_create(pool, 16, 16);
    ObjectPoolConfig config = object_pool_config_default(size);
    config.alignment = alignment;
    ObjectPool *objects = object_pool_create_with(parent, &config);
    static unsigned char *made[OBJECTS_MAX];
    size_t count = acquire_all(objects, made, size);
    size_t rounded = (size_t)object_stats(objects).object_size;
    CHECK_TRUE(count != 0 && !has_room(pool, rounded));
    for (size_t i = 0; i < count; i += 2) {
        CHECK_STATUS(object_pool_release(objects, made[i]), CORRAL_OK);
        CHECK_STATUS(object_pool_release(objects, made[i]), CORRAL_DOUBLE_FREE);
        CHECK_STATUS(object_pool_release(objects, made[i] + 4), CORRAL_FOREIGN_POINTER);
        CHECK_TRUE(i + 1 == count || object_pool_is_live(objects, made[i + 1]));
    }
    CHECK_SOUND(objects);
    for (size_t i = 1; i < count; i += 2) {
        CHECK_STATUS(object_pool_release(objects, made[i]), CORRAL_OK);
    }
    CHECK_EQ_U64(object_stats(objects).live, 0);
    CHECK_EQ_U64(acquire_all(objects, made, size), count);
    CHECK_STATUS(object_pool_clear(objects), CORRAL_OK);
    CHECK_EQ_U64(acquire_all(objects, made, size), count);
    CHECK_STATUS(object_pool_destroy(objects), CORRAL_OK);
    CHECK_STATUS(arena_destroy(parent), CORRAL_OK);
    close_empty(&f);
}

static void test_objects_take_what_the_pool_leaves(void) {
    static const size_t limits[] = {300, 1000, 2000, 4095, 5000, 9000, 13000};
    size_t step = test_scaled(100) < 100 ? 3 : 1;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0] && test_failures() == 0; i += step) {
        use_up(limits[i], 8, 8);
        use_up(limits[i], 40, 8);
        use_up(limits[i], 100, 16);
        use_up(limits[i] * 4, 700, 64);
        use_up(limits[i] + 8 * KIB, 1000, 4096);
    }
}

/* --- slots -------------------------------------------------------------------------------------------------------- */

/* A value that is larger than the usual first block has it beside its own, unless the limit has no room for both. */
static void test_slot_value_takes_what_the_pool_leaves(void) {
    static const size_t sizes[] = {65000, 65536, 65537, 90000, 1 << 18, 1000000};
    static unsigned char bytes[1000000];
    memset(bytes, 'v', sizeof bytes);
    size_t step = test_scaled(100) < 100 ? 2 : 1;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i += step) {
        size_t capacity = slot_class_capacity(slot_class_of(sizes[i]));
        PoolFixture f;
        Pool *pool = pool_with_limit(&f, capacity + capacity / 8 + 6 * KIB); /* what rounding takes in the pool */
        SlotPool *slots = slot_pool_create(pool);
        SlotRegion region = slot_region_create(slots);
        SlotHandle large = slot_put(slots, region, bytes, sizes[i]);
        CHECK_TRUE(large != 0);
        CHECK_EQ_U64(slot_put(slots, region, bytes, sizes[i]), 0);
        CHECK_STATUS(slot_pool_last_status(slots), CORRAL_LIMIT_REACHED);
        CHECK_TRUE(slot_put(slots, region, bytes, 500) != 0);
        CHECK_TRUE(slot_put(slots, 0, bytes, 500) != 0);
        size_t size = 0;
        const void *value = slot_bytes(slots, large, &size);
        CHECK_TRUE(size == sizes[i] && value != NULL && memcmp(value, bytes, size) == 0);
        CHECK_STATUS(slot_pool_check(slots), CORRAL_OK);
        CHECK_STATUS(slot_region_destroy(slots, region), CORRAL_OK);
        CHECK_TRUE(slot_put(slots, 0, bytes, 500) != 0);
        CHECK_STATUS(slot_pool_destroy(slots), CORRAL_OK);
        close_empty(&f);
    }
}

TEST_MAIN(TEST_CASE(test_objects_take_what_the_pool_leaves), TEST_CASE(test_slot_value_takes_what_the_pool_leaves))
