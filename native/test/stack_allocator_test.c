/* SPDX-License-Identifier: Apache-2.0
 * stack_allocator_test.c - frames: pushed, allocated in, popped; what overflows, and what is refused. */
#include "corral/stack_allocator.h"

#include <string.h>

#include "corral/lifetimes.h"
#include "structures/stack_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

#define DEEP 50

typedef struct StackFixture {
    PoolFixture base;
    StackAllocator *stack;
} StackFixture;

/* --- what `--oom` repeats ----------------------------------------------------------------------------------------- */

static Arena *arena_under_stack(const StackAllocator *stack) {
    return stack_arena((StackAllocator *)(uintptr_t)stack);
}

REPEATING(StackAllocator *, stack_create, result == NULL, pool, (Pool * pool, size_t size), (pool, size))
REPEATING(StackAllocator *, stack_create_with, result == NULL, pool, (Pool * pool, const StackConfig *config),
          (pool, config))
REPEATING_IN(StackFrame, stack_push, result.stack == NULL, arena_under_stack(stack), (StackAllocator * stack), (stack))
REPEATING_IN(void *, stack_alloc, result == NULL, arena_under_stack(frame.stack),
             (StackFrame frame, size_t size, size_t alignment), (frame, size, alignment))
REPEATING_IN(ArenaRef, stack_alloc_ref, result == 0, arena_under_stack(frame.stack),
             (StackFrame frame, size_t size, size_t alignment), (frame, size, alignment))
REPEATING_IN(CorralStatus, stack_reserve, result != CORRAL_OK, arena, (Arena * arena, uint32_t depth), (arena, depth))
#define stack_create repeat_stack_create
#define stack_create_with repeat_stack_create_with
#define stack_push repeat_stack_push
#define stack_alloc repeat_stack_alloc
#define stack_alloc_ref repeat_stack_alloc_ref
#define stack_reserve repeat_stack_reserve

static StackAllocator *fixture_stack(StackFixture *fixture, size_t size, StackOverflow overflow) {
    StackConfig config = stack_config_default();
    config.size = size;
    config.overflow = overflow;
    fixture->stack = stack_create_with(fixture_default(&fixture->base), &config);
    CHECK_TRUE(fixture->stack != NULL);
    return fixture->stack;
}

static void stack_fixture_close(StackFixture *fixture) {
    CHECK_STATUS(arena_check(stack_arena(fixture->stack)), CORRAL_OK);
    CHECK_STATUS(stack_destroy(fixture->stack), CORRAL_OK);
    CHECK_STATUS(stack_destroy(fixture->stack), CORRAL_INVALID_ARENA);
    fixture_close(&fixture->base);
}

/* --- frames ------------------------------------------------------------------------------------------------------- */

static void test_popped_frame_gives_its_memory_to_the_next(void) {
    StackFixture f;
    StackAllocator *stack = fixture_stack(&f, 4096, STACK_OVERFLOW_FAIL);
    StackFrame outer = stack_push(stack);
    void *kept = stack_alloc(outer, 100, 1);
    StackFrame inner = stack_push(stack);
    void *first = stack_alloc(inner, 40, 1);
    CHECK_EQ_U64(stack_depth(stack), 2);
    CHECK_EQ_U64(stack_room(stack), 4096 - 112 - 48);
    CHECK_STATUS(stack_pop(inner), CORRAL_OK);
    CHECK_EQ_U64(stack_room(stack), 4096 - 112);
    StackFrame next = stack_push(stack);
    CHECK_EQ_PTR(stack_alloc(next, 8, 1), first);
    CHECK_TRUE(kept != first);
    CHECK_STATUS(stack_pop(next), CORRAL_OK);
    CHECK_STATUS(stack_pop(outer), CORRAL_OK);
    CHECK_EQ_U64(stack_room(stack), 4096);
    CHECK_EQ_U64(stack_depth(stack), 0);
    CHECK_EQ_U64(arena_allocation_count(stack_arena(stack)), 0);
    CHECK_EQ_U64(arena_peak_used(stack_arena(stack)), 112 + 48);
    stack_fixture_close(&f);
}

static void test_alignment_is_kept(void) {
    StackFixture f;
    StackAllocator *stack = fixture_stack(&f, 8192, STACK_OVERFLOW_FAIL);
    StackFrame frame = stack_push(stack);
    for (size_t alignment = 1; alignment <= 1024; alignment *= 2) {
        void *block = stack_alloc(frame, 24, alignment);
        CHECK_EQ_U64((uintptr_t)block % (alignment < 16 ? 16 : alignment), 0);
    }
    const size_t bad[] = {0, 3, 24, 2 * ARENA_ALIGNMENT_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK_TRUE(stack_alloc(frame, 24, bad[i]) == NULL);
        CHECK_STATUS(stack_last_status(stack), CORRAL_BAD_ALIGNMENT);
        CHECK_EQ_U64(stack_alloc_ref(frame, 24, bad[i]), 0);
    }
    CHECK_TRUE(stack_alloc(frame, 0, 1) != NULL);
    CHECK_TRUE(stack_alloc(frame, SIZE_MAX, 1) == NULL);
    CHECK_STATUS(stack_last_status(stack), CORRAL_SIZE_LIMIT);
    stack_fixture_close(&f);
}

