/* SPDX-License-Identifier: Apache-2.0
 * life_parts.h - where arenas lie, and the families that they form.
 * Layer: arena. May include: mempool.h, base/. Included by arena_parts.h, which has the structs.
 * Threads: the arena's owner, unless a function says otherwise. */
#ifndef CORRAL_LIFE_PARTS_H
#define CORRAL_LIFE_PARTS_H

#include "arena/arena_parts.h"

/* --- slots of control blocks (arena_slots.c); thread-safe --------------------------------------------------------- */

/* Bytes of one slot; a slab of ARENA_SLAB_BYTES, aligned to its size, holds a header slot and as many arenas as fit. */
#define ARENA_SLOT_BYTES ((size_t)1024)
#define ARENA_SLAB_BYTES ((size_t)64 << 10)

static_assert(sizeof(Arena) <= ARENA_SLOT_BYTES && ARENA_SLOT_BYTES % 64 == 0,
              "an arena fills one slot of whole lines");

/* Calls `visit` for every live arena of the pool, in the order of their addresses. It may create and destroy arenas;
 * the new ones may be left out. */
void arena_slots_visit(Pool *pool, void (*visit)(Arena *arena, void *context), void *context);

/* Takes a zeroed slot from the pool's slabs. CORRAL_OK, or why there is none. */
CorralStatus arena_slot_take(Pool *pool, Arena **arena);

/* Marks the arena as destroyed and gives its slot back, unless it is held. False when another caller has done so
 * already. */
bool arena_slot_give(Arena *arena, Pool *pool);

/* A pointer that the layer above has in each pool, NULL at first; what it points to must be books of the pool. NULL: no
 * memory. The caller holds pool_extension_lock(). */
void **arena_slots_above(Pool *pool);

/* Keeps the slot from being used again when the arena is destroyed, by whomever, so that whoever holds it goes on to
 * find its own arena there, or none: until arena_slot_let_go(). */
void arena_slot_hold(Arena *arena);

/* Ends a hold; the slot of a destroyed arena is free then. Does nothing for NULL and what is not held. */
void arena_slot_let_go(Arena *arena);

/* --- children (arena_family.c) ------------------------------------------------------------------------------------ */

/* Makes a new arena the newest child of its parent; sets its limiter. `parent` may be NULL. */
void family_join(Arena *arena, Arena *parent);

/* Takes an arena without children out of its parent's list. */
void family_leave(Arena *arena);

/* Destroys all arenas below this one, newest first, each after its own children. None of them is busy. What debug mode
 * finds in one goes to its report. */
void family_end_children(Arena *arena);

/* CORRAL_RELEASING while the arena's release callbacks run or its children are being ended, CORRAL_OBSERVING while its
 * observer is being told: nothing may be taken back, and no child may join. CORRAL_OK otherwise. */
CorralStatus family_busy(const Arena *arena);

/* The same of the arena and all below it. Cost: O(arenas below). */
CorralStatus family_busy_below(const Arena *arena);

/* How many arenas there are below this one, and what their chunks hold. */
void family_count(const Arena *arena, uint64_t *children, uint64_t *allocated);

/* Whether the links to parent and siblings, the limiter and what is charged to it are right. */
bool family_holds(const Arena *arena);

#endif
