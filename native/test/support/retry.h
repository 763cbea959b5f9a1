/* SPDX-License-Identifier: Apache-2.0
 * retry.h - what `--oom` does around the calls that a test makes of the pool: when the request for pages that was to
 * fail made one fail, the pool is checked, and the call is repeated and has to bring what the test expects of it.
 * Layer: test support. May include: mempool.h, pool_extension.h. Included by pool_fixture.h, for the test's own calls
 * only: the library never sees these names.
 * Threads: any; at most one call per run of a test is repeated. */
#ifndef CORRAL_TEST_SUPPORT_RETRY_H
#define CORRAL_TEST_SUPPORT_RETRY_H

#include "corral/mempool.h"
#include "corral/pool_debug.h"
#include "mempool/pool_extension.h"
#include "support/fake_pages.h"
#include "support/test.h"

/* What was before a call. */
typedef struct Attempt {
    size_t injected; /* fake_pages_injected_here() */
    PoolStats stats; /* zero when there is no valid pool */
} Attempt;

/* The pool of the call that was repeated, and what its first attempt added to the pool's count of failures. */
typedef struct Repeated {
    size_t run; /* of the program: see fake_pages_run() */
    const Pool *pool;
    uint64_t failures;
} Repeated;
static Repeated repeated;

static inline Attempt attempt(Pool *pool) {
    Attempt before = {.injected = fake_pages_injected_here()};
    if (fake_pages_injecting() && pool != NULL) {
        pool_stats(pool, &before.stats);
    }
    return before;
}

/* True when the call failed because of the injected failure: nothing has changed, and it is to be repeated. */
static inline bool is_to_repeat(const Attempt *before, Pool *pool) {
    if (fake_pages_injected_here() == before->injected) {
        return false;
    }
    PoolStats now = {0};
    if (pool == NULL || pool_stats(pool, &now) != CORRAL_OK) {
        return true; /* it was to be created */
    }
    repeated = (Repeated){.run = fake_pages_run(), .pool = pool, .failures = now.failures - before->stats.failures};
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    if (test_in_main_thread()) {
        CHECK_EQ_U64(now.in_use, before->stats.in_use);
        CHECK_EQ_U64(now.live_blocks, before->stats.live_blocks);
        CHECK_EQ_U64(now.refused_frees, before->stats.refused_frees);
    }
    return true;
}

/* repeat_name(): name(), and once more when it failed because of the injected failure. */
#define REPEATING(type, name, failed, pool, parameters, arguments) \
    static inline type repeat_##name parameters {                  \
        Attempt before = attempt(pool);                            \
        type result = name arguments;                              \
        if ((failed) && is_to_repeat(&before, pool)) {             \
            result = name arguments;                               \
        }                                                          \
        return result;                                             \
    }

REPEATING(Pool *, pool_create, result == NULL, NULL, (void), ())
REPEATING(Pool *, pool_create_with, result == NULL, NULL, (const PoolConfig *config), (config))
REPEATING(void *, pool_alloc, result == NULL, pool, (Pool * pool, size_t size), (pool, size))
REPEATING(void *, pool_alloc_tagged, result == NULL, pool, (Pool * pool, size_t size, const char *tag),
          (pool, size, tag))
REPEATING(void *, pool_calloc, result == NULL, pool, (Pool * pool, size_t count, size_t size), (pool, count, size))
REPEATING(void *, pool_alloc_aligned, result == NULL, pool, (Pool * pool, size_t size, size_t alignment),
          (pool, size, alignment))
REPEATING(CorralStatus, pool_acquire, result == CORRAL_NO_MEMORY, pool,
          (Pool * pool, size_t size, size_t alignment, void **block), (pool, size, alignment, block))
REPEATING(CorralStatus, pool_acquire_zeroed, result == CORRAL_NO_MEMORY, pool,
          (Pool * pool, size_t size, size_t alignment, void **block), (pool, size, alignment, block))
REPEATING(void *, pool_realloc, result == NULL, pool, (Pool * pool, void *block, size_t size), (pool, block, size))
REPEATING(char *, pool_strdup, result == NULL, pool, (Pool * pool, const char *text), (pool, text))
REPEATING(void *, pool_books_take, result == NULL, pool, (Pool * pool, size_t bytes), (pool, bytes))
REPEATING(CorralStatus, pool_hold, result == CORRAL_NO_MEMORY, pool, (Pool * pool, const void *block), (pool, block))
REPEATING(void *, pool_books_slab, result == NULL, pool, (Pool * pool, size_t bytes), (pool, bytes))

/* The repeated call's failure is not the test's. */
static inline CorralStatus repeat_pool_stats(Pool *pool, PoolStats *stats) {
    CorralStatus status = pool_stats(pool, stats);
    if (status == CORRAL_OK && repeated.run == fake_pages_run() && pool == repeated.pool) {
        stats->failures -= repeated.failures;
    }
    return status;
}

#define pool_create repeat_pool_create
#define pool_create_with repeat_pool_create_with
#define pool_alloc repeat_pool_alloc
#define pool_alloc_tagged repeat_pool_alloc_tagged
#define pool_calloc repeat_pool_calloc
#define pool_alloc_aligned repeat_pool_alloc_aligned
#define pool_acquire repeat_pool_acquire
#define pool_acquire_zeroed repeat_pool_acquire_zeroed
#define pool_realloc repeat_pool_realloc
#define pool_hold repeat_pool_hold
#define pool_strdup repeat_pool_strdup
#define pool_books_take repeat_pool_books_take
#define pool_books_slab repeat_pool_books_slab
#define pool_stats repeat_pool_stats

#endif
