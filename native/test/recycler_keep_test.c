/* SPDX-License-Identifier: Apache-2.0
 * recycler_keep_test.c - which arenas a recycler keeps, how large new ones are, and configurations. */
#include <stdlib.h>

#include "support/recycler_fixture.h"

/* --- what is kept ------------------------------------------------------------------------------------------------- */

static void test_outlier_is_dropped(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    use_often(recycler, 20, KIB);
    use(recycler, MIB);
    RecyclerStats stats = stats_of(recycler);
    CHECK_EQ_U64(stats.dropped, 1);
    CHECK_EQ_U64(stats.outgrown, 1);
    CHECK_EQ_U64(stats.kept, 0);
    CHECK_EQ_U64(stats.typical, KIB);
    use(recycler, KIB);
    CHECK_EQ_U64(stats_of(recycler).misses, 2);
    CHECK_EQ_U64(stats_of(recycler).kept_bytes, 4 * KIB);
    close_recycler(&f);
}

/* Twice what is typical, and the first chunk: 6,144 bytes here. */
static void test_arena_just_beyond_the_bound_is_dropped(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    use_often(recycler, 20, KIB);
    use(recycler, 5 * KIB); /* 4 KiB and 8 KiB of chunks */
    CHECK_EQ_U64(stats_of(recycler).outgrown, 1);
    use_often(recycler, 20, 4097); /* 5,120 bytes are typical now, which makes 14,336 */
    use_often(recycler, 44, 4097);
    CHECK_EQ_U64(stats_of(recycler).typical, 5 * KIB);
    uint64_t outgrown = stats_of(recycler).outgrown;
    use(recycler, 6 * KIB);
    CHECK_EQ_U64(stats_of(recycler).outgrown, outgrown);
    close_recycler(&f);
}

/* One outlier in every dozen uses never makes the idle arenas larger than the other uses justify. */
static void test_outliers_do_not_ratchet(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    for (size_t i = 0; i < test_scaled(2000); i++) {
        use(recycler, i % 12 == 11 ? 300 * KIB : 5000);
        CHECK_LE_U64(stats_of(recycler).kept_bytes, 2 * 5120 + 4 * KIB);
    }
    CHECK_STATUS(recycler_check(recycler), CORRAL_OK);
    close_recycler(&f);
}

/* What the header says of doubling chunks, for many sizes of uses and of first chunks. */
static void test_use_of_typical_size_is_kept(void) {
    PoolFixture f;
    recyclers_pool = fixture_default(&f);
    for (size_t initial = 64; initial <= 4 * KIB; initial *= 4) {
        for (size_t blocks = 0; blocks < 300; blocks += 7) {
            RecyclerConfig config = recycler_config_default();
            config.arena.initial_size = initial;
            config.arena.maximum_size = MIB;
            ArenaRecycler *recycler = recycler_create_with(recyclers_pool, &config);
            Arena *arena = borrow(recycler);
            for (size_t i = 0; i < blocks; i++) {
                CHECK_TRUE(arena_alloc(arena, 16) != NULL);
            }
            CHECK_STATUS(recycler_return(recycler, arena), CORRAL_OK);
            CHECK_EQ_U64(stats_of(recycler).dropped, 0);
            CHECK_STATUS(recycler_destroy(recycler), CORRAL_OK);
        }
    }
    CHECK_EQ_U64(fixture_stats(&f).live_blocks, 0);
    fixture_close(&f);
}

static void test_new_arena_starts_at_typical_size(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    use_often(recycler, 10, 100 * KIB);
    Arena *idle = borrow(recycler);
    Arena *arena = borrow(recycler); /* there was one idle arena, so this one is new */
    CHECK_EQ_U64(stats_of(recycler).misses, 2);
    uint64_t typical = stats_of(recycler).typical;
    CHECK_NUMBERS(arena, 1, typical, 0);
    CHECK_LE_U64(100 * KIB, typical);
    CHECK_LE_U64(typical, 125 * KIB);
    for (size_t i = 0; i < 100; i++) {
        CHECK_TRUE(arena_alloc(arena, KIB) != NULL);
    }
    CHECK_EQ_U64(arena_chunk_count(arena), 1);
    CHECK_STATUS(recycler_return(recycler, arena), CORRAL_OK);
    CHECK_STATUS(recycler_return(recycler, idle), CORRAL_OK);
    close_recycler(&f);
}

