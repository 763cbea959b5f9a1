/* SPDX-License-Identifier: Apache-2.0
 * arena_limits_test.c - limits of arenas and of those above them, and what an exhausted arena does. */
#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

/* Chunks of 1 KiB that do not grow. */
static ArenaConfig small_config(size_t limit, ArenaExhausted exhausted) {
    ArenaConfig config = arena_config_default();
    config.initial_size = config.maximum_size = 1 * KIB;
    config.limit = limit;
    config.exhausted = exhausted;
    return config;
}

static ArenaStats stats_of(const Arena *arena) {
    ArenaStats stats;
    CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    return stats;
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

static void test_limit_refuses_and_leaves_the_arena_usable(void) {
    ArenaFixture f;
    ArenaConfig config = small_config(3 * KIB, ARENA_GROW);
    Arena *arena = arena_fixture_with(&f, &config);
    CHECK_TRUE(arena_alloc(arena, 1000) != NULL);
    ArenaPicture before = arena_picture(arena);
    CHECK_FAILS(arena, arena_alloc(arena, 2 * KIB + 1), CORRAL_LIMIT_REACHED);
    CHECK_FAILS(arena, arena_calloc(arena, 3, KIB), CORRAL_LIMIT_REACHED);
    CHECK_FAILS(arena, arena_alloc_aligned(arena, 2 * KIB + 1, 4096), CORRAL_LIMIT_REACHED);
    CHECK_UNCHANGED(arena, &before);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 1008);
    CHECK_SPOT(arena, arena_alloc(arena, 2 * KIB), 1, 0);
    CHECK_NUMBERS(arena, 2, 3 * KIB, 1024 + 2 * KIB);
    CHECK_FAILS(arena, arena_alloc(arena, 1), CORRAL_LIMIT_REACHED);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_TRUE(arena_alloc(arena, 2 * KIB) != NULL);
    arena_fixture_close(&f);
}

static void test_limit_cuts_the_last_chunk(void) {
    ArenaFixture f;
    ArenaConfig config = arena_config_default();
    config.limit = 20000;
    Arena *arena = arena_fixture_with(&f, &config);
    CHECK_TRUE(arena_alloc(arena, 4 * KIB) != NULL && arena_alloc(arena, 8 * KIB) != NULL);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 2, 0);
    CHECK_CHUNK(arena, 2, 20000 - 12 * KIB, 16);
    CHECK_EQ_U64(arena->target, 8 * KIB);
    CHECK_EQ_U64(stats_of(arena).limit, 20000);
    arena_fixture_close(&f);
}

/* Zero bytes at an alignment that the chunk's end does not have need a chunk, too. */
static void test_zero_bytes_below_a_full_limit(void) {
    ArenaFixture f;
    ArenaConfig config = small_config(1 * KIB, ARENA_GROW);
    Arena *arena = arena_fixture_with(&f, &config);
    CHECK_TRUE(arena_alloc(arena, 1008) != NULL);
    CHECK_TRUE(arena_alloc(arena, 0) != NULL);
    CHECK_FAILS(arena, arena_alloc_aligned(arena, 0, ARENA_ALIGNMENT_MAX), CORRAL_LIMIT_REACHED);
    CHECK_NUMBERS(arena, 1, 1 * KIB, 1008);
    arena_fixture_close(&f);
}

