/* SPDX-License-Identifier: Apache-2.0
 * lifetimes.h - one place to allocate from, by how long an object lives.
 * Layer: structures. May include: arena.h, mempool.h, status.h.
 *
 *   lifetime              where                    ends
 *   LIFETIME_PROCESS      process arena            with the Lifetimes: constants, names, templates
 *   LIFETIME_UNIT         unit arena               with lifetimes_end_unit(): temporaries of one compilation or request
 *   LIFETIME_UNKNOWN      the pool, block by block with lifetimes_free(), at the latest with the Lifetimes
 *
 * Who allocates need not decide: a *kind* of object has a rule, and the rule says where its objects go.
 *
 *   is the lifetime of this kind known? -- no --> LIFETIME_UNKNOWN
 *     | yes
 *   is it the same in every context? ---- yes --> LIFETIME_PROCESS or LIFETIME_UNIT
 *     | no
 *   what is being done now? -- lifetimes_set_context() --> LIFETIME_PROCESS (loading) or LIFETIME_UNIT (working)
 *
 * Threads: one owner thread, as for its arenas.
 * Errors:  a function that returns a pointer returns NULL on failure, changes nothing then, and lifetimes_last_status()
 *          says why. NULL, a destroyed Lifetimes and what never was one are refused with CORRAL_INVALID_ARENA, as long
 *          as the pool lives.
 * Memory:  blocks are at a multiple of 16; their contents are unspecified. All bookkeeping is books of the pool. */
#ifndef CORRAL_LIFETIMES_H
#define CORRAL_LIFETIMES_H

#include "corral/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LIFETIMES_KINDS_MAX 64     /* kinds of objects */
#define LIFETIMES_KIND_NAME_MAX 23 /* bytes of the name of a kind */
#define LIFETIMES_TABLE_MAX 32768  /* bytes that hold any table of lifetimes_text() with its NUL */

typedef struct Lifetimes Lifetimes;

typedef enum Lifetime {
    LIFETIME_PROCESS = 0,
    LIFETIME_UNIT = 1,
    LIFETIME_UNKNOWN = 2,
} Lifetime;

#define LIFETIMES_COUNT 3

/* How the lifetime of a kind is found: the leaves of the tree above. */
typedef enum LifetimeRule {
    LIFETIME_RULE_PROCESS = 0,
    LIFETIME_RULE_UNIT = 1,
    LIFETIME_RULE_UNKNOWN = 2,
    LIFETIME_RULE_BY_CONTEXT = 3
} LifetimeRule;

/* One kind of a policy. A policy is an array of them, so that a program can say in one place how long its kinds live.
 * */
typedef struct LifetimePolicy {
    const char *kind; /* 1 to LIFETIMES_KIND_NAME_MAX bytes */
    LifetimeRule rule;
} LifetimePolicy;

/* Start from lifetimes_config_default() and change what you need. */
typedef struct LifetimesConfig {
    const char *name;    /* copied, cut to ARENA_NAME_MAX bytes; the title of the report */
    PoolConfig pool;     /* of the pool that is made and owned */
    ArenaConfig process; /* of the arenas; their parents must be NULL, their names are not used */
    ArenaConfig unit;

    /* Not NULL: used instead of being made, and left to the caller by lifetimes_destroy(). The arenas must be of that
     * pool, and are given both or neither. They must live as long as the Lifetimes. */
    Pool *given_pool;
    Arena *given_process;
    Arena *given_unit;

    /* The kinds that it begins with, numbered from 0 in this order; copied. lifetimes_kind() adds others. */
    const LifetimePolicy *policy;
    size_t policy_count; /* at most LIFETIMES_KINDS_MAX */

    CorralStatus *status; /* receives why lifetimes_create_with() returned NULL, or CORRAL_OK; NULL: not wanted */
} LifetimesConfig;

/* Bytes are those that were asked for, unless the name says otherwise. */
typedef struct LifetimeCount {
    uint64_t allocations;
    uint64_t bytes;
} LifetimeCount;

typedef struct LifetimesStats {
    LifetimeCount process;      /* in the process arena; `bytes` are used ones, rounding included */
    LifetimeCount unit;         /* of all units so far, likewise */
    LifetimeCount unknown;      /* blocks handed out so far; what lifetimes_pool() gives directly is not counted */
    uint64_t freed;             /* count of those that lifetimes_free() took back, also of lifetimes_pool() directly */
    uint64_t process_allocated; /* bytes of chunks */
    uint64_t unit_allocated;
    uint64_t units;     /* ended so far */
    uint64_t last_unit; /* peak use of the last one that has ended, in bytes */
    uint64_t peak_unit; /* the largest of them, and of the present one */
    uint64_t strings;   /* interned ones: different from each other */
    uint64_t found;     /* times that lifetimes_intern() has found the string */
    uint64_t kinds;     /* count */
} LifetimesStats;

/* What one kind has allocated, by lifetime. */
typedef struct LifetimeKindStats {
    LifetimeCount count[LIFETIMES_COUNT];
} LifetimeKindStats;

/* --- life --------------------------------------------------------------------------------------------------------- */

LifetimesConfig lifetimes_config_default(void);

/* A Lifetimes with the defaults, in a pool of its own. Owner: the caller, until lifetimes_destroy(). NULL: no memory.
 */
Lifetimes *lifetimes_create(void);

/* As lifetimes_create(), configured. NULL: config->status tells why, as pool_create_with() and arena_create_with(), and
 * of a policy as lifetimes_kind(); a kind that is in it twice is CORRAL_INVALID_ARGUMENT. */
