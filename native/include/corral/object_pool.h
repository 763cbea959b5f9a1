/* SPDX-License-Identifier: Apache-2.0
 * object_pool.h - objects of one size, acquired and released one by one, and given back all at once.
 * Layer: structures. May include: arena.h, mempool.h, status.h.
 *
 * Objects lie in blocks of an arena of the pool's own, a child of the arena that the pool is created in. Free objects
 * of a block are linked through their own first bytes; which objects are free is known out of line as well, and no link
 * is followed before it was compared with that. So a write through a stale pointer to a released object is found
 * (CORRAL_CORRUPTED), and never hands out an object twice or something that is no object.
 *
 * Threads: as the arena: one owner thread.
 * Errors:  a function that returns a pointer or reference returns NULL or 0 on failure, changes nothing then, and
 *          object_pool_last_status() says why. Every function refuses NULL, a destroyed pool and what is none, with
 *          CORRAL_INVALID_ARENA, as long as the arena's memory pool lives.
 * Memory:  an object belongs to its caller until it is released, or until object_pool_clear(), object_pool_destroy(),
 *          or reset, clear or destroy of an arena above. Its contents are unspecified unless `zeroed` is set, here or
 *          in the arena above. */
#ifndef CORRAL_OBJECT_POOL_H
#define CORRAL_OBJECT_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "corral/arena.h"
#include "corral/object_window.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OBJECT_POOL_SIZE_MAX ((size_t)64 << 10)      /* bytes of the largest object */
#define OBJECT_POOL_ALIGNMENT_MAX ((size_t)4096)     /* of objects */
#define OBJECT_POOL_BLOCK_DEFAULT ((size_t)64 << 10) /* bytes up to which blocks double */
#define OBJECT_POOL_BLOCK_MAX ((size_t)16 << 20)     /* the largest that `largest_block` may be */

typedef struct ObjectPool ObjectPool;

/* Start from object_pool_config_default() and change what you need. */
typedef struct ObjectPoolConfig {
    const char *name; /* of the pool's arena; copied, cut to ARENA_NAME_MAX bytes */
    size_t size;      /* bytes of an object: 1 to OBJECT_POOL_SIZE_MAX; rounded up to the alignment */
    size_t alignment; /* of an object: a power of two, 8 to OBJECT_POOL_ALIGNMENT_MAX */

    /* Bytes up to which blocks double, at most OBJECT_POOL_BLOCK_MAX. The first block has 4 KiB, or the power of two
     * that holds 8 objects where that is more; it is the smallest that largest_block is taken for. Where a limit or the
     * system has no room for the next block, smaller ones are tried, down to one object. */
    size_t largest_block;

    /* An object is zero when it is acquired: it is wiped when it is released. Costs O(size). So it is, whatever this
     * says, below a zeroed arena. */
    bool zeroed;

    CorralStatus *status; /* receives why object_pool_create_with() returned NULL, or CORRAL_OK; NULL: not wanted */
} ObjectPoolConfig;

/* Bytes unless the name says otherwise. Invariant: live <= peak_live <= capacity of all blocks there ever were;
 * acquired = released + live. */
typedef struct ObjectPoolStats {
    uint64_t object_size; /* rounded */
    uint64_t live;        /* count of objects that are acquired */
    uint64_t peak_live;   /* the largest count so far; survives clear */
    uint64_t capacity;    /* count of objects that the blocks hold */
    uint64_t blocks;      /* count */
    uint64_t allocated;   /* capacity of the chunks that the blocks lie in */
    uint64_t acquired;    /* count of objects handed out so far */
    uint64_t released;    /* count of objects taken back so far, by clear as well */
    uint64_t books;       /* of the memory pool, for what is known out of line: about a byte per object */
} ObjectPoolStats;

/* --- lifecycle ---------------------------------------------------------------------------------------------------- */

/* Objects of `size` bytes at multiples of 16, blocks up to OBJECT_POOL_BLOCK_DEFAULT, not zeroed, name "objects". */
ObjectPoolConfig object_pool_config_default(size_t size);

/* Creates a pool of objects whose blocks come from a child of `parent`. Nothing is acquired for objects yet.
 * Owner: the caller, until object_pool_destroy(), or reset, clear or destroy of an arena above. NULL: the size is out
 *        of range, `parent` is no arena, or there is no memory; arena_last_status(parent) says which. Cost: O(1). */
ObjectPool *object_pool_create(Arena *parent, size_t size);

/* As object_pool_create(), configured. config->status tells why NULL was returned: CORRAL_INVALID_ARGUMENT (also: NULL
 * config), CORRAL_BAD_ALIGNMENT, CORRAL_SIZE_LIMIT, CORRAL_INVALID_ARENA, CORRAL_NO_MEMORY, CORRAL_LIMIT_REACHED, or
 * CORRAL_RELEASING or CORRAL_OBSERVING while the parent is just telling somebody. */
ObjectPool *object_pool_create_with(Arena *parent, const ObjectPoolConfig *config);

/* Gives all memory of the pool back, objects included: they need not be released first. Cost: O(blocks).
 * CORRAL_OK, CORRAL_INVALID_ARENA, or CORRAL_RELEASING while callbacks of the pool's arena run. */
