/* SPDX-License-Identifier: Apache-2.0
 * arena_growth_test.c - which chunk a request gets: growth, side chunks, the rule about the room left, 1 GiB. */
#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

/* --- growth ------------------------------------------------------------------------------------------------------- */

/* Fills chunk after chunk and compares their capacities. */
static void check_growth(Arena *arena, const size_t *expected, size_t count) {
    for (size_t i = 0; i < count; i++) {
        CHECK_SPOT(arena, arena_alloc(arena, 1), i, 0);
        CHECK_CHUNK(arena, i, expected[i], 16);
        if (expected[i] > 16) {
            CHECK_SPOT(arena, arena_alloc(arena, expected[i] - 16), i, 16);
        }
        CHECK_CHUNK(arena, i, expected[i], expected[i]);
        CHECK_EQ_U64(arena_waste(arena), 0);
    }
}

static void test_default_arena_grows_from_4_to_64_kib(void) {
    static const size_t expected[] = {4 * KIB, 8 * KIB, 16 * KIB, 32 * KIB, 64 * KIB, 64 * KIB, 64 * KIB};
    ArenaFixture f;
    check_growth(arena_fixture_default(&f), expected, sizeof expected / sizeof expected[0]);
    arena_fixture_close(&f);
}

static void test_growth_without_doubling(void) {
    static const size_t expected[] = {1000 + 8, 1008, 1008, 1008};
    ArenaFixture f;
    check_growth(arena_fixture_sized(&f, 1000, 1000), expected, sizeof expected / sizeof expected[0]);
    arena_fixture_close(&f);
}

static void test_growth_stops_at_an_odd_maximum(void) {
    static const size_t expected[] = {1024, 2048, 4096, 5008, 5008};
    ArenaFixture f;
    check_growth(arena_fixture_sized(&f, 1024, 5000), expected, sizeof expected / sizeof expected[0]);
    arena_fixture_close(&f);
}

static void test_growth_histogram_counts_acquired_chunks(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    size_t sizes[] = {4 * KIB, 8 * KIB, 16 * KIB, 50 * KIB, 65535, 65536, 65537, 131071, 200 * KIB};
    for (size_t round = 0; round < 2; round++) { /* the second round finds all chunks retained */
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            CHECK_TRUE(arena_alloc(arena, sizes[i]) != NULL);
        }
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    }
    ArenaStats stats;
    CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
    uint64_t chunks = 0;
    for (size_t bin = 0; bin < ARENA_GROWTH_BINS; bin++) {
        chunks += stats.growth[bin];
    }
    CHECK_EQ_U64(chunks, 9);
    CHECK_EQ_U64(stats.growth[12], 1);
    CHECK_EQ_U64(stats.growth[13], 1);
    CHECK_EQ_U64(stats.growth[14], 1);
    CHECK_EQ_U64(stats.growth[15], 1); /* 50 KiB */
    CHECK_EQ_U64(stats.growth[16], 3); /* 65536, 65536, 65552 */
    CHECK_EQ_U64(stats.growth[17], 2); /* 131072 and 200 KiB */
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_TRUE(arena_alloc(arena, 8 * KIB) != NULL);
    CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.growth[13], 2); /* clear gives chunks back; the histogram remembers what was acquired */
    arena_fixture_close(&f);
}

/* --- large requests ----------------------------------------------------------------------------------------------- */

static void test_large_request_keeps_current_chunk(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 100), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 51200), 1, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 112);
    CHECK_NUMBERS(arena, 2, 55296, 51328);
    CHECK_EQ_U64(arena_allocation_count(arena), 3);
    arena_fixture_close(&f);
}

static void test_large_request_does_not_inflate_growth(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 50 * KIB), 1, 0);
    CHECK_CHUNK(arena, 1, 51200, 51200);
    CHECK_SPOT(arena, arena_alloc(arena, 10 * MIB), 2, 0); /* counts as one growth as well: to 16 KiB */
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 3, 0);
    CHECK_CHUNK(arena, 3, 32 * KIB, 16);
    arena_fixture_close(&f);
}

static void test_next_growth_after_one_large_request_is_16_kib(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 50 * KIB), 1, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 2, 0);
    CHECK_CHUNK(arena, 2, 16 * KIB, 16);
    arena_fixture_close(&f);
}

static void test_request_above_the_target_gets_its_own_size(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 100001), 1, 0);
    CHECK_CHUNK(arena, 1, 100016, 100016);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 100001, 4096), 2, 0);
    CHECK_CHUNK(arena, 2, 100016, 100016);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 0);
    arena_fixture_close(&f);
}

static void test_failed_growth_does_not_raise_the_target(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    f.base.pages.byte_limit = f.base.pages.live_bytes;
    for (size_t i = 0; i < 5; i++) {
        CHECK_FAILS(arena, arena_alloc(arena, 10 * MIB), CORRAL_NO_MEMORY);
    }
    CHECK_SPOT(arena, arena_alloc(arena, 16), 1, 0); /* from a region that the pool holds already */
    CHECK_CHUNK(arena, 1, 8 * KIB, 16);
    f.base.pages.byte_limit = SIZE_MAX;
    CHECK_SPOT(arena, arena_alloc(arena, 10 * MIB), 2, 0);
    arena_fixture_close(&f);
}

