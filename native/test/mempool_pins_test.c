/* SPDX-License-Identifier: Apache-2.0
 * mempool_pins_test.c - memory that stays mapped though its block is freed, or its pool destroyed; on fake pages. */
#include <string.h>

#include "base/poison.h"
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
    CHECK_EQ_U64(fixture_stats(&f).regions, 3);
    pool_unpin(pool, pin);
    CHECK_EQ_U64(fixture_stats(&f).regions, 3);
    CHECK_EQ_U64(f.pages.discard_calls, 0);
    CHECK_EQ_U64(pool_trim(pool, 0), 9 * MIB);
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
    CHECK_TRUE(small[63] == 0 && large[3 * MIB - 1] == 0);
    large[0] = 3; /* a stale view may still write */
    check_zombie_refuses(pool, large);
    pool_unpin(pool, pins[1]);
    CHECK_TRUE(large[0] == 3);
    pool_unpin(pool, pins[0]);
    CHECK_EQ_U64(f.pages.live_bytes, metadata + 3 * MIB);
    check_zombie_refuses(pool, large);
    pool_unpin(pool, pins[2]);
    fake_pages_close(&f.pages);
}

/* --- discarding --------------------------------------------------------------------------------------------------- */

/* A block of a region of its own, filled with ones, pinned and freed. */
static void *free_pinned(Pool *pool, size_t size, void **pin) {
    unsigned char *block = pool_alloc(pool, size);
    CHECK_STATUS(pool_pin(pool, block, pin), CORRAL_OK);
    memset(block, 1, size);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    return block;
}

static void test_destroy_discards_what_is_pinned(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *pins[2];
    unsigned char *live = pool_alloc(pool, 100);
    pool_pin(pool, live, &pins[0]);
    memset(live, 1, 100);
    free_pinned(pool, 2 * MIB, &pins[1]);
    CHECK_TRUE(pool_alloc(pool, 3 * MIB) != NULL);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    CHECK_EQ_U64(f.pages.discard_calls, 2);
    CHECK_EQ_U64(f.pages.discarded_bytes, MIB + 2 * MIB);
    CHECK_EQ_U64(live[0], 0);
    pool_unpin(pool, pins[0]);
    pool_unpin(pool, pins[1]);
    fake_pages_close(&f.pages);
}

static void test_abandon_leaves_what_is_pinned(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *pin;
    unsigned char *live = pool_alloc(pool, 100);
    pool_pin(pool, live, &pin);
    memset(live, 1, 100);
    CHECK_TRUE(pool_alloc(pool, 3 * MIB) != NULL);
    CHECK_STATUS(pool_abandon(pool), CORRAL_OK);
    CHECK_EQ_U64(f.pages.discard_calls, 0);
    CHECK_TRUE(f.pages.live_bytes < 3 * MIB);
    CHECK_EQ_U64(live[99], 1);
    check_zombie_refuses(pool, live);
    pool_unpin(pool, pin);
    fake_pages_close(&f.pages);
    CHECK_STATUS(pool_abandon(NULL), CORRAL_INVALID_POOL);
}

static void test_trim_discards_what_is_free_and_pinned(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *pin;
    void *block = free_pinned(pool, 2 * MIB, &pin);
    CHECK_EQ_U64(pool_trim(pool, 2 * MIB), 0);
    CHECK_EQ_U64(pool_trim(pool, 2 * MIB - 1), 2 * MIB);
    CHECK_EQ_U64(pool_trim(pool, 0), 0); /* counted once */
    CHECK_EQ_U64(f.pages.discarded_bytes, 2 * MIB);
    CHECK_EQ_U64(fixture_stats(&f).regions, 1);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_EQ_PTR(pool_alloc(pool, 2 * MIB), block);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    CHECK_EQ_U64(pool_trim(pool, 0), 2 * MIB); /* and again after it was used */
    pool_unpin(pool, pin);
    CHECK_EQ_U64(fixture_stats(&f).regions, 0); /* it has nothing that were worth keeping */
    fixture_close(&f);
}

