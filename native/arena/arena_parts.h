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
 *   allocated == sum of capacities; used_elsewhere == sum of `used` of the entered chunks other than the current one
 *   the current chunk is entered; every chunk that is free (not entered) has an index >= first_free
 *   every free chunk with an index < rover has a capacity < rover_size
 *   initial_size <= target <= maximum_size
 *   zeroed: every byte of every chunk that is not used is zero, unless a stale view has written to it
 *   holes and chunks that fell back have an index >= squeeze_from; fell_back == sum of the latter's capacities
 *   every chunk that was entered in this generation has an index <= last_entered
 *   limiter == (limit is set ? this arena : that of the parent, or NULL); charged, where limit is set, == sum of the
 *     capacities of all chunks of this arena and those below it that count against it (see limit_counts)
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

    Pool *pool;
    ArenaChunk *chunks; /* inline_chunks, or books of the pool, which no view can reach */
    uint64_t window_end;
    uint64_t allocated;
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
    uint32_t mark_room;
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
    bool rearranged;   /* the last reset or clear gave chunks back, or moved them to other indices */
    bool ending;       /* its children are being destroyed */
    bool held;         /* the slot stays out of use until arena_slot_let_go(); kept while there is no arena in it */
    char name[ARENA_NAME_MAX + 1];
    uint32_t growth[ARENA_GROWTH_BINS];
    ArenaChunk inline_chunks[ARENA_INLINE_CHUNKS];
};

static_assert(offsetof(Arena, control) == 0, "the control block is what C and Java find at an arena's address");
static_assert(offsetof(Arena, take_backs) == sizeof(ArenaControl), "layout: Java maps it with the control block");
static_assert(sizeof(ArenaChunk) == 24, "a descriptor table of a million chunks stays at 24 MiB");

/* --- slots of control blocks (arena_slots.c); thread-safe --------------------------------------------------------- */

/* Bytes of one slot; a slab of ARENA_SLAB_BYTES, aligned to its size, holds a header slot and as many arenas as fit. */
#define ARENA_SLOT_BYTES ((size_t)1024)
#define ARENA_SLAB_BYTES ((size_t)64 << 10)

static_assert(sizeof(Arena) <= ARENA_SLOT_BYTES && ARENA_SLOT_BYTES % 64 == 0,
              "an arena fills one slot of whole lines");

/* Calls `visit` for every live arena of the pool, in the order of their addresses. It may create and destroy arenas; the
 * new ones may be left out. */
void arena_slots_visit(Pool *pool, void (*visit)(Arena *arena, void *context), void *context);

/* Takes a zeroed slot from the pool's slabs. CORRAL_OK, or why there is none. */
CorralStatus arena_slot_take(Pool *pool, Arena **arena);

/* Marks the arena as destroyed and gives its slot back, unless it is held. False when another caller has done so
 * already. */
bool arena_slot_give(Arena *arena, Pool *pool);

/* Keeps the slot from being used again when the arena is destroyed, by whomever, so that whoever holds it goes on to
 * find its own arena there, or none: until arena_slot_let_go(). */
void arena_slot_hold(Arena *arena);

/* Ends a hold; the slot of a destroyed arena is free then. Does nothing for NULL and what is not held. */
void arena_slot_let_go(Arena *arena);

/* --- chunks (arena_chunks.c) -------------------------------------------------------------------------------------- */

/* Bytes used in chunk `index` now. */
size_t chunk_used(const Arena *arena, uint32_t index);

/* Gives back a descriptor table of `room` entries that is not the inline one; NULL is allowed. */
void chunk_table_give(Pool *pool, ArenaChunk *table, uint32_t room);

/* Makes inline_marks the stack of marks, which must be empty; gives another one back (arena_marks.c). */
void mark_stack_shrink(Arena *arena);

/* The entry of a valid mark of this arena by its id; NULL when there is none. Valid until the next mark is taken. */
const MarkEntry *mark_find(const Arena *arena, uint64_t id);
/* Acquires a chunk from the pool and appends it, not entered yet; `*index` receives its place. The caller has made sure
 * that it is within the limits. On failure nothing changed. */
CorralStatus chunk_append(Arena *arena, size_t capacity, size_t alignment, bool fell_back, uint32_t *index);

