/* SPDX-License-Identifier: Apache-2.0
 * mempool_regions_test.c - the pool as a whole: creation, regions kept, reused and released; on fake pages. */
#include <string.h>

#include "corral/mempool.h"
#include "mempool/mempool_parts.h"
#include "mempool/pool_extension.h"
#include "support/pool_fixture.h"
#include "support/test.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

/* --- creation ----------------------------------------------------------------------------------------------------- */

static void check_config_is_refused(const PoolConfig *config) {
    CHECK_EQ_PTR(pool_create_with(config), NULL);
    CHECK_STATUS(*config->status, CORRAL_INVALID_ARGUMENT);
}

static void test_values_out_of_range_are_refused(void) {
    static const size_t sizes[] = {
        1, 4096, POOL_GRANULE - 1, POOL_GRANULE + 4096, ((size_t)1 << 30) + 1, (size_t)1 << 31};
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        config.region_size = sizes[i];
        check_config_is_refused(&config);
    }
    config.region_size = POOL_REGION_DEFAULT;
    PageSource broken = f.pages.source;
    config.source = &broken;
    broken.page_size = 5000;
    check_config_is_refused(&config);
    broken = f.pages.source;
    broken.reserve = NULL;
    check_config_is_refused(&config);
    broken = f.pages.source;
    broken.release = NULL;
    check_config_is_refused(&config);
    config.source = NULL;
    check_config_is_refused(&config);
    fake_pages_close(&f.pages);
}

static void test_create_says_when_there_is_no_memory(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    f.pages.byte_limit = 0;
    CHECK_EQ_PTR(pool_create_with(&config), NULL);
    CHECK_STATUS(f.created, CORRAL_NO_MEMORY);
    config.status = NULL;
    CHECK_EQ_PTR(pool_create_with(&config), NULL);
    fake_pages_close(&f.pages);
}

static void test_null_config_means_the_defaults(void) {
    Pool *pool = pool_create_with(NULL);
    REQUIRE_TRUE(pool != NULL);
    CHECK_STR(pool_name(pool), "pool");
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    pool = pool_create();
    REQUIRE_TRUE(pool != NULL);
    void *block = pool_alloc(pool, 100);
    CHECK_TRUE(block != NULL);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
}

static void check_name(const char *given, const char *expected) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.name = given;
    CHECK_STR(pool_name(fixture_create(&f, &config)), expected);
    fixture_close(&f);
}

static void test_name_is_cut_between_characters(void) {
    check_name(NULL, "pool");
    check_name("", "");
    check_name("0123456789012345678901234567890", "0123456789012345678901234567890");
    check_name("01234567890123456789012345678901", "0123456789012345678901234567890");
    check_name("012345678901234567890123456789\xC3\xA4", "012345678901234567890123456789");
    check_name("01234567890123456789012345678\xC3\xA4", "01234567890123456789012345678\xC3\xA4");
}

static void test_extension_slot_starts_empty(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    os_lock_take(pool_extension_lock(pool));
    CHECK_EQ_PTR(*pool_extension(pool), NULL);
    *pool_extension(pool) = pool_alloc(pool, 4096); /* the holder may allocate */
    CHECK_TRUE(*pool_extension(pool) != NULL);
    os_lock_release(pool_extension_lock(pool));
    CHECK_TRUE(pool_is_valid(pool));
    CHECK_FALSE(pool_is_valid(NULL));
    fixture_close(&f);
}

static void test_destroy_takes_back_live_blocks(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t size = 1; size < 4 * MIB; size += size / 2 + 1) {
        CHECK_TRUE(pool_alloc(pool, size) != NULL);
    }
    fixture_close(&f);
}

static void test_many_pools_leave_nothing(void) {
    size_t count = test_scaled(100000);
    for (size_t i = 0; i < count && test_failures() == 0; i++) {
        Pool *pool = pool_create();
        REQUIRE_TRUE(pool != NULL);
        CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    }
    PoolFixture f;
    for (size_t i = 0; i < count / 100 + 1; i++) {
        Pool *pool = fixture_default(&f);
        CHECK_TRUE(pool_alloc(pool, i) != NULL);
        fixture_close(&f);
    }
}

/* --- kept and released regions ------------------------------------------------------------------------------------ */

static void test_nothing_is_kept_without_retain(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.retain = 0;
    Pool *pool = fixture_create(&f, &config);
    size_t empty = f.pages.live_bytes;
    static const size_t sizes[] = {16, 40000, 700000, 3 * MIB};
    for (size_t i = 0; i < 4; i++) {
        void *block = pool_alloc(pool, sizes[i]);
        CHECK_TRUE(f.pages.live_bytes > empty);
        CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
        CHECK_EQ_U64(f.pages.live_bytes, empty);
        CHECK_STATUS(pool_free(pool, block), CORRAL_FOREIGN_POINTER); /* its region is not the pool's any more */
    }
    fixture_close(&f);
}

