/* SPDX-License-Identifier: Apache-2.0
 * object_pool_parts.h - the inside of a pool of objects, for its own files and for jni.
 * Layer: structures (private to the library). May include: structure_parts.h, object_pool.h. Threads: the owner. */
#ifndef CORRAL_OBJECT_POOL_PARTS_H
#define CORRAL_OBJECT_POOL_PARTS_H

#include <string.h>

#include "corral/object_pool.h"
#include "structures/structure_parts.h"

#define OBJECT_POOL_MAGIC UINT32_C(0xABCD0B1E)

/* What is known of an object out of line. Books are zeroed, so a new block's objects are all fresh. */
typedef enum ObjectState {
    OBJECT_FRESH = 0, /* never handed out, and not in the list */
    OBJECT_FREE = 1,  /* in the list; its first four bytes are the index of the next one */
    OBJECT_LIVE = 2
} ObjectState;

/* The objects of one block are numbered from 0 to count - 1. `count` stands for the end of the list, and states[count]
 * is OBJECT_FREE, so that one look at the states tells a link from anything else.
 * Invariants: states[i] == OBJECT_FRESH for fresh <= i < count, and for no i < fresh
 *             live == number of i with states[i] == OBJECT_LIVE
 *             the list from `first` visits each i with states[i] == OBJECT_FREE once, unless block memory was written
 *             to listed == the block is in the list of those that have room */
