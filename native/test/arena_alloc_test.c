/* SPDX-License-Identifier: Apache-2.0
 * arena_alloc_test.c - one request: size, alignment, contents, refusal; and fixed arenas. On fake pages. */
#include <stdint.h>

#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/arena_widths.h"
#include "support/test.h"

/* --- the two paths ------------------------------------------------------------------------------------------------ */

static void test_fast_path_and_slow_path_place_alike(void) {
    ArenaFixture f;
    Arena *fast = arena_fixture_default(&f);
    Arena *slow = arena_create_default(f.base.pool);
    REQUIRE_TRUE(slow != NULL);
    uint64_t random = 1;
    for (size_t i = 0; i < 2000 && test_failures() == 0; i++) {
        size_t size = test_random_below(&random, i % 50 == 0 ? 100000 : 300);
        Spot expected = spot_of(fast, arena_alloc(fast, size));
        CHECK_SPOT(slow, arena_alloc_slow(slow, size), expected.chunk, expected.offset);
        CHECK_NUMBERS(slow, arena_chunk_count(fast), arena_total_allocated(fast), arena_total_used(fast));
        CHECK_EQ_U64(arena_allocation_count(slow), arena_allocation_count(fast));
        if (i % 500 == 499) {
            CHECK_STATUS(arena_reset(fast), CORRAL_OK);
            CHECK_STATUS(arena_reset(slow), CORRAL_OK);
        }
    }
    CHECK_STATUS(arena_destroy(slow), CORRAL_OK);
    arena_fixture_close(&f);
}

typedef struct Placed {
    uint64_t offset; /* UINT64_MAX: refused */
    uint64_t used;
    uint64_t count;
    size_t told; /* blocks of which the arena's observer was told */
} Placed;

static void count_told(void *context, Arena *arena, void *block, size_t size, ArenaRef ref) {
    (void)arena, (void)block, (void)size, (void)ref;
    ++*(size_t *)context;
}

/* Allocates in an arena that has `left` bytes and does not grow; when it is observed its window is closed. */
static Placed place_in_rest(Pool *pool, size_t left, uint32_t size, bool observed,
                            void *(*allocate)(Arena *arena, uint32_t size)) {
    size_t told = 0;
    ArenaObserver observer = {.context = &told, .alloc = count_told};
    ArenaConfig config = arena_config_default();
    config.maximum_size = 4 * KIB;
    config.fixed = true;
    config.observer = observed ? &observer : NULL;
    Arena *arena = arena_create_with(pool, &config);
    CHECK_TRUE(arena_alloc(arena, 4 * KIB - left) != NULL);
    const void *block = allocate(arena, size);
    void *base = NULL;
    size_t capacity, used;
    CHECK_STATUS(arena_chunk(arena, 0, &base, &capacity, &used), CORRAL_OK);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    uint64_t offset = block != NULL ? (uint64_t)((const char *)block - (const char *)base) : UINT64_MAX;
    Placed placed = {.offset = offset, .used = used, .count = arena_allocation_count(arena), .told = told};
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    return placed;
}

static void *alloc_slowly(Arena *arena, uint32_t size) {
    return arena_alloc_slow(arena, size);
}

static void check_placed_alike(Placed placed, Placed expected) {
    CHECK_EQ_U64(placed.offset, expected.offset);
    CHECK_EQ_U64(placed.used, expected.used);
    CHECK_EQ_U64(placed.count, expected.count);
    CHECK_EQ_U64(placed.told, expected.told);
}

static void test_widths_of_sizes_place_alike(void) {
    static const uint32_t sizes[] = {0,
                                     1,
                                     15,
                                     16,
                                     17,
                                     31,
                                     32,
                                     33,
                                     63,
                                     64,
                                     65,
                                     4096,
                                     UINT32_C(1) << 30,
                                     INT32_MAX,
                                     UINT32_C(1) << 31,
                                     UINT32_MAX - 15,
                                     UINT32_MAX};
    ArenaFixture f;
    (void)arena_fixture_default(&f);
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof sizes[0]; i++) {
        uint32_t size = sizes[i / 2];
        for (size_t left = 0; left <= 64; left += 16) {
            Placed expected = place_in_rest(f.base.pool, left, size, i % 2, alloc_slowly);
            check_placed_alike(place_in_rest(f.base.pool, left, size, i % 2, alloc_of_unknown_width), expected);
            check_placed_alike(place_in_rest(f.base.pool, left, size, i % 2, alloc_of_32_bits), expected);
        }
    }
    arena_fixture_close(&f);
}

