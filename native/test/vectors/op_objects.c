/* SPDX-License-Identifier: Apache-2.0
 * op_objects.c - pools of objects. References are numbers. */
#include "corral/object_pool.h"

#include <string.h>

#include "vectors/operations.h"
#include "vectors/structures.h"

static const struct {
    const char *key;
    size_t offset; /* of a uint64_t in ObjectPoolStats */
} fields[] = {
    {"size", offsetof(ObjectPoolStats, object_size)},  {"live", offsetof(ObjectPoolStats, live)},
    {"peak", offsetof(ObjectPoolStats, peak_live)},    {"capacity", offsetof(ObjectPoolStats, capacity)},
    {"blocks", offsetof(ObjectPoolStats, blocks)},     {"allocated", offsetof(ObjectPoolStats, allocated)},
    {"acquired", offsetof(ObjectPoolStats, acquired)}, {"released", offsetof(ObjectPoolStats, released)},
};

/* NULL for `null`, foreign memory for `foreign`. */
static ObjectPool *objects_operand(Run *run, Line *line) {
    const Word *word = word_operand(run, line);
    if (strcmp(word->text, "null") == 0 || strcmp(word->text, "foreign") == 0) {
        return word->text[0] == 'f' ? (ObjectPool *)(void *)foreign_memory() : NULL;
    }
    const Thing *thing = thing_find(run, word->text);
    if (thing != NULL && thing->kind == THING_OBJECTS) {
        return thing->objects;
    }
    run->skip = run->skip || (thing != NULL && thing->kind == THING_MISSING);
    if (!run->skip) {
        run_fail(run, "not a pool of objects: %s", word->text);
    }
    return NULL;
}

static void brings(Outcome *outcome, uint64_t number, CorralStatus status) {
    outcome->status = status;
    outcome->number = number;
    outcome->has_number = status == CORRAL_OK;
}

/* --- life --------------------------------------------------------------------------------------------------------- */

void op_objects(Run *run, Line *line, Outcome *outcome) {
    const Word *name = word_operand(run, line), *parent = line_option(line, "parent");
    Arena *arena = parent != NULL ? arena_of_word(run, parent) : NULL;
    ObjectPoolConfig config = object_pool_config_default((size_t)option_number(run, line, "size", 16));
    config.name = name->text;
    config.alignment = (size_t)option_number(run, line, "align", config.alignment);
    config.largest_block = (size_t)option_number(run, line, "largest", config.largest_block);
    config.zeroed = option_number(run, line, "zeroed", 0) != 0;
    config.status = &outcome->status;
    if (!ready(run, line)) {
        return;
    }
    ObjectPool *objects = object_pool_create_with(arena, &config);
    if ((objects != NULL) != (outcome->status == CORRAL_OK)) {
        run_fail(run, "a pool of objects and a status that says no, or none and one that says yes");
    }
    if (objects != NULL) {
        Thing *thing = thing_bind(run, name->text, THING_OBJECTS);
        thing->objects = objects;
        thing->live = true;
    }
}

void op_end_objects(Run *run, Line *line, Outcome *outcome) {
    ObjectPool *objects = objects_operand(run, line);
    if (ready(run, line)) {
        outcome->status = object_pool_destroy(objects);
    }
}

void op_clear_objects(Run *run, Line *line, Outcome *outcome) {
    ObjectPool *objects = objects_operand(run, line);
    if (ready(run, line)) {
        outcome->status = object_pool_clear(objects);
    }
}

void op_trim_objects(Run *run, Line *line, Outcome *outcome) {
    ObjectPool *objects = objects_operand(run, line);
    size_t keep = (size_t)option_number(run, line, "keep", 0);
    if (ready(run, line)) {
        outcome->status = object_pool_trim(objects, keep);
    }
}

/* --- objects ------------------------------------------------------------------------------------------------------ */

void op_acquire(Run *run, Line *line, Outcome *outcome) {
    ObjectPool *objects = objects_operand(run, line);
    if (ready(run, line)) {
        ArenaRef ref = object_pool_acquire_ref(objects);
        brings(outcome, ref, ref != 0 ? CORRAL_OK : object_pool_last_status(objects));
        outcome->makes_do = ref != 0; /* with a smaller block, when a page request has failed */
    }
}

