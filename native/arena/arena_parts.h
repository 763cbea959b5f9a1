/* SPDX-License-Identifier: Apache-2.0
 * arena_parts.h - the whole arena behind its control block, for the files of this layer only.
 * Layer: arena. May include: mempool.h, base/. Threads: the arena's owner, unless a function says otherwise. */
#ifndef CORRAL_ARENA_PARTS_H
#define CORRAL_ARENA_PARTS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "corral/arena.h"

/* Chunk descriptors that fit in the arena's own slot, so that a small arena needs no table. */
#define ARENA_INLINE_CHUNKS 8

/* Marks that fit there, too. Java opens and closes scopes in them by itself; deeper ones take a call. */
#define ARENA_INLINE_MARKS 6

/* One chunk. Its memory holds nothing but the caller's bytes.
 *
 * Which chunks are entered (hold blocks) is a sparse set, after Briggs and Torczon, "An Efficient Representation for
 * Sparse Sets" (1993): `order` of the first arena->entered descriptors lists the entered chunks in the order of their
 * entry, and `position` is a chunk's place in that list. Shortening the list is one assignment, which makes reset and
 * rewind O(1): nobody visits the chunks that are given up.
 * A hole is an index without a chunk: base and capacity are 0. Its chunk was given back while references could still
 * name it; the next reset or clear, from which on they are stale, closes it.
 * Invariants: used <= capacity <= ARENA_SIZE_LIMIT
 *             chunk i is entered == (position < arena->entered && chunks[position].order == i)
 *             `used` counts only while the chunk is entered, and lags behind the cursor while it is the current one */
typedef struct ArenaChunk {
    uint64_t base;          /* address, a multiple of ARENA_CHUNK_ALIGNMENT */
    uint32_t capacity;      /* bytes */
    uint32_t used;          /* bytes */
    uint32_t position;      /* of this chunk in the list of entered chunks, if it is there */
    uint32_t order : 24;    /* the chunk at this place of the list: another chunk than this one */
    uint32_t fell_back : 1; /* taken beyond the limit: goes back at the next reset */
} ArenaChunk;

/* What the arena was when a mark was taken. The stack of them is books of the pool, which no view can reach. Java
 * writes entries as well (dev.corral.ArenaScopes). */
typedef struct MarkEntry {
    uint64_t id; /* unique in the pool; a mark is valid while the entry at its depth has its id */
    uint64_t count;
    uint64_t used_elsewhere;
    uint32_t chunk;
    uint32_t offset; /* of the cursor in that chunk */
    uint32_t entered;
    uint32_t first_free;
} MarkEntry;

static_assert(sizeof(MarkEntry) == 40, "what arena_mark() says that a mark costs");

typedef struct ArenaReleases ArenaReleases;

/* Low bits of an id: the entry's place in the stack. The rest is the mark's number. */
#define ARENA_MARK_DEPTH_BITS 20

typedef struct ArenaDebug ArenaDebug;

/* Invariants:
 *   tied == (closed || zeroed || releases_tie(arena) || marks != inline_marks)
 *   control.base == chunks[control.chunk].base, control.cursor <= window_end == control.base + capacity of that chunk
 *   closed == (poison || debug || observed), control.limit == (closed ? control.cursor : window_end)
 *   control.inline_limit == (closed or another alignment than ARENA_ALIGNMENT ? 0 : window_end + 1)
 *   allocated == sum of capacities; used_elsewhere == sum of `used` of the entered chunks other than the current one
 *   the current chunk is entered; every chunk that is free (not entered) has an index >= first_free
 *   every free chunk with an index < rover has a capacity < rover_size
 *   initial_size <= target <= maximum_size
 *   zeroed: every byte of every chunk that is not used is zero, unless a stale view has written to it
 *   holes and chunks that fell back have an index >= squeeze_from; fell_back == sum of the latter's capacities
 *   every chunk that was entered in this generation has an index <= last_entered
 *   limiter == (limit is set ? this arena : that of the parent, or NULL); charged, where limit is set, == sum of the
 *     capacities of all chunks of this arena and those below it that count against it (see limit_counts)
 *   eventful == 0: the first chunk is the only one that was entered, no chunk came or went, there is neither a parent
 *     nor a child, nothing to release, nothing was taken back but to marks: so Java can end it and begin it anew
 *     without us (dev.corral.ParkedArenas)
 *   newer and older link the children of one parent, of whom newest_child is the first
 *   what a mark says of its time is at most what the next mark says, or after the last one the arena; its id is less */
