/* SPDX-License-Identifier: Apache-2.0
 * arena_check.c - the invariants of arena_parts.h as code, and the names of the statuses.
 * Layer: arena. May include: mempool.h, base/. */
#include "arena/release_parts.h"

static bool window_holds(const Arena *arena) {
    const ArenaControl *control = &arena->control;
    if (control->chunk >= arena->chunk_count || control->align_mask != (control->align_mask & 8) + 7) {
        return false;
    }
    const ArenaChunk *current = &arena->chunks[control->chunk];
    uint64_t name = (uint64_t)control->generation << ARENA_REF_GENERATION_SHIFT | (uint64_t)control->chunk
                                                                                      << ARENA_REF_CHUNK_SHIFT;
    return control->version == ARENA_LAYOUT_VERSION && control->base == current->base &&
           chunk_is_entered(arena, control->chunk) && control->base <= control->cursor &&
           control->cursor <= arena->window_end && arena->window_end == current->base + current->capacity &&
           arena->closed == (arena->poison || arena->debug != NULL || arena->observed) &&
           control->limit == (arena->closed ? control->cursor : arena->window_end) &&
           control->inline_limit == window_inline_limit(arena) &&
           ((control->cursor | arena->window_end) & control->align_mask) == 0 &&
           control->ref_bias == name - control->base && 1 <= control->generation &&
           control->generation <= ARENA_GENERATION_MAX;
}

static bool chunk_holds(const Arena *arena, uint32_t index) {
    const ArenaChunk *chunk = &arena->chunks[index];
    bool is_free = !chunk_is_entered(arena, index);
    if (!chunk_exists(arena, index)) {
        return chunk->base == 0 && is_free && index >= arena->squeeze_from;
    }
    return chunk->base % ARENA_CHUNK_ALIGNMENT == 0 && chunk->capacity <= ARENA_SIZE_LIMIT &&
           (!chunk->fell_back || index >= arena->squeeze_from) && chunk_used(arena, index) <= chunk->capacity &&
           (!is_free || index >= arena->first_free) && (is_free || index <= arena->last_entered) &&
           (!is_free || index >= arena->rover || chunk->capacity < arena->rover_size);
}

/* Every place of the list names a chunk of its own, which knows its place. */
static bool list_holds(const Arena *arena) {
    if (arena->entered == 0 || arena->entered > arena->chunk_count) {
        return false;
    }
    for (uint32_t position = 0; position < arena->entered; position++) {
        uint32_t index = arena->chunks[position].order;
        if (index >= arena->chunk_count || arena->chunks[index].position != position) {
            return false;
        }
    }
    return true;
}

/* What the arena was at a mark is possible: the entry itself. */
static bool mark_holds(const Arena *arena, uint32_t depth) {
    const MarkEntry *mark = &arena->marks[depth];
    uint32_t place = (uint32_t)mark->id & (((uint32_t)1 << ARENA_MARK_DEPTH_BITS) - 1);
    uint64_t number = mark->id >> ARENA_MARK_DEPTH_BITS;
    return place == depth && 1 <= number && number < arena->next_mark && mark->entered >= 1 &&
           mark->chunk < arena->chunk_count && chunk_is_entered(arena, mark->chunk) &&
           arena->chunks[mark->chunk].position < mark->entered && mark->offset <= chunk_used(arena, mark->chunk);
}

/* Nothing was taken back between a mark and the next one, or the present: see MarkEntry. */
static bool marks_hold(const Arena *arena) {
    bool is_inline = arena->marks == arena->inline_marks;
    if (arena->mark_count > arena->mark_room || is_inline != (arena->mark_room == ARENA_INLINE_MARKS)) {
        return false;
    }
    MarkEntry next = {
        .id = UINT64_MAX,
        .count = arena->control.count,
        .used_elsewhere = arena->used_elsewhere,
        .entered = arena->entered,
        .first_free = arena->first_free,
    };
    for (uint32_t depth = arena->mark_count; depth-- > 0;) {
        const MarkEntry *mark = &arena->marks[depth];
        bool earlier = mark->id >> ARENA_MARK_DEPTH_BITS < next.id >> ARENA_MARK_DEPTH_BITS &&
                       mark->count <= next.count && mark->used_elsewhere <= next.used_elsewhere &&
                       mark->entered <= next.entered && mark->first_free <= next.first_free;
        if (!earlier || !mark_holds(arena, depth)) {
            return false;
        }
        next = *mark;
    }
    return true;
}

