/* SPDX-License-Identifier: Apache-2.0
 * stack_settle_test.c - frames that Java has pushed by itself: see stack_settle(). */
#include "corral/lifetimes.h"
#include "support/stack_fixture.h"

static StackPlace place_of(const Arena *arena) {
    return (StackPlace){.offset = (uint32_t)(arena->control.cursor - arena->control.base),
                        .count = (uint32_t)arena->control.count};
}

/* What Java does in the meantime, seen from C: two frames inside `below` with 96 and 48 bytes, and one of 512 before.
 * */
static uint64_t java_leaves_two_frames(Arena *arena, StackPlace *outer, StackPlace *inner) {
    *outer = place_of(arena);
    *inner = (StackPlace){.offset = outer->offset + 96, .count = outer->count + 1};
    StackPlace now = {.offset = inner->offset + 48, .count = inner->count + 2};
    return stack_settle(arena, now, outer->offset + 512, 2);
}

static void test_frames_that_java_has_kept_become_marks(void) {
    for (int popped = 0; popped < 5; popped++) {
        StackFixture f;
        StackAllocator *stack = fixture_stack(&f, 8192, STACK_OVERFLOW_FAIL);
        Arena *arena = stack_arena(stack);
        if (arena->closed) {
            stack_fixture_close(&f); /* Java keeps nothing where C has to see each allocation */
            continue;
        }
        StackFrame below = stack_push(stack);
        CHECK_TRUE(stack_alloc(below, 32, 1) != NULL);
        uint64_t take_backs = arena->take_backs;
        StackPlace at_outer;
        StackPlace at_inner;
        StackFrame outer = {.stack = stack};
        outer.id = java_leaves_two_frames(arena, &at_outer, &at_inner);
        StackFrame inner = {.stack = stack, .id = outer.id + ((uint64_t)1 << ARENA_MARK_DEPTH_BITS) + 1};
        CHECK_TRUE(arena->take_backs > take_backs);
        CHECK_STATUS(arena_check(arena), CORRAL_OK);
        CHECK_EQ_U64(stack_depth(stack), 3);
        CHECK_EQ_U64(stack_top(stack), inner.id);
        CHECK_EQ_U64(arena_total_used(arena), 32 + 96 + 48);
        CHECK_EQ_U64(arena->control.count, 4);
        CHECK_EQ_U64(arena->peak_used, 32 + 512);
        if (popped == 0) { /* one after the other */
            CHECK_TRUE(stack_alloc(inner, 16, 1) != NULL);
            stack_narrow(arena, inner.id, at_inner);
            CHECK_STATUS(stack_pop(inner), CORRAL_OK);
            CHECK_EQ_U64(arena_total_used(arena), 32 + 96);
            CHECK_EQ_U64(arena->control.count, 2);
            CHECK_STATUS(arena_check(arena), CORRAL_OK);
            stack_narrow(arena, inner.id, (StackPlace){.offset = 0, .count = 0}); /* it is over */
            stack_narrow(arena, outer.id, at_outer);
            CHECK_STATUS(stack_pop(outer), CORRAL_OK);
        } else if (popped == 1) { /* the outer one with the inner one, and a mark */
            CHECK_TRUE(arena_mark(arena).arena == arena);
            stack_narrow(arena, outer.id, at_outer);
            CHECK_STATUS(stack_pop(outer), CORRAL_NOT_TOP);
            CHECK_STATUS(stack_pop(inner), CORRAL_STALE_MARK);
        } else if (popped == 2) { /* both with the one below */
            CHECK_STATUS(stack_pop(below), CORRAL_NOT_TOP);
            below = stack_push(stack);
            CHECK_TRUE(stack_alloc(below, 32, 1) != NULL);
        } else if (popped == 3) { /* all */
            CHECK_STATUS(arena_reset(arena), CORRAL_OK);
            stack_narrow(arena, outer.id, at_outer);
            below = stack_push(stack);
            CHECK_TRUE(stack_alloc(below, 32, 1) != NULL);
        } else { /* after a rewind to where C looked first */
            ArenaMark looked = arena_mark(arena);
            CHECK_TRUE(arena_alloc(arena, 1000) != NULL);
            CHECK_STATUS(arena_rewind(arena, looked), CORRAL_OK);
            CHECK_EQ_U64(arena_total_used(arena), 32 + 96 + 48);
            stack_narrow(arena, outer.id, at_outer);
            CHECK_STATUS(stack_pop(outer), CORRAL_NOT_TOP);
        }
        CHECK_EQ_U64(arena_total_used(arena), 32);
        CHECK_EQ_U64(arena->control.count, 1);
        CHECK_STATUS(arena_check(arena), CORRAL_OK);
        CHECK_STATUS(stack_pop(below), CORRAL_OK);
        stack_fixture_close(&f);
    }
}