/* True when there is a chunk at this index. */
static inline bool chunk_exists(const Arena *arena, uint32_t index) {
    return arena->chunks[index].capacity != 0;
}

/* Returns the memory of one chunk to the pool and takes it off all sums. Its descriptor is the caller's. */
void chunk_release(Arena *arena, uint32_t index);

/* True when the chunk holds blocks, or is the current one. */
bool chunk_is_entered(const Arena *arena, uint32_t index);

/* Adds a free chunk to the entered ones. */
void chunk_add_entered(Arena *arena, uint32_t index);

/* Enters a free chunk and makes it the current one, with its cursor at its first byte. */
void chunk_enter(Arena *arena, uint32_t index);

/* Makes an entered chunk the current one, with its cursor at `offset`. */
void window_open(Arena *arena, uint32_t index, uint32_t offset);

/* Gives up all chunks but the first `entered` of the list; none below `first_free` is given up. */
void chunks_give_up(Arena *arena, uint32_t entered, uint32_t first_free);

/* Finds a retained chunk in which `rounded` bytes fit at `alignment`; false when there is none. */
bool chunk_find_free(Arena *arena, size_t rounded, size_t alignment, uint32_t *index);

/* Returns the chunks from `first` on, which must be free, to the pool. */
void chunks_release_from(Arena *arena, uint32_t first);

/* --- bytes that are handed out and taken back (arena_space.c) ------------------------------------------------------ */

/* Memory for a chunk, from the pool: zero where the arena is zeroed. As pool_acquire(). */
CorralStatus space_acquire(Arena *arena, size_t capacity, size_t alignment, void **block);

/* Returns the memory of a chunk to the pool; what was used of it has been taken back. */
void space_give_back(Arena *arena, uint64_t base, size_t capacity);

/* The bytes belong to a block from now on. */
void space_hand_out(const Arena *arena, uint64_t address, size_t bytes);

/* The bytes were used and are free again: wiped in a zeroed arena, filled in a debug one, marked for the tools. For each
 * place where the cursor moves back, before it does; costs nothing in other arenas, O(bytes) in these. */
void space_take_back(const Arena *arena, uint64_t address, size_t bytes);

/* The same for all that was used since the mark, or at all; cost: O(1) unless the arena is one of these. */
void space_take_back_since(const Arena *arena, const MarkEntry *mark);
void space_take_back_all(const Arena *arena);
/* --- growth and limits (arena_growth.c) --------------------------------------------------------------------------- */

/* Acquires a chunk for a request that fits in no retained one, as the arena's limits and `exhausted` say. */
CorralStatus chunk_grow(Arena *arena, size_t rounded, size_t alignment, uint32_t *index);

/* Bytes of chunks that may still be acquired, for a chunk that falls back or not. */
uint64_t limit_room(const Arena *arena, bool fell_back);

/* Whether chunks below `limiter`, which has a limit, count against it. */
bool limit_counts(const Arena *limiter, bool fell_back);

/* Counts a chunk against all limits that apply, or takes it off them. */
void limit_charge(Arena *arena, uint64_t capacity, bool fell_back);
void limit_discharge(Arena *arena, uint64_t capacity, bool fell_back);

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

/* --- giving chunks back (arena_trim.c) ---------------------------------------------------------------------------- */

/* At a reset, when nothing is entered: gives back what fell back and closes the holes. True when there were any:
 * indices may have changed. */
bool chunks_squeeze(Arena *arena);

/* As arena_trim(), of a valid arena. True when chunks were given back. */
bool chunks_trim(Arena *arena, uint64_t keep_bytes);

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

/* What the pool calls before it ends: callbacks of every arena are called, used memory of zeroed ones is wiped when the
 * pool does not leave the contents, observers are told. CORRAL_RELEASING or CORRAL_OBSERVING when an arena is just
 * calling somebody: nothing happened then. */
CorralStatus arenas_end_with_pool(Pool *pool, bool leaves_contents);

/* What `tied` has to be; whoever changes one of the reasons sets it anew (arena_marks.c). */
bool arena_is_tied(const Arena *arena);

/* True when `arena` bears the marker of a live arena. */
bool arena_is_valid(const Arena *arena);

/* The end of arena_destroy(): of an arena that has no children (any more) and whose callbacks have run. */
CorralStatus arena_end(Arena *arena);

