/* SPDX-License-Identifier: Apache-2.0
 * structure_parts.h - what the structures have in common: the head that their callers hold.
 * Layer: structures (private to the library). May include: arena.h, base/. Threads: the structure's owner, unless a
 * function says otherwise. */
#ifndef CORRAL_STRUCTURE_PARTS_H
#define CORRAL_STRUCTURE_PARTS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "corral/arena.h"

/* Bytes of a head with what a structure puts behind it. Heads lie side by side in slabs of STRUCTURE_SLAB_BYTES,
 * aligned to their size, which stay until the pool ends: the marker of a structure that was destroyed can be read as
 * long as its pool lives, and Java maps a slab with one buffer. The first slot of a slab is not a head. */
#define STRUCTURE_HEAD_BYTES ((size_t)1024)
#define STRUCTURE_SLAB_BYTES ((size_t)64 << 10)

/* The first member of every structure. Heads are books of the pool: no stale view can write to them.
 * Invariant: live == (magic != 0) == (id != 0) */
typedef struct StructureHead {
    uint64_t no_window[2]; /* 0, where an arena has its cursor and limit: arena_alloc() finds no room in a structure */
    Pool *pool;
    Arena *arena;               /* the structure's own arena; NULL: none */
    struct StructureHead *next; /* of the free ones, while this one is */
    uint64_t id;                /* of this life of the slot: never used again there; 0: no structure is here */
    uint32_t magic;             /* where an arena has its marker, and another one; 0: no structure is here */
    uint32_t status;            /* CorralStatus of the last call that failed */
    uint64_t last_id;
} StructureHead;

static_assert(offsetof(StructureHead, magic) == offsetof(ArenaControl, magic), "each refuses the other");
static_assert(sizeof(StructureHead) == 64, "one cache line");

/* A zeroed slot of STRUCTURE_HEAD_BYTES with a head that is filled in and bears `magic` (not 0, not ARENA_MAGIC, one
 * per kind of structure). NULL: CORRAL_NO_MEMORY, or `pool` is none. Any thread. Cost: O(1), a lock, and now and then a
 * slab. */
void *structure_take(Pool *pool, uint32_t magic);

/* Ends the structure: its marker and id are gone, its slot is free. Does nothing when it has ended already. Any thread.
 */
void structure_give(void *structure);

/* True when `structure` is a live one of this kind. */
static inline bool structure_is(const void *structure, uint32_t magic) {
    bool aligned = ((uintptr_t)structure & (ARENA_CHUNK_ALIGNMENT - 1)) == 0; /* else it must not even be read */
    return structure != NULL && aligned && ((const StructureHead *)structure)->magic == magic;
}

/* Remembers why a call failed. */
static inline CorralStatus structure_fail(void *structure, CorralStatus status) {
    ((StructureHead *)structure)->status = (uint32_t)status;
    return status;
}

/* The configuration of a structure's own arena below `parent`: as arena_config_child(), and it may grow. */
ArenaConfig structure_arena_config(Arena *parent);

#endif
