/* SPDX-License-Identifier: Apache-2.0
 * arena.c - life of an arena, and what the files of this layer share.
 * Layer: arena. May include: mempool.h, base/. */
#include "corral/arena.h"

#include <string.h>

#include "arena/release_parts.h"
#include "base/align.h"
#include "mempool/pool_extension.h"

/* --- helpers ------------------------------------------------------------------------------------------------------ */

/* --- lifecycle ---------------------------------------------------------------------------------------------------- */

ArenaConfig arena_config_default(void) {
    return (ArenaConfig){
        .name = "arena",
        .initial_size = ARENA_INITIAL_DEFAULT,
        .maximum_size = ARENA_MAXIMUM_DEFAULT,
        .alignment = ARENA_ALIGNMENT,
        .limit = SIZE_MAX,
        .retain = SIZE_MAX,
    };
}

CorralStatus arena_config_check(const ArenaConfig *config) {
    if (config->alignment != 8 && config->alignment != 16) {
        return CORRAL_BAD_ALIGNMENT;
    }
    size_t initial = align_up(config->initial_size, config->alignment);
    size_t largest =
        ARENA_SIZE_LIMIT - config->alignment; /* a reference's 30 bits also name the end of a current chunk */
    bool ordered = 1 <= config->initial_size && config->initial_size <= config->maximum_size;
    bool sized = ordered && config->maximum_size <= largest && initial <= config->limit;
    bool known =
        config->exhausted == ARENA_GROW || config->exhausted == ARENA_FAIL || config->exhausted == ARENA_FALL_BACK;
    return sized && known ? CORRAL_OK : CORRAL_INVALID_ARGUMENT;
}

/* SIZE_MAX says that there is none, on platforms with smaller sizes too. */
static uint64_t bytes_or_none(size_t bytes) {
    return bytes == SIZE_MAX ? UINT64_MAX : bytes;
}

static void arena_init(Arena *arena, Pool *pool, const ArenaConfig *config) {
    arena->control.magic = ARENA_MAGIC;
    arena->control.version = ARENA_LAYOUT_VERSION;
    arena->control.generation = 1;
    arena->control.align_mask = (uint8_t)(config->alignment - 1);
    arena->pool = pool;
    arena->chunks = arena->inline_chunks;
    arena->chunk_room = ARENA_INLINE_CHUNKS;
    arena->marks = arena->inline_marks;
    arena->mark_room = ARENA_INLINE_MARKS;
    arena->next_mark++; /* never 0 */
    arena->rover_size = UINT32_MAX;
    arena->initial_size = (uint32_t)align_up(config->initial_size, config->alignment);
    arena->maximum_size = (uint32_t)align_up(config->maximum_size, config->alignment);
    arena->target = arena->initial_size;
    arena->squeeze_from = UINT32_MAX;
    arena->limit = bytes_or_none(config->limit);
    arena->retain = bytes_or_none(config->retain);
    arena->exhausted = config->exhausted;
    arena->fixed = config->fixed;
    arena->poison = config->poison;
    arena->zeroed = config->zeroed;
    arena->closed = config->poison || config->debug || config->observer != NULL;
    arena->observed = config->observer != NULL;
    if (config->observer != NULL) {
        arena->observer = *config->observer;
    }
    if (config->name != NULL) {
        strncpy(arena->name, config->name, ARENA_NAME_MAX);
    }
    arena->tied = arena_is_tied(arena);
}

static CorralStatus pool_check_with_parent(Pool **pool, const Arena *parent) {
    if (parent != NULL) {
        if (!arena_is_valid(parent)) {
            return CORRAL_INVALID_ARENA;
        }
        CorralStatus busy = family_busy(parent);
        if (busy != CORRAL_OK) {
            return busy;
        }
        if (*pool == NULL) {
            *pool = parent->pool;
        } else if (*pool != parent->pool) {
            return CORRAL_INVALID_ARGUMENT;
        }
    }
    return pool_is_valid(*pool) ? CORRAL_OK : CORRAL_INVALID_POOL;
}

/* Acquires the chunk that an arena has from its creation on. */
static CorralStatus acquire_first(Arena *arena) {
    if (arena->initial_size > limit_room(arena, false)) {
        return CORRAL_LIMIT_REACHED;
    }
    uint32_t first = 0;
    CorralStatus status = chunk_append(arena, arena->initial_size, ARENA_CHUNK_ALIGNMENT, false, &first);
    if (status == CORRAL_OK) {
        chunk_enter(arena, first);
    }
    return status;
}

