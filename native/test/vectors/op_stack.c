/* SPDX-License-Identifier: Apache-2.0
 * op_stack.c - stacks of frames. Frames are numbers; a block is its place without the generation. */
#include "corral/stack_allocator.h"

#include <string.h>

#include "structures/stack_parts.h"
#include "vectors/operations.h"
#include "vectors/structures.h"

#define PLACE_MASK ((UINT64_C(1) << ARENA_REF_GENERATION_SHIFT) - 1)

/* NULL for `null`, foreign memory for `foreign`. */
static StackAllocator *stack_operand(Run *run, Line *line) {
    const Word *word = word_operand(run, line);
    if (strcmp(word->text, "null") == 0 || strcmp(word->text, "foreign") == 0) {
        return word->text[0] == 'f' ? (StackAllocator *)(void *)foreign_memory() : NULL;
    }
    const Thing *thing = thing_find(run, word->text);
    if (thing != NULL && thing->kind == THING_STACK) {
        return thing->stack;
    }
    run->skip = run->skip || (thing != NULL && thing->kind == THING_MISSING);
    if (!run->skip) {
        run_fail(run, "not a stack: %s", word->text);
    }
    return NULL;
}

/* As stack_create_with(), over an arena that is as the run wants all of them, but for debug mode, whose guards take
 * room. */
static StackAllocator *create_over_arena(Run *run, Pool *pool, const StackConfig *config) {
    ArenaConfig arena = arena_config_default();
    arena.initial_size = arena.maximum_size = config->size;
    arena.fixed = config->overflow != STACK_OVERFLOW_GROW;
    arena.exhausted = config->overflow == STACK_OVERFLOW_FALL_BACK ? ARENA_FALL_BACK : ARENA_GROW;
    arena.poison = run->poison;
    arena.zeroed = run->zeroed;
    arena.status = config->status;
    Arena *made = arena_create_with(pool, &arena);
    return made != NULL && stack_adopt(made) == CORRAL_OK ? (StackAllocator *)made : NULL;
}

void op_stack(Run *run, Line *line, Outcome *outcome) {
    StackConfig config = stack_config_default();
    config.name = word_operand(run, line)->text;
    const Word *pool_name = line_option(line, "pool"), *parent = line_option(line, "parent");
    const Word *overflow = line_option(line, "overflow");
    Pool *pool = pool_name != NULL ? pool_operand(run, pool_name) : NULL;
    config.parent = parent != NULL ? arena_of_word(run, parent) : NULL;
    config.size = (size_t)option_number(run, line, "size", config.size);
    config.status = &outcome->status;
    if (overflow != NULL) {
        config.overflow = strcmp(overflow->text, "grow") == 0        ? STACK_OVERFLOW_GROW
                          : strcmp(overflow->text, "fall_back") == 0 ? STACK_OVERFLOW_FALL_BACK
                                                                     : STACK_OVERFLOW_FAIL;
    }
    if (!ready(run, line)) {
        return;
    }
    bool special = (run->poison || run->zeroed) && parent == NULL;
    StackAllocator *stack = special ? create_over_arena(run, pool, &config) : stack_create_with(pool, &config);
    if ((stack != NULL) != (outcome->status == CORRAL_OK)) {
        run_fail(run, "a stack and a status that says no, or none and one that says yes");
    }
    if (stack != NULL) {
        Thing *thing = thing_bind(run, config.name, THING_STACK);
        thing->stack = stack;
        thing->live = true;
    }
}

void op_end_stack(Run *run, Line *line, Outcome *outcome) {
    StackAllocator *stack = stack_operand(run, line);
    if (ready(run, line)) {
        outcome->status = stack_destroy(stack);
    }
}

void op_push(Run *run, Line *line, Outcome *outcome) {
    StackAllocator *stack = stack_operand(run, line);
    if (ready(run, line)) {
        StackFrame frame = stack_push(stack);
        outcome->status = frame.stack != NULL ? CORRAL_OK : stack_last_status(stack);
        outcome->number = frame.id;
        outcome->has_number = frame.stack != NULL;
        if ((frame.stack == NULL) != (frame.id == 0)) {
            run_fail(run, "half a frame");
        }
    }
}

static StackFrame frame_operand(Run *run, Line *line) {
    StackAllocator *stack = stack_operand(run, line);
    return (StackFrame){.stack = stack, .id = number_operand(run, line)};
}

/* The bytes are written, so that the sanitizers see a block that lies where it may not. */
void op_stack_alloc(Run *run, Line *line, Outcome *outcome) {
    StackFrame frame = frame_operand(run, line);
    size_t size = (size_t)number_operand(run, line);
    size_t alignment = (size_t)option_number(run, line, "align", 1);
    if (!ready(run, line)) {
        return;
    }
    ArenaRef ref = stack_alloc_ref(frame, size, alignment);
    outcome->status = ref != 0 ? CORRAL_OK : stack_last_status(frame.stack);
    outcome->number = ref & PLACE_MASK;
    outcome->has_number = ref != 0;
    if (ref != 0) {
        void *block = arena_resolve(stack_arena(frame.stack), ref);
        memset(block, 0x5A, size);
        if ((uintptr_t)block % alignment != 0) {
            run_fail(run, "the block is not aligned");
        }
    }
}

void op_pop(Run *run, Line *line, Outcome *outcome) {
    StackFrame frame = frame_operand(run, line);
    if (ready(run, line)) {
        outcome->status = stack_pop(frame);
    }
}

static uint64_t value_of(const StackAllocator *stack, const char *key) {
    ArenaStats stats;
    arena_stats(stack_arena((StackAllocator *)(uintptr_t)stack), &stats);
    return strcmp(key, "depth") == 0       ? stack_depth(stack)
           : strcmp(key, "room") == 0      ? stack_room(stack)
           : strcmp(key, "used") == 0      ? stats.used
           : strcmp(key, "allocated") == 0 ? stats.allocated
           : strcmp(key, "peak_used") == 0 ? stats.peak_used
                                           : UINT64_MAX;
}

void op_expect_stack(Run *run, Line *line, Outcome *outcome) {
    StackAllocator *stack = stack_operand(run, line);
    outcome->status = run->skip || stack_arena(stack) != NULL ? CORRAL_OK : stack_last_status(stack);
    for (Word *word = line_unused(line, true); word != NULL && word->key[0] != '\0' && !run->skip;
         word = line_unused(line, true)) {
        word->used = true;
        uint64_t actual = outcome->status == CORRAL_OK ? value_of(stack, word->key) : 0;
        if (outcome->status == CORRAL_OK && actual != number_of(run, word->text) && !run->derailed) {
            run_fail(run, "%s: actual %llu", word->key, (unsigned long long)actual);
        }
    }
    ready(run, line);
}

void finish_stacks(Run *run) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_STACK) {
            CorralStatus status = stack_destroy(thing->stack);
            if (status != CORRAL_OK && status != CORRAL_INVALID_ARENA) {
                run_fail(run, "stack %s: %s", thing->name, arena_status_name(status));
            }
            thing->live = false;
        }
    }
}
