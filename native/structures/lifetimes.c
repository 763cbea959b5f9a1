/* SPDX-License-Identifier: Apache-2.0
 * lifetimes.c - a process arena, a unit arena and a pool behind one interface.
 * Layer: structures. May include: arena/, mempool/, base/. */
#include "corral/lifetimes.h"

#include <string.h>

#include "arena/arena_parts.h"
#include "arena/release_parts.h"
#include "base/check.h"
#include "mempool/pool_extension.h"
#include "structures/lifetimes_parts.h"

#define KIND_BYTES (LIFETIMES_KINDS_MAX * sizeof(LifetimeKind))

/* --- life --------------------------------------------------------------------------------------------------------- */

LifetimesConfig lifetimes_config_default(void) {
    LifetimesConfig config = {
        .name = "lifetimes",
        .pool = pool_config_default(),
        .process = arena_config_default(),
        .unit = arena_config_default(),
    };
    config.pool.name = "lifetimes";
    return config;
}

static CorralStatus given_check(const LifetimesConfig *config) {
    if (config->given_pool != NULL && !pool_is_valid(config->given_pool)) {
        return CORRAL_INVALID_POOL;
    }
    const Arena *process = config->given_process;
    const Arena *unit = config->given_unit;
    if (process == NULL && unit == NULL) {
        return config->process.parent == NULL && config->unit.parent == NULL ? CORRAL_OK : CORRAL_INVALID_ARGUMENT;
    }
    if (!arena_is_valid(process) || !arena_is_valid(unit)) {
        return CORRAL_INVALID_ARENA;
    }
    bool fits = process != unit && config->given_pool != NULL && process->pool == config->given_pool &&
                unit->pool == config->given_pool;
    return fits ? CORRAL_OK : CORRAL_INVALID_ARGUMENT;
}

static CorralStatus make_arena(Lifetimes *made, const ArenaConfig *given, const char *name, Arena **arena) {
    CorralStatus status = CORRAL_OK;
    ArenaConfig config = *given;
    config.name = name;
    config.status = &status;
    *arena = arena_create_with(made->head.pool, &config); /* before `status` is read */
    return status;
}

/* A kind that is there twice would shift the numbers of those behind it. */
static CorralStatus define_policy(Lifetimes *made, const LifetimePolicy *policy, size_t count) {
    if (policy == NULL && count != 0) {
        return CORRAL_INVALID_ARGUMENT;
    }
    for (size_t i = 0; i < count; i++) {
        int kind = lifetimes_kind(made, policy[i].kind, policy[i].rule);
        if (kind < 0) {
            return (CorralStatus)made->head.status;
        }
        if ((size_t)kind != i) {
            return CORRAL_INVALID_ARGUMENT;
        }
    }
    return CORRAL_OK;
}

static CorralStatus make_parts(Lifetimes *made, const LifetimesConfig *config) {
    made->kinds = pool_books_take(made->head.pool, KIND_BYTES);
    if (made->kinds == NULL) {
        return CORRAL_NO_MEMORY;
    }
    CorralStatus status = define_policy(made, config->policy, config->policy_count);
    if (status != CORRAL_OK) {
        return status;
    }
    made->process = config->given_process;
    made->unit = config->given_unit;
    made->owns_arenas = made->process == NULL;
    if (!made->owns_arenas) {
        return CORRAL_OK;
    }
    status = make_arena(made, &config->process, "process", &made->process);
    return status == CORRAL_OK ? make_arena(made, &config->unit, "unit", &made->unit) : status;
}

/* Gives back what there is; the pool stays. */
static void end_parts(Lifetimes *lifetimes) {
    Pool *pool = lifetimes->head.pool;
    if (lifetimes->owns_arenas) {
        (void)arena_destroy(lifetimes->unit);
        (void)arena_destroy(lifetimes->process);
    }
    strings_give(&lifetimes->strings, pool);
    pool_books_give(pool, lifetimes->kinds, KIND_BYTES);
    structure_give(lifetimes);
}

