/* SPDX-License-Identifier: Apache-2.0
 * recycler_retry.h - what `--oom` does around the calls that a test makes of a recycler; see retry.h.
 * Layer: test support. May include: arena_recycler.h, arena_fixture.h. */
#ifndef CORRAL_TEST_SUPPORT_RECYCLER_RETRY_H
#define CORRAL_TEST_SUPPORT_RECYCLER_RETRY_H

#include "corral/arena_recycler.h"
#include "support/arena_fixture.h"

/* Of the test's recycler; set before the first borrow, so that the pool can be checked. */
static Pool *recyclers_pool;

REPEATING(ArenaRecycler *, recycler_create, result == NULL, pool, (Pool * pool), (pool))
REPEATING(ArenaRecycler *, recycler_create_with, result == NULL, pool, (Pool * pool, const RecyclerConfig *config),
          (pool, config))
REPEATING(CorralStatus, recycler_borrow, result == CORRAL_NO_MEMORY, recyclers_pool,
          (ArenaRecycler * recycler, Arena **arena), (recycler, arena))

#define recycler_create repeat_recycler_create
#define recycler_create_with repeat_recycler_create_with
#define recycler_borrow repeat_recycler_borrow

#endif
