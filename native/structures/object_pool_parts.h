/* SPDX-License-Identifier: Apache-2.0
 * object_pool_parts.h - the inside of a pool of objects, for its own files and for jni.
 * Layer: structures (private to the library). May include: structure_parts.h, object_pool.h. Threads: the owner. */
#ifndef CORRAL_OBJECT_POOL_PARTS_H
#define CORRAL_OBJECT_POOL_PARTS_H

#include <string.h>

#include "corral/object_pool.h"
#include "structures/structure_parts.h"

/* The objects of one block are numbered from 0 to count - 1. `count` stands for the end of the list, and states[count]
 * is OBJECT_STATE_FREE, so that one look at the states tells a link from anything else.
 * Invariants: states[i] == OBJECT_STATE_FRESH for fresh <= i < count, and for no i < fresh
 *             live == number of i with states[i] == OBJECT_STATE_LIVE
 *             the list from `first` visits each i with states[i] == OBJECT_STATE_FREE once, unless block memory was
 *             written to listed == the block is in the list of those that have room */
typedef struct ObjectBlock {
    uint64_t base; /* address of object 0, a multiple of object_block_alignment() */
    ArenaRef ref;  /* of object 0 */
    unsigned char *states;
    uint32_t count;
    uint32_t fresh;
    uint32_t first;
    uint32_t live;
    uint32_t bytes;  /* that the block takes: a multiple of the unit, or less than one */
    uint32_t serial; /* not 0; no other block of this pool had it */
    uint32_t next;   /* block + 1 in the list of those that have room; 0: the last one */
    bool listed;
} ObjectBlock;

/* A place of the map from units of address space to blocks. A unit has one for each block that lies in it. */
typedef struct ObjectUnit {
    uint64_t number; /* address / unit */
    uint32_t block;  /* + 1; 0: the place is empty */
} ObjectUnit;

/* Bytes.
 * Invariant: unit_count == sum over all blocks of the units that they touch */
struct ObjectPool {
    StructureHead head;  /* first: every structure has one */
    ObjectWindow window; /* Java maps it */
    uint32_t size;       /* bytes of an object, a multiple of the alignment; Java maps it */
    uint32_t open;       /* index of the open block; Java maps it */
    uint32_t fresh;      /* of the open block */
    uint32_t block_count;
    uint32_t zeroed;     /* Java maps it */
    uint32_t room;       /* block + 1: the first of those that have room; 0: none */
    uint32_t unit;       /* bytes, a power of two; only blocks smaller than one share it with others */
    uint32_t unit_shift; /* unit == 1 << unit_shift */
    uint32_t next_bytes; /* of the next block */
    uint32_t largest_block;
    uint32_t alignment;
    uint64_t live_elsewhere;
    uint64_t capacity;
    uint64_t books;
    ObjectBlock *blocks; /* books */
    ObjectUnit *units;   /* books; open addressing, at most half full */
    uint32_t block_room;
    uint32_t unit_room; /* a power of two */
    uint32_t unit_count;
    uint32_t serial; /* of the newest block */
    bool clearing;   /* the arena is being reset by object_pool_clear() */
    bool disarmed;   /* ... and has told so: it has to be asked again to tell of its end */
};

static_assert(offsetof(ObjectPool, head) == 0, "the head is what callers hold");
static_assert(offsetof(ObjectPool, head.magic) == offsetof(ObjectPoolFront, magic) &&
                  offsetof(ObjectPool, window) == offsetof(ObjectPoolFront, window),
              "callers see the front of it");
static_assert(sizeof(ObjectPool) <= STRUCTURE_HEAD_BYTES, "a pool of objects fits in a slot");

/* Of a block of so many bytes. A small one is where a limit, or the system, has no room for more: then a start that has
 * to be at a multiple of the unit would cost as much as a unit. */
static inline uint32_t object_block_alignment(const ObjectPool *pool, uint32_t bytes) {
    return bytes < pool->unit ? pool->alignment : pool->unit;
}

static inline bool object_pool_is(const ObjectPool *pool) {
    return structure_is(pool, OBJECT_POOL_MAGIC);
}

/* Creates the pool in an arena that belongs to it alone from now on (object_pool.c). */
CorralStatus object_pool_create_in(Arena *arena, const ObjectPoolConfig *config, ObjectPool **pool);

/* As the public function, after the open block's list was found to be at its end or damaged (object_pool_blocks.c). */
CorralStatus object_pool_refill(ObjectPool *pool);

/* Where an address lies: the block's index, or UINT32_MAX (object_pool_blocks.c). */
uint32_t object_pool_find(const ObjectPool *pool, uint64_t address);

/* The index of the object that starts at `address` in the block; UINT32_MAX when none does. */
uint32_t object_index(const ObjectPool *pool, const ObjectBlock *block, uint64_t address);

/* Writes the window back to its block, so that blocks[] is complete (object_pool_blocks.c). */
void object_window_save(ObjectPool *pool);

/* The two halves of object_pool_clear(); between them the arena is reset, here or by Java. */
void object_clear_begin(ObjectPool *pool);
CorralStatus object_clear_end(ObjectPool *pool);

/* Gives back the books of all blocks, which are gone with their arena's memory. */
void object_blocks_forget(ObjectPool *pool);

/* Objects released so far, and live ones, in all blocks. */
static inline uint64_t object_released(const ObjectPool *pool) {
    return pool->window.at_peak - pool->window.peak;
}

static inline uint64_t object_live(const ObjectPool *pool) {
    return pool->window.acquired - object_released(pool);
}

/* Live objects of the open block. */
static inline uint32_t object_live_here(const ObjectPool *pool) {
    return (uint32_t)(object_live(pool) - pool->live_elsewhere);
}

#endif
