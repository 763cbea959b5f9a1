/* SPDX-License-Identifier: Apache-2.0
 * arena_scopes_test.c - scopes, and what marks, rewinds and scopes cost: room, page requests, time; and without
 * memory. */
#include <stdlib.h>

#include "arena/arena_parts.h"
#include "base/check.h"
#include "support/arena_fixture.h"
#include "support/test.h"

#define MARKS_MAX ((size_t)1 << ARENA_MARK_DEPTH_BITS)

/* --- scopes ------------------------------------------------------------------------------------------------------- */

static void test_closed_scope_is_stale(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    ArenaMark before = arena_mark(arena);
    ArenaMark scope = arena_open_scope(arena);
    CHECK_TRUE(scope.id != before.id);
    ArenaMark inside = arena_mark(arena);
    CHECK_EQ_U64(inside.id, scope.id);
    CHECK_TRUE(arena_alloc(arena, 5000) != NULL);
    CHECK_STATUS(arena_close_scope(arena, scope), CORRAL_OK);
    CHECK_EQ_U64(arena_total_used(arena), 16);
    CHECK_STATUS(arena_close_scope(arena, scope), CORRAL_STALE_MARK);
    CHECK_STATUS(arena_rewind(arena, inside), CORRAL_STALE_MARK);
    CHECK_STATUS(arena_rewind(arena, before), CORRAL_OK);
    CHECK_EQ_U64(arena_mark(arena).id, before.id);
    arena_fixture_close(&f);
}

static void test_scopes_at_one_point_are_not_the_same(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaMark outer = arena_open_scope(arena);
    ArenaMark inner = arena_open_scope(arena);
    CHECK_TRUE(outer.id < inner.id);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    CHECK_STATUS(arena_close_scope(arena, inner), CORRAL_OK);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    CHECK_STATUS(arena_close_scope(arena, outer), CORRAL_OK);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 0);
    CHECK_EQ_U64(arena->mark_count, 0);
    arena_fixture_close(&f);
}

static void test_outer_scope_closes_the_inner_ones(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaMark outer = arena_open_scope(arena);
    ArenaMark inner = arena_open_scope(arena);
    CHECK_STATUS(arena_close_scope(arena, outer), CORRAL_OK);
    CHECK_STATUS(arena_close_scope(arena, inner), CORRAL_STALE_MARK);
    outer = arena_open_scope(arena);
    inner = arena_open_scope(arena);
    CHECK_STATUS(arena_rewind(arena, outer), CORRAL_OK); /* rewinding leaves the scope open, and ends those inside */
    CHECK_STATUS(arena_close_scope(arena, inner), CORRAL_STALE_MARK);
    CHECK_STATUS(arena_close_scope(arena, outer), CORRAL_OK);
    arena_fixture_close(&f);
}

/* More than there can be marks, with a block between that stays. */
static void test_scopes_one_after_the_other_need_the_room_of_one(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, 32 * MIB, 32 * MIB);
    ArenaMark first = arena_open_scope(arena);
    CHECK_STATUS(arena_close_scope(arena, first), CORRAL_OK);
    PoolStats before = fixture_stats(&f.base);
    for (size_t i = 0; i < MARKS_MAX + 100 && test_failures() == 0; i++) {
        ArenaMark scope = arena_open_scope(arena);
        CHECK_TRUE(scope.arena == arena && arena_alloc(arena, 64) != NULL);
        CHECK_STATUS(arena_close_scope(arena, scope), CORRAL_OK);
        CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    }
    CHECK_EQ_U64(arena_total_used(arena), (MARKS_MAX + 100) * 16);
    CHECK_EQ_U64(fixture_stats(&f.base).allocations, before.allocations);
    arena_fixture_close(&f);
}

/* --- room --------------------------------------------------------------------------------------------------------- */

