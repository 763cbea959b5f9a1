/* SPDX-License-Identifier: Apache-2.0
 * op_observe.c - observers of arenas: what they are told has to be what happens. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vectors/operations.h"

static void count_alloc(void *context, Arena *arena, void *block, size_t size, ArenaRef ref) {
    Recorder *recorder = context;
    (void)arena;
    recorder->allocations++;
    recorder->bytes += size;
    recorder->last = block;
    recorder->last_size = size;
    recorder->last_ref = ref;
}

static void count_chunk(void *context, Arena *arena, ArenaChunkEvent event, void *base, size_t capacity) {
    Recorder *recorder = context;
    (void)arena;
    (void)base;
    bool acquired = event == ARENA_CHUNK_ACQUIRED;
    recorder->acquired += acquired ? 1 : 0;
    recorder->given_back += acquired ? 0 : 1;
    recorder->held += acquired ? capacity : 0 - (uint64_t)capacity;
}

static void count_reset(void *context, Arena *arena, ArenaTakeBack by) {
    Recorder *recorder = context;
    (void)arena;
    recorder->resets += by == ARENA_TOOK_BACK_BY_RESET;
    recorder->clears += by == ARENA_TOOK_BACK_BY_CLEAR;
    recorder->rewinds += by == ARENA_TOOK_BACK_BY_REWIND;
}

static void count_destroy(void *context, Arena *arena) {
    Recorder *recorder = context;
    (void)arena;
    recorder->destroyed++;
}

ArenaObserver recorder_open(Run *run) {
    Recorder *recorder = calloc(1, sizeof *recorder);
    if (recorder == NULL) {
        abort();
    }
    recorder->next = run->recorders;
    run->recorders = recorder;
    return (ArenaObserver){.context = recorder,
                           .alloc = count_alloc,
                           .chunk = count_chunk,
                           .reset = count_reset,
                           .destroy = count_destroy};
}

void recorders_free(Run *run) {
    while (run->recorders != NULL) {
        Recorder *recorder = run->recorders;
        run->recorders = recorder->next;
        free(recorder);
    }
}

void verify_told(Run *run, const Outcome *outcome) {
    const Thing *thing = outcome->arena != NULL ? thing_of_arena(run, outcome->arena) : NULL;
    if (thing == NULL || thing->recorder == NULL || outcome->status != CORRAL_OK) {
        return;
    }
    const Recorder *told = thing->recorder;
    bool same_ref = outcome->ref == 0 || outcome->ref == told->last_ref;
    bool same_block = outcome->pointer == NULL || outcome->pointer == told->last;
    if (!same_ref || !same_block || told->last_size != outcome->size) {
        run_fail(run, "the observer was told of a block of %zu bytes at %p", told->last_size, told->last);
    }
}

static bool told(const Recorder *recorder, const char *key, uint64_t *value) {
    const struct {
        const char *key;
        uint64_t value;
    } values[] = {
        {"allocations", recorder->allocations}, {"bytes", recorder->bytes},     {"acquired", recorder->acquired},
        {"given_back", recorder->given_back},   {"held", recorder->held},       {"resets", recorder->resets},
        {"clears", recorder->clears},           {"rewinds", recorder->rewinds}, {"destroyed", recorder->destroyed},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (strcmp(values[i].key, key) == 0) {
            *value = values[i].value;
            return true;
        }
    }
    return false;
}

/* After a skipped operation the numbers are others. */
void op_observed(Run *run, Line *line, Outcome *outcome) {
    const Thing *thing = thing_operand(run, line);
    Word *word = line_unused(line, true);
    if (!run->skip && (thing == NULL || thing->recorder == NULL || word == NULL)) {
        run_fail(run, "observed needs an arena with observe=1, and what it was told");
    }
    for (; word != NULL && word->key[0] != '\0' && !run->skip; word = line_unused(line, true)) {
        word->used = true;
        uint64_t expected = number_of(run, word->text);
        uint64_t actual;
        if (!told(thing->recorder, word->key, &actual)) {
            run_fail(run, "an observer is not told of: %s", word->key);
        } else if (actual != expected && !run->derailed) {
            run_fail(run, "observed %s: expected %" PRIu64 ", actual %" PRIu64, word->key, expected, actual);
        }
    }
    ready(run, line);
    outcome->status = CORRAL_OK;
}
