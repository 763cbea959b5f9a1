/* SPDX-License-Identifier: Apache-2.0
 * arena_marks_test.c - marks, rewinds and scopes: what they take back, what they keep, which marks are refused, what
 * they cost. What the bytes behind a rewind are for the tools is in arena_death_test.c. */
#include <stdlib.h>

#include "arena/arena_parts.h"
#include "base/check.h"
#include "support/arena_fixture.h"
#include "support/test.h"

/* Takes a mark that has to be there. */
static ArenaMark marked(Arena *arena) {
    ArenaMark mark = arena_mark(arena);
    CHECK_EQ_PTR(mark.arena, arena);
    CHECK_TRUE(mark.id != 0);
    return mark;
}

/* The mark is refused, and nothing changes. */
static void check_stale(const char *file, int line, Arena *arena, ArenaMark mark) {
    ArenaPicture before = arena_picture(arena);
    test_eq_i64(file, line, "arena_rewind", arena_rewind(arena, mark), CORRAL_STALE_MARK);
    test_eq_i64(file, line, "arena_last_status", arena_last_status(arena), CORRAL_STALE_MARK);
    test_eq_i64(file, line, "arena_close_scope", arena_close_scope(arena, mark), CORRAL_STALE_MARK);
    arena_is_unchanged(file, line, arena, &before);
}

#define CHECK_STALE(arena, mark) check_stale(__FILE__, __LINE__, (arena), (mark))

#define CHECK_REWIND(arena, mark) CHECK_STATUS(arena_rewind((arena), (mark)), CORRAL_OK)

/* --- what a rewind takes back ------------------------------------------------------------------------------------- */

static void test_rewind_takes_back_everything_since(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    unsigned char *before = arena_alloc(arena, 100);
    memset(before, 7, 100);
    ArenaMark mark = marked(arena);
    memset(arena_alloc(arena, 200), 8, 200);
    memset(arena_alloc(arena, 9000), 9, 9000);
    CHECK_REWIND(arena, mark);
    CHECK_NUMBERS(arena, 2, 4 * KIB + 9008, 112);
    CHECK_EQ_U64(arena_allocation_count(arena), 1);
    CHECK_EQ_U64(arena_peak_used(arena), 112 + 208 + 9008);
    CHECK_TRUE(before[0] == 7 && memcmp(before, before + 1, 99) == 0);
    CHECK_SPOT(arena, arena_alloc(arena, 8), 0, 112);
    arena_fixture_close(&f);
}

static void test_mark_can_be_used_many_times(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    ArenaMark mark = marked(arena);
    for (size_t round = 0; round < 1000 && test_failures() == 0; round++) {
        CHECK_SPOT(arena, arena_alloc(arena, 4080), 0, 16);
        CHECK_SPOT(arena, arena_alloc(arena, 8 * KIB), 1, 0);
        CHECK_SPOT(arena, arena_alloc(arena, 100000), 2, 0);
        CHECK_REWIND(arena, mark);
        CHECK_NUMBERS(arena, 3, 12 * KIB + 100000, 16);
    }
    CHECK_EQ_U64(arena->mark_count, 1);
    arena_fixture_close(&f);
}

static void test_rewind_across_chunk_boundaries(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaMark marks[5];
    size_t used[5];
    for (size_t i = 0; i < 5; i++) {
        CHECK_SPOT(arena, arena_alloc(arena, 16), i, 0);
        marks[i] = marked(arena);
        used[i] = arena_total_used(arena);
        CHECK_SPOT(arena, arena_alloc(arena, (4 * KIB << i) - 16), i, 16);
    }
    for (size_t i = 5; i-- > 0;) {
        CHECK_REWIND(arena, marks[i]);
        CHECK_NUMBERS(arena, 5, 124 * KIB, used[i]);
        CHECK_EQ_U64(arena->control.chunk, i);
        for (size_t chunk = i; chunk < 5; chunk++) {
            CHECK_CHUNK(arena, chunk, 4 * KIB << chunk, chunk == i ? 16 : 0);
        }
    }
    for (size_t i = 0; i < 5; i++) { /* in order again */
        CHECK_SPOT(arena, arena_alloc(arena, (4 * KIB << i) - (i == 0 ? 16 : 0)), i, i == 0 ? 16 : 0);
    }
    arena_fixture_close(&f);
}

