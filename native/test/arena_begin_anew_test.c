/* SPDX-License-Identifier: Apache-2.0
 * arena_begin_anew_test.c - a used arena for another user, to whom it looks new. */
#include <string.h>

#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

static void use_all_of_it(Arena *arena) {
    for (size_t i = 0; i < 10; i++) {
        CHECK_TRUE(arena_mark(arena).id != 0);
        CHECK_TRUE(arena_alloc(arena, 5000) != NULL);
    }
    CHECK_TRUE(arena_alloc(arena, 100 * KIB) != NULL);
    CHECK_STATUS(arena_trim(arena, 0), CORRAL_OK);
    CHECK_STATUS(arena_alloc(arena, SIZE_MAX) == NULL ? arena_last_status(arena) : CORRAL_OK, CORRAL_SIZE_LIMIT);
}

static void test_arena_begun_anew_is_as_new(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaStats fresh;
    ArenaStats stats;
    CHECK_STATUS(arena_stats(arena, &fresh), CORRAL_OK);
    uint64_t in_use = fixture_stats(&f.base).in_use;
    use_all_of_it(arena);
    uint64_t peak = arena_peak_used(arena);
    uint64_t used = 0;
    CHECK_TRUE(arena_begin_anew(arena, false, &used));
    CHECK_EQ_U64(used, peak);
    CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
    CHECK_TRUE(memcmp(&stats, &fresh, sizeof stats) == 0);
    CHECK_TRUE(!arena->eventful && !arena->tied);
    CHECK_EQ_U64(fixture_stats(&f.base).in_use, in_use);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 1, 0);
    CHECK_CHUNK(arena, 1, 8 * KIB, 16);
    arena_fixture_close(&f);
}

static void test_arena_begun_anew_with_its_chunks(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    use_all_of_it(arena);
    uint64_t peak = arena_peak_used(arena);
    uint64_t allocated = arena->allocated;
    uint64_t used = 0;
    CHECK_TRUE(arena_begin_anew(arena, true, &used));
    CHECK_EQ_U64(used, peak);
    CHECK_EQ_U64(arena->allocated, allocated);
    CHECK_EQ_U64(arena->peak_allocated, allocated);
    CHECK_TRUE(!arena->eventful && !arena->tied);
    CHECK_EQ_U64(arena_total_used(arena) + arena_allocation_count(arena) + arena_peak_used(arena), 0);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    arena_fixture_close(&f);
}

static void nothing(void *context) {
    (void)context;
}

static void test_only_simple_arenas_begin_anew(void) {
    ArenaFixture f;
    Arena *arena = arena_create_default(arena_fixture_default(&f)->pool);
    Arena *child = arena_create_child(arena, SIZE_MAX);
    uint64_t used = 0;
    CHECK_TRUE(arena_alloc(arena, 64) != NULL);
    CHECK_TRUE(!arena_begin_anew(arena, true, &used) && !arena_begin_anew(child, true, &used));
    arena_destroy(child);
    CHECK_STATUS(arena_on_release(arena, nothing, NULL), CORRAL_OK);
    CHECK_TRUE(!arena_begin_anew(arena, false, &used));
    CHECK_EQ_U64(arena_allocation_count(arena), 1);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_TRUE(arena_begin_anew(arena, true, &used));
    arena_destroy(arena);
    CHECK_TRUE(!arena_begin_anew(arena, true, &used) && !arena_begin_anew(NULL, true, &used));
    CHECK_EQ_U64(used, 64);
    arena_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_arena_begun_anew_is_as_new), TEST_CASE(test_arena_begun_anew_with_its_chunks),
          TEST_CASE(test_only_simple_arenas_begin_anew))
