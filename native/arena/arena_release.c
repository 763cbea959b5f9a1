/* SPDX-License-Identifier: Apache-2.0
 * arena_release.c - what is told before an arena takes memory back: functions of C, actions of Java, holds.
 * Layer: arena. May include: mempool.h, base/.
 *
 * One stack for all three, so that they interleave in the order in which they came. An entry is taken off before it is
 * called: whatever the function does, it is not called again. The stack may move while a function runs. */
#include <string.h>

#include "arena/release_parts.h"
#include "base/check.h"
#include "mempool/pool_extension.h"

#define FIRST_ENTRIES 15 /* with the header just below 512 bytes */
#define INDEX_BITS ARENA_MARK_DEPTH_BITS
#define ENTRIES_MAX ((uint32_t)1 << INDEX_BITS)

/* --- the stack ---------------------------------------------------------------------------------------------------- */

static size_t bytes_for(uint32_t room) {
    return sizeof(ArenaReleases) + room * sizeof(ReleaseEntry);
}

void releases_give(Pool *pool, ArenaReleases *releases) {
    if (releases != NULL) {
        pool_books_give(pool, releases, bytes_for(releases->room));
    }
}

void releases_give_unused(Arena *arena) {
    const ArenaReleases *releases = arena->releases;
    if (releases != NULL && releases->count == 0 && releases->owed_end == 0) {
        releases_give(arena->pool, arena->releases);
        arena->releases = NULL;
    }
}

bool releases_tie(const Arena *arena) {
    return arena->releases != NULL && (arena->releases->count != 0 || arena->releases->running);
}

/* After entries went, or the calling of them ended. */
static void untie(Arena *arena) {
    arena->tied = arena_is_tied(arena);
}

/* Copies both ends of the array into a larger one. */
static void move_to(const ArenaReleases *from, ArenaReleases *to, uint32_t room) {
    uint32_t owed = from->owed_end - from->owed_start;
    memcpy(to, from, bytes_for(from->count));
    to->room = room;
    to->owed_start = 0;
    to->owed_end = owed;
    const ReleaseEntry *last = &from->entries[from->room - from->owed_end];
    memcpy(&to->entries[room - owed], last, owed * sizeof(ReleaseEntry));
}

static CorralStatus reserve(Arena *arena) {
    const ArenaReleases *old = arena->releases;
    if (old != NULL && old->count == ENTRIES_MAX) {
        return CORRAL_LIMIT_REACHED;
    }
    if (old != NULL && old->count + old->owed_end < old->room) {
        return CORRAL_OK;
    }
    uint32_t room = old == NULL ? FIRST_ENTRIES : old->room * 2;
    ArenaReleases *releases = pool_books_take(arena->pool, bytes_for(room));
    if (releases == NULL) {
        return CORRAL_NO_MEMORY;
    }
    releases->room = room;
    if (old != NULL) {
        move_to(old, releases, room);
        releases_give(arena->pool, arena->releases);
    }
    arena->releases = releases;
    return CORRAL_OK;
}

/* Numbers come from the marks' sequence, so that a comparison tells what came after which mark. */
static CorralStatus add(Arena *arena, ReleaseEntry entry) {
    CorralStatus status = reserve(arena);
    if (status != CORRAL_OK) {
        return status;
    }
    ArenaReleases *releases = arena->releases;
    entry.number = arena->next_mark++;
    releases->entries[releases->count++] = entry;
    arena->tied = arena->eventful = true;
    return CORRAL_OK;
}

static CorralStatus register_entry(Arena *arena, ReleaseEntry entry) {
    CorralStatus status = release_is_running(arena) ? CORRAL_RELEASING : add(arena, entry);
    if (status != CORRAL_OK) {
        arena_fail(arena, status);
    }
    return status;
}

CorralStatus arena_on_release(Arena *arena, ArenaReleaseFunction *function, void *context) {
    CorralStatus refused = arena_may_change(arena);
    if (refused != CORRAL_OK) {
        return refused;
    }
    if (function == NULL) {
        arena_fail(arena, CORRAL_INVALID_ARGUMENT);
        return CORRAL_INVALID_ARGUMENT;
    }
    return register_entry(arena, (ReleaseEntry){.kind = RELEASE_CALL, .function = function, .context = context});
}

CorralStatus release_add_action(Arena *arena, uint32_t action) {
    CHECK(action != 0);
    CorralStatus refused = arena_may_change(arena);
    return refused != CORRAL_OK ? refused
                                : register_entry(arena, (ReleaseEntry){.kind = RELEASE_JAVA, .action = action});
}

void release_cancel_last(Arena *arena) {
    CHECK(arena->releases != NULL && arena->releases->count != 0);
    arena->releases->count--;
    untie(arena);
}

bool releases_since(const Arena *arena, uint64_t number) {
    const ArenaReleases *releases = arena->releases;
    return releases != NULL && releases->count != 0 && releases->entries[releases->count - 1].number > number;
}

bool releases_are_sound(const Arena *arena) {
    const ArenaReleases *releases = arena->releases;
    if (releases == NULL) {
        return true;
    }
    uint64_t last = 0;
    for (uint32_t i = 0; i < releases->count; i++) {
        if (releases->entries[i].number <= last) {
            return false;
        }
        last = releases->entries[i].number;
    }
    return last < arena->next_mark && releases->owed_start <= releases->owed_end &&
           releases->owed_end <= releases->room && releases->count <= releases->room - releases->owed_end;
}

