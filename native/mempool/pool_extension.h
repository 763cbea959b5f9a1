/* SPDX-License-Identifier: Apache-2.0
 * pool_extension.h - one slot per pool for the layer above, which keeps its arenas' control blocks there.
 * Layer: mempool (private to the library). May include: pages/.
 * Threads: *pool_extension() is read and written only while pool_extension_lock() is held. */
#ifndef CORRAL_MEMPOOL_POOL_EXTENSION_H
#define CORRAL_MEMPOOL_POOL_EXTENSION_H

#include <stdbool.h>

#include "corral/mempool.h"
#include "os_lock.h"

/* The lock of the slot. It is not the pool's own lock: its holder may allocate from the pool. */
OsLock *pool_extension_lock(Pool *pool);

/* The slot; NULL in a new pool. What it points to must be books of the pool, so that pool_destroy() takes it back. */
void **pool_extension(Pool *pool);

/* What pool_destroy() and pool_abandon() call first, without a lock: the layer above ends what it has in the pool. Any
 * status but CORRAL_OK is returned to their caller, and nothing happened. `leaves_contents`: memory that is pinned
 * keeps its bytes, as pool_abandon() promises. */
typedef CorralStatus PoolAtEnd(Pool *pool, bool leaves_contents);

/* Sets it; the lock is held. */
void pool_extension_at_end(Pool *pool, PoolAtEnd *at_end);

/* --- books of the layer above --- */

/* Memory for what the layer above relies on. It never was a block and never becomes one, so no stale view can write to
 * it. It counts as metadata, not against the limit, and goes with the pool; pool_pin() of NULL keeps it mapped.
 * Thread-safe. */

#define POOL_SLAB_HEADER ((size_t)64) /* bytes at the start of a slab that are the pool's */

/* `bytes` of zeroed memory at a multiple of 64; NULL when there is none, and nothing changed then. */
void *pool_books_take(Pool *pool, size_t bytes);

/* Takes back what one pool_books_take() of `bytes` returned; NULL is allowed. */
void pool_books_give(Pool *pool, void *books, size_t bytes);

/* `bytes` (a power of two) of zeroed memory at a multiple of `bytes`, for as long as the pool lives; the
 * first POOL_SLAB_HEADER bytes may not be touched. NULL when there is none. */
void *pool_books_slab(Pool *pool, size_t bytes);

/* --- chunks: blocks that the layer above hands out in parts ------------------------------------------------------- */

/* As pool_acquire(), but what it stores belongs to the layer above: pool_free() and pool_realloc() refuse it with
 * CORRAL_FOREIGN_POINTER. For all else it is a live block. */
CorralStatus pool_chunk_take(Pool *pool, size_t size, size_t alignment, void **chunk);

/* The same, and the `size` bytes are zero, as those of pool_acquire_zeroed(). */
CorralStatus pool_chunk_take_zeroed(Pool *pool, size_t size, size_t alignment, void **chunk);

/* As pool_free(), of what pool_chunk_take() stored and of nothing else. */
CorralStatus pool_chunk_give(Pool *pool, void *chunk);

/* Whether a live block, or a chunk, starts there. Cost: a lock. */
bool pool_block_is_live(Pool *pool, const void *block);

/* As pool_acquire(), and the `size` bytes are zero: what was used before is wiped. Cost: O(size), or O(1) for a block
 * with a region of its own that is new. */
CorralStatus pool_acquire_zeroed(Pool *pool, size_t size, size_t alignment, void **block);

/* The pool's name, for reports; valid as long as the pool. */
const char *pool_name(const Pool *pool);

/* True when `pool` is not NULL and bears the marker of a pool. */
bool pool_is_valid(const Pool *pool);

#endif
