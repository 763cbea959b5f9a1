/* SPDX-License-Identifier: Apache-2.0
 * object_pool_blocks.c - the blocks of a pool of objects: growing, finding, changing from one to the next.
 * Layer: structures. May include: arena.h, mempool.h, base/.
 *
 * Free objects are kept per block, as in Bonwick, "The Slab Allocator" (1994): one block is open, and others that have
 * room wait in a list. Acquiring and releasing touch the open block alone, whose part of the books is in one or two
 * cache lines; clear and destroy visit blocks and no object. */
#include <string.h>

#include "arena/release_parts.h"
#include "base/align.h"
#include "base/check.h"
#include "mempool/pool_extension.h"
#include "structures/object_pool_parts.h"

#define FIRST_BLOCKS 8u
#define FIRST_UNITS 32u
#define BATCH 32u /* fresh objects that are linked at a time, so that no memory is touched long before it is used */

/* --- books -------------------------------------------------------------------------------------------------------- */

static void *books_take(ObjectPool *pool, size_t bytes) {
    void *books = pool_books_take(pool->head.pool, bytes);
    pool->books += books != NULL ? bytes : 0;
    return books;
}

static void books_give(ObjectPool *pool, void *books, size_t bytes) {
    if (books != NULL) {
        pool_books_give(pool->head.pool, books, bytes);
        pool->books -= bytes;
    }
}

static size_t state_bytes(uint32_t count) {
    return (size_t)count + 1; /* and the end of the list */
}

/* --- the map of units --------------------------------------------------------------------------------------------- */

