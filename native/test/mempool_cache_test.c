/* SPDX-License-Identifier: Apache-2.0
 * mempool_cache_test.c - what threads keep for themselves: no lock, exact statistics, and nothing that stays behind. */
#include <string.h>

#include "corral/mempool.h"
#include "mempool/mempool_cache.h"
#include "support/pool_fixture.h"
#include "support/test.h"
#include "support/threads.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

static void in_another_thread(void *(*body)(void *), void *context) {
    run_threads(1, body, context, 0);
}

static size_t caches_of(const Pool *pool) {
    size_t count = 0;
    for (const Cache *cache = pool->caches; cache != NULL; cache = cache->next) {
        count++;
    }
    return count;
}

/* --- without the lock --------------------------------------------------------------------------------------------- */

/* The test holds the lock itself: a call that takes it would wait for ever. */
static void test_warm_cache_needs_no_lock(void) {
    if (fake_pages_injecting()) {
        test_skip("--oom asks for statistics, which takes the lock");
        return;
    }
    static const size_t sizes[] = {1, 64, 1000, 4 * KIB, 8 * KIB, 16 * KIB, 32 * KIB, 64 * KIB};
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        CHECK_STATUS(pool_free(pool, pool_alloc(pool, sizes[i])), CORRAL_OK); /* the thread gets its cache */
        CHECK_STATUS(pool_free(pool, pool_alloc(pool, sizes[i])), CORRAL_OK); /* and the cache a block */
    }
    os_lock_take(&pool->lock);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        void *block;
        CHECK_STATUS(pool_acquire(pool, sizes[i], 64, &block), CORRAL_OK);
        CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    }
    os_lock_release(&pool->lock);
    fixture_close(&f);
}

static void test_nothing_is_cached_without_retain(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.retain = 0;
    Pool *pool = fixture_create(&f, &config);
    for (size_t i = 0; i < 100; i++) {
        CHECK_STATUS(pool_free(pool, pool_alloc(pool, 64)), CORRAL_OK);
        CHECK_EQ_U64(fixture_stats(&f).regions, 0);
    }
    CHECK_EQ_U64(caches_of(pool), 0);
    fixture_close(&f);
}

/* Every address of a span of every class: the quotient without a division is the quotient. */
static void test_slot_of_every_address_is_found(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (uint32_t i = 0; i < CLASSES; i++) {
        const SizeClass *class = &pool->classes[i];
        CHECK_TRUE(pool_alloc(pool, class->slot_bytes) != NULL);
        Span *span = LINK_OWNER(Span, room, class->with_room.next);
        if (class->slots == 1) { /* it is full already */
            continue;
        }
        for (uint64_t unit = 0; unit < class->units && test_failures() == 0; unit++) {
            SlotRef slot = slot_at(span, span->start, unit);
            uint64_t offset = unit * POOL_ALIGNMENT;
            CHECK_EQ_PTR(slot.span, offset % class->slot_bytes == 0 ? span : NULL);
            CHECK_EQ_U64(slot.state - span->states, offset / class->slot_bytes);
        }
    }
    fixture_close(&f);
}

static void test_wrong_addresses_are_refused_by_a_warm_cache(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    char *neighbour = pool_alloc(pool, 48);
    char *block = pool_alloc(pool, 48);
    CHECK_STATUS(pool_free(pool, pool_alloc(pool, 48)), CORRAL_OK);
    for (size_t offset = 1; offset < 48; offset++) {
        CHECK_STATUS(pool_free(pool, block + offset), CORRAL_FOREIGN_POINTER);
    }
    CHECK_STATUS(pool_free(pool, &f), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    CHECK_STATUS(pool_free(pool, block), CORRAL_DOUBLE_FREE); /* it lies in the cache */
    CHECK_EQ_U64(f.reports, 49);
    CHECK_STATUS(pool_free(pool, neighbour), CORRAL_OK);
    CHECK_EQ_U64(fixture_stats(&f).refused_frees, 49);
    fixture_close(&f);
}

/* --- the map ------------------------------------------------------------------------------------------------------ */

static void check_map(const Pool *pool, void *const *blocks, size_t count) {
    for (size_t i = 0; i < count; i++) {
        SlotRef slot = pool_map_find(pool->map, (uintptr_t)blocks[i]);
        CHECK_EQ_PTR(slot.span, blocks[i] != NULL ? pool_block_find(pool, blocks[i]).span : NULL);
    }
}

static void test_map_knows_every_span(void) {
    enum { COUNT = 3000 };
    static void *blocks[COUNT];
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    uint64_t random = 5;
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = pool_alloc(pool, 20 * KIB + test_random_below(&random, 40 * KIB));
        blocks[i] = pool_block_find(pool, blocks[i]).span->class_index != CLASS_NONE ? blocks[i] : NULL;
    }
    CHECK_TRUE(pool->map->older != NULL && pool->map->older->older != NULL);
    check_map(pool, blocks, COUNT);
    for (size_t i = 0; i < COUNT; i += 1 + test_random_below(&random, 3)) {
        pool_free(pool, blocks[i]);
        blocks[i] = NULL;
    }
    pool_trim(pool, SIZE_MAX);
    check_map(pool, blocks, COUNT);
    fixture_close(&f);
}

