/* SPDX-License-Identifier: Apache-2.0
 * arena_recycler.c - borrowing arenas and giving them back.
 * Layer: structures. May include: arena/, mempool/, pages/, base/.
 *
 * The lock guards everything from `id` on. It is held for a few lines only: resetting, creating and destroying arenas
 * happens outside, by the thread that owns the arena at that time. */
#include "corral/arena_recycler.h"

#include <stdatomic.h>
#include <string.h>

#include "arena/arena_parts.h"
#include "base/align.h"
#include "base/check.h"
#include "mempool/pool_extension.h"
#include "os_lock.h"
#include "structures/arena_recycler_parts.h"

#define RECYCLER_MAGIC UINT32_C(0xABCD4331)

typedef struct Idle {
    Arena *arena;
    uint64_t bytes; /* of its chunks when it was returned */
} Idle;

/* Idle arenas lie in a ring, the one that has been idle for longest at `oldest`.
 * Invariants: kept <= kept_max; kept_bytes = sum of their chunks <= kept_bytes_max; the invariants of RecyclerStats;
 *             an arena that is idle here has lender == id and is not lent, one that is borrowed is lent */
struct ArenaRecycler {
    void *free_link; /* not used: books that were given back are linked here, which leaves the marker alone */
    uint32_t magic;  /* RECYCLER_MAGIC; 0 once it is destroyed */
    Pool *pool;
    ArenaConfig config;
    ArenaObserver observer;
    char name[ARENA_NAME_MAX + 1];
    bool held; /* Java's: see recycler_hold() */
    OsLock lock;

    uint64_t id; /* of no other recycler of the process */
    size_t kept_max;
    size_t kept_bytes_max;
    RecyclerStats stats; /* `borrowed` and `typical` are computed when they are asked for */
    RecentUses uses;
    size_t oldest;
    Idle ring[];
};

static _Atomic uint64_t next_id = 1;

static size_t recycler_bytes(size_t kept_max) {
    return sizeof(ArenaRecycler) + kept_max * sizeof(Idle);
}

static bool recycler_is_valid(const ArenaRecycler *recycler) {
    return recycler != NULL && (uintptr_t)recycler % 64 == 0 && recycler->magic == RECYCLER_MAGIC;
}

/* --- life --------------------------------------------------------------------------------------------------------- */

RecyclerConfig recycler_config_default(void) {
    return (RecyclerConfig){
        .arena = arena_config_default(),
        .kept_max = RECYCLER_KEPT_DEFAULT,
        .kept_bytes_max = RECYCLER_KEPT_BYTES_DEFAULT,
        .percentile = RECYCLER_PERCENTILE_DEFAULT,
    };
}

static CorralStatus config_check(const Pool *pool, const RecyclerConfig *config) {
    bool in_range = config->kept_max <= RECYCLER_KEPT_MAX && 1 <= config->percentile && config->percentile <= 100 &&
                    config->arena.parent == NULL;
    if (!in_range) {
        return CORRAL_INVALID_ARGUMENT;
    }
    return pool_is_valid(pool) ? arena_config_check(&config->arena) : CORRAL_INVALID_POOL;
}

static void recycler_init(ArenaRecycler *recycler, Pool *pool, const RecyclerConfig *config) {
    recycler->pool = pool;
    recycler->config = config->arena;
    recycler->config.status = NULL;
    recycler->config.name = recycler->name;
    if (config->arena.name != NULL) {
        strncpy(recycler->name, config->arena.name, ARENA_NAME_MAX);
    }
    if (config->arena.observer != NULL) {
        recycler->observer = *config->arena.observer;
        recycler->config.observer = &recycler->observer;
    }
    recycler->id = atomic_fetch_add_explicit(&next_id, 1, memory_order_relaxed); /* only to be unique */
    recycler->kept_max = config->kept_max;
    recycler->kept_bytes_max = config->kept_bytes_max;
    recycler->uses.percentile = (uint8_t)config->percentile;
    recycler->magic = RECYCLER_MAGIC;
}