/* First the typical size grows with the uses, then the large arenas go when the uses shrink. */
static void test_sizes_follow_the_uses(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    use_often(recycler, RECYCLER_USES, 500);
    CHECK_EQ_U64(stats_of(recycler).typical, 512);
    use_often(recycler, RECYCLER_USES, 200 * KIB);
    CHECK_LE_U64(200 * KIB, stats_of(recycler).typical);
    CHECK_LE_U64(200 * KIB, stats_of(recycler).kept_bytes);
    use_often(recycler, RECYCLER_USES, 500);
    CHECK_EQ_U64(stats_of(recycler).typical, 512);
    CHECK_EQ_U64(stats_of(recycler).kept_bytes, 4 * KIB);
    close_recycler(&f);
}

static void test_no_more_arenas_than_configured_are_kept(void) {
    RecyclerFixture f;
    RecyclerConfig config = recycler_config_default();
    config.kept_max = 2;
    ArenaRecycler *recycler = open_with(&f, &config);
    Arena *arenas[5];
    for (size_t i = 0; i < 5; i++) {
        arenas[i] = borrow(recycler);
    }
    for (size_t i = 0; i < 5; i++) {
        CHECK_STATUS(recycler_return(recycler, arenas[i]), CORRAL_OK);
    }
    CHECK_EQ_U64(stats_of(recycler).kept, 2);
    CHECK_EQ_U64(stats_of(recycler).dropped, 3);
    CHECK_EQ_U64(stats_of(recycler).outgrown, 0);
    close_recycler(&f);
}

static void test_no_arena_is_kept_where_none_may_be(void) {
    RecyclerFixture f;
    RecyclerConfig config = recycler_config_default();
    config.kept_max = 0;
    ArenaRecycler *recycler = open_with(&f, &config);
    use_often(recycler, 3, KIB);
    CHECK_EQ_U64(stats_of(recycler).misses, 3);
    CHECK_EQ_U64(stats_of(recycler).dropped, 3);
    close_recycler(&f);
}

static void test_no_more_bytes_than_configured_are_kept(void) {
    RecyclerFixture f;
    RecyclerConfig config = recycler_config_default();
    config.kept_bytes_max = 10 * KIB;
    ArenaRecycler *recycler = open_with(&f, &config);
    Arena *arenas[4];
    for (size_t i = 0; i < 4; i++) {
        arenas[i] = borrow(recycler);
    }
    for (size_t i = 0; i < 4; i++) {
        CHECK_STATUS(recycler_return(recycler, arenas[i]), CORRAL_OK);
    }
    CHECK_EQ_U64(stats_of(recycler).kept, 2);
    CHECK_EQ_U64(stats_of(recycler).kept_bytes, 8 * KIB);
    close_recycler(&f);
}

static void test_trim_destroys_the_oldest_first(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    Arena *arenas[4];
    for (size_t round = 0; round < 3; round++) { /* the ring has begun elsewhere each time */
        for (size_t i = 0; i < 4; i++) {
            arenas[i] = borrow(recycler);
        }
        for (size_t i = 0; i < 4; i++) {
            CHECK_STATUS(recycler_return(recycler, arenas[i]), CORRAL_OK);
        }
        CHECK_EQ_U64(recycler_trim(recycler, 9 * KIB), 8 * KIB);
        CHECK_EQ_U64(stats_of(recycler).kept, 2);
        CHECK_STATUS(arena_check(arenas[0]), CORRAL_INVALID_ARENA);
        CHECK_STATUS(arena_check(arenas[3]), CORRAL_OK);
    }
    CHECK_EQ_U64(recycler_trim(recycler, 0), 8 * KIB);
    CHECK_EQ_U64(recycler_trim(recycler, 0), 0);
    CHECK_EQ_U64(stats_of(recycler).trimmed, 8);
    close_recycler(&f);
}

/* --- configurations ----------------------------------------------------------------------------------------------- */