/* --- threads come and go ------------------------------------------------------------------------------------------ */

static void *allocate_and_free(void *context) {
    Pool *pool = context;
    void *blocks[200];
    for (size_t i = 0; i < 200; i++) {
        blocks[i] = pool_alloc(pool, 16 + i * 7);
        CHECK_TRUE(blocks[i] != NULL);
    }
    for (size_t i = 0; i < 200; i++) {
        CHECK_STATUS(pool_free(pool, blocks[i]), CORRAL_OK);
    }
    CHECK_TRUE(pool_cache_find(pool) != NULL);
    return NULL;
}

static void test_ended_thread_leaves_nothing(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t i = 0; i < 20; i++) {
        in_another_thread(allocate_and_free, pool);
        PoolStats stats = fixture_stats(&f);
        CHECK_EQ_U64(stats.live_blocks, 0);
        CHECK_EQ_U64(stats.allocations, 200 * (i + 1));
        CHECK_EQ_U64(stats.frees, 200 * (i + 1));
        CHECK_STATUS(pool_check(pool), CORRAL_OK);
    }
    CHECK_EQ_U64(caches_of(pool), 1); /* each thread took over its predecessor's */
    pool_trim(pool, 0);
    CHECK_EQ_U64(fixture_stats(&f).free_bytes, 0);
    fixture_close(&f);
}

static void *allocate_in_many(void *context) {
    Pool **pools = context;
    for (size_t round = 0; round < 400; round++) {
        Pool *pool = pools[round % 20];
        void *block = pool_alloc(pool, 100);
        CHECK_TRUE(block != NULL);
        CHECK_STATUS(pool_free(pools[(round + 1) % 20], block), CORRAL_FOREIGN_POINTER);
        CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
        CHECK_STATUS(pool_free(pool, block), CORRAL_DOUBLE_FREE);
    }
    return NULL;
}

static void test_thread_may_use_more_pools_than_it_has_caches(void) {
    Pool *pools[20];
    for (size_t i = 0; i < 20; i++) {
        pools[i] = pool_create();
        REQUIRE_TRUE(pools[i] != NULL);
    }
    in_another_thread(allocate_in_many, pools);
    allocate_in_many(pools);
    for (size_t i = 0; i < 20; i++) {
        PoolStats stats;
        CHECK_STATUS(pool_stats(pools[i], &stats), CORRAL_OK);
        CHECK_EQ_U64(stats.live_blocks, 0);
        CHECK_EQ_U64(stats.allocations, 40);
        CHECK_EQ_U64(stats.refused_frees, 80);
        CHECK_STATUS(pool_check(pools[i]), CORRAL_OK);
        CHECK_STATUS(pool_destroy(pools[i]), CORRAL_OK);
    }
}

/* A pool at the address of an earlier one is another pool, also for a thread that had a cache of the earlier one. */
static void test_cache_does_not_outlive_its_pool(void) {
    size_t same_address = 0;
    const Pool *last = NULL;
    for (size_t i = 0; i < 50; i++) {
        Pool *pool = pool_create();
        REQUIRE_TRUE(pool != NULL);
        CHECK_EQ_PTR(pool_cache_find(pool), NULL);
        CHECK_EQ_PTR(current_cache(), &pool_no_cache);
        same_address += pool == last;
        last = pool;
        CHECK_STATUS(pool_free(pool, pool_alloc(pool, 64)), CORRAL_OK);
        CHECK_TRUE(pool_cache_find(pool) == current_cache() && current_cache()->pool == pool);
        if (i % 2 == 0) {
            in_another_thread(allocate_and_free, pool);
        }
        CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    }
    CHECK_TRUE(same_address > 0);
    CHECK_EQ_PTR(current_cache(), &pool_no_cache);
    CHECK_TRUE(pool_no_cache.pool != NULL);
}

