/* SPDX-License-Identifier: Apache-2.0
 * mempool_quarantine.c - blocks that stay what they are after pool_free(), while somebody holds them.
 * Layer: mempool. May include: pages/, base/. Threads: any.
 *
 * What is held is a set of addresses, open addressing with linear probing, in books of the pool; bit 0 of an entry says
 * that the block was freed. Removal moves later entries up (Knuth, TAOCP 6.4, algorithm R), so there are no
 * tombstones. Pools with a quarantine have no caches: every free comes by here. */
#include "mempool_cache.h"

#include <string.h>

#include "base/check.h"
#include "pool_extension.h"

#define FIRST_ROOM 64 /* a power of two, as every room */
#define FREED ((uintptr_t)1)

static size_t home_of(const Held *held, uintptr_t address) {
    uint64_t hash = (uint64_t)(address / POOL_ALIGNMENT) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(hash >> 32) & (held->room - 1);
}

/* The entry of an address, or the empty one where it belongs. There is always an empty one. */
static uintptr_t *entry_of(const Held *held, uintptr_t address) {
    size_t at = home_of(held, address);
    while (held->entries[at] != 0 && (held->entries[at] & ~FREED) != address) {
        at = (at + 1) & (held->room - 1);
    }
    return &held->entries[at];
}

static bool has_room(const Held *held) {
    return held->count * 2 < held->room;
}

/* Moves what follows up, wherever its home is at or before the gap. */
static void remove_entry(Held *held, uintptr_t *entry) {
    size_t gap = (size_t)(entry - held->entries);
    size_t mask = held->room - 1;
    for (size_t at = (gap + 1) & mask; held->entries[at] != 0; at = (at + 1) & mask) {
        size_t home = home_of(held, held->entries[at] & ~FREED);
        if (((at - home) & mask) >= ((at - gap) & mask)) {
            held->entries[gap] = held->entries[at];
            gap = at;
        }
    }
    held->entries[gap] = 0;
    held->count--;
}

/* Replaces the table, unless another thread has done so. False without memory. */
static bool grow(Pool *pool, size_t room_then) {
    size_t room = room_then == 0 ? FIRST_ROOM : room_then * 2;
    uintptr_t *entries = pool_books_take(pool, room * sizeof(uintptr_t));
    if (entries == NULL) {
        return false;
    }
    os_lock_take(&pool->lock);
    Held old = {.entries = entries, .room = room}; /* what goes back: the new table, if nobody needs it any more */
    if (pool->held.room == room_then) {
        old = pool->held;
        pool->held = (Held){.entries = entries, .room = room, .count = old.count};
        for (size_t at = 0; at < old.room; at++) {
            if (old.entries[at] != 0) {
                *entry_of(&pool->held, old.entries[at] & ~FREED) = old.entries[at];
            }
        }
    }
    os_lock_release(&pool->lock);
    pool_books_give(pool, old.entries, old.room * sizeof(uintptr_t));
    return true;
}

/* CORRAL_NO_MEMORY: the table has to grow. */
static CorralStatus hold_locked(Pool *pool, const void *block) {
    if (pool_block_find(pool, block).status != CORRAL_OK) {
        return CORRAL_FOREIGN_POINTER;
    }
    if (!has_room(&pool->held)) {
        return CORRAL_NO_MEMORY;
    }
    uintptr_t *entry = entry_of(&pool->held, (uintptr_t)block);
    if (*entry == 0) {
        *entry = (uintptr_t)block;
        pool->held.count++;
    }
    return CORRAL_OK;
}

CorralStatus pool_hold(Pool *pool, const void *block) {
    if (!pool_is_valid(pool)) {
        return CORRAL_INVALID_POOL;
    }
    if (!pool->quarantine) {
        return CORRAL_INVALID_ARGUMENT;
    }
    while (true) {
        os_lock_take(&pool->lock);
        CorralStatus status = hold_locked(pool, block);
        size_t room = pool->held.room;
        os_lock_release(&pool->lock);
        if (status != CORRAL_NO_MEMORY || !grow(pool, room)) {
            return status;
        }
    }
}

void pool_let_go(Pool *pool, void *block) {
    if (!pool_is_valid(pool)) {
        return;
    }
    os_lock_take(&pool->lock);
    uintptr_t *entry = pool->held.room != 0 ? entry_of(&pool->held, (uintptr_t)block) : NULL;
    bool freed = entry != NULL && (*entry & FREED) != 0;
    uint8_t state = SLOT_LIVE;
    if (freed) {
        BlockRef found = pool_block_find(pool, block);
        pool->stats.retained -= found.span->slot_bytes;
        state = found.state;
    }
    if (entry != NULL && *entry != 0) {
        remove_entry(&pool->held, entry);
    }
    os_lock_release(&pool->lock);
    if (freed) {
        CorralStatus status = pool_free_slow(pool, block, state, NULL);
        CHECK(status == CORRAL_OK || status == CORRAL_DAMAGED);
        (void)status;
    }
}

bool pool_quarantine_has(const Pool *pool, const void *block) {
    return pool->held.room != 0 && (*entry_of(&pool->held, (uintptr_t)block) & FREED) != 0;
}

/* What is held, but not of that state, is left to the caller, who refuses it. */
CorralStatus pool_quarantine_free(Pool *pool, const void *block, uint8_t state, bool *stays) {
    os_lock_take(&pool->lock);
    uintptr_t *entry = pool->held.room != 0 ? entry_of(&pool->held, (uintptr_t)block) : NULL;
    BlockRef found = pool_block_find_as(pool, block, state);
    *stays = entry != NULL && *entry != 0 && found.status == CORRAL_OK;
    bool again = *stays && (*entry & FREED) != 0;
    if (again) {
        pool->stats.refused_frees++;
    } else if (*stays) {
        *entry |= FREED;
        pool->stats.retained += found.span->slot_bytes;
    }
    os_lock_release(&pool->lock);
    return again ? CORRAL_DOUBLE_FREE : CORRAL_OK;
}
