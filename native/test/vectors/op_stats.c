/* SPDX-License-Identifier: Apache-2.0
 * op_stats.c - statistics, statuses and checks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corral/pool_report.h"
#include "vectors/operations.h"

#define COLUMNS 80 /* of a printed table */

typedef struct Field {
    const char *key;
    size_t offset; /* of a uint64_t */
    bool exact;    /* also the same when a page request failed and the operation was repeated */
} Field;

static const Field arena_fields[] = {
    {"allocated", offsetof(ArenaStats, allocated), true},
    {"used", offsetof(ArenaStats, used), true},
    {"waste", offsetof(ArenaStats, waste), true},
    {"chunks", offsetof(ArenaStats, chunks), true},
    {"count", offsetof(ArenaStats, count), true},
    {"peak_used", offsetof(ArenaStats, peak_used), true},
    {"peak_allocated", offsetof(ArenaStats, peak_allocated), true},
    {"resets", offsetof(ArenaStats, resets), true},
    {"limit", offsetof(ArenaStats, limit), true},
    {"fell_back", offsetof(ArenaStats, fell_back), true},
    {"children", offsetof(ArenaStats, children), true},
    {"children_allocated", offsetof(ArenaStats, children_allocated), true},
};

static const Field pool_fields[] = {
    {"reserved", offsetof(PoolStats, reserved), true},
    {"in_use", offsetof(PoolStats, in_use), true},
    {"free_bytes", offsetof(PoolStats, free_bytes), true},
    {"metadata", offsetof(PoolStats, metadata), true},
    {"peak_in_use", offsetof(PoolStats, peak_in_use), false},
    {"peak_reserved", offsetof(PoolStats, peak_reserved), false},
    {"live_blocks", offsetof(PoolStats, live_blocks), true},
    {"allocations", offsetof(PoolStats, allocations), false},
    {"frees", offsetof(PoolStats, frees), false},
    {"failures", offsetof(PoolStats, failures), false},
    {"refused_frees", offsetof(PoolStats, refused_frees), true},
    {"regions", offsetof(PoolStats, regions), true},
    {"limit", offsetof(PoolStats, limit), true},
};

static const Field *find_field(const Field *fields, size_t count, const char *key) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i].key, key) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

static uint64_t field_value(const void *stats, const Field *field) {
    uint64_t value;
    memcpy(&value, (const char *)stats + field->offset, sizeof value);
    return value;
}

/* A statistic of what the operation works on; `exact` as in Field. False: there is no such key. */
static bool statistic(const Outcome *outcome, const char *key, uint64_t *value, bool *exact) {
    const Field *field;
    *exact = true;
    if (outcome->pool != NULL) {
        PoolStats stats;
        pool_stats(outcome->pool, &stats);
        field = find_field(pool_fields, sizeof pool_fields / sizeof pool_fields[0], key);
        *value = field != NULL ? field_value(&stats, field) : 0;
        *exact = field != NULL && field->exact;
        return field != NULL;
    }
    ArenaStats stats;
    arena_stats(outcome->arena, &stats);
    uint64_t bin;
    if (strncmp(key, "growth.", 7) == 0 && parse_u64(key + 7, &bin) && bin < ARENA_GROWTH_BINS) {
        *value = stats.growth[bin];
        return true;
    }
    field = find_field(arena_fields, sizeof arena_fields / sizeof arena_fields[0], key);
    *value = field != NULL ? field_value(&stats, field) : 0;
    return field != NULL;
}

static void target_operand(Run *run, Line *line, Outcome *outcome) {
    if (targets_pool(run, line)) {
        outcome->pool = pool_operand(run, word_operand(run, line));
    } else {
        outcome->arena = arena_operand(run, line);
    }
}

static void expect_one(Run *run, const Outcome *outcome, const Word *word) {
    uint64_t actual;
    bool exact;
    uint64_t expected = number_of(run, word->text);
    if (run->skip) {
        return;
    }
    if (!statistic(outcome, word->key, &actual, &exact)) {
        run_fail(run, "unknown statistic: %s", word->key);
        return;
    }
    bool holds = word->relation == '='   ? actual == expected
                 : word->relation == '<' ? actual <= expected
                                         : actual >= expected;
    if (!holds && !run->derailed && (exact || !run->injected)) {
        run_fail(run, "%s: expected %s%s, actual %" PRIu64, word->key,
                 word->relation == '='   ? ""
                 : word->relation == '<' ? "at most "
                                         : "at least ",
                 word->text, actual);
    }
}

