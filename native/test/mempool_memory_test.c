/* SPDX-License-Identifier: Apache-2.0
 * mempool_memory_test.c - memory goes back: with time, and as the operating system counts it. */
#include <string.h>

#include "base/check.h"
#include "base/poison.h"
#include "corral/mempool.h"
#include "mempool/mempool_cache.h"
#include "support/pool_fixture.h"
#include "support/resident.h"
#include "support/test.h"
#include "support/threads.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

/* --- decay -------------------------------------------------------------------------------------------------------- */

static uint64_t now_ms;

static uint64_t test_clock(void) {
    return now_ms;
}

/* A pool whose time the test tells. */
static Pool *open_clocked(PoolFixture *f, uint64_t decay_ms) {
    now_ms = 1000000;
    PoolConfig config = fixture_open(f);
    config.decay_ms = decay_ms;
    Pool *pool = fixture_create(f, &config);
    pool->clock = test_clock;
    pool->swept_at = pool->epoch_at = now_ms;
    return pool;
}

/* A call that takes the lock and changes nothing. */
static void visit(Pool *pool) {
    CHECK_STATUS(pool_free(pool, pool_alloc(pool, 100 * KIB)), CORRAL_OK);
}

static void test_idle_regions_go_back(void) {
    PoolFixture f;
    Pool *pool = open_clocked(&f, 5000);
    CHECK_TRUE(pool_alloc(pool, 64) != NULL); /* its region stays */
    CHECK_STATUS(pool_free(pool, pool_alloc(pool, 3 * MIB)), CORRAL_OK);
    now_ms += 4000;
    CHECK_STATUS(pool_free(pool, pool_alloc(pool, 5 * MIB)), CORRAL_OK);
    CHECK_EQ_U64(fixture_stats(&f).regions, 3);
    now_ms += 999;
    visit(pool);
    CHECK_EQ_U64(fixture_stats(&f).regions, 3);
    now_ms += 1250; /* it is looked for four times per period */
    visit(pool);
    CHECK_EQ_U64(fixture_stats(&f).regions, 2); /* the one that became free last is younger */
    now_ms += 6250;
    visit(pool);
    CHECK_EQ_U64(fixture_stats(&f).regions, 1);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    fixture_close(&f);
}

static void test_region_in_use_does_not_age(void) {
    PoolFixture f;
    Pool *pool = open_clocked(&f, 5000);
    for (size_t i = 0; i < 20; i++) {
        CHECK_STATUS(pool_free(pool, pool_alloc(pool, 3 * MIB)), CORRAL_OK);
        now_ms += 3000;
    }
    CHECK_EQ_U64(f.pages.release_calls, 0);
    fixture_close(&f);
}

static void test_nothing_decays_where_it_shall_not(void) {
    PoolFixture f;
    Pool *pool = open_clocked(&f, POOL_DECAY_NEVER);
    CHECK_STATUS(pool_free(pool, pool_alloc(pool, 3 * MIB)), CORRAL_OK);
    now_ms += UINT64_MAX / 2;
    visit(pool);
    CHECK_EQ_U64(f.pages.release_calls, 0);
    fixture_close(&f);
}

static void test_decay_discards_what_is_pinned(void) {
    PoolFixture f;
    Pool *pool = open_clocked(&f, 5000);
    void *pin;
    void *block = pool_alloc(pool, 3 * MIB);
    CHECK_STATUS(pool_pin(pool, block, &pin), CORRAL_OK);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    now_ms += 10000;
    visit(pool);
    CHECK_EQ_U64(f.pages.discarded_bytes, 3 * MIB);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    pool_unpin(pool, pin);
    fixture_close(&f);
}

static void free_many(Pool *pool, size_t size) {
    void *blocks[300];
    for (size_t i = 0; i < 300; i++) {
        blocks[i] = pool_alloc(pool, size);
    }
    for (size_t i = 0; i < 300; i++) {
        CHECK_STATUS(pool_free(pool, blocks[i]), CORRAL_OK);
    }
}