/* --- memory does not stay in caches ------------------------------------------------------------------------------- */

static void test_trim_empties_the_cache(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *blocks[500];
    for (size_t i = 0; i < 500; i++) {
        blocks[i] = pool_alloc(pool, 1000);
    }
    for (size_t i = 0; i < 500; i++) {
        pool_free(pool, blocks[i]);
    }
    CHECK_TRUE(fixture_stats(&f).free_bytes != 0);
    CHECK_TRUE(pool_trim(pool, 0) != 0);
    CHECK_EQ_U64(fixture_stats(&f).free_bytes, 0);
    fixture_close(&f);
}

static void test_cache_holds_little(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    static void *blocks[4096];
    for (uint32_t i = 0; i < CLASSES; i++) {
        size_t bytes = pool_class_bytes(i);
        size_t count = 8 * pool->classes[i].bin_most;
        for (size_t k = 0; k < count; k++) {
            blocks[k] = pool_alloc(pool, bytes);
        }
        for (size_t k = 0; k < count; k++) {
            pool_free(pool, blocks[k]);
        }
        const Bin *bin = &pool_cache_find(pool)->bins[i];
        size_t held = (size_t)(bin_top(bin) - bin->bottom);
        CHECK_LE_U64(held * bytes, 32 * KIB > 2 * bytes ? 32 * KIB : 2 * bytes);
        CHECK_LE_U64(held, 128);
        CHECK_TRUE(held >= 2);
    }
    fixture_close(&f);
}

/* --- statistics --------------------------------------------------------------------------------------------------- */

static void test_statistics_count_what_caches_do(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *blocks[300];
    size_t live = 0;
    size_t in_use = 0;
    size_t peak = 0;
    uint64_t random = 3;
    for (size_t step = 0; step < 20000 && test_failures() == 0; step++) {
        bool frees = live == 300 || (live > 0 && test_random_below(&random, 2) == 0);
        if (frees) {
            in_use -= pool_usable_size(pool, blocks[--live]);
            CHECK_STATUS(pool_free(pool, blocks[live]), CORRAL_OK);
        } else {
            blocks[live] = pool_alloc(pool, test_random_below(&random, 3000));
            in_use += pool_usable_size(pool, blocks[live++]);
            peak = in_use > peak ? in_use : peak;
        }
        if (step % 7 == 0) {
            PoolStats stats = fixture_stats(&f);
            CHECK_EQ_U64(stats.in_use, in_use);
            CHECK_EQ_U64(stats.live_blocks, live);
            CHECK_EQ_U64(stats.peak_in_use, peak);
            CHECK_EQ_U64(stats.allocations + stats.frees, step + 1);
        }
    }
    fixture_close(&f);
}

/* --- limit -------------------------------------------------------------------------------------------------------- */

enum { LIMIT_BLOCKS = 1000 };

static void *fill_up(void *context) {
    Pool *pool = context;
    void *blocks[LIMIT_BLOCKS + 1];
    for (size_t round = 0; round < test_scaled(50); round++) {
        size_t count = 0;
        while (count <= LIMIT_BLOCKS && pool_acquire(pool, 64, 16, &blocks[count]) == CORRAL_OK) {
            count++;
        }
        CHECK_LE_U64(count, LIMIT_BLOCKS);
        while (count > 0) {
            CHECK_STATUS(pool_free(pool, blocks[--count]), CORRAL_OK);
        }
    }
    return NULL;
}

static void test_limit_is_exact_with_caches(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.limit = LIMIT_BLOCKS * 64;
    Pool *pool = fixture_create(&f, &config);
    run_threads(4, fill_up, pool, 0);
    PoolStats stats = fixture_stats(&f);
    CHECK_EQ_U64(stats.live_blocks, 0);
    CHECK_EQ_U64(pool->charged, 0);
    void *blocks[LIMIT_BLOCKS];
    for (size_t i = 0; i < LIMIT_BLOCKS; i++) { /* none is lost in the cache of an ended thread */
        CHECK_STATUS(pool_acquire(pool, 64, 16, &blocks[i]), CORRAL_OK);
    }
    CHECK_EQ_PTR(pool_alloc(pool, 1), NULL);
    CHECK_EQ_U64(pool->charged, config.limit);
    fixture_close(&f);
}