/* Multiplicative hashing: Knuth, The Art of Computer Programming, volume 3, 6.4. */
static uint32_t unit_place(uint64_t number, uint32_t room) {
    return (uint32_t)(number * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (room - 1);
}

static void unit_put(ObjectUnit *units, uint32_t room, ObjectUnit unit) {
    uint32_t at = unit_place(unit.number, room);
    while (units[at].block != 0) {
        at = (at + 1) & (room - 1);
    }
    units[at] = unit;
}

static CorralStatus units_reserve(ObjectPool *pool, uint32_t more) {
    uint32_t room = pool->unit_room == 0 ? FIRST_UNITS : pool->unit_room;
    while (pool->unit_count + more > room / 2) {
        room *= 2;
    }
    if (room == pool->unit_room) {
        return CORRAL_OK;
    }
    ObjectUnit *units = books_take(pool, room * sizeof(ObjectUnit));
    if (units == NULL) {
        return CORRAL_NO_MEMORY;
    }
    for (uint32_t i = 0; i < pool->unit_room; i++) {
        if (pool->units[i].block != 0) {
            unit_put(units, room, pool->units[i]);
        }
    }
    books_give(pool, pool->units, pool->unit_room * sizeof(ObjectUnit));
    pool->units = units;
    pool->unit_room = room;
    return CORRAL_OK;
}

uint32_t object_pool_find(const ObjectPool *pool, uint64_t address) {
    if (pool->unit_room == 0) {
        return UINT32_MAX;
    }
    uint64_t number = address >> pool->unit_shift;
    uint32_t at = unit_place(number, pool->unit_room);
    for (; pool->units[at].block != 0; at = (at + 1) & (pool->unit_room - 1)) {
        uint32_t block = pool->units[at].block - 1;
        if (pool->units[at].number == number && address - pool->blocks[block].base < pool->blocks[block].bytes) {
            return block;
        }
    }
    return UINT32_MAX;
}

uint32_t object_index(const ObjectPool *pool, const ObjectBlock *block, uint64_t address) {
    uint64_t index = object_window_index(&pool->window, address - block->base);
    return index < block->count ? (uint32_t)index : UINT32_MAX;
}

/* --- the open block ----------------------------------------------------------------------------------------------- */

void object_window_save(ObjectPool *pool) {
    if (pool->window.states == NULL) {
        return;
    }
    ObjectBlock *block = &pool->blocks[pool->open];
    block->first = (uint32_t)pool->window.first;
    block->live = object_live_here(pool);
    block->fresh = pool->fresh;
}

static void put_in_room_list(ObjectPool *pool, uint32_t at) {
    ObjectBlock *block = &pool->blocks[at];
    if (!block->listed) {
        block->listed = true;
        block->next = pool->room;
        pool->room = at + 1;
    }
}

static void window_set(ObjectPool *pool, uint32_t at) {
    const ObjectBlock *block = &pool->blocks[at];
    ObjectWindow *window = &pool->window;
    window->base = block->base;
    window->states = block->states;
    window->first = block->first;
    window->count = block->count;
    window->size = pool->size;
    window->quick = pool->zeroed ? 0 : block->count;
    window->ref = block->ref;
    window->key = pool->head.id << 32 | block->serial;
    pool->fresh = block->fresh;
    pool->open = at;
}

/* Opens another block; the one that was open has no room, or is the last one of a pool that is new. */
static void open_block(ObjectPool *pool, uint32_t at) {
    object_window_save(pool);
    pool->live_elsewhere += object_live_here(pool);
    pool->live_elsewhere -= pool->blocks[at].live;
    window_set(pool, at);
}

/* Links the next fresh objects of the open block, which has no free one. */
static void link_fresh(ObjectPool *pool) {
    ObjectWindow *window = &pool->window;
    uint32_t end = window->count - pool->fresh < BATCH ? window->count : pool->fresh + BATCH;
    for (uint32_t i = pool->fresh; i < end; i++) {
        uint32_t next = i + 1 < end ? i + 1 : window->count;
        unsigned char *object = (unsigned char *)(uintptr_t)(window->base + (uint64_t)i * pool->size);
        if (pool->zeroed) {
            memset(object, 0, pool->size);
        }
        memcpy(object, &next, sizeof next);
        window->states[i] = OBJECT_STATE_FREE;
    }
    window->first = pool->fresh;
    pool->fresh = end;
}

/* Makes the list of the open block and its count anew, lowest index first, from the states alone. */
static void mend(ObjectPool *pool) {
    ObjectWindow *window = &pool->window;
    uint32_t next = window->count;
    uint32_t live = 0;
    for (uint32_t i = pool->fresh; i-- > 0;) {
        if (window->states[i] == OBJECT_STATE_LIVE) {
            live++;
        } else {
            memcpy((void *)(uintptr_t)(window->base + (uint64_t)i * pool->size), &next, sizeof next);
            next = i;
        }
    }
    window->first = next;
    uint64_t released = object_released(pool);
    window->acquired = released + pool->live_elsewhere + live;
    if (window->acquired > window->at_peak) {
        window->at_peak = window->acquired;
        window->peak = window->at_peak - released;
    }
}

/* --- growing ------------------------------------------------------------------------------------------------------ */

static CorralStatus blocks_reserve(ObjectPool *pool) {
    if (pool->block_count < pool->block_room) {
        return CORRAL_OK;
    }
    uint32_t room = pool->block_room == 0 ? FIRST_BLOCKS : pool->block_room * 2;
    ObjectBlock *blocks = books_take(pool, room * sizeof(ObjectBlock));
    if (blocks == NULL) {
        return CORRAL_NO_MEMORY;
    }
    if (pool->block_room != 0) {
        memcpy(blocks, pool->blocks, pool->block_count * sizeof(ObjectBlock));
        books_give(pool, pool->blocks, pool->block_room * sizeof(ObjectBlock));
    }
    pool->blocks = blocks;
    pool->block_room = room;
    return CORRAL_OK;
}

/* Appends a block to the tables, which have room for it. */
static void block_append(ObjectPool *pool, ObjectBlock block) {
    uint32_t at = pool->block_count++;
    pool->blocks[at] = block;
    uint64_t last = (block.base + block.bytes - 1) >> pool->unit_shift;
    for (uint64_t number = block.base >> pool->unit_shift; number <= last; number++) {
        unit_put(pool->units, pool->unit_room, (ObjectUnit){.number = number, .block = at + 1});
        pool->unit_count++;
    }
    pool->capacity += block.count;
}

/* The arena was taken back to a mark from before a block: its memory may become anything, so all objects are gone. */
static void block_taken_back(void *context) {
    object_blocks_forget(context);
}

static CorralStatus place_block(Arena *arena, uint32_t bytes, uint32_t unit, ObjectPool *pool, ArenaPlace *place) {
    CorralStatus status = arena_on_release(arena, block_taken_back, pool);
    if (status == CORRAL_OK) {
        status = arena_place(arena, bytes, unit, place);
        if (status != CORRAL_OK) {
            release_cancel_last(arena);
        }
    }
    return status;
}

/* Adds a block of `bytes`. Books first: what they took stays for the next attempt when the arena has no memory. */
static CorralStatus grow_by(ObjectPool *pool, uint32_t bytes) {
    CorralStatus status = blocks_reserve(pool);
    if (status == CORRAL_OK) {
        status = units_reserve(pool, bytes / pool->unit + 2);
    }
    if (status != CORRAL_OK) {
        return status;
    }
    uint32_t count = bytes / pool->size;
    unsigned char *states = books_take(pool, state_bytes(count));
    if (states == NULL) {
        return CORRAL_NO_MEMORY;
    }
    ArenaPlace place;
    Arena *arena = pool->head.arena;
    status = place_block(arena, bytes, object_block_alignment(pool, bytes), pool, &place);
    if (status != CORRAL_OK) {
        books_give(pool, states, state_bytes(count));
        return status;
    }
    states[count] = OBJECT_STATE_FREE;
    block_append(pool, (ObjectBlock){.base = place.address,
                                     .ref = ref_of_place(arena, &place),
                                     .states = states,
                                     .count = count,
                                     .first = count,
                                     .serial = ++pool->serial,
                                     .bytes = bytes});
    return CORRAL_OK;
}

/* About half of a block, which holds more than one object; below a unit, no more than its objects need. */
static uint32_t smaller_block(const ObjectPool *pool, uint32_t bytes) {
    uint32_t half = bytes / 2;
    return half >= pool->unit ? half & ~(pool->unit - 1) : half >= pool->size ? half - half % pool->size : pool->size;
}

/* Under a limit, and at the end of memory, what is left counts: smaller blocks are tried, down to one object. */
static CorralStatus grow(ObjectPool *pool) {
    uint32_t bytes = pool->next_bytes;
    CorralStatus status = grow_by(pool, bytes);
    if (status == CORRAL_OK) {
        pool->next_bytes = bytes * 2 <= pool->largest_block ? bytes * 2 : pool->largest_block;
    }
    while ((status == CORRAL_LIMIT_REACHED || status == CORRAL_NO_MEMORY) && bytes / pool->size > 1) {
        bytes = smaller_block(pool, bytes);
        status = grow_by(pool, bytes);
    }
    return status;
}

CorralStatus object_pool_refill(ObjectPool *pool) {
    const ObjectWindow *window = &pool->window;
    bool at_end = window->first == window->count;
    if (!at_end || object_live_here(pool) != pool->fresh) { /* a link was overwritten, or leads past free objects */
        mend(pool);
        return CORRAL_CORRUPTED;
    }
    if (pool->fresh == window->count) {
        if (pool->room == 0) {
            CorralStatus status = grow(pool);
            if (status != CORRAL_OK) {
                return status;
            }
            put_in_room_list(pool, pool->block_count - 1);
        }
        uint32_t at = pool->room - 1;
        pool->room = pool->blocks[at].next;
        pool->blocks[at].listed = false;
        open_block(pool, at);
        CHECK(window->first != window->count || pool->fresh != window->count);
    }
    if (window->first == window->count) {
        link_fresh(pool);
    }
    return CORRAL_OK;
}

/* --- other blocks ------------------------------------------------------------------------------------------------- */

static void release_elsewhere(ObjectPool *pool, uint32_t at, uint32_t index) {
    CHECK(at != pool->open);
    ObjectBlock *block = &pool->blocks[at];
    unsigned char *object = (unsigned char *)(uintptr_t)(block->base + (uint64_t)index * pool->size);
    memcpy(object, &block->first, sizeof block->first);
    block->states[index] = OBJECT_STATE_FREE;
    block->first = index;
    block->live--;
    pool->live_elsewhere--;
    pool->window.at_peak++;
    put_in_room_list(pool, at);
}

CorralStatus object_pool_release_slow(ObjectPool *pool, void *object) {
    if (!object_pool_is(pool)) {
        return CORRAL_INVALID_ARENA;
    }
    uint64_t address = (uintptr_t)object;
    uint32_t at = object_pool_find(pool, address);
    uint32_t index = at != UINT32_MAX ? object_index(pool, &pool->blocks[at], address) : UINT32_MAX;
    if (index == UINT32_MAX || pool->blocks[at].states[index] == OBJECT_STATE_FRESH) {
        return structure_fail(pool, CORRAL_FOREIGN_POINTER);
    }
    if (pool->blocks[at].states[index] == OBJECT_STATE_FREE) {
        return structure_fail(pool, CORRAL_DOUBLE_FREE);
    }
    if (pool->zeroed) {
        memset(object, 0, pool->size);
    }
    if (at != pool->open || !object_window_give(&pool->window, object, pool->window.count)) {
        release_elsewhere(pool, at, index);
    }
    return CORRAL_OK;
}

/* With what the quick half leaves undone in a zeroed pool: the link is all that a free object has in it. */
static void *take_first(ObjectPool *pool) {
    void *object = object_window_take(&pool->window, pool->window.count);
    if (object != NULL && pool->zeroed) {
        memset(object, 0, sizeof(uint32_t));
    }
    return object;
}

void *object_pool_acquire_slow(ObjectPool *pool) {
    if (!object_pool_is(pool)) {
        return NULL;
    }
    void *object = take_first(pool); /* the pool is zeroed, or the caller was compiled with another window */
    if (object != NULL) {
        return object;
    }
    CorralStatus status = object_pool_refill(pool);
    if (status == CORRAL_OK) {
        object = take_first(pool);
        status = object != NULL ? CORRAL_OK : CORRAL_CORRUPTED;
    }
    if (status != CORRAL_OK) {
        structure_fail(pool, status);
    }
    return object;
}

void object_blocks_forget(ObjectPool *pool) {
    object_window_save(pool);
    for (uint32_t i = 0; i < pool->block_count; i++) {
        books_give(pool, pool->blocks[i].states, state_bytes(pool->blocks[i].count));
    }
    books_give(pool, pool->blocks, pool->block_room * sizeof(ObjectBlock));
    books_give(pool, pool->units, pool->unit_room * sizeof(ObjectUnit));
    ObjectWindow empty = {.size = pool->size,
                          .shift = pool->window.shift,
                          .inverse = pool->window.inverse,
                          .acquired = pool->window.acquired,
                          .at_peak = pool->window.acquired + pool->window.peak,
                          .peak = pool->window.peak};
    pool->window = empty;
    pool->blocks = NULL;
    pool->units = NULL;
    pool->block_room = pool->block_count = pool->unit_room = pool->unit_count = 0;
    pool->open = pool->fresh = pool->room = 0;
    pool->live_elsewhere = pool->capacity = 0;
    pool->next_bytes = pool->unit;
}
