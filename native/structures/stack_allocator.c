/* SPDX-License-Identifier: Apache-2.0
 * stack_allocator.c - frames over one block.
 * Layer: structures. May include: arena.h, mempool.h, base/.
 *
 * A stack *is* an arena, with a role that says so: it needs nothing that would have to be kept in step with the arena,
 * ends with the arena's parent without being told, and to Java's objects a frame is a scope, or nothing that C would
 * have to know (stack_settle()). */
#include "corral/stack_allocator.h"

#include "arena/release_parts.h"
#include "structures/stack_parts.h"

static Arena *arena_of(const StackAllocator *stack) {
    Arena *arena = (Arena *)(uintptr_t)stack;
    return arena_is_valid(arena) && arena->role == STACK_ROLE ? arena : NULL;
}

static CorralStatus fail(Arena *arena, CorralStatus status) {
    arena_fail(arena, status);
    return status;
}

/* --- lifecycle ---------------------------------------------------------------------------------------------------- */

StackConfig stack_config_default(void) {
    return (StackConfig){.name = "stack", .size = STACK_SIZE_DEFAULT, .overflow = STACK_OVERFLOW_FAIL};
}

static ArenaConfig inside(const StackConfig *config) {
    ArenaConfig arena = config->parent != NULL ? arena_config_child(config->parent, SIZE_MAX) : arena_config_default();
    arena.name = config->name;
    arena.initial_size = arena.maximum_size = config->size;
    arena.alignment = ARENA_ALIGNMENT;
    arena.fixed = config->overflow != STACK_OVERFLOW_GROW;
    arena.exhausted = config->overflow == STACK_OVERFLOW_FALL_BACK ? ARENA_FALL_BACK : ARENA_GROW;
    arena.retain = SIZE_MAX;
    return arena;
}

StackAllocator *stack_create_with(Pool *pool, const StackConfig *config) {
    StackConfig defaults = stack_config_default();
    if (config == NULL) {
        config = &defaults;
    }
    CorralStatus status = CORRAL_INVALID_ARGUMENT;
    Arena *arena = NULL;
    if (config->overflow == STACK_OVERFLOW_FAIL || config->overflow == STACK_OVERFLOW_GROW ||
        config->overflow == STACK_OVERFLOW_FALL_BACK) {
        ArenaConfig arena_config = inside(config);
        arena_config.status = &status;
        arena = arena_create_with(pool, &arena_config);
    }
    if (arena != NULL) {
        arena->role = STACK_ROLE;
        arena->eventful = true;
    }
    if (config->status != NULL) {
        *config->status = status;
    }
    return (StackAllocator *)arena;
}

StackAllocator *stack_create(Pool *pool, size_t size) {
    StackConfig config = stack_config_default();
    config.size = size;
    return stack_create_with(pool, &config);
}

CorralStatus stack_adopt(Arena *arena) {
    if (!arena_is_valid(arena)) {
        return CORRAL_INVALID_ARENA;
    }
    arena->role = STACK_ROLE;
    arena->eventful = true;
    return CORRAL_OK;
}

CorralStatus stack_destroy(StackAllocator *stack) {
    Arena *arena = arena_of(stack);
    return arena != NULL ? arena_destroy(arena) : CORRAL_INVALID_ARENA;
}

/* --- frames ------------------------------------------------------------------------------------------------------- */

/* As arena_open_scope() and arena_close_scope() do it, in an arena that is not `tied`: nobody else has to be told, and
 * the marks are in the arena itself. Java does the same where it opens scopes (dev.corral.ArenaScopes). */
static uint64_t push_here(Arena *arena) {
    uint64_t id = arena->next_mark++ << ARENA_MARK_DEPTH_BITS | arena->mark_count;
    arena->marks[arena->mark_count++] = (MarkEntry){
        .id = id,
        .count = arena->control.count,
        .used_elsewhere = arena->used_elsewhere,
        .chunk = arena->control.chunk,
        .offset = (uint32_t)(arena->control.cursor - arena->control.base),
        .entered = arena->entered,
        .first_free = arena->first_free,
    };
    return id;
}

/* The top frame; false when it is more than a move of the cursor. */
static bool pop_here(Arena *arena) {
    const MarkEntry *entry = &arena->marks[arena->mark_count - 1];
    if (arena->tied || entry->entered != arena->entered || entry->first_free != arena->first_free) {
        return false;
    }
    peak_update(arena);
    window_move(arena, arena->control.base + entry->offset);
    arena->control.count = entry->count;
    arena->take_backs++;
    arena->mark_count--;
    return true;
}

StackFrame stack_push(StackAllocator *stack) {
    StackFrame frame = {.stack = NULL};
    Arena *arena = arena_of(stack);
    if (arena == NULL) {
        return frame;
    }
    if (!arena->tied && arena->mark_count < ARENA_INLINE_MARKS) {
        frame.stack = stack;
        frame.id = push_here(arena);
        return frame;
    }
    ArenaMark mark = arena_open_scope(arena);
    if (mark.arena != NULL) {
        frame.stack = stack;
        frame.id = mark.id;
    }
    return frame;
}

/* CORRAL_OK when the frame is the last one that is open; else why not. */
static CorralStatus check_top(const Arena *arena, StackFrame frame) {
    if (arena->mark_count != 0 && arena->marks[arena->mark_count - 1].id == frame.id) {
        return CORRAL_OK;
    }
    return mark_find(arena, frame.id) != NULL ? CORRAL_NOT_TOP : CORRAL_STALE_MARK;
}

