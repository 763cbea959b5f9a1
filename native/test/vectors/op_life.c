/* SPDX-License-Identifier: Apache-2.0
 * op_life.c - pools and arenas: create, reset, clear, trim, destroy; children. */
#include <string.h>

#include "vectors/operations.h"

void op_pool(Run *run, Line *line, Outcome *outcome) {
    const Word *name = word_operand(run, line);
    PoolConfig config = pool_config_default();
    config.source = &run->fake.source;
    config.name = name->text;
    config.limit = (size_t)option_number(run, line, "limit", SIZE_MAX);
    config.retain = (size_t)option_number(run, line, "retain", config.retain);
    config.region_size = (size_t)option_number(run, line, "region", POOL_GRANULE); /* small: many page requests */
    config.debug = option_number(run, line, "debug", 0) != 0;
    config.report = config.debug ? run_report : NULL;
    config.report_context = run;
    config.status = &outcome->status;
    if (!ready(run, line)) {
        return;
    }
    Pool *pool = pool_create_with(&config);
    if (pool != NULL) {
        Thing *thing = thing_bind(run, name->text, THING_POOL);
        thing->pool = pool;
        thing->live = true;
    } else if (outcome->status == CORRAL_OK) {
        run_fail(run, "pool_create_with returned NULL and no status");
    }
}

/* The functions without a config are used where they can say the same, so that they are tested too. Why one fails only
 * arena_create_with() can tell, so they are left out where pages may fail: a second attempt would succeed. */
static Arena *create(const Run *run, Pool *pool, const ArenaConfig *config) {
    Arena *arena = NULL;
    bool plain = config->parent == NULL && config->limit == SIZE_MAX && config->retain == SIZE_MAX &&
                 config->exhausted == ARENA_GROW && !config->zeroed && !config->debug && config->observer == NULL &&
                 config->alignment == ARENA_ALIGNMENT;
    if (plain && !run->poison && run->mode == FAIL_NEVER) {
        bool defaults = config->initial_size == ARENA_INITIAL_DEFAULT && config->maximum_size == ARENA_MAXIMUM_DEFAULT;
        arena = config->fixed ? arena_create_fixed(pool, config->initial_size)
                : defaults    ? arena_create_default(pool)
                              : arena_create(pool, config->initial_size, config->maximum_size);
    }
    return arena != NULL ? arena : arena_create_with(pool, config);
}

static ArenaExhausted exhausted_option(Run *run, Line *line, ArenaExhausted absent) {
    static const char *const names[] = {"grow", "fail", "fall_back"}; /* in the order of ArenaExhausted */
    const Word *word = line_option(line, "exhausted");
    for (size_t i = 0; word != NULL && i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(word->text, names[i]) == 0) {
            return (ArenaExhausted)i;
        }
    }
    if (word != NULL) {
        run_fail(run, "exhausted= takes grow, fail or fall_back");
    }
    return absent;
}

static void bind_arena(Run *run, const Word *name, Pool *pool, Arena *arena, const ArenaConfig *config,
                       Outcome *outcome) {
    if (arena != NULL) {
        Thing *thing = thing_bind(run, name->text, THING_ARENA);
        thing->parent = thing_of_arena(run, config->parent);
        thing->pool = thing->parent != NULL ? thing->parent->pool : pool;
        thing->arena = arena;
        thing->live = true;
        thing->zeroed = config->zeroed;
        thing->recorder = config->observer != NULL ? config->observer->context : NULL;
        outcome->status = CORRAL_OK;
    } else if (outcome->status == CORRAL_OK) {
        run_fail(run, "no arena, and no status");
    }
}

void op_child(Run *run, Line *line, Outcome *outcome) {
    const Word *name = word_operand(run, line);
    Arena *parent = arena_operand(run, line);
    size_t limit = (size_t)option_number(run, line, "limit", SIZE_MAX);
    if (!ready(run, line)) {
        return;
    }
    Arena *arena = arena_create_child(parent, limit);
    outcome->status = arena_last_status(parent);
    bind_arena(run, name, NULL, arena,
               &(ArenaConfig){.parent = parent, .zeroed = arena_config_child(parent, limit).zeroed}, outcome);
}