static void test_only_the_top_frame_may_be_used(void) {
    StackFixture f;
    StackAllocator *stack = fixture_stack(&f, 4096, STACK_OVERFLOW_FAIL);
    StackFrame outer = stack_push(stack);
    StackFrame inner = stack_push(stack);
    CHECK_TRUE(stack_alloc(outer, 8, 1) == NULL);
    CHECK_STATUS(stack_last_status(stack), CORRAL_NOT_TOP);
    CHECK_EQ_U64(stack_alloc_ref(outer, 8, 1), 0);
    CHECK_EQ_U64(stack_depth(stack), 2);
    CHECK_STATUS(stack_pop(inner), CORRAL_OK);
    CHECK_STATUS(stack_pop(inner), CORRAL_STALE_MARK);
    CHECK_TRUE(stack_alloc(inner, 8, 1) == NULL);
    CHECK_STATUS(stack_last_status(stack), CORRAL_STALE_MARK);
    StackFrame again = stack_push(stack);
    CHECK_STATUS(stack_pop(inner), CORRAL_STALE_MARK); /* in the place where another frame is now */
    CHECK_STATUS(stack_pop(again), CORRAL_OK);
    CHECK_TRUE(stack_alloc(outer, 8, 1) != NULL);
    stack_fixture_close(&f);
}

static void test_pop_of_an_outer_frame_ends_the_inner_ones(void) {
    StackFixture f;
    StackAllocator *stack = fixture_stack(&f, 4096, STACK_OVERFLOW_FALL_BACK);
    StackFrame bottom = stack_push(stack);
    CHECK_TRUE(stack_alloc(bottom, 16, 1) != NULL);
    StackFrame outer = stack_push(stack);
    StackFrame forgotten = stack_push(stack);
    CHECK_TRUE(stack_alloc(forgotten, 100, 1) != NULL);
    CHECK_TRUE(stack_alloc(forgotten, 10000, 1) != NULL); /* falls back */
    StackFrame deeper = stack_push(stack);
    CHECK_STATUS(stack_pop(outer), CORRAL_NOT_TOP);
    CHECK_STATUS(stack_last_status(stack), CORRAL_NOT_TOP);
    CHECK_EQ_U64(stack_depth(stack), 1);
    CHECK_EQ_U64(stack_room(stack), 4096 - 16);
    CHECK_STATUS(stack_pop(deeper), CORRAL_STALE_MARK);
    CHECK_STATUS(stack_pop(forgotten), CORRAL_STALE_MARK);
    CHECK_STATUS(stack_pop(outer), CORRAL_STALE_MARK);
    StackFrame last = stack_push(stack);
    CHECK_TRUE(stack_alloc(last, 10000, 1) != NULL);
    CHECK_STATUS(stack_pop(bottom), CORRAL_NOT_TOP);
    CHECK_EQ_U64(stack_depth(stack), 0);
    CHECK_EQ_U64(arena_total_allocated(stack_arena(stack)), 4096); /* what fell back has gone as well */
    CHECK_STATUS(stack_pop(last), CORRAL_STALE_MARK);
    stack_fixture_close(&f);
}

static void test_deep_frames_leave_nothing_behind(void) {
    StackFixture f;
    StackAllocator *stack = fixture_stack(&f, 8192, STACK_OVERFLOW_FAIL);
    for (size_t round = 0; round < 3; round++) {
        StackFrame frames[DEEP];
        for (size_t i = 0; i < DEEP; i++) {
            frames[i] = stack_push(stack);
            CHECK_TRUE(stack_alloc(frames[i], 64, 1) != NULL);
        }
        CHECK_EQ_U64(stack_depth(stack), DEEP);
        CHECK_TRUE(stack_arena(stack)->tied != 0);
        for (size_t i = DEEP; i-- > 0;) {
            CHECK_STATUS(stack_pop(frames[i]), CORRAL_OK);
        }
        CHECK_EQ_U64(stack_room(stack), 8192);
        CHECK_EQ_U64(stack_arena(stack)->tied, 0); /* Java opens frames by itself again */
    }
    stack_fixture_close(&f);
}

