/* SPDX-License-Identifier: Apache-2.0
 * engine.c - runs the lines of a vector, and verifies around each what must hold whatever the line says. */
#include "vectors/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/poison.h"
#include "vectors/structures.h"

/* --- what must hold at any time ----------------------------------------------------------------------------------- */

static bool accessors_agree(const Arena *arena, const ArenaStats *stats) {
    return arena_total_allocated(arena) == stats->allocated && arena_total_used(arena) == stats->used &&
           arena_waste(arena) == stats->waste && arena_chunk_count(arena) == stats->chunks &&
           arena_allocation_count(arena) == stats->count && arena_peak_used(arena) == stats->peak_used;
}

/* Free space of a zeroed arena is zero. A poisoning one would not let it be read. */
static void audit_free_space(Run *run, const Thing *thing, size_t chunks) {
    for (size_t index = 0, found = 0; found < chunks; index++) {
        void *base = NULL;
        size_t capacity = 0, used = 0;
        found += arena_chunk(thing->arena, index, &base, &capacity, &used) == CORRAL_OK ? 1 : 0;
        const unsigned char *bytes = base;
        if (used < capacity && (bytes[used] != 0 || memcmp(bytes + used, bytes + used + 1, capacity - used - 1) != 0)) {
            run_fail(run, "arena %s: free space of chunk %zu is not zero", thing->name, index);
        }
    }
}

static void audit_arena(Run *run, Thing *thing) {
    ArenaStats stats;
    run->auditing = true;
    CorralStatus status = arena_check(thing->arena);
    run->auditing = false;
    thing->damaged = thing->damaged && status == CORRAL_DAMAGED;
    if (thing->damaged) {
        status = CORRAL_OK;
    }
    if (status != CORRAL_OK || arena_stats(thing->arena, &stats) != CORRAL_OK) {
        run_fail(run, "arena %s: arena_check says %s", thing->name, arena_status_name(status));
        return;
    }
    if (stats.allocated != stats.used + stats.waste || stats.used > stats.peak_used ||
        stats.allocated > stats.peak_allocated) {
        run_fail(run, "arena %s: allocated=%" PRIu64 " used=%" PRIu64 " waste=%" PRIu64 " do not add up", thing->name,
                 stats.allocated, stats.used, stats.waste);
    }
    if (!accessors_agree(thing->arena, &stats)) {
        run_fail(run, "arena %s: arena_stats and the functions for single statistics differ", thing->name);
    }
    const ArenaControl *control = (const ArenaControl *)(const void *)thing->arena;
    if (thing->recorder != NULL && thing->recorder->held != stats.allocated) {
        run_fail(run, "arena %s: the observer was told of %" PRIu64 " bytes of chunks", thing->name,
                 thing->recorder->held);
    }
    if ((run->poison || thing->recorder != NULL || arena_is_debug(thing->arena)) && control->limit != control->cursor) {
        run_fail(run, "arena %s: the window is open", thing->name);
    }
    if (thing->zeroed && !run->poison && !arena_is_debug(thing->arena)) {
        audit_free_space(run, thing, stats.chunks);
    }
}

static void audit_pool(Run *run, const Thing *thing) {
    PoolStats stats;
    if (pool_stats(thing->pool, &stats) != CORRAL_OK ||
        stats.reserved != stats.in_use + stats.free_bytes + stats.metadata || stats.in_use > stats.peak_in_use ||
        stats.reserved > stats.peak_reserved) {
        run_fail(run,
                 "pool %s: reserved=%" PRIu64 " in_use=%" PRIu64 " free_bytes=%" PRIu64 " metadata=%" PRIu64
                 " do not add up",
                 thing->name, stats.reserved, stats.in_use, stats.free_bytes, stats.metadata);
    }
    if (stats.reserved > run->fake.live_bytes) {
        run_fail(run, "pool %s: reserved=%" PRIu64 ", but live pages=%zu", thing->name, stats.reserved,
                 run->fake.live_bytes);
    }
}

void run_audit(Run *run) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_ARENA && thing->live) {
            audit_arena(run, thing);
        } else if (thing->kind == THING_POOL && thing->live) {
            audit_pool(run, thing);
        }
    }
    audit_recyclers(run);
    audit_slots(run);
    audit_lifetimes(run);
    if (!foreign_memory_is_untouched()) {
        run_fail(run, "memory that belongs to no arena was written to");
        memset(foreign_memory(), 0, sizeof(ArenaControl));
    }
}

/* --- a failed operation changes nothing --------------------------------------------------------------------------- */

static void remember(Run *run) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_ARENA && thing->live) {
            arena_stats(thing->arena, &thing->stats);
            memcpy(&thing->control, thing->arena, sizeof thing->control);
        } else if (thing->kind == THING_POOL && thing->live) {
            pool_stats(thing->pool, &thing->pool_stats);
        }
    }
}

