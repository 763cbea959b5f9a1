/* SPDX-License-Identifier: Apache-2.0
 * arena.h - objects that die together: allocated by moving a cursor, released in one operation.
 * Layer: arena. May include: mempool.h, control_block.h, status.h, the other arena headers.
 *
 * Threads: an arena has one owner thread (whichever uses it; hand it over with a happens-before edge of your own).
 *          Different arenas of one pool may be used by different threads at the same time.
 * Errors:  a function that returns a pointer returns NULL on failure, changes nothing then, and arena_last_status()
 *          says why. Every function refuses NULL and a destroyed arena (by the marker ARENA_MAGIC) with
 *          CORRAL_INVALID_ARENA, as long as the arena's pool lives. Memory that never was an arena is refused likewise,
 *          except by the fast path of arena_alloc(), which does not read the marker.
 * Memory:  blocks belong to the arena until reset, clear, destroy or a rewind to an earlier mark, or the end of its
 *          pool. Their contents are unspecified unless the function says otherwise. No metadata lies between blocks. */
#ifndef CORRAL_ARENA_H
#define CORRAL_ARENA_H

#include "corral/arena_debug.h"
#include "corral/arena_release.h"
#include "corral/arena_family.h"
#include "corral/arena_observer.h"
#include "corral/arena_report.h"
#include "corral/arena_resize.h"
#include "corral/arena_strings.h"
#include "corral/arena_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- lifecycle ---------------------------------------------------------------------------------------------------- */

/* Chunks of 4 KiB growing to 64 KiB, alignment 16, name "arena", no limit. */
ArenaConfig arena_config_default(void);

/* Creates an arena whose chunks grow from `initial_size` to `maximum_size` bytes, doubling. The first chunk is acquired
 * now.
 * Owner: the caller, until arena_destroy() or pool_destroy(). Returns NULL for sizes out of range, an invalid pool or
 *        no
 * memory. Cost: O(1); the pool is asked for one chunk, and now and then for a slab of control blocks. */
Arena *arena_create(Pool *pool, size_t initial_size, size_t maximum_size);

/* arena_create(pool, ARENA_INITIAL_DEFAULT, ARENA_MAXIMUM_DEFAULT). */
Arena *arena_create_default(Pool *pool);

/* An arena of one chunk of `size` bytes, which never grows: requests beyond it fail with CORRAL_ARENA_FULL. */
Arena *arena_create_fixed(Pool *pool, size_t size);

/* As arena_create(), configured; NULL config: the defaults. config->status tells why NULL was returned:
 * CORRAL_INVALID_ARGUMENT, CORRAL_BAD_ALIGNMENT, CORRAL_INVALID_POOL, CORRAL_INVALID_ARENA (the parent),
 * CORRAL_NO_MEMORY or CORRAL_LIMIT_REACHED (of the pool or of an arena above). With a parent, `pool` may be NULL. */
Arena *arena_create_with(Pool *pool, const ArenaConfig *config);

/* Destroys the arena's children, and returns all chunks and the control block to the pool. The arena may not be used
 * any more; while its pool lives, doing so is refused, and so is destroying it twice (unless a new arena has taken its
 * place meanwhile).
 * Cost: O(chunks), of the children as well. Returns CORRAL_OK or CORRAL_INVALID_ARENA. */
CorralStatus arena_destroy(Arena *arena);

/* --- allocate ----------------------------------------------------------------------------------------------------- */

/* The cold half of arena_alloc(): refills the window or fails. Call arena_alloc() instead. */
void *arena_alloc_slow(Arena *arena, size_t size);

/* Moves the cursor to `end`: the hot end of arena_alloc(). */
static inline void *arena_take_until(ArenaControl *control, uint64_t end) {
    uint64_t cursor = control->cursor;
    ARENA_ASSUME(cursor != 0); /* so that the caller's test for NULL moves to the slow path */
    control->cursor = end;
    control->count++;
    return (void *)(uintptr_t)cursor;
}

/* Allocates `size` bytes at the default alignment; the size is rounded up to it. Zero bytes give a valid pointer that
 * owns nothing. Fails with CORRAL_SIZE_LIMIT, CORRAL_NO_MEMORY, CORRAL_LIMIT_REACHED, CORRAL_ARENA_FULL,
 * CORRAL_CHUNK_LIMIT or CORRAL_INVALID_ARENA.
 * Cost: O(1), about ten instructions, and a call in an arena of alignment 8. When the current chunk is exhausted, a
 * retained chunk that fits is searched for (amortised O(1) for runs of one size, O(chunks) at worst), or one is
 * acquired from the pool.
 *
 * What is inlined holds only where blocks are multiples of ARENA_ALIGNMENT; inline_limit is 0 elsewhere. The size is
 * rounded first, so that one addition lies between two cursors. One branch decides, and no sum misleads it: a size that
 * the compiler knows to fit in 32 bits (a constant, an int of any kind) cannot carry an address past the largest; any
 * other size joins the end in the compare, which is too large then whatever the sum has become. The few bytes at the
 * end of a chunk that this gives away to the slow path are found there. */
