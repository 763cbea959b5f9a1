/* SPDX-License-Identifier: Apache-2.0
 * op_text.c - strings in arenas and pools, and the bytes of blocks. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vectors/operations.h"

/* What an argument of a string function points to; NULL for `null`. */
static const char *text_of(const Word *word) {
    return word->quoted || strcmp(word->text, "null") != 0 ? word->text : NULL;
}

/* The block has to hold `length` bytes of `text`, and a NUL. */
static void new_text(Run *run, Outcome *outcome, const char *text, size_t length) {
    if (outcome->pointer == NULL) {
        return;
    }
    outcome->is_block = true;
    outcome->keep_bytes = true;
    outcome->size = length + 1;
    if (memcmp(outcome->pointer, text, length) != 0 || outcome->pointer[length] != '\0') {
        run_fail(run, "text: expected \"%.*s\" and a NUL, actual \"%.*s\"", (int)length, text, (int)(length + 1),
                 (const char *)outcome->pointer);
    }
}

void op_strdup(Run *run, Line *line, Outcome *outcome) {
    bool is_pool = targets_pool(run, line);
    outcome->pool = is_pool ? pool_operand(run, word_operand(run, line)) : NULL;
    outcome->arena = is_pool ? NULL : arena_operand(run, line);
    const char *text = text_of(word_operand(run, line));
    if (!ready(run, line)) {
        return;
    }
    if (is_pool) {
        outcome->pointer = (unsigned char *)pool_strdup(outcome->pool, text);
        if (text != NULL) {
            set_pool_status(run, outcome, strlen(text) + 1);
        } else {
            outcome->status = CORRAL_INVALID_ARGUMENT; /* the function says only NULL */
        }
    } else {
        outcome->pointer = (unsigned char *)arena_strdup(outcome->arena, text);
        set_arena_status(outcome, outcome->pointer != NULL);
    }
    new_text(run, outcome, text, text != NULL ? strlen(text) : 0);
}

void op_strndup(Run *run, Line *line, Outcome *outcome) {
    outcome->arena = arena_operand(run, line);
    const Word *word = word_operand(run, line);
    size_t length = (size_t)number_operand(run, line);
    if (!ready(run, line)) {
        return;
    }
    const char *text = text_of(word);
    outcome->pointer = (unsigned char *)arena_strndup(outcome->arena, text, length);
    set_arena_status(outcome, outcome->pointer != NULL);
    size_t shown = 0;
    while (text != NULL && shown < length && text[shown] != '\0') {
        shown++;
    }
    new_text(run, outcome, text, shown);
}

/* Formats through the va_list function, which takes formats that the compiler does not see. */
static char *format_in(Arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_vsprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

/* Quoted arguments are passed as strings, bare ones as int. */
static char *format_words(Arena *arena, const char *format, const Word *first, const Word *second) {
    const char *a = first != NULL ? first->text : "", *b = second != NULL ? second->text : "";
    int x = (int)strtol(a, NULL, 10), y = (int)strtol(b, NULL, 10);
    bool first_is_text = first != NULL && first->quoted, second_is_text = second != NULL && second->quoted;
    if (first_is_text) {
        return second_is_text ? format_in(arena, format, a, b) : format_in(arena, format, a, y);
    }
    return second_is_text ? format_in(arena, format, x, b) : format_in(arena, format, x, y);
}

void op_sprintf(Run *run, Line *line, Outcome *outcome) {
    outcome->arena = arena_operand(run, line);
    const Word *format = word_operand(run, line);
    const Word *first = line_next(line), *second = line_next(line);
    if (!ready(run, line)) {
        return;
    }
    outcome->pointer = (unsigned char *)format_words(outcome->arena, text_of(format), first, second);
    set_arena_status(outcome, outcome->pointer != NULL);
    if (outcome->pointer != NULL) {
        new_text(run, outcome, (const char *)outcome->pointer, strlen((const char *)outcome->pointer));
    }
}

/* --- bytes -------------------------------------------------------------------------------------------------------- */

static Thing *block_operand(Run *run, Line *line) {
    const Word *word = word_operand(run, line);
    Thing *thing = thing_find(run, word->text);
    if (thing != NULL && thing->kind == THING_MISSING) {
        run->skip = true;
    } else if (thing == NULL || thing->kind != THING_POINTER || thing->pointer == NULL) {
        run_fail(run, "not a block: %s", word->text);
    }
    return thing;
}

void op_fill(Run *run, Line *line, Outcome *outcome) {
    Thing *block = block_operand(run, line);
    int byte = (int)number_operand(run, line);
    if (ready(run, line)) {
        memset(block->pointer, byte, block->size);
        watch_written(run, block->pointer, block->size);
        outcome->arena = block->arena;
    }
}

static void holds_text(Run *run, const Thing *block, const Word *word) {
    if (block->size != word->length + 1 || memcmp(block->pointer, word->text, word->length) != 0) {
        run_fail(run, "expected \"%s\" (%zu bytes), actual %zu bytes: \"%.*s\"", word->text, word->length,
                 block->size - 1, (int)block->size, (const char *)block->pointer);
    }
}

void op_holds(Run *run, Line *line, Outcome *outcome) {
    Thing *block = block_operand(run, line);
    const Word *word = word_operand(run, line);
    uint64_t byte = word->quoted ? 0 : number_of(run, word->text);
    if (!ready(run, line)) {
        return;
    }
    if (word->quoted) {
        holds_text(run, block, word);
    }
    for (size_t i = 0; !word->quoted && i < block->size; i++) {
        if (block->pointer[i] != byte) {
            run_fail(run, "byte %zu: expected 0x%02X, actual 0x%02X", i, (unsigned)byte, block->pointer[i]);
            return;
        }
    }
    outcome->arena = block->arena;
}