/* An arena that fails may have made its pool reserve memory; a pool that fails must hold the same blocks as before. */
static void verify_unchanged(Run *run, const Outcome *outcome) {
    for (const Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_ARENA && thing->live) {
            ArenaStats stats;
            ArenaControl control;
            arena_stats(thing->arena, &stats);
            memcpy(&control, thing->arena, sizeof control);
            control.status = thing->control.status;
            if (memcmp(&stats, &thing->stats, sizeof stats) != 0 ||
                memcmp(&control, &thing->control, sizeof control) != 0) {
                run_fail(run, "the operation failed with %s and has changed arena %s",
                         arena_status_name(outcome->status), thing->name);
            }
        } else if (thing->kind == THING_POOL && thing->live && thing->pool == outcome->pool) {
            PoolStats stats;
            pool_stats(thing->pool, &stats);
            if (stats.in_use != thing->pool_stats.in_use || stats.live_blocks != thing->pool_stats.live_blocks) {
                run_fail(run, "the operation failed with %s and has changed pool %s",
                         arena_status_name(outcome->status), thing->name);
            }
        }
    }
    run_audit(run);
    watch_verify(run, NULL);
}

/* --- one operation ------------------------------------------------------------------------------------------------ */

static void unuse_words(Line *line, size_t from) {
    for (size_t i = from; i < line->count; i++) {
        line->words[i].used = false;
    }
}

static bool failure_fired_since(const Run *run, size_t calls_before) {
    size_t first = run->fake.fail_at;
    return first != 0 && run->fake.reserve_calls > calls_before && run->fake.reserve_calls >= first &&
           (run->mode == FAIL_FROM || calls_before < first);
}

static void verify_zeroed_block(Run *run, const Outcome *outcome) {
    const Thing *thing = outcome->arena != NULL ? thing_of_arena(run, outcome->arena) : NULL;
    const unsigned char *bytes = outcome->pointer;
    if (thing != NULL && thing->zeroed && (bytes[0] != 0 || memcmp(bytes, bytes + 1, outcome->size - 1) != 0)) {
        run_fail(run, "a block of a zeroed arena is not zero");
    }
}

/* New blocks hold a byte of their own: 1 .. 250. */
static void adopt_block(Run *run, const Outcome *outcome) {
    run->blocks_made++;
    if (outcome->pointer == NULL || outcome->size == 0) {
        return;
    }
    if (!outcome->keep_bytes) {
        verify_zeroed_block(run, outcome);
        memset(outcome->pointer, (int)(run->blocks_made % 250 + 1), outcome->size);
    } else {
        memory_open_filled(outcome->pointer, outcome->size); /* the vector looks at what is there, written or not */
    }
    const void *owner = outcome->arena != NULL ? (const void *)outcome->arena : outcome->pool;
    watch_block(run, owner, outcome->pointer, outcome->size);
}

/* The names that the line would have bound stand for something missing from now on. */
static void bind_missing(Run *run, Line *line) {
    for (Word *word; (word = line_result(line)) != NULL;) {
        if (word->text[0] >= 'a' && word->text[0] <= 'z') {
            thing_bind(run, word->text, THING_MISSING);
        }
    }
    const char *verb = line->words[0].text;
    bool creates = strcmp(verb, "pool") == 0 || strcmp(verb, "arena") == 0 || strcmp(verb, "child") == 0 ||
                   strcmp(verb, "string") == 0 || strcmp(verb, "recycler") == 0 || strcmp(verb, "borrow") == 0 ||
                   strcmp(verb, "slots") == 0 || strcmp(verb, "open_file") == 0 || strcmp(verb, "lifetimes") == 0 ||
                   strcmp(verb, "objects") == 0 || strcmp(verb, "stack") == 0;
    if (creates && line->count > 1) {
        thing_bind(run, line->words[1].text, THING_MISSING);
    } else if (strcmp(verb, "seal") == 0 && line->count > 2) {
        thing_bind(run, line->words[2].text, THING_MISSING);
    }
}

/* After a rewind that was skipped an arena may be full where it should not be. */
static bool lacks_what_was_not_taken_back(const Run *run, const Line *line, CorralStatus status) {
    bool succeeds = line->arrow == line->count || line->words[line->arrow].text[0] != '!';
    return run->derailed && succeeds && (status == CORRAL_ARENA_FULL || status == CORRAL_LIMIT_REACHED);
}

/* Damage that operations on the arenas have found and repaired so far. */
static size_t damages_found(const Run *run) {
    size_t count = 0;
    for (const Thing *thing = run->things; thing != NULL; thing = thing->next) {
        count += thing->kind == THING_ARENA && thing->live ? arena_damage_count(thing->arena) : 0;
    }
    return count;
}