/* A fixed arena that is full is a stack that overflows. */
static CorralStatus why(const Arena *arena) {
    CorralStatus status = arena_last_status(arena);
    return status == CORRAL_ARENA_FULL ? CORRAL_STACK_FULL : status;
}

void *stack_alloc(StackFrame frame, size_t size, size_t alignment) {
    Arena *arena = arena_of(frame.stack);
    if (arena == NULL) {
        return NULL;
    }
    CorralStatus status = check_top(arena, frame);
    if (status != CORRAL_OK) {
        fail(arena, status);
        return NULL;
    }
    /* 0 is not smaller than the default alignment: it is none. */
    bool usual = alignment - 1 < ARENA_ALIGNMENT && (alignment & (alignment - 1)) == 0;
    void *block = usual ? arena_alloc(arena, size) : arena_alloc_aligned(arena, size, alignment);
    if (block == NULL) {
        fail(arena, why(arena));
    }
    return block;
}

ArenaRef stack_alloc_ref(StackFrame frame, size_t size, size_t alignment) {
    Arena *arena = arena_of(frame.stack);
    if (arena == NULL) {
        return 0;
    }
    CorralStatus status = check_top(arena, frame);
    if (status != CORRAL_OK) {
        fail(arena, status);
        return 0;
    }
    ArenaRef ref = arena_alloc_ref(arena, size, alignment);
    if (ref == 0) {
        fail(arena, why(arena));
    }
    return ref;
}

bool stack_end_frames(StackAllocator *stack) {
    Arena *arena = arena_of(stack);
    if (arena == NULL || arena->mark_count != 0) {
        return false;
    }
    mark_stack_shrink(arena);
    return arena->fell_back != 0 && arena->control.count == 0 && arena->newest_child == NULL && !releases_tie(arena);
}

CorralStatus stack_pop(StackFrame frame) {
    Arena *arena = arena_of(frame.stack);
    if (arena == NULL) {
        return CORRAL_INVALID_ARENA;
    }
    CorralStatus place = check_top(arena, frame);
    if (place == CORRAL_OK && pop_here(arena)) {
        return stack_end_frames(frame.stack) ? arena_clear(arena) : CORRAL_OK;
    }
    if (place == CORRAL_STALE_MARK) {
        return fail(arena, place);
    }
    CorralStatus status = arena_close_scope(arena, (ArenaMark){.arena = arena, .id = frame.id});
    if (status == CORRAL_OK && stack_end_frames(frame.stack)) {
        status = arena_clear(arena);
    }
    /* Inner frames that nobody has popped, for whatever reason, must not stay: they end, and the caller is told. */
    return status == CORRAL_OK && place != CORRAL_OK ? fail(arena, place) : status;
}

/* --- what Java has done by itself --------------------------------------------------------------------------------- */

CorralStatus stack_reserve(Arena *arena, uint32_t depth) {
    return arena_is_valid(arena) ? mark_stack_reserve(arena, depth) : CORRAL_INVALID_ARENA;
}

uint64_t stack_settle(Arena *arena, StackPlace place, uint32_t peak, uint32_t frames) {
    if (!arena_is_valid(arena) || frames > arena->mark_room - arena->mark_count) {
        return 0;
    }
    if (arena->mark_count + frames <= ARENA_INLINE_MARKS) {
        mark_stack_shrink(arena);
    }
    uint64_t first = arena->next_mark << ARENA_MARK_DEPTH_BITS | arena->mark_count;
    window_move(arena, arena->control.base + peak);
    peak_update(arena);
    window_move(arena, arena->control.base + place.offset);
    arena->control.count = place.count;
    arena->take_backs++; /* frames may have been popped */
    for (uint32_t frame = 0; frame < frames; frame++) {
        push_here(arena);
    }
    return first;
}

void stack_narrow(Arena *arena, uint64_t id, StackPlace place) {
    if (!arena_is_valid(arena) || mark_find(arena, id) == NULL) {
        return;
    }
    /* Those around it began earlier, whatever stack_settle() has put down for them. */
    for (uint32_t depth = (uint32_t)id & (((uint32_t)1 << ARENA_MARK_DEPTH_BITS) - 1); depth + 1 != 0; depth--) {
        MarkEntry *frame = &arena->marks[depth];
        if (frame->offset <= place.offset && frame->count <= place.count) {
            break;
        }
        frame->offset = place.offset;
        frame->count = place.count;
    }
}

/* --- about the stack ---------------------------------------------------------------------------------------------- */

size_t stack_room(const StackAllocator *stack) {
    const Arena *arena = arena_of(stack);
    return arena != NULL ? (size_t)(arena->window_end - arena->control.cursor) : 0;
}

size_t stack_depth(const StackAllocator *stack) {
    const Arena *arena = arena_of(stack);
    return arena != NULL ? arena->mark_count : 0;
}

uint64_t stack_top(const StackAllocator *stack) {
    const Arena *arena = arena_of(stack);
    return arena != NULL && arena->mark_count != 0 ? arena->marks[arena->mark_count - 1].id : 0;
}

Arena *stack_arena(StackAllocator *stack) {
    return arena_of(stack);
}

CorralStatus stack_last_status(const StackAllocator *stack) {
    const Arena *arena = arena_of(stack);
    return arena != NULL ? arena_last_status(arena) : CORRAL_INVALID_ARENA;
}
