/* SPDX-License-Identifier: Apache-2.0
 * results.c - compares what an operation brought with what follows "->". */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vectors/run.h"

typedef struct Place {
    uint64_t chunk;
    uint64_t offset;
} Place;

static const CorralStatus statuses[] = {
    CORRAL_OK,
    CORRAL_INVALID_ARGUMENT,
    CORRAL_BAD_ALIGNMENT,
    CORRAL_SIZE_LIMIT,
    CORRAL_NO_MEMORY,
    CORRAL_LIMIT_REACHED,
    CORRAL_ARENA_FULL,
    CORRAL_CHUNK_LIMIT,
    CORRAL_NOT_SUPPORTED,
    CORRAL_FILE_REFUSED,
    CORRAL_FILE_FOREIGN,
    CORRAL_FILE_NEWER,
    CORRAL_INVALID_ARENA,
    CORRAL_INVALID_POOL,
    CORRAL_STALE_REF,
    CORRAL_FOREIGN_POINTER,
    CORRAL_DOUBLE_FREE,
    CORRAL_STALE_MARK,
    CORRAL_RELEASING,
    CORRAL_STALE_STRING,
    CORRAL_OBSERVING,
    CORRAL_STACK_FULL,
    CORRAL_NOT_TOP,
    CORRAL_CORRUPTED,
    CORRAL_DAMAGED,
    CORRAL_FILE_DAMAGED,
    CORRAL_STALE_HANDLE,
};

CorralStatus expected_status(Run *run, Line *line) {
    Word *first = line->arrow < line->count ? &line->words[line->arrow] : NULL;
    if (first == NULL || first->quoted || first->text[0] != '!') {
        return CORRAL_OK;
    }
    first->used = true;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (strcmp(arena_status_name(statuses[i]), first->text + 1) == 0) {
            return statuses[i];
        }
    }
    run_fail(run, "unknown status: %s", first->text);
    return CORRAL_OK;
}

/* --- places ------------------------------------------------------------------------------------------------------- */

/* A block of no bytes lies behind the used memory, where another chunk may begin: there the control block tells. */
static bool place_at_cursor(const Outcome *outcome, Place *place) {
    const ArenaControl *control = (const ArenaControl *)(const void *)outcome->arena;
    place->chunk = control->chunk;
    place->offset = (uint64_t)(uintptr_t)outcome->pointer - control->base;
    return control->base <= (uint64_t)(uintptr_t)outcome->pointer;
}

static bool place_of(Run *run, const Outcome *outcome, Place *place) {
    ArenaRef ref = outcome->ref;
    if (ref == 0 && outcome->size == 0) {
        return place_at_cursor(outcome, place) || run_fail(run, "the block lies before the current chunk");
    }
    if (ref == 0) {
        ref = arena_ref(outcome->arena, outcome->pointer);
    }
    const ArenaControl *control = (const ArenaControl *)(const void *)outcome->arena;
    if (ref >> ARENA_REF_GENERATION_SHIFT != control->generation) {
        return run_fail(run, "the reference 0x%" PRIx64 " is not of generation %" PRIu32, ref, control->generation);
    }
    if (outcome->pointer != NULL && outcome->size != 0 && arena_resolve(outcome->arena, ref) != outcome->pointer) {
        return run_fail(run, "the reference 0x%" PRIx64 " does not lead back to the block", ref);
    }
    place->chunk = ref >> ARENA_REF_CHUNK_SHIFT & ARENA_REF_CHUNK_MASK;
    place->offset = ref & ARENA_REF_OFFSET_MASK;
    return true;
}

static void compare_place(Run *run, const char *expected, const Outcome *outcome) {
    Place place = {0, 0};
    if (outcome->arena == NULL) {
        run_fail(run, "the operation brings no place");
        return;
    }
    if (run->derailed || !place_of(run, outcome, &place)) {
        return;
    }
    char actual[64];
    snprintf(actual, sizeof actual, "@%" PRIu64 ":%" PRIu64, place.chunk, place.offset);
    if (strcmp(expected, actual) != 0) {
        run_fail(run, "place: expected %s, actual %s", expected, actual);
    }
}

/* --- other results ------------------------------------------------------------------------------------------------ */

static void compare_alignment(Run *run, const char *expected, const Outcome *outcome) {
    uint64_t alignment;
    if (!parse_u64(expected, &alignment) || alignment == 0) {
        run_fail(run, "not an alignment: %s", expected);
    } else if (outcome->pointer == NULL || (uintptr_t)outcome->pointer % alignment != 0) {
        run_fail(run, "address: expected a multiple of %" PRIu64 ", actual 0x%" PRIxPTR, alignment,
                 (uintptr_t)outcome->pointer);
    }
}

