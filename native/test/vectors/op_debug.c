/* SPDX-License-Identifier: Apache-2.0
 * op_debug.c - damage, and what debug arenas say about it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/poison.h"
#include "vectors/operations.h"

void run_report(void *context, const char *text) {
    Run *run = context;
    if (!run->auditing) {
        snprintf(run->report, sizeof run->report, "%s", text);
    }
}

/* Writes where nobody may. Which arena that damages, the next audit finds out. */
void op_scribble(Run *run, Line *line, Outcome *outcome) {
    unsigned char *pointer = pointer_operand(run, line);
    int byte = (int)number_operand(run, line);
    size_t count = (size_t)option_number(run, line, "count", 1);
    (void)outcome;
    if (!ready(run, line)) {
        return;
    }
    memory_open(pointer, count);
    memset(pointer, byte, count);
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        thing->damaged = thing->damaged || (thing->kind == THING_ARENA && thing->live);
    }
}

void words_stand_in(Run *run, Line *line, const char *text) {
    const Word *part = line_next(line);
    if (part == NULL) {
        run_fail(run, "which text?");
    }
    for (; part != NULL && !run->failed; part = line_next(line)) {
        if (!run->derailed && !run->skip && strstr(text, part->text) == NULL) {
            run_fail(run, "expected \"%s\" in:\n%s", part->text, text);
        }
    }
    ready(run, line);
}

void op_report(Run *run, Line *line, Outcome *outcome) {
    if (targets_pool(run, line)) {
        outcome->pool = pool_operand(run, word_operand(run, line));
    } else {
        outcome->arena = arena_operand(run, line);
    }
    words_stand_in(run, line, run->report);
}

void op_lists(Run *run, Line *line, Outcome *outcome) {
    outcome->arena = arena_operand(run, line);
    size_t room = arena_debug_text(outcome->arena, NULL, 0) + 1;
    char *text = malloc(room);
    if (text == NULL) {
        abort();
    }
    arena_debug_text(outcome->arena, text, room);
    words_stand_in(run, line, text);
    free(text);
}
