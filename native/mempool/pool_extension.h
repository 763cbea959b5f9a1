/* SPDX-License-Identifier: Apache-2.0
 * pool_extension.h - one slot per pool for the layer above, which keeps its arenas' control blocks there.
 * Layer: mempool (private to the library). May include: pages/.
 * Threads: *pool_extension() is read and written only while pool_extension_lock() is held. */
#ifndef CORRAL_MEMPOOL_POOL_EXTENSION_H
#define CORRAL_MEMPOOL_POOL_EXTENSION_H

#include "corral/mempool.h"
#include "os_lock.h"

/* The lock of the slot. It is not the pool's own lock: its holder may allocate from the pool. */
OsLock *pool_extension_lock(Pool *pool);

/* The slot; NULL in a new pool. What it points to must be a block of the pool, so that pool_destroy() takes it back. */
void **pool_extension(Pool *pool);

/* The pool's name, for reports; valid as long as the pool. */
const char *pool_name(const Pool *pool);

/* True when `pool` is not NULL and bears the marker of a pool. */
bool pool_is_valid(const Pool *pool);

#endif
