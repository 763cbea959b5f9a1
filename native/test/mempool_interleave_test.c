/* SPDX-License-Identifier: Apache-2.0
 * mempool_interleave_test.c - the threads' caches, remote and wrong frees, and the end of threads, in every order of
 * their steps up to a number of preemptions (interleave.h). The pool's own sources are compiled into this program. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "corral/mempool.h"
#include "mempool/pool_extension.h"
#include "support/test.h"

enum { BLOCKS = 8, SIZE = 4096, MEMORY = 8 << 20 };

/* --- memory at the same addresses each time, since the order of steps depends on them ----------------------------- */

static _Alignas(1 << 20) unsigned char memory[MEMORY];
static size_t memory_used;

static void *reserve(void *context, size_t bytes, size_t alignment) {
    (void)context;
    size_t start = (memory_used + alignment - 1) & ~(alignment - 1);
    if (start + bytes > MEMORY) {
        return NULL;
    }
    memory_used = start + bytes;
    return &memory[start];
}

static bool release(void *context, void *pages, size_t bytes) {
    (void)context;
    return pages != NULL && bytes != 0;
}

static const PageSource source = {.name = "static", .page_size = 4096, .reserve = reserve, .release = release};

/* --- what the threads of a scenario share ------------------------------------------------------------------------- */

static Pool *pool;
static void *blocks[BLOCKS];
static CorralStatus results[INTERLEAVE_THREADS];

static void prepare_with(bool exact, size_t limit) {
    memset(memory, 0, memory_used);
    memory_used = 0;
    memset(blocks, 0, sizeof blocks);
    PoolConfig config = pool_config_default();
    config.source = &source;
    config.region_size = POOL_GRANULE;
    config.decay_ms = POOL_DECAY_NEVER;
    config.exact_frees = exact;
    config.limit = limit;
    pool = pool_create_with(&config);
    REQUIRE_TRUE(pool != NULL);
}

static void prepare(void) {
    prepare_with(false, SIZE_MAX);
}

static void prepare_exact(void) {
    prepare_with(true, SIZE_MAX);
}

static void prepare_limited(void) {
    prepare_with(false, (size_t)1 << 20);
}

static void take(size_t place, unsigned char fill) {
    void *block = pool_alloc(pool, SIZE);
    if (CHECK_TRUE(block != NULL)) {
        memset(block, fill, SIZE);
    }
    blocks[place] = block;
}

static void check_holds(const void *block, unsigned char fill) {
    const unsigned char *bytes = block;
    CHECK_TRUE(bytes[0] == fill && memcmp(bytes, bytes + 1, SIZE - 1) == 0);
}

/* The threads have ended, so all that they had in caches is back. No block is handed out twice. `live`: blocks that are
 * live, SIZE_MAX: that depends. */
static void verify_pool(size_t live) {
    enum { MORE = 60 };
    static void *more[MORE];
    PoolStats stats;
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(pool_stats(pool, &stats), CORRAL_OK);
    CHECK_TRUE(live == SIZE_MAX || stats.live_blocks == live);
    for (size_t i = 0; i < MORE; i++) {
        more[i] = pool_alloc(pool, SIZE);
        REQUIRE_TRUE(more[i] != NULL);
        memset(more[i], (int)i, SIZE);
    }
    for (size_t i = 0; i < MORE; i++) {
        check_holds(more[i], (unsigned char)i);
        CHECK_STATUS(pool_free(pool, more[i]), CORRAL_OK);
    }
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
}

static void run_all(Interleaving what, size_t least) {
    size_t executions = interleave_all(&what);
    printf("(%zu orders) ", executions);
    CHECK_TRUE(test_failures() != 0 || executions >= least);
}

/* Each thread has a cache; the first has made a block in it, and each some free ones. */
static void warm(size_t thread) {
    void *other = pool_alloc(pool, SIZE);
    CHECK_STATUS(pool_free(pool, other), CORRAL_OK);
    take(thread, (unsigned char)(thread + 1));
}

/* --- one block, freed by two -------------------------------------------------------------------------------------- */

static void free_the_first(size_t thread) {
    results[thread] = pool_free(pool, blocks[0]);
}