/* The last request that fits exactly, and the first that does not. */
static void test_request_of_the_room_that_is_left(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, 4 * KIB, 4 * KIB);
    CHECK_SPOT(arena, arena_alloc(arena, 4000), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 96), 0, 4000);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 4 * KIB);
    CHECK_SPOT(arena, arena_alloc(arena, 1), 1, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 4080), 1, 16);
    CHECK_NUMBERS(arena, 2, 8 * KIB, 8 * KIB);
    arena_fixture_close(&f);
}

/* --- sizes -------------------------------------------------------------------------------------------------------- */

static void test_sizes_round_up_to_the_default_alignment(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    size_t offset = 0;
    for (size_t size = 1; size <= 80; size++) {
        CHECK_SPOT(arena, arena_alloc(arena, size), 0, offset);
        offset += (size + 15) / 16 * 16;
        CHECK_EQ_U64(arena_total_used(arena), offset);
    }
    CHECK_EQ_U64(arena_allocation_count(arena), 80);
    arena_fixture_close(&f);
}

static void test_default_alignment_of_eight(void) {
    ArenaFixture f;
    ArenaConfig config = arena_config_default();
    config.alignment = 8;
    config.initial_size = 100;
    Arena *arena = arena_fixture_with(&f, &config);
    CHECK_CHUNK(arena, 0, 104, 0);
    CHECK_EQ_U64(arena->control.inline_limit, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 1), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 8), 0, 8);
    CHECK_SPOT(arena, arena_alloc(arena, 9), 0, 16);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 8, 8), 0, 32);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 8, 16), 0, 48);
    CHECK_SPOT(arena, arena_alloc(arena, 48), 0, 56);
    CHECK_NUMBERS(arena, 1, 104, 104);
    arena_fixture_close(&f);
}

static void test_zero_bytes_move_nothing(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 0), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 0), 0, 16);
    CHECK_SPOT(arena, arena_alloc_slow(arena, 0), 0, 16);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 0, 1), 0, 16);
    CHECK_SPOT(arena, arena_calloc(arena, 0, 8), 0, 16);
    CHECK_SPOT(arena, arena_calloc(arena, SIZE_MAX, 0), 0, 16);
    CHECK_SPOT(arena, arena_calloc(arena, 0, SIZE_MAX), 0, 16);
    CHECK_TRUE(arena_alloc_ref(arena, 0, 16) != 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 16);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 32);
    CHECK_EQ_U64(arena_allocation_count(arena), 10);
    arena_fixture_close(&f);
}

static void test_zero_bytes_at_a_full_chunk(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 0), 0, 4 * KIB);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 0, 4), 0, 4 * KIB);
    CHECK_SPOT(arena, arena_calloc(arena, 0, 0), 0, 4 * KIB);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 4 * KIB);
    arena_fixture_close(&f);
}

static void test_zero_bytes_at_an_alignment(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 0);
    const void *block = arena_alloc_aligned(arena, 0, 64);
    CHECK_TRUE(block != NULL && (uintptr_t)block % 64 == 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 16);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 32);
    arena_fixture_close(&f);
}

static void check_size_limit(Arena *arena, size_t size) {
    ArenaPicture before = arena_picture(arena);
    CHECK_FAILS(arena, arena_alloc(arena, size), CORRAL_SIZE_LIMIT);
    CHECK_FAILS(arena, arena_alloc_slow(arena, size), CORRAL_SIZE_LIMIT);
    CHECK_FAILS(arena, arena_alloc_aligned(arena, size, 1), CORRAL_SIZE_LIMIT);
    CHECK_FAILS(arena, arena_alloc_aligned(arena, size, ARENA_ALIGNMENT_MAX), CORRAL_SIZE_LIMIT);
    CHECK_FAILS(arena, arena_calloc(arena, 1, size), CORRAL_SIZE_LIMIT);
    CHECK_FAILS(arena, arena_calloc(arena, size, 1), CORRAL_SIZE_LIMIT);
    CHECK_EQ_U64(arena_alloc_ref(arena, size, 16), 0);
    CHECK_UNCHANGED(arena, &before);
}

static void test_sizes_near_the_largest_fail(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 100) != NULL);
    for (size_t less = 0; less <= 64; less++) {
        check_size_limit(arena, SIZE_MAX - less);
        check_size_limit(arena, SIZE_MAX / 2 - less);
        check_size_limit(arena, (size_t)UINT32_MAX - less);
        check_size_limit(arena, (size_t)UINT32_MAX + 1 + less);
    }
    check_size_limit(arena, SIZE_MAX - arena_total_used(arena));
    check_size_limit(arena, SIZE_MAX - (size_t)arena->control.cursor);
    check_size_limit(arena, SIZE_MAX - (size_t)arena->control.cursor + 1);
    arena_fixture_close(&f);
}

