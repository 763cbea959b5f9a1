/* SPDX-License-Identifier: Apache-2.0
 * mempool_check_test.c - pool_check() against damage, what is not a pool, failing page calls, and long random runs with
 * a shadow model. */
#include <string.h>

#include "base/poison.h"
#include "corral/mempool.h"
#include "mempool/mempool_parts.h"
#include "support/pool_fixture.h"
#include "support/test.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

/* --- pool_check --------------------------------------------------------------------------------------------------- */

/* Runs `damage` there and back: it is found, and only it. */
#define CHECK_DAMAGE(pool, damage, repair)                \
    do {                                                  \
        damage;                                           \
        CHECK_STATUS(pool_check(pool), CORRAL_CORRUPTED); \
        repair;                                           \
        CHECK_STATUS(pool_check(pool), CORRAL_OK);        \
    } while (0)

static void test_check_finds_damage_in_a_span(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *block = pool_alloc(pool, 64);
    CHECK_TRUE(pool_alloc(pool, 64) != NULL);
    Span *span = pool_block_find(pool, block).span;
    CHECK_DAMAGE(pool, bitmap_set(span->used_bits, 7), bitmap_clear(span->used_bits, 7));
    CHECK_DAMAGE(pool, bitmap_clear(span->used_bits, 0), bitmap_set(span->used_bits, 0));
    CHECK_DAMAGE(pool, span->used++, span->used--);
    CHECK_DAMAGE(pool, span->first_word++, span->first_word--);
    CHECK_DAMAGE(pool, span->slots--, span->slots++);
    CHECK_DAMAGE(pool, span->slot_bytes++, span->slot_bytes--);
    CHECK_DAMAGE(pool, span->class_index++, span->class_index--);
    CHECK_DAMAGE(pool, link_remove(&span->room), link_push(&pool->classes[span->class_index].with_room, &span->room));
    fixture_close(&f);
}

static void test_check_finds_damage_in_a_region(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *block = pool_alloc(pool, 64);
    Span *span = pool_block_find(pool, block).span;
    Region *region = span->region;
    CHECK_DAMAGE(pool, bitmap_set(region->free_bits, 0), bitmap_clear(region->free_bits, 0));
    CHECK_DAMAGE(pool, bitmap_clear(region->free_bits, 15), bitmap_set(region->free_bits, 15));
    CHECK_DAMAGE(pool, region->free_granules++, region->free_granules--);
    CHECK_DAMAGE(pool, region->longest_free--, region->longest_free++);
    CHECK_DAMAGE(pool, region->spans[0] = NULL, region->spans[0] = span);
    CHECK_DAMAGE(pool, region->spans[3] = span, region->spans[3] = NULL);
    CHECK_DAMAGE(pool, region->pins++, region->pins--);
    CHECK_DAMAGE(pool, region->bytes += 4096, region->bytes -= 4096);
    CHECK_DAMAGE(pool, link_remove(&region->bin), link_push(&pool->bins[region->longest_free], &region->bin));
    CHECK_DAMAGE(pool, pool->bins_filled = 0, pool->bins_filled = (uint64_t)1 << region->longest_free);
    fixture_close(&f);
}

static void test_check_finds_sums_that_disagree(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    CHECK_TRUE(pool_alloc(pool, 64) != NULL);
    CHECK_DAMAGE(pool, pool->stats.in_use++, pool->stats.in_use--);
    CHECK_DAMAGE(pool, pool->stats.reserved++, pool->stats.reserved--);
    CHECK_DAMAGE(pool, pool->stats.live_blocks++, pool->stats.live_blocks--);
    CHECK_DAMAGE(pool, pool->stats.frees++, pool->stats.frees--);
    CHECK_DAMAGE(pool, pool->stats.metadata++, pool->stats.metadata--);
    CHECK_DAMAGE(pool, pool->stats.regions++, pool->stats.regions--);
    CHECK_DAMAGE(pool, pool->stats.pinned_bytes++, pool->stats.pinned_bytes--);
    CHECK_DAMAGE(pool, pool->kept++, pool->kept--);
    CHECK_DAMAGE(pool, pool->table.entries++, pool->table.entries--);
    CHECK_DAMAGE(pool, pool->meta.live_bytes++, pool->meta.live_bytes--);
    Region **heads = pool->table.heads;
    Region *empty[64] = {NULL};
    CHECK_DAMAGE(pool, pool->table.heads = empty, pool->table.heads = heads);
    fixture_close(&f);
}

