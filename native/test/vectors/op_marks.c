/* SPDX-License-Identifier: Apache-2.0
 * op_marks.c - marks and scopes of arenas. */
#include "vectors/operations.h"

typedef ArenaMark MarkFunction(Arena *arena);
typedef CorralStatus RewindFunction(Arena *arena, ArenaMark mark);

static void take_mark(Run *run, Line *line, Outcome *outcome, MarkFunction *take) {
    outcome->arena = arena_operand(run, line);
    if (ready(run, line)) {
        outcome->mark = take(outcome->arena);
        set_arena_status(outcome, outcome->mark.arena != NULL);
        if ((outcome->mark.arena == NULL) != (outcome->mark.id == 0)) {
            run_fail(run, "half a mark");
        }
    }
}

/* The blocks are compared while they are alive; a refused mark takes none of them back. */
static void take_back(Run *run, Line *line, Outcome *outcome, RewindFunction *rewind) {
    Arena *arena = arena_operand(run, line);
    const Thing *mark = mark_operand(run, line);
    if (ready(run, line)) {
        watch_verify(run, arena);
        outcome->status = rewind(arena, mark->mark);
        if (outcome->status == CORRAL_OK || outcome->status == CORRAL_DAMAGED) {
            watch_forget_since(run, arena, mark->blocks_made);
        } else if (arena_last_status(arena) != outcome->status) {
            run_fail(run, "returned another status than arena_last_status");
        }
    }
}

void op_mark(Run *run, Line *line, Outcome *outcome) {
    take_mark(run, line, outcome, arena_mark);
}

void op_open_scope(Run *run, Line *line, Outcome *outcome) {
    take_mark(run, line, outcome, arena_open_scope);
}

void op_rewind(Run *run, Line *line, Outcome *outcome) {
    take_back(run, line, outcome, arena_rewind);
}

void op_close_scope(Run *run, Line *line, Outcome *outcome) {
    take_back(run, line, outcome, arena_close_scope);
}