static void test_rewind_gives_up_side_chunks(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 100), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 70000), 1, 0);
    ArenaMark mark = marked(arena);
    for (size_t round = 0; round < 3; round++) {
        CHECK_SPOT(arena, arena_alloc(arena, 51200), 2, 0);
        CHECK_SPOT(arena, arena_alloc(arena, 60000), 3, 0);
        CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 112);
        CHECK_REWIND(arena, mark);
        CHECK_NUMBERS(arena, 4, 4 * KIB + 70000 + 51200 + 60000, 112 + 70000);
        CHECK_CHUNK(arena, 1, 70000, 70000);
        CHECK_CHUNK(arena, 2, 51200, 0);
    }
    CHECK_SPOT(arena, arena_alloc(arena, 55000), 3, 0); /* the first that fits */
    arena_fixture_close(&f);
}

static void test_rewind_keeps_the_grown_target(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaMark mark = marked(arena);
    for (size_t i = 0; i < 3; i++) {
        CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB << i), i, 0);
    }
    uint64_t in_use = fixture_stats(&f.base).in_use;
    CHECK_REWIND(arena, mark);
    CHECK_EQ_U64(arena->target, 16 * KIB);
    for (size_t i = 0; i < 3; i++) {
        CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB << i), i, 0);
    }
    CHECK_EQ_U64(fixture_stats(&f.base).in_use, in_use);
    CHECK_SPOT(arena, arena_alloc(arena, 1), 3, 0);
    CHECK_CHUNK(arena, 3, 32 * KIB, 16);
    arena_fixture_close(&f);
}

static void test_statistics_add_up_across_rewinds(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaMark marks[40];
    ArenaStats taken[40];
    uint64_t random = 3;
    for (size_t i = 0; i < 40; i++) {
        marks[i] = marked(arena);
        CHECK_STATUS(arena_stats(arena, &taken[i]), CORRAL_OK);
        CHECK_TRUE(arena_alloc(arena, 1 + test_random_below(&random, 9000)) != NULL);
    }
    ArenaStats last;
    CHECK_STATUS(arena_stats(arena, &last), CORRAL_OK);
    for (size_t i = 40; i-- > 0;) {
        ArenaStats stats;
        CHECK_REWIND(arena, marks[i]);
        CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
        CHECK_EQ_U64(stats.used, taken[i].used);
        CHECK_EQ_U64(stats.count, taken[i].count);
        CHECK_EQ_U64(stats.allocated, last.allocated);
        CHECK_EQ_U64(stats.waste, stats.allocated - stats.used);
        CHECK_EQ_U64(stats.chunks, last.chunks);
        CHECK_EQ_U64(stats.peak_used, last.used);
        CHECK_EQ_U64(stats.resets, 0);
        CHECK_TRUE(memcmp(stats.growth, last.growth, sizeof stats.growth) == 0);
    }
    arena_fixture_close(&f);
}

static void test_rewind_of_a_fresh_arena(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaMark mark = marked(arena);
    ArenaPicture fresh = arena_picture(arena);
    CHECK_REWIND(arena, mark);
    CHECK_UNCHANGED(arena, &fresh);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 0);
    CHECK_REWIND(arena, mark);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 0);
    CHECK_EQ_U64(arena_allocation_count(arena), 0);
    arena_fixture_close(&f);
}

static void test_zero_bytes_and_marks(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaMark first = marked(arena);
    CHECK_SPOT(arena, arena_alloc(arena, 0), 0, 0);
    ArenaMark second = marked(arena);
    CHECK_TRUE(first.id != second.id);
    CHECK_EQ_U64(arena_allocation_count(arena), 1);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 0), 0, 4 * KIB);
    CHECK_SPOT(arena, arena_alloc_aligned(arena, 0, 64), 0, 4 * KIB);
    CHECK_REWIND(arena, second);
    CHECK_EQ_U64(arena_allocation_count(arena), 1);
    CHECK_REWIND(arena, first);
    CHECK_EQ_U64(arena_allocation_count(arena), 0);
    CHECK_STALE(arena, second);
    arena_fixture_close(&f);
}

