/* SPDX-License-Identifier: Apache-2.0
 * things.c - the names of a vector, and the arguments of its operations. */
#include "vectors/run.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOREIGN_BYTES 4096 /* more than an arena's or a pool's own struct */

static _Alignas(64) unsigned char foreign_bytes[FOREIGN_BYTES];

unsigned char *foreign_memory(void) {
    return foreign_bytes;
}

bool foreign_memory_is_untouched(void) {
    for (size_t i = 0; i < FOREIGN_BYTES; i++) {
        if (foreign_bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

bool run_fail(Run *run, const char *format, ...) {
    if (run->failed) {
        return false;
    }
    run->failed = true;
    printf("\n    %s.vec:%d: ", run->vector, run->line_number);
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n        %s\n", run->source);
    if (run->mode != FAIL_NEVER) {
        printf("        while page request %zu%s failed\n", run->fake.fail_at,
               run->mode == FAIL_FROM ? " and all later" : "");
    }
    fflush(stdout);
    return false;
}

/* --- names -------------------------------------------------------------------------------------------------------- */

Thing *thing_find(const Run *run, const char *name) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (strcmp(thing->name, name) == 0) {
            return thing;
        }
    }
    return NULL;
}

Thing *thing_of_pool(const Run *run, const Pool *pool) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_POOL && thing->live && thing->pool == pool) {
            return thing;
        }
    }
    return NULL;
}

Thing *thing_of_arena(const Run *run, const Arena *arena) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_ARENA && thing->live && thing->arena == arena) {
            return thing;
        }
    }
    return NULL;
}

static bool is_below(const Thing *thing, const Arena *arena) {
    const Thing *above = thing->parent;
    while (above != NULL && above->arena != arena) {
        above = above->parent;
    }
    return above != NULL;
}

void things_end_arenas(Run *run, const Arena *arena, bool itself) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        bool ends = thing->kind == THING_ARENA && thing->live;
        if (ends && (is_below(thing, arena) || (itself && thing->arena == arena))) {
            watch_end(run, thing->arena);
            thing->live = false;
        }
    }
}

static char *copy_of(const char *text) {
    char *copy = malloc(strlen(text) + 1);
    if (copy == NULL) {
        abort();
    }
    return strcpy(copy, text);
}

Thing *thing_bind(Run *run, const char *name, ThingKind kind) {
    static const char *const reserved[] = {"null", "foreign"};
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        if (strcmp(name, reserved[i]) == 0) {
            run_fail(run, "%s cannot be a name", name);
        }
    }
    Thing *older = thing_find(run, name);
    if (older != NULL && older->live && kind != THING_MISSING) {
        run_fail(run, "%s is in use", name);
    }
    Thing *thing = calloc(1, sizeof *thing);
    if (thing == NULL) {
        abort();
    }
    thing->name = copy_of(name);
    thing->kind = kind;
    thing->next = run->things;
    run->things = thing;
    return thing;
}

void things_free(Run *run) {
    while (run->things != NULL) {
        Thing *thing = run->things;
        run->things = thing->next;
        free((char *)(uintptr_t)thing->name);
        free(thing->text);
        free(thing);
    }
}

/* --- operands ----------------------------------------------------------------------------------------------------- */

const Word *word_operand(Run *run, Line *line) {
    static const Word none = {.key = "", .text = "null"};
    const Word *word = line_next(line);
    if (word == NULL) {
        run_fail(run, "an argument is missing");
    }
    return word != NULL ? word : &none;
}

/* The thing of that name if it is of one of two kinds; else the run is marked. */
static Thing *named(Run *run, const char *name, ThingKind kind, ThingKind other) {
    Thing *thing = thing_find(run, name);
    if (thing == NULL) {
        run_fail(run, "unknown name: %s", name);
    } else if (thing->kind == THING_MISSING) {
        run->skip = true;
        thing = NULL;
    } else if (thing->kind != kind && thing->kind != other) {
        run_fail(run, "not what this operation works on: %s", name);
        thing = NULL;
    }
    return thing;
}

/* Null and foreign have an address each; anything else is a name. */
static bool is_reserved(const char *text, void **address) {
    *address = strcmp(text, "foreign") == 0 ? foreign_bytes : NULL;
    return *address != NULL || strcmp(text, "null") == 0;
}

Arena *arena_operand(Run *run, Line *line) {
    return arena_of_word(run, word_operand(run, line));
}

