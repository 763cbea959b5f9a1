/* SPDX-License-Identifier: Apache-2.0
 * arena_slots.c - control blocks of a pool, side by side in slabs.
 * Layer: arena. May include: mempool.h, base/.
 *
 * A slab is books of the pool, which no view of a block can reach, aligned to its own size, so that Java finds the slab
 * of an arena by masking the address and needs one direct buffer per slab instead of one per arena. Slabs stay until
 * the pool is destroyed: the marker of a destroyed arena can be read as long as its pool lives, which is what makes
 * refusing it safe. */
#include <string.h>

#include "arena/release_parts.h"
#include "base/check.h"
#include "mempool/pool_extension.h"

/* In the first slot of every slab, behind the pool's header. Invariant: the free list of all slabs is headed in the
 * first slab of the pool. */
typedef struct ArenaSlab {
    unsigned char header[POOL_SLAB_HEADER];
    Pool *pool;
    struct ArenaSlab *next;
    struct FreeSlot *free; /* used in the first slab only */
    void *above;           /* of the layer above; likewise */
} ArenaSlab;

/* A slot without an arena. The link lies behind the control block, whose marker must stay 0. */
typedef struct FreeSlot {
    ArenaControl control;
    uint64_t take_backs;
    struct FreeSlot *next;
} FreeSlot;

static_assert(offsetof(FreeSlot, take_backs) == offsetof(Arena, take_backs), "a free slot keeps the count");
static_assert(sizeof(FreeSlot) <= offsetof(Arena, next_mark), "a free slot keeps the number of its next mark");
static_assert(sizeof(FreeSlot) <= offsetof(Arena, held), "a free slot says whether it is held");
static_assert(sizeof(FreeSlot) <= ARENA_SLOT_BYTES && sizeof(ArenaSlab) <= ARENA_SLOT_BYTES, "both fit in a slot");

static void slab_fill_free_list(ArenaSlab *slab, ArenaSlab *first) {
    for (size_t offset = ARENA_SLAB_BYTES / ARENA_SLOT_BYTES - 1; offset > 0; offset--) {
        FreeSlot *slot = (FreeSlot *)(void *)((char *)slab + offset * ARENA_SLOT_BYTES);
        slot->next = first->free;
        first->free = slot;
    }
}

/* Adds a slab; the caller holds the extension lock. */
static CorralStatus slab_add(Pool *pool) {
    ArenaSlab *slab = pool_books_slab(pool, ARENA_SLAB_BYTES);
    if (slab == NULL) {
        return CORRAL_NO_MEMORY;
    }
    slab->pool = pool;
    void **extension = pool_extension(pool);
    ArenaSlab *first = *extension;
    if (first == NULL) {
        *extension = first = slab;
        pool_extension_at_end(pool, arenas_end_with_pool);
    } else {
        slab->next = first->next;
        first->next = slab;
    }
    slab_fill_free_list(slab, first);
    return CORRAL_OK;
}

void **arena_slots_above(Pool *pool) {
    if (*pool_extension(pool) == NULL && slab_add(pool) != CORRAL_OK) {
        return NULL;
    }
    ArenaSlab *first = *pool_extension(pool);
    return &first->above;
}

/* Leaves only what keeps anything of the slot's last arena from fitting the next one. */
static void slot_wipe(Arena *arena) {
    uint64_t next_mark = arena->next_mark;
    uint64_t take_backs = arena->take_backs;
    memset(arena, 0, ARENA_SLOT_BYTES);
    arena->next_mark = next_mark;
    arena->take_backs = take_backs;
}

/* Whether all bytes are zero but for the two numbers that go on. */
static inline bool slot_is_wiped(const Arena *arena) {
    Arena wiped;
    memcpy(&wiped, arena, sizeof wiped);
    wiped.next_mark = wiped.take_backs = 0;
    const unsigned char *bytes = (const unsigned char *)&wiped;
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, sizeof wiped - 1) == 0;
}

/* What arena_slot_give() has left, or the pool as new. */
static Arena *slot_wiped(FreeSlot *slot) {
    Arena *arena = (Arena *)slot;
    arena->tied = false;
    CHECK_EXPENSIVE(slot_is_wiped(arena));
    return arena;
}

CorralStatus arena_slot_take(Pool *pool, Arena **arena) {
    *arena = NULL;
    os_lock_take(pool_extension_lock(pool));
    ArenaSlab *first = *pool_extension(pool);
    CorralStatus status = CORRAL_OK;
    if (first == NULL || first->free == NULL) {
        status = slab_add(pool);
        first = *pool_extension(pool);
    }
    if (status == CORRAL_OK) {
        FreeSlot *slot = first->free;
        first->free = slot->next;
        slot->next = NULL;
        *arena = slot_wiped(slot);
        (*arena)->take_backs++;
    }
    os_lock_release(pool_extension_lock(pool));
    return status;
}

/* Makes a slot free; the caller holds the extension lock. */
static void slot_free(Arena *arena, Pool *pool) {
    ArenaSlab *first = *pool_extension(pool);
    FreeSlot *slot = (FreeSlot *)arena;
    slot->next = first->free;
    first->free = slot;
}

bool arena_slot_give(Arena *arena, Pool *pool) {
    os_lock_take(pool_extension_lock(pool));
    bool live = arena->control.magic == ARENA_MAGIC;
    if (live) {
        bool held = arena->held;
        slot_wipe(arena);    /* whoever still has the address finds nothing that leads anywhere */
        arena->take_backs++; /* as after any other end of all blocks */
        arena->tied = true;  /* Java does not add marks to an arena that is */
        arena->held = held;
        if (!held) {
            slot_free(arena, pool);
        }
    }
    os_lock_release(pool_extension_lock(pool));
    return live;
}

/* The lock is not held during a visit; slabs stay, and the list of them only grows behind the first. */
void arena_slots_visit(Pool *pool, void (*visit)(Arena *arena, void *context), void *context) {
    os_lock_take(pool_extension_lock(pool));
    ArenaSlab *slab = *pool_extension(pool);
    os_lock_release(pool_extension_lock(pool));
    while (slab != NULL) {
        for (size_t offset = ARENA_SLOT_BYTES; offset + ARENA_SLOT_BYTES <= ARENA_SLAB_BYTES;
             offset += ARENA_SLOT_BYTES) {
            Arena *arena = (Arena *)(void *)((char *)slab + offset);
            if (arena_is_valid(arena)) {
                visit(arena, context);
            }
        }
        os_lock_take(pool_extension_lock(pool));
        slab = slab->next;
        os_lock_release(pool_extension_lock(pool));
    }
}

void arena_slot_hold(Arena *arena) {
    arena->held = true;
}

void arena_slot_let_go(Arena *arena) {
    if (arena == NULL || !arena->held) {
        return;
    }
    const ArenaSlab *slab = (const ArenaSlab *)((uintptr_t)arena & ~(uintptr_t)(ARENA_SLAB_BYTES - 1));
    os_lock_take(pool_extension_lock(slab->pool));
    arena->held = false;
    if (arena->control.magic != ARENA_MAGIC) {
        slot_free(arena, slab->pool);
    }
    os_lock_release(pool_extension_lock(slab->pool));
}