static void test_single_request_limit(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_fixed(&f, 4 * KIB); /* so that what is within the limit takes no memory */
    check_size_limit(arena, ARENA_SIZE_LIMIT + 1);
    check_size_limit(arena, ARENA_SIZE_LIMIT + 16);
    CHECK_FAILS(arena, arena_alloc(arena, ARENA_SIZE_LIMIT), CORRAL_ARENA_FULL);
    CHECK_FAILS(arena, arena_alloc(arena, ARENA_SIZE_LIMIT - 1), CORRAL_ARENA_FULL);
    CHECK_FAILS(arena, arena_calloc(arena, 2, ARENA_SIZE_LIMIT / 2), CORRAL_ARENA_FULL);
    CHECK_FAILS(arena, arena_calloc(arena, 2, ARENA_SIZE_LIMIT / 2 + 1), CORRAL_SIZE_LIMIT);
    arena_fixture_close(&f);
}

/* --- calloc ------------------------------------------------------------------------------------------------------- */

static void test_calloc_overflow_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaPicture before = arena_picture(arena);
    CHECK_FAILS(arena, arena_calloc(arena, SIZE_MAX, 2), CORRAL_SIZE_LIMIT);
    CHECK_FAILS(arena, arena_calloc(arena, 2, SIZE_MAX), CORRAL_SIZE_LIMIT);
    CHECK_FAILS(arena, arena_calloc(arena, SIZE_MAX, SIZE_MAX), CORRAL_SIZE_LIMIT);
    CHECK_FAILS(arena, arena_calloc(arena, SIZE_MAX / 16 + 2, 16), CORRAL_SIZE_LIMIT); /* the product wraps to 16 */
    CHECK_FAILS(arena, arena_calloc(arena, (size_t)1 << 32, (size_t)1 << 32), CORRAL_SIZE_LIMIT); /* to 0 */
    CHECK_UNCHANGED(arena, &before);
    arena_fixture_close(&f);
}

static void test_calloc_zeroes_recycled_memory(void) {
    static const unsigned char zeros[5000];
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    for (size_t round = 0; round < 3; round++) {
        unsigned char *block = arena_calloc(arena, 1000, 5);
        REQUIRE_TRUE(block != NULL);
        CHECK_TRUE(memcmp(block, zeros, sizeof zeros) == 0);
        memset(block, 0xEE, sizeof zeros);
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    }
    arena_fixture_close(&f);
}

/* --- alignment ---------------------------------------------------------------------------------------------------- */

static void test_every_alignment_up_to_1_mib(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    for (size_t alignment = 1; alignment <= ARENA_ALIGNMENT_MAX; alignment *= 2) {
        for (size_t size = 0; size < 3; size++) {
            unsigned char *block = arena_alloc_aligned(arena, size, alignment);
            REQUIRE_TRUE(block != NULL);
            CHECK_EQ_U64((uintptr_t)block % alignment, 0);
            CHECK_EQ_U64((uintptr_t)block % ARENA_ALIGNMENT, 0);
            memset(block, 0xAA, size);
        }
        CHECK_STATUS(arena_check(arena), CORRAL_OK);
    }
    arena_fixture_close(&f);
}

static void test_bad_alignment_refused(void) {
    static const size_t bad[] = {0,
                                 3,
                                 5,
                                 6,
                                 12,
                                 24,
                                 100,
                                 4097,
                                 ARENA_ALIGNMENT_MAX - 1,
                                 ARENA_ALIGNMENT_MAX + 1,
                                 ARENA_ALIGNMENT_MAX * 2,
                                 SIZE_MAX,
                                 SIZE_MAX / 2 + 1};
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaPicture before = arena_picture(arena);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK_FAILS(arena, arena_alloc_aligned(arena, 16, bad[i]), CORRAL_BAD_ALIGNMENT);
        CHECK_FAILS(arena, arena_alloc_aligned(arena, 0, bad[i]), CORRAL_BAD_ALIGNMENT);
        CHECK_FAILS(arena, arena_alloc_aligned(arena, SIZE_MAX, bad[i]), CORRAL_BAD_ALIGNMENT);
        CHECK_EQ_U64(arena_alloc_ref(arena, 16, bad[i]), 0);
        CHECK_STATUS(arena_last_status(arena), CORRAL_BAD_ALIGNMENT);
    }
    CHECK_UNCHANGED(arena, &before);
    arena_fixture_close(&f);
}