Arena *arena_of_word(Run *run, const Word *word) {
    void *address;
    if (is_reserved(word->text, &address)) {
        return address;
    }
    Thing *thing = named(run, word->text, THING_ARENA, THING_ARENA);
    return thing != NULL ? thing->arena : NULL;
}

Pool *pool_operand(Run *run, const Word *word) {
    void *address;
    if (is_reserved(word->text, &address)) {
        return address;
    }
    Thing *thing = named(run, word->text, THING_POOL, THING_POOL);
    return thing != NULL ? thing->pool : NULL;
}

Thing *thing_operand(Run *run, Line *line) {
    const Word *word = word_operand(run, line);
    return named(run, word->text, THING_ARENA, THING_POOL);
}

/* Splits `name+4` and returns 4. */
static size_t split_distance(Run *run, const char *text, char *name, size_t room) {
    const char *plus = strchr(text, '+');
    size_t length = plus != NULL ? (size_t)(plus - text) : strlen(text);
    if (length >= room) {
        run_fail(run, "name too long: %s", text);
        length = 0;
    }
    memcpy(name, text, length);
    name[length] = '\0';
    return plus != NULL ? (size_t)number_of(run, plus + 1) : 0;
}

unsigned char *pointer_operand(Run *run, Line *line) {
    char name[64];
    size_t distance = split_distance(run, word_operand(run, line)->text, name, sizeof name);
    void *address;
    if (is_reserved(name, &address)) {
        return address;
    }
    Thing *thing = named(run, name, THING_POINTER, THING_POINTER);
    return thing != NULL ? thing->pointer + distance : NULL;
}

/* @chunk:offset in the arena's present generation. */
static ArenaRef ref_of_place(Run *run, const char *text, const Arena *arena) {
    uint64_t chunk = 0, offset = 0;
    int end = 0;
    run->skip = run->skip || run->derailed;
    const Thing *thing = thing_of_arena(run, arena);
    uint64_t generation = thing != NULL ? ((const ArenaControl *)(const void *)arena)->generation : 0;
    bool read = sscanf(text, "@%" SCNu64 ":%" SCNu64 "%n", &chunk, &offset, &end) == 2 && text[end] == '\0';
    if (!read || chunk > ARENA_REF_CHUNK_MASK || offset > ARENA_REF_OFFSET_MASK) {
        run_fail(run, "not a place: %s", text);
    }
    return generation << ARENA_REF_GENERATION_SHIFT | chunk << ARENA_REF_CHUNK_SHIFT | offset;
}

ArenaRef ref_of(Run *run, const char *text, const Arena *arena) {
    uint64_t number;
    if (text[0] == '@') {
        return ref_of_place(run, text, arena);
    }
    if (strcmp(text, "null") == 0) {
        return 0;
    }
    if (parse_u64(text, &number)) {
        return number;
    }
    char name[64];
    size_t distance = split_distance(run, text, name, sizeof name);
    Thing *thing = named(run, name, THING_POINTER, THING_POINTER);
    if (thing != NULL && thing->ref == 0) {
        run_fail(run, "no reference is known of %s: use ref or alloc_ref first", name);
    }
    return thing != NULL ? thing->ref + distance : 0;
}

Thing *mark_operand(Run *run, Line *line) {
    static Thing none = {.kind = THING_MARK};
    const Word *word = word_operand(run, line);
    void *address;
    return is_reserved(word->text, &address) ? &none : named(run, word->text, THING_MARK, THING_MARK);
}

ArenaRef ref_operand(Run *run, Line *line, const Arena *arena) {
    return ref_of(run, word_operand(run, line)->text, arena);
}

uint64_t number_of(Run *run, const char *text) {
    uint64_t number = 0;
    if (parse_u64(text, &number)) {
        return number;
    }
    Thing *thing = named(run, text, THING_NUMBER, THING_NUMBER);
    return thing != NULL ? thing->number : 0;
}

uint64_t number_operand(Run *run, Line *line) {
    return number_of(run, word_operand(run, line)->text);
}

uint64_t option_number(Run *run, Line *line, const char *key, uint64_t absent) {
    const Word *word = line_option(line, key);
    if (word != NULL && word->relation != '=') {
        run_fail(run, "an option is written %s=value", key);
    }
    return word != NULL ? number_of(run, word->text) : absent;
}

bool ready(Run *run, Line *line) {
    const Word *unused = line_unused(line, true);
    if (unused != NULL && !run->skip) {
        run_fail(run, "not understood: %s%s%s", unused->key, unused->key[0] != '\0' ? "=" : "", unused->text);
    }
    return !run->failed && !run->skip;
}
