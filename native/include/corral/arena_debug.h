/* SPDX-License-Identifier: Apache-2.0
 * arena_debug.h - arenas that find overruns, underruns and stale writes, and say where. Include arena.h.
 * Layer: arena. May include: arena_types.h, status.h. Threads: the arena's owner.
 *
 * An arena is created in debug mode (ArenaConfig.debug) or is not; there is no switch for a running one. In debug mode
 *   - ARENA_GUARD_BYTES, and what the rounding leaves, stand behind each block and hold ARENA_BYTE_GUARD; so does the
 *     gap before an aligned block. They are compared when the block is taken back, and by arena_check();
 *   - a new block holds ARENA_BYTE_NEW (zeros where it is to be zeroed), so that an uninitialised read is recognised;
 *   - free bytes hold ARENA_BYTE_FREE from reset, clear, rewind, the close of a scope or destroy on. They are compared
 *     before they are handed out or go back to the pool, and by arena_check(): stale writes are found;
 *   - so do the bytes of a block that arena_realloc() or a string has copied elsewhere, unless a rewind can bring it
 *     back; no block grows in place;
 *   - the arena lists its blocks, each with a tag that says who allocated it.
 *
 * Costs: 16 to 31 bytes per block, which count as used, 96 bytes of the pool's books per block, and every byte is
 * written when it is allocated and when it is taken back: reset and rewind are O(used bytes). The largest request is
 * ARENA_SIZE_LIMIT - ARENA_GUARD_BYTES. Zero bytes have no guard.
 * Not seen: reads; writes before the first block of a chunk; writes that miss every guard and hit another block.
 *
 * Damage never ends the program and never stops the operation that finds it: reset, clear, rewind, destroy complete
 * and return CORRAL_DAMAGED; an allocation returns its block and leaves CORRAL_DAMAGED in arena_last_status(). The
 * report, a text for people, goes to ArenaConfig.report. pool_destroy() reports, too, and returns CORRAL_OK; so does
 * the end of a child with its parent. Without debug mode the functions below find nothing. */
#ifndef CORRAL_ARENA_DEBUG_H
#define CORRAL_ARENA_DEBUG_H

#include <stdio.h>

#include "corral/arena_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARENA_GUARD_BYTES ((size_t)16) /* behind each block, at least */
#define ARENA_BYTE_NEW 0xCD            /* allocated, not written yet */
#define ARENA_BYTE_FREE 0xDD           /* taken back, or never allocated */
#define ARENA_BYTE_GUARD 0xFD          /* belongs to no block */
#define ARENA_TAG_MAX 71               /* bytes of a tag that are kept: its last ones */

/* True in an arena that was created in debug mode. */
bool arena_is_debug(const Arena *arena);

/* --- tags --------------------------------------------------------------------------------------------------------- */

/* Gives the next block that is allocated in `arena` a tag (copied), and returns `arena`: so that it can stand where any
 * allocating function takes the arena. Does nothing outside debug mode, for NULL or for an invalid arena. */
Arena *arena_tag(Arena *arena, const char *tag);

/* The arena, with file:line as the next block's tag: arena_strdup(ARENA_HERE(arena), text). Define it as (arena)
 * before this header is included to compile all tags away. */
#ifndef ARENA_HERE
#define ARENA_HERE(arena) arena_tag((arena), __FILE__ ":" ARENA_LINE_TEXT(__LINE__))
#endif
#define ARENA_LINE_TEXT(line) ARENA_TEXT_OF(line)
#define ARENA_TEXT_OF(line) #line

/* arena_alloc(), arena_alloc_aligned() and arena_calloc() with file:line as the tag. Include arena.h. */
#define ARENA_ALLOC(arena, size) arena_alloc(ARENA_HERE(arena), (size))
#define ARENA_ALLOC_ALIGNED(arena, size, alignment) arena_alloc_aligned(ARENA_HERE(arena), (size), (alignment))
#define ARENA_CALLOC(arena, count, size) arena_calloc(ARENA_HERE(arena), (count), (size))

/* --- live blocks -------------------------------------------------------------------------------------------------- */

/* One block of the list. */
typedef struct ArenaBlock {
    void *address;
    size_t size;   /* bytes asked for */
    size_t chunk;  /* index */
    size_t offset; /* in that chunk */
    bool moved;    /* arena_realloc() or a string has gone elsewhere: these bytes may not be used any more */
    char tag[ARENA_TAG_MAX + 1];
} ArenaBlock;

/* Blocks that have been allocated and not been taken back; 0 outside debug mode. Cost: O(1). */
size_t arena_block_count(const Arena *arena);

/* What the index-th of them is, in the order of their allocation. CORRAL_OK, CORRAL_INVALID_ARENA, or
 * CORRAL_INVALID_ARGUMENT for an index out of range or a NULL `block`. Cost: O(1). */
CorralStatus arena_block(const Arena *arena, size_t index, ArenaBlock *block);

/* Prints the list, one line per block. CORRAL_OK, CORRAL_INVALID_ARENA or CORRAL_INVALID_ARGUMENT (NULL `out`). */
CorralStatus arena_debug_print(const Arena *arena, FILE *out);

/* --- damage ------------------------------------------------------------------------------------------------------- */

/* Looks at all guards and free bytes now, and prints the report, or that there is no damage. Repairs nothing.
 * CORRAL_OK, CORRAL_DAMAGED, CORRAL_INVALID_ARENA or CORRAL_INVALID_ARGUMENT (NULL `out`). Cost: O(allocated bytes). */
CorralStatus arena_debug_report(const Arena *arena, FILE *out);

/* The last report; "" when there is none. Owner: the arena, until it finds damage again or is destroyed. */
const char *arena_last_report(const Arena *arena);

/* Damaged places found so far by operations that took them back or handed them out; each is counted once. */
size_t arena_damage_count(const Arena *arena);

/* The texts of arena_debug_print() and arena_debug_report(), one after the other, NUL-terminated in `text`; what does
 * not fit in `room` bytes is left out. Returns the length of all of it. NULL `text` with `room` 0: only the length.
 * Cost: as both. */
size_t arena_debug_text(const Arena *arena, char *text, size_t room);

#ifdef __cplusplus
}
#endif

#endif