/* --- the room left ------------------------------------------------------------------------------------------------ */

/* 2,048 bytes are left in the current chunk; a request of 6,160 leaves 2,032 in the new one of 8,192. */
static void test_new_chunk_with_less_room_serves_aside(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 2048), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 6160), 1, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 2048), 0, 2048);
    CHECK_NUMBERS(arena, 2, 12 * KIB, 4096 + 6160);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 2, 0); /* what is left beside a large block is not used any more */
    arena_fixture_close(&f);
}

static void test_new_chunk_with_equal_room_becomes_current(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 2048), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 6144), 1, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 1, 6144);
    CHECK_NUMBERS(arena, 2, 12 * KIB, 2048 + 6160);
    arena_fixture_close(&f);
}

static void test_new_chunk_with_more_room_becomes_current(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 2048), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 6128), 1, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 1, 6128);
    arena_fixture_close(&f);
}

/* Room counts behind the block, not behind the start of the chunk: nothing is left in either chunk here. */
static void test_full_chunk_is_left_for_an_exact_one(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 100000), 1, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 0), 1, 100000);
    CHECK_NUMBERS(arena, 2, 4 * KIB + 100000, 4 * KIB + 100000);
    arena_fixture_close(&f);
}

static void test_tail_left_behind_is_waste(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 4000), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 112), 1, 0); /* 96 were left */
    CHECK_NUMBERS(arena, 2, 12 * KIB, 4112);
    CHECK_CHUNK(arena, 0, 4 * KIB, 4000);
    CHECK_SPOT(arena, arena_alloc(arena, 8080), 1, 112);
    CHECK_EQ_U64(arena_waste(arena), 96);
    arena_fixture_close(&f);
}

/* DESIGN 12: 1,000 times 5,000 + 64 bytes in a default arena. */
static void test_waste_of_mixed_sizes_is_at_most_9_per_cent(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    for (size_t i = 0; i < 1000; i++) {
        CHECK_TRUE(arena_alloc(arena, 5000) != NULL);
        CHECK_TRUE(arena_alloc(arena, 64) != NULL);
    }
    CHECK_LE_U64(arena_waste(arena) * 100, arena_total_allocated(arena) * 9);
    arena_fixture_close(&f);
}

/* --- many chunks -------------------------------------------------------------------------------------------------- */

static void test_more_chunks_than_fit_in_the_control_block(void) {
    enum { CHUNKS = 200 };
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, 1024, 1024);
    ArenaRef refs[CHUNKS];
    for (size_t i = 0; i < CHUNKS; i++) {
        refs[i] = arena_alloc_ref(arena, 1024, 16);
        size_t *block = arena_resolve(arena, refs[i]);
        CHECK_SPOT(arena, block, i, 0);
        REQUIRE_TRUE(block != NULL);
        *block = i;
    }
    CHECK_NUMBERS(arena, CHUNKS, CHUNKS * 1024, CHUNKS * 1024);
    for (size_t i = 0; i < CHUNKS; i++) {
        const size_t *block = arena_resolve(arena, refs[i]);
        REQUIRE_TRUE(block != NULL);
        CHECK_EQ_U64(*block, i);
    }
    CHECK_TRUE(arena->chunks != arena->inline_chunks);
    CHECK_EQ_U64(fixture_stats(&f.base).live_blocks, CHUNKS); /* descriptor tables are books, not blocks */
    arena_fixture_close(&f);
}

/* A million chunks would take too long: the count is forged, with nothing free to search among. */
static void test_chunk_limit(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    Arena saved;
    memcpy(&saved, arena, sizeof saved);
    arena->chunk_count = arena->chunk_room = arena->first_free = ARENA_CHUNKS_MAX;
    CHECK_FAILS(arena, arena_alloc(arena, 16), CORRAL_CHUNK_LIMIT);
    CHECK_EQ_U64(arena->chunk_count, ARENA_CHUNKS_MAX);
    memcpy(arena, &saved, sizeof saved);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 1, 0);
    arena_fixture_close(&f);
}

/* --- 1 GiB: from the operating system, never touched but for a byte here and there -------------------------------- */

/* NULL, and the test is skipped, when this machine cannot reserve that much. */
static Arena *arena_for_1_gib(Pool *pool) {
    Arena *arena = arena_create_default(pool);
    void *probe = pool_alloc(pool, ARENA_SIZE_LIMIT);
    if (arena == NULL || probe == NULL) {
        test_skip("1 GiB of address space cannot be reserved here");
        return NULL;
    }
    CHECK_STATUS(pool_free(pool, probe), CORRAL_OK);
    return arena;
}