static void test_limit_smaller_than_the_first_chunk_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CorralStatus status = CORRAL_OK;
    ArenaConfig config = small_config(1 * KIB - 1, ARENA_GROW);
    config.status = &status;
    CHECK_TRUE(arena_create_with(arena->pool, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    config.initial_size = 1;
    config.limit = 15;
    CHECK_TRUE(arena_create_with(arena->pool, &config) == NULL);
    config.limit = 16;
    Arena *smallest = arena_create_with(arena->pool, &config);
    CHECK_TRUE(smallest != NULL);
    CHECK_STATUS(arena_destroy(smallest), CORRAL_OK);
    arena_fixture_close(&f);
}

static void test_grandchild_counts_against_every_limit(void) {
    ArenaFixture f;
    ArenaConfig config = small_config(6 * KIB, ARENA_GROW);
    Arena *top = arena_fixture_with(&f, &config);
    Arena *middle = arena_create_child(top, SIZE_MAX);
    Arena *low = arena_create_child(middle, 3 * KIB);
    Arena *lowest = arena_create_child(low, SIZE_MAX);
    CHECK_EQ_PTR(middle->limiter, top);
    CHECK_EQ_PTR(low->limiter, low);
    CHECK_EQ_PTR(lowest->limiter, low);
    CHECK_EQ_U64(top->charged, 4 * KIB);
    CHECK_EQ_U64(low->charged, 2 * KIB);
    CHECK_TRUE(arena_alloc(lowest, KIB) != NULL && arena_alloc(lowest, KIB) != NULL);
    CHECK_FAILS(lowest, arena_alloc(lowest, 16), CORRAL_LIMIT_REACHED); /* of low */
    CHECK_TRUE(arena_alloc(middle, KIB) != NULL && arena_alloc(middle, KIB) != NULL);
    CHECK_FAILS(middle, arena_alloc(middle, 16), CORRAL_LIMIT_REACHED); /* of top */
    CHECK_TRUE(arena_create_child(middle, SIZE_MAX) == NULL);
    CHECK_STATUS(arena_last_status(middle), CORRAL_LIMIT_REACHED);
    CHECK_STATUS(arena_clear(lowest), CORRAL_OK);
    CHECK_TRUE(arena_alloc(middle, 16) != NULL);
    CHECK_STATUS(arena_destroy(low), CORRAL_OK);
    CHECK_EQ_U64(top->charged, 4 * KIB);
    CHECK_EQ_U64(stats_of(top).children, 1);
    arena_fixture_close(&f);
}

/* When the pool refuses a chunk, nothing has been charged for it. */
static void test_refused_chunk_is_not_charged(void) {
    ArenaFixture f;
    ArenaConfig config = small_config(1 * MIB, ARENA_GROW);
    Arena *arena = arena_fixture_with(&f, &config);
    f.base.pages.fail_at = f.base.pages.reserve_calls + 1;
    f.base.pages.fail_from = true;
    Arena *child = NULL;
    size_t made = 0;
    while ((child = arena_create_child(arena, SIZE_MAX)) != NULL && made < 4096) {
        made++;
    }
    CHECK_STATUS(arena_last_status(arena), made < 1023 ? CORRAL_NO_MEMORY : CORRAL_LIMIT_REACHED);
    CHECK_EQ_U64(arena->charged, (made + 1) * KIB);
    CHECK_EQ_U64(stats_of(arena).children, made);
    f.base.pages.fail_at = 0;
    arena_fixture_close(&f);
}

/* --- exhausted ---------------------------------------------------------------------------------------------------- */

static void test_exhausted_fail_keeps_to_the_first_chunk(void) {
    ArenaFixture f;
    ArenaConfig config = small_config(SIZE_MAX, ARENA_FAIL);
    Arena *arena = arena_fixture_with(&f, &config);
    CHECK_FAILS(arena, arena_alloc(arena, KIB + 1), CORRAL_ARENA_FULL);
    CHECK_TRUE(arena_alloc(arena, KIB) != NULL);
    CHECK_FAILS(arena, arena_alloc(arena, 1), CORRAL_ARENA_FULL);
    CHECK_NUMBERS(arena, 1, KIB, KIB);
    arena_fixture_close(&f);
}

static void test_fall_back_beyond_the_limit(void) {
    ArenaFixture f;
    ArenaConfig config = small_config(2 * KIB, ARENA_FALL_BACK);
    Arena *arena = arena_fixture_with(&f, &config);
    CHECK_TRUE(arena_alloc(arena, 1000) != NULL && arena_alloc(arena, 1000) != NULL);
    void *block = arena_alloc(arena, 100);
    CHECK_SPOT(arena, block, 2, 0);
    CHECK_CHUNK(arena, 2, 112, 112);
    CHECK_EQ_U64(stats_of(arena).fell_back, 112);
    CHECK_EQ_U64(arena->charged, 2 * KIB);
    ArenaRef ref = arena_ref(arena, block);
    CHECK_EQ_PTR(arena_resolve(arena, ref), block);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_NUMBERS(arena, 2, 2 * KIB, 0);
    CHECK_TRUE(arena_resolve(arena, ref) == NULL);
    CHECK_TRUE(arena->rearranged);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_FALSE(arena->rearranged);
    arena_fixture_close(&f);
}

/* Chunks between and behind those that fell back keep their order when these go. */
static void test_reset_closes_the_gaps_of_what_fell_back(void) {
    ArenaFixture f;
    ArenaConfig config = small_config(3 * KIB, ARENA_FALL_BACK);
    Arena *arena = arena_fixture_with(&f, &config);
    Arena *child = arena_create_child(arena, SIZE_MAX);
    CHECK_TRUE(arena_alloc(arena, KIB) != NULL && arena_alloc(arena, KIB) != NULL);
    CHECK_SPOT(arena, arena_alloc(arena, 500), 2, 0); /* fell back */
    CHECK_STATUS(arena_destroy(child), CORRAL_OK);
    CHECK_SPOT(arena, arena_alloc(arena, 1000), 3, 0);
    uintptr_t third = chunk_view(arena, 3).base;
    CHECK_SPOT(arena, arena_alloc(arena, 300), 4, 0); /* fell back */
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_NUMBERS(arena, 3, 3 * KIB, 0);
    CHECK_EQ_U64(chunk_view(arena, 2).base, third);
    arena_fixture_close(&f);
}

static void test_fall_back_stays_within_the_limits_above(void) {
    ArenaFixture f;
    ArenaConfig config = small_config(8 * KIB, ARENA_GROW);
    Arena *top = arena_fixture_with(&f, &config);
    config = arena_config_child(top, 1 * KIB);
    config.exhausted = ARENA_FALL_BACK;
    Arena *child = arena_create_with(NULL, &config);
    CHECK_TRUE(arena_alloc(child, KIB) != NULL && arena_alloc(child, 4 * KIB) != NULL);
    CHECK_EQ_U64(child->charged, 1 * KIB);
    CHECK_EQ_U64(top->charged, 6 * KIB);
    CHECK_FAILS(child, arena_alloc(child, 3 * KIB), CORRAL_LIMIT_REACHED);
    CHECK_STATUS(arena_check(top), CORRAL_OK);
    CHECK_STATUS(arena_clear(child), CORRAL_OK);
    CHECK_EQ_U64(top->charged, 2 * KIB);
    arena_fixture_close(&f);
}

/* --- the pool's limit --------------------------------------------------------------------------------------------- */

static void test_pool_limit_leaves_room_for_a_smaller_chunk(void) {
    PoolFixture f;
    PoolConfig pool_config = fixture_open(&f);
    pool_config.limit = 90000;
    Pool *pool = fixture_create(&f, &pool_config);
    Arena *arena = arena_create(pool, 32 * KIB, 64 * KIB);
    CHECK_TRUE(arena_alloc(arena, 32 * KIB) != NULL);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 1, 0);
    CHECK_CHUNK(arena, 1, 32 * KIB, 16);
    CHECK_EQ_U64(arena->target, 32 * KIB);
    CHECK_TRUE(arena_alloc(arena, 32 * KIB - 16) != NULL);
    size_t blocks = 0;
    while (arena_alloc(arena, 1 * KIB) != NULL) {
        blocks++;
    }
    CHECK_STATUS(arena_last_status(arena), CORRAL_LIMIT_REACHED);
    CHECK_TRUE(blocks > 16); /* of the last third, some */
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_limit_refuses_and_leaves_the_arena_usable), TEST_CASE(test_limit_cuts_the_last_chunk),
          TEST_CASE(test_zero_bytes_below_a_full_limit), TEST_CASE(test_limit_smaller_than_the_first_chunk_refused),
          TEST_CASE(test_grandchild_counts_against_every_limit), TEST_CASE(test_refused_chunk_is_not_charged),
          TEST_CASE(test_exhausted_fail_keeps_to_the_first_chunk), TEST_CASE(test_fall_back_beyond_the_limit),
          TEST_CASE(test_reset_closes_the_gaps_of_what_fell_back),
          TEST_CASE(test_fall_back_stays_within_the_limits_above),
          TEST_CASE(test_pool_limit_leaves_room_for_a_smaller_chunk))