static void test_pinned_live_blocks_keep_their_contents(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.retain = 0;
    Pool *pool = fixture_create(&f, &config);
    void *pins[3];
    unsigned char *small = pool_alloc(pool, 64);
    unsigned char *run = pool_alloc(pool, 100000);
    unsigned char *large = pool_alloc(pool, 2 * MIB);
    pool_pin(pool, small, &pins[0]);
    pool_pin(pool, run, &pins[1]);
    pool_pin(pool, large, &pins[2]);
    small[63] = run[0] = large[MIB] = 7;
    CHECK_STATUS(pool_free(pool, run), CORRAL_OK); /* the region has a live neighbour */
    CHECK_EQ_U64(pool_trim(pool, 0), 0);
    CHECK_EQ_U64(f.pages.discard_calls, 0);
    CHECK_TRUE(small[63] == 7 && large[MIB] == 7);
    for (size_t i = 0; i < 3; i++) {
        pool_unpin(pool, pins[i]);
    }
    fixture_close(&f);
}

/* A region that was discarded may have been written to since, by a stale view: its next block must be zeroed. */
static void test_discarded_memory_does_not_count_as_zeroed(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *pin;
    unsigned char *block = pool_alloc(pool, 2 * MIB);
    pool_pin(pool, block, &pin);
    pool_free(pool, block);
    CHECK_EQ_U64(pool_trim(pool, 0), 2 * MIB);
    memory_open(block, 1);
    block[0] = 9;
    CHECK_EQ_PTR(pool_calloc(pool, 1, 2 * MIB), block);
    CHECK_EQ_U64(block[0], 0);
    pool_unpin(pool, pin);
    fixture_close(&f);
}

static void test_pinned_regions_above_retain_are_discarded(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.retain = 3 * MIB;
    Pool *pool = fixture_create(&f, &config);
    void *pins[3];
    void *kept = free_pinned(pool, 2 * MIB, &pins[0]);
    CHECK_EQ_U64(f.pages.discard_calls, 0);
    void *discarded[2];
    discarded[0] = pool_alloc(pool, 2 * MIB);
    CHECK_EQ_PTR(discarded[0], kept);
    discarded[1] = free_pinned(pool, 2 * MIB, &pins[1]); /* the other one is live: within retain */
    CHECK_EQ_U64(f.pages.discard_calls, 0);
    CHECK_STATUS(pool_free(pool, kept), CORRAL_OK);
    CHECK_EQ_U64(f.pages.discarded_bytes, 2 * MIB);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_EQ_PTR(pool_alloc(pool, 2 * MIB), discarded[1]); /* what has its memory is used first */
    CHECK_EQ_PTR(pool_alloc(pool, 2 * MIB), kept);
    pool_unpin(pool, pins[0]);
    pool_unpin(pool, pins[1]);
    fixture_close(&f);
}

static void test_refused_discard_changes_nothing(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.retain = 0;
    Pool *pool = fixture_create(&f, &config);
    f.pages.refuse_discard = true;
    void *pins[2];
    unsigned char *live = pool_alloc(pool, 100);
    pool_pin(pool, live, &pins[0]);
    memset(live, 1, 100);
    void *block = free_pinned(pool, 2 * MIB, &pins[1]);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_EQ_U64(pool_trim(pool, 0), 0);
    CHECK_EQ_U64(f.pages.discard_calls, 2);
    f.pages.refuse_discard = false;
    CHECK_EQ_U64(pool_trim(pool, 0), 2 * MIB);
    CHECK_EQ_PTR(pool_alloc(pool, 2 * MIB), block);
    f.pages.refuse_discard = true;
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    pool_unpin(pool, pins[1]);
    CHECK_EQ_U64(fixture_stats(&f).regions, 1); /* it was above retain, and nothing holds it any more */
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    CHECK_EQ_U64(live[99], 1);
    pool_unpin(pool, pins[0]);
    fake_pages_close(&f.pages);
}