static inline void *arena_alloc(Arena *arena, size_t size) {
    ArenaControl *control = (ArenaControl *)arena;
    if (ARENA_LIKELY(arena != NULL)) { /* folded away after a test */
        uint64_t rounded = ((uint64_t)size + (ARENA_ALIGNMENT - 1)) & ~(uint64_t)(ARENA_ALIGNMENT - 1);
        uint64_t end = control->cursor + rounded;
        uint64_t most = ARENA_FITS_32_BITS(size) ? end : end | size;
        if (ARENA_LIKELY(most < control->inline_limit)) {
            return arena_take_until(control, end);
        }
    }
    return arena_alloc_slow(arena, size);
}

/* As arena_alloc(), at a multiple of `alignment`: a power of two up to ARENA_ALIGNMENT_MAX (smaller than the default
 * means the default). Also fails with CORRAL_BAD_ALIGNMENT. The gap before the block counts as used. Zero bytes move
 * nothing, so their address may lie beyond the used bytes, where it has no reference; if it lies beyond the chunk,
 * another chunk is entered. */
void *arena_alloc_aligned(Arena *arena, size_t size, size_t alignment);

/* `count * size` zeroed bytes; CORRAL_SIZE_LIMIT when the product is too large. Cost: O(bytes). */
void *arena_calloc(Arena *arena, size_t count, size_t size);

/* --- bulk --------------------------------------------------------------------------------------------------------- */

/* Destroys the arena's children and takes back all blocks; keeps every chunk, the grown chunk size and the peaks, but
 * for chunks beyond `retain` and those that fell back. References made before become stale. The status of the last
 * failure is cleared. Cost: O(1) whatever the number of chunks kept, O(chunks given back, children) (poisoning arenas:
 * O(used bytes)). Returns CORRAL_OK or CORRAL_INVALID_ARENA. */
CorralStatus arena_reset(Arena *arena);

/* As arena_reset(), and returns all chunks but the first to the pool; the chunk size starts again at its initial value.
 * Cost: O(chunks). */
CorralStatus arena_clear(Arena *arena);

/* Marks the present point. The mark can be used any number of times until a reset, a clear or a rewind to an earlier
 * mark makes it stale. Two marks without an allocation between them are the same mark. On failure (CORRAL_NO_MEMORY,
 * CORRAL_LIMIT_REACHED, CORRAL_INVALID_ARENA) the result's arena is NULL.
 * Cost: O(1), 40 bytes of the pool per mark, which marks taken after it is stale use again and clear gives back; a
 *       request to the pool when their number doubles. CORRAL_LIMIT_REACHED: 2^20 marks are valid. */
ArenaMark arena_mark(Arena *arena);

/* Takes back all blocks allocated since the mark was taken; chunks are kept. References into chunks that were entered
 * since are stale from then on; a reference to other taken-back bytes is refused by arena_resolve() until they are
 * allocated again. CORRAL_OK, CORRAL_INVALID_ARENA, or CORRAL_STALE_MARK, when nothing changed. Cost: O(1) whatever the
 * number of blocks and chunks (poisoning arenas: O(chunks)). */
CorralStatus arena_rewind(Arena *arena, ArenaMark mark);

/* CORRAL_OK when arena_rewind() would take the mark; else as that. Cost: O(1). */
CorralStatus arena_mark_check(Arena *arena, ArenaMark mark);

/* As arena_mark(), but a mark that no other call has brought: for arena_close_scope(). */
ArenaMark arena_open_scope(Arena *arena);

/* As arena_rewind(), and the mark becomes stale with those taken after it: scopes that follow each other need the room
 * of one, however many they are and whatever is allocated between them. */
CorralStatus arena_close_scope(Arena *arena, ArenaMark scope);

/* --- references --------------------------------------------------------------------------------------------------- */

/* Allocates as arena_alloc_aligned() and returns the block's reference; 0 on failure. Cost: as the allocation. */
ArenaRef arena_alloc_ref(Arena *arena, size_t size, size_t alignment);

/* The reference of an address inside the arena's used memory; 0 with CORRAL_FOREIGN_POINTER for any other address.
 * Cost: O(1) in the current chunk, else O(chunks). */
ArenaRef arena_ref(Arena *arena, const void *pointer);

/* The address that a reference names. NULL with CORRAL_STALE_REF for 0, for a reference from before a reset or clear,
 * and for one that names neither a used byte of this arena nor the end of a chunk's used bytes (where a block of zero
 * bytes may lie). Generations wrap after 16,383 resets: a reference that was kept exactly that long is taken for a
 * fresh one.
 * Cost: O(1). */
void *arena_resolve(Arena *arena, ArenaRef ref);

#ifdef __cplusplus
}
#endif

#endif
