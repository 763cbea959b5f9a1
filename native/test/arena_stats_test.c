/* SPDX-License-Identifier: Apache-2.0
 * arena_stats_test.c - what an arena tells about itself: numbers, single chunks. On fake pages. */
#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static void check_identities(const Arena *arena) {
    ArenaStats stats;
    CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.allocated, stats.used + stats.waste);
    CHECK_LE_U64(stats.used, stats.peak_used);
    CHECK_LE_U64(stats.allocated, stats.peak_allocated);
    CHECK_EQ_U64(stats.allocated, arena_total_allocated(arena));
    CHECK_EQ_U64(stats.used, arena_total_used(arena));
    CHECK_EQ_U64(stats.waste, arena_waste(arena));
    CHECK_EQ_U64(stats.chunks, arena_chunk_count(arena));
    CHECK_EQ_U64(stats.count, arena_allocation_count(arena));
    CHECK_EQ_U64(stats.peak_used, arena_peak_used(arena));
    size_t allocated = 0;
    size_t used = 0;
    for (size_t i = 0; i < stats.chunks; i++) {
        ChunkView view = chunk_view(arena, i);
        allocated += view.capacity;
        used += view.used;
    }
    CHECK_EQ_U64(stats.allocated, allocated);
    CHECK_EQ_U64(stats.used, used);
}

static void test_allocated_is_used_plus_waste(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    uint64_t random = 9;
    for (size_t i = 0; i < 2000 && test_failures() == 0; i++) {
        size_t size = test_random_below(&random, i % 40 == 0 ? 70000 : 500);
        CHECK_TRUE(arena_alloc_aligned(arena, size, (size_t)1 << test_random_below(&random, 9)) != NULL);
        if (i % 300 == 299) {
            CHECK_STATUS(i % 900 == 899 ? arena_clear(arena) : arena_reset(arena), CORRAL_OK);
        }
        check_identities(arena);
    }
    arena_fixture_close(&f);
}

static void test_resets_counts_resets_and_clears(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    for (size_t i = 0; i < 3; i++) {
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
        CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    }
    ArenaStats stats;
    CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.resets, 6);
    arena_fixture_close(&f);
}

static void test_peak_allocated_survives_clear(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 100000) != NULL);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_TRUE(arena_alloc(arena, 50000) != NULL);
    ArenaStats stats;
    CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.allocated, 54096);
    CHECK_EQ_U64(stats.peak_allocated, 104096);
    CHECK_EQ_U64(stats.peak_used, 100000);
    arena_fixture_close(&f);
}

static void test_statistics_into_nothing_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_STATUS(arena_stats(arena, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_stats(NULL, NULL), CORRAL_INVALID_ARGUMENT);
    arena_fixture_close(&f);
}

/* --- single chunks ------------------------------------------------------------------------------------------------ */

static void test_chunk_tells_base_capacity_and_use(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    char *first = arena_alloc(arena, 100);
    char *side = arena_alloc(arena, 50000);
    CHECK_CHUNK(arena, 0, 4 * KIB, 112);
    CHECK_CHUNK(arena, 1, 50000, 50000);
    CHECK_EQ_PTR((void *)chunk_view(arena, 0).base, first);
    CHECK_EQ_PTR((void *)chunk_view(arena, 1).base, side);
    for (size_t i = 0; i < 2; i++) {
        CHECK_EQ_U64(chunk_view(arena, i).base % ARENA_CHUNK_ALIGNMENT, 0);
    }
    arena_fixture_close(&f);
}

static void test_chunk_out_of_range_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    void *base;
    size_t capacity;
    size_t used;
    CHECK_STATUS(arena_chunk(arena, 0, &base, &capacity, &used), CORRAL_OK);
    CHECK_STATUS(arena_chunk(arena, 1, &base, &capacity, &used), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_chunk(arena, (size_t)UINT32_MAX + 1, &base, &capacity, &used), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_chunk(arena, SIZE_MAX, &base, &capacity, &used), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_chunk(arena, 0, NULL, &capacity, &used), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_chunk(arena, 0, &base, NULL, &used), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_chunk(arena, 0, &base, &capacity, NULL), CORRAL_INVALID_ARGUMENT);
    arena_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_allocated_is_used_plus_waste), TEST_CASE(test_resets_counts_resets_and_clears),
          TEST_CASE(test_peak_allocated_survives_clear), TEST_CASE(test_statistics_into_nothing_refused),
          TEST_CASE(test_chunk_tells_base_capacity_and_use), TEST_CASE(test_chunk_out_of_range_refused))
