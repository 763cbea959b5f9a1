/* SPDX-License-Identifier: Apache-2.0
 * lifetimes_parts.h - the parts of a Lifetimes: strings, kinds, units.
 * Layer: structures (private to the library). May include: arena/, mempool/, base/. Threads: the owner. */
#ifndef CORRAL_LIFETIMES_PARTS_H
#define CORRAL_LIFETIMES_PARTS_H

#include "corral/lifetimes.h"
#include "structures/structure_parts.h"

#define LIFETIMES_MAGIC UINT32_C(0xABCD4371)

/* --- interned strings (lifetimes_strings.c) ----------------------------------------------------------------------- */

typedef struct InternedString {
    const char *text; /* in the process arena; NULL: the entry is free */
    uint64_t hash;
    uint64_t length; /* bytes */
} InternedString;

/* Open addressing with linear probing.
 * Invariants: room == 0 or a power of two; count <= room * 3 / 4; every text is found from its hash on without a free
 *             entry before it; all texts lie in the arena as long as its count of take-backs is `taken_back` */
typedef struct InternedStrings {
    InternedString *entries; /* books of the pool */
    uint64_t room;
    uint64_t count;
    uint64_t found;
    uint64_t taken_back;
} InternedStrings;

/* As lifetimes_intern(), with the status. */
CorralStatus strings_intern(InternedStrings *strings, Arena *arena, const char *text, size_t length,
                            const char **interned);

/* Gives the books back. */
void strings_give(InternedStrings *strings, Pool *pool);

bool strings_hold(const InternedStrings *strings, const Arena *arena);

/* --- the whole (lifetimes.c) -------------------------------------------------------------------------------------- */

/* Java maps the table of them. */
typedef struct LifetimeKind {
    char name[LIFETIMES_KIND_NAME_MAX + 1];
    uint32_t rule;
    LifetimeCount count[LIFETIMES_COUNT];
} LifetimeKind;

/* Java maps it up to `kinds`, allocates from the arenas by itself, and counts here what it has allocated and which
 * units have ended.
 * Invariants: kind_count <= LIFETIMES_KINDS_MAX; the names differ; last_unit <= peak_unit */
struct Lifetimes {
    StructureHead head; /* first; head.pool: where everything is */
    char name[ARENA_NAME_MAX + 1];
    Arena *process;
    Arena *unit;
    bool owns_arenas;
    bool owns_pool;
    uint32_t context; /* Lifetime */
    uint32_t kind_count;
    LifetimeCount ended_units; /* what all of them have allocated */
    LifetimeCount unknown;
    uint64_t freed;
    uint64_t units;
    uint64_t last_unit;
    uint64_t peak_unit;
    InternedStrings strings;
    LifetimeKind *kinds; /* LIFETIMES_KINDS_MAX of them: books of the pool */
};

static_assert(sizeof(Lifetimes) <= STRUCTURE_HEAD_BYTES, "it fits in a slot");

/* True when it is a live one. */
static inline bool lifetimes_are_valid(const Lifetimes *lifetimes) {
    return structure_is(lifetimes, LIFETIMES_MAGIC);
}

/* What the present unit is. */
typedef struct UnitNote {
    uint64_t used;
    uint64_t peak;
    uint64_t allocations;
} UnitNote;

UnitNote lifetimes_note_unit(const Lifetimes *lifetimes);

#endif
