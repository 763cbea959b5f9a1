/* SPDX-License-Identifier: Apache-2.0
 * op_lifetimes.c - objects by how long they live. */
#include <string.h>

#include "corral/lifetimes.h"
#include "vectors/operations.h"
#include "vectors/structures.h"

static const char *const names[] = {"process", "unit", "unknown", "by_context"}; /* in the order of LifetimeRule */

/* The place of a word in `names`; -1: it is none of the first `count`. */
static int name_place(const char *text, int count) {
    for (int i = 0; i < count; i++) {
        if (strcmp(text, names[i]) == 0) {
            return i;
        }
    }
    return -1;
}

static int name_operand(Run *run, Line *line, int count) {
    const Word *word = word_operand(run, line);
    int place = name_place(word->text, count);
    if (place < 0) {
        run_fail(run, "not a lifetime: %s", word->text);
    }
    return place;
}

static Lifetimes *lifetimes_operand(Run *run, Line *line) {
    const Word *word = word_operand(run, line);
    if (strcmp(word->text, "null") == 0 || strcmp(word->text, "foreign") == 0) {
        return word->text[0] == 'f' ? (Lifetimes *)(void *)foreign_memory() : NULL;
    }
    const Thing *thing = thing_find(run, word->text);
    run->skip = run->skip || (thing != NULL && thing->kind == THING_MISSING);
    if (thing == NULL || (thing->kind != THING_LIFETIMES && thing->kind != THING_MISSING)) {
        run_fail(run, "not a lifetimes: %s", word->text);
    }
    return thing != NULL && thing->kind == THING_LIFETIMES ? thing->lifetimes : NULL;
}

static Thing *thing_of(Run *run, const Lifetimes *lifetimes) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_LIFETIMES && thing->live && thing->lifetimes == lifetimes) {
            return thing;
        }
    }
    return NULL;
}

/* The arenas get names of their own, NAME_process and NAME_unit, so that everything can be tried with them. */
static void bind_arena(Run *run, const char *name, const char *suffix, const Thing *of, Arena *arena) {
    char bound[64];
    snprintf(bound, sizeof bound, "%s_%s", name, suffix);
    Thing *thing = thing_bind(run, bound, arena != NULL ? THING_ARENA : THING_MISSING);
    if (arena == NULL) {
        return;
    }
    thing->arena = arena;
    thing->pool = of->pool;
    thing->live = true;
    thing->zeroed = run->zeroed;
}

static ArenaConfig arena_config(Run *run) {
    ArenaConfig config = arena_config_default();
    config.poison = run->poison;
    config.zeroed = run->zeroed;
    config.debug = run->debug;
    config.report = run_report;
    config.report_context = run;
    return config;
}

enum { POLICY_MAX = 8 };

/* Reads kind:rule,kind:rule .. from `text`, which it cuts up; the kinds are in there. */
static size_t read_policy(Run *run, char *text, LifetimePolicy *policy) {
    size_t count = 0;
    for (char *kind = strtok(text, ","); kind != NULL; kind = strtok(NULL, ",")) {
        char *colon = strchr(kind, ':');
        int rule = colon != NULL ? name_place(colon + 1, 4) : -1;
        if (rule < 0 || count == POLICY_MAX) {
            run_fail(run, "not a kind with its rule, or too many: %s", kind);
            return 0;
        }
        *colon = '\0';
        policy[count++] = (LifetimePolicy){.kind = kind, .rule = (LifetimeRule)rule};
    }
    return count;
}

void op_lifetimes(Run *run, Line *line, Outcome *outcome) {
    const Word *name = word_operand(run, line);
    LifetimesConfig config = lifetimes_config_default();
    config.name = name->text;
    config.pool.source = &run->fake.source;
    config.pool.region_size = POOL_GRANULE; /* small: many page requests */
    config.pool.limit = (size_t)option_number(run, line, "limit", SIZE_MAX);
    config.process = config.unit = arena_config(run);
    LifetimePolicy policy[POLICY_MAX];
    char kinds[256] = "";
    Word *option = line_option(line, "policy");
    if (option != NULL) {
        snprintf(kinds, sizeof kinds, "%s", option->text);
    }
    config.policy = policy;
    config.policy_count = read_policy(run, kinds, policy);
    config.status = &outcome->status;
    if (!ready(run, line)) {
        return;
    }
    Lifetimes *lifetimes = lifetimes_create_with(&config);
    if (lifetimes != NULL) {
        Thing *thing = thing_bind(run, name->text, THING_LIFETIMES);
        thing->lifetimes = lifetimes;
        thing->pool = lifetimes_pool(lifetimes);
        thing->live = true;
        bind_arena(run, name->text, names[0], thing, lifetimes_arena(lifetimes, LIFETIME_PROCESS));
        bind_arena(run, name->text, names[1], thing, lifetimes_arena(lifetimes, LIFETIME_UNIT));
    } else {
        bind_arena(run, name->text, names[0], NULL, NULL);
        bind_arena(run, name->text, names[1], NULL, NULL);
        if (outcome->status == CORRAL_OK) {
            run_fail(run, "no lifetimes, and no status");
        }
    }
}

