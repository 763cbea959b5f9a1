/* SPDX-License-Identifier: Apache-2.0
 * op_recycler.c - arenas that are borrowed and given back. */
#include <string.h>

#include "corral/arena_recycler.h"
#include "vectors/operations.h"
#include "vectors/structures.h"

typedef struct RecyclerField {
    const char *key;
    size_t offset; /* of a uint64_t in RecyclerStats */
} RecyclerField;

static const RecyclerField fields[] = {
    {"hits", offsetof(RecyclerStats, hits)},
    {"misses", offsetof(RecyclerStats, misses)},
    {"returned", offsetof(RecyclerStats, returned)},
    {"dropped", offsetof(RecyclerStats, dropped)},
    {"outgrown", offsetof(RecyclerStats, outgrown)},
    {"trimmed", offsetof(RecyclerStats, trimmed)},
    {"borrowed", offsetof(RecyclerStats, borrowed)},
    {"kept", offsetof(RecyclerStats, kept)},
    {"kept_bytes", offsetof(RecyclerStats, kept_bytes)},
    {"typical", offsetof(RecyclerStats, typical)},
};

/* NULL for `null`, foreign memory for `foreign`. */
static ArenaRecycler *recycler_operand(Run *run, Line *line) {
    const Word *word = word_operand(run, line);
    if (strcmp(word->text, "null") == 0 || strcmp(word->text, "foreign") == 0) {
        return word->text[0] == 'f' ? (ArenaRecycler *)(void *)foreign_memory() : NULL;
    }
    const Thing *thing = thing_find(run, word->text);
    if (thing == NULL || thing->kind == THING_MISSING) {
        run->skip = run->skip || thing != NULL;
        return thing != NULL ? NULL : (run_fail(run, "unknown name: %s", word->text), NULL);
    }
    if (thing->kind != THING_RECYCLER) {
        run_fail(run, "not a recycler: %s", word->text);
    }
    return thing->recycler;
}

static Thing *thing_of_recycler(const Run *run, const ArenaRecycler *recycler) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_RECYCLER && thing->live && thing->recycler == recycler) {
            return thing;
        }
    }
    return NULL;
}

void op_recycler(Run *run, Line *line, Outcome *outcome) {
    const Word *name = word_operand(run, line);
    const Word *pool_name = line_option(line, "pool");
    Pool *pool = pool_name != NULL ? pool_operand(run, pool_name) : NULL;
    RecyclerConfig config = recycler_config_default();
    const Word *fixed = line_option(line, "fixed");
    config.arena.fixed = fixed != NULL;
    config.arena.initial_size = fixed != NULL ? (size_t)number_of(run, fixed->text) : config.arena.initial_size;
    config.arena.maximum_size = fixed != NULL ? config.arena.initial_size : config.arena.maximum_size;
    config.arena.name = name->text;
    config.arena.initial_size = (size_t)option_number(run, line, "initial", config.arena.initial_size);
    config.arena.maximum_size = (size_t)option_number(run, line, "max", config.arena.maximum_size);
    config.arena.alignment = (size_t)option_number(run, line, "align", config.arena.alignment);
    config.arena.limit = (size_t)option_number(run, line, "limit", config.arena.limit);
    config.arena.retain = (size_t)option_number(run, line, "retain", config.arena.retain);
    config.arena.zeroed = option_number(run, line, "zeroed", run->zeroed) != 0;
    config.arena.debug = option_number(run, line, "debug", run->debug) != 0;
    config.arena.report = run_report;
    config.arena.report_context = run;
    config.arena.poison = run->poison;
    config.kept_max = (size_t)option_number(run, line, "kept", config.kept_max);
    config.kept_bytes_max = (size_t)option_number(run, line, "kept_bytes", config.kept_bytes_max);
    config.percentile = (unsigned)option_number(run, line, "percentile", config.percentile);
    config.status = &outcome->status;
    if (!ready(run, line)) {
        return;
    }
    ArenaRecycler *recycler = recycler_create_with(pool, &config);
    if (recycler != NULL) {
        Thing *thing = thing_bind(run, name->text, THING_RECYCLER);
        thing->pool = pool;
        thing->recycler = recycler;
        thing->zeroed = config.arena.zeroed;
        thing->live = true;
    } else if (outcome->status == CORRAL_OK) {
        run_fail(run, "no recycler, and no status");
    }
}

