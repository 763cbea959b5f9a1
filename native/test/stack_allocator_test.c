/* SPDX-License-Identifier: Apache-2.0
 * stack_allocator_test.c - frames: pushed, allocated in, popped; what overflows, and what is refused. */
#include <string.h>

#include "support/stack_fixture.h"

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

static void count_release(void *context) {
    ++*(int *)context;
}

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

/* `what`: a block, a child, a callback. */
static void outside_frames(Arena *arena, int what, int *released) {
    if (what == 0) {
        CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    } else if (what == 1) {
        CHECK_TRUE(arena_create_child(arena, 65536) != NULL);
    } else {
        CHECK_STATUS(arena_on_release(arena, count_release, released), CORRAL_OK);
    }
}

static void test_what_is_outside_of_frames_outlives_them(void) {
    for (int what = 0; what < 3; what++) {
        StackFixture f;
        StackAllocator *stack = fixture_stack(&f, 1024, STACK_OVERFLOW_FALL_BACK);
        Arena *arena = stack_arena(stack);
        int released = 0;
        outside_frames(arena, what, &released);
        const uint64_t blocks = arena->control.count; /* 0 but for the block: each of the three is enough by itself */
        for (int round = 0; round < 2; round++) {
            StackFrame frames[DEEP];
            for (size_t i = 0; i < DEEP; i++) {
                frames[i] = stack_push(stack);
            }
            CHECK_TRUE(stack_alloc(frames[DEEP - 1], 100000, 1) != NULL);
            for (size_t i = DEEP; i-- > 0;) {
                CHECK_STATUS(stack_pop(frames[i]), CORRAL_OK);
            }
            CHECK_TRUE(arena->marks == arena->inline_marks);
            CHECK_EQ_U64(arena->control.count, blocks);
            CHECK_EQ_U64(arena->newest_child != NULL, what == 1);
            CHECK_EQ_U64((uint64_t)released, 0);
            CHECK_EQ_U64(arena->chunk_count, 2); /* what fell back stays, and serves the next one */
            CHECK_STATUS(arena_check(arena), CORRAL_OK);
        }
        CHECK_STATUS(arena_clear(arena), CORRAL_OK);
        CHECK_EQ_U64((uint64_t)released, what == 2);
        CHECK_EQ_U64(arena_total_allocated(arena), 1024);
        stack_fixture_close(&f);
    }
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
        CHECK_FALSE(stack_end_frames(none[i]));
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

TEST_MAIN(TEST_CASE(test_popped_frame_gives_its_memory_to_the_next), TEST_CASE(test_alignment_is_kept),
          TEST_CASE(test_only_the_top_frame_may_be_used), TEST_CASE(test_pop_of_an_outer_frame_ends_the_inner_ones),
          TEST_CASE(test_deep_frames_leave_nothing_behind),
          TEST_CASE(test_references_of_a_popped_frame_are_refused_once_settled),
          TEST_CASE(test_overflow_fails_and_changes_nothing), TEST_CASE(test_growing_stack_keeps_its_blocks),
          TEST_CASE(test_what_fell_back_goes_with_the_last_frame),
          TEST_CASE(test_what_is_outside_of_frames_outlives_them), TEST_CASE(test_what_is_no_stack_is_refused),
          TEST_CASE(test_configurations_of_stacks_out_of_range_are_refused),
          TEST_CASE(test_stack_ends_with_the_arena_above), TEST_CASE(test_reset_of_the_stacks_arena_pops_all_frames))