static CorralStatus arena_build(Pool *pool, const ArenaConfig *config, Arena **arena) {
    CorralStatus status = pool_check_with_parent(&pool, config->parent);
    if (status != CORRAL_OK) {
        return status;
    }
    status = arena_config_check(config);
    if (status != CORRAL_OK) {
        return status;
    }
    status = arena_slot_take(pool, arena);
    if (status != CORRAL_OK) {
        return status;
    }
    arena_init(*arena, pool, config);
    family_join(*arena, config->parent);
    status = config->debug ? debug_create(*arena, config) : CORRAL_OK;
    if (status == CORRAL_OK) {
        status = acquire_first(*arena);
    }
    if (status != CORRAL_OK) {
        debug_give(pool, (*arena)->debug);
        family_leave(*arena);
        arena_slot_give(*arena, pool);
        *arena = NULL;
    }
    if (status == CORRAL_OK) {
        observer_tell_chunk(*arena);
    }
    return status;
}

Arena *arena_create_with(Pool *pool, const ArenaConfig *config) {
    ArenaConfig defaults = arena_config_default();
    if (config == NULL) {
        config = &defaults;
    }
    Arena *arena = NULL;
    CorralStatus status = arena_build(pool, config, &arena);
    if (config->status != NULL) {
        *config->status = status;
    }
    if (status != CORRAL_OK && arena_is_valid(config->parent)) {
        arena_fail(config->parent, status);
    }
    return arena;
}

Arena *arena_create(Pool *pool, size_t initial_size, size_t maximum_size) {
    ArenaConfig config = arena_config_default();
    config.initial_size = initial_size;
    config.maximum_size = maximum_size;
    return arena_create_with(pool, &config);
}

Arena *arena_create_default(Pool *pool) {
    return arena_create_with(pool, NULL);
}

Arena *arena_create_fixed(Pool *pool, size_t size) {
    ArenaConfig config = arena_config_default();
    config.initial_size = size;
    config.maximum_size = size;
    config.fixed = true;
    return arena_create_with(pool, &config);
}

CorralStatus arena_end(Arena *arena) {
    Pool *pool = arena->pool;
    ArenaReleases *releases = arena->releases;
    ArenaChunk *table = arena->chunks == arena->inline_chunks ? NULL : arena->chunks;
    uint32_t room = arena->chunk_room;
    ArenaDebug *debug = arena->debug;
    debug_begin(arena, "destroy");
    debug_take_back(arena, 0);
    space_take_back_all(arena);
    observer_tell_destroy(arena);
    family_leave(arena);
    chunks_release_from(arena, 0);
    CorralStatus status = debug_end(arena);
    arena->mark_count = 0;
    mark_stack_shrink(arena);
    arena_slot_give(arena, pool);
    debug_give(pool, debug);
    chunk_table_give(pool, table, room);
    releases_give(pool, releases);
    return status;
}

CorralStatus arena_destroy(Arena *arena) {
    if (!arena_is_valid(arena)) {
        return CORRAL_INVALID_ARENA;
    }
    CorralStatus status = before_taking_back(arena, 0);
    return status == CORRAL_OK ? arena_end(arena) : status;
}

/* --- the end of a pool -------------------------------------------------------------------------------------------- */

static void find_busy(Arena *arena, void *found) {
    CorralStatus *status = found;
    *status = *status == CORRAL_OK ? family_busy(arena) : *status;
}

static void end_with_pool(Arena *arena, void *leaves_contents) {
    (void)before_taking_back(arena, 0); /* it is not busy */
    (void)debug_check(arena, "pool_destroy");
    if (arena->zeroed && !*(const bool *)leaves_contents) {
        space_take_back_all(arena);
    }
    observer_tell_destroy(arena);
}

/* Java may keep the slab mapped, and one who has missed the end of the pool must find no arena there. After all have
 * ended, as families refer to each other. */
static void forget(Arena *arena, void *context) {
    (void)context;
    (void)arena_slot_give(arena, arena->pool);
}

CorralStatus arenas_end_with_pool(Pool *pool, bool leaves_contents) {
    CorralStatus status = CORRAL_OK;
    arena_slots_visit(pool, find_busy, &status);
    if (status == CORRAL_OK) {
        arena_slots_visit(pool, end_with_pool, &leaves_contents);
        arena_slots_visit(pool, forget, NULL);
    }
    return status;
}
