/* SPDX-License-Identifier: Apache-2.0
 * op_slots.c - slot pools, their regions and values. Handles and regions are numbers. */
#include <stdlib.h>
#include <string.h>

#include "structures/slot_pool_parts.h"
#include "vectors/operations.h"
#include "vectors/structures.h"

#define BYTES_MAX 131072 /* of a value `bytes N`, unless it is too large for any slot pool */

typedef struct SlotField {
    const char *key;
    size_t offset; /* of a uint64_t in SlotPoolStats */
} SlotField;

static const SlotField fields[] = {
    {"live", offsetof(SlotPoolStats, live)},
    {"peak", offsetof(SlotPoolStats, peak)},
    {"inline_live", offsetof(SlotPoolStats, inline_live)},
    {"large_live", offsetof(SlotPoolStats, large_live)},
    {"large_bytes", offsetof(SlotPoolStats, large_bytes)},
    {"chunk_bytes", offsetof(SlotPoolStats, chunk_bytes)},
    {"free_bytes", offsetof(SlotPoolStats, free_bytes)},
    {"large_puts", offsetof(SlotPoolStats, large_puts)},
    {"reused", offsetof(SlotPoolStats, reused)},
    {"arena_bytes", offsetof(SlotPoolStats, arena_bytes)},
    {"slot_blocks", offsetof(SlotPoolStats, slot_blocks)},
    {"free_blocks", offsetof(SlotPoolStats, free_blocks)},
    {"regions", offsetof(SlotPoolStats, regions)},
};

/* NULL for `null`, foreign memory for `foreign`. */
static SlotPool *slots_operand(Run *run, Line *line) {
    const Word *word = word_operand(run, line);
    if (strcmp(word->text, "null") == 0 || strcmp(word->text, "foreign") == 0) {
        return word->text[0] == 'f' ? (SlotPool *)(void *)foreign_memory() : NULL;
    }
    const Thing *thing = thing_find(run, word->text);
    if (thing != NULL && thing->kind == THING_SLOTS) {
        return thing->slots;
    }
    run->skip = run->skip || (thing != NULL && thing->kind == THING_MISSING);
    if (!run->skip) {
        run_fail(run, "not a slot pool: %s", word->text);
    }
    return NULL;
}

/* A value as the grammar writes it: a number type, `bytes N` or `utf8 "text"`. */
typedef struct SlotValue {
    const char *type;
    const Word *word;
    const void *bytes;
    size_t size;
    union {
        int8_t byte;
        int16_t number;
        int32_t word;
        int64_t large;
        float real;
        double wide;
    } as;
} SlotValue;

static void read_number(Run *run, SlotValue *value) {
    char *end = NULL;
    double real = strtod(value->word->text, &end);
    int64_t whole = strtoll(value->word->text, NULL, 0);
    value->bytes = &value->as;
    if (strcmp(value->type, "byte") == 0) {
        value->as.byte = (int8_t)whole;
        value->size = sizeof value->as.byte;
    } else if (strcmp(value->type, "short") == 0) {
        value->as.number = (int16_t)whole;
        value->size = sizeof value->as.number;
    } else if (strcmp(value->type, "int") == 0) {
        value->as.word = (int32_t)whole;
        value->size = sizeof value->as.word;
    } else if (strcmp(value->type, "long") == 0) {
        value->as.large = whole;
        value->size = sizeof value->as.large;
    } else if (strcmp(value->type, "float") == 0) {
        value->as.real = (float)real;
        value->size = sizeof value->as.real;
    } else if (strcmp(value->type, "double") == 0) {
        value->as.wide = real;
        value->size = sizeof value->as.wide;
    } else {
        run_fail(run, "unknown type: %s", value->type);
    }
    if (*end != '\0') {
        run_fail(run, "not a value of type %s: %s", value->type, value->word->text);
    }
}

/* Byte i of `bytes N` is N + i. */
static void read_pattern(Run *run, SlotValue *value) {
    static unsigned char pattern[BYTES_MAX];
    value->size = (size_t)number_of(run, value->word->text);
    for (size_t i = 0; i < value->size && i < BYTES_MAX; i++) {
        pattern[i] = (unsigned char)(value->size + i);
    }
    value->bytes = pattern;
    if (value->size > BYTES_MAX && value->size <= SLOT_VALUE_MAX) {
        run_fail(run, "at most %d bytes", BYTES_MAX);
    }
}

