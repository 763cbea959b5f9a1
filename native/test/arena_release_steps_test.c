/* SPDX-License-Identifier: Apache-2.0
 * arena_release_steps_test.c - taking back step by step, as Java does: its actions among the callbacks of C, those that
 * C owes it, and holds. */
#include <stdio.h>

#include "arena/release_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

static char log_text[256];

static void note(void *name) {
    strcat(log_text, name);
}

static void expect_log(const char *file, int line, const char *expected) {
    test_eq_str(file, line, "called", log_text, expected);
    log_text[0] = '\0';
}

#define CHECK_CALLED(expected) expect_log(__FILE__, __LINE__, (expected))

static char a[] = "a", b[] = "b", c[] = "c", nothing[] = "";

#define REGISTER(arena, name) CHECK_STATUS(arena_on_release((arena), note, (name)), CORRAL_OK)

/* --- Java's actions ----------------------------------------------------------------------------------------------- */

/* What Java does for a reset, with its actions as digits in the log. */
static void take_back_as_java(Arena *arena, uint64_t until) {
    CHECK_STATUS(release_begin(arena, until), CORRAL_OK);
    for (uint32_t action; (action = release_next(arena)) != 0;) {
        char name[2] = {(char)('0' + action), '\0'};
        strcat(log_text, name);
        CHECK_STATUS(arena_reset(arena), CORRAL_RELEASING);
        CHECK_STATUS(release_begin(arena, 0), CORRAL_RELEASING);
    }
    release_end(arena);
}

static void test_actions_and_callbacks_interleave(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    REGISTER(arena, a);
    CHECK_STATUS(release_add_action(arena, 1), CORRAL_OK);
    ArenaMark mark = arena_mark(arena);
    REGISTER(arena, b);
    CHECK_STATUS(release_add_action(arena, 2), CORRAL_OK);
    REGISTER(arena, c);
    take_back_as_java(arena, mark.id >> ARENA_MARK_DEPTH_BITS);
    CHECK_CALLED("c2b");
    take_back_as_java(arena, 0);
    CHECK_CALLED("1a");
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_CALLED("");
    arena_fixture_close(&f);
}

static void test_actions_are_owed_after_a_reset_in_c(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    for (uint32_t action = 1; action <= 3; action++) {
        CHECK_STATUS(release_add_action(arena, action), CORRAL_OK);
        REGISTER(arena, a);
    }
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_CALLED("aaa");
    for (uint32_t action = 4; action <= 5; action++) {
        CHECK_STATUS(release_add_action(arena, action), CORRAL_OK);
    }
    ArenaMark mark = arena_mark(arena);
    for (uint32_t action = 6; action <= 7; action++) {
        CHECK_STATUS(release_add_action(arena, action), CORRAL_OK);
    }
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    CHECK_STATUS(release_add_action(arena, 8), CORRAL_OK);
    take_back_as_java(arena, UINT64_MAX);
    CHECK_CALLED("32176");
    take_back_as_java(arena, 0);
    CHECK_CALLED("854");
    arena_fixture_close(&f);
}

/* The array grows while some are owed, and after some of these have been run. */
static void test_owed_actions_survive_growth(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    for (uint32_t action = 1; action <= 9; action++) {
        CHECK_STATUS(release_add_action(arena, action), CORRAL_OK);
    }
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_STATUS(release_begin(arena, 0), CORRAL_OK);
    CHECK_EQ_U64(release_next(arena), 9);
    release_end(arena);
    for (int i = 0; i < 1000; i++) {
        REGISTER(arena, nothing);
        CHECK_STATUS(arena_check(arena), CORRAL_OK);
    }
    CHECK_STATUS(release_begin(arena, 0), CORRAL_OK);
    for (uint32_t action = 8; action >= 1; action--) {
        CHECK_EQ_U64(release_next(arena), action);
        CHECK_CALLED("");
    }
    CHECK_EQ_U64(release_next(arena), 0);
    release_end(arena);
    CHECK_EQ_U64(arena->releases->count, 0);
    arena_fixture_close(&f);
}

/* --- holds -------------------------------------------------------------------------------------------------------- */

static void test_a_hold_lasts_as_long_as_what_came_after_it(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CorralStatus status;
    ArenaMark before = arena_mark(arena);
    uint64_t hold = hold_take(arena, &status);
    CHECK_STATUS(status, CORRAL_OK);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    CHECK_FALSE(hold_is_before_a_mark(arena, hold));
    ArenaMark after = arena_mark(arena);
    CHECK_TRUE(hold_is_before_a_mark(arena, hold));
    CHECK_STATUS(arena_rewind(arena, after), CORRAL_OK);
    CHECK_TRUE(hold_is_valid(arena, hold));
    CHECK_STATUS(arena_rewind(arena, before), CORRAL_OK);
    CHECK_FALSE(hold_is_valid(arena, hold));
    uint64_t next = hold_take(arena, &status);
    CHECK_TRUE(next != hold && hold_is_valid(arena, next) && !hold_is_valid(arena, hold));
    hold_drop(arena, hold);
    CHECK_TRUE(hold_is_valid(arena, next));
    CHECK_FALSE(hold_is_valid(arena, 0));
    arena_fixture_close(&f);
}

static void test_ended_holds_leave_nothing(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CorralStatus status;
    for (int i = 0; i < 10000; i++) {
        uint64_t outer = hold_take(arena, &status);
        uint64_t inner = hold_take(arena, &status);
        hold_drop(arena, i % 2 == 0 ? outer : inner);
        hold_drop(arena, i % 2 == 0 ? inner : outer);
    }
    CHECK_EQ_U64(arena->releases->count, 0);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_TRUE(arena->releases == NULL);
    arena_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_actions_and_callbacks_interleave), TEST_CASE(test_actions_are_owed_after_a_reset_in_c),
          TEST_CASE(test_owed_actions_survive_growth), TEST_CASE(test_a_hold_lasts_as_long_as_what_came_after_it),
          TEST_CASE(test_ended_holds_leave_nothing))