struct Arena {
    ArenaControl control; /* first: C inlines over it, Java maps it */

    /* Mapped by Java, like the control block. */
    uint64_t take_backs; /* count of resets, clears and rewinds; goes on as next_mark does */
    uint64_t used_elsewhere;
    uint64_t next_mark; /* number of the next mark; goes on where the slot's last arena ended */
    uint64_t peak_used;
    MarkEntry *marks; /* inline_marks, or books of the pool */
    uint32_t entered; /* chunks in the list of entered ones */
    uint32_t first_free;
    uint32_t mark_count;
    uint32_t tied; /* not 0: a rewind is more than a move of the cursor, so that C has to do it */
    MarkEntry inline_marks[ARENA_INLINE_MARKS];
    uint32_t eventful; /* not 0: since it was new there was more than blocks, marks and scopes in the first chunk */

    uint32_t mark_room;
    uint64_t allocated; /* bytes of chunks; the last word that Java maps */
    Pool *pool;
    ArenaChunk *chunks; /* inline_chunks, or books of the pool, which no view can reach */
    uint64_t window_end;
    uint64_t peak_allocated;
    uint64_t resets;
    ArenaReleases *releases; /* books of the pool, or NULL: nothing was ever registered (release_parts.h) */
    Arena *parent;           /* NULL: none */
    Arena *newest_child;
    Arena *newer; /* sibling */
    Arena *older;
    Arena *limiter; /* the nearest arena with a limit, this one or above */
    uint64_t limit; /* UINT64_MAX: none */
    uint64_t charged;
    uint64_t retain;
    uint64_t fell_back; /* bytes */
    uint32_t chunk_count;
    uint32_t chunk_room; /* descriptors that `chunks` can hold */
    uint32_t holes;
    uint32_t squeeze_from;
    uint32_t last_entered;
    uint32_t rover; /* where the search for a large retained chunk goes on */
    uint32_t rover_size;
    uint32_t target; /* capacity of the chunk acquired last, before a large request raised it */
    uint32_t initial_size;
    uint32_t maximum_size;
    ArenaExhausted exhausted;
    bool fixed;
    bool closed; /* the window: something has to see every allocation */
    bool poison;
    bool zeroed;
    bool observed;         /* `observer` is to be told */
    bool telling;          /* the observer is being told: nothing may change */
    uint32_t untold_chunk; /* index + 1 of a chunk that was acquired and not told of; 0: none */
    ArenaObserver observer;
    ArenaDebug *debug; /* books of the pool; NULL: not in debug mode */
    uint32_t role;     /* what structure this arena is, 0: none; the layer above says so */
    bool rearranged;   /* the last reset or clear gave chunks back, or moved them to other indices */
    bool ending;       /* its children are being destroyed */
    bool lent;         /* somebody has borrowed it */
    uint64_t lender;   /* the recycler that made it, by its number; 0: none (structures/arena_recycler.c) */
    bool held;         /* the slot stays out of use until arena_slot_let_go(); kept while there is no arena in it */
    char name[ARENA_NAME_MAX + 1];
    uint32_t growth[ARENA_GROWTH_BINS];
    ArenaChunk inline_chunks[ARENA_INLINE_CHUNKS];
};

static_assert(offsetof(Arena, control) == 0, "the control block is what C and Java find at an arena's address");
static_assert(offsetof(Arena, take_backs) == sizeof(ArenaControl), "layout: Java maps it with the control block");
static_assert(sizeof(ArenaChunk) == 24, "a descriptor table of a million chunks stays at 24 MiB");