static void test_alignment_below_the_default_is_the_default(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 1, 1), 0, 0);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 1, 2), 0, 16);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 1, 4), 0, 32);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 1, 8), 0, 48);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 1, 16), 0, 64);
    arena_fixture_close(&f);
}

static void test_alignment_gap_counts_as_used(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 1), 0, 0);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 1, 64), 0, 64);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 80);
    CHECK_EQ_U64(arena_allocation_count(arena), 2);
    arena_fixture_close(&f);
}

static void test_over_aligned_request_at_a_chunk_end(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 4064), 0, 0);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 16, 64), 1, 0); /* 32 bytes are left, none of them aligned */
    CHECK_CHUNK(arena, 0, 4 * KIB, 4064);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 1, 16);
    CHECK_NUMBERS(arena, 2, 12 * KIB, 4064 + 32);
    arena_fixture_close(&f);
}

static void test_over_aligned_request_starts_its_new_chunk(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 16, 65536), 1, 0);
    CHECK_EQ_U64(chunk_view(arena, 1).base % 65536, 0);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 8 * KIB, ARENA_ALIGNMENT_MAX), 2, 0);
    CHECK_EQ_U64(chunk_view(arena, 2).base % ARENA_ALIGNMENT_MAX, 0);
    CHECK_CHUNK(arena, 2, 16 * KIB, 8 * KIB);
    arena_fixture_close(&f);
}

/* A retained chunk has the alignment of another day: the gap at its start decides whether the request fits. Chunks of
 * this size start at any multiple of 64. */
static void test_over_aligned_request_in_a_retained_chunk(void) {
    enum { CHUNKS = 12, CAPACITY = 1088 };
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, CAPACITY, CAPACITY);
    for (size_t i = 0; i < CHUNKS; i++) {
        CHECK_SPOT(arena, arena_alloc(arena, CAPACITY), i, 0);
    }
    size_t gaps = 0;
    for (size_t alignment = 64; alignment <= 1024; alignment *= 2) {
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
        for (size_t i = 0; i < CHUNKS; i++) {
            size_t size = CAPACITY - alignment / 2;
            const void *block = arena_alloc_aligned(arena, size, alignment);
            CHECK_TRUE(block != NULL && (uintptr_t)block % alignment == 0);
            Spot spot = spot_of(arena, block);
            CHECK_LE_U64(spot.offset + size, chunk_view(arena, spot.chunk).capacity);
            CHECK_STATUS(arena_check(arena), CORRAL_OK);
            gaps += spot.offset != 0;
        }
    }
    CHECK_TRUE(gaps > 0 && arena_chunk_count(arena) > CHUNKS); /* some were served with a gap, some did not fit */
    arena_fixture_close(&f);
}

/* --- contents and status ------------------------------------------------------------------------------------------ */

static void test_blocks_keep_their_bytes_until_reset(void) {
    enum { BLOCKS = 500 };
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    unsigned char *blocks[BLOCKS];
    size_t sizes[BLOCKS];
    uint64_t random = 3;
    for (size_t i = 0; i < BLOCKS; i++) {
        sizes[i] = test_random_below(&random, i % 20 == 0 ? 20000 : 200);
        blocks[i] = arena_alloc_aligned(arena, sizes[i], (size_t)1 << test_random_below(&random, 8));
        REQUIRE_TRUE(blocks[i] != NULL);
        memset(blocks[i], (int)(i & 0xFF), sizes[i]);
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        for (size_t at = 0; at < sizes[i] && test_failures() == 0; at++) {
            CHECK_EQ_U64(blocks[i][at], i & 0xFF);
        }
    }
    arena_fixture_close(&f);
}

static void test_status_of_the_last_failure_stays(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_STATUS(arena_last_status(arena), CORRAL_OK);
    CHECK_FAILS(arena, arena_alloc(arena, SIZE_MAX), CORRAL_SIZE_LIMIT);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    CHECK_TRUE(arena_alloc(arena, 5000) != NULL);
    CHECK_STATUS(arena_last_status(arena), CORRAL_SIZE_LIMIT);
    CHECK_FAILS(arena, arena_alloc_aligned(arena, 1, 3), CORRAL_BAD_ALIGNMENT);
    CHECK_STATUS(arena_last_status(arena), CORRAL_BAD_ALIGNMENT);
    arena_fixture_close(&f);
}

