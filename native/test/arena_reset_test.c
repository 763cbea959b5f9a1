/* SPDX-License-Identifier: Apache-2.0
 * arena_reset_test.c - reset and clear: what they take back, what they keep, what they cost, and what comes after. */
#include <stdlib.h>
#include <string.h>

#include "arena/arena_parts.h"
#include "base/check.h"
#include "support/arena_fixture.h"
#include "support/test.h"

/* 4, 8 and 16 KiB, all full. */
static Arena *with_three_chunks(ArenaFixture *f) {
    Arena *arena = arena_fixture_default(f);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 8 * KIB), 1, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16 * KIB), 2, 0);
    return arena;
}

/* --- reset -------------------------------------------------------------------------------------------------------- */

static void test_reset_keeps_every_chunk(void) {
    ArenaFixture f;
    Arena *arena = with_three_chunks(&f);
    uint64_t in_use = fixture_stats(&f.base).in_use;
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_NUMBERS(arena, 3, 28 * KIB, 0);
    CHECK_EQ_U64(arena_allocation_count(arena), 0);
    CHECK_CHUNK(arena, 0, 4 * KIB, 0);
    CHECK_CHUNK(arena, 1, 8 * KIB, 0);
    CHECK_CHUNK(arena, 2, 16 * KIB, 0);
    CHECK_EQ_U64(fixture_stats(&f.base).in_use, in_use);
    arena_fixture_close(&f);
}

static void test_reset_of_an_empty_arena(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    for (size_t i = 0; i < 3; i++) {
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
        CHECK_NUMBERS(arena, 1, 4 * KIB, 0);
    }
    CHECK_EQ_U64(arena->resets, 3);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 0);
    arena_fixture_close(&f);
}

static void test_reset_reuses_chunks_in_order(void) {
    ArenaFixture f;
    Arena *arena = with_three_chunks(&f);
    uint64_t allocations = fixture_stats(&f.base).allocations;
    for (size_t round = 0; round < 5; round++) {
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
        CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
        CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 1, 0);
        CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 1, 4 * KIB);
        CHECK_SPOT(arena, arena_alloc(arena, 16 * KIB), 2, 0);
        CHECK_NUMBERS(arena, 3, 28 * KIB, 28 * KIB);
    }
    CHECK_EQ_U64(fixture_stats(&f.base).allocations, allocations);
    arena_fixture_close(&f);
}

/* A chunk's own count of used bytes is out of date after a reset; it counts for nothing until the chunk is entered, and
 * then starts at 0. */
static void test_chunk_that_is_entered_again_starts_at_its_beginning(void) {
    ArenaFixture f;
    Arena *arena = with_three_chunks(&f);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_EQ_U64(arena->chunks[1].used, 8 * KIB);
    CHECK_CHUNK(arena, 1, 8 * KIB, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    CHECK_CHUNK(arena, 1, 8 * KIB, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 1, 0);
    CHECK_CHUNK(arena, 1, 8 * KIB, 16);
    CHECK_SPOT(arena, arena_alloc(arena, 16 * KIB), 2, 0); /* aside, also after a full round in it */
    CHECK_NUMBERS(arena, 3, 28 * KIB, 20 * KIB + 16);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_CHUNK(arena, 1, 8 * KIB, 0);
    CHECK_CHUNK(arena, 2, 16 * KIB, 0);
    arena_fixture_close(&f);
}

static void test_reset_keeps_the_grown_target(void) {
    ArenaFixture f;
    Arena *arena = with_three_chunks(&f);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 8 * KIB), 1, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16 * KIB), 2, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 3, 0);
    CHECK_CHUNK(arena, 3, 32 * KIB, 16);
    arena_fixture_close(&f);
}

static void test_reused_chunks_do_not_grow_the_target(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    for (size_t round = 0; round < 10; round++) {
        CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
        CHECK_SPOT(arena, arena_alloc(arena, 8 * KIB), 1, 0);
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    }
    CHECK_SPOT(arena, arena_alloc(arena, 12 * KIB), 2, 0);
    CHECK_CHUNK(arena, 2, 16 * KIB, 12 * KIB);
    arena_fixture_close(&f);
}