/* CORRAL_OK when `arena` is one and its observer is not just being told; else CORRAL_INVALID_ARENA, or CORRAL_OBSERVING,
 * which is remembered as the reason. For operations that change something. */
CorralStatus arena_may_change(Arena *arena);

/* Remembers why a call failed. */
void arena_fail(Arena *arena, CorralStatus status);

/* Notes the used bytes in the peak; called before they are taken back. */
void peak_update(Arena *arena);

/* The first step of every take-back of a valid arena (arena_bulk.c): tells all that came after the mark of that number; 0:
 * all. Whatever it calls may allocate, so nothing that was read before holds. A failure changes nothing but the status.
 */
CorralStatus before_taking_back(Arena *arena, uint64_t mark);

/* Moves the cursor, and the limit with it while the window is closed. */
void window_move(Arena *arena, uint64_t cursor);

/* Verifies every invariant of the arena's own state, not what callers have written to its chunks (arena_check.c). */
bool arena_is_sound(const Arena *arena);

/* --- observers (arena_observer.c): all of it does nothing in other arenas ------------------------------------------ */

/* Notes that the chunk is new; the observer is told when the operation that needs it is done. */
void observer_chunk_acquired(Arena *arena, uint32_t index);

/* Tells of the chunk that was noted; of the block at `place`, after its chunk. */
void observer_tell_chunk(Arena *arena);
void observer_tell_alloc(Arena *arena, const ArenaPlace *place, size_t size);

/* Tells that the chunk is about to be given back. */
void observer_tell_leaving(Arena *arena, uint32_t index);

/* The last step of a reset, clear or rewind. */
void observer_tell_reset(Arena *arena, ArenaTakeBack by);

/* Tells that all chunks leave and the arena ends; from here on nobody is told. */
void observer_tell_destroy(Arena *arena);

/* --- debug mode (arena_debug.c): all of it does nothing in other arenas, unless it says otherwise ----------------- */

/* Puts a new arena into debug mode. CORRAL_OK or CORRAL_NO_MEMORY. */
CorralStatus debug_create(Arena *arena, const ArenaConfig *config);

/* Gives back what debug_create() took, for an arena that is gone; NULL is allowed. */
void debug_give(Pool *pool, ArenaDebug *debug);

/* Around the part of an operation that may find damage. The end sends the report and returns CORRAL_DAMAGED, which is
 * then the arena's last status too, or CORRAL_OK. */
void debug_begin(Arena *arena, const char *operation);
CorralStatus debug_end(Arena *arena);

/* Before a block of `size` bytes is placed: has a place in the list for it, and adds the guard to `rounded`. CORRAL_OK,
 * CORRAL_NO_MEMORY or CORRAL_SIZE_LIMIT. Only in debug mode. */
CorralStatus debug_reserve(Arena *arena, size_t size, size_t *rounded);

/* After it: verifies that the `rounded` bytes at `place`, and the gap from `start` to it, were free; fills them, and
 * lists the block. Only in debug mode. */
void debug_placed(Arena *arena, const ArenaPlace *place, size_t size, uint64_t start, size_t rounded);

/* The block at `address` has been copied elsewhere: its bytes are as good as taken back. */
void debug_moved(Arena *arena, uint64_t address);

/* The block at `address` has only `size` bytes from now on; what it loses becomes guard. */
void debug_shrunk(Arena *arena, uint64_t address, size_t size);

/* Verifies the guards of the blocks from the `first` on, and takes them off the list; before their bytes are filled. */
void debug_take_back(Arena *arena, uint64_t first);

/* Verifies a chunk of free bytes that goes back to the pool. */
void debug_release_chunk(Arena *arena, uint32_t index);

/* Makes the running operation forget whose the free bytes were, at its end: chunks have other indices from now on. */
void debug_forget_free(Arena *arena);

/* Sets in `config` what debug mode was created with. */
void debug_config(const Arena *arena, ArenaConfig *config);

/* Verifies all guards and all free bytes, and reports; CORRAL_OK or CORRAL_DAMAGED. */
CorralStatus debug_check(const Arena *arena, const char *operation);

/* Verifies the list itself. */
bool debug_holds(const Arena *arena);

#endif