typedef struct ObjectBlock {
    uint64_t base; /* address of object 0, a multiple of the pool's unit */
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

/* One block is open: its part of the pool is copied here, where acquiring and releasing find it.
 * Invariants: blocks[open] is what the window says, but for fresh, first and live, which count here
 *             live_elsewhere == sum of live of all other blocks
 *             acquired - released == number of live objects in all blocks; what it is at most is noted in peak when it
 *             is about to become less
 *             first_offset == first * size: what is released and acquired by turns is found without a multiplication
 *             key == head.id << 32 | serial of the open block: Java knows by it which memory the window is about, since
 *             no other block, of this pool or one that had its slot, has the same (but after 2^32 blocks)
 *             Without any block all is 0, and so nothing fits. */
typedef struct ObjectWindow {
    uint64_t base;
    unsigned char *states;
    uint32_t first;
    uint32_t first_offset;
    uint32_t count;
    uint32_t size;       /* bytes of an object, as in the pool */
    uint64_t bytes;      /* count * size; 0 in a zeroed pool, where a release has more to do */
    uint64_t reciprocal; /* 2^OBJECT_RECIPROCAL_SHIFT / size, rounded up */
    uint64_t acquired;   /* in all blocks: each has its counter, so that neither waits for the other */
    uint64_t released;
    uint64_t peak;
    ArenaRef ref; /* of object 0 */
    uint64_t key;
} ObjectWindow;

/* A place of the map from units of address space to blocks. */
typedef struct ObjectUnit {
    uint64_t number; /* address / unit */
    uint32_t block;  /* + 1; 0: the place is empty */
} ObjectUnit;

struct ObjectPool {
    StructureHead head;  /* first: every structure has one */
    ObjectWindow window; /* Java maps it */
    uint32_t size;       /* bytes of an object, a multiple of the alignment; Java maps it */
    uint32_t open;       /* index of the open block; Java maps it */
    uint32_t fresh;      /* of the open block */
    uint32_t block_count;
    uint32_t zeroed;     /* Java maps it */
    uint32_t room;       /* block + 1: the first of those that have room; 0: none */
    uint32_t unit;       /* bytes, a power of two: blocks begin at multiples of it, and none shares one with another */
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

static_assert(offsetof(ObjectPool, window.first) % 8 == 0 &&
                  offsetof(ObjectPool, window.first_offset) == offsetof(ObjectPool, window.first) + 4,
              "Java writes both at once");
static_assert(offsetof(ObjectPool, head) == 0, "the head is what callers hold");
static_assert(sizeof(ObjectPool) <= STRUCTURE_HEAD_BYTES, "a pool of objects fits in a slot");

/* offset * reciprocal >> this is offset / size for every multiple of size: a block has at most 2^24 bytes, so that the
 * error, below offset / 2^40, does not reach the next integer (Granlund and Montgomery, "Division by Invariant Integers
 * using Multiplication", 1994). */
#define OBJECT_RECIPROCAL_SHIFT 40

static_assert(OBJECT_POOL_BLOCK_MAX <= (size_t)1 << 24, "the reciprocal is exact enough, and no product overflows");

static inline bool object_pool_is(const ObjectPool *pool) {
    return structure_is(pool, OBJECT_POOL_MAGIC);
}

/* Creates the pool in an arena that belongs to it alone from now on (object_pool.c). */
CorralStatus object_pool_create_in(Arena *arena, const ObjectPoolConfig *config, ObjectPool **pool);

/* The slow halves of acquiring and releasing (object_pool_blocks.c). */
void *object_pool_acquire_slow(ObjectPool *pool);
CorralStatus object_pool_release_slow(ObjectPool *pool, void *object);

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

/* Live objects of the open block. */
static inline uint32_t object_live_here(const ObjectPool *pool) {
    return (uint32_t)(pool->window.acquired - pool->window.released - pool->live_elsewhere);
}

/* Volatile, lest compilers join it with the store to `first` in a vector register, which costs more than both. */
static inline void window_put_offset(ObjectWindow *window, uint32_t offset) {
    *(volatile uint32_t *)&window->first_offset = offset;
}

/* Takes the first object of the open block's list, which is not at its end; false: its link is damaged, and nothing
 * changed. The object becomes live before the link is read: one that names the object itself is refused like any other.
 * The link is all that a free object of a zeroed pool has in it. */
static inline bool object_take_first(ObjectPool *pool, void **object) {
    ObjectWindow *window = &pool->window;
    unsigned char *states = window->states; /* what is stored through it is none of these: nothing is read twice */
    uint32_t index = window->first;
    uint32_t count = window->count;
    unsigned char *at = (unsigned char *)(uintptr_t)(window->base + window->first_offset);
    states[index] = OBJECT_LIVE;
    uint32_t next;
    memcpy(&next, at, sizeof next);
    uint32_t seen = next <= count ? next : index; /* which is not free now: one branch instead of two */
    if (states[seen] != OBJECT_FREE) {
        states[index] = OBJECT_FREE;
        return false;
    }
    window->first = next;
    window_put_offset(window, next * window->size);
    window->acquired++;
    if (pool->zeroed) {
        memset(at, 0, sizeof next);
    }
    *object = at;
    return true;
}

/* Puts a live object of the open block back; false for any other address. The bytes are the caller's to wipe.
 * `bytes`: of the objects that may be given back. */
static inline bool object_give_back(ObjectPool *pool, void *object, uint64_t bytes) {
    ObjectWindow *window = &pool->window;
    unsigned char *states = window->states;
    uint64_t offset = (uintptr_t)object - window->base;
    if (offset >= bytes) {
        return false;
    }
    uint32_t index = (uint32_t)(offset * window->reciprocal >> OBJECT_RECIPROCAL_SHIFT);
    if ((uint64_t)index * window->size != offset || states[index] != OBJECT_LIVE) {
        return false;
    }
    memcpy(object, &window->first, sizeof window->first);
    states[index] = OBJECT_FREE;
    window->first = index;
    window_put_offset(window, (uint32_t)offset);
    uint64_t live = window->acquired - window->released;
    uint64_t peak = window->peak;
    window->peak = live > peak ? live : peak; /* without a branch: the store is cheaper */
    window->released++;
    return true;
}

/* The usual case: the open block of a pool that is not zeroed. */
static inline bool object_give_here(ObjectPool *pool, void *object) {
    return object_give_back(pool, object, pool->window.bytes);
}

#endif