/* --- what is not a pool ------------------------------------------------------------------------------------------- */

static void check_is_refused(Pool *pool) {
    void *out = &out;
    PoolStats stats = {.reserved = 1};
    CHECK_STATUS(pool_acquire(pool, 16, 16, &out), CORRAL_INVALID_POOL);
    CHECK_EQ_PTR(out, NULL);
    CHECK_EQ_PTR(pool_alloc(pool, 16), NULL);
    CHECK_EQ_PTR(pool_calloc(pool, 1, 16), NULL);
    CHECK_EQ_PTR(pool_alloc_aligned(pool, 16, 64), NULL);
    CHECK_EQ_PTR(pool_realloc(pool, NULL, 16), NULL);
    CHECK_EQ_PTR(pool_realloc(pool, &stats, 16), NULL);
    CHECK_EQ_PTR(pool_strdup(pool, "text"), NULL);
    CHECK_EQ_U64(pool_usable_size(pool, &stats), 0);
    CHECK_STATUS(pool_free(pool, &stats), CORRAL_INVALID_POOL);
    CHECK_STATUS(pool_free(pool, NULL), CORRAL_INVALID_POOL);
    CHECK_EQ_U64(pool_trim(pool, 0), 0);
    CHECK_STATUS(pool_stats(pool, &stats), CORRAL_INVALID_POOL);
    CHECK_EQ_U64(stats.reserved, 0);
    CHECK_STATUS(pool_check(pool), CORRAL_INVALID_POOL);
    CHECK_STATUS(pool_pin(pool, &stats, &out), CORRAL_INVALID_POOL);
    CHECK_STATUS(pool_destroy(pool), CORRAL_INVALID_POOL);
    pool_unpin(NULL, NULL);
}

static void test_null_and_foreign_pools_are_refused(void) {
    _Alignas(64) char not_a_pool[4096] = {0};
    check_is_refused(NULL);
    check_is_refused((Pool *)(void *)not_a_pool);
    check_is_refused((Pool *)(void *)(not_a_pool + 4));
}

/* --- failing page calls ------------------------------------------------------------------------------------------- */

static bool same_but_failures(PoolStats a, PoolStats b) {
    a.failures = b.failures = 0;
    return memcmp(&a, &b, sizeof a) == 0;
}

/* Allocates; a failure must be for want of memory and change nothing but the count of failures. */
static bool try_alloc(Pool *pool, size_t size, size_t alignment, void **block) {
    PoolStats before;
    PoolStats after;
    pool_stats(pool, &before);
    CorralStatus status = pool_acquire(pool, size, alignment, block);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    pool_stats(pool, &after);
    if (status == CORRAL_OK) {
        return true;
    }
    CHECK_STATUS(status, CORRAL_NO_MEMORY);
    CHECK_EQ_PTR(*block, NULL);
    CHECK_TRUE(same_but_failures(before, after));
    CHECK_EQ_U64(after.failures, before.failures + 1);
    return false;
}

/* As if the newest metadata region were used up, but for two small blocks: the next requests need more of it. */
static void use_up_metadata(Pool *pool) {
    pool->meta.bump = pool->meta.end - 2 * META_UNIT;
}

/* Small regions, so that there are many; the table and the metadata grow on the way. */
static bool allocate_mixed(FakePages *fake, void *context) {
    enum { COUNT = 240 };
    (void)context;
    PoolConfig config = pool_config_default();
    config.source = &fake->source;
    config.region_size = 128 * KIB;
    config.retain = 256 * KIB;
    Pool *pool = pool_create_with(&config);
    if (pool == NULL) {
        return false;
    }
    bool complete = true;
    void *blocks[COUNT] = {NULL};
    uint64_t random = 42;
    for (size_t i = 0; i < COUNT; i++) {
        size_t size = test_random_below(&random, (size_t)1 << (4 + i % 15));
        complete &= try_alloc(pool, size, i % 17 == 0 ? 128 * KIB : 16, &blocks[i]);
        if (i % 40 == 0) {
            use_up_metadata(pool);
        }
        if (i % 5 == 4) {
            CHECK_STATUS(pool_free(pool, blocks[i - 3]), CORRAL_OK);
            blocks[i - 3] = NULL;
        }
    }
    char *text = pool_strdup(pool, "text");
    void *grown = pool_realloc(pool, text, 300 * KIB);
    complete &= text != NULL && grown != NULL;
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    return complete;
}