static void test_aligned_blocks_and_marks(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    ArenaMark mark = marked(arena);
    for (size_t alignment = 1; alignment <= ARENA_ALIGNMENT_MAX; alignment *= 2) {
        CHECK_EQ_U64((uintptr_t)arena_alloc_aligned(arena, 24, alignment) % alignment, 0);
        CHECK_REWIND(arena, mark);
        CHECK_EQ_U64(arena_total_used(arena), 16);
        CHECK_SPOT(arena, arena_alloc(arena, 8), 0, 16);
        CHECK_REWIND(arena, mark);
    }
    arena_fixture_close(&f);
}

static void test_rewind_in_a_fixed_arena(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_fixed(&f, 256);
    CHECK_TRUE(arena_alloc(arena, 128) != NULL);
    ArenaMark mark = marked(arena);
    CHECK_TRUE(arena_alloc(arena, 128) != NULL);
    CHECK_FAILS(arena, arena_alloc(arena, 1), CORRAL_ARENA_FULL);
    CHECK_REWIND(arena, mark);
    CHECK_STATUS(arena_last_status(arena), CORRAL_ARENA_FULL);
    CHECK_SPOT(arena, arena_alloc(arena, 128), 0, 128);
    arena_fixture_close(&f);
}

/* --- references --------------------------------------------------------------------------------------------------- */

static void test_reference_into_a_given_up_chunk_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaRef old = arena_alloc_ref(arena, 4000, 1);
    ArenaMark mark = marked(arena);
    ArenaRef same_chunk = arena_alloc_ref(arena, 96, 1);
    ArenaRef next_chunk = arena_alloc_ref(arena, 16, 1);
    ArenaRef side_chunk = arena_alloc_ref(arena, 100000, 1);
    CHECK_REWIND(arena, mark);
    ArenaRef refused[] = {same_chunk + 16, next_chunk, side_chunk, side_chunk + 99999};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        CHECK_FAILS(arena, arena_resolve(arena, refused[i]), CORRAL_STALE_REF);
    }
    CHECK_TRUE(arena_resolve(arena, old) != NULL);
    CHECK_TRUE(arena_resolve(arena, old + 3999) != NULL);
    CHECK_EQ_U64(arena_ref(arena, (const void *)chunk_view(arena, 1).base), 0);
    arena_fixture_close(&f);
}

static void test_reference_from_before_a_mark_stays_valid(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaRef refs[4];
    void *addresses[4];
    static const size_t sizes[4] = {4000, 8000, 100000, 0};
    for (size_t i = 0; i < 4; i++) {
        refs[i] = arena_alloc_ref(arena, sizes[i], 1);
        addresses[i] = arena_resolve(arena, refs[i]);
    }
    ArenaMark mark = marked(arena);
    CHECK_TRUE(arena_alloc(arena, 50000) != NULL);
    CHECK_REWIND(arena, mark);
    for (size_t i = 0; i < 4; i++) {
        CHECK_TRUE(addresses[i] != NULL);
        CHECK_EQ_PTR(arena_resolve(arena, refs[i]), addresses[i]);
    }
    arena_fixture_close(&f);
}

/* --- which marks are refused -------------------------------------------------------------------------------------- */