static void test_a_million_marks_are_the_limit(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, 32 * MIB, 32 * MIB);
    ArenaMark first = arena_mark(arena);
    ArenaMark middle = first;
    ArenaMark last = first;
    for (size_t i = 1; i < MARKS_MAX && test_failures() == 0; i++) {
        CHECK_TRUE(arena_alloc(arena, 16) != NULL);
        last = arena_mark(arena);
        CHECK_TRUE(last.arena != NULL);
        middle = i == MARKS_MAX / 2 ? last : middle;
    }
    CHECK_EQ_U64(arena->mark_count, MARKS_MAX);
    CHECK_EQ_U64(arena_mark(arena).id, last.id);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    ArenaPicture before = arena_picture(arena);
    for (size_t i = 0; i < 3; i++) {
        CHECK_TRUE(arena_mark(arena).arena == NULL);
        CHECK_STATUS(arena_last_status(arena), CORRAL_LIMIT_REACHED);
        CHECK_TRUE(arena_open_scope(arena).id == 0);
    }
    CHECK_UNCHANGED(arena, &before);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    CHECK_STATUS(arena_rewind(arena, last), CORRAL_OK);
    CHECK_EQ_U64(arena_total_used(arena), (MARKS_MAX - 1) * 16);
    CHECK_STATUS(arena_rewind(arena, middle), CORRAL_OK);
    CHECK_STATUS(arena_rewind(arena, last), CORRAL_STALE_MARK);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    CHECK_TRUE(arena_mark(arena).arena != NULL);
    CHECK_STATUS(arena_rewind(arena, first), CORRAL_OK);
    CHECK_NUMBERS(arena, 1, 32 * MIB, 0);
    arena_fixture_close(&f);
}

static void take_marks(Arena *arena, size_t count) {
    for (size_t i = 0; i < count; i++) {
        CHECK_TRUE(arena_alloc(arena, 16) != NULL);
        CHECK_TRUE(arena_mark(arena).arena != NULL);
    }
}

static void test_clear_gives_the_marks_back_and_reset_keeps_them(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, 1 * MIB, 1 * MIB);
    uint64_t without = fixture_stats(&f.base).metadata;
    take_marks(arena, 5000);
    uint64_t with = fixture_stats(&f.base).metadata;
    CHECK_TRUE(with > without);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_TRUE(arena->marks != arena->inline_marks);
    take_marks(arena, 5000);
    CHECK_EQ_U64(fixture_stats(&f.base).metadata, with);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_TRUE(arena->marks == arena->inline_marks);
    take_marks(arena, 5000); /* finds what clear gave back */
    CHECK_EQ_U64(fixture_stats(&f.base).metadata, with);
    CHECK_EQ_U64(fixture_stats(&f.base).live_blocks, 1);
    arena_fixture_close(&f);
}

/* --- what a rewind costs ------------------------------------------------------------------------------------------ */

/* Where every request checks the whole arena, many chunks cost their square. */
#define MANY_CHUNKS (CORRAL_EXPENSIVE_CHECKS ? 2000 : 10000)

/* O(1): no descriptor is touched, and the pool is not asked. */
static void test_rewind_over_many_chunks_touches_none(void) {
    ArenaFixture f;
    size_t chunks = test_scaled(MANY_CHUNKS);
    Arena *arena = arena_fixture_sized(&f, 64, 64);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    ArenaMark mark = arena_mark(arena);
    for (size_t i = 1; i < chunks && test_failures() == 0; i++) {
        CHECK_SPOT(arena, arena_alloc(arena, 64), i, 0);
    }
    size_t bytes = chunks * sizeof(ArenaChunk);
    ArenaChunk *before = malloc(bytes);
    REQUIRE_TRUE(before != NULL);
    memcpy(before, arena->chunks, bytes);
    PoolStats pool = fixture_stats(&f.base);
    size_t calls = f.base.pages.reserve_calls + f.base.pages.release_calls;
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_TRUE(memcmp(before, arena->chunks, bytes) == 0);
    CHECK_NUMBERS(arena, chunks, chunks * 64, 16);
    CHECK_EQ_U64(f.base.pages.reserve_calls + f.base.pages.release_calls, calls);
    CHECK_EQ_U64(fixture_stats(&f.base).allocations, pool.allocations);
    CHECK_EQ_U64(fixture_stats(&f.base).frees, pool.frees);
    for (size_t i = 1; i < chunks && test_failures() == 0; i++) {
        CHECK_EQ_PTR(arena_alloc(arena, 64), (void *)(uintptr_t)before[i].base);
    }
    free(before);
    arena_fixture_close(&f);
}