/* Runs the operation whose verb is words[first] once. */
static void run_once(Run *run, Line *line, Operation *operation, size_t first) {
    Outcome outcome = {0};
    unuse_words(line, first + 1);
    run->skip = false;
    remember(run);
    size_t calls_before = run->fake.reserve_calls;
    size_t damages = damages_found(run);
    operation(run, line, &outcome);
    if (run->failed) {
        return;
    }
    if (run->skip) {
        bind_missing(run, line);
        return;
    }
    if (outcome.status == CORRAL_OK && damages_found(run) != damages) {
        outcome = (Outcome){.status = CORRAL_DAMAGED, .arena = outcome.arena}; /* as in Java, the block is lost */
    }
    if (outcome.status != CORRAL_OK && outcome.status != CORRAL_DAMAGED) { /* which says that it has completed */
        verify_unchanged(run, &outcome);
    }
    bool fired = failure_fired_since(run, calls_before);
    run->injected = run->injected || fired;
    run->derailed = run->derailed || (fired && outcome.makes_do);
    if (outcome.status == CORRAL_NO_MEMORY && fired) {
        if (run->mode == FAIL_ONCE) {
            run_once(run, line, operation, first);
        } else {
            run->derailed = true;
            bind_missing(run, line);
        }
        return;
    }
    if (lacks_what_was_not_taken_back(run, line, outcome.status)) {
        bind_missing(run, line);
        return;
    }
    run->operations++;
    if (outcome.status == CORRAL_OK && outcome.is_block) {
        adopt_block(run, &outcome);
    }
    compare_outcome(run, line, &outcome);
    Word *unused = line_unused(line, false);
    if (unused != NULL && !run->failed) {
        run_fail(run, "not understood: %s", unused->text);
    }
}

void run_line(Run *run, Line *line) {
    size_t first = 0;
    uint64_t times = 1;
    line->words[0].used = true;
    if (strcmp(line->words[0].text, "repeat") == 0) {
        if (line->arrow < 3 || !parse_u64(line->words[1].text, &times) || times == 0) {
            run_fail(run, "repeat is followed by a number and an operation");
            return;
        }
        first = 2;
        line->words[1].used = line->words[2].used = true;
    }
    Operation *operation = operation_find(line->words[first].text);
    if (operation == NULL) {
        run_fail(run, "unknown operation: %s", line->words[first].text);
        return;
    }
    for (uint64_t i = 0; i < times && !run->failed; i++) {
        run_once(run, line, operation, first);
    }
    if (!run->again) {
        run_audit(run);
    }
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

/* Nothing is left in a pool without arenas and blocks. */
static void finish_pool(Run *run, Thing *thing) {
    PoolStats stats;
    pool_stats(thing->pool, &stats);
    if (stats.live_blocks != 0) {
        run_fail(run, "pool %s: live_blocks=%" PRIu64 " after everything was destroyed", thing->name,
                 stats.live_blocks);
    }
    CorralStatus checked = pool_check(thing->pool);
    CorralStatus destroyed = pool_destroy(thing->pool);
    thing->live = false;
    if (checked != CORRAL_OK || destroyed != CORRAL_OK) {
        run_fail(run, "pool %s: pool_check says %s, pool_destroy %s", thing->name, arena_status_name(checked),
                 arena_status_name(destroyed));
    }
}

static void finish_blocks(Run *run) {
    watch_verify(run, NULL);
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_POOL && thing->live) {
            for (const Block *block = run->blocks; block != NULL; block = block->next) {
                if (block->owner == thing->pool && pool_free(thing->pool, block->pointer) != CORRAL_OK) {
                    run_fail(run, "pool %s refuses to free a live block", thing->name);
                }
            }
        }
    }
}

void run_finish(Run *run) {
    run->source = "(the end of the vector)";
    run_audit(run);
    finish_blocks(run);
    finish_slots(run);
    finish_objects(run);
    finish_stacks(run);
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_ARENA && thing->live &&
            arena_destroy(thing->arena) != (thing->damaged ? CORRAL_DAMAGED : CORRAL_OK)) {
            run_fail(run, "arena %s cannot be destroyed", thing->name);
        }
    }
    finish_recyclers(run);
    finish_files(run);
    finish_lifetimes(run);
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_POOL && thing->live) {
            finish_pool(run, thing);
        }
    }
    watch_close(run);
    if (run->fake.live_bytes != 0) {
        run_fail(run, "live pages: %zu bytes in %zu reservations", run->fake.live_bytes, run->fake.live_count);
    }
    things_free(run);
    recorders_free(run);
}