static void test_regions_are_kept_up_to_retain(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.retain = 3 * MIB;
    Pool *pool = fixture_create(&f, &config);
    void *blocks[8];
    for (size_t i = 0; i < 8; i++) {
        blocks[i] = pool_alloc(pool, MIB);
    }
    size_t calls = f.pages.reserve_calls;
    for (size_t i = 0; i < 8; i++) {
        pool_free(pool, blocks[i]);
    }
    CHECK_EQ_U64(fixture_stats(&f).free_bytes, 3 * MIB);
    CHECK_EQ_U64(fixture_stats(&f).regions, 3);
    for (size_t i = 0; i < 3; i++) {
        CHECK_TRUE(pool_alloc(pool, MIB) != NULL);
    }
    CHECK_EQ_U64(f.pages.reserve_calls, calls);
    fixture_close(&f);
}

static void test_trim_keeps_what_it_is_told_to(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *small = pool_alloc(pool, 64);
    void *blocks[6];
    for (size_t i = 0; i < 6; i++) {
        blocks[i] = pool_alloc(pool, MIB);
    }
    for (size_t i = 0; i < 6; i++) {
        pool_free(pool, blocks[i]);
    }
    CHECK_EQ_U64(pool_trim(pool, 6 * MIB), 0);
    CHECK_EQ_U64(pool_trim(pool, 4 * MIB), 2 * MIB);
    CHECK_EQ_U64(pool_trim(pool, 4 * MIB - 1), MIB);
    CHECK_EQ_U64(pool_trim(pool, 0), 3 * MIB);
    CHECK_EQ_U64(pool_trim(pool, 0), 0);
    CHECK_EQ_U64(fixture_stats(&f).regions, 1);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    pool_free(pool, small);
    CHECK_EQ_U64(pool_trim(pool, 0), MIB);
    CHECK_EQ_U64(fixture_stats(&f).regions, 0);
    fixture_close(&f);
}

static void test_dedicated_region_is_reused_where_it_fits(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *block = pool_alloc(pool, 4 * MIB);
    pool_free(pool, block);
    size_t calls = f.pages.reserve_calls;
    void *smaller = pool_alloc(pool, 3300 * KIB); /* the region is less than a quarter larger */
    CHECK_EQ_PTR(smaller, block);
    CHECK_EQ_U64(f.pages.reserve_calls, calls);
    CHECK_EQ_U64(pool_usable_size(pool, smaller), 3300 * KIB);
    pool_free(pool, smaller);
    void *too_small = pool_alloc(pool, 3 * MIB);
    CHECK_TRUE(too_small != block);
    void *too_large = pool_alloc(pool, 4 * MIB + 1);
    CHECK_TRUE(too_large != block);
    CHECK_EQ_U64(f.pages.reserve_calls, calls + 2);
    fixture_close(&f);
}

static void test_closest_dedicated_region_is_taken(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *large = pool_alloc(pool, 1200 * KIB);
    void *close = pool_alloc(pool, 1100 * KIB);
    void *larger = pool_alloc(pool, 1240 * KIB);
    pool_free(pool, large);
    pool_free(pool, close);
    pool_free(pool, larger);
    CHECK_EQ_PTR(pool_alloc(pool, 1024 * KIB), close);
    CHECK_EQ_PTR(pool_alloc(pool, 1024 * KIB), large);
    fixture_close(&f);
}

static void test_free_granules_join_again(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *runs[16];
    for (size_t i = 0; i < 16; i++) {
        runs[i] = pool_alloc(pool, 64 * KIB);
    }
    CHECK_EQ_U64(fixture_stats(&f).regions, 1);
    for (size_t i = 0; i < 16; i += 2) {
        pool_free(pool, runs[i]);
    }
    void *pair = pool_alloc(pool, 128 * KIB); /* no two free neighbours: another region */
    CHECK_EQ_U64(fixture_stats(&f).regions, 2);
    pool_free(pool, pair);
    for (size_t i = 1; i < 16; i += 2) {
        pool_free(pool, runs[i]);
    }
    pool_trim(pool, MIB);
    CHECK_TRUE(pool_alloc(pool, 512 * KIB) != NULL);
    CHECK_TRUE(pool_alloc(pool, 512 * KIB) != NULL);
    CHECK_EQ_U64(fixture_stats(&f).regions, 1);
    fixture_close(&f);
}

static void test_empty_span_serves_other_sizes(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.uncached = true; /* a cache would keep a block of each size */
    Pool *pool = fixture_create(&f, &config);
    for (size_t size = 16; size <= 512 * KIB; size += size / 4 + 16) {
        void *block = pool_alloc(pool, size);
        REQUIRE_TRUE(block != NULL);
        CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    }
    CHECK_EQ_U64(f.pages.reserve_calls, 2); /* the pool, and one region for all */
    fixture_close(&f);
}

static void test_reused_region_keeps_the_alignment(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.region_size = POOL_GRANULE;
    Pool *pool = fixture_create(&f, &config);
    void *blocks[20];
    for (size_t i = 0; i < 20; i++) {
        blocks[i] = pool_alloc(pool, 64 * KIB);
    }
    for (size_t i = 0; i < 20; i++) {
        pool_free(pool, blocks[i]);
    }
    for (size_t i = 0; i < 20; i++) {
        CHECK_EQ_U64((uintptr_t)pool_alloc_aligned(pool, 64 * KIB, MIB) % MIB, 0);
    }
    fixture_close(&f);
}