static void test_nested_marks(void) {
    enum { DEPTH = 200 };
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, 64, 256);
    ArenaMark marks[DEPTH];
    size_t used[DEPTH];
    for (size_t i = 0; i < DEPTH; i++) {
        marks[i] = marked(arena);
        used[i] = arena_total_used(arena);
        CHECK_TRUE(arena_alloc(arena, 1 + i % 90) != NULL);
    }
    for (size_t i = DEPTH; i > 0; i -= i > 3 ? 3 : i) { /* skips inner marks, which become stale */
        size_t at = i - 1;
        CHECK_REWIND(arena, marks[at]);
        CHECK_EQ_U64(arena_total_used(arena), used[at]);
        for (size_t inner = at + 1; inner < DEPTH; inner++) {
            CHECK_STATUS(arena_rewind(arena, marks[inner]), CORRAL_STALE_MARK);
        }
        CHECK_STATUS(arena_check(arena), CORRAL_OK);
    }
    arena_fixture_close(&f);
}

static void test_inner_mark_is_stale_after_outer_rewind(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaMark outer = marked(arena);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    ArenaMark inner = marked(arena);
    CHECK_REWIND(arena, outer);
    CHECK_STALE(arena, inner);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    CHECK_STALE(arena, inner);
    ArenaMark again = marked(arena); /* same place in the stack, same statistics */
    CHECK_TRUE(again.id != inner.id);
    CHECK_STALE(arena, inner);
    CHECK_REWIND(arena, again);
    CHECK_REWIND(arena, outer);
    arena_fixture_close(&f);
}

static void test_mark_is_stale_after_reset_and_clear(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    for (size_t round = 0; round < 4; round++) {
        ArenaMark first = marked(arena);
        CHECK_TRUE(arena_alloc(arena, 5000) != NULL);
        ArenaMark second = marked(arena);
        CHECK_STATUS(round % 2 == 0 ? arena_reset(arena) : arena_clear(arena), CORRAL_OK);
        CHECK_STALE(arena, first);
        CHECK_STALE(arena, second);
        ArenaMark later = marked(arena);
        CHECK_TRUE(arena_alloc(arena, 16) != NULL);
        CHECK_STALE(arena, first);
        CHECK_STALE(arena, second);
        CHECK_REWIND(arena, later);
    }
    arena_fixture_close(&f);
}

static void test_marks_without_allocation_are_the_same(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaMark first = marked(arena);
    for (size_t i = 0; i < 100; i++) {
        CHECK_EQ_U64(marked(arena).id, first.id);
    }
    CHECK_TRUE(arena_alloc(arena, SIZE_MAX) == NULL);
    CHECK_EQ_U64(marked(arena).id, first.id);
    CHECK_EQ_U64(arena->mark_count, 1);
    CHECK_TRUE(arena_alloc(arena, 1) != NULL);
    CHECK_TRUE(marked(arena).id != first.id);
    CHECK_REWIND(arena, first);
    CHECK_EQ_U64(marked(arena).id, first.id);
    arena_fixture_close(&f);
}

static void test_mark_of_another_arena_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    Arena *other = arena_create_default(f.base.pool);
    REQUIRE_TRUE(other != NULL);
    ArenaMark mark = marked(arena);
    ArenaMark foreign = marked(other);
    CHECK_TRUE(arena_alloc(arena, 100) != NULL && arena_alloc(other, 100) != NULL);
    CHECK_STALE(arena, foreign);
    CHECK_STALE(other, mark);
    CHECK_STALE(arena, ((ArenaMark){.arena = NULL, .id = mark.id}));
    CHECK_STALE(arena, ((ArenaMark){.arena = arena, .id = 0}));
    CHECK_REWIND(arena, mark);
    CHECK_EQ_U64(arena_total_used(other), 112);
    CHECK_STATUS(arena_destroy(other), CORRAL_OK);
    arena_fixture_close(&f);
}