static void test_references_of_a_popped_frame_are_refused_once_settled(void) {
    StackFixture f;
    StackAllocator *stack = fixture_stack(&f, 4096, STACK_OVERFLOW_FAIL);
    StackFrame frame = stack_push(stack);
    ArenaRef ref = stack_alloc_ref(frame, 64, 1);
    CHECK_TRUE(arena_resolve(stack_arena(stack), ref) != NULL);
    stack_alloc_ref(frame, 64, 1);
    CHECK_STATUS(stack_pop(frame), CORRAL_OK);
    CHECK_TRUE(arena_resolve(stack_arena(stack), ref + 64) == NULL);
    stack_fixture_close(&f);
}

/* --- overflow ----------------------------------------------------------------------------------------------------- */

static void test_overflow_fails_and_changes_nothing(void) {
    StackFixture f;
    StackAllocator *stack = fixture_stack(&f, 1024, STACK_OVERFLOW_FAIL);
    StackFrame frame = stack_push(stack);
    CHECK_TRUE(stack_alloc(frame, 1000, 1) != NULL);
    CHECK_TRUE(stack_alloc(frame, 32, 1) == NULL);
    CHECK_STATUS(stack_last_status(stack), CORRAL_STACK_FULL);
    CHECK_EQ_U64(stack_alloc_ref(frame, 32, 1), 0);
    CHECK_STATUS(stack_last_status(stack), CORRAL_STACK_FULL);
    CHECK_TRUE(stack_alloc(frame, 16, 1) != NULL);
    CHECK_STATUS(stack_pop(frame), CORRAL_OK);
    CHECK_EQ_U64(stack_room(stack), 1024);
    stack_fixture_close(&f);
}

static void test_growing_stack_keeps_its_blocks(void) {
    StackFixture f;
    StackAllocator *stack = fixture_stack(&f, 1024, STACK_OVERFLOW_GROW);
    for (size_t round = 0; round < 2; round++) {
        StackFrame frame = stack_push(stack);
        for (size_t i = 0; i < 5; i++) {
            CHECK_TRUE(stack_alloc(frame, 1000, 1) != NULL);
        }
        CHECK_STATUS(stack_pop(frame), CORRAL_OK);
        CHECK_EQ_U64(arena_total_allocated(stack_arena(stack)), 5 * 1024);
    }
    stack_fixture_close(&f);
}

static void test_what_fell_back_goes_with_the_last_frame(void) {
    StackFixture f;
    StackAllocator *stack = fixture_stack(&f, 1024, STACK_OVERFLOW_FALL_BACK);
    StackFrame outer = stack_push(stack);
    CHECK_TRUE(stack_alloc(outer, 512, 1) != NULL);
    StackFrame inner = stack_push(stack);
    void *large = stack_alloc(inner, 100000, 64);
    REQUIRE_TRUE(large != NULL);
    memset(large, 1, 100000);
    CHECK_TRUE(stack_alloc(inner, 16, 1) != NULL); /* the block is still in use */
    CHECK_EQ_U64(stack_room(stack), 1024 - 512 - 16);
    CHECK_STATUS(stack_pop(inner), CORRAL_OK);
    CHECK_TRUE(arena_total_allocated(stack_arena(stack)) > 100000); /* kept for the next one */
    CHECK_STATUS(stack_pop(outer), CORRAL_OK);
    CHECK_EQ_U64(arena_total_allocated(stack_arena(stack)), 1024);
    CHECK_EQ_U64(stack_room(stack), 1024);
    stack_fixture_close(&f);
}

/* --- refused ------------------------------------------------------------------------------------------------------ */

static void test_what_is_no_stack_is_refused(void) {
    StackFixture f;
    StackAllocator *stack = fixture_stack(&f, 1024, STACK_OVERFLOW_FAIL);
    StackAllocator *ended = stack_create(f.base.pool, 1024);
    CHECK_STATUS(stack_destroy(ended), CORRAL_OK);
    Arena *arena = arena_create_default(f.base.pool);
    ArenaMark mark = arena_open_scope(arena);
    static _Alignas(64) unsigned char nothing[2048];
    StackAllocator *const none[] = {NULL, ended, (StackAllocator *)arena, (StackAllocator *)(void *)nothing};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        CHECK_TRUE(stack_push(none[i]).stack == NULL);
        StackFrame frame = {.stack = none[i], .id = mark.id};
        CHECK_TRUE(stack_alloc(frame, 8, 1) == NULL);
        CHECK_EQ_U64(stack_alloc_ref(frame, 8, 1), 0);
        CHECK_STATUS(stack_pop(frame), CORRAL_INVALID_ARENA);
        CHECK_FALSE(stack_must_settle(none[i]));
        CHECK_EQ_U64(stack_room(none[i]), 0);
        CHECK_EQ_U64(stack_depth(none[i]), 0);
        CHECK_TRUE(stack_arena(none[i]) == NULL);
        CHECK_STATUS(stack_last_status(none[i]), CORRAL_INVALID_ARENA);
        CHECK_STATUS(stack_destroy(none[i]), CORRAL_INVALID_ARENA);
    }
    StackFrame forged = {.stack = stack, .id = 12345};
    CHECK_STATUS(stack_pop(forged), CORRAL_STALE_MARK);
    CHECK_TRUE(stack_alloc(forged, 8, 1) == NULL);
    CHECK_STATUS(stack_adopt(NULL), CORRAL_INVALID_ARENA);
    CHECK_STATUS(stack_adopt(arena), CORRAL_OK);
    CHECK_EQ_PTR(stack_arena((StackAllocator *)arena), arena);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    stack_fixture_close(&f);
}

