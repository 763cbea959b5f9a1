/* SPDX-License-Identifier: Apache-2.0
 * pool_debug.h - pools that find overruns, stale writes and leaks, and say where. Include mempool.h.
 * Layer: mempool. May include: mempool.h. Threads: any.
 *
 * A pool is created in debug mode (PoolConfig.debug) or is not; there is no switch for a running one. In debug mode
 *   - POOL_GUARD_BYTES, and what the rounding leaves, stand behind each block and hold POOL_BYTE_GUARD. They are
 *     compared when the block is freed, by pool_check() and by pool_destroy();
 *   - a new block holds POOL_BYTE_NEW (zeros where it is to be zeroed); pool_usable_size() is what was asked for, and
 *     no block is resized in place;
 *   - a freed block holds POOL_BYTE_FREE and waits in a quarantine until younger ones fill the bytes of
 *     PoolConfig.debug_quarantine, or memory is short. It is compared before it can be used again, by pool_check(),
 *     pool_trim() and pool_destroy(): a write through a stale pointer is found;
 *   - the chunks of arenas are blocks, too; what lies in them is for the debug mode of arenas (arena_debug.h).
 *
 * PoolConfig.report is told, in one line each: which bytes of which block were written, and who allocated and freed it;
 * which block is freed twice, and by whom; and when the pool is destroyed, a line per tag, which blocks were not freed.
 * Damage never ends the program and never stops the operation that finds it: pool_free() frees, pool_destroy()
 * destroys, and both return CORRAL_DAMAGED, as pool_check() does. Each finding is told once. pool_free() tells of the
 * blocks that leave the quarantine in that call as well. Leaks are no damage.
 *
 * Costs: 16 bytes or more behind each block, which count as used, 192 bytes of metadata per block that is live or
 * waits, every byte is written when it is allocated and when it is freed, and each call takes the pool's lock. Freed
 * blocks in quarantine are not in use, but their memory is not free. The largest request is PTRDIFF_MAX -
 * POOL_GUARD_BYTES. Not seen: reads; writes before a block, unless they hit the guard of the one below; writes that hit
 * another live block; writes to a freed block of more bytes than the quarantine holds. */
#ifndef CORRAL_POOL_DEBUG_H
#define CORRAL_POOL_DEBUG_H

#include "corral/mempool.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POOL_GUARD_BYTES ((size_t)16) /* behind each block, at least */
#define POOL_BYTE_NEW 0xCD            /* allocated, not written yet */
#define POOL_BYTE_FREE 0xDD           /* freed */
#define POOL_BYTE_GUARD 0xFD          /* belongs to no block */
#define POOL_TAG_MAX 71               /* bytes of a tag that are kept: its last ones */

/* As pool_alloc() and pool_free(), and says who calls: `tag` is copied; NULL: not said. Outside debug mode it is
 * ignored, and costs nothing. */
void *pool_alloc_tagged(Pool *pool, size_t size, const char *tag);
CorralStatus pool_free_tagged(Pool *pool, void *block, const char *tag);

/* With file:line as the tag. */
#define POOL_ALLOC(pool, size) pool_alloc_tagged((pool), (size), POOL_HERE)
#define POOL_FREE(pool, block) pool_free_tagged((pool), (block), POOL_HERE)
#define POOL_HERE __FILE__ ":" POOL_LINE_TEXT(__LINE__)
#define POOL_LINE_TEXT(line) POOL_TEXT_OF(line)
#define POOL_TEXT_OF(line) #line

/* True in a pool that was created in debug mode. */
bool pool_is_debug(const Pool *pool);

#ifdef __cplusplus
}
#endif

#endif