static bool chunks_hold(const Arena *arena) {
    uint64_t allocated = 0;
    uint64_t fell_back = 0;
    uint64_t used_elsewhere = 0;
    uint32_t holes = 0;
    for (uint32_t index = 0; index < arena->chunk_count; index++) {
        if (!chunk_holds(arena, index)) {
            return false;
        }
        allocated += arena->chunks[index].capacity;
        fell_back += arena->chunks[index].fell_back ? arena->chunks[index].capacity : 0;
        holes += chunk_exists(arena, index) ? 0 : 1;
        used_elsewhere += index == arena->control.chunk ? 0 : chunk_used(arena, index);
    }
    return allocated == arena->allocated && used_elsewhere == arena->used_elsewhere &&
           allocated <= arena->peak_allocated && fell_back == arena->fell_back && holes == arena->holes;
}

static bool events_hold(const Arena *arena) {
    return arena->eventful || (arena->entered == 1 && arena->control.chunk == 0 && arena->last_entered == 0 &&
                               arena->resets == 0 && arena->parent == NULL && arena->newest_child == NULL &&
                               !releases_tie(arena) && arena->peak_allocated == arena->allocated && arena->role == 0);
}

bool arena_is_sound(const Arena *arena) {
    return arena->chunk_count <= arena->chunk_room && arena->initial_size <= arena->target &&
           arena->target <= arena->maximum_size && list_holds(arena) && window_holds(arena) && chunks_hold(arena) &&
           marks_hold(arena) && arena->tied == arena_is_tied(arena) && releases_are_sound(arena) &&
           debug_holds(arena) && family_holds(arena) && events_hold(arena);
}

CorralStatus arena_check(const Arena *arena) {
    if (!arena_is_valid(arena)) {
        return CORRAL_INVALID_ARENA;
    }
    return arena_is_sound(arena) ? debug_check(arena, "arena_check") : CORRAL_CORRUPTED;
}

CorralStatus arena_last_status(const Arena *arena) {
    return arena_is_valid(arena) ? (CorralStatus)arena->control.status : CORRAL_INVALID_ARENA;
}

const char *arena_status_name(CorralStatus status) {
    switch (status) {
    case CORRAL_OK:
        return "OK";
    case CORRAL_INVALID_ARGUMENT:
        return "INVALID_ARGUMENT";
    case CORRAL_BAD_ALIGNMENT:
        return "BAD_ALIGNMENT";
    case CORRAL_SIZE_LIMIT:
        return "SIZE_LIMIT";
    case CORRAL_NO_MEMORY:
        return "NO_MEMORY";
    case CORRAL_LIMIT_REACHED:
        return "LIMIT_REACHED";
    case CORRAL_ARENA_FULL:
        return "ARENA_FULL";
    case CORRAL_CHUNK_LIMIT:
        return "CHUNK_LIMIT";
    case CORRAL_NOT_SUPPORTED:
        return "NOT_SUPPORTED";
    case CORRAL_FILE_REFUSED:
        return "FILE_REFUSED";
    case CORRAL_FILE_FOREIGN:
        return "FILE_FOREIGN";
    case CORRAL_FILE_NEWER:
        return "FILE_NEWER";
    case CORRAL_INVALID_ARENA:
        return "INVALID_ARENA";
    case CORRAL_INVALID_POOL:
        return "INVALID_POOL";
    case CORRAL_STALE_REF:
        return "STALE_REF";
    case CORRAL_FOREIGN_POINTER:
        return "FOREIGN_POINTER";
    case CORRAL_STALE_MARK:
        return "STALE_MARK";
    case CORRAL_RELEASING:
        return "RELEASING";
    case CORRAL_STALE_STRING:
        return "STALE_STRING";
    case CORRAL_OBSERVING:
        return "OBSERVING";
    case CORRAL_DOUBLE_FREE:
        return "DOUBLE_FREE";
    case CORRAL_STACK_FULL:
        return "STACK_FULL";
    case CORRAL_NOT_TOP:
        return "NOT_TOP";
    case CORRAL_CORRUPTED:
        return "CORRUPTED";
    case CORRAL_DAMAGED:
        return "DAMAGED";
    case CORRAL_FILE_DAMAGED:
        return "FILE_DAMAGED";
    case CORRAL_STALE_HANDLE:
        return "STALE_HANDLE";
    }
    return "UNKNOWN";
}