static void test_forged_marks_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    uint64_t random = 5;
    uint64_t valid[20];
    for (size_t i = 0; i < 20; i++) {
        CHECK_TRUE(arena_alloc(arena, 100) != NULL);
        valid[i] = marked(arena).id;
    }
    CHECK_TRUE(arena_alloc(arena, 100) != NULL);
    ArenaPicture before = arena_picture(arena);
    for (size_t i = 0; i < 20000 && test_failures() == 0; i++) {
        uint64_t id = test_random(&random);
        uint64_t near = valid[i % 20] + (id % 3 - 1) * ((uint64_t)1 << id / 3 % 44);
        uint64_t forged = i % 2 == 0 ? id : near; /* other depths, other numbers */
        bool exists = false;
        for (size_t k = 0; k < 20; k++) {
            exists = exists || valid[k] == forged;
        }
        if (!exists) {
            CHECK_STATUS(arena_rewind(arena, (ArenaMark){.arena = arena, .id = forged}), CORRAL_STALE_MARK);
        }
    }
    CHECK_UNCHANGED(arena, &before);
    CHECK_REWIND(arena, ((ArenaMark){.arena = arena, .id = valid[7]}));
    arena_fixture_close(&f);
}

static void test_mark_of_a_destroyed_arena_refused(void) {
    ArenaFixture f;
    Arena *old = arena_fixture_default(&f);
    ArenaMark marks[8];
    for (size_t round = 0; round < 8; round++) { /* each arena takes the place of the one before */
        marks[round] = marked(f.arena);
        CHECK_TRUE(arena_alloc(f.arena, 16) != NULL);
        CHECK_STATUS(arena_destroy(f.arena), CORRAL_OK);
        CHECK_STATUS(arena_rewind(old, marks[round]), CORRAL_INVALID_ARENA);
        CHECK_STATUS(arena_close_scope(old, marks[round]), CORRAL_INVALID_ARENA);
        CHECK_TRUE(arena_mark(old).arena == NULL);
        CHECK_TRUE(arena_open_scope(old).arena == NULL);
        f.arena = arena_create_default(f.base.pool);
        CHECK_EQ_PTR(f.arena, old);
        CHECK_TRUE(marked(f.arena).id != marks[round].id);
        for (size_t i = 0; i <= round; i++) {
            CHECK_STALE(f.arena, marks[i]);
        }
    }
    arena_fixture_close(&f);
}

static void test_marks_of_no_arena_refused(void) {
    _Alignas(64) static unsigned char memory[1024];
    Arena *foreign = (Arena *)(void *)memory;
    ArenaMark none = arena_mark(NULL);
    CHECK_TRUE(none.arena == NULL && none.id == 0);
    CHECK_TRUE(arena_mark(foreign).arena == NULL);
    CHECK_TRUE(arena_open_scope(foreign).arena == NULL);
    CHECK_STATUS(arena_rewind(NULL, none), CORRAL_INVALID_ARENA);
    CHECK_STATUS(arena_rewind(foreign, (ArenaMark){.arena = foreign, .id = 1}), CORRAL_INVALID_ARENA);
    CHECK_STATUS(arena_close_scope(NULL, none), CORRAL_INVALID_ARENA);
    for (size_t i = 0; i < sizeof memory; i++) {
        CHECK_EQ_U64(memory[i], 0);
    }
}

TEST_MAIN(TEST_CASE(test_rewind_takes_back_everything_since), TEST_CASE(test_mark_can_be_used_many_times),
          TEST_CASE(test_rewind_across_chunk_boundaries), TEST_CASE(test_rewind_gives_up_side_chunks),
          TEST_CASE(test_rewind_keeps_the_grown_target), TEST_CASE(test_statistics_add_up_across_rewinds),
          TEST_CASE(test_rewind_of_a_fresh_arena), TEST_CASE(test_zero_bytes_and_marks),
          TEST_CASE(test_aligned_blocks_and_marks), TEST_CASE(test_rewind_in_a_fixed_arena),
          TEST_CASE(test_reference_into_a_given_up_chunk_refused),
          TEST_CASE(test_reference_from_before_a_mark_stays_valid), TEST_CASE(test_nested_marks),
          TEST_CASE(test_inner_mark_is_stale_after_outer_rewind), TEST_CASE(test_mark_is_stale_after_reset_and_clear),
          TEST_CASE(test_marks_without_allocation_are_the_same), TEST_CASE(test_mark_of_another_arena_refused),
          TEST_CASE(test_forged_marks_refused), TEST_CASE(test_mark_of_a_destroyed_arena_refused),
          TEST_CASE(test_marks_of_no_arena_refused))