static void test_reset_keeps_peaks(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 3000) != NULL);
    CHECK_EQ_U64(arena_peak_used(arena), 3008);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_EQ_U64(arena_peak_used(arena), 3008);
    CHECK_TRUE(arena_alloc(arena, 100) != NULL);
    CHECK_EQ_U64(arena_peak_used(arena), 3008);
    CHECK_TRUE(arena_alloc(arena, 3984) != NULL);
    CHECK_EQ_U64(arena_peak_used(arena), 4096);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_EQ_U64(arena_peak_used(arena), 4096);
    CHECK_EQ_U64(arena->peak_allocated, 4096);
    arena_fixture_close(&f);
}

static void test_reset_forgets_the_last_status(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_FAILS(arena, arena_alloc(arena, SIZE_MAX), CORRAL_SIZE_LIMIT);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_STATUS(arena_last_status(arena), CORRAL_OK);
    CHECK_FAILS(arena, arena_alloc_aligned(arena, 1, 3), CORRAL_BAD_ALIGNMENT);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_STATUS(arena_last_status(arena), CORRAL_OK);
    arena_fixture_close(&f);
}

static void test_reset_after_a_large_request(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 50 * KIB), 1, 0);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_NUMBERS(arena, 2, 54 * KIB, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 50 * KIB), 1, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 16);
    arena_fixture_close(&f);
}

/* --- the chunks that reset keeps ---------------------------------------------------------------------------------- */

static void test_small_retained_chunk_is_not_lost(void) {
    ArenaFixture f;
    Arena *arena = with_three_chunks(&f);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 9000), 2, 0); /* passes the chunk of 8 KiB */
    CHECK_SPOT(arena, arena_alloc(arena, 7376), 2, 9008);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 1, 0);
    CHECK_NUMBERS(arena, 3, 28 * KIB, 20 * KIB + 16);
    arena_fixture_close(&f);
}

static void test_retained_chunk_with_less_room_serves_aside(void) {
    ArenaFixture f;
    Arena *arena = with_three_chunks(&f);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_SPOT(arena, arena_alloc(arena, 2048), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 6160), 1, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 2048);
    arena_fixture_close(&f);
}

static void test_retained_chunk_with_equal_room_becomes_current(void) {
    ArenaFixture f;
    Arena *arena = with_three_chunks(&f);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_SPOT(arena, arena_alloc(arena, 2048), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 6144), 1, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 1, 6144);
    arena_fixture_close(&f);
}

/* The first that fits, in the order of their acquisition, whatever was asked for before. The current chunk is empty and
 * has more room than any of them would leave, so it stays current. */
static void test_first_retained_chunk_that_fits_serves(void) {
    static const size_t sizes[] = {70000, 90000, 80000, 100000, 70000, 90000};
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, 64 * KIB, 64 * KIB);
    for (size_t i = 0; i < 6; i++) {
        CHECK_SPOT(arena, arena_alloc(arena, sizes[i]), i + 1, 0);
    }
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_SPOT(arena, arena_alloc(arena, 95000), 4, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 75000), 2, 0); /* goes back: the last search passed it */
    CHECK_SPOT(arena, arena_alloc(arena, 75000), 3, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 66000), 1, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 85000), 6, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 85000), 7, 0); /* none is left: a new one */
    CHECK_SPOT(arena, arena_alloc(arena, 66000), 5, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 0);
    arena_fixture_close(&f);
}

enum { SMALL = 300, LARGE = 50 };

/* Chunks of 1 KiB, then such of 4 KiB, all free. */
static Arena *with_small_and_large_chunks(ArenaFixture *f) {
    Arena *arena = arena_fixture_sized(f, 1 * KIB, 1 * KIB);
    for (size_t i = 0; i < SMALL; i++) {
        CHECK_SPOT(arena, arena_alloc(arena, 1 * KIB), i, 0);
    }
    for (size_t i = 0; i < LARGE; i++) {
        CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), SMALL + i, 0);
    }
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    return arena;
}

/* The search for large chunks goes on where the last one ended; it starts anew after a reset. */
static void test_search_for_large_chunks_resumes(void) {
    ArenaFixture f;
    Arena *arena = with_small_and_large_chunks(&f);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < LARGE; i++) {
            CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), SMALL + i, 0);
            CHECK_EQ_U64(arena->rover, SMALL + i); /* past all the small ones */
        }
        CHECK_SPOT(arena, arena_alloc(arena, 1 * KIB), 0, 0);
        CHECK_SPOT(arena, arena_alloc(arena, 1 * KIB), 1, 0);
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    }
    CHECK_EQ_U64(arena_chunk_count(arena), SMALL + LARGE);
    arena_fixture_close(&f);
}