/* --- one block freed by two threads in the same moment ------------------------------------------------------------ */

/* What such a race leaves behind, made by hand: the block is in a bin twice. */
static void *free_twice(Pool *pool, size_t size) {
    void *block = pool_alloc(pool, size);
    SlotRef slot = pool_map_find(pool->map, (uintptr_t)block);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    atomic_store(slot.state, SLOT_LIVE);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    return block;
}

static void test_block_in_two_bins_is_handed_out_once(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    CHECK_TRUE(pool_alloc(pool, 64) != NULL && pool_alloc(pool, 64) != NULL);
    void *twice = free_twice(pool, 64);
    CHECK_EQ_PTR(pool_alloc(pool, 64), twice);
    void *other = pool_alloc(pool, 64);
    CHECK_TRUE(other != NULL && other != twice);
    PoolStats stats = fixture_stats(&f);
    CHECK_EQ_U64(stats.live_blocks, 4);
    CHECK_EQ_U64(stats.in_use, 4 * 64);
    CHECK_EQ_U64(stats.refused_frees, 1);
    CHECK_TRUE(strstr(f.report, "reason=freed-by-two-threads-at-once address=0x") != NULL);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    fixture_close(&f);
}

static void test_block_in_two_bins_goes_back_once(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    CHECK_TRUE(pool_alloc(pool, 64) != NULL && pool_alloc(pool, 64) != NULL);
    free_twice(pool, 64);
    pool_trim(pool, 0); /* empties the bin */
    PoolStats stats = fixture_stats(&f);
    CHECK_EQ_U64(stats.live_blocks, 2);
    CHECK_EQ_U64(stats.refused_frees, 1);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    fixture_close(&f);
}

typedef struct Racer {
    Pool *pool;
    void **blocks;
    size_t freed;
} Racer;

enum { RACED = 2000 };

static void *free_all(void *context) {
    Racer *racer = context;
    CHECK_TRUE(pool_alloc(racer->pool, 4000) !=
               NULL); /* the thread has a cache; of another class, or it got one of these */
    for (size_t i = 0; i < RACED; i++) {
        racer->freed += pool_free(racer->pool, racer->blocks[i]) == CORRAL_OK;
    }
    return NULL;
}

static void test_exact_frees_have_one_winner(void) {
    static void *blocks[RACED];
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.exact_frees = true;
    config.report = NULL; /* the fixture's is for one thread */
    Pool *pool = fixture_create(&f, &config);
    for (size_t round = 0; round < test_scaled(20); round++) {
        for (size_t i = 0; i < RACED; i++) {
            blocks[i] = pool_alloc(pool, 64);
        }
        Racer racers[4] = {{pool, blocks, 0}, {pool, blocks, 0}, {pool, blocks, 0}, {pool, blocks, 0}};
        run_threads(4, free_all, racers, sizeof racers[0]);
        CHECK_EQ_U64(racers[0].freed + racers[1].freed + racers[2].freed + racers[3].freed, RACED);
        CHECK_STATUS(pool_check(pool), CORRAL_OK);
    }
    fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_warm_cache_needs_no_lock), TEST_CASE(test_nothing_is_cached_without_retain),
          TEST_CASE(test_slot_of_every_address_is_found), TEST_CASE(test_wrong_addresses_are_refused_by_a_warm_cache),
          TEST_CASE(test_map_knows_every_span), TEST_CASE(test_ended_thread_leaves_nothing),
          TEST_CASE(test_thread_may_use_more_pools_than_it_has_caches), TEST_CASE(test_cache_does_not_outlive_its_pool),
          TEST_CASE(test_trim_empties_the_cache), TEST_CASE(test_cache_holds_little),
          TEST_CASE(test_statistics_count_what_caches_do), TEST_CASE(test_limit_is_exact_with_caches),
          TEST_CASE(test_block_in_two_bins_is_handed_out_once), TEST_CASE(test_block_in_two_bins_goes_back_once),
          TEST_CASE(test_exact_frees_have_one_winner))