static CorralStatus recycler_build(Pool *pool, const RecyclerConfig *config, ArenaRecycler **recycler) {
    CorralStatus status = config_check(pool, config);
    if (status != CORRAL_OK) {
        return status;
    }
    ArenaRecycler *made = pool_books_take(pool, recycler_bytes(config->kept_max));
    if (made == NULL) {
        return CORRAL_NO_MEMORY;
    }
    if (!os_lock_init(&made->lock)) {
        pool_books_give(pool, made, recycler_bytes(config->kept_max));
        return CORRAL_NO_MEMORY;
    }
    recycler_init(made, pool, config);
    *recycler = made;
    return CORRAL_OK;
}

ArenaRecycler *recycler_create_with(Pool *pool, const RecyclerConfig *config) {
    RecyclerConfig defaults = recycler_config_default();
    if (config == NULL) {
        config = &defaults;
    }
    ArenaRecycler *recycler = NULL;
    CorralStatus status = recycler_build(pool, config, &recycler);
    if (config->status != NULL) {
        *config->status = status;
    }
    return recycler;
}

ArenaRecycler *recycler_create(Pool *pool) {
    return recycler_create_with(pool, NULL);
}

void recycler_hold(ArenaRecycler *recycler) {
    recycler->held = true;
}

/* --- idle arenas; the lock is held -------------------------------------------------------------------------------- */

/* False when somebody has destroyed the arena since it was returned, and perhaps made another one in its place. */
static bool is_still_idle(const ArenaRecycler *recycler, const Arena *arena) {
    return arena_is_valid(arena) && arena->lender == recycler->id && !arena->lent;
}

static size_t ring_index(const ArenaRecycler *recycler, uint64_t place) {
    return (size_t)((recycler->oldest + place) % recycler->kept_max);
}

/* Takes an idle arena out: the newest, or the oldest. NULL: there is none. */
static Arena *ring_take(ArenaRecycler *recycler, bool newest) {
    while (recycler->stats.kept != 0) {
        uint64_t place = newest ? recycler->stats.kept - 1 : 0;
        Idle idle = recycler->ring[ring_index(recycler, place)];
        recycler->oldest = newest ? recycler->oldest : ring_index(recycler, 1);
        recycler->stats.kept--;
        recycler->stats.kept_bytes -= idle.bytes;
        if (is_still_idle(recycler, idle.arena)) {
            return idle.arena;
        }
        recycler->stats.trimmed++; /* not by us */
    }
    return NULL;
}

static uint64_t typical_bytes(const ArenaRecycler *recycler) {
    return recycler->uses.count == 0 ? 0 : uses_bin_bytes(recycler->uses.typical);
}

/* Bytes of chunks that recent uses justify: an arena with more is outgrown. */
static uint64_t justified_bytes(const ArenaRecycler *recycler) {
    uint64_t typical = typical_bytes(recycler);
    uint64_t initial = align_up(recycler->config.initial_size, recycler->config.alignment);
    return typical < UINT64_MAX / 4 ? 2 * typical + initial : UINT64_MAX;
}

static bool has_room(const ArenaRecycler *recycler, uint64_t allocated) {
    uint64_t bytes = recycler->stats.kept_bytes;
    return recycler->stats.kept < recycler->kept_max && bytes <= recycler->kept_bytes_max &&
           allocated <= recycler->kept_bytes_max - bytes;
}

/* --- borrowing ---------------------------------------------------------------------------------------------------- */

/* Bytes of the first chunk of a new arena. */
static size_t first_chunk(const ArenaRecycler *recycler) {
    const ArenaConfig *config = &recycler->config;
    uint64_t largest = ARENA_SIZE_LIMIT - config->alignment;
    largest = config->limit < largest ? config->limit / config->alignment * config->alignment : largest;
    uint64_t typical = typical_bytes(recycler);
    typical = typical < largest ? typical : largest;
    return config->fixed || typical <= config->initial_size ? config->initial_size : (size_t)typical;
}