static size_t frees_that_succeeded(size_t threads) {
    size_t count = 0;
    for (size_t i = 0; i < threads; i++) {
        CHECK_TRUE(results[i] == CORRAL_OK || results[i] == CORRAL_DOUBLE_FREE);
        count += results[i] == CORRAL_OK;
    }
    return count;
}

static void verify_one_free_is_told_at_least(void) {
    CHECK_TRUE(frees_that_succeeded(2) >= 1);
    check_holds(blocks[1], 2);
    verify_pool(1);
}

static void test_block_freed_by_two_threads_is_free_once(void) {
    run_all((Interleaving){2, 4, prepare, warm, free_the_first, verify_one_free_is_told_at_least}, 1000);
}

static void verify_one_free_is_told(void) {
    CHECK_EQ_U64(frees_that_succeeded(2), 1);
    verify_pool(1);
}

static void test_exact_free_succeeds_in_one_thread(void) {
    run_all((Interleaving){2, 3, prepare_exact, warm, free_the_first, verify_one_free_is_told}, 1000);
}

static void test_limited_free_succeeds_in_one_thread(void) {
    run_all((Interleaving){2, 3, prepare_limited, warm, free_the_first, verify_one_free_is_told}, 1000);
}

static void verify_three_frees(void) {
    CHECK_EQ_U64(frees_that_succeeded(3), 1);
    verify_pool(2);
}

static void test_exact_free_succeeds_in_one_of_three(void) {
    run_all((Interleaving){3, 2, prepare_exact, warm, free_the_first, verify_three_frees}, 1000);
}

/* Both have freed it when each takes a block, one after the other: not the same one. (In the same moment they may get
 * the same one, as PoolConfig.exact_frees says.) */
static size_t freed;

static bool both_have_freed(void) {
    return freed == 2;
}

static bool the_first_has_taken(void) {
    return freed == 3;
}

static void prepare_and_count(void) {
    prepare();
    freed = 0;
}

static void free_and_take(size_t thread) {
    free_the_first(thread);
    freed++;
    interleave_await(thread == 0 ? both_have_freed : the_first_has_taken);
    take(2 + thread, (unsigned char)(70 + thread));
    freed++;
}

static void verify_two_were_taken(void) {
    frees_that_succeeded(2);
    CHECK_TRUE(blocks[2] != blocks[3]);
    check_holds(blocks[2], 70);
    check_holds(blocks[3], 71);
    verify_pool(3);
}

static void test_block_freed_by_two_threads_is_handed_out_once(void) {
    run_all((Interleaving){2, 3, prepare_and_count, warm, free_and_take, verify_two_were_taken}, 1000);
}

/* --- a wrong free beside right use -------------------------------------------------------------------------------- */

/* The first thread frees its block and takes one, perhaps the same; the second frees the first one's old address. */
static void reuse_or_free_again(size_t thread) {
    results[thread] = pool_free(pool, blocks[0]);
    if (thread == 0) {
        blocks[2] = pool_alloc(pool, SIZE);
        CHECK_TRUE(blocks[2] != NULL);
    }
}

static void verify_sound(void) {
    frees_that_succeeded(2);
    verify_pool(SIZE_MAX);
}

static void test_double_free_beside_reuse_leaves_the_pool_sound(void) {
    run_all((Interleaving){2, 3, prepare, warm, reuse_or_free_again, verify_sound}, 1000);
    run_all((Interleaving){2, 2, prepare_exact, warm, reuse_or_free_again, verify_sound}, 500);
}

static void warm_chunk(size_t thread) {
    warm(thread);
    if (thread == 0) {
        CHECK_STATUS(pool_chunk_take(pool, SIZE, POOL_ALIGNMENT, &blocks[3]), CORRAL_OK);
    }
}

static void give_or_free_chunk(size_t thread) {
    results[thread] = thread == 0 ? pool_chunk_give(pool, blocks[3]) : pool_free(pool, blocks[3]);
}