static void test_request_of_1_gib_gets_a_side_chunk_of_its_size(void) {
    Pool *pool = pool_create();
    Arena *arena = arena_for_1_gib(pool);
    if (arena != NULL) {
        CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0); /* full: any smaller chunk would become current */
        unsigned char *block = arena_alloc(arena, ARENA_SIZE_LIMIT);
        CHECK_SPOT(arena, block, 1, 0);
        CHECK_CHUNK(arena, 1, ARENA_SIZE_LIMIT, ARENA_SIZE_LIMIT);
        CHECK_SPOT(arena, arena_alloc(arena, 0), 0, 4 * KIB);
        CHECK_NUMBERS(arena, 2, ARENA_SIZE_LIMIT + 4 * KIB, ARENA_SIZE_LIMIT + 4 * KIB);
        CHECK_EQ_U64(arena->growth[30], 1);
        CHECK_FAILS(arena, arena_alloc(arena, ARENA_SIZE_LIMIT + 1), CORRAL_SIZE_LIMIT);
        CHECK_STATUS(arena_clear(arena), CORRAL_OK);
        CHECK_NUMBERS(arena, 1, 4 * KIB, 0);
    }
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
}

static void test_references_into_1_gib(void) {
    static const size_t offsets[] = {0, 1, 4096, ARENA_SIZE_LIMIT / 2 + 3, ARENA_SIZE_LIMIT - 1};
    Pool *pool = pool_create();
    Arena *arena = arena_for_1_gib(pool);
    if (arena != NULL) {
        ArenaRef ref = arena_alloc_ref(arena, ARENA_SIZE_LIMIT, 16);
        unsigned char *block = arena_resolve(arena, ref);
        CHECK_TRUE(block != NULL);
        for (size_t i = 0; block != NULL && i < sizeof offsets / sizeof offsets[0]; i++) {
            unsigned char *at = block + offsets[i];
            *at = (unsigned char)(i + 1);
            CHECK_EQ_U64(arena_ref(arena, at), ref + offsets[i]);
            CHECK_EQ_PTR(arena_resolve(arena, ref + offsets[i]), at);
            CHECK_EQ_U64(*at, i + 1);
        }
        /* The 30 bits of its end would name the next chunk's start. The first chunk may happen to lie there. */
        ArenaRef end = arena_ref(arena, block + ARENA_SIZE_LIMIT);
        CHECK_TRUE(end == 0 || arena_resolve(arena, end) == block + ARENA_SIZE_LIMIT);
    }
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
}

/* One alignment step below 1 GiB a chunk may be current: the reference of its end has 30 bits. */
static void test_largest_chunk_that_becomes_current(void) {
    size_t size = ARENA_SIZE_LIMIT - ARENA_ALIGNMENT;
    Pool *pool = pool_create();
    Arena *arena = arena_for_1_gib(pool);
    if (arena != NULL) {
        CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
        CHECK_SPOT(arena, arena_alloc(arena, size - 15), 1, 0); /* rounds up to `size` */
        const void *end = arena_alloc(arena, 0);
        CHECK_SPOT(arena, end, 1, size);
        CHECK_EQ_U64(arena_ref(arena, end) & ARENA_REF_OFFSET_MASK, size);
        CHECK_SPOT(arena, arena_alloc(arena, size + 1), 2, 0); /* rounds up to 1 GiB: aside */
        CHECK_CHUNK(arena, 2, ARENA_SIZE_LIMIT, ARENA_SIZE_LIMIT);
        CHECK_EQ_U64(arena->control.chunk, 1);
        CHECK_STATUS(arena_check(arena), CORRAL_OK);
    }
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
}

TEST_MAIN(TEST_CASE(test_default_arena_grows_from_4_to_64_kib), TEST_CASE(test_growth_without_doubling),
          TEST_CASE(test_growth_stops_at_an_odd_maximum), TEST_CASE(test_growth_histogram_counts_acquired_chunks),
          TEST_CASE(test_large_request_keeps_current_chunk), TEST_CASE(test_large_request_does_not_inflate_growth),
          TEST_CASE(test_next_growth_after_one_large_request_is_16_kib),
          TEST_CASE(test_request_above_the_target_gets_its_own_size),
          TEST_CASE(test_failed_growth_does_not_raise_the_target),
          TEST_CASE(test_new_chunk_with_less_room_serves_aside),
          TEST_CASE(test_new_chunk_with_equal_room_becomes_current),
          TEST_CASE(test_new_chunk_with_more_room_becomes_current), TEST_CASE(test_full_chunk_is_left_for_an_exact_one),
          TEST_CASE(test_tail_left_behind_is_waste), TEST_CASE(test_waste_of_mixed_sizes_is_at_most_9_per_cent),
          TEST_CASE(test_more_chunks_than_fit_in_the_control_block), TEST_CASE(test_chunk_limit),
          TEST_CASE(test_request_of_1_gib_gets_a_side_chunk_of_its_size), TEST_CASE(test_references_into_1_gib),
          TEST_CASE(test_largest_chunk_that_becomes_current))