/* Rows of 32 to 63 granules share a bin: one that is too short for a request is passed over, and not lost. */
static void test_row_that_is_too_short_is_passed_over(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.region_size = 128 * POOL_GRANULE;
    Pool *pool = fixture_create(&f, &config);
    void *row = pool_alloc(pool, 40 * POOL_GRANULE);
    CHECK_TRUE(pool_alloc(pool, 64 * POOL_GRANULE) != NULL);
    CHECK_TRUE(pool_alloc(pool, 24 * POOL_GRANULE) != NULL);
    pool_free(pool, row);
    CHECK_EQ_U64(fixture_stats(&f).regions, 1);
    CHECK_TRUE(pool_alloc(pool, 50 * POOL_GRANULE) != NULL);
    CHECK_EQ_U64(fixture_stats(&f).regions, 2);
    CHECK_EQ_PTR(pool_alloc(pool, 40 * POOL_GRANULE), row);
    fixture_close(&f);
}

static void test_many_regions_are_found(void) {
    enum { COUNT = 700 };
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.region_size = POOL_GRANULE;
    Pool *pool = fixture_create(&f, &config);
    static void *blocks[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = pool_alloc(pool, i % 3 == 0 ? 32 * KIB : 64 * KIB);
        REQUIRE_TRUE(blocks[i] != NULL);
    }
    CHECK_TRUE(fixture_stats(&f).regions > 500);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    for (size_t i = 0; i < COUNT; i++) {
        CHECK_STATUS(pool_free(pool, blocks[(i * 11) % COUNT]), CORRAL_OK);
    }
    fixture_close(&f);
}

static void test_large_pages_raise_the_region_size(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    f.pages.source.page_size = 2 * MIB;
    Pool *pool = fixture_create(&f, &config);
    CHECK_TRUE(pool_alloc(pool, 100) != NULL);
    CHECK_TRUE(pool_alloc_aligned(pool, 100, MIB) != NULL);
    CHECK_TRUE(pool_alloc(pool, 5 * MIB) != NULL);
    CHECK_EQ_U64(fixture_stats(&f).reserved, (2 + 2 + 2 + 6) * MIB);
    fixture_close(&f);
}

static void test_refused_release_is_not_counted_as_reserved(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.retain = 0;
    Pool *pool = fixture_create(&f, &config);
    f.pages.refuse_release = true;
    CHECK_STATUS(pool_free(pool, pool_alloc(pool, 2 * MIB)), CORRAL_OK);
    CHECK_EQ_U64(pool->lost, 2 * MIB);
    fixture_stats(&f);
    fixture_close(&f);
}

/* A source that ignores the alignment. */
static void *reserve_misaligned(void *context, size_t bytes, size_t alignment) {
    FakePages *fake = context;
    char *pages = fake->source.reserve(context, bytes, alignment < 65536 ? alignment : alignment * 2);
    return pages != NULL && alignment >= 65536 ? pages + 4096 : pages;
}

static bool release_misaligned(void *context, void *pages, size_t bytes) {
    FakePages *fake = context;
    uintptr_t offset = (uintptr_t)pages % 65536;
    return fake->source.release(context, (char *)pages - offset, bytes);
}

static void test_source_that_does_not_align_counts_as_empty(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    PageSource crooked = f.pages.source;
    crooked.reserve = reserve_misaligned;
    Pool *pool = NULL;
    config.source = &crooked;
    pool = fixture_create(&f, &config);
    pool->source.release = release_misaligned;
    void *block;
    CHECK_STATUS(pool_acquire(pool, 100, 16, &block), CORRAL_NO_MEMORY);
    pool->source = f.pages.source;
    CHECK_STATUS(pool_acquire(pool, 100, 16, &block), CORRAL_OK);
    fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_values_out_of_range_are_refused), TEST_CASE(test_create_says_when_there_is_no_memory),
          TEST_CASE(test_null_config_means_the_defaults), TEST_CASE(test_name_is_cut_between_characters),
          TEST_CASE(test_extension_slot_starts_empty), TEST_CASE(test_destroy_takes_back_live_blocks),
          TEST_CASE(test_many_pools_leave_nothing), TEST_CASE(test_nothing_is_kept_without_retain),
          TEST_CASE(test_regions_are_kept_up_to_retain), TEST_CASE(test_trim_keeps_what_it_is_told_to),
          TEST_CASE(test_dedicated_region_is_reused_where_it_fits), TEST_CASE(test_closest_dedicated_region_is_taken),
          TEST_CASE(test_free_granules_join_again), TEST_CASE(test_empty_span_serves_other_sizes),
          TEST_CASE(test_reused_region_keeps_the_alignment), TEST_CASE(test_row_that_is_too_short_is_passed_over),
          TEST_CASE(test_many_regions_are_found), TEST_CASE(test_large_pages_raise_the_region_size),
          TEST_CASE(test_refused_release_is_not_counted_as_reserved),
          TEST_CASE(test_source_that_does_not_align_counts_as_empty))