static void verify_chunk_was_given(void) {
    CHECK_STATUS(results[0], CORRAL_OK);
    CHECK_TRUE(results[1] == CORRAL_FOREIGN_POINTER || results[1] == CORRAL_DOUBLE_FREE);
    verify_pool(2);
}

static void test_free_of_a_chunk_is_refused_while_it_goes_back(void) {
    run_all((Interleaving){2, 3, prepare, warm_chunk, give_or_free_chunk, verify_chunk_was_given}, 1000);
}

/* --- right use ---------------------------------------------------------------------------------------------------- */

static void warm_many(size_t thread) {
    warm(thread);
    take(2 + thread * 2, (unsigned char)(10 + thread));
    take(3 + thread * 2, (unsigned char)(20 + thread));
}

/* Each frees the other's blocks, and takes as many. */
static void free_there_and_allocate(size_t thread) {
    size_t other = 1 - thread;
    CHECK_STATUS(pool_free(pool, blocks[2 + other * 2]), CORRAL_OK);
    void *first = pool_alloc(pool, SIZE);
    CHECK_STATUS(pool_free(pool, blocks[3 + other * 2]), CORRAL_OK);
    void *second = pool_alloc(pool, SIZE);
    CHECK_TRUE(first != NULL && second != NULL && first != second);
    memset(first, (int)(40 + thread), SIZE);
    memset(second, (int)(50 + thread), SIZE);
    interleave_step();
    check_holds(first, (unsigned char)(40 + thread));
    check_holds(second, (unsigned char)(50 + thread));
}

static void verify_six_live(void) {
    check_holds(blocks[0], 1);
    check_holds(blocks[1], 2);
    verify_pool(6);
}

static void test_remote_frees_hand_no_block_out_twice(void) {
    run_all((Interleaving){2, 2, prepare, warm_many, free_there_and_allocate, verify_six_live}, 1000);
}

static void trim_or_use(size_t thread) {
    if (thread == 0) {
        pool_trim(pool, 0);
    }
    void *block = pool_alloc(pool, SIZE);
    CHECK_TRUE(block != NULL);
    memset(block, (int)(60 + thread), SIZE);
    interleave_step();
    check_holds(block, (unsigned char)(60 + thread));
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
}

static void verify_two_live(void) {
    check_holds(blocks[0], 1);
    check_holds(blocks[1], 2);
    verify_pool(2);
}

static void test_trim_beside_use(void) {
    run_all((Interleaving){2, 2, prepare, warm, trim_or_use, verify_two_live}, 1000);
}

/* --- the end of a thread, and of the pool ------------------------------------------------------------------------- */

static void end_or_use(size_t thread) {
    if (thread == 0) {
        interleave_thread_end();
        return;
    }
    CHECK_STATUS(pool_free(pool, blocks[0]), CORRAL_OK);
    take(0, 1);
}

static void test_thread_ends_beside_use(void) {
    run_all((Interleaving){2, 1, prepare, warm, end_or_use, verify_two_live}, 200);
}

static void end_thread_or_pool(size_t thread) {
    if (thread == 0) {
        interleave_thread_end();
    } else {
        CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    }
}

static void verify_nothing(void) {
    CHECK_TRUE(memory_used != 0);
}

static void test_thread_ends_beside_the_end_of_its_pool(void) {
    run_all((Interleaving){2, 1, prepare, warm, end_thread_or_pool, verify_nothing}, 100);
}

TEST_MAIN(TEST_CASE(test_block_freed_by_two_threads_is_free_once),
          TEST_CASE(test_block_freed_by_two_threads_is_handed_out_once),
          TEST_CASE(test_exact_free_succeeds_in_one_thread), TEST_CASE(test_limited_free_succeeds_in_one_thread),
          TEST_CASE(test_exact_free_succeeds_in_one_of_three),
          TEST_CASE(test_double_free_beside_reuse_leaves_the_pool_sound),
          TEST_CASE(test_free_of_a_chunk_is_refused_while_it_goes_back),
          TEST_CASE(test_remote_frees_hand_no_block_out_twice), TEST_CASE(test_trim_beside_use),
          TEST_CASE(test_thread_ends_beside_use), TEST_CASE(test_thread_ends_beside_the_end_of_its_pool))
