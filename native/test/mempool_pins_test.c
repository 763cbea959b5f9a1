/* SPDX-License-Identifier: Apache-2.0
 * mempool_pins_test.c - memory that stays mapped though its block is freed, or its pool destroyed; on fake pages. */
#include <string.h>

#include "corral/mempool.h"
#include "mempool/pool_extension.h"
#include "support/pool_fixture.h"
#include "support/test.h"

#define MIB ((size_t)1 << 20)

static void test_pinned_block_stays_mapped_when_freed(void) {
    static const size_t sizes[] = {64, 40000, 2 * MIB};
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.retain = 0;
    Pool *pool = fixture_create(&f, &config);
    size_t empty = f.pages.live_bytes;
    for (size_t i = 0; i < 3; i++) {
        void *pin;
        void *block = pool_alloc(pool, sizes[i]);
        CHECK_STATUS(pool_pin(pool, block, &pin), CORRAL_OK);
        CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
        CHECK_EQ_U64(pool_trim(pool, 0), 0);
        PoolStats stats = fixture_stats(&f);
        CHECK_EQ_U64(stats.pinned_regions, 1);
        CHECK_EQ_U64(stats.pinned_bytes, f.pages.live_bytes - empty);
        CHECK_STATUS(pool_check(pool), CORRAL_OK);
        pool_unpin(pool, pin);
        CHECK_EQ_U64(f.pages.live_bytes, empty);
        CHECK_EQ_U64(fixture_stats(&f).pinned_regions, 0);
    }
    fixture_close(&f);
}

static void test_pins_nest(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.retain = 0;
    Pool *pool = fixture_create(&f, &config);
    void *pins[3];
    char *first = pool_alloc(pool, 64);
    char *second = pool_alloc(pool, 64);
    CHECK_STATUS(pool_pin(pool, first, &pins[0]), CORRAL_OK);
    CHECK_STATUS(pool_pin(pool, first, &pins[1]), CORRAL_OK);
    CHECK_STATUS(pool_pin(pool, second, &pins[2]), CORRAL_OK);
    CHECK_EQ_U64(fixture_stats(&f).pinned_regions, 1);
    pool_free(pool, first);
    pool_free(pool, second);
    for (size_t i = 0; i < 3; i++) {
        CHECK_EQ_U64(fixture_stats(&f).regions, 1);
        pool_unpin(pool, pins[i]);
    }
    CHECK_EQ_U64(fixture_stats(&f).regions, 0);
    fixture_close(&f);
}

static void test_unpinned_region_is_kept_within_retain(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *pin;
    void *older = pool_alloc(pool, 3 * MIB);
    void *block = pool_alloc(pool, 2 * MIB);
    void *newer = pool_alloc(pool, 4 * MIB);
    CHECK_STATUS(pool_pin(pool, block, &pin), CORRAL_OK);
    pool_free(pool, older);
    pool_free(pool, block);
    pool_free(pool, newer);
    CHECK_EQ_U64(pool_trim(pool, 0), 7 * MIB); /* not the pinned one */
    pool_unpin(pool, pin);
    CHECK_EQ_U64(fixture_stats(&f).regions, 1);
    CHECK_EQ_U64(pool_trim(pool, 0), 2 * MIB);
    fixture_close(&f);
}

static void test_pinned_memory_is_reused_meanwhile(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *pin;
    void *block = pool_alloc(pool, 2 * MIB);
    CHECK_STATUS(pool_pin(pool, block, &pin), CORRAL_OK);
    pool_free(pool, block);
    CHECK_EQ_PTR(pool_alloc(pool, 2 * MIB), block);
    pool_unpin(pool, pin);
    CHECK_EQ_U64(fixture_stats(&f).live_blocks, 1);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    fixture_close(&f);
}

static void test_only_live_blocks_can_be_pinned(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *pin = &f;
    char *block = pool_alloc(pool, 64);
    CHECK_STATUS(pool_pin(pool, &f, &pin), CORRAL_FOREIGN_POINTER);
    CHECK_EQ_PTR(pin, NULL);
    CHECK_STATUS(pool_pin(pool, block + 16, &pin), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(pool_pin(pool, block, NULL), CORRAL_INVALID_ARGUMENT);
    pool_free(pool, block);
    CHECK_STATUS(pool_pin(pool, block, &pin), CORRAL_FOREIGN_POINTER);
    pool_unpin(pool, NULL);
    fixture_close(&f);
}

static void check_zombie_refuses(Pool *pool, void *block) {
    PoolStats stats;
    void *out;
    CHECK_FALSE(pool_is_valid(pool));
    CHECK_STATUS(pool_acquire(pool, 16, 16, &out), CORRAL_INVALID_POOL);
    CHECK_STATUS(pool_free(pool, block), CORRAL_INVALID_POOL);
    CHECK_EQ_PTR(pool_realloc(pool, block, 10), NULL);
    CHECK_STATUS(pool_stats(pool, &stats), CORRAL_INVALID_POOL);
    CHECK_STATUS(pool_check(pool), CORRAL_INVALID_POOL);
    CHECK_STATUS(pool_pin(pool, block, &out), CORRAL_INVALID_POOL);
    CHECK_STATUS(pool_destroy(pool), CORRAL_INVALID_POOL);
    CHECK_EQ_U64(pool_trim(pool, 0), 0);
}

static void test_pins_outlive_the_pool(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *pins[3];
    unsigned char *small = pool_alloc(pool, 64);
    unsigned char *large = pool_alloc(pool, 3 * MIB);
    CHECK_TRUE(pool_alloc(pool, 5 * MIB) != NULL);
    pool_pin(pool, small, &pins[0]);
    pool_pin(pool, large, &pins[1]);
    pool_pin(pool, large, &pins[2]);
    memset(small, 1, 64);
    memset(large, 2, 3 * MIB);
    size_t metadata = fixture_stats(&f).metadata;
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    CHECK_EQ_U64(f.pages.live_bytes, metadata + MIB + 3 * MIB);
    CHECK_TRUE(small[63] == 1 && large[3 * MIB - 1] == 2);
    check_zombie_refuses(pool, large);
    pool_unpin(pool, pins[1]);
    CHECK_TRUE(large[0] == 2);
    pool_unpin(pool, pins[0]);
    CHECK_EQ_U64(f.pages.live_bytes, metadata + 3 * MIB);
    check_zombie_refuses(pool, large);
    pool_unpin(pool, pins[2]);
    fake_pages_close(&f.pages);
}

TEST_MAIN(TEST_CASE(test_pinned_block_stays_mapped_when_freed), TEST_CASE(test_pins_nest),
          TEST_CASE(test_unpinned_region_is_kept_within_retain), TEST_CASE(test_pinned_memory_is_reused_meanwhile),
          TEST_CASE(test_only_live_blocks_can_be_pinned), TEST_CASE(test_pins_outlive_the_pool))
