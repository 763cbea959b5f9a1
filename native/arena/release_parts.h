/* SPDX-License-Identifier: Apache-2.0
 * release_parts.h - the stack of what is told when an arena takes memory back, for this layer and for jni.
 * Layer: arena (private to the library). May include: arena_parts.h. Threads: the arena's owner. */
#ifndef CORRAL_ARENA_RELEASE_PARTS_H
#define CORRAL_ARENA_RELEASE_PARTS_H

#include "arena/arena_parts.h"

typedef enum ReleaseKind {
    RELEASE_CALL, /* a function of C */
    RELEASE_JAVA, /* an action of Java, which C knows by number only: C stores no JNI reference */
    RELEASE_HOLD, /* nothing to call: it is there as long as what was allocated after it */
    RELEASE_ENDED /* a hold that is not needed any more, below others */
} ReleaseKind;

/* `number` is from the sequence that the marks' numbers are from: what has a larger number than a mark came after it.
 */
typedef struct ReleaseEntry {
    uint64_t number;
    ArenaReleaseFunction *function; /* RELEASE_CALL */
    void *context;                  /* RELEASE_CALL */
    uint32_t action;                /* RELEASE_JAVA: not 0 */
    uint32_t kind;
} ReleaseEntry;

static_assert(sizeof(ReleaseEntry) == 32, "what arena_on_release() says that a function costs");

/* Books of the pool, made when the first entry comes. When C takes memory back, Java's actions cannot run; they are
 * *owed* until Java comes by. What is owed lies at the end of the array, the first at the very end.
 * Invariants: count + owed_end <= room; owed_start <= owed_end; numbers rise with the index */
typedef struct ArenaReleases {
    uint32_t count;
    uint32_t room;
    uint32_t owed_start; /* actions that Java has taken over, of those that were owed */
    uint32_t owed_end;
    uint64_t until; /* while running: what has a larger number is due */
    bool running;
    ReleaseEntry entries[];
} ArenaReleases;

/* --- taking back (arena_release.c) -------------------------------------------------------------------------------- */

/* Step by step, for Java. The order: release_begin, release_next until it returns 0, release_end, and then the function
 * that takes the memory back. `until` is the number of a mark; UINT64_MAX: only what is owed; 0: everything is due, and
 * the arena's children are destroyed first. CORRAL_RELEASING: somebody has begun and not ended, here or (with 0) in an
 * arena below. */
CorralStatus release_begin(Arena *arena, uint64_t until);

/* The same for the id of a mark, 0 or UINT64_MAX. CORRAL_STALE_MARK: the mark is not valid; nothing has begun. */
CorralStatus release_begin_at(Arena *arena, uint64_t mark);

/* The next action that Java has to run, owed ones first; functions of C that are due before it are called. 0: none. */
uint32_t release_next(Arena *arena);

void release_end(Arena *arena);

/* True between release_begin() and release_end(); false for what is no arena. */
bool release_is_running(const Arena *arena);

/* Java's actions that are registered or owed; 0 for what is no arena. Cost: O(entries). */
uint32_t release_count_actions(const Arena *arena);

/* All at once, for C: calls the functions and notes Java's actions as owed. CORRAL_OK or CORRAL_RELEASING. */
CorralStatus release_run(Arena *arena, uint64_t until);

/* --- entries ------------------------------------------------------------------------------------------------------ */

/* Adds an action of Java; fails as arena_on_release(). */
CorralStatus release_add_action(Arena *arena, uint32_t action);

/* Takes the entry off again that the last successful arena_on_release() has added; nothing came after it. */
void release_cancel_last(Arena *arena);

/* Adds a hold: its id, not 0, or 0 with `*status`. It lasts until what is allocated from now on is taken back. */
uint64_t hold_take(Arena *arena, CorralStatus *status);

bool hold_is_valid(const Arena *arena, uint64_t hold);

/* True when a mark was taken after the hold. */
bool hold_is_before_a_mark(const Arena *arena, uint64_t hold);

/* Ends a hold; one that is not valid is allowed. */
void hold_drop(Arena *arena, uint64_t hold);

/* True when an entry came after the mark with this number. */
bool releases_since(const Arena *arena, uint64_t number);

/* True while there is an entry, or one is being called: a rewind has to look at them. */
bool releases_tie(const Arena *arena);

/* Gives the books back; NULL is allowed. */
void releases_give(Pool *pool, ArenaReleases *releases);

/* Gives the arena's books back unless something is in them. */
void releases_give_unused(Arena *arena);

/* The invariants above. */
bool releases_are_sound(const Arena *arena);

#endif