static CorralStatus build_in(Pool *pool, const LifetimesConfig *config, Lifetimes **lifetimes) {
    Lifetimes *made = structure_take(pool, LIFETIMES_MAGIC);
    if (made == NULL) {
        return CORRAL_NO_MEMORY;
    }
    made->context = LIFETIME_UNIT;
    strncpy(made->name, config->name != NULL ? config->name : "lifetimes", ARENA_NAME_MAX);
    CorralStatus status = make_parts(made, config);
    if (status != CORRAL_OK) {
        end_parts(made);
        return status;
    }
    *lifetimes = made;
    return CORRAL_OK;
}

static CorralStatus build(const LifetimesConfig *config, Lifetimes **lifetimes) {
    CorralStatus status = given_check(config);
    if (status != CORRAL_OK) {
        return status;
    }
    if (config->given_pool != NULL) {
        return build_in(config->given_pool, config, lifetimes);
    }
    PoolConfig pool_config = config->pool;
    pool_config.status = &status;
    Pool *pool = pool_create_with(&pool_config);
    if (pool == NULL) {
        return status;
    }
    status = build_in(pool, config, lifetimes);
    if (status != CORRAL_OK) {
        (void)pool_destroy(pool);
        return status;
    }
    (*lifetimes)->owns_pool = true;
    return CORRAL_OK;
}

Lifetimes *lifetimes_create_with(const LifetimesConfig *config) {
    LifetimesConfig defaults = lifetimes_config_default();
    if (config == NULL) {
        config = &defaults;
    }
    Lifetimes *lifetimes = NULL;
    CorralStatus status = build(config, &lifetimes);
    if (config->status != NULL) {
        *config->status = status;
    }
    return lifetimes;
}

Lifetimes *lifetimes_create(void) {
    return lifetimes_create_with(NULL);
}

CorralStatus lifetimes_destroy(Lifetimes *lifetimes) {
    if (!lifetimes_are_valid(lifetimes)) {
        return CORRAL_INVALID_ARENA;
    }
    if (lifetimes->owns_pool) {
        return pool_destroy(lifetimes->head.pool); /* which calls what the arenas have registered */
    }
    if (lifetimes->owns_arenas) {
        CorralStatus busy = family_busy_below(lifetimes->unit);
        busy = busy == CORRAL_OK ? family_busy_below(lifetimes->process) : busy;
        if (busy != CORRAL_OK) {
            return structure_fail(lifetimes, busy);
        }
    }
    end_parts(lifetimes);
    return CORRAL_OK;
}

Pool *lifetimes_pool(Lifetimes *lifetimes) {
    return lifetimes_are_valid(lifetimes) ? lifetimes->head.pool : NULL;
}

Arena *lifetimes_arena(Lifetimes *lifetimes, Lifetime lifetime) {
    if (!lifetimes_are_valid(lifetimes) || (lifetime != LIFETIME_PROCESS && lifetime != LIFETIME_UNIT)) {
        return NULL;
    }
    return lifetime == LIFETIME_PROCESS ? lifetimes->process : lifetimes->unit;
}

CorralStatus lifetimes_last_status(const Lifetimes *lifetimes) {
    return lifetimes_are_valid(lifetimes) ? (CorralStatus)lifetimes->head.status : CORRAL_INVALID_ARENA;
}

/* --- objects ------------------------------------------------------------------------------------------------------ */

/* As Java does it for what it allocates. */
static void count_block(Lifetimes *lifetimes, Lifetime lifetime, int kind, size_t size) {
    if (lifetime == LIFETIME_UNKNOWN) {
        lifetimes->unknown.allocations++;
        lifetimes->unknown.bytes += size;
    }
    if (kind >= 0) {
        LifetimeCount *count = &lifetimes->kinds[kind].count[lifetime];
        count->allocations++;
        count->bytes += size;
    }
}

static void *alloc(Lifetimes *lifetimes, Lifetime lifetime, int kind, size_t size) {
    void *block = NULL;
    CorralStatus status = CORRAL_INVALID_ARGUMENT;
    if (lifetime == LIFETIME_UNKNOWN) {
        status = pool_acquire(lifetimes->head.pool, size, POOL_ALIGNMENT, &block);
    } else if (lifetime == LIFETIME_PROCESS || lifetime == LIFETIME_UNIT) {
        Arena *arena = lifetimes_arena(lifetimes, lifetime);
        bool aligned = arena->control.align_mask + 1 == ARENA_ALIGNMENT; /* a given arena may have 8 */
        block = aligned ? arena_alloc(arena, size) : arena_alloc_aligned(arena, size, ARENA_ALIGNMENT);
        status = block != NULL ? CORRAL_OK : arena_last_status(arena);
    }
    if (status != CORRAL_OK) {
        structure_fail(lifetimes, status);
        return NULL;
    }
    count_block(lifetimes, lifetime, kind, size);
    return block;
}