static void set_block(Lifetimes *lifetimes, int lifetime, void *block, size_t size, Outcome *outcome) {
    outcome->status = block != NULL ? CORRAL_OK : lifetimes_last_status(lifetimes);
    outcome->pointer = block;
    outcome->size = size;
    outcome->is_block = true;
    outcome->arena = lifetimes_arena(lifetimes, (Lifetime)lifetime);
    outcome->pool = outcome->arena == NULL ? lifetimes_pool(lifetimes) : NULL;
}

void op_alloc_as(Run *run, Line *line, Outcome *outcome) {
    Lifetimes *lifetimes = lifetimes_operand(run, line);
    int lifetime = name_operand(run, line, LIFETIMES_COUNT);
    size_t size = (size_t)number_operand(run, line);
    if (ready(run, line)) {
        set_block(lifetimes, lifetime, lifetimes_alloc(lifetimes, (Lifetime)lifetime, size), size, outcome);
    }
}

static int kind_operand(Run *run, Line *line, const Lifetimes *lifetimes) {
    return lifetimes_kind_named(lifetimes, word_operand(run, line)->text);
}

void op_kind(Run *run, Line *line, Outcome *outcome) {
    Lifetimes *lifetimes = lifetimes_operand(run, line);
    const Word *name = word_operand(run, line);
    int rule = name_operand(run, line, 4);
    if (!ready(run, line)) {
        return;
    }
    int kind = lifetimes_kind(lifetimes, name->text, (LifetimeRule)rule);
    outcome->status = kind >= 0 ? CORRAL_OK : lifetimes_last_status(lifetimes);
}

void op_alloc_kind(Run *run, Line *line, Outcome *outcome) {
    Lifetimes *lifetimes = lifetimes_operand(run, line);
    int kind = kind_operand(run, line, lifetimes);
    size_t size = (size_t)number_operand(run, line);
    if (ready(run, line)) {
        int lifetime = lifetimes_decide(lifetimes, kind);
        set_block(lifetimes, lifetime, lifetimes_alloc_kind(lifetimes, kind, size), size, outcome);
    }
}

void op_decide(Run *run, Line *line, Outcome *outcome) {
    const Lifetimes *lifetimes = lifetimes_operand(run, line);
    int kind = kind_operand(run, line, lifetimes);
    if (!ready(run, line)) {
        return;
    }
    int lifetime = lifetimes_decide(lifetimes, kind);
    if (lifetime < 0) {
        outcome->status = CORRAL_INVALID_ARGUMENT;
        return;
    }
    const Word *expected = line_result(line);
    if (expected == NULL || strcmp(expected->text, names[lifetime]) != 0) {
        run_fail(run, "this kind is decided to be %s", names[lifetime]);
    }
}

void op_context(Run *run, Line *line, Outcome *outcome) {
    Lifetimes *lifetimes = lifetimes_operand(run, line);
    int context = name_operand(run, line, LIFETIMES_COUNT);
    if (ready(run, line)) {
        outcome->status = lifetimes_set_context(lifetimes, (Lifetime)context);
    }
}

void op_intern(Run *run, Line *line, Outcome *outcome) {
    Lifetimes *lifetimes = lifetimes_operand(run, line);
    const Word *text = word_operand(run, line);
    if (!ready(run, line)) {
        return;
    }
    const char *interned = lifetimes_intern(lifetimes, text->text, text->length);
    outcome->status = interned != NULL ? CORRAL_OK : lifetimes_last_status(lifetimes);
    outcome->arena = lifetimes_arena(lifetimes, LIFETIME_PROCESS);
    outcome->pointer = (unsigned char *)(uintptr_t)interned;
    outcome->size = text->length + 1;
    if (interned != NULL && (memcmp(interned, text->text, text->length) != 0 || interned[text->length] != '\0')) {
        run_fail(run, "another text was interned");
    }
}

void op_free_from(Run *run, Line *line, Outcome *outcome) {
    Lifetimes *lifetimes = lifetimes_operand(run, line);
    unsigned char *pointer = pointer_operand(run, line);
    if (ready(run, line)) {
        watch_verify(run, NULL);
        outcome->status = lifetimes_free(lifetimes, pointer);
        if (outcome->status == CORRAL_OK) {
            watch_forget(run, lifetimes_pool(lifetimes), pointer);
        }
    }
}

void op_end_unit(Run *run, Line *line, Outcome *outcome) {
    Lifetimes *lifetimes = lifetimes_operand(run, line);
    if (ready(run, line)) {
        const Arena *unit = lifetimes_arena(lifetimes, LIFETIME_UNIT);
        if (unit != NULL) {
            things_end_arenas(run, unit, false);
            watch_end(run, unit);
        }
        outcome->status = lifetimes_end_unit(lifetimes);
    }
}

