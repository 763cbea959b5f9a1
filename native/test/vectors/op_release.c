/* SPDX-License-Identifier: Apache-2.0
 * op_release.c - callbacks before memory is taken back. */
#include <stdio.h>
#include <string.h>

#include "vectors/operations.h"

typedef CorralStatus TakeBack(Arena *arena);

static void never(void *context) {
    run_fail(context, "a callback was called that could not be registered");
}

static CorralStatus register_another(Arena *arena) {
    return arena_on_release(arena, never, NULL);
}

static const struct {
    const char *name;
    TakeBack *function;
} attempts[] = {
    {"reset", arena_reset}, {"clear", arena_clear}, {"destroy", arena_destroy}, {"on_release", register_another}};

static void note(Run *run, const char *name) {
    size_t length = strlen(run->released);
    snprintf(run->released + length, sizeof run->released - length, length == 0 ? "%s" : " %s", name);
}

/* Writes its name, and how what it must not do was refused. */
static void called(void *context) {
    const Thing *call = context;
    char text[128];
    snprintf(text, sizeof text, "%s", call->name);
    if (call->size != 0) {
        arena_alloc(call->arena, call->size); /* where pages fail it may fail */
    }
    for (size_t i = 0; call->attempt != NULL && i < sizeof attempts / sizeof attempts[0]; i++) {
        if (strcmp(attempts[i].name, call->attempt) == 0) {
            CorralStatus status = attempts[i].function(call->arena);
            snprintf(text, sizeof text, "%s!%s", call->name, arena_status_name(status));
        }
    }
    note(call->run, text);
}

static const char *attempt_named(Run *run, const Word *word) {
    for (size_t i = 0; word != NULL && i < sizeof attempts / sizeof attempts[0]; i++) {
        if (strcmp(attempts[i].name, word->text) == 0) {
            return attempts[i].name;
        }
    }
    if (word != NULL) {
        run_fail(run, "nothing that a callback tries: %s", word->text);
    }
    return NULL;
}

void op_on_release(Run *run, Line *line, Outcome *outcome) {
    outcome->arena = arena_operand(run, line);
    const Word *name = word_operand(run, line);
    size_t size = (size_t)option_number(run, line, "alloc", 0);
    const char *attempt = attempt_named(run, line_option(line, "tries"));
    if (!ready(run, line)) {
        return;
    }
    Thing *call = thing_bind(run, name->text, THING_CALL);
    call->run = run;
    call->arena = outcome->arena;
    call->size = size;
    call->attempt = attempt;
    outcome->status = arena_on_release(outcome->arena, called, call);
}

/* What a lost registration should have written is missing, so nothing is compared then. */
void op_released(Run *run, Line *line, Outcome *outcome) {
    const Word *names = word_operand(run, line);
    (void)outcome;
    if (!ready(run, line)) {
        return;
    }
    if (strcmp(run->released, names->text) != 0 && !run->derailed) {
        run_fail(run, "released: expected \"%s\", actual \"%s\"", names->text, run->released);
    }
    run->released[0] = '\0';
}