/* Proof that the small chunks are not looked at again: one of them is made to look large after it was passed. */
static void test_search_for_large_chunks_does_not_look_back(void) {
    if (CORRAL_EXPENSIVE_CHECKS) {
        test_skip("checks at every request would find the forged chunk");
        return;
    }
    ArenaFixture f;
    Arena *arena = with_small_and_large_chunks(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), SMALL, 0);
    arena->chunks[5].capacity = 4 * KIB;
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), SMALL + 1, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), SMALL + 2, 0);
    arena->chunks[5].capacity = 1 * KIB;
    arena_fixture_close(&f);
}

/* --- what reset costs --------------------------------------------------------------------------------------------- */

/* Where every request checks the whole arena, many chunks cost their square. */
#define MANY_CHUNKS (CORRAL_EXPENSIVE_CHECKS ? 2000 : 10000)

/* The chunks are small so that they cost little. */
static Arena *with_many_chunks(ArenaFixture *f) {
    size_t chunks = test_scaled(MANY_CHUNKS);
    Arena *arena = arena_fixture_sized(f, 64, 64);
    for (size_t i = 0; i < chunks && test_failures() == 0; i++) {
        CHECK_TRUE(arena_alloc(arena, 64) != NULL);
    }
    CHECK_NUMBERS(arena, chunks, chunks * 64, chunks * 64);
    return arena;
}

/* O(1): of all descriptors only the first chunk's may change, since it is entered at once. */
static void test_reset_touches_no_chunk_but_the_first(void) {
    ArenaFixture f;
    Arena *arena = with_many_chunks(&f);
    size_t bytes = arena->chunk_count * sizeof(ArenaChunk);
    ArenaChunk *before = malloc(bytes);
    REQUIRE_TRUE(before != NULL);
    memcpy(before, arena->chunks, bytes);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_TRUE(memcmp(before + 1, arena->chunks + 1, bytes - sizeof(ArenaChunk)) == 0);
    CHECK_TRUE(chunk_is_entered(arena, 0));
    CHECK_NUMBERS(arena, arena->chunk_count, arena->chunk_count * 64, 0);
    free(before);
    arena_fixture_close(&f);
}

static void test_reset_makes_no_page_calls(void) {
    ArenaFixture f;
    Arena *arena = with_many_chunks(&f);
    PoolStats pool = fixture_stats(&f.base);
    size_t reserves = f.base.pages.reserve_calls;
    size_t releases = f.base.pages.release_calls;
    for (size_t round = 0; round < 3; round++) {
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
        for (size_t i = 0; i < 100; i++) {
            CHECK_SPOT(arena, arena_alloc(arena, 64), i, 0);
        }
    }
    PoolStats now = fixture_stats(&f.base);
    CHECK_EQ_U64(now.allocations, pool.allocations);
    CHECK_EQ_U64(now.frees, pool.frees);
    CHECK_EQ_U64(f.base.pages.reserve_calls, reserves);
    CHECK_EQ_U64(f.base.pages.release_calls, releases);
    arena_fixture_close(&f);
}

static void test_all_of_many_chunks_serve_again(void) {
    ArenaFixture f;
    Arena *arena = with_many_chunks(&f);
    size_t chunks = arena_chunk_count(arena);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    for (size_t i = 0; i < chunks && test_failures() == 0; i++) {
        CHECK_EQ_PTR(arena_alloc(arena, 64), (void *)(uintptr_t)arena->chunks[i].base);
    }
    CHECK_NUMBERS(arena, chunks, chunks * 64, chunks * 64);
    CHECK_EQ_U64(arena->first_free, chunks); /* the next search passes none of them */
    arena_fixture_close(&f);
}

/* --- clear -------------------------------------------------------------------------------------------------------- */

static void test_clear_keeps_the_first_chunk(void) {
    ArenaFixture f;
    Arena *arena = with_three_chunks(&f);
    CHECK_TRUE(arena_alloc(arena, 100000) != NULL);
    CHECK_EQ_U64(fixture_stats(&f.base).live_blocks, 4);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 0);
    CHECK_EQ_U64(arena_allocation_count(arena), 0);
    CHECK_EQ_U64(fixture_stats(&f.base).live_blocks, 1);
    arena_fixture_close(&f);
}