Lifetimes *lifetimes_create_with(const LifetimesConfig *config);

/* Frees everything of every lifetime at once; release callbacks of both arenas run first. CORRAL_OK,
 * CORRAL_INVALID_ARENA, or CORRAL_RELEASING or CORRAL_OBSERVING when an arena is busy: nothing changed then.
 * One that has made its pool is gone with it: it may not be asked for anything again. */
CorralStatus lifetimes_destroy(Lifetimes *lifetimes);

/* The pool; an arena, NULL for LIFETIME_UNKNOWN. They are the Lifetimes' to destroy. Taking back blocks of the process
 * arena (a reset, or a rewind) makes lifetimes_intern() begin anew. */
Pool *lifetimes_pool(Lifetimes *lifetimes);
Arena *lifetimes_arena(Lifetimes *lifetimes, Lifetime lifetime);

/* --- objects ------------------------------------------------------------------------------------------------------ */

/* Allocates `size` bytes that live so long. Fails as arena_alloc() or pool_alloc(); CORRAL_INVALID_ARGUMENT: no such
 * lifetime. Cost: as theirs. */
void *lifetimes_alloc(Lifetimes *lifetimes, Lifetime lifetime, size_t size);

/* Frees a block of unknown lifetime. NULL is allowed. CORRAL_OK, CORRAL_INVALID_ARENA, or, and nothing changed:
 * CORRAL_DOUBLE_FREE, CORRAL_FOREIGN_POINTER (also: memory of one of the arenas). */
CorralStatus lifetimes_free(Lifetimes *lifetimes, void *block);

/* Ends a unit: takes back all blocks of the unit arena, which keeps its chunks, and notes what the unit used at most.
 * Returns and costs what arena_reset() does. */
CorralStatus lifetimes_end_unit(Lifetimes *lifetimes);

/* The one copy of these `length` bytes (which may hold any byte) in the process arena, with a NUL behind it: equal
 * bytes give equal addresses.
 * Owner: the process arena. NULL: no memory, or a NULL text with a length (CORRAL_INVALID_ARGUMENT).
 * Cost: O(length); a hash table (MurmurHash64A, linear probing) in books, which doubles. */
const char *lifetimes_intern(Lifetimes *lifetimes, const char *text, size_t length);

/* --- kinds -------------------------------------------------------------------------------------------------------- */

/* Says how long objects of the kind `name` (1 to LIFETIMES_KIND_NAME_MAX bytes) live. Returns its number, from 0 on;
 * the same for a name that is known with this rule. -1: CORRAL_INVALID_ARGUMENT (no name or too long, no such rule, or
 * the name has another rule) or CORRAL_LIMIT_REACHED (LIFETIMES_KINDS_MAX). */
int lifetimes_kind(Lifetimes *lifetimes, const char *name, LifetimeRule rule);

/* The number of the kind of this name, which another part of the program may have defined; -1: there is none. */
int lifetimes_kind_named(const Lifetimes *lifetimes, const char *name);

/* What is being done now: LIFETIME_PROCESS, or LIFETIME_UNIT (at first). CORRAL_OK, CORRAL_INVALID_ARGUMENT or
 * CORRAL_INVALID_ARENA. */
CorralStatus lifetimes_set_context(Lifetimes *lifetimes, Lifetime context);

/* The lifetime that an object of this kind would get now; -1: there is no such kind. */
int lifetimes_decide(const Lifetimes *lifetimes, int kind);

/* As lifetimes_alloc() with lifetimes_decide(), and counts the block for its kind. CORRAL_INVALID_ARGUMENT: there is no
 * such kind. */
void *lifetimes_alloc_kind(Lifetimes *lifetimes, int kind, size_t size);

/* Fills `stats`; CORRAL_OK, CORRAL_INVALID_ARENA or CORRAL_INVALID_ARGUMENT (no such kind, NULL stats). */
CorralStatus lifetimes_kind_stats(const Lifetimes *lifetimes, int kind, LifetimeKindStats *stats);

/* --- report ------------------------------------------------------------------------------------------------------- */

/* Fills `stats`; CORRAL_OK, CORRAL_INVALID_ARENA (stats is zeroed then) or CORRAL_INVALID_ARGUMENT (NULL stats). */
CorralStatus lifetimes_stats(const Lifetimes *lifetimes, LifetimesStats *stats);

/* Prints allocations and bytes per lifetime, the peak use of the units, and what each kind has allocated, as a table of
 * at most 80 columns. CORRAL_OK, CORRAL_INVALID_ARENA or CORRAL_INVALID_ARGUMENT (NULL out). */
CorralStatus lifetimes_print(const Lifetimes *lifetimes, FILE *out);

/* The same table in memory: writes at most `room` - 1 bytes of it and a NUL. Returns the length of the whole table; 0
 * for what is no Lifetimes. */
size_t lifetimes_text(const Lifetimes *lifetimes, char *text, size_t room);

/* Verifies every invariant. CORRAL_OK, CORRAL_CORRUPTED or CORRAL_INVALID_ARENA. Cost: O(strings and chunks). */
CorralStatus lifetimes_check(const Lifetimes *lifetimes);

/* Why the last call that failed on it failed; CORRAL_INVALID_ARENA for what is none. */
CorralStatus lifetimes_last_status(const Lifetimes *lifetimes);

#ifdef __cplusplus
}
#endif

#endif
