/* SPDX-License-Identifier: Apache-2.0
 * op_refs.c - references, and typed values behind them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vectors/operations.h"

void op_ref(Run *run, Line *line, Outcome *outcome) {
    outcome->arena = arena_operand(run, line);
    unsigned char *pointer = pointer_operand(run, line);
    if (!ready(run, line)) {
        return;
    }
    outcome->ref = arena_ref(outcome->arena, pointer);
    set_arena_status(outcome, outcome->ref != 0);
    if (outcome->ref != 0) {
        outcome->pointer = pointer;
        outcome->size = 1; /* it lies in used memory, so it has to resolve */
    }
}

void op_resolve(Run *run, Line *line, Outcome *outcome) {
    outcome->arena = arena_operand(run, line);
    ArenaRef ref = ref_operand(run, line, outcome->arena);
    if (!ready(run, line)) {
        return;
    }
    outcome->pointer = arena_resolve(outcome->arena, ref);
    outcome->ref = outcome->pointer != NULL ? ref : 0;
    set_arena_status(outcome, outcome->pointer != NULL);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

typedef struct Value {
    size_t size;
    unsigned char bytes[8];
} Value;

#define SET_VALUE(value, type, number)                \
    do {                                              \
        type typed = (type)(number);                  \
        (value)->size = sizeof typed;                 \
        memcpy((value)->bytes, &typed, sizeof typed); \
    } while (0)

/* Reads a number of the given type; false when the type is unknown. `*end` is where the number ends. */
static bool read_value(const char *type, const char *text, Value *value, char **end) {
    if (strcmp(type, "byte") == 0) {
        SET_VALUE(value, int8_t, strtoll(text, end, 10));
    } else if (strcmp(type, "short") == 0) {
        SET_VALUE(value, int16_t, strtoll(text, end, 10));
    } else if (strcmp(type, "int") == 0) {
        SET_VALUE(value, int32_t, strtoll(text, end, 10));
    } else if (strcmp(type, "long") == 0) {
        SET_VALUE(value, int64_t, strtoll(text, end, 10));
    } else if (strcmp(type, "float") == 0) {
        SET_VALUE(value, float, strtof(text, end));
    } else if (strcmp(type, "double") == 0) {
        SET_VALUE(value, double, strtod(text, end));
    } else {
        return false;
    }
    return true;
}

/* The bytes that `text` has as a byte, short, int, long, float, double or ref. */
static Value value_of(Run *run, const char *type, const char *text, const Arena *arena) {
    Value value = {.size = 0};
    char *end = NULL;
    if (strcmp(type, "ref") == 0) {
        SET_VALUE(&value, ArenaRef, ref_of(run, text, arena));
    } else if (!read_value(type, text, &value, &end)) {
        run_fail(run, "unknown type: %s", type);
    } else if (end == text || *end != '\0') {
        run_fail(run, "not a value of type %s: %s", type, text);
    }
    return value;
}

/* The address of `size` bytes at `offset` behind `ref`; NULL when the first, the last or `ref` itself is refused. */
static unsigned char *resolve_range(Arena *arena, ArenaRef ref, uint64_t offset, size_t size) {
    unsigned char *start = arena_resolve(arena, ref);
    bool inside = (ref & ARENA_REF_OFFSET_MASK) + offset + size <= ARENA_REF_OFFSET_MASK;
    if (start == NULL || !inside || arena_resolve(arena, ref + offset + size - 1) == NULL) {
        return NULL;
    }
    return arena_resolve(arena, ref + offset) == start + offset ? start + offset : NULL;
}

static void set_range_status(Outcome *outcome, const unsigned char *pointer) {
    CorralStatus status = arena_last_status(outcome->arena);
    if (pointer == NULL) {
        outcome->status = status == CORRAL_INVALID_ARENA ? status : CORRAL_STALE_REF;
    }
}

void op_put(Run *run, Line *line, Outcome *outcome) {
    outcome->arena = arena_operand(run, line);
    ArenaRef ref = ref_operand(run, line, outcome->arena);
    const char *type = word_operand(run, line)->text;
    uint64_t offset = number_operand(run, line);
    Value value = value_of(run, type, word_operand(run, line)->text, outcome->arena);
    if (!ready(run, line)) {
        return;
    }
    unsigned char *pointer = resolve_range(outcome->arena, ref, offset, value.size);
    set_range_status(outcome, pointer);
    if (pointer != NULL) {
        memcpy(pointer, value.bytes, value.size);
        watch_written(run, pointer, value.size);
    }
}

void op_get(Run *run, Line *line, Outcome *outcome) {
    outcome->arena = arena_operand(run, line);
    ArenaRef ref = ref_operand(run, line, outcome->arena);
    const char *type = word_operand(run, line)->text;
    uint64_t offset = number_operand(run, line);
    bool refused = line->arrow < line->count && line->words[line->arrow].text[0] == '!';
    const Word *word = refused ? NULL : line_result(line);
    Value expected = value_of(run, type, word != NULL ? word->text : "0", outcome->arena);
    if (word == NULL && !refused) {
        run_fail(run, "get needs an expected value");
    }
    if (!ready(run, line)) {
        return;
    }
    unsigned char *pointer = resolve_range(outcome->arena, ref, offset, expected.size);
    set_range_status(outcome, pointer);
    if (pointer != NULL && !refused && memcmp(pointer, expected.bytes, expected.size) != 0) {
        uint64_t actual = 0;
        memcpy(&actual, pointer, expected.size);
        run_fail(run, "%s: expected %s, actual bytes 0x%" PRIx64, type, word->text, actual);
    }
}