void op_borrow(Run *run, Line *line, Outcome *outcome) {
    const Word *name = word_operand(run, line);
    ArenaRecycler *recycler = recycler_operand(run, line);
    const Word *again = line_option(line, "again");
    const Arena *earlier = again != NULL ? arena_of_word(run, again) : NULL;
    if (!ready(run, line)) {
        return;
    }
    Arena *arena = (Arena *)(void *)foreign_memory();
    outcome->status = recycler_borrow(recycler, &arena);
    if ((arena != NULL) != (outcome->status == CORRAL_OK)) {
        run_fail(run, "an arena and a status that says no, or none and one that says yes");
    }
    if (outcome->status == CORRAL_OK) {
        if (again != NULL && arena != earlier && !run->derailed) {
            run_fail(run, "this is another arena than %s was", again->text);
        }
        const Thing *lender = thing_of_recycler(run, recycler);
        Thing *thing = thing_bind(run, name->text, THING_ARENA);
        thing->pool = lender->pool;
        thing->arena = arena;
        thing->live = true;
        thing->zeroed = lender->zeroed;
        thing->lender = lender;
    }
}

/* `return ARENA RECYCLER`: the name stays, so that wrong use can be tried. */
void op_return(Run *run, Line *line, Outcome *outcome) {
    Arena *arena = arena_operand(run, line);
    ArenaRecycler *recycler = recycler_operand(run, line);
    if (!ready(run, line)) {
        return;
    }
    const Thing *thing = thing_of_arena(run, arena);
    if (thing != NULL && thing->lender != NULL && thing->lender->recycler == recycler) {
        things_end_arenas(run, arena, true);
    }
    outcome->status = recycler_return(recycler, arena);
}

void op_recycled(Run *run, Line *line, Outcome *outcome) {
    ArenaRecycler *recycler = recycler_operand(run, line);
    RecyclerStats stats;
    outcome->status = run->skip ? CORRAL_OK : recycler_stats(recycler, &stats);
    for (Word *word = line_unused(line, true); word != NULL && word->key[0] != '\0' && !run->skip;
         word = line_unused(line, true)) {
        uint64_t actual = UINT64_MAX;
        word->used = true;
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
            if (strcmp(fields[i].key, word->key) == 0) {
                memcpy(&actual, (const char *)&stats + fields[i].offset, sizeof actual);
            }
        }
        uint64_t expected = number_of(run, word->text);
        bool holds = word->relation == '='   ? actual == expected
                     : word->relation == '<' ? actual <= expected
                                             : actual >= expected;
        if (outcome->status == CORRAL_OK && !holds && !run->derailed) {
            run_fail(run, "%s: actual %llu", word->key, (unsigned long long)actual);
        }
    }
    ready(run, line);
}

void op_trim_recycler(Run *run, Line *line, Outcome *outcome) {
    ArenaRecycler *recycler = recycler_operand(run, line);
    size_t keep = (size_t)option_number(run, line, "keep", 0);
    if (ready(run, line)) {
        outcome->number = recycler_trim(recycler, keep);
        outcome->has_number = true;
    }
}

void op_destroy_recycler(Run *run, Line *line, Outcome *outcome) {
    ArenaRecycler *recycler = recycler_operand(run, line);
    if (ready(run, line)) {
        Thing *thing = thing_of_recycler(run, recycler);
        outcome->status = recycler_destroy(recycler);
        if (thing != NULL) {
            thing->live = false;
        }
    }
}

void audit_recyclers(Run *run) {
    for (const Thing *thing = run->things; thing != NULL; thing = thing->next) {
        CorralStatus status =
            thing->kind == THING_RECYCLER && thing->live ? recycler_check(thing->recycler) : CORRAL_OK;
        if (status != CORRAL_OK) {
            run_fail(run, "recycler %s: recycler_check says %s", thing->name, arena_status_name(status));
        }
    }
}

void finish_recyclers(Run *run) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_RECYCLER && thing->live && recycler_destroy(thing->recycler) != CORRAL_OK) {
            run_fail(run, "recycler %s cannot be destroyed", thing->name);
        }
    }
}