static void test_source_that_cannot_discard_keeps_what_is_pinned(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    f.pages.source.discard = NULL;
    Pool *pool = fixture_create(&f, &config);
    void *pins[2];
    unsigned char *live = pool_alloc(pool, 100);
    pool_pin(pool, live, &pins[0]);
    memset(live, 1, 100);
    free_pinned(pool, 2 * MIB, &pins[1]);
    CHECK_EQ_U64(pool_trim(pool, 0), 0);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    CHECK_EQ_U64(live[99], 1);
    pool_unpin(pool, pins[0]);
    pool_unpin(pool, pins[1]);
    fake_pages_close(&f.pages);
}

/* --- random runs -------------------------------------------------------------------------------------------------- */

enum { RUN_BLOCKS = 32, RUN_PINS = 16 };

typedef struct Run {
    PoolFixture f;
    uint64_t random;
    unsigned char *blocks[RUN_BLOCKS];
    void *pins[RUN_PINS];
} Run;

static void run_block_step(Run *run) {
    Pool *pool = run->f.pool;
    size_t i = test_random_below(&run->random, RUN_BLOCKS);
    unsigned char **block = &run->blocks[i];
    if (*block == NULL) {
        *block = pool_alloc(pool, (size_t)64 << test_random_below(&run->random, 16));
        REQUIRE_TRUE(*block != NULL);
        (*block)[0] = (unsigned char)i;
    } else {
        CHECK_EQ_U64((*block)[0], i);
        CHECK_STATUS(pool_free(pool, *block), CORRAL_OK);
        *block = NULL;
    }
}

static void run_pin_step(Run *run) {
    Pool *pool = run->f.pool;
    void **pin = &run->pins[test_random_below(&run->random, RUN_PINS)];
    const void *block = run->blocks[test_random_below(&run->random, RUN_BLOCKS)];
    pool_unpin(pool, *pin);
    *pin = NULL;
    if (block != NULL) {
        CHECK_STATUS(pool_pin(pool, block, pin), CORRAL_OK);
    }
}

static void random_run(size_t retain, uint64_t seed) {
    static Run run;
    memset(&run, 0, sizeof run);
    run.random = seed;
    PoolConfig config = fixture_open(&run.f);
    config.retain = retain;
    Pool *pool = fixture_create(&run.f, &config);
    size_t steps = test_scaled(4000);
    for (size_t step = 0; step < steps && test_failures() == 0; step++) {
        run.f.pages.refuse_discard = test_random_below(&run.random, 4) == 0;
        run_block_step(&run);
        run_pin_step(&run);
        if (test_random_below(&run.random, 50) == 0) {
            pool_trim(pool, test_random_below(&run.random, 4 * MIB));
        }
        CHECK_STATUS(pool_check(pool), CORRAL_OK);
    }
    CHECK_TRUE(run.f.pages.discard_calls != 0 || steps < 1000); /* a shortened run may have none */
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    for (size_t i = 0; i < RUN_PINS; i++) {
        pool_unpin(pool, run.pins[i]);
    }
    fake_pages_close(&run.f.pages);
}

static void test_random_pins_keep_the_books_sound(void) {
    random_run(0, 1);
    random_run(2 * MIB, 2);
    random_run(POOL_RETAIN_DEFAULT, 3);
}

TEST_MAIN(TEST_CASE(test_pinned_block_stays_mapped_when_freed), TEST_CASE(test_pins_nest),
          TEST_CASE(test_unpinned_region_is_kept_within_retain), TEST_CASE(test_pinned_memory_is_reused_meanwhile),
          TEST_CASE(test_only_live_blocks_can_be_pinned), TEST_CASE(test_pins_outlive_the_pool),
          TEST_CASE(test_destroy_discards_what_is_pinned), TEST_CASE(test_abandon_leaves_what_is_pinned),
          TEST_CASE(test_trim_discards_what_is_free_and_pinned), TEST_CASE(test_pinned_live_blocks_keep_their_contents),
          TEST_CASE(test_discarded_memory_does_not_count_as_zeroed),
          TEST_CASE(test_pinned_regions_above_retain_are_discarded), TEST_CASE(test_refused_discard_changes_nothing),
          TEST_CASE(test_source_that_cannot_discard_keeps_what_is_pinned),
          TEST_CASE(test_random_pins_keep_the_books_sound))