static void test_count_counts_allocations(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 1) != NULL);
    CHECK_TRUE(arena_alloc(arena, 0) != NULL);
    CHECK_TRUE(arena_alloc(arena, 5000) != NULL);
    CHECK_TRUE(arena_alloc_aligned(arena, 1, 128) != NULL);
    CHECK_TRUE(arena_calloc(arena, 2, 2) != NULL);
    CHECK_TRUE(arena_alloc_ref(arena, 1, 1) != 0);
    CHECK_TRUE(arena_strdup(arena, "text") != NULL);
    CHECK_TRUE(arena_sprintf(arena, "%d", 1) != NULL);
    CHECK_TRUE(arena_alloc(arena, SIZE_MAX) == NULL);
    CHECK_TRUE(arena_alloc_aligned(arena, 1, 3) == NULL);
    CHECK_EQ_U64(arena_allocation_count(arena), 8);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_EQ_U64(arena_allocation_count(arena), 0);
    arena_fixture_close(&f);
}

/* --- fixed arenas ------------------------------------------------------------------------------------------------- */

static void test_fixed_arena_exactly_full(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_fixed(&f, 256);
    CHECK_SPOT(arena, arena_alloc(arena, 240), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 240);
    CHECK_FAILS(arena, arena_alloc(arena, 1), CORRAL_ARENA_FULL);
    CHECK_FAILS(arena, arena_calloc(arena, 1, 1), CORRAL_ARENA_FULL);
    CHECK_FAILS(arena, arena_strdup(arena, ""), CORRAL_ARENA_FULL);
    CHECK_FAILS(arena, arena_sprintf(arena, "%d", 1), CORRAL_ARENA_FULL);
    CHECK_EQ_U64(arena_alloc_ref(arena, 1, 16), 0);
    CHECK_SPOT(arena, arena_alloc(arena, 0), 0, 256);
    CHECK_NUMBERS(arena, 1, 256, 256);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_SPOT(arena, arena_alloc(arena, 256), 0, 0);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_SPOT(arena, arena_alloc(arena, 256), 0, 0);
    CHECK_FAILS(arena, arena_alloc(arena, 1), CORRAL_ARENA_FULL);
    arena_fixture_close(&f);
}

static void test_fixed_arena_goes_on_after_a_refusal(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_fixed(&f, 1000); /* rounds up to 1008 */
    CHECK_SPOT(arena, arena_alloc(arena, 990), 0, 0);
    ArenaPicture before = arena_picture(arena);
    CHECK_FAILS(arena, arena_alloc(arena, 17), CORRAL_ARENA_FULL);
    CHECK_UNCHANGED(arena, &before);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 992);
    CHECK_NUMBERS(arena, 1, 1008, 1008);
    arena_fixture_close(&f);
}

static void test_fixed_arena_refuses_what_its_alignment_leaves(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_fixed(&f, 80);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 0);
    CHECK_FAILS(arena, arena_alloc_aligned(arena, 32, 64), CORRAL_ARENA_FULL);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 16, 64), 0, 64);
    CHECK_NUMBERS(arena, 1, 80, 80);
    arena_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_fast_path_and_slow_path_place_alike), TEST_CASE(test_widths_of_sizes_place_alike),
          TEST_CASE(test_request_of_the_room_that_is_left), TEST_CASE(test_sizes_round_up_to_the_default_alignment),
          TEST_CASE(test_default_alignment_of_eight), TEST_CASE(test_zero_bytes_move_nothing),
          TEST_CASE(test_zero_bytes_at_a_full_chunk), TEST_CASE(test_zero_bytes_at_an_alignment),
          TEST_CASE(test_sizes_near_the_largest_fail), TEST_CASE(test_single_request_limit),
          TEST_CASE(test_calloc_overflow_refused), TEST_CASE(test_calloc_zeroes_recycled_memory),
          TEST_CASE(test_every_alignment_up_to_1_mib), TEST_CASE(test_bad_alignment_refused),
          TEST_CASE(test_alignment_below_the_default_is_the_default), TEST_CASE(test_alignment_gap_counts_as_used),
          TEST_CASE(test_over_aligned_request_at_a_chunk_end),
          TEST_CASE(test_over_aligned_request_starts_its_new_chunk),
          TEST_CASE(test_over_aligned_request_in_a_retained_chunk), TEST_CASE(test_blocks_keep_their_bytes_until_reset),
          TEST_CASE(test_status_of_the_last_failure_stays), TEST_CASE(test_count_counts_allocations),
          TEST_CASE(test_fixed_arena_exactly_full), TEST_CASE(test_fixed_arena_goes_on_after_a_refusal),
          TEST_CASE(test_fixed_arena_refuses_what_its_alignment_leaves))
