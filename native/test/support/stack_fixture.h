/* SPDX-License-Identifier: Apache-2.0
 * stack_fixture.h - a stack on a pool of its own, whose calls are made again where `--oom` refuses them.
 * Layer: test. May include: corral/ and structures/ headers, support/. */
#ifndef CORRAL_TEST_STACK_FIXTURE_H
#define CORRAL_TEST_STACK_FIXTURE_H

#include "corral/stack_allocator.h"
#include "structures/stack_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

#define DEEP 50

typedef struct StackFixture {
    PoolFixture base;
    StackAllocator *stack;
} StackFixture;

/* --- what `--oom` repeats ----------------------------------------------------------------------------------------- */

static inline Arena *arena_under_stack(const StackAllocator *stack) {
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

static inline StackAllocator *fixture_stack(StackFixture *fixture, size_t size, StackOverflow overflow) {
    StackConfig config = stack_config_default();
    config.size = size;
    config.overflow = overflow;
    fixture->stack = stack_create_with(fixture_default(&fixture->base), &config);
    CHECK_TRUE(fixture->stack != NULL);
    return fixture->stack;
}

static inline void stack_fixture_close(StackFixture *fixture) {
    CHECK_STATUS(arena_check(stack_arena(fixture->stack)), CORRAL_OK);
    CHECK_STATUS(stack_destroy(fixture->stack), CORRAL_OK);
    CHECK_STATUS(stack_destroy(fixture->stack), CORRAL_INVALID_ARENA);
    fixture_close(&fixture->base);
}

#endif