static void test_failing_page_calls_change_nothing(void) {
    CHECK_TRUE(for_each_failing_page(allocate_mixed, NULL) > 100);
}

static void test_pool_goes_on_after_the_source_ran_out(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    f.pages.byte_limit = 3 * MIB;
    void *block;
    size_t count = 0;
    void *last = NULL;
    while (pool_acquire(pool, 100 * KIB, 16, &block) == CORRAL_OK) {
        last = block;
        count++;
    }
    CHECK_EQ_U64(count, 16); /* two regions of 16 granules, two granules each */
    CHECK_STATUS(pool_free(pool, last), CORRAL_OK);
    CHECK_STATUS(pool_acquire(pool, 128 * KIB, 16, &block), CORRAL_OK);
    fixture_close(&f);
}

/* --- random runs against a shadow model --------------------------------------------------------------------------- */

enum { MODEL_BLOCKS = 400 };

typedef struct Model {
    PoolFixture f;
    uint64_t random;
    size_t live;
    uint64_t usable;
    struct {
        unsigned char *block;
        size_t size;
        unsigned char seed;
    } blocks[MODEL_BLOCKS];
} Model;

/* Most sizes are small; some need runs and regions of their own. */
static size_t model_size(Model *model) {
    size_t magnitude = test_random_below(&model->random, 40);
    return test_random_below(&model->random, (size_t)1 << (magnitude < 36 ? 3 + magnitude / 3 : 15 + magnitude % 7));
}

static void model_fill(Model *model, size_t i, unsigned char *block, size_t size) {
    unsigned char seed = (unsigned char)test_random(&model->random);
    if (size > 0) {
        block[0] = block[size / 2] = block[size - 1] = seed;
    }
    model->blocks[i].block = block;
    model->blocks[i].size = size;
    model->blocks[i].seed = seed;
    model->usable += pool_usable_size(model->f.pool, block);
}

static void model_verify(Model *model, size_t i) {
    const unsigned char *block = model->blocks[i].block;
    size_t size = model->blocks[i].size;
    unsigned char seed = model->blocks[i].seed;
    CHECK_TRUE(size == 0 || (block[0] == seed && block[size / 2] == seed && block[size - 1] == seed));
    model->usable -= pool_usable_size(model->f.pool, block);
}

static void model_allocate(Model *model, size_t i) {
    size_t size = model_size(model);
    size_t alignment = (size_t)1 << test_random_below(&model->random, test_random(&model->random) % 8 == 0 ? 21 : 7);
    unsigned char *block = pool_alloc_aligned(model->f.pool, size, alignment);
    REQUIRE_TRUE(block != NULL && (uintptr_t)block % alignment == 0);
    model_fill(model, i, block, size);
    model->live++;
}

static void model_free(Model *model, size_t i) {
    model_verify(model, i);
    CHECK_STATUS(pool_free(model->f.pool, model->blocks[i].block), CORRAL_OK);
    model->blocks[i].block = NULL;
    model->live--;
}

static void model_resize(Model *model, size_t i) {
    size_t old = model->blocks[i].size;
    size_t size = model_size(model);
    model_verify(model, i);
    unsigned char *block = pool_realloc(model->f.pool, model->blocks[i].block, size);
    REQUIRE_TRUE(block != NULL);
    CHECK_TRUE(old == 0 || size == 0 || block[0] == model->blocks[i].seed);
    CHECK_TRUE(old == 0 || size < old || block[old - 1] == model->blocks[i].seed);
    model_fill(model, i, block, size);
}

static void model_step(Model *model) {
    size_t i = test_random_below(&model->random, MODEL_BLOCKS);
    if (model->blocks[i].block == NULL) {
        model_allocate(model, i);
    } else if (test_random(&model->random) % 3 == 0) {
        model_resize(model, i);
    } else {
        model_free(model, i);
    }
    if (test_random(&model->random) % 500 == 0) {
        pool_trim(model->f.pool, test_random_below(&model->random, 8 * MIB));
    }
}