void op_expect(Run *run, Line *line, Outcome *outcome) {
    target_operand(run, line, outcome);
    Word *word = line_unused(line, true);
    if (outcome->pool == NULL && !run->skip) {
        ArenaStats stats;
        outcome->status = arena_stats(outcome->arena, &stats);
    }
    if (outcome->status == CORRAL_OK && word == NULL && !run->skip) {
        run_fail(run, "expect what?");
    }
    for (; word != NULL && word->key[0] != '\0' && !run->skip; word = line_unused(line, true)) {
        word->used = true;
        expect_one(run, outcome, word);
    }
    ready(run, line);
}

void op_measure(Run *run, Line *line, Outcome *outcome) {
    target_operand(run, line, outcome);
    const char *key = word_operand(run, line)->text;
    bool exact;
    if (ready(run, line) && !statistic(outcome, key, &outcome->number, &exact)) {
        run_fail(run, "unknown statistic: %s", key);
    }
    outcome->has_number = true;
}

void op_chunk(Run *run, Line *line, Outcome *outcome) {
    outcome->arena = arena_operand(run, line);
    size_t index = (size_t)number_operand(run, line);
    uint64_t expected_capacity = option_number(run, line, "capacity", UINT64_MAX);
    uint64_t expected_used = option_number(run, line, "used", UINT64_MAX);
    run->skip = run->skip || run->derailed;
    if (!ready(run, line)) {
        return;
    }
    void *base = NULL;
    size_t capacity = 0, used = 0;
    outcome->status = arena_chunk(outcome->arena, index, &base, &capacity, &used);
    if (outcome->status != CORRAL_OK) {
        return;
    }
    if ((uintptr_t)base % ARENA_CHUNK_ALIGNMENT != 0) {
        run_fail(run, "chunk %zu begins at %p", index, base);
    }
    if ((expected_capacity != UINT64_MAX && capacity != expected_capacity) ||
        (expected_used != UINT64_MAX && used != expected_used)) {
        run_fail(run, "chunk %zu: actual capacity=%zu used=%zu", index, capacity, used);
    }
}

void op_check(Run *run, Line *line, Outcome *outcome) {
    target_operand(run, line, outcome);
    if (!ready(run, line)) {
        return;
    }
    outcome->status = outcome->pool != NULL ? pool_check(outcome->pool) : arena_check(outcome->arena);
    watch_verify(run, outcome->pool != NULL ? (const void *)outcome->pool : outcome->arena);
}

void op_status(Run *run, Line *line, Outcome *outcome) {
    Arena *arena = arena_operand(run, line);
    const Word *expected = line_result(line);
    if (expected == NULL) {
        run_fail(run, "status needs an expected name");
    }
    if (!ready(run, line)) {
        return;
    }
    const char *actual = arena_status_name(arena_last_status(arena));
    if (!run->injected && !run->debug && strcmp(actual, expected->text) != 0) {
        run_fail(run, "status: expected %s, actual %s", expected->text, actual);
    }
    outcome->status = CORRAL_OK;
}

/* Counts the lines of `out` into *lines; false when one is longer than COLUMNS characters. */
static bool lines_fit(FILE *out, size_t *lines) {
    size_t column = 0;
    *lines = 0;
    rewind(out);
    for (int byte; (byte = getc(out)) != EOF;) {
        if (byte == '\n') {
            ++*lines;
            column = 0;
        } else if (++column > COLUMNS) {
            return false;
        }
    }
    return column == 0;
}

/* The table in memory is the one in the file. */
static bool text_is(const Arena *arena, Pool *pool, FILE *out, size_t length) {
    char *text = malloc(length + 1);
    if (text == NULL) {
        abort();
    }
    size_t whole = pool != NULL ? pool_stats_text(pool, text, length + 1) : arena_stats_text(arena, text, length + 1);
    bool same = whole == length;
    rewind(out);
    for (size_t i = 0; same && i < length; i++) {
        same = getc(out) == (unsigned char)text[i];
    }
    free(text);
    return same && getc(out) == EOF;
}

void op_print(Run *run, Line *line, Outcome *outcome) {
    bool is_pool = targets_pool(run, line);
    Pool *pool = is_pool ? pool_operand(run, word_operand(run, line)) : NULL;
    outcome->arena = is_pool ? NULL : arena_operand(run, line);
    if (!ready(run, line)) {
        return;
    }
    FILE *out = tmpfile();
    if (out == NULL) {
        abort();
    }
    outcome->status = is_pool ? pool_stats_print(pool, out) : arena_stats_print(outcome->arena, out);
    size_t lines;
    if (!lines_fit(out, &lines) || (lines != 0) != (outcome->status == CORRAL_OK)) {
        run_fail(run, "the printed statistics are %zu lines, or wider than %d columns", lines, COLUMNS);
    }
    if (!text_is(outcome->arena, pool, out, (size_t)ftell(out))) {
        run_fail(run, "the table in memory is another one than the table in a file");
    }
    fclose(out);
}
