/* SPDX-License-Identifier: Apache-2.0
 * op_alloc.c - blocks of arenas and of pools. */
#include <string.h>

#include "vectors/operations.h"

bool targets_pool(Run *run, Line *line) {
    const Word *word = line_unused(line, true);
    const Thing *thing = word != NULL ? thing_find(run, word->text) : NULL;
    return thing != NULL && thing->kind == THING_POOL;
}

void set_arena_status(Outcome *outcome, bool succeeded) {
    if (!succeeded) {
        CorralStatus status = arena_last_status(outcome->arena);
        outcome->status = status != CORRAL_OK ? status : CORRAL_CORRUPTED; /* a failure has a reason */
    }
}

/* Where pages fail, the second request would succeed; the failed page is the reason then. */
void set_pool_status(Run *run, Outcome *outcome, size_t size) {
    if (outcome->pointer != NULL) {
        return;
    }
    void *block = NULL;
    outcome->status = pool_acquire(outcome->pool, size, POOL_ALIGNMENT, &block);
    if (block != NULL) {
        pool_free(outcome->pool, block);
        outcome->status = run->mode != FAIL_NEVER ? CORRAL_NO_MEMORY : CORRAL_CORRUPTED;
    }
}

static void new_block(Outcome *outcome) {
    outcome->is_block = outcome->status == CORRAL_OK;
}

/* --- alloc, calloc ------------------------------------------------------------------------------------------------ */

static void alloc_in_pool(Run *run, Line *line, Outcome *outcome) {
    outcome->pool = pool_operand(run, word_operand(run, line));
    outcome->size = (size_t)number_operand(run, line);
    const Word *aligned = line_option(line, "align");
    size_t alignment = aligned != NULL ? (size_t)number_of(run, aligned->text) : POOL_ALIGNMENT;
    outcome->keep_bytes = option_number(run, line, "keep", 0) != 0;
    if (!ready(run, line)) {
        return;
    }
    void *block = NULL;
    if (run->mode == FAIL_NEVER) {
        block = aligned != NULL ? pool_alloc_aligned(outcome->pool, outcome->size, alignment)
                                : pool_alloc(outcome->pool, outcome->size);
    }
    if (block == NULL) {
        outcome->status = pool_acquire(outcome->pool, outcome->size, alignment, &block);
    }
    outcome->pointer = block;
    new_block(outcome);
}

static void alloc_in_arena(Run *run, Line *line, Outcome *outcome) {
    outcome->arena = arena_operand(run, line);
    outcome->size = (size_t)number_operand(run, line);
    const Word *aligned = line_option(line, "align");
    size_t alignment = aligned != NULL ? (size_t)number_of(run, aligned->text) : 0;
    outcome->keep_bytes = option_number(run, line, "keep", 0) != 0;
    if (!ready(run, line)) {
        return;
    }
    outcome->pointer = aligned != NULL ? arena_alloc_aligned(outcome->arena, outcome->size, alignment)
                                       : arena_alloc(outcome->arena, outcome->size);
    set_arena_status(outcome, outcome->pointer != NULL);
    new_block(outcome);
    verify_told(run, outcome);
}

void op_alloc(Run *run, Line *line, Outcome *outcome) {
    if (targets_pool(run, line)) {
        alloc_in_pool(run, line, outcome);
    } else {
        alloc_in_arena(run, line, outcome);
    }
}

static void verify_zeroed(Run *run, const Outcome *outcome) {
    for (size_t i = 0; outcome->pointer != NULL && i < outcome->size; i++) {
        if (outcome->pointer[i] != 0) {
            run_fail(run, "byte %zu of zeroed memory is 0x%02X", i, outcome->pointer[i]);
            return;
        }
    }
}

void op_calloc(Run *run, Line *line, Outcome *outcome) {
    bool is_pool = targets_pool(run, line);
    outcome->pool = is_pool ? pool_operand(run, word_operand(run, line)) : NULL;
    outcome->arena = is_pool ? NULL : arena_operand(run, line);
    size_t count = (size_t)number_operand(run, line);
    size_t size = (size_t)number_operand(run, line);
    if (!ready(run, line)) {
        return;
    }
    bool fits = count == 0 || size <= SIZE_MAX / count;
    outcome->size = fits ? count * size : SIZE_MAX;
    outcome->pointer = is_pool ? pool_calloc(outcome->pool, count, size) : arena_calloc(outcome->arena, count, size);
    if (is_pool) {
        set_pool_status(run, outcome, outcome->size);
    } else {
        set_arena_status(outcome, outcome->pointer != NULL);
    }
    new_block(outcome);
    verify_told(run, outcome);
    verify_zeroed(run, outcome);
    outcome->keep_bytes = true;
}

void op_alloc_ref(Run *run, Line *line, Outcome *outcome) {
    outcome->arena = arena_operand(run, line);
    outcome->size = (size_t)number_operand(run, line);
    size_t alignment = (size_t)option_number(run, line, "align", 1);
    if (!ready(run, line)) {
        return;
    }
    outcome->ref = arena_alloc_ref(outcome->arena, outcome->size, alignment);
    set_arena_status(outcome, outcome->ref != 0);
    if (outcome->ref != 0 && outcome->size != 0) {
        outcome->pointer = arena_resolve(outcome->arena, outcome->ref);
        if (outcome->pointer == NULL) {
            run_fail(run, "a fresh reference does not resolve");
        }
    }
    new_block(outcome);
    verify_told(run, outcome);
}

/* --- pools only --------------------------------------------------------------------------------------------------- */

void op_realloc(Run *run, Line *line, Outcome *outcome) {
    if (!targets_pool(run, line)) {
        op_realloc_in_arena(run, line, outcome);
        return;
    }
    outcome->pool = pool_operand(run, word_operand(run, line));
    unsigned char *block = pointer_operand(run, line);
    outcome->size = (size_t)number_operand(run, line);
    if (!ready(run, line)) {
        return;
    }
    bool live = block == NULL || pool_usable_size(outcome->pool, block) != 0;
    watch_verify(run, outcome->pool);
    outcome->pointer = pool_realloc(outcome->pool, block, outcome->size);
    if (!live && outcome->pointer == NULL) {
        outcome->status = CORRAL_FOREIGN_POINTER;
        return;
    }
    set_pool_status(run, outcome, outcome->size);
    if (outcome->pointer != NULL) {
        watch_moved(run, outcome->pool, block, outcome->pointer, outcome->size);
        new_block(outcome);
    }
}

void op_free(Run *run, Line *line, Outcome *outcome) {
    outcome->pool = pool_operand(run, word_operand(run, line));
    unsigned char *block = pointer_operand(run, line);
    if (!ready(run, line)) {
        return;
    }
    watch_verify(run, outcome->pool);
    outcome->status = pool_free(outcome->pool, block);
    if (outcome->status == CORRAL_OK || outcome->status == CORRAL_DAMAGED) {
        watch_forget(run, outcome->pool, block);
    }
}

void op_usable(Run *run, Line *line, Outcome *outcome) {
    Pool *pool = pool_operand(run, word_operand(run, line));
    unsigned char *block = pointer_operand(run, line);
    if (ready(run, line)) {
        outcome->number = pool_usable_size(pool, block);
        outcome->has_number = true;
    }
}