void *lifetimes_alloc(Lifetimes *lifetimes, Lifetime lifetime, size_t size) {
    return lifetimes_are_valid(lifetimes) ? alloc(lifetimes, lifetime, -1, size) : NULL;
}

CorralStatus lifetimes_free(Lifetimes *lifetimes, void *block) {
    if (!lifetimes_are_valid(lifetimes)) {
        return CORRAL_INVALID_ARENA;
    }
    CorralStatus status = pool_free(lifetimes->head.pool, block);
    if (status != CORRAL_OK) {
        return structure_fail(lifetimes, status);
    }
    lifetimes->freed += block != NULL ? 1 : 0;
    return CORRAL_OK;
}

UnitNote lifetimes_note_unit(const Lifetimes *lifetimes) {
    return (UnitNote){
        .used = arena_total_used(lifetimes->unit),
        .peak = arena_peak_used(lifetimes->unit),
        .allocations = arena_allocation_count(lifetimes->unit),
    };
}

/* As Java does it for what it resets. */
static void unit_ended(Lifetimes *lifetimes, const UnitNote *note) {
    if (arena_is_valid(lifetimes->unit)) {
        lifetimes->unit->peak_used = 0; /* of the next unit */
    }
    lifetimes->units++;
    lifetimes->last_unit = note->peak;
    lifetimes->peak_unit = note->peak > lifetimes->peak_unit ? note->peak : lifetimes->peak_unit;
    lifetimes->ended_units.allocations += note->allocations;
    lifetimes->ended_units.bytes += note->used;
}

CorralStatus lifetimes_end_unit(Lifetimes *lifetimes) {
    if (!lifetimes_are_valid(lifetimes)) {
        return CORRAL_INVALID_ARENA;
    }
    CorralStatus status = release_run(lifetimes->unit, 0); /* what callbacks allocate is the unit's, too */
    UnitNote note = lifetimes_note_unit(lifetimes);
    status = status == CORRAL_OK ? arena_reset(lifetimes->unit) : status;
    if (status != CORRAL_OK && status != CORRAL_DAMAGED) {
        return structure_fail(lifetimes, status);
    }
    unit_ended(lifetimes, &note);
    return status;
}

const char *lifetimes_intern(Lifetimes *lifetimes, const char *text, size_t length) {
    if (!lifetimes_are_valid(lifetimes)) {
        return NULL;
    }
    const char *interned = NULL;
    CorralStatus status = text == NULL && length != 0          ? CORRAL_INVALID_ARGUMENT
                          : arena_is_valid(lifetimes->process) ? CORRAL_OK
                                                               : CORRAL_INVALID_ARENA;
    if (status == CORRAL_OK) {
        status = strings_intern(&lifetimes->strings, lifetimes->process, text != NULL ? text : "", length, &interned);
    }
    if (status != CORRAL_OK) {
        structure_fail(lifetimes, status);
    }
    return interned;
}

/* --- kinds -------------------------------------------------------------------------------------------------------- */

static int find_kind(const Lifetimes *lifetimes, const char *name) {
    for (uint32_t kind = 0; kind < lifetimes->kind_count; kind++) {
        if (strcmp(lifetimes->kinds[kind].name, name) == 0) {
            return (int)kind;
        }
    }
    return -1;
}

