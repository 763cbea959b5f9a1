/* SPDX-License-Identifier: Apache-2.0
 * arena_pool_test.c - what an arena and the pool below it owe each other. */
#include <string.h>

#include "corral/pool_debug.h"
#include "support/arena_fixture.h"
#include "support/test.h"

/* --- chunks belong to their arena --------------------------------------------------------------------------------- */

typedef void Configure(PoolConfig *config);

static void as_default(PoolConfig *config) {
    config->name = "pool";
}

static void as_exact(PoolConfig *config) {
    config->exact_frees = true;
}

static void as_limited(PoolConfig *config) {
    config->limit = 64 * MIB;
}

static void as_uncached(PoolConfig *config) {
    config->uncached = true;
}

static void as_quarantine(PoolConfig *config) {
    config->quarantine = true;
}

static void as_debug(PoolConfig *config) {
    config->debug = true;
}

static Configure *const kinds[] = {as_default, as_exact, as_limited, as_uncached, as_quarantine, as_debug};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static Pool *open_kind(PoolFixture *f, size_t kind) {
    PoolConfig config = fixture_open(f);
    kinds[kind](&config);
    return fixture_create(f, &config);
}

/* The first block of an arena starts where its chunk does. */
static void check_chunk_is_refused(PoolFixture *f, Arena *arena, size_t size) {
    Pool *pool = f->pool;
    size_t before = f->reports;
    unsigned char *block = arena_alloc(arena, size);
    REQUIRE_TRUE(block != NULL);
    memset(block, 5, size);
    CHECK_STATUS(pool_free(pool, block), CORRAL_FOREIGN_POINTER);
    CHECK_EQ_U64(f->reports, before + 1);
    CHECK_TRUE(strstr(f->report, "reason=chunk-of-an-arena") != NULL);
    CHECK_EQ_PTR(pool_realloc(pool, block, size + 1000), NULL);
    CHECK_EQ_U64(f->reports, before + 2);
    CHECK_TRUE(block[0] == 5 && block[size - 1] == 5);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
}

static void test_pool_free_of_a_chunk_refused(void) {
    static const size_t sizes[] = {1 * KIB, 4 * KIB, 32 * KIB, 64 * KIB, 100 * KIB, 3 * MIB};
    for (size_t i = 0; i < KINDS * 2 * 6; i++) {
        size_t size = sizes[i % 6];
        PoolFixture f;
        Pool *pool = open_kind(&f, i / 12);
        ArenaConfig config = arena_config_default();
        config.fixed = true;
        config.initial_size = config.maximum_size = size;
        config.zeroed = i / 6 % 2 == 1;
        Arena *arena = arena_create_with(pool, &config);
        REQUIRE_TRUE(arena != NULL);
        check_chunk_is_refused(&f, arena, size);
        CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
        PoolStats stats = fixture_stats(&f);
        CHECK_EQ_U64(stats.in_use, 0);
        CHECK_EQ_U64(stats.live_blocks, 0);
        CHECK_EQ_U64(stats.refused_frees, 1);
        fixture_close(&f);
    }
}

/* What was a chunk may be a block next, and the other way round. */
static void test_chunk_becomes_a_block_and_a_chunk_again(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t i = 0; i < 100; i++) {
        Arena *arena = arena_create_default(pool);
        REQUIRE_TRUE(arena != NULL);
        void *chunk = arena_alloc(arena, 16);
        CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
        CHECK_STATUS(pool_free(pool, chunk), CORRAL_DOUBLE_FREE);
        void *block = pool_alloc(pool, 4 * KIB);
        CHECK_EQ_PTR(block, chunk);
        CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    }
    CHECK_EQ_U64(fixture_stats(&f).live_blocks, 0);
    fixture_close(&f);
}

/* A chunk that somebody holds goes back as one when it is let go. */
static void test_held_chunk_goes_back_to_the_pool(void) {
    PoolFixture f;
    Pool *pool = open_kind(&f, 4);
    Arena *arena = arena_create_default(pool);
    REQUIRE_TRUE(arena != NULL);
    void *chunk = arena_alloc(arena, 16);
    CHECK_STATUS(pool_hold(pool, chunk), CORRAL_OK);
    CHECK_STATUS(pool_free(pool, chunk), CORRAL_FOREIGN_POINTER);
    CHECK_EQ_U64(fixture_stats(&f).retained, 0);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    CHECK_EQ_U64(fixture_stats(&f).live_blocks, 1);
    pool_let_go(pool, chunk);
    CHECK_EQ_U64(fixture_stats(&f).live_blocks, 0);
    fixture_close(&f);
}

/* --- in a pool in debug mode -------------------------------------------------------------------------------------- */

static void test_debug_pool_finds_a_write_to_a_closed_arena(void) {
    PoolFixture f;
    Pool *pool = open_kind(&f, 5);
    Arena *arena = arena_create_default(pool);
    REQUIRE_TRUE(arena != NULL);
    unsigned char *block = arena_alloc(arena, 100);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    block[7] = 1;
    CHECK_STATUS(pool_check(pool), CORRAL_DAMAGED);
    CHECK_EQ_U64(f.reports, 1);
    CHECK_TRUE(strstr(f.report, "kind=write-after-free") != NULL);
    CHECK_TRUE(strstr(f.report, "size=4096 written=7..7 bytes=01 allocated=arena") != NULL);
    CHECK_STATUS(pool_destroy(pool), CORRAL_DAMAGED);
    fake_pages_close(&f.pages);
}

static void test_open_arenas_are_no_leaks_of_a_debug_pool(void) {
    PoolFixture f;
    Pool *pool = open_kind(&f, 5);
    for (size_t i = 0; i < 10; i++) {
        Arena *arena = arena_create_default(pool);
        REQUIRE_TRUE(arena != NULL);
        CHECK_TRUE(arena_alloc(arena, 10 * KIB) != NULL);
    }
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    CHECK_EQ_U64(f.reports, 0);
    fake_pages_close(&f.pages);
}

TEST_MAIN(TEST_CASE(test_pool_free_of_a_chunk_refused), TEST_CASE(test_chunk_becomes_a_block_and_a_chunk_again),
          TEST_CASE(test_held_chunk_goes_back_to_the_pool), TEST_CASE(test_debug_pool_finds_a_write_to_a_closed_arena),
          TEST_CASE(test_open_arenas_are_no_leaks_of_a_debug_pool))