static void test_room_is_reserved_for_deep_frames_that_java_keeps(void) {
    StackFixture f;
    StackAllocator *stack = fixture_stack(&f, 8192, STACK_OVERFLOW_FAIL);
    Arena *arena = stack_arena(stack);
    const StackPlace place = {.offset = 0, .count = 0};
    for (int round = 0; round < 2 && !arena->closed; round++) {
        StackFrame below = stack_push(stack);
        CHECK_EQ_U64(stack_settle(arena, place, 0, ARENA_INLINE_MARKS),
                     0); /* with `below`, one more than there is room */
        CHECK_STATUS(stack_reserve(arena, DEEP), CORRAL_OK);
        CHECK_STATUS(stack_reserve(arena, ARENA_INLINE_MARKS), CORRAL_OK);
        CHECK_TRUE(arena->mark_room >= DEEP);
        CHECK_STATUS(arena_check(arena), CORRAL_OK);
        CHECK_TRUE(stack_settle(arena, place, 0, DEEP - 1) != 0);
        CHECK_EQ_U64(stack_depth(stack), DEEP);
        CHECK_STATUS(arena_check(arena), CORRAL_OK);
        CHECK_STATUS(stack_pop(below), CORRAL_NOT_TOP);
        CHECK_EQ_U64(arena->tied, 0);
        CHECK_EQ_U64(arena->mark_room, ARENA_INLINE_MARKS);

        below = stack_push(stack);
        CHECK_STATUS(stack_reserve(arena, DEEP), CORRAL_OK);
        CHECK_TRUE(stack_settle(arena, place, 0, ARENA_INLINE_MARKS - 1) != 0); /* in the end they were few */
        CHECK_EQ_U64(arena->tied, 0);
        CHECK_EQ_U64(arena->mark_room, ARENA_INLINE_MARKS);
        CHECK_EQ_U64(stack_depth(stack), ARENA_INLINE_MARKS);
        CHECK_STATUS(arena_check(arena), CORRAL_OK);
        CHECK_STATUS(stack_pop(below), CORRAL_NOT_TOP);
    }
    CHECK_STATUS(stack_reserve(arena, ((uint32_t)1 << ARENA_MARK_DEPTH_BITS) + 1), CORRAL_LIMIT_REACHED);
    stack_fixture_close(&f);
}

static void test_what_java_has_kept_of_a_destroyed_stack_is_dropped(void) {
    StackFixture f;
    Arena *arena = stack_arena(fixture_stack(&f, 8192, STACK_OVERFLOW_FAIL));
    const StackPlace place = {.offset = 64, .count = 1};
    const uint32_t magic = arena->control.magic;
    const uint64_t take_backs = arena->take_backs;
    arena->control.magic = 0; /* as destroying leaves the slot while Java holds it */
    CHECK_EQ_U64(stack_settle(arena, place, 64, 1), 0);
    stack_narrow(arena, 1, place);
    CHECK_STATUS(stack_reserve(arena, DEEP), CORRAL_INVALID_ARENA);
    CHECK_EQ_U64(arena->take_backs, take_backs);
    arena->control.magic = magic;
    CHECK_EQ_U64(stack_settle(arena, place, 64, ARENA_INLINE_MARKS + 1), 0); /* that many are never kept */
    CHECK_EQ_U64(stack_settle(arena, place, 64, UINT32_MAX), 0);
    CHECK_EQ_U64(arena->take_backs, take_backs);
    stack_fixture_close(&f);
}

static void test_strings_are_forgotten_when_java_has_kept_a_stack(void) {
    StackFixture f;
    StackAllocator *stack = fixture_stack(&f, 8192, STACK_OVERFLOW_FAIL);
    Arena *arena = stack_arena(stack);
    LifetimesConfig config = lifetimes_config_default();
    CorralStatus status = CORRAL_OK;
    config.status = &status;
    config.given_pool = arena->pool;
    config.given_process = arena;
    config.given_unit = arena_create_default(arena->pool);
    Lifetimes *lifetimes = lifetimes_create_with(&config);
    if (!arena->closed && lifetimes != NULL) {
        StackPlace before = place_of(arena);
        const char *first = lifetimes_intern(lifetimes, "again", 5);
        CHECK_TRUE(stack_settle(arena, before, 64, 0) != 0); /* a frame with the string is over */
        const char *again = lifetimes_intern(lifetimes, "again", 5);
        bool refused = first == NULL || again == NULL; /* in a rerun */
        CHECK_TRUE(refused ? lifetimes_last_status(lifetimes) == CORRAL_NO_MEMORY
                           : (uintptr_t)again < arena->control.cursor);
    }
    CHECK_TRUE(lifetimes != NULL || config.given_unit == NULL || status == CORRAL_NO_MEMORY); /* in a rerun */
    if (lifetimes != NULL) {
        lifetimes_destroy(lifetimes);
    }
    arena_destroy(config.given_unit);
    stack_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_frames_that_java_has_kept_become_marks),
          TEST_CASE(test_room_is_reserved_for_deep_frames_that_java_keeps),
          TEST_CASE(test_what_java_has_kept_of_a_destroyed_stack_is_dropped),
          TEST_CASE(test_strings_are_forgotten_when_java_has_kept_a_stack))