/* --- taking back -------------------------------------------------------------------------------------------------- */

bool release_is_running(const Arena *arena) {
    return arena_is_valid(arena) && arena->releases != NULL && arena->releases->running;
}

uint32_t release_count_actions(const Arena *arena) {
    if (!arena_is_valid(arena) || arena->releases == NULL) {
        return 0;
    }
    const ArenaReleases *releases = arena->releases;
    uint32_t count = releases->owed_end - releases->owed_start;
    for (uint32_t i = 0; i < releases->count; i++) {
        count += releases->entries[i].kind == RELEASE_JAVA ? 1 : 0;
    }
    return count;
}

CorralStatus release_begin(Arena *arena, uint64_t until) {
    CorralStatus refused = arena_may_change(arena);
    if (refused != CORRAL_OK) {
        return refused;
    }
    bool everything = until == 0;
    CorralStatus busy = everything ? family_busy_below(arena) : family_busy(arena);
    if (busy != CORRAL_OK) {
        arena_fail(arena, busy);
        return busy;
    }
    if (everything) {
        family_end_children(arena);
    }
    if (arena->releases != NULL) {
        arena->releases->running = true;
        arena->releases->until = until;
        arena->tied = true;
    }
    return CORRAL_OK;
}

CorralStatus release_begin_at(Arena *arena, uint64_t mark) {
    if (mark == 0 || mark == UINT64_MAX) {
        return release_begin(arena, mark);
    }
    CorralStatus status = arena_mark_check(arena, (ArenaMark){.arena = arena, .id = mark});
    return status == CORRAL_OK ? release_begin(arena, mark >> INDEX_BITS) : status;
}

/* Calls what is due up to Java's next action. */
static uint32_t next_due(Arena *arena) {
    while (releases_since(arena, arena->releases->until)) {
        ReleaseEntry entry = arena->releases->entries[--arena->releases->count];
        if (entry.kind == RELEASE_JAVA) {
            return entry.action;
        }
        if (entry.kind == RELEASE_CALL) {
            entry.function(entry.context);
        }
    }
    return 0;
}

uint32_t release_next(Arena *arena) {
    if (!release_is_running(arena)) {
        return 0;
    }
    ArenaReleases *releases = arena->releases;
    if (releases->owed_start != releases->owed_end) {
        return releases->entries[releases->room - ++releases->owed_start].action;
    }
    releases->owed_start = releases->owed_end = 0;
    return next_due(arena);
}

void release_end(Arena *arena) {
    if (arena_is_valid(arena) && arena->releases != NULL) {
        arena->releases->running = false;
        untie(arena);
    }
}

/* There is room: the action's own entry has just been taken off. */
static void owe(ArenaReleases *releases, uint32_t action) {
    CHECK(releases->count + releases->owed_end < releases->room);
    releases->entries[releases->room - ++releases->owed_end] = (ReleaseEntry){.kind = RELEASE_JAVA, .action = action};
}

CorralStatus release_run(Arena *arena, uint64_t until) {
    CorralStatus status = release_begin(arena, until);
    if (status != CORRAL_OK || arena->releases == NULL) {
        return status;
    }
    for (uint32_t action; (action = next_due(arena)) != 0;) {
        owe(arena->releases, action);
    }
    release_end(arena);
    return CORRAL_OK;
}

/* --- holds -------------------------------------------------------------------------------------------------------- */

/* An id is the entry's number with its place in the stack below, as a mark's id is. */
static ReleaseEntry *find_hold(const Arena *arena, uint64_t hold) {
    ArenaReleases *releases = arena->releases;
    uint32_t index = (uint32_t)hold & (ENTRIES_MAX - 1);
    if (releases == NULL || index >= releases->count) {
        return NULL;
    }
    ReleaseEntry *entry = &releases->entries[index];
    return entry->kind == RELEASE_HOLD && entry->number == hold >> INDEX_BITS ? entry : NULL;
}

uint64_t hold_take(Arena *arena, CorralStatus *status) {
    *status = add(arena, (ReleaseEntry){.kind = RELEASE_HOLD});
    if (*status != CORRAL_OK) {
        return 0;
    }
    uint32_t index = arena->releases->count - 1;
    return arena->releases->entries[index].number << INDEX_BITS | index;
}

bool hold_is_valid(const Arena *arena, uint64_t hold) {
    return find_hold(arena, hold) != NULL;
}

bool hold_is_before_a_mark(const Arena *arena, uint64_t hold) {
    return arena->mark_count != 0 && arena->marks[arena->mark_count - 1].id >> INDEX_BITS > hold >> INDEX_BITS;
}

void hold_drop(Arena *arena, uint64_t hold) {
    ReleaseEntry *entry = find_hold(arena, hold);
    if (entry == NULL) {
        return;
    }
    entry->kind = RELEASE_ENDED;
    ArenaReleases *releases = arena->releases;
    while (releases->count != 0 && releases->entries[releases->count - 1].kind == RELEASE_ENDED) {
        releases->count--;
    }
    untie(arena);
}