static CorralStatus create_arena(const ArenaRecycler *recycler, size_t first, Arena **arena) {
    CorralStatus status = CORRAL_OK;
    ArenaConfig config = recycler->config;
    config.status = &status;
    config.initial_size = first;
    config.maximum_size = first > config.maximum_size ? first : config.maximum_size;
    *arena = arena_create_with(recycler->pool, &config);
    bool too_much = status == CORRAL_NO_MEMORY || status == CORRAL_LIMIT_REACHED;
    return too_much && first > recycler->config.initial_size
               ? create_arena(recycler, recycler->config.initial_size, arena)
               : status;
}

CorralStatus recycler_borrow(ArenaRecycler *recycler, Arena **arena) {
    if (arena == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    *arena = NULL;
    if (!recycler_is_valid(recycler)) {
        return CORRAL_INVALID_ARGUMENT;
    }
    os_lock_take(&recycler->lock);
    Arena *idle = ring_take(recycler, true);
    recycler->stats.hits += idle != NULL ? 1 : 0;
    size_t first = first_chunk(recycler);
    os_lock_release(&recycler->lock);
    if (idle == NULL) {
        CorralStatus status = create_arena(recycler, first, &idle);
        if (status != CORRAL_OK) {
            return status;
        }
        idle->lender = recycler->id;
        os_lock_take(&recycler->lock);
        recycler->stats.misses++;
        os_lock_release(&recycler->lock);
    }
    idle->lent = true;
    *arena = idle;
    return CORRAL_OK;
}

CorralStatus recycler_borrow_held(ArenaRecycler *recycler, Arena **arena) {
    CorralStatus status = recycler_borrow(recycler, arena);
    if (status == CORRAL_OK) {
        arena_slot_hold(*arena);
    }
    return status;
}

/* --- giving back -------------------------------------------------------------------------------------------------- */

/* Counts the use, and puts the arena, which is reset, among the idle ones if it may stay: then it is others'. */
static bool keep(ArenaRecycler *recycler, Arena *arena, uint64_t used, bool sound) {
    os_lock_take(&recycler->lock);
    uses_add(&recycler->uses, used);
    RecyclerStats *stats = &recycler->stats;
    bool outgrown = arena->allocated > justified_bytes(recycler);
    bool kept = sound && !outgrown && has_room(recycler, arena->allocated);
    stats->returned++;
    stats->outgrown += outgrown ? 1 : 0;
    if (kept) {
        arena->lent = false;
        recycler->ring[ring_index(recycler, stats->kept)] = (Idle){arena, arena->allocated};
        stats->kept++;
        stats->kept_bytes += arena->allocated;
    } else {
        stats->dropped++;
    }
    os_lock_release(&recycler->lock);
    return kept;
}

CorralStatus recycler_give_back(ArenaRecycler *recycler, Arena *arena, GivenBack *given) {
    uint64_t used = arena_peak_used(arena);
    CorralStatus status = arena_renew(arena);
    if (status != CORRAL_OK && status != CORRAL_DAMAGED) {
        return status;
    }
    bool held = arena->held;
    arena->held = false; /* it is live, so there is nothing more to letting it go */
    given->same_chunks = !arena->rearranged;
    given->kept = keep(recycler, arena, used, status == CORRAL_OK);
    if (!given->kept) {
        given->same_chunks = false;
        arena->held = held; /* nobody may have the slot before it is let go */
        (void)arena_destroy(arena);
        if (held) {
            arena_slot_let_go(arena);
        }
    }
    return status;
}

uint64_t recycler_add_uses(ArenaRecycler *recycler, const uint64_t *uses, size_t count) {
    os_lock_take(&recycler->lock);
    for (size_t i = 0; i < count; i++) {
        uses_add(&recycler->uses, uses[i]);
    }
    recycler->stats.hits += count;
    recycler->stats.returned += count;
    uint64_t justified = justified_bytes(recycler);
    os_lock_release(&recycler->lock);
    return justified;
}

CorralStatus recycler_return(ArenaRecycler *recycler, Arena *arena) {
    if (!recycler_is_valid(recycler)) {
        return CORRAL_INVALID_ARGUMENT;
    }
    if (!arena_is_valid(arena)) {
        return CORRAL_INVALID_ARENA;
    }
    if (arena->lender != recycler->id || arena->held) { /* what Java holds it closes */
        return CORRAL_FOREIGN_POINTER;
    }
    GivenBack given;
    return arena->lent ? recycler_give_back(recycler, arena, &given) : CORRAL_DOUBLE_FREE;
}

/* --- the idle ones ------------------------------------------------------------------------------------------------ */

/* The oldest idle arena if more than `keep_bytes` are kept, else NULL. */
static Arena *take_surplus(ArenaRecycler *recycler, size_t keep_bytes, uint64_t *bytes) {
    os_lock_take(&recycler->lock);
    Arena *arena = recycler->stats.kept_bytes > keep_bytes ? ring_take(recycler, false) : NULL;
    if (arena != NULL) {
        recycler->stats.trimmed++;
        *bytes += arena->allocated;
    }
    os_lock_release(&recycler->lock);
    return arena;
}

uint64_t recycler_trim(ArenaRecycler *recycler, size_t keep_bytes) {
    uint64_t bytes = 0;
    if (!recycler_is_valid(recycler)) {
        return 0;
    }
    for (Arena *arena; (arena = take_surplus(recycler, keep_bytes, &bytes)) != NULL;) {
        (void)arena_destroy(arena);
    }
    return bytes;
}

CorralStatus recycler_destroy(ArenaRecycler *recycler) {
    return recycler_is_valid(recycler) && recycler->held ? CORRAL_FOREIGN_POINTER : recycler_end(recycler);
}

CorralStatus recycler_end(ArenaRecycler *recycler) {
    if (!recycler_is_valid(recycler)) {
        return CORRAL_INVALID_ARGUMENT;
    }
    recycler_trim(recycler, 0);
    recycler->magic = 0;
    os_lock_destroy(&recycler->lock);
    pool_books_give(recycler->pool, recycler, recycler_bytes(recycler->kept_max));
    return CORRAL_OK;
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

CorralStatus recycler_stats(ArenaRecycler *recycler, RecyclerStats *stats) {
    if (stats == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    memset(stats, 0, sizeof *stats);
    if (!recycler_is_valid(recycler)) {
        return CORRAL_INVALID_ARGUMENT;
    }
    os_lock_take(&recycler->lock);
    *stats = recycler->stats;
    stats->typical = typical_bytes(recycler);
    os_lock_release(&recycler->lock);
    stats->borrowed = stats->hits + stats->misses - stats->returned;
    return CORRAL_OK;
}

static bool idle_hold(const ArenaRecycler *recycler) {
    const RecyclerStats *stats = &recycler->stats;
    uint64_t bytes = 0;
    for (uint64_t place = 0; place < stats->kept; place++) {
        const Idle *idle = &recycler->ring[ring_index(recycler, place)];
        const Arena *arena = idle->arena;
        if (!is_still_idle(recycler, arena) || arena->held || arena->control.count != 0 || !arena_is_sound(arena) ||
            arena->allocated != idle->bytes) {
            return false;
        }
        bytes += idle->bytes;
    }
    return bytes == stats->kept_bytes && bytes <= recycler->kept_bytes_max;
}

CorralStatus recycler_check(ArenaRecycler *recycler) {
    if (!recycler_is_valid(recycler)) {
        return CORRAL_INVALID_ARGUMENT;
    }
    os_lock_take(&recycler->lock);
    const RecyclerStats *stats = &recycler->stats;
    bool sums = stats->kept <= recycler->kept_max && stats->dropped <= stats->returned &&
                stats->outgrown <= stats->dropped && stats->returned <= stats->hits + stats->misses &&
                stats->returned - stats->dropped - stats->trimmed - stats->hits == stats->kept;
    bool holds = sums && uses_hold(&recycler->uses) && idle_hold(recycler);
    os_lock_release(&recycler->lock);
    return holds ? CORRAL_OK : CORRAL_CORRUPTED;
}
