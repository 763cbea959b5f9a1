/* SPDX-License-Identifier: Apache-2.0
 * arena_bulk.c - taking back everything at once.
 * Layer: arena. May include: mempool.h, base/. */
#include <string.h>

#include "arena/release_parts.h"
#include "base/align.h"
#include "base/check.h"

CorralStatus before_taking_back(Arena *arena, uint64_t mark) {
    return release_run(arena, mark);
}

static void take_back_all(Arena *arena) {
    peak_update(arena);
    debug_take_back(arena, 0);
    space_take_back_all(arena);
    ArenaControl *control = &arena->control;
    control->generation = control->generation == ARENA_GENERATION_MAX ? 1 : control->generation + 1;
    control->count = 0;
    control->status = CORRAL_OK;
    arena->resets++;
    arena->eventful = true;
    arena->take_backs++;
    arena->used_elsewhere = 0;
    arena->mark_count = 0;
    chunks_give_up(arena, 0, 0);
    arena->rearranged = chunks_squeeze(arena);
    arena->last_entered = 0;
    chunk_enter(arena, 0);
    arena->rearranged = chunks_trim(arena, arena->retain) || arena->rearranged;
}

CorralStatus arena_reset(Arena *arena) {
    CorralStatus status = before_taking_back(arena, 0);
    if (status != CORRAL_OK) {
        return status;
    }
    debug_begin(arena, "reset");
    take_back_all(arena);
    status = debug_end(arena);
    observer_tell_reset(arena, ARENA_TOOK_BACK_BY_RESET);
    return status;
}

CorralStatus arena_clear(Arena *arena) {
    CorralStatus status = before_taking_back(arena, 0);
    if (status != CORRAL_OK) {
        return status;
    }
    debug_begin(arena, "clear");
    take_back_all(arena);
    chunks_release_from(arena, 1);
    releases_give_unused(arena);
    mark_stack_shrink(arena);
    if (arena->chunks != arena->inline_chunks) {
        arena->inline_chunks[0] = arena->chunks[0];
        chunk_table_give(arena->pool, arena->chunks, arena->chunk_room);
        arena->chunks = arena->inline_chunks;
        arena->chunk_room = ARENA_INLINE_CHUNKS;
    }
    arena->target = arena->initial_size;
    CHECK_EXPENSIVE(arena_is_sound(arena));
    status = debug_end(arena);
    observer_tell_reset(arena, ARENA_TOOK_BACK_BY_CLEAR);
    return status;
}

CorralStatus arena_renew(Arena *arena) {
    CorralStatus status = arena_reset(arena);
    if (status == CORRAL_OK || status == CORRAL_DAMAGED) {
        arena->peak_used = 0;
        arena->peak_allocated = arena->allocated;
        arena->resets = 0;
        arena->eventful = arena->parent != NULL || arena->role != 0;
    }
    return status;
}

/* What only a reset takes back, nobody has to be told of, and nothing outlives. */
static bool is_simple(const Arena *arena) {
    return arena_is_valid(arena) && arena->parent == NULL && arena->newest_child == NULL && arena->role == 0 &&
           !arena->closed && !releases_tie(arena) && family_busy(arena) == CORRAL_OK;
}

bool arena_begin_anew(Arena *arena, bool keep_chunks, uint64_t *used) {
    if (!is_simple(arena)) {
        return false;
    }
    *used = arena_peak_used(arena);
    if (!keep_chunks) {
        (void)arena_clear(arena);
        memset(arena->growth, 0, sizeof arena->growth);
        arena->growth[floor_log2(arena->initial_size)] = 1;
    }
    (void)arena_renew(arena); /* after a clear there is nothing to take back */
    mark_stack_shrink(arena);
    return true;
}
