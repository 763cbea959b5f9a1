/* SPDX-License-Identifier: Apache-2.0
 * arena_family.c - arenas below arenas.
 * Layer: arena. May include: mempool.h, base/.
 *
 * The walks here keep no stack: they go down to the newest child, to an older sibling, and up by `parent`, so that a
 * family may be of any depth. */
#include "arena/release_parts.h"
#include "base/align.h"
#include "base/check.h"

void family_join(Arena *arena, Arena *parent) {
    arena->parent = parent;
    arena->limiter = arena->limit != UINT64_MAX ? arena : parent != NULL ? parent->limiter : NULL;
    if (parent == NULL) {
        return;
    }
    arena->eventful = parent->eventful = true;
    arena->older = parent->newest_child;
    if (arena->older != NULL) {
        arena->older->newer = arena;
    }
    parent->newest_child = arena;
}

void family_leave(Arena *arena) {
    CHECK(arena->newest_child == NULL);
    if (arena->newer != NULL) {
        arena->newer->older = arena->older;
    } else if (arena->parent != NULL) {
        arena->parent->newest_child = arena->older;
    }
    if (arena->older != NULL) {
        arena->older->newer = arena->newer;
    }
}

void family_end_children(Arena *arena) {
    Arena *at = arena;
    while (at != arena || at->newest_child != NULL) {
        at->ending = true;
        if (at->newest_child != NULL) {
            at = at->newest_child;
        } else {
            Arena *parent = at->parent;
            at->ending = false;
            (void)before_taking_back(at, 0); /* not busy, and without children */
            arena_end(at);
            at = parent;
        }
    }
    arena->ending = false;
}

/* The arena after `at` in a walk over all arenas below `top`, each before its children; NULL after the last one. */
static const Arena *next_below(const Arena *at, const Arena *top) {
    if (at->newest_child != NULL) {
        return at->newest_child;
    }
    while (at != top && at->older == NULL) {
        at = at->parent;
    }
    return at != top ? at->older : NULL;
}

CorralStatus family_busy(const Arena *arena) {
    if (arena->telling) {
        return CORRAL_OBSERVING;
    }
    bool running = arena->releases != NULL && arena->releases->running;
    return arena->ending || running ? CORRAL_RELEASING : CORRAL_OK;
}

CorralStatus family_busy_below(const Arena *arena) {
    CorralStatus status = family_busy(arena);
    if (arena->newest_child == NULL) {
        return status;
    }
    for (const Arena *at = next_below(arena, arena); at != NULL && status == CORRAL_OK; at = next_below(at, arena)) {
        status = family_busy(at);
    }
    return status;
}

void family_count(const Arena *arena, uint64_t *children, uint64_t *allocated) {
    *children = 0;
    *allocated = 0;
    for (const Arena *at = next_below(arena, arena); at != NULL; at = next_below(at, arena)) {
        ++*children;
        *allocated += at->allocated;
    }
}

/* What chunks of `at`, which is `limiter` or below it, count against `limiter`. */
static uint64_t counted(const Arena *at, const Arena *limiter) {
    return limit_counts(limiter, true) ? at->allocated : at->allocated - at->fell_back;
}

bool family_holds(const Arena *arena) {
    const Arena *parent = arena->parent;
    const Arena *older = arena->older;
    const Arena *newer = arena->newer;
    const Arena *newest = arena->newest_child;
    bool is_newest = parent != NULL && parent->newest_child == arena;
    bool linked = (newest == NULL || (newest->parent == arena && newest->newer == NULL)) &&
                  (older == NULL || (older->parent == parent && older->newer == arena)) &&
                  (newer == NULL || (newer->parent == parent && newer->older == arena)) &&
                  (parent == NULL || (newer == NULL) == is_newest);
    if (arena->limit == UINT64_MAX) {
        return linked && arena->limiter == (parent != NULL ? parent->limiter : NULL);
    }
    uint64_t charged = counted(arena, arena);
    for (const Arena *at = next_below(arena, arena); at != NULL; at = next_below(at, arena)) {
        charged += counted(at, arena);
    }
    return linked && arena->limiter == arena && charged == arena->charged && charged <= arena->limit;
}

ArenaConfig arena_config_child(Arena *parent, size_t limit) {
    ArenaConfig config = arena_config_default();
    config.parent = parent;
    config.limit = limit;
    if (!arena_is_valid(parent)) {
        return config;
    }
    config.name = parent->name;
    config.alignment = (size_t)parent->control.align_mask + 1;
    size_t most = limit & ~(size_t)parent->control.align_mask;
    config.initial_size = parent->initial_size < most ? parent->initial_size : most;
    config.maximum_size = parent->maximum_size < most ? parent->maximum_size : most;
    config.fixed = parent->fixed;
    config.exhausted = parent->exhausted;
    config.retain = parent->retain > SIZE_MAX ? SIZE_MAX : (size_t)parent->retain;
    config.poison = parent->poison;
    config.zeroed = parent->zeroed;
    debug_config(parent, &config);
    return config;
}

Arena *arena_create_child(Arena *parent, size_t limit) {
    ArenaConfig config = arena_config_child(parent, limit);
    return parent != NULL ? arena_create_with(NULL, &config) : NULL;
}