/* --- without memory ----------------------------------------------------------------------------------------------- */

/* A mark or scope; when it is refused, nothing changed, and the second attempt succeeds. */
static ArenaMark take_or_retry(Arena *arena, ArenaMark (*take)(Arena *arena), size_t *refused) {
    ArenaPicture before = arena_picture(arena);
    ArenaMark mark = take(arena);
    if (mark.arena == NULL) {
        ++*refused;
        CHECK_EQ_U64(mark.id, 0);
        CHECK_STATUS(arena_last_status(arena), CORRAL_NO_MEMORY);
        CHECK_UNCHANGED(arena, &before);
        mark = take(arena);
    }
    CHECK_TRUE(mark.arena == arena);
    return mark;
}

/* Marks whose stack outgrows several regions; true when page request n was reached. */
static bool run_with_failing_page(size_t n, size_t *refused) {
    enum { MARKS = 20000 };
    static ArenaMark marks[MARKS];
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.region_size = POOL_GRANULE;
    Pool *pool = fixture_create(&f, &config);
    Arena *arena = arena_create(pool, 1 * MIB, 1 * MIB);
    f.pages.fail_at = f.pages.reserve_calls + n;
    for (size_t i = 0; i < MARKS && test_failures() == 0; i++) {
        unsigned char *block = arena_alloc(arena, 16);
        CHECK_TRUE(block != NULL);
        memset(block, (int)(i % 251), 16);
        marks[i] = take_or_retry(arena, i % 2 == 0 ? arena_mark : arena_open_scope, refused);
    }
    bool reached = f.pages.reserve_calls >= f.pages.fail_at;
    for (size_t i = MARKS; i > 0 && test_failures() == 0; i -= i > 777 ? 777 : i) {
        CHECK_STATUS(arena_rewind(arena, marks[i - 1]), CORRAL_OK);
        CHECK_EQ_U64(arena_total_used(arena), i * 16);
        CHECK_EQ_U64(*(const unsigned char *)(chunk_view(arena, 0).base + i * 16 - 1), (i - 1) % 251);
    }
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    CHECK_EQ_U64(fixture_stats(&f).live_blocks, 0);
    fixture_close(&f);
    return reached;
}

static void test_marks_without_memory(void) {
    size_t refused = 0;
    for (size_t n = 1; run_with_failing_page(n, &refused) && test_failures() == 0; n++) {
    }
    CHECK_TRUE(refused >= 1);
}

static void test_pool_limit_does_not_count_marks(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.limit = 4 * KIB;
    Pool *pool = fixture_create(&f, &config);
    Arena *arena = arena_create_default(pool);
    REQUIRE_TRUE(arena != NULL);
    take_marks(arena, 4 * KIB / 16);
    CHECK_TRUE(arena_alloc(arena, 16) == NULL);
    CHECK_STATUS(arena_last_status(arena), CORRAL_LIMIT_REACHED);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_closed_scope_is_stale), TEST_CASE(test_scopes_at_one_point_are_not_the_same),
          TEST_CASE(test_outer_scope_closes_the_inner_ones),
          TEST_CASE(test_scopes_one_after_the_other_need_the_room_of_one),
          TEST_CASE(test_a_million_marks_are_the_limit),
          TEST_CASE(test_clear_gives_the_marks_back_and_reset_keeps_them),
          TEST_CASE(test_rewind_over_many_chunks_touches_none), TEST_CASE(test_marks_without_memory),
          TEST_CASE(test_pool_limit_does_not_count_marks))