static void test_decay_empties_caches(void) {
    PoolFixture f;
    Pool *pool = open_clocked(&f, 5000);
    free_many(pool, 1000);
    free_many(pool, 10000);
    CHECK_TRUE(fixture_stats(&f).regions > 1);
    for (size_t i = 0; i < 4; i++) {
        now_ms += 5000;
        visit(pool);
    }
    CHECK_LE_U64(fixture_stats(&f).regions, 1); /* where visit() was */
    fixture_close(&f);
}

/* A thread whose cache serves all it asks for comes to the lock all the same. */
static void test_decay_needs_no_slow_call(void) {
    PoolFixture f;
    Pool *pool = open_clocked(&f, 5000);
    CHECK_STATUS(pool_free(pool, pool_alloc(pool, 3 * MIB)), CORRAL_OK);
    for (size_t i = 0; i < 10; i++) {
        CHECK_STATUS(pool_free(pool, pool_alloc(pool, 64)), CORRAL_OK);
    }
    now_ms += 20000;
    for (size_t i = 0; i < 4096; i++) {
        CHECK_STATUS(pool_free(pool, pool_alloc(pool, 64)), CORRAL_OK);
    }
    CHECK_EQ_U64(f.pages.release_calls, 1);
    fixture_close(&f);
}

/* --- as the system counts ----------------------------------------------------------------------------------------- */

static const char *cannot_count(void) {
#if CORRAL_ASAN || CORRAL_VALGRIND || defined(__SANITIZE_THREAD__)
    return "the sanitizer's own memory would be counted";
#else
    return resident_bytes() != 0 ? NULL : "this system does not say what is resident";
#endif
}

#define CHECK_NEAR(actual, expected)                                                                       \
    do {                                                                                                   \
        double actual_mib = (double)(actual) / (double)MIB;                                                \
        double expected_mib = (double)(expected) / (double)MIB;                                            \
        if (actual_mib < expected_mib - 1 || actual_mib > expected_mib + 1) {                              \
            test_fail(__FILE__, __LINE__, "expected %.1f MiB, actual %.1f MiB", expected_mib, actual_mib); \
        }                                                                                                  \
    } while (0)

enum { MANY = 64 * 1024 };

/* 64 MiB in blocks of 1 KiB, all bytes written. */
static void fill(Pool *pool, void **blocks) {
    for (size_t i = 0; i < MANY; i++) {
        blocks[i] = pool_alloc(pool, KIB);
        memset(blocks[i], 1, KIB);
    }
}

static PoolStats stats_of(Pool *pool) {
    PoolStats stats;
    CHECK_STATUS(pool_stats(pool, &stats), CORRAL_OK);
    return stats;
}

static void test_resident_memory_is_what_statistics_say(void) {
    static void *blocks[MANY];
    if (cannot_count() != NULL) {
        test_skip(cannot_count());
        return;
    }
    memset(blocks, 1, sizeof blocks);
    PoolConfig config = pool_config_default();
    config.retain = 32 * MIB;
    Pool *pool = pool_create_with(&config);
    size_t before = resident_bytes();
    fill(pool, blocks);
    PoolStats stats = stats_of(pool);
    CHECK_NEAR(stats.in_use, 64 * MIB);
    CHECK_NEAR(resident_bytes() - before, stats.in_use);
    CHECK_NEAR(stats.reserved, stats.in_use + stats.metadata);
    for (size_t i = 0; i < MANY; i++) {
        CHECK_STATUS(pool_free(pool, blocks[i]), CORRAL_OK);
    }
    stats = stats_of(pool);
    CHECK_NEAR(stats.free_bytes, 32 * MIB); /* `retain`; the rest has gone back */
    CHECK_NEAR(resident_bytes() - before, stats.free_bytes);
    pool_trim(pool, 0);
    CHECK_EQ_U64(stats_of(pool).free_bytes, 0);
    CHECK_NEAR(resident_bytes(), before);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
}

