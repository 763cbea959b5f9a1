/* SPDX-License-Identifier: Apache-2.0
 * op_string.c - strings that grow in an arena. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vectors/operations.h"

void op_string(Run *run, Line *line, Outcome *outcome) {
    const Word *name = word_operand(run, line);
    outcome->arena = arena_operand(run, line);
    if (ready(run, line)) {
        Thing *thing = thing_bind(run, name->text, THING_STRING);
        thing->string = arena_string_begin(outcome->arena);
        thing->text = calloc(1, 1);
    }
}

static Thing *string_operand(Run *run, Line *line, Outcome *outcome) {
    const Word *word = word_operand(run, line);
    Thing *thing = thing_find(run, word->text);
    if (thing != NULL && thing->kind == THING_MISSING) {
        run->skip = true;
    } else if (thing == NULL || thing->kind != THING_STRING) {
        run_fail(run, "not a string: %s", word->text);
    } else {
        outcome->arena = thing->string.arena;
    }
    return thing;
}

/* The string holds what was appended to it, and a NUL; a failure has changed nothing. */
static void verify(Run *run, const Thing *thing) {
    const ArenaString *string = &thing->string;
    if (string->length != thing->text_length ||
        (string->text != NULL && memcmp(string->text, thing->text, thing->text_length + 1) != 0)) {
        run_fail(run, "the string holds %zu bytes, expected %zu: \"%s\"", string->length, thing->text_length,
                 thing->text);
    }
}

/* After the append of `text`, or its failure. One that is not repeated leaves a string that lacks something. */
static void appended(Run *run, const Line *line, Thing *thing, const Outcome *outcome, const char *text,
                     size_t length) {
    if (outcome->status == CORRAL_OK) {
        char *longer = realloc(thing->text, thing->text_length + length + 1);
        if (longer == NULL) {
            abort();
        }
        memcpy(longer + thing->text_length, text, length);
        thing->text = longer;
        thing->text_length += length;
        thing->text[thing->text_length] = '\0';
    } else if (outcome->arena != NULL && arena_last_status(outcome->arena) != outcome->status) {
        run_fail(run, "returned another status than arena_last_status");
    }
    if (outcome->status != CORRAL_STALE_STRING && outcome->status != CORRAL_INVALID_ARENA) {
        verify(run, thing);
    }
    bool succeeds = line->arrow == line->count || line->words[line->arrow].text[0] != '!';
    if (outcome->status != CORRAL_OK && succeeds && (run->mode == FAIL_FROM || run->debug)) {
        thing->kind = THING_MISSING;
    }
}

void op_append(Run *run, Line *line, Outcome *outcome) {
    Thing *thing = string_operand(run, line, outcome);
    const Word *text = word_operand(run, line);
    if (!ready(run, line)) {
        return;
    }
    outcome->status = strlen(text->text) == text->length
                          ? arena_string_append(&thing->string, text->text)
                          : arena_string_append_bytes(&thing->string, text->text, text->length);
    appended(run, line, thing, outcome, text->text, text->length);
}

/* Formats through va_list functions, which take formats that the compiler does not see. */
static CorralStatus append_format(ArenaString *string, char *expected, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(expected, LINE_STRING_MAX, format, arguments);
    va_end(arguments);
    va_start(arguments, format);
    CorralStatus status = arena_string_append_vformat(string, format, arguments);
    va_end(arguments);
    return status;
}

/* Bare arguments, at most two, are passed as int. */
void op_append_format(Run *run, Line *line, Outcome *outcome) {
    static char expected[LINE_STRING_MAX];
    Thing *thing = string_operand(run, line, outcome);
    const Word *format = word_operand(run, line);
    const Word *first = line_next(line), *second = line_next(line);
    if (ready(run, line)) {
        int a = first != NULL ? (int)strtol(first->text, NULL, 10) : 0;
        int b = second != NULL ? (int)strtol(second->text, NULL, 10) : 0;
        outcome->status = append_format(&thing->string, expected, format->text, a, b);
        appended(run, line, thing, outcome, expected, strlen(expected));
    }
}

void op_finish(Run *run, Line *line, Outcome *outcome) {
    Thing *thing = string_operand(run, line, outcome);
    if (!ready(run, line)) {
        return;
    }
    Arena *arena = thing->string.arena;
    size_t length = SIZE_MAX;
    outcome->pointer = (unsigned char *)arena_string_finish(&thing->string, &length);
    if (outcome->pointer == NULL) {
        outcome->status = arena != NULL ? arena_last_status(arena) : CORRAL_INVALID_ARENA;
        return;
    }
    outcome->is_block = true;
    outcome->keep_bytes = true;
    outcome->size = thing->text_length + 1;
    if (length != thing->text_length || memcmp(outcome->pointer, thing->text, length + 1) != 0) {
        run_fail(run, "text: expected \"%s\" and a NUL, actual \"%s\"", thing->text, (const char *)outcome->pointer);
    }
    thing->text_length = 0;
    thing->text[0] = '\0';
}

void op_discard(Run *run, Line *line, Outcome *outcome) {
    Thing *thing = string_operand(run, line, outcome);
    if (ready(run, line)) {
        arena_string_discard(&thing->string);
        thing->text_length = 0;
        thing->text[0] = '\0';
    }
}