void op_arena(Run *run, Line *line, Outcome *outcome) {
    const Word *name = word_operand(run, line);
    const Word *pool_name = line_option(line, "pool");
    const Word *parent_name = line_option(line, "parent");
    Pool *pool = pool_name != NULL ? pool_operand(run, pool_name) : NULL;
    ArenaConfig config = arena_config_default();
    if (parent_name != NULL) {
        size_t limit = (size_t)option_number(run, line, "limit", SIZE_MAX);
        config = arena_config_child(arena_of_word(run, parent_name), limit);
    }
    config.name = name->text;
    config.limit = (size_t)option_number(run, line, "limit", config.limit);
    config.retain = (size_t)option_number(run, line, "retain", config.retain);
    config.exhausted = exhausted_option(run, line, config.exhausted);
    const Word *fixed = line_option(line, "fixed");
    if (fixed != NULL) {
        config.fixed = true;
        config.initial_size = config.maximum_size = (size_t)number_of(run, fixed->text);
    } else {
        config.initial_size = (size_t)option_number(run, line, "initial", config.initial_size);
        config.maximum_size = (size_t)option_number(run, line, "max", config.maximum_size);
    }
    config.alignment = (size_t)option_number(run, line, "align", config.alignment);
    config.debug = option_number(run, line, "debug", run->debug || config.debug) != 0;
    config.report = run_report;
    config.report_context = run;
    config.poison = run->poison;
    config.zeroed = option_number(run, line, "zeroed", run->zeroed || config.zeroed) != 0;
    bool observed = option_number(run, line, "observe", run->observed) != 0;
    ArenaObserver observer;
    config.status = &outcome->status;
    if (pool_name == NULL && parent_name == NULL) {
        run_fail(run, "pool= or parent= is missing");
    }
    if (!ready(run, line)) {
        return;
    }
    if (observed) {
        observer = recorder_open(run);
        config.observer = &observer;
    }
    Arena *arena = create(run, pool, &config);
    bind_arena(run, name, pool, arena, &config, outcome);
}

void op_reset(Run *run, Line *line, Outcome *outcome) {
    Arena *arena = arena_operand(run, line);
    if (ready(run, line)) {
        things_end_arenas(run, arena, false);
        watch_end(run, arena);
        outcome->status = arena_reset(arena);
    }
}

void op_clear(Run *run, Line *line, Outcome *outcome) {
    Arena *arena = arena_operand(run, line);
    if (ready(run, line)) {
        things_end_arenas(run, arena, false);
        watch_end(run, arena);
        outcome->status = arena_clear(arena);
    }
}

static void destroy_arena(Run *run, Arena *arena, Outcome *outcome) {
    if (arena != NULL) {
        things_end_arenas(run, arena, true);
    }
    outcome->status = arena_destroy(arena);
}

/* Nothing of the pool may be used any more, not even in order to be refused: its names are taken away. */
static void destroy_pool(Run *run, Pool *pool, Outcome *outcome) {
    watch_end(run, pool);
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->pool == pool && thing->kind != THING_MISSING) {
            if (thing->kind == THING_ARENA && thing->live) {
                watch_end(run, thing->arena);
            }
            thing->kind = THING_NUMBER;
            thing->live = false;
        }
    }
    outcome->status = pool_destroy(pool);
}

void op_destroy(Run *run, Line *line, Outcome *outcome) {
    bool is_pool = targets_pool(run, line);
    Pool *pool = is_pool ? pool_operand(run, word_operand(run, line)) : NULL;
    Arena *arena = is_pool ? NULL : arena_operand(run, line);
    if (!ready(run, line)) {
        return;
    }
    if (is_pool) {
        destroy_pool(run, pool, outcome);
    } else {
        destroy_arena(run, arena, outcome);
    }
}

static void trim_arena(Run *run, Line *line, Outcome *outcome, size_t keep) {
    Arena *arena = arena_operand(run, line);
    if (ready(run, line)) {
        outcome->status = arena_trim(arena, keep);
        watch_verify(run, arena);
    }
}

void op_trim(Run *run, Line *line, Outcome *outcome) {
    size_t keep = (size_t)option_number(run, line, "keep", 0);
    if (!targets_pool(run, line)) {
        trim_arena(run, line, outcome, keep);
        return;
    }
    Pool *pool = pool_operand(run, word_operand(run, line));
    if (ready(run, line)) {
        outcome->number = pool_trim(pool, keep);
        outcome->has_number = true;
    }
}