static void test_decay_lowers_resident_memory(void) {
    static void *blocks[MANY];
    if (cannot_count() != NULL) {
        test_skip(cannot_count());
        return;
    }
    memset(blocks, 1, sizeof blocks);
    Pool *pool = pool_create();
    pool->clock = test_clock;
    now_ms = pool->swept_at = pool->epoch_at = 0;
    size_t before = resident_bytes();
    fill(pool, blocks);
    for (size_t i = 0; i < MANY; i++) {
        CHECK_STATUS(pool_free(pool, blocks[i]), CORRAL_OK);
    }
    CHECK_NEAR(resident_bytes() - before, 64 * MIB);
    for (size_t i = 0; i < 3; i++) {
        now_ms += 2 * POOL_DECAY_DEFAULT;
        visit(pool);
    }
    CHECK_NEAR(resident_bytes(), before);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
}

static void test_pinned_memory_that_is_discarded_is_not_resident(void) {
    if (cannot_count() != NULL) {
        test_skip(cannot_count());
        return;
    }
    Pool *pool = pool_create();
    size_t before = resident_bytes();
    void *pin;
    void *block = pool_alloc(pool, 32 * MIB);
    memset(block, 1, 32 * MIB);
    CHECK_STATUS(pool_pin(pool, block, &pin), CORRAL_OK);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    CHECK_NEAR(resident_bytes() - before, 32 * MIB);
    CHECK_EQ_U64(pool_trim(pool, 0), 32 * MIB);
    CHECK_NEAR(resident_bytes(), before);
    CHECK_EQ_U64(stats_of(pool).pinned_bytes, 32 * MIB);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    pool_unpin(pool, pin);
}

/* --- many --------------------------------------------------------------------------------------------------------- */

static void test_ten_million_blocks_live(void) {
    /* Where each call checks a whole span, or runs under Valgrind, fewer have to do. */
    size_t count = test_scaled(CORRAL_EXPENSIVE_CHECKS || CORRAL_VALGRIND ? 100000 : 10000000);
    Pool *pool = pool_create();
    REQUIRE_TRUE(pool != NULL);
    void **blocks = pool_alloc(pool, count * sizeof(void *));
    REQUIRE_TRUE(blocks != NULL);
    for (size_t i = 0; i < count; i++) {
        blocks[i] = pool_alloc(pool, 16);
        REQUIRE_TRUE(blocks[i] != NULL);
        memcpy(blocks[i], &i, sizeof i);
    }
    PoolStats stats = stats_of(pool);
    CHECK_EQ_U64(stats.live_blocks, count + 1);
    CHECK_LE_U64(stats.metadata, stats.in_use / 100 * 8 + MIB); /* a byte and a bit per slot, and what starts small */
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    for (size_t i = 0; i < count; i++) {
        size_t kept;
        memcpy(&kept, blocks[i], sizeof kept);
        if (kept != i || pool_free(pool, blocks[i]) != CORRAL_OK) {
            test_fail(__FILE__, __LINE__, "block %zu holds %zu, or could not be freed", i, kept);
            break;
        }
    }
    CHECK_EQ_U64(stats_of(pool).live_blocks, 1);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
}

TEST_MAIN(TEST_CASE(test_idle_regions_go_back), TEST_CASE(test_region_in_use_does_not_age),
          TEST_CASE(test_nothing_decays_where_it_shall_not), TEST_CASE(test_decay_discards_what_is_pinned),
          TEST_CASE(test_decay_empties_caches), TEST_CASE(test_decay_needs_no_slow_call),
          TEST_CASE(test_resident_memory_is_what_statistics_say), TEST_CASE(test_decay_lowers_resident_memory),
          TEST_CASE(test_pinned_memory_that_is_discarded_is_not_resident), TEST_CASE(test_ten_million_blocks_live))
