/* SPDX-License-Identifier: Apache-2.0
 * mempool_quarantine_test.c - blocks that stay what they are after pool_free() while they are held; on fake pages. */
#include <string.h>

#include "corral/mempool.h"
#include "support/pool_fixture.h"
#include "support/test.h"

#define MIB ((size_t)1 << 20)

static Pool *quarantine_open(PoolFixture *f) {
    PoolConfig config = fixture_open(f);
    config.quarantine = true;
    return fixture_create(f, &config);
}

static void test_held_block_is_not_handed_out_again(void) {
    static const size_t sizes[] = {16, 4000, 40000, 2 * MIB};
    PoolFixture f;
    Pool *pool = quarantine_open(&f);
    for (size_t i = 0; i < 4; i++) {
        unsigned char *block = pool_alloc(pool, sizes[i]);
        memset(block, 0x5A, sizes[i]);
        size_t usable = pool_usable_size(pool, block);
        CHECK_STATUS(pool_hold(pool, block), CORRAL_OK);
        CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
        CHECK_EQ_U64(fixture_stats(&f).retained, usable);
        CHECK_EQ_U64(fixture_stats(&f).in_use, usable);
        for (int round = 0; round < 20; round++) {
            void *other = pool_alloc(pool, sizes[i]);
            CHECK_TRUE(other != block);
            memset(other, 0xFF, sizes[i]);
            CHECK_STATUS(pool_free(pool, other), CORRAL_OK);
        }
        CHECK_EQ_U64(block[0], 0x5A);
        CHECK_EQ_U64(block[sizes[i] - 1], 0x5A);
        pool_let_go(pool, block);
        CHECK_EQ_U64(fixture_stats(&f).retained, 0);
        CHECK_EQ_U64(fixture_stats(&f).in_use, 0);
        CHECK_STATUS(pool_check(pool), CORRAL_OK);
    }
    fixture_close(&f);
}

static void test_held_block_is_freed_once(void) {
    PoolFixture f;
    Pool *pool = quarantine_open(&f);
    void *block = pool_alloc(pool, 100);
    CHECK_STATUS(pool_hold(pool, block), CORRAL_OK);
    CHECK_STATUS(pool_hold(pool, block), CORRAL_OK); /* holds do not nest */
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    CHECK_STATUS(pool_free(pool, block), CORRAL_DOUBLE_FREE);
    CHECK_EQ_U64(fixture_stats(&f).refused_frees, 1);
    pool_let_go(pool, block);
    CHECK_STATUS(pool_free(pool, block), CORRAL_DOUBLE_FREE);
    pool_let_go(pool, block);
    CHECK_EQ_U64(fixture_stats(&f).frees, 1);
    fixture_close(&f);
}

static void test_block_let_go_before_its_free_is_as_any_other(void) {
    PoolFixture f;
    Pool *pool = quarantine_open(&f);
    void *block = pool_alloc(pool, 100);
    CHECK_STATUS(pool_hold(pool, block), CORRAL_OK);
    pool_let_go(pool, block);
    CHECK_TRUE(pool_usable_size(pool, block) >= 100);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    CHECK_EQ_U64(fixture_stats(&f).in_use, 0);
    fixture_close(&f);
}

static void test_hold_of_what_is_no_block_refused(void) {
    PoolFixture f;
    Pool *pool = quarantine_open(&f);
    char *block = pool_alloc(pool, 100);
    CHECK_STATUS(pool_hold(pool, block + 16), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(pool_hold(pool, &f), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(pool_hold(NULL, block), CORRAL_INVALID_POOL);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    fixture_close(&f);
    PoolFixture other;
    PoolConfig config = fixture_open(&other);
    Pool *plain = fixture_create(&other, &config);
    void *free_block = pool_alloc(plain, 100);
    CHECK_STATUS(pool_hold(plain, free_block), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(pool_free(plain, free_block), CORRAL_OK);
    fixture_close(&other);
}

/* The table grows, and removal in any order keeps every other entry findable. */
static void test_many_held_blocks(void) {
    enum { BLOCKS = 3000 };
    static void *blocks[BLOCKS];
    PoolFixture f;
    Pool *pool = quarantine_open(&f);
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = pool_alloc(pool, 16 + i % 7 * 100);
        CHECK_TRUE(blocks[i] != NULL);
        CHECK_STATUS(pool_hold(pool, blocks[i]), CORRAL_OK);
    }
    for (size_t i = 0; i < BLOCKS; i += 2) {
        CHECK_STATUS(pool_free(pool, blocks[i]), CORRAL_OK);
    }
    CHECK_EQ_U64(fixture_stats(&f).live_blocks, BLOCKS);
    for (size_t i = 0; i < BLOCKS; i++) {
        size_t at = i * 1237 % BLOCKS; /* 1237 and 3000 have no common factor */
        pool_let_go(pool, blocks[at]);
        CHECK_EQ_U64(pool_usable_size(pool, blocks[at]) != 0, at % 2);
    }
    CHECK_EQ_U64(fixture_stats(&f).live_blocks, BLOCKS / 2);
    CHECK_EQ_U64(fixture_stats(&f).retained, 0);
    for (size_t i = 1; i < BLOCKS; i += 2) {
        CHECK_STATUS(pool_free(pool, blocks[i]), CORRAL_OK);
    }
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    fixture_close(&f);
}

static void test_hold_without_memory(void) {
    PoolFixture f;
    Pool *pool = quarantine_open(&f);
    void *block = pool_alloc(pool, 16);
    size_t held = 0;
    void *last = block;
    f.pages.fail_at = f.pages.reserve_calls + 1;
    CorralStatus status;
    while ((status = pool_hold(pool, last)) == CORRAL_OK && (last = pool_alloc(pool, 16)) != NULL) {
        held++;
    }
    CHECK_TRUE(status == CORRAL_NO_MEMORY || last == NULL);
    CHECK_TRUE(held > 0);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    f.pages.fail_at = 0;
    CHECK_STATUS(pool_hold(pool, block), CORRAL_OK);
    fixture_close(&f);
}

static void test_let_go_after_the_pool_was_destroyed_does_nothing(void) {
    PoolFixture f;
    Pool *pool = quarantine_open(&f);
    void *pin;
    void *block = pool_alloc(pool, 100);
    CHECK_STATUS(pool_pin(pool, block, &pin), CORRAL_OK);
    CHECK_STATUS(pool_hold(pool, block), CORRAL_OK);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    pool_let_go(pool, block);
    pool_unpin(pool, pin);
    CHECK_EQ_U64(f.pages.live_bytes, 0);
}

TEST_MAIN(TEST_CASE(test_held_block_is_not_handed_out_again), TEST_CASE(test_held_block_is_freed_once),
          TEST_CASE(test_block_let_go_before_its_free_is_as_any_other),
          TEST_CASE(test_hold_of_what_is_no_block_refused), TEST_CASE(test_many_held_blocks),
          TEST_CASE(test_hold_without_memory), TEST_CASE(test_let_go_after_the_pool_was_destroyed_does_nothing))
