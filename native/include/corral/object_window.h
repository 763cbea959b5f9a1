/* SPDX-License-Identifier: Apache-2.0
 * object_window.h - the front of a pool of objects, and the quick halves of acquiring and releasing over it.
 * Layer: structures. May include: arena_types.h. It is installed because object_pool.h inlines them; it is no
 * interface.
 * Threads: the owner. Java maps the window: dev.corral.internal.ObjectLayout repeats the offsets, and
 * jni/object_layout_check.c compares them at compile time. */
#ifndef CORRAL_OBJECT_WINDOW_H
#define CORRAL_OBJECT_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "corral/arena_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of a live pool; 0 in one that was destroyed. Another one with every change of what is in this file: what was compiled
 * with an older copy then finds no window, and leaves everything to the library. */
#define OBJECT_POOL_MAGIC UINT32_C(0xABCD0B1F)

/* What is known of an object out of line. Books are zeroed, so a new block's objects are all fresh. */
typedef enum ObjectState {
    OBJECT_STATE_FRESH = 0, /* never handed out, and not in the list */
    OBJECT_STATE_FREE = 1,  /* in the list; its first four bytes are the index of the next one */
    OBJECT_STATE_LIVE = 2
} ObjectState;

/* One block is open: its part of the pool is copied here, where acquiring and releasing find it.
 * Invariants: blocks[open] is what the window says, but for fresh, first and live, which count here
 *             live_elsewhere == sum of live of all other blocks
 *             at_peak == released + peak, what `acquired` is when as many live as ever: each half counts in one word,
 *             which does not wait for the other's, and the peak costs a comparison
 *             acquired <= at_peak
 *             first <= count: the index of the first object in the list of free ones; count: the list is empty
 *             size == odd << shift, odd * inverse == 1 modulo 2^64
 *             key == head.id << 32 | serial of the open block: Java knows by it which memory the window is about, since
 *             no other block, of this pool or one that had its slot, has the same (but after 2^32 blocks)
 *             Without any block all is 0, and so nothing fits. */
typedef struct ObjectWindow {
    uint64_t base;
    unsigned char *states;
    uint64_t first;
    uint32_t count;
    uint32_t size;  /* bytes of an object, as in the pool */
    uint32_t quick; /* count; 0 in a zeroed pool, where the quick halves would leave something undone */
    uint32_t shift;
    uint64_t inverse;
    uint64_t acquired; /* in all blocks */
    uint64_t at_peak;
    uint64_t peak; /* the most that were live */
    ArenaRef ref;  /* of object 0 */
    uint64_t key;
} ObjectWindow;

/* What callers see of a pool. The head is every structure's. */
typedef struct ObjectPoolFront {
    uint64_t head[6];
    uint32_t magic;
    uint32_t status;
    uint64_t last_id;
    ObjectWindow window;
} ObjectPoolFront;

/* offset / size where that is a whole number; else, and for what lies before the block, more than any count. A multiple
 * of an odd number is made its factor by the inverse modulo 2^64, and nothing else becomes so small; what is left of
 * the power of two is turned to the top (Granlund and Montgomery, "Division by Invariant Integers using
 * Multiplication", 1994, section 9). */
static inline uint64_t object_window_index(const ObjectWindow *window, uint64_t offset) {
    uint64_t product = offset * window->inverse;
    return product >> window->shift | product << (-window->shift & 63);
}

/* Takes the first object of the open block's list if it is one of the first `count`; NULL: it is not, or its link is
 * damaged, and nothing changed. The object becomes live before the link is read: one that names the object itself is
 * refused like any other. The link stays in the object. */
static inline void *object_window_take(ObjectWindow *window, uint32_t count) {
    unsigned char *states = window->states; /* what is stored through it is none of these: nothing is read twice */
    uint64_t index = window->first;
    if (!ARENA_LIKELY(index < count)) {
        return NULL;
    }
    unsigned char *object = (unsigned char *)(uintptr_t)(window->base + index * window->size);
    states[index] = OBJECT_STATE_LIVE;
    uint32_t next;
    memcpy(&next, object, sizeof next);
    uint64_t seen = next <= count ? next : index; /* which is not free now: one branch instead of two */
    if (!ARENA_LIKELY(states[seen] == OBJECT_STATE_FREE)) {
        states[index] = OBJECT_STATE_FREE;
        return NULL;
    }
    window->first = next;
    if (++window->acquired > window->at_peak) {
        window->at_peak++;
        window->peak++;
    }
    return object;
}

/* Puts a live object of the open block back if it is one of the first `count`; false for any other address. The bytes
 * are the caller's to wipe. */
static inline bool object_window_give(ObjectWindow *window, void *object, uint32_t count) {
    unsigned char *states = window->states;
    uint64_t index = object_window_index(window, (uint64_t)(uintptr_t)object - window->base);
    if (!ARENA_LIKELY(index < count && states[index] == OBJECT_STATE_LIVE)) {
        return false;
    }
    uint32_t next = (uint32_t)window->first;
    memcpy(object, &next, sizeof next);
    states[index] = OBJECT_STATE_FREE;
    window->first = index;
    window->at_peak++;
    return true;
}

/* The window of a live pool; NULL for what is none. */
static inline ObjectWindow *object_window_of(void *pool) {
    ObjectPoolFront *front = (ObjectPoolFront *)pool;
    bool aligned = ((uintptr_t)pool & 63) == 0; /* else it must not even be read */
    return ARENA_LIKELY(aligned && pool != NULL && front->magic == OBJECT_POOL_MAGIC) ? &front->window : NULL;
}

#ifdef __cplusplus
}
#endif

#endif