static void test_zeroed_arenas_are_zero_for_each_borrower(void) {
    RecyclerFixture f;
    RecyclerConfig config = recycler_config_default();
    config.arena.zeroed = true;
    ArenaRecycler *recycler = open_with(&f, &config);
    for (size_t round = 0; round < 5; round++) {
        Arena *arena = borrow(recycler);
        unsigned char *block = arena_alloc(arena, 3 * KIB);
        for (size_t i = 0; i < 3 * KIB && test_failures() == 0; i++) {
            CHECK_EQ_U64(block[i], 0);
        }
        memset(block, 0xA5, 3 * KIB);
        CHECK_STATUS(recycler_return(recycler, arena), CORRAL_OK);
    }
    CHECK_EQ_U64(stats_of(recycler).hits, 4);
    close_recycler(&f);
}

static void ignore_report(void *context, const char *text) {
    (void)context;
    (void)text;
}

static void test_damaged_arena_is_dropped(void) {
    RecyclerFixture f;
    RecyclerConfig config = recycler_config_default();
    config.arena.debug = true;
    config.arena.report = ignore_report;
    ArenaRecycler *recycler = open_with(&f, &config);
    use(recycler, 100);
    Arena *arena = borrow(recycler);
    unsigned char *block = arena_alloc(arena, 24);
    block[24] = 1;
    CHECK_STATUS(recycler_return(recycler, arena), CORRAL_DAMAGED);
    CHECK_EQ_U64(stats_of(recycler).dropped, 1);
    CHECK_EQ_U64(stats_of(recycler).kept, 0);
    CHECK_STATUS(arena_check(arena), CORRAL_INVALID_ARENA);
    close_recycler(&f);
}

static void test_fixed_arenas_are_not_presized(void) {
    RecyclerFixture f;
    RecyclerConfig config = recycler_config_default();
    config.arena.fixed = true;
    config.arena.initial_size = config.arena.maximum_size = 5000;
    ArenaRecycler *recycler = open_with(&f, &config);
    use_often(recycler, 5, 4990);
    CHECK_EQ_U64(stats_of(recycler).typical, 5 * KIB); /* rounded up */
    Arena *idle = borrow(recycler);
    Arena *arena = borrow(recycler);
    CHECK_NUMBERS(arena, 1, 5008, 0);
    CHECK_STATUS(recycler_return(recycler, arena), CORRAL_OK);
    CHECK_STATUS(recycler_return(recycler, idle), CORRAL_OK);
    CHECK_EQ_U64(stats_of(recycler).dropped, 0);
    close_recycler(&f);
}

static void test_first_chunk_stays_within_the_limit(void) {
    RecyclerFixture f;
    RecyclerConfig config = recycler_config_default();
    config.arena.limit = 100 * KIB + 8;
    ArenaRecycler *recycler = open_with(&f, &config);
    use_often(recycler, 5, 90 * KIB);
    Arena *idle = borrow(recycler);
    Arena *arena = borrow(recycler);
    CHECK_LE_U64(arena_total_allocated(arena), 100 * KIB);
    CHECK_LE_U64(90 * KIB, arena_total_allocated(arena));
    CHECK_STATUS(recycler_return(recycler, arena), CORRAL_OK);
    CHECK_STATUS(recycler_return(recycler, idle), CORRAL_OK);
    close_recycler(&f);
}

/* Where the pool has no room for the typical size, a new arena starts as configured. */
static void test_first_chunk_falls_back_to_the_configured_size(void) {
    RecyclerFixture f;
    PoolConfig pool_config = fixture_open(&f.base);
    pool_config.limit = 600 * KIB;
    recyclers_pool = fixture_create(&f.base, &pool_config);
    f.recycler = recycler_create(recyclers_pool);
    use_often(f.recycler, 5, 300 * KIB);
    Arena *idle = borrow(f.recycler);
    Arena *arena = borrow(f.recycler);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 0);
    CHECK_STATUS(recycler_return(f.recycler, arena), CORRAL_OK);
    CHECK_STATUS(recycler_return(f.recycler, idle), CORRAL_OK);
    close_recycler(&f);
}