static void value_operand(Run *run, Line *line, SlotValue *value) {
    memset(value, 0, sizeof *value);
    value->type = word_operand(run, line)->text;
    value->word = word_operand(run, line);
    if (strcmp(value->type, "utf8") == 0) {
        value->bytes = value->word->text;
        value->size = value->word->length;
    } else if (strcmp(value->type, "bytes") == 0) {
        read_pattern(run, value);
    } else {
        read_number(run, value);
    }
}

/* A refused operation has changed nothing but what waits for values. */
static void verify_same(Run *run, const SlotPool *slots, SlotPoolStats before, CorralStatus status) {
    SlotPoolStats now;
    if (status == CORRAL_OK || slot_pool_stats(slots, &now) != CORRAL_OK) {
        return;
    }
    now.slot_blocks = before.slot_blocks;
    now.free_blocks = before.free_blocks;
    now.arena_bytes = before.arena_bytes;
    if (memcmp(&now, &before, sizeof now) != 0) {
        run_fail(run, "the operation failed with %s and has changed the slot pool", arena_status_name(status));
    }
    if (slot_pool_last_status(slots) != status) {
        run_fail(run, "slot_pool_last_status says %s", arena_status_name(slot_pool_last_status(slots)));
    }
}

/* --- life --------------------------------------------------------------------------------------------------------- */

/* As slot_pool_create_with(), over an arena that is as the run wants all of them. */
static SlotPool *create_over_anchor(Run *run, Pool *pool, const SlotPoolConfig *config) {
    ArenaConfig anchor = arena_config_default();
    anchor.name = config->name;
    anchor.limit = config->limit < SIZE_MAX - 64 ? config->limit + 64 : SIZE_MAX;
    anchor.initial_size = anchor.maximum_size = 64;
    anchor.poison = run->poison;
    anchor.zeroed = run->zeroed;
    anchor.debug = run->debug;
    anchor.report = run_report;
    anchor.report_context = run;
    anchor.status = config->status;
    Arena *arena = arena_create_with(pool, &anchor);
    SlotPool *slots = NULL;
    if (arena != NULL) {
        *config->status = slot_pool_open(arena, &slots);
        if (slots == NULL) {
            arena_destroy(arena);
        }
    }
    return slots;
}

void op_slots(Run *run, Line *line, Outcome *outcome) {
    SlotPoolConfig config = slot_pool_config_default();
    config.name = word_operand(run, line)->text;
    const Word *pool_name = line_option(line, "pool"), *parent_name = line_option(line, "parent");
    Pool *pool = pool_name != NULL ? pool_operand(run, pool_name) : NULL;
    config.parent = parent_name != NULL ? arena_of_word(run, parent_name) : NULL;
    config.limit = (size_t)option_number(run, line, "limit", SIZE_MAX);
    config.status = &outcome->status;
    if (!ready(run, line)) {
        return;
    }
    bool special = run->poison || run->zeroed || run->debug;
    SlotPool *slots =
        special && parent_name == NULL ? create_over_anchor(run, pool, &config) : slot_pool_create_with(pool, &config);
    if ((slots != NULL) != (outcome->status == CORRAL_OK)) {
        run_fail(run, "a slot pool and a status that says no, or none and one that says yes");
    }
    if (slots != NULL) {
        Thing *thing = thing_bind(run, config.name, THING_SLOTS);
        thing->slots = slots;
        thing->pool = slots->head.pool;
        thing->live = true;
    }
}

void op_end_slots(Run *run, Line *line, Outcome *outcome) {
    SlotPool *slots = slots_operand(run, line);
    if (ready(run, line)) {
        outcome->status = slot_pool_destroy(slots);
    }
}

void op_region(Run *run, Line *line, Outcome *outcome) {
    SlotPool *slots = slots_operand(run, line);
    if (ready(run, line)) {
        outcome->number = slot_region_create(slots);
        outcome->has_number = outcome->number != 0;
        outcome->status = outcome->number != 0 ? CORRAL_OK : slot_pool_last_status(slots);
    }
}