typedef struct NamedNumber {
    const char *key;
    uint64_t value;
} NamedNumber;

/* Every option of the line names one of the numbers, and has its value. */
static void compare_numbers(Run *run, Line *line, const NamedNumber *numbers, size_t count) {
    for (Word *word = line_unused(line, true); word != NULL && word->key[0] != '\0' && !run->skip;
         word = line_unused(line, true)) {
        word->used = true;
        size_t at = 0;
        while (at < count && strcmp(numbers[at].key, word->key) != 0) {
            at++;
        }
        if (at == count) {
            run_fail(run, "unknown statistic: %s", word->key);
        } else if (numbers[at].value != number_of(run, word->text) && !run->derailed) {
            run_fail(run, "%s: actual %llu", word->key, (unsigned long long)numbers[at].value);
        }
    }
    ready(run, line);
}

void op_lived(Run *run, Line *line, Outcome *outcome) {
    const Lifetimes *lifetimes = lifetimes_operand(run, line);
    LifetimesStats stats = {0};
    outcome->status = run->skip ? CORRAL_OK : lifetimes_stats(lifetimes, &stats);
    const NamedNumber numbers[] = {
        {"process", stats.process.allocations},
        {"process_bytes", stats.process.bytes},
        {"process_allocated", stats.process_allocated},
        {"unit", stats.unit.allocations},
        {"unit_bytes", stats.unit.bytes},
        {"unit_allocated", stats.unit_allocated},
        {"unknown", stats.unknown.allocations},
        {"unknown_bytes", stats.unknown.bytes},
        {"freed", stats.freed},
        {"units", stats.units},
        {"last_unit", stats.last_unit},
        {"peak_unit", stats.peak_unit},
        {"strings", stats.strings},
        {"found", stats.found},
        {"kinds", stats.kinds},
    };
    compare_numbers(run, line, numbers, sizeof numbers / sizeof numbers[0]);
}

void op_kind_lived(Run *run, Line *line, Outcome *outcome) {
    const Lifetimes *lifetimes = lifetimes_operand(run, line);
    int kind = kind_operand(run, line, lifetimes);
    LifetimeKindStats stats = {0};
    outcome->status = run->skip ? CORRAL_OK : lifetimes_kind_stats(lifetimes, kind, &stats);
    const NamedNumber numbers[] = {
        {"process", stats.count[LIFETIME_PROCESS].allocations}, {"process_bytes", stats.count[LIFETIME_PROCESS].bytes},
        {"unit", stats.count[LIFETIME_UNIT].allocations},       {"unit_bytes", stats.count[LIFETIME_UNIT].bytes},
        {"unknown", stats.count[LIFETIME_UNKNOWN].allocations}, {"unknown_bytes", stats.count[LIFETIME_UNKNOWN].bytes},
    };
    compare_numbers(run, line, numbers, sizeof numbers / sizeof numbers[0]);
}

void op_lived_report(Run *run, Line *line, Outcome *outcome) {
    const Lifetimes *lifetimes = lifetimes_operand(run, line);
    static char text[LIFETIMES_TABLE_MAX];
    size_t length = run->skip ? 0 : lifetimes_text(lifetimes, text, sizeof text);
    outcome->status = length == 0 && !run->skip ? CORRAL_INVALID_ARENA : CORRAL_OK;
    text[length] = '\0';
    words_stand_in(run, line, text);
}

void op_destroy_lifetimes(Run *run, Line *line, Outcome *outcome) {
    Lifetimes *lifetimes = lifetimes_operand(run, line);
    if (!ready(run, line)) {
        return;
    }
    Thing *of = thing_of(run, lifetimes);
    for (Thing *thing = run->things; of != NULL && thing != NULL; thing = thing->next) {
        if (thing->pool == of->pool && thing->kind == THING_ARENA) {
            watch_end(run, thing->arena);
            thing->kind = THING_NUMBER; /* nothing of it may be used, not even to be refused */
            thing->live = false;
        }
    }
    if (of != NULL) {
        watch_end(run, of->pool);
        of->live = false;
        of->kind = THING_NUMBER;
    }
    outcome->status = lifetimes_destroy(lifetimes);
}

void audit_lifetimes(Run *run) {
    for (const Thing *thing = run->things; thing != NULL; thing = thing->next) {
        CorralStatus status =
            thing->kind == THING_LIFETIMES && thing->live ? lifetimes_check(thing->lifetimes) : CORRAL_OK;
        if (status != CORRAL_OK) {
            run_fail(run, "lifetimes %s: lifetimes_check says %s", thing->name, arena_status_name(status));
        }
    }
}

void finish_lifetimes(Run *run) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_LIFETIMES && thing->live && lifetimes_destroy(thing->lifetimes) != CORRAL_OK) {
            run_fail(run, "lifetimes %s cannot be destroyed", thing->name);
        }
    }
}
