/* SPDX-License-Identifier: Apache-2.0
 * arena_marks.c - points to which an arena can be taken back.
 * Layer: arena. May include: mempool.h, base/.
 *
 * The arena keeps a stack of what it was at each valid mark; a mark names an entry by depth and by an id that is never
 * used again. Rewinding cuts the stack above the entry, reset and clear empty it: whatever became stale so finds no
 * entry with its id. A mark that is forged or of another arena finds none either, and what it says is never trusted. */
#include <string.h>

#include "arena/release_parts.h"
#include "base/check.h"
#include "mempool/pool_extension.h"

#define MARKS_MAX ((uint32_t)1 << ARENA_MARK_DEPTH_BITS)

bool arena_is_tied(const Arena *arena) {
    return arena->closed || arena->zeroed || releases_tie(arena) || arena->marks != arena->inline_marks;
}

void mark_stack_shrink(Arena *arena) {
    CHECK(arena->mark_count <= ARENA_INLINE_MARKS);
    if (arena->marks != arena->inline_marks) {
        memcpy(arena->inline_marks, arena->marks, arena->mark_count * sizeof(MarkEntry));
        pool_books_give(arena->pool, arena->marks, arena->mark_room * sizeof(MarkEntry));
    }
    arena->marks = arena->inline_marks;
    arena->mark_room = ARENA_INLINE_MARKS;
    arena->tied = arena_is_tied(arena);
}

CorralStatus mark_stack_reserve(Arena *arena, uint32_t count) {
    if (count <= arena->mark_room) {
        return CORRAL_OK;
    }
    if (count > MARKS_MAX) {
        return CORRAL_LIMIT_REACHED;
    }
    uint32_t room = arena->mark_room * 2;
    while (room < count) {
        room *= 2;
    }
    room = room < MARKS_MAX ? room : MARKS_MAX;
    MarkEntry *stack = pool_books_take(arena->pool, room * sizeof(MarkEntry));
    if (stack == NULL) {
        return CORRAL_NO_MEMORY;
    }
    memcpy(stack, arena->marks, arena->mark_count * sizeof(MarkEntry));
    if (arena->marks != arena->inline_marks) {
        pool_books_give(arena->pool, arena->marks, arena->mark_room * sizeof(MarkEntry));
    }
    arena->marks = stack;
    arena->mark_room = room;
    arena->tied = true;
    return CORRAL_OK;
}

/* What the arena is now, without an id. */
static MarkEntry present(const Arena *arena) {
    return (MarkEntry){
        .count = arena->control.count,
        .used_elsewhere = arena->used_elsewhere,
        .chunk = arena->control.chunk,
        .offset = (uint32_t)(arena->control.cursor - arena->control.base),
        .entered = arena->entered,
        .first_free = arena->first_free,
    };
}

/* Neither was anything allocated since the last mark, nor anything registered that a rewind has to tell. */
static bool is_last_mark(const Arena *arena, const MarkEntry *now) {
    if (arena->mark_count == 0) {
        return false;
    }
    const MarkEntry *last = &arena->marks[arena->mark_count - 1];
    return last->count == now->count && last->entered == now->entered && last->offset == now->offset &&
           !releases_since(arena, last->id >> ARENA_MARK_DEPTH_BITS);
}

/* Adds an entry unless the last one is the present point and `may_share`. */
static ArenaMark mark_present(Arena *arena, bool may_share) {
    ArenaMark none = {.arena = NULL};
    if (arena_may_change(arena) != CORRAL_OK) {
        return none;
    }
    MarkEntry now = present(arena);
    if (!may_share || !is_last_mark(arena, &now)) {
        CorralStatus status = mark_stack_reserve(arena, arena->mark_count + 1);
        if (status != CORRAL_OK) {
            arena_fail(arena, status);
            return none;
        }
        now.id = arena->next_mark++ << ARENA_MARK_DEPTH_BITS | arena->mark_count;
        arena->marks[arena->mark_count++] = now;
    }
    return (ArenaMark){.arena = arena, .id = arena->marks[arena->mark_count - 1].id};
}

ArenaMark arena_mark(Arena *arena) {
    return mark_present(arena, true);
}

ArenaMark arena_open_scope(Arena *arena) {
    return mark_present(arena, false);
}

const MarkEntry *mark_find(const Arena *arena, uint64_t id) {
    uint32_t depth = (uint32_t)id & (MARKS_MAX - 1);
    bool valid = depth < arena->mark_count && arena->marks[depth].id == id;
    return valid ? &arena->marks[depth] : NULL;
}

CorralStatus arena_mark_check(Arena *arena, ArenaMark mark) {
    CorralStatus status = arena_may_change(arena);
    if (status != CORRAL_OK) {
        return status;
    }
    if (mark.arena != arena || mark_find(arena, mark.id) == NULL) {
        arena_fail(arena, CORRAL_STALE_MARK);
        return CORRAL_STALE_MARK;
    }
    if (release_is_running(arena)) {
        arena_fail(arena, CORRAL_RELEASING);
        return CORRAL_RELEASING;
    }
    return CORRAL_OK;
}

/* Takes back what came after the mark, and the marks after it, or from it on when it is not kept. */
static CorralStatus take_back_to(Arena *arena, ArenaMark mark, bool keep_mark) {
    CorralStatus status = arena_mark_check(arena, mark);
    if (status != CORRAL_OK) {
        return status;
    }
    status = before_taking_back(arena, mark.id >> ARENA_MARK_DEPTH_BITS);
    if (status != CORRAL_OK) {
        return status;
    }
    const MarkEntry *entry = mark_find(arena, mark.id); /* a callback may have taken marks, which moves the stack */
    uint32_t depth = (uint32_t)(entry - arena->marks);
    peak_update(arena);
    debug_begin(arena, keep_mark ? "rewind" : "close_scope");
    debug_take_back(arena, entry->count);
    space_take_back_since(arena, entry);
    arena->take_backs++;
    arena->mark_count = keep_mark ? depth + 1 : depth;
    arena->used_elsewhere = entry->used_elsewhere;
    arena->control.count = entry->count;
    chunks_give_up(arena, entry->entered, entry->first_free);
    window_open(arena, entry->chunk, entry->offset);
    status = debug_end(arena);
    observer_tell_reset(arena, ARENA_TOOK_BACK_BY_REWIND);
    return status;
}

CorralStatus arena_rewind(Arena *arena, ArenaMark mark) {
    return take_back_to(arena, mark, true);
}

CorralStatus arena_close_scope(Arena *arena, ArenaMark scope) {
    return take_back_to(arena, scope, false);
}