void op_end_region(Run *run, Line *line, Outcome *outcome) {
    SlotPool *slots = slots_operand(run, line);
    SlotRegion region = number_operand(run, line);
    if (ready(run, line)) {
        outcome->status = slot_region_destroy(slots, region);
    }
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static SlotHandle put(SlotPool *slots, SlotRegion region, const SlotValue *value) {
    const char *type = value->type;
    return strcmp(type, "byte") == 0     ? slot_put_byte(slots, region, value->as.byte)
           : strcmp(type, "short") == 0  ? slot_put_short(slots, region, value->as.number)
           : strcmp(type, "int") == 0    ? slot_put_int(slots, region, value->as.word)
           : strcmp(type, "long") == 0   ? slot_put_long(slots, region, value->as.large)
           : strcmp(type, "float") == 0  ? slot_put_float(slots, region, value->as.real)
           : strcmp(type, "double") == 0 ? slot_put_double(slots, region, value->as.wide)
           : strcmp(type, "utf8") == 0 && strlen(value->bytes) == value->size
               ? slot_put_utf8(slots, region, value->bytes)
               : slot_put(slots, region, value->bytes, value->size);
}

void op_slot_put(Run *run, Line *line, Outcome *outcome) {
    SlotValue value;
    SlotPoolStats before;
    SlotPool *slots = slots_operand(run, line);
    value_operand(run, line, &value);
    SlotRegion region = option_number(run, line, "in", 0);
    if (!ready(run, line)) {
        return;
    }
    slot_pool_stats(slots, &before);
    outcome->number = put(slots, region, &value);
    outcome->has_number = outcome->number != 0;
    outcome->status = outcome->number != 0 ? CORRAL_OK : slot_pool_last_status(slots);
    verify_same(run, slots, before, outcome->status);
}

void op_slot_set(Run *run, Line *line, Outcome *outcome) {
    SlotValue value;
    SlotPoolStats before;
    SlotPool *slots = slots_operand(run, line);
    SlotHandle handle = number_operand(run, line);
    value_operand(run, line, &value);
    if (ready(run, line)) {
        slot_pool_stats(slots, &before);
        outcome->status = slot_set(slots, handle, value.bytes, value.size);
        verify_same(run, slots, before, outcome->status);
    }
}

/* After a set that was lost to an injected failure the value is the old one, so nothing is compared then. */
void op_slot_get(Run *run, Line *line, Outcome *outcome) {
    static unsigned char copy[BYTES_MAX];
    SlotValue value;
    SlotPool *slots = slots_operand(run, line);
    SlotHandle handle = number_operand(run, line);
    value_operand(run, line, &value);
    if (!ready(run, line)) {
        return;
    }
    size_t size = 0;
    const void *bytes = slot_bytes(slots, handle, &size);
    outcome->status = bytes != NULL ? slot_read(slots, handle, copy, value.size) : slot_pool_last_status(slots);
    bool same = outcome->status != CORRAL_OK ||
                (size == value.size && memcmp(copy, bytes, size) == 0 && memcmp(copy, value.bytes, size) == 0);
    if (!same && !run->derailed) {
        run_fail(run, "the value has other bytes");
    }
    outcome->status =
        run->derailed && outcome->status == CORRAL_INVALID_ARGUMENT ? expected_status(run, line) : outcome->status;
}

void op_slot_remove(Run *run, Line *line, Outcome *outcome) {
    SlotPool *slots = slots_operand(run, line);
    SlotHandle handle = number_operand(run, line);
    if (ready(run, line)) {
        outcome->status = slot_remove(slots, handle);
    }
}

void op_slot_next(Run *run, Line *line, Outcome *outcome) {
    SlotPool *slots = slots_operand(run, line);
    SlotHandle after = number_operand(run, line);
    const Word *region = line_option(line, "in");
    SlotRegion in = region != NULL ? number_of(run, region->text) : 0;
    if (ready(run, line)) {
        outcome->number = region != NULL ? slot_next_in(slots, in, after) : slot_next(slots, after);
        outcome->has_number = true;
    }
}

void op_slot_expect(Run *run, Line *line, Outcome *outcome) {
    SlotPool *slots = slots_operand(run, line);
    SlotPoolStats stats;
    outcome->status = run->skip ? CORRAL_OK : slot_pool_stats(slots, &stats);
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

/* --- around every line -------------------------------------------------------------------------------------------- */

void audit_slots(Run *run) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_SLOTS && thing->live) {
            CorralStatus status = slot_pool_check(thing->slots);
            thing->live = status != CORRAL_INVALID_ARENA; /* it has ended, perhaps with its parent */
            if (status == CORRAL_CORRUPTED) {
                run_fail(run, "slot pool %s: slot_pool_check says CORRUPTED", thing->name);
            }
        }
    }
}

void finish_slots(Run *run) {
    for (Thing *thing = run->things; thing != NULL; thing = thing->next) {
        if (thing->kind == THING_SLOTS && thing->live && slot_pool_destroy(thing->slots) != CORRAL_OK) {
            run_fail(run, "slot pool %s cannot be destroyed", thing->name);
        }
        thing->live = thing->live && thing->kind != THING_SLOTS;
    }
}