CorralStatus object_pool_destroy(ObjectPool *pool);

/* --- objects ------------------------------------------------------------------------------------------------------ */

/* The halves of acquiring and releasing that are seldom needed. Call object_pool_acquire() and object_pool_release().
 * */
void *object_pool_acquire_slow(ObjectPool *pool);
CorralStatus object_pool_release_slow(ObjectPool *pool, void *object);

/* Acquires one object. NULL: CORRAL_NO_MEMORY, CORRAL_LIMIT_REACHED (of an arena above or of the memory pool),
 * CORRAL_CHUNK_LIMIT, or CORRAL_CORRUPTED: somebody has written to an object after its release. The links of that block
 * are made anew then, from what is known out of line, so that the next call finds it whole.
 * Cost: O(1), about 25 instructions, inlined; a block when all objects are in use, which is O(1) for each of its
 * objects; where it is refused, one attempt per half of its size. */
static inline void *object_pool_acquire(ObjectPool *pool) {
    ObjectWindow *window = object_window_of(pool);
    if (ARENA_LIKELY(window != NULL)) {
        void *object = object_window_take(window, window->quick);
        if (ARENA_LIKELY(object != NULL)) {
            return object;
        }
    }
    return object_pool_acquire_slow(pool);
}

/* As object_pool_acquire(), and returns the reference of the object in object_pool_arena(); 0 on failure. */
ArenaRef object_pool_acquire_ref(ObjectPool *pool);

/* Takes back an object. CORRAL_OK, CORRAL_DOUBLE_FREE (it is released already, or has not been acquired yet),
 * CORRAL_FOREIGN_POINTER (no object of this pool begins there) or CORRAL_INVALID_ARENA; nothing changed then.
 * Cost: O(1), about 25 instructions, inlined, where the object lies in the block that was used last; `zeroed`: O(size).
 * */
static inline CorralStatus object_pool_release(ObjectPool *pool, void *object) {
    ObjectWindow *window = object_window_of(pool);
    bool released = ARENA_LIKELY(window != NULL) && object_window_give(window, object, window->quick);
    return ARENA_LIKELY(released) ? CORRAL_OK : object_pool_release_slow(pool, object);
}

/* As object_pool_release(), by reference; also CORRAL_STALE_REF, for one from before a clear or of another pool (unless
 * both pools have come to the same of 16,383 generations; they begin apart, and each clear raises one). Cost: O(1). */
CorralStatus object_pool_release_ref(ObjectPool *pool, ArenaRef object);

/* True when `object` is acquired now. Cost: O(1). */
bool object_pool_is_live(const ObjectPool *pool, const void *object);

/* The live object after `object` in the order of their places, the first one for NULL; NULL when there is none.
 * `object` may have been released meanwhile, and objects may be acquired, which are visited or not: any loop
 *     for (void *at = NULL; (at = object_pool_next(pool, at)) != NULL;)
 * ends, and visits what is live all the time once. NULL with CORRAL_FOREIGN_POINTER for what is no object of this pool.
 * Cost: O(1) and a byte's look at each object between; all of a walk: O(capacity / 16) or so. */
void *object_pool_next(ObjectPool *pool, const void *object);

/* The reference of an object, live or not, in object_pool_arena(); 0 with CORRAL_FOREIGN_POINTER. Cost: O(1). */
ArenaRef object_pool_ref(ObjectPool *pool, const void *object);

/* Takes back all objects. Their references become stale. The memory stays with the pool for its next objects; see
 * object_pool_trim(). CORRAL_OK, CORRAL_INVALID_ARENA, or CORRAL_RELEASING. Cost: O(blocks). */
CorralStatus object_pool_clear(ObjectPool *pool);

/* Gives memory that a clear has left back to the memory pool until at most `keep_bytes` stay; as arena_trim(). Blocks
 * with objects stay, also where none is live. CORRAL_OK or CORRAL_INVALID_ARENA. Cost: O(blocks). */
CorralStatus object_pool_trim(ObjectPool *pool, size_t keep_bytes);

/* --- about the pool ----------------------------------------------------------------------------------------------- */

/* The arena that holds the objects, for their references; NULL for what is no pool. What else is allocated there ends
 * with the pool or its next clear. Resetting, clearing or destroying it ends the pool. */
Arena *object_pool_arena(const ObjectPool *pool);

/* Why the last call that failed on this pool failed; CORRAL_INVALID_ARENA for what is no pool. */
CorralStatus object_pool_last_status(const ObjectPool *pool);

/* Fills `stats`; CORRAL_OK, CORRAL_INVALID_ARENA (stats is zeroed then) or CORRAL_INVALID_ARGUMENT (NULL). Cost:
 * O(1). */
CorralStatus object_pool_stats(const ObjectPool *pool, ObjectPoolStats *stats);

/* Verifies all that the pool knows, and every link. CORRAL_OK, CORRAL_CORRUPTED (a released object was written to, or a
 * bug) or CORRAL_INVALID_ARENA. Repairs nothing. Cost: O(capacity). */
CorralStatus object_pool_check(const ObjectPool *pool);

#ifdef __cplusplus
}
#endif

#endif