/* --- allocation and shared helpers (arena.c) ---------------------------------------------------------------------- */

/* Where a block lies. */
typedef struct ArenaPlace {
    uint64_t address;
    uint32_t chunk;
} ArenaPlace;

/* Allocates `size` bytes at a multiple of `alignment` and of the default alignment in a valid arena. CORRAL_OK, or why
 * not; a failure changes nothing and leaves `place` unspecified. */
CorralStatus arena_place(Arena *arena, size_t size, size_t alignment, ArenaPlace *place);

/* The reference of a place in this arena (arena_refs.c). */
ArenaRef ref_of_place(const Arena *arena, const ArenaPlace *place);

/* Whether arena_create_with() takes the values: CORRAL_OK, CORRAL_BAD_ALIGNMENT or CORRAL_INVALID_ARGUMENT. */
CorralStatus arena_config_check(const ArenaConfig *config);

/* As arena_reset(), for another user, to whom the arena looks new: the peaks and the count of resets begin again. The
 * history of its growth does not. CORRAL_OK and CORRAL_DAMAGED: it is done. */
CorralStatus arena_renew(Arena *arena);

/* Makes an arena new for another user, and stores in `*used` what the last one needed at most, in bytes. With its
 * chunks it is as after arena_renew(); without them as arena_create_with() makes it, but for its generation. False, and
 * nothing happened: it is destroyed, or has relatives, a role, a closed window, or something to release. */
bool arena_begin_anew(Arena *arena, bool keep_chunks, uint64_t *used);

/* What the pool calls before it ends: callbacks of every arena are called, used memory of zeroed ones is wiped when the
 * pool does not leave the contents, observers are told. CORRAL_RELEASING or CORRAL_OBSERVING when an arena is just
 * calling somebody: nothing happened then. */
CorralStatus arenas_end_with_pool(Pool *pool, bool leaves_contents);

/* What `tied` has to be; whoever changes one of the reasons sets it anew (arena_marks.c). */
bool arena_is_tied(const Arena *arena);

/* True when `arena` bears the marker of a live arena. */
static inline bool arena_is_valid(const Arena *arena) {
    bool aligned = ((uintptr_t)arena & (ARENA_CHUNK_ALIGNMENT - 1)) == 0; /* else it must not even be read */
    return arena != NULL && aligned && arena->control.magic == ARENA_MAGIC;
}

/* The end of arena_destroy(): of an arena that has no children (any more) and whose callbacks have run. */
CorralStatus arena_end(Arena *arena);

/* Remembers why a call failed. */
static inline void arena_fail(Arena *arena, CorralStatus status) {
    arena->control.status = (uint16_t)status;
}

/* CORRAL_OK when `arena` is one and its observer is not just being told; else CORRAL_INVALID_ARENA, or
 * CORRAL_OBSERVING, which is remembered as the reason. For operations that change something. */
static inline CorralStatus arena_may_change(Arena *arena) {
    if (!arena_is_valid(arena)) {
        return CORRAL_INVALID_ARENA;
    }
    if (arena->telling) {
        arena_fail(arena, CORRAL_OBSERVING);
        return CORRAL_OBSERVING;
    }
    return CORRAL_OK;
}

/* Notes the used bytes in the peak; called before they are taken back. */
static inline void peak_update(Arena *arena) {
    uint64_t used = arena->used_elsewhere + (arena->control.cursor - arena->control.base);
    arena->peak_used = arena->peak_used > used ? arena->peak_used : used;
}

/* The first step of every take-back of a valid arena (arena_bulk.c): tells all that came after the mark of that number;
 * 0: all. Whatever it calls may allocate, so nothing that was read before holds. A failure changes nothing but the
 * status.
 */
CorralStatus before_taking_back(Arena *arena, uint64_t mark);

/* Verifies every invariant of the arena's own state, not what callers have written to its chunks (arena_check.c). */
bool arena_is_sound(const Arena *arena);

#include "arena/chunk_parts.h"
#include "arena/life_parts.h"
#include "arena/watch_parts.h"

#endif