static void test_configurations_of_stacks_out_of_range_are_refused(void) {
    StackFixture f;
    fixture_stack(&f, 1024, STACK_OVERFLOW_FAIL);
    CorralStatus status = CORRAL_OK;
    StackConfig config = stack_config_default();
    config.status = &status;
    config.size = 0;
    CHECK_TRUE(stack_create_with(f.base.pool, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    config.size = SIZE_MAX;
    CHECK_TRUE(stack_create_with(f.base.pool, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    config = stack_config_default();
    config.status = &status;
    config.overflow = (StackOverflow)7;
    CHECK_TRUE(stack_create_with(f.base.pool, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    CHECK_TRUE(stack_create_with(NULL, NULL) == NULL);
    stack_fixture_close(&f);
}

static void test_stack_ends_with_the_arena_above(void) {
    ArenaFixture f;
    Arena *parent = arena_fixture_default(&f);
    StackConfig config = stack_config_default();
    config.parent = parent;
    StackAllocator *stack = stack_create_with(NULL, &config);
    StackFrame frame = stack_push(stack);
    CHECK_TRUE(stack_alloc(frame, 8, 1) != NULL);
    CHECK_STATUS(arena_reset(parent), CORRAL_OK);
    CHECK_TRUE(stack_alloc(frame, 8, 1) == NULL);
    CHECK_STATUS(stack_pop(frame), CORRAL_INVALID_ARENA);
    CHECK_STATUS(stack_last_status(stack), CORRAL_INVALID_ARENA);
    arena_fixture_close(&f);
}

static void test_reset_of_the_stacks_arena_pops_all_frames(void) {
    StackFixture f;
    StackAllocator *stack = fixture_stack(&f, 1024, STACK_OVERFLOW_FAIL);
    StackFrame frame = stack_push(stack);
    CHECK_STATUS(arena_reset(stack_arena(stack)), CORRAL_OK);
    CHECK_STATUS(stack_pop(frame), CORRAL_STALE_MARK);
    CHECK_EQ_U64(stack_depth(stack), 0);
    stack_fixture_close(&f);
}

/* --- frames that Java has pushed by itself: see stack_settle() ------------------------------------------------------ */

static StackPlace place_of(const Arena *arena) {
    return (StackPlace){.offset = (uint32_t)(arena->control.cursor - arena->control.base),
                        .count = (uint32_t)arena->control.count};
}

/* What Java does in the meantime, seen from C: two frames inside `below` with 96 and 48 bytes, and one of 512 before. */
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

TEST_MAIN(TEST_CASE(test_popped_frame_gives_its_memory_to_the_next), TEST_CASE(test_alignment_is_kept),
          TEST_CASE(test_only_the_top_frame_may_be_used), TEST_CASE(test_pop_of_an_outer_frame_ends_the_inner_ones),
          TEST_CASE(test_deep_frames_leave_nothing_behind),
          TEST_CASE(test_references_of_a_popped_frame_are_refused_once_settled),
          TEST_CASE(test_overflow_fails_and_changes_nothing), TEST_CASE(test_growing_stack_keeps_its_blocks),
          TEST_CASE(test_what_fell_back_goes_with_the_last_frame), TEST_CASE(test_what_is_no_stack_is_refused),
          TEST_CASE(test_configurations_of_stacks_out_of_range_are_refused),
          TEST_CASE(test_frames_that_java_has_kept_become_marks),
          TEST_CASE(test_room_is_reserved_for_deep_frames_that_java_keeps),
          TEST_CASE(test_what_java_has_kept_of_a_destroyed_stack_is_dropped),
          TEST_CASE(test_strings_are_forgotten_when_java_has_kept_a_stack),
          TEST_CASE(test_stack_ends_with_the_arena_above), TEST_CASE(test_reset_of_the_stacks_arena_pops_all_frames))