static void compare_pointer(Run *run, const char *expected, const Outcome *outcome) {
    const Thing *thing = thing_find(run, expected);
    if (thing == NULL || thing->kind == THING_NUMBER || outcome->pointer == NULL) {
        run_fail(run, "no address to compare with %s", expected);
    } else if (thing->kind == THING_POINTER && thing->pointer != outcome->pointer) {
        run_fail(run, "address: expected %p (%s), actual %p", (void *)thing->pointer, expected,
                 (void *)outcome->pointer);
    }
}

static void compare_mark(Run *run, const char *expected, const Outcome *outcome) {
    const Thing *thing = thing_find(run, expected);
    if (thing == NULL || (thing->kind != THING_MARK && thing->kind != THING_MISSING)) {
        run_fail(run, "no mark to compare with: %s", expected);
    } else if (thing->mark.id != outcome->mark.id && !run->derailed) {
        run_fail(run, "mark: expected %" PRIu64 " (%s), actual %" PRIu64, thing->mark.id, expected, outcome->mark.id);
    }
}

static void compare_number(Run *run, char relation, const char *text, const Outcome *outcome) {
    uint64_t expected = number_of(run, text);
    bool holds = relation == '='   ? outcome->number == expected
                 : relation == '>' ? outcome->number >= expected
                                   : outcome->number <= expected;
    if (!outcome->has_number) {
        run_fail(run, "the operation brings no number");
    } else if (!holds && !run->derailed) {
        run_fail(run, "expected %c %" PRIu64 ", actual %" PRIu64, relation, expected, outcome->number);
    }
}

static void bind(Run *run, const char *name, const Outcome *outcome) {
    bool is_mark = outcome->mark.arena != NULL;
    if (!outcome->has_number && outcome->pointer == NULL && outcome->ref == 0 && !is_mark) {
        run_fail(run, "the operation brings nothing that could be named %s", name);
        return;
    }
    Thing *thing = thing_bind(run, name, outcome->has_number ? THING_NUMBER : is_mark ? THING_MARK : THING_POINTER);
    thing->number = outcome->number;
    thing->arena = outcome->arena;
    thing->pool = outcome->pool;
    thing->pointer = outcome->pointer;
    thing->size = outcome->size;
    thing->ref = outcome->ref;
    thing->mark = outcome->mark;
    thing->blocks_made = run->blocks_made;
}

static void compare_result(Run *run, const Word *word, const Outcome *outcome) {
    const char *text = word->text;
    bool relation = (text[0] == '<' || text[0] == '>') && text[1] == '=';
    if (word->quoted || word->key[0] != '\0') {
        run_fail(run, "not understood after ->: %s", text);
    } else if (text[0] == '@') {
        compare_place(run, text, outcome);
    } else if (text[0] == '%') {
        compare_alignment(run, text + 1, outcome);
    } else if (text[0] == '=' && outcome->mark.arena != NULL) {
        compare_mark(run, text + 1, outcome);
    } else if (text[0] == '=') {
        compare_pointer(run, text + 1, outcome);
    } else if (relation || (text[0] >= '0' && text[0] <= '9')) {
        compare_number(run, relation ? text[0] : '=', relation ? text + 2 : text, outcome);
    } else if (text[0] >= 'a' && text[0] <= 'z') {
        bind(run, text, outcome);
    } else {
        run_fail(run, "not understood after ->: %s", text);
    }
}

/* With guards the largest request is smaller and more bytes are used.
 *
 * After an operation was lost to an injected failure, a resource that should have run out may still be there, and what
 * a mark that was not taken should have made stale is valid. */
static bool status_may_differ(const Run *run, CorralStatus expected, CorralStatus actual) {
    bool resource = expected >= CORRAL_NO_MEMORY && expected < CORRAL_INVALID_ARENA;
    bool stale = expected == CORRAL_NOT_TOP || expected == CORRAL_CORRUPTED || expected == CORRAL_STALE_MARK ||
                 expected == CORRAL_STALE_REF || expected == CORRAL_STALE_STRING || expected == CORRAL_DAMAGED;
    bool guarded = run->debug && ((resource && actual == CORRAL_SIZE_LIMIT) ||
                                  (expected == CORRAL_FOREIGN_POINTER && actual == CORRAL_OK));
    return (run->derailed && (resource || stale) && actual == CORRAL_OK) || guarded;
}

void compare_outcome(Run *run, Line *line, const Outcome *outcome) {
    CorralStatus expected = expected_status(run, line);
    if (outcome->status != expected && !status_may_differ(run, expected, outcome->status)) {
        run_fail(run, "status: expected %s, actual %s", arena_status_name(expected),
                 arena_status_name(outcome->status));
        return;
    }
    for (Word *word; !run->failed && (word = line_result(line)) != NULL;) {
        compare_result(run, word, outcome);
    }
}
