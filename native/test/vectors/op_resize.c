/* SPDX-License-Identifier: Apache-2.0
 * op_resize.c - blocks of arenas that change their size. */
#include <string.h>

#include "vectors/operations.h"

typedef struct Resize {
    unsigned char *block;
    size_t old_size;
    size_t new_size;
} Resize;

/* `POINTER SIZE [old=N]`; what a block's size was the runner knows. */
static Resize resize_operands(Run *run, Line *line) {
    const Word *word = line_unused(line, true);
    const Thing *thing = word != NULL ? thing_find(run, word->text) : NULL;
    Resize resize = {.block = pointer_operand(run, line)};
    resize.new_size = (size_t)number_operand(run, line);
    size_t known = thing != NULL && thing->kind == THING_POINTER ? thing->size : 0;
    resize.old_size = (size_t)option_number(run, line, "old", known);
    return resize;
}

/* The block begins with the bytes it had, and goes on as a new one would; then it gets a byte of its own. */
static void resized(Run *run, Outcome *outcome, const Resize *resize) {
    const Thing *arena = thing_of_arena(run, outcome->arena);
    watch_moved(run, outcome->arena, resize->block, outcome->pointer, resize->new_size);
    size_t old_size = resize->block != NULL ? resize->old_size : 0;
    for (size_t i = old_size; arena != NULL && arena->zeroed && i < resize->new_size; i++) {
        if (outcome->pointer[i] != 0) {
            run_fail(run, "byte %zu of a block that has grown in a zeroed arena is not zero", i);
            return;
        }
    }
    memset(outcome->pointer, (int)((run->blocks_made + 1) % 250 + 1), resize->new_size);
    outcome->keep_bytes = true;
    outcome->is_block = true;
}

void op_realloc_in_arena(Run *run, Line *line, Outcome *outcome) {
    outcome->arena = arena_operand(run, line);
    Resize resize = resize_operands(run, line);
    outcome->size = resize.new_size;
    if (!ready(run, line)) {
        return;
    }
    watch_verify(run, outcome->arena);
    outcome->pointer = arena_realloc(outcome->arena, resize.block, resize.old_size, resize.new_size);
    set_arena_status(outcome, outcome->pointer != NULL);
    if (outcome->pointer != NULL) {
        resized(run, outcome, &resize);
    }
}

void op_shrink_last(Run *run, Line *line, Outcome *outcome) {
    outcome->arena = arena_operand(run, line);
    Resize resize = resize_operands(run, line);
    outcome->size = resize.new_size;
    if (!ready(run, line)) {
        return;
    }
    watch_verify(run, outcome->arena);
    outcome->status = arena_shrink_last(outcome->arena, resize.block, resize.old_size, resize.new_size);
    if (outcome->status == CORRAL_OK) {
        outcome->pointer = resize.block;
        resized(run, outcome, &resize);
    } else if (arena_last_status(outcome->arena) != outcome->status) {
        run_fail(run, "returned another status than arena_last_status");
    }
}