static void test_configurations_out_of_range_refused(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    CorralStatus status = CORRAL_OK;
    RecyclerConfig config = recycler_config_default();
    config.status = &status;
    config.percentile = 0;
    CHECK_TRUE(recycler_create_with(pool, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    config.percentile = 101;
    CHECK_TRUE(recycler_create_with(pool, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    config.percentile = 100;
    config.kept_max = RECYCLER_KEPT_MAX + 1;
    CHECK_TRUE(recycler_create_with(pool, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    config.kept_max = RECYCLER_KEPT_MAX;
    config.arena.alignment = 4;
    CHECK_TRUE(recycler_create_with(pool, &config) == NULL);
    CHECK_STATUS(status, CORRAL_BAD_ALIGNMENT);
    config.arena.alignment = 8;
    config.arena.initial_size = 0;
    CHECK_TRUE(recycler_create_with(pool, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    config.arena.initial_size = 64;
    CHECK_TRUE(recycler_create_with(NULL, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_POOL);
    Arena *parent = arena_create_default(pool);
    config.arena.parent = parent;
    CHECK_TRUE(recycler_create_with(pool, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    config.arena.parent = NULL;
    CHECK_STATUS(arena_destroy(parent), CORRAL_OK);
    ArenaRecycler *recycler = recycler_create_with(pool, &config);
    CHECK_STATUS(status, CORRAL_OK);
    CHECK_STATUS(recycler_destroy(recycler), CORRAL_OK);
    fixture_close(&f);
}

/* --- recent uses -------------------------------------------------------------------------------------------------- */

static void test_bins_hold_sizes_in_order(void) {
    for (unsigned bin = 0; bin < RECYCLER_BINS; bin++) {
        uint64_t largest = uses_bin_bytes(bin);
        CHECK_EQ_U64(uses_bin(largest), bin);
        if (bin + 1 < RECYCLER_BINS) {
            uint64_t next = uses_bin_bytes(bin + 1);
            CHECK_EQ_U64(uses_bin(largest + 1), bin + 1);
            CHECK_TRUE(next > largest && (largest < 8 || next - largest <= largest / 4 + 1));
        }
    }
    CHECK_EQ_U64(uses_bin_bytes(RECYCLER_BINS - 1), UINT64_MAX);
    CHECK_EQ_U64(uses_bin_bytes(uses_bin(4096)), 4096);
}

static int compare_sizes(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The percentile of the last 64 sizes, by sorting them. */
static uint64_t sorted_percentile(const uint64_t *sizes, size_t count, unsigned percentile) {
    uint64_t last[RECYCLER_USES];
    size_t kept = count < RECYCLER_USES ? count : RECYCLER_USES;
    memcpy(last, sizes + count - kept, kept * sizeof last[0]);
    qsort(last, kept, sizeof last[0], compare_sizes);
    return last[(percentile * kept + 99) / 100 - 1];
}

static void test_typical_is_the_percentile_of_recent_uses(void) {
    static const uint8_t percentiles[] = {1, 50, 90, 99, 100};
    uint64_t random = 7;
    for (size_t p = 0; p < sizeof percentiles; p++) {
        RecentUses uses = {.percentile = percentiles[p]};
        uint64_t sizes[500];
        for (size_t i = 0; i < 500 && test_failures() == 0; i++) {
            sizes[i] = test_random(&random) >> (i / 50 + test_random_below(&random, 50));
            uses_add(&uses, sizes[i]);
            CHECK_TRUE(uses_hold(&uses));
            CHECK_EQ_U64(uses.typical, uses_bin(sorted_percentile(sizes, i + 1, percentiles[p])));
        }
    }
}

TEST_MAIN(TEST_CASE(test_outlier_is_dropped), TEST_CASE(test_arena_just_beyond_the_bound_is_dropped),
          TEST_CASE(test_outliers_do_not_ratchet), TEST_CASE(test_use_of_typical_size_is_kept),
          TEST_CASE(test_new_arena_starts_at_typical_size), TEST_CASE(test_sizes_follow_the_uses),
          TEST_CASE(test_no_more_arenas_than_configured_are_kept), TEST_CASE(test_no_arena_is_kept_where_none_may_be),
          TEST_CASE(test_no_more_bytes_than_configured_are_kept), TEST_CASE(test_trim_destroys_the_oldest_first),
          TEST_CASE(test_zeroed_arenas_are_zero_for_each_borrower), TEST_CASE(test_damaged_arena_is_dropped),
          TEST_CASE(test_fixed_arenas_are_not_presized), TEST_CASE(test_first_chunk_stays_within_the_limit),
          TEST_CASE(test_first_chunk_falls_back_to_the_configured_size),
          TEST_CASE(test_configurations_out_of_range_refused), TEST_CASE(test_bins_hold_sizes_in_order),
          TEST_CASE(test_typical_is_the_percentile_of_recent_uses))