static void model_run(size_t region_size, size_t retain, uint64_t seed) {
    static Model model;
    memset(&model, 0, sizeof model);
    model.random = seed;
    PoolConfig config = fixture_open(&model.f);
    config.region_size = region_size;
    config.retain = retain;
    fixture_create(&model.f, &config);
    size_t steps = test_scaled(20000);
    for (size_t step = 0; step < steps && test_failures() == 0; step++) {
        model_step(&model);
        if (step % 100 == 0) {
            CHECK_STATUS(pool_check(model.f.pool), CORRAL_OK);
            CHECK_EQ_U64(fixture_stats(&model.f).live_blocks, model.live);
            CHECK_EQ_U64(fixture_stats(&model.f).in_use, model.usable);
        }
    }
    for (size_t i = 0; i < MODEL_BLOCKS; i++) {
        if (model.blocks[i].block != NULL) {
            model_free(&model, i);
        }
    }
    CHECK_EQ_U64(fixture_stats(&model.f).in_use, 0);
    pool_trim(model.f.pool, retain); /* empties the thread's cache */
    CHECK_LE_U64(fixture_stats(&model.f).free_bytes, retain);
    fixture_close(&model.f);
}

static void test_random_run_agrees_with_the_model(void) {
    model_run(POOL_REGION_DEFAULT, POOL_RETAIN_DEFAULT, 1);
}

static void test_random_run_with_the_smallest_regions(void) {
    model_run(POOL_GRANULE, 0, 2);
}

static void test_random_run_with_large_regions(void) {
    model_run(16 * MIB, 16 * MIB, 3);
}

/* --- marks for AddressSanitizer ----------------------------------------------------------------------------------- */

#if CORRAL_ASAN
static void check_marks(size_t size) {
    Pool *pool = pool_create();
    REQUIRE_TRUE(pool != NULL);
    char *neighbour = pool_alloc(pool, size);
    char *block = pool_alloc(pool, size);
    size_t usable = pool_usable_size(pool, block);
    CHECK_EQ_PTR(__asan_region_is_poisoned(block, usable), NULL);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    CHECK_TRUE(__asan_address_is_poisoned(block) && __asan_address_is_poisoned(block + usable - 1));
    CHECK_EQ_PTR(__asan_region_is_poisoned(neighbour, usable), NULL);
    CHECK_EQ_PTR(pool_alloc(pool, size), block);
    CHECK_EQ_PTR(__asan_region_is_poisoned(block, usable), NULL);
    pool_free(pool, block);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    CHECK_EQ_PTR(__asan_region_is_poisoned(block, usable), NULL); /* nothing hits who gets the address next */
}
#endif

static void test_free_memory_is_marked_until_it_is_released(void) {
#if CORRAL_ASAN
    static const size_t sizes[] = {16, 100, 4096, 32768, 100000, 2 * MIB};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        check_marks(sizes[i]);
    }
#else
    test_skip("needs AddressSanitizer");
#endif
}

/* --- beyond 4 GiB ------------------------------------------------------------------------------------------------- */

static void test_blocks_above_4_gib(void) {
    if (sizeof(size_t) < 8) {
        test_skip("no such sizes here");
        return;
    }
    size_t bytes = ((size_t)1 << 32) + 12345;
    Pool *pool = pool_create();
    REQUIRE_TRUE(pool != NULL);
    unsigned char *block = pool_alloc(pool, bytes);
    if (block == NULL) {
        pool_destroy(pool);
        test_skip("the system does not reserve 4 GiB");
        return;
    }
    block[0] = 1;
    block[bytes - 1] = 2;
    CHECK_TRUE(pool_usable_size(pool, block) >= bytes);
    PoolStats stats;
    CHECK_STATUS(pool_stats(pool, &stats), CORRAL_OK);
    CHECK_TRUE(stats.in_use >= bytes);
    CHECK_STATUS(pool_free(pool, block + ((size_t)1 << 32)), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
}

TEST_MAIN(TEST_CASE(test_check_finds_damage_in_a_span), TEST_CASE(test_check_finds_damage_in_a_region),
          TEST_CASE(test_check_finds_sums_that_disagree), TEST_CASE(test_null_and_foreign_pools_are_refused),
          TEST_CASE(test_failing_page_calls_change_nothing), TEST_CASE(test_pool_goes_on_after_the_source_ran_out),
          TEST_CASE(test_random_run_agrees_with_the_model), TEST_CASE(test_random_run_with_the_smallest_regions),
          TEST_CASE(test_random_run_with_large_regions), TEST_CASE(test_free_memory_is_marked_until_it_is_released),
          TEST_CASE(test_blocks_above_4_gib))