int lifetimes_kind(Lifetimes *lifetimes, const char *name, LifetimeRule rule) {
    if (!lifetimes_are_valid(lifetimes)) {
        return -1;
    }
    bool named = name != NULL && name[0] != '\0' && strlen(name) <= LIFETIMES_KIND_NAME_MAX;
    bool ruled = (unsigned)rule <= LIFETIME_RULE_BY_CONTEXT;
    int known = named ? find_kind(lifetimes, name) : -1;
    if (!named || !ruled || (known >= 0 && lifetimes->kinds[known].rule != (uint32_t)rule)) {
        structure_fail(lifetimes, CORRAL_INVALID_ARGUMENT);
        return -1;
    }
    if (known >= 0) {
        return known;
    }
    if (lifetimes->kind_count == LIFETIMES_KINDS_MAX) {
        structure_fail(lifetimes, CORRAL_LIMIT_REACHED);
        return -1;
    }
    LifetimeKind *kind = &lifetimes->kinds[lifetimes->kind_count];
    memcpy(kind->name, name, strlen(name));
    kind->rule = (uint32_t)rule;
    return (int)lifetimes->kind_count++;
}

int lifetimes_kind_named(const Lifetimes *lifetimes, const char *name) {
    return lifetimes_are_valid(lifetimes) && name != NULL ? find_kind(lifetimes, name) : -1;
}

CorralStatus lifetimes_set_context(Lifetimes *lifetimes, Lifetime context) {
    if (!lifetimes_are_valid(lifetimes)) {
        return CORRAL_INVALID_ARENA;
    }
    if (context != LIFETIME_PROCESS && context != LIFETIME_UNIT) {
        return structure_fail(lifetimes, CORRAL_INVALID_ARGUMENT);
    }
    lifetimes->context = (uint32_t)context;
    return CORRAL_OK;
}

static bool is_kind(const Lifetimes *lifetimes, int kind) {
    return kind >= 0 && (uint32_t)kind < lifetimes->kind_count;
}

int lifetimes_decide(const Lifetimes *lifetimes, int kind) {
    static_assert((int)LIFETIME_RULE_PROCESS == (int)LIFETIME_PROCESS &&
                      (int)LIFETIME_RULE_UNIT == (int)LIFETIME_UNIT &&
                      (int)LIFETIME_RULE_UNKNOWN == (int)LIFETIME_UNKNOWN,
                  "these rules name the lifetime");
    if (!lifetimes_are_valid(lifetimes) || !is_kind(lifetimes, kind)) {
        return -1;
    }
    uint32_t rule = lifetimes->kinds[kind].rule;
    return (int)(rule == LIFETIME_RULE_BY_CONTEXT ? lifetimes->context : rule);
}

void *lifetimes_alloc_kind(Lifetimes *lifetimes, int kind, size_t size) {
    if (!lifetimes_are_valid(lifetimes)) {
        return NULL;
    }
    int lifetime = lifetimes_decide(lifetimes, kind);
    if (lifetime < 0) {
        structure_fail(lifetimes, CORRAL_INVALID_ARGUMENT);
        return NULL;
    }
    return alloc(lifetimes, (Lifetime)lifetime, kind, size);
}

CorralStatus lifetimes_kind_stats(const Lifetimes *lifetimes, int kind, LifetimeKindStats *stats) {
    if (!lifetimes_are_valid(lifetimes)) {
        return CORRAL_INVALID_ARENA;
    }
    if (stats == NULL || !is_kind(lifetimes, kind)) {
        return CORRAL_INVALID_ARGUMENT;
    }
    memcpy(stats->count, lifetimes->kinds[kind].count, sizeof stats->count);
    return CORRAL_OK;
}

/* --- checking ----------------------------------------------------------------------------------------------------- */

CorralStatus lifetimes_check(const Lifetimes *lifetimes) {
    if (!lifetimes_are_valid(lifetimes)) {
        return CORRAL_INVALID_ARENA;
    }
    bool holds = lifetimes->kind_count <= LIFETIMES_KINDS_MAX && lifetimes->last_unit <= lifetimes->peak_unit &&
                 (!arena_is_valid(lifetimes->process) || strings_hold(&lifetimes->strings, lifetimes->process));
    for (uint32_t kind = 0; holds && kind < lifetimes->kind_count; kind++) {
        holds = find_kind(lifetimes, lifetimes->kinds[kind].name) == (int)kind &&
                lifetimes->kinds[kind].rule <= LIFETIME_RULE_BY_CONTEXT;
    }
    return holds ? CORRAL_OK : CORRAL_CORRUPTED;
}
