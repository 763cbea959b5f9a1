/* SPDX-License-Identifier: Apache-2.0
 * arena_recycler_parts.h - how much recent uses needed, and what Java needs of a recycler.
 * Layer: structures (private to the library). May include: arena/, base/. */
#ifndef CORRAL_ARENA_RECYCLER_PARTS_H
#define CORRAL_ARENA_RECYCLER_PARTS_H

#include "corral/arena_recycler.h"

/* --- recent uses (recycler_uses.c); the caller holds the recycler's lock ------------------------------------------ */

/* Sizes are counted in bins, four to each power of two, so that a bin's largest size is at most a quarter above the
 * smallest; up to 8 bytes each size has its own, and 0 too. */
#define RECYCLER_BINS 253

/* The last RECYCLER_USES sizes and their percentile, which moves on by a few bins with each new size.
 * Invariants: uses[k] = how many of recent[0 .. count - 1] are k; below = sum of uses[0 .. typical - 1];
 *             count == 0, or below < rank <= below + uses[typical], where rank = percentile of count, rounded up */
typedef struct RecentUses {
    uint8_t recent[RECYCLER_USES]; /* bins */
    uint8_t uses[RECYCLER_BINS];
    uint8_t typical; /* bin */
    uint8_t count;
    uint8_t next; /* in `recent`: the oldest, once it is full */
    uint8_t below;
    uint8_t percentile;
} RecentUses;

/* The bin of a size in bytes, and the largest size of a bin. */
unsigned uses_bin(uint64_t bytes);
uint64_t uses_bin_bytes(unsigned bin);

/* Adds a use; forgets the oldest one of RECYCLER_USES. Cost: O(1) for uses that resemble each other, else O(bins). */
void uses_add(RecentUses *uses, uint64_t bytes);

/* The invariants above. */
bool uses_hold(const RecentUses *uses);

/* --- for Java (arena_recycler.c) ---------------------------------------------------------------------------------- */

/* What became of an arena that was given back. */
typedef struct GivenBack {
    bool kept;
    bool same_chunks; /* kept, and every chunk has the index that it had */
} GivenBack;

/* As recycler_return(), also of an arena whose slot is held, which is let go. */
CorralStatus recycler_give_back(ArenaRecycler *recycler, Arena *arena, GivenBack *given);

/* Makes recycler_destroy() refuse it: Java uses it by its address, and ends it. */
void recycler_hold(ArenaRecycler *recycler);

/* As recycler_destroy(), also of one that is held. */
CorralStatus recycler_end(ArenaRecycler *recycler);

/* As recycler_borrow(), and holds the slot: see arena_slot_hold(). */
CorralStatus recycler_borrow_held(ArenaRecycler *recycler, Arena **arena);

/* Counts borrows and returns of lent arenas that Java has served itself, by the bytes that each needed, oldest
 * first. Returns how many bytes of chunks recent uses justify now: an arena with more is dropped. */
uint64_t recycler_add_uses(ArenaRecycler *recycler, const uint64_t *uses, size_t count);

#endif