static void test_clear_starts_growth_again(void) {
    ArenaFixture f;
    Arena *arena = with_three_chunks(&f);
    for (size_t round = 0; round < 3; round++) {
        CHECK_STATUS(arena_clear(arena), CORRAL_OK);
        CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
        CHECK_SPOT(arena, arena_alloc(arena, 16), 1, 0);
        CHECK_CHUNK(arena, 1, 8 * KIB, 16);
        CHECK_SPOT(arena, arena_alloc(arena, 100000), 2, 0);
    }
    arena_fixture_close(&f);
}

static void test_clear_of_a_fresh_arena(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 0);
    CHECK_EQ_U64(arena->resets, 1);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 0);
    arena_fixture_close(&f);
}

static void test_clear_after_reset(void) {
    ArenaFixture f;
    Arena *arena = with_three_chunks(&f);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_SPOT(arena, arena_alloc(arena, 9000), 2, 0);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 0);
    CHECK_EQ_U64(arena->resets, 2);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 0);
    arena_fixture_close(&f);
}

static void test_clear_keeps_the_descriptor_table(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, 64, 64);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < 100; i++) {
            CHECK_SPOT(arena, arena_alloc(arena, 64), i, 0);
        }
        CHECK_EQ_U64(fixture_stats(&f.base).live_blocks, 100);
        CHECK_STATUS(arena_clear(arena), CORRAL_OK);
        CHECK_EQ_U64(fixture_stats(&f.base).live_blocks, 1);
    }
    arena_fixture_close(&f);
}

static void test_clear_gives_pages_back_to_the_pool(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    uint64_t in_use = fixture_stats(&f.base).in_use;
    CHECK_TRUE(arena_alloc(arena, 3 * MIB) != NULL);
    CHECK_TRUE(arena_alloc(arena, 5 * MIB) != NULL);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_EQ_U64(fixture_stats(&f.base).in_use, in_use);
    CHECK_TRUE(pool_trim(f.base.pool, 0) >= 8 * MIB);
    CHECK_TRUE(arena_alloc(arena, 4 * KIB) != NULL);
    arena_fixture_close(&f);
}

static void test_peak_used_follows_the_largest_use(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 4 * KIB) != NULL);
    CHECK_TRUE(arena_alloc(arena, 60000) != NULL);
    CHECK_EQ_U64(arena_peak_used(arena), 64096);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_TRUE(arena_alloc(arena, 50000) != NULL);
    ArenaStats stats;
    CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.used, 50000);
    CHECK_EQ_U64(stats.peak_used, 64096);
    CHECK_EQ_U64(stats.peak_allocated, 64096);
    arena_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_reset_keeps_every_chunk), TEST_CASE(test_reset_of_an_empty_arena),
          TEST_CASE(test_reset_reuses_chunks_in_order),
          TEST_CASE(test_chunk_that_is_entered_again_starts_at_its_beginning),
          TEST_CASE(test_reset_keeps_the_grown_target), TEST_CASE(test_reused_chunks_do_not_grow_the_target),
          TEST_CASE(test_reset_keeps_peaks), TEST_CASE(test_reset_forgets_the_last_status),
          TEST_CASE(test_reset_after_a_large_request), TEST_CASE(test_small_retained_chunk_is_not_lost),
          TEST_CASE(test_retained_chunk_with_less_room_serves_aside),
          TEST_CASE(test_retained_chunk_with_equal_room_becomes_current),
          TEST_CASE(test_first_retained_chunk_that_fits_serves), TEST_CASE(test_search_for_large_chunks_resumes),
          TEST_CASE(test_search_for_large_chunks_does_not_look_back),
          TEST_CASE(test_reset_touches_no_chunk_but_the_first), TEST_CASE(test_reset_makes_no_page_calls),
          TEST_CASE(test_all_of_many_chunks_serve_again), TEST_CASE(test_clear_keeps_the_first_chunk),
          TEST_CASE(test_clear_starts_growth_again), TEST_CASE(test_clear_of_a_fresh_arena),
          TEST_CASE(test_clear_after_reset), TEST_CASE(test_clear_keeps_the_descriptor_table),
          TEST_CASE(test_clear_gives_pages_back_to_the_pool), TEST_CASE(test_peak_used_follows_the_largest_use))
