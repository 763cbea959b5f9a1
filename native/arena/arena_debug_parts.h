/* SPDX-License-Identifier: Apache-2.0
 * arena_debug_parts.h - what debug mode keeps, for the files of this layer only.
 * Layer: arena. May include: base/. Threads: the arena's owner. */
#ifndef CORRAL_ARENA_DEBUG_PARTS_H
#define CORRAL_ARENA_DEBUG_PARTS_H

#include "arena/arena_parts.h"
#include "corral/arena_debug.h"

#define DEBUG_REPORT_MAX ((size_t)4096) /* bytes of one report; it is collected without asking for memory */

/* One block. The guard bytes are the `gap` before it and the `tail` behind it. */
typedef struct DebugRecord {
    uint64_t address;
    uint32_t size; /* bytes asked for */
    uint32_t gap;  /* bytes that its alignment left before it */
    uint32_t tail; /* bytes behind it; with `size` 0: none, or all of a block that was shrunk to nothing */
    uint32_t chunk : 24;
    uint32_t moved : 1; /* the caller has another block instead; these bytes are free until they are taken back */
    char tag[ARENA_TAG_MAX + 1];
} DebugRecord;

static_assert(sizeof(DebugRecord) == 96, "what arena_debug.h says that a block costs");

/* A text that grows in a buffer or goes to a file. Invariant: length counts also what found no room. */
typedef struct DebugText {
    FILE *file; /* NULL: the buffer */
    char *start;
    size_t room;
    size_t length;
} DebugText;

/* The books of one debug arena. Invariant: count <= known <= room; count == control.count; outside of live blocks,
 * guards and the gaps of blocks of zero bytes, every byte of every chunk is ARENA_BYTE_FREE, unless it was damaged. */
struct ArenaDebug {
    DebugRecord *records; /* books of the pool, or NULL */
    size_t count;         /* live blocks: the first ones, in the order of their allocation */
    size_t known;         /* the ones behind them have been taken back: they tell whose free bytes were */
    size_t room;
    size_t damages;        /* found so far */
    bool released;         /* chunks went back to the pool: what is known of free bytes may be somebody else's */
    const char *operation; /* that runs, or ran last; static storage */
    size_t found;          /* by it */
    void (*report)(void *context, const char *text);
    void *report_context;
    DebugText text; /* over `buffer` */
    char tag[ARENA_TAG_MAX + 1];
    char buffer[DEBUG_REPORT_MAX];
};

typedef enum DamageKind { DAMAGE_BEHIND, DAMAGE_BEFORE, DAMAGE_FREE } DamageKind;

/* Bytes that are not what they should be. */
typedef struct Damage {
    DamageKind kind;
    const DebugRecord *record; /* the block beside them, or the last one known to have had them; NULL: none */
    uint32_t chunk;
    uint64_t first;
    uint64_t last;
    size_t bytes; /* that differ, of first .. last */
} Damage;

/* Adds one damage to a text (arena_debug_report.c). */
void debug_describe(const Arena *arena, DebugText *text, const char *operation, const Damage *damage);

/* Adds formatted text. */
void debug_write(DebugText *text, const char *format, ...) ARENA_PRINTF(2, 3);

/* Compares the bytes with `expected`; fills first, last and bytes of `damage` and returns true when some differ. */
bool debug_differs(uint64_t start, size_t bytes, unsigned char expected, Damage *damage);

/* Looks up whose the free bytes were. */
void debug_find_former(const Arena *arena, Damage *damage);

/* What is done with damage that a walk finds. */
typedef void DamageFound(const Arena *arena, const Damage *damage, void *context);

/* Compares the guards of the blocks from the `first` on. */
void debug_walk_guards(const Arena *arena, size_t first, DamageFound *found, void *context);

/* Compares the free bytes of chunk `index`, of which `used` are not free. */
void debug_walk_free(const Arena *arena, uint32_t index, size_t used, DamageFound *found, void *context);

/* Both, for the whole arena. */
void debug_walk_all(const Arena *arena, DamageFound *found, void *context);

#endif