static ArenaRef object_operand(Run *run, Line *line) {
    ArenaRef ref = number_operand(run, line);
    return ref + option_number(run, line, "plus", 0);
}

void op_release(Run *run, Line *line, Outcome *outcome) {
    ObjectPool *objects = objects_operand(run, line);
    ArenaRef ref = object_operand(run, line);
    if (ready(run, line)) {
        outcome->status = object_pool_release_ref(objects, ref);
    }
}

void op_is_live(Run *run, Line *line, Outcome *outcome) {
    ObjectPool *objects = objects_operand(run, line);
    ArenaRef ref = object_operand(run, line);
    if (ready(run, line)) {
        const void *object = arena_resolve(object_pool_arena(objects), ref);
        brings(outcome, object != NULL && object_pool_is_live(objects, object) ? 1 : 0, CORRAL_OK);
    }
}

void op_next_object(Run *run, Line *line, Outcome *outcome) {
    ObjectPool *objects = objects_operand(run, line);
    ArenaRef ref = object_operand(run, line);
    if (ready(run, line)) {
        const void *at = ref != 0 ? arena_resolve(object_pool_arena(objects), ref) : NULL;
        const void *next = ref == 0 || at != NULL ? object_pool_next(objects, at) : NULL;
        bool known = ref == 0 || (at != NULL && object_pool_ref(objects, at) != 0);
        brings(outcome, next != NULL ? object_pool_ref(objects, next) : 0,
               known        ? CORRAL_OK
               : at == NULL ? CORRAL_STALE_REF
                            : CORRAL_FOREIGN_POINTER);
    }
}

/* The arena of a pool of objects takes references of released objects as well: so damage is done. */
void op_put_object(Run *run, Line *line, Outcome *outcome) {
    ObjectPool *objects = objects_operand(run, line);
    ArenaRef ref = object_operand(run, line);
    uint32_t value = (uint32_t)number_operand(run, line);
    if (ready(run, line)) {
        void *at = arena_resolve(object_pool_arena(objects), ref);
        outcome->status = at != NULL ? CORRAL_OK : CORRAL_STALE_REF;
        if (at != NULL) {
            memcpy(at, &value, sizeof value);
        }
    }
}

void op_get_object(Run *run, Line *line, Outcome *outcome) {
    ObjectPool *objects = objects_operand(run, line);
    ArenaRef ref = object_operand(run, line);
    if (ready(run, line)) {
        uint32_t value = 0;
        const void *at = arena_resolve(object_pool_arena(objects), ref);
        if (at != NULL) {
            memcpy(&value, at, sizeof value);
        }
        brings(outcome, value, at != NULL ? CORRAL_OK : CORRAL_STALE_REF);
    }
}

void op_expect_objects(Run *run, Line *line, Outcome *outcome) {
    ObjectPool *objects = objects_operand(run, line);
    ObjectPoolStats stats;
    outcome->status = run->skip ? CORRAL_OK : object_pool_stats(objects, &stats);
    for (Word *word = line_unused(line, true); word != NULL && word->key[0] != '\0' && !run->skip;
         word = line_unused(line, true)) {
        uint64_t actual = UINT64_MAX;
        word->used = true;
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
            if (strcmp(fields[i].key, word->key) == 0) {
                memcpy(&actual, (const char *)&stats + fields[i].offset, sizeof actual);
            }
        }
        if (outcome->status == CORRAL_OK && actual != number_of(run, word->text) && !run->derailed) {
            run_fail(run, "%s: actual %llu", word->key, (unsigned long long)actual);
        }
    }
    ready(run, line);
}

/* --- around every line -------------------------------------------------------------------------------------------- */

void finish_objects(Run *run) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_OBJECTS) {
            CorralStatus status = object_pool_destroy(thing->objects);
            if (status != CORRAL_OK && status != CORRAL_INVALID_ARENA) { /* it has ended, perhaps with its parent */
                run_fail(run, "pool of objects %s: %s", thing->name, arena_status_name(status));
            }
            thing->live = false;
        }
    }
}

void op_check_objects(Run *run, Line *line, Outcome *outcome) {
    ObjectPool *objects = objects_operand(run, line);
    if (ready(run, line)) {
        outcome->status = object_pool_check(objects);
    }
}
