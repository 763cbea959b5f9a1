/* SPDX-License-Identifier: Apache-2.0
 * mempool_sources_test.c - what a pool does with what its page source says of itself. */
#include <string.h>

#include "mempool/mempool_parts.h"
#include "mempool/pool_extension.h"
#include "support/pool_fixture.h"
#include "support/test.h"

#define MIB ((size_t)1 << 20)

/* --- the unit of reservation -------------------------------------------------------------------------------------- */

static size_t region_size_with(size_t preferred, size_t configured) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    f.pages.source.region_size = preferred;
    config.region_size = configured;
    size_t chosen = fixture_create(&f, &config)->region_size;
    CHECK_TRUE(pool_alloc(f.pool, 100) != NULL);
    CHECK_EQ_U64(fixture_stats(&f).reserved - fixture_stats(&f).metadata, chosen);
    fixture_close(&f);
    return chosen;
}

static void test_region_size_is_what_the_source_prefers(void) {
    CHECK_EQ_U64(region_size_with(0, 0), POOL_REGION_DEFAULT);
    CHECK_EQ_U64(region_size_with(2 * MIB, 0), 2 * MIB);
    CHECK_EQ_U64(region_size_with(POOL_GRANULE, 0), POOL_GRANULE);
    CHECK_EQ_U64(region_size_with(2 * MIB, 4 * MIB), 4 * MIB);
}

static void test_source_with_a_wrong_region_size_is_refused(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    f.pages.source.region_size = 3 * MIB;
    CHECK_EQ_PTR(pool_create_with(&config), NULL);
    CHECK_STATUS(f.created, CORRAL_INVALID_ARGUMENT);
    fake_pages_close(&f.pages);
}

static void test_slab_takes_whole_pages(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    f.pages.source.page_size = 2 * MIB;
    Pool *pool = fixture_create(&f, &config);
    char *slab = pool_books_slab(pool, POOL_GRANULE);
    REQUIRE_TRUE(slab != NULL);
    CHECK_EQ_U64((uintptr_t)slab % POOL_GRANULE, 0);
    CHECK_EQ_U64(fixture_stats(&f).metadata, 4 * MIB);
    fixture_close(&f);
}

/* --- exposed memory ----------------------------------------------------------------------------------------------- */

/* The fake sees the pool's regions only; its memory can be overwritten and the pool still knows what it has. */
static void test_books_of_an_exposed_source_lie_elsewhere(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    f.pages.source.exposed = true;
    Pool *pool = fixture_create(&f, &config);
    CHECK_EQ_U64(f.pages.reserve_calls, 0);
    CHECK_TRUE(pool_books_slab(pool, POOL_GRANULE) != NULL);
    CHECK_EQ_U64(f.pages.reserve_calls, 0);
    void *blocks[2000];
    for (size_t i = 0; i < 2000; i++) {
        blocks[i] = pool_alloc(pool, 8000);
        REQUIRE_TRUE(blocks[i] != NULL);
        memset(blocks[i], 0xFF, 8000);
    }
    PoolStats stats;
    CHECK_STATUS(pool_stats(pool, &stats), CORRAL_OK);
    CHECK_EQ_U64(fake_pages_live(&f.pages), stats.reserved - stats.metadata);
    CHECK_EQ_U64(f.pages.reserve_calls, stats.regions);
    for (size_t i = 0; i < 2000; i++) {
        CHECK_STATUS(pool_free(pool, blocks[i]), CORRAL_OK);
    }
    fixture_close(&f);
}

/* --- who uses the source ------------------------------------------------------------------------------------------ */

typedef struct Users {
    FakePages pages;
    size_t holds;
    size_t goes;
} Users;

static void *users_reserve(void *context, size_t bytes, size_t alignment) {
    Users *users = context;
    return users->pages.source.reserve(&users->pages, bytes, alignment);
}

static bool users_release(void *context, void *pages, size_t bytes) {
    Users *users = context;
    CHECK_TRUE(users->goes < users->holds); /* somebody who still uses it */
    return users->pages.source.release(&users->pages, pages, bytes);
}

static void users_hold(void *context) {
    ((Users *)context)->holds++;
}

static void users_let_go(void *context) {
    ((Users *)context)->goes++;
}

static PageSource users_source(Users *users) {
    users->holds = users->goes = 0;
    fake_pages_open(&users->pages);
    return (PageSource){.name = "users",
                        .page_size = 4096,
                        .context = users,
                        .reserve = users_reserve,
                        .release = users_release,
                        .hold = users_hold,
                        .let_go = users_let_go};
}

static void test_source_is_held_until_the_pool_is_gone(void) {
    Users users;
    PageSource source = users_source(&users);
    PoolConfig config = pool_config_default();
    config.source = &source;
    Pool *first = pool_create_with(&config);
    Pool *second = pool_create_with(&config);
    REQUIRE_TRUE(first != NULL && second != NULL);
    CHECK_EQ_U64(users.holds, 2);
    CHECK_EQ_U64(users.goes, 0);
    CHECK_STATUS(pool_destroy(first), CORRAL_OK);
    CHECK_EQ_U64(users.goes, 1);
    CHECK_STATUS(pool_destroy(second), CORRAL_OK);
    CHECK_EQ_U64(users.goes, 2);
    fake_pages_close(&users.pages);
}

static void test_source_is_held_until_the_last_pin_is_gone(void) {
    Users users;
    PageSource source = users_source(&users);
    PoolConfig config = pool_config_default();
    config.source = &source;
    Pool *pool = pool_create_with(&config);
    REQUIRE_TRUE(pool != NULL);
    void *block_pin;
    void *books_pin;
    CHECK_STATUS(pool_pin(pool, pool_alloc(pool, 100), &block_pin), CORRAL_OK);
    CHECK_STATUS(pool_pin(pool, NULL, &books_pin), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    CHECK_EQ_U64(users.goes, 0);
    pool_unpin(pool, block_pin);
    CHECK_EQ_U64(users.goes, 0);
    pool_unpin(pool, books_pin);
    CHECK_EQ_U64(users.goes, 1);
    fake_pages_close(&users.pages);
}

static void test_source_is_not_held_by_a_pool_that_was_not_created(void) {
    Users users;
    PageSource source = users_source(&users);
    PoolConfig config = pool_config_default();
    config.source = &source;
    users.pages.fail_at = 1;
    CHECK_EQ_PTR(pool_create_with(&config), NULL);
    CHECK_EQ_U64(users.holds, 0);
    CHECK_EQ_U64(users.goes, 0);
    fake_pages_close(&users.pages);
}

TEST_MAIN(TEST_CASE(test_region_size_is_what_the_source_prefers),
          TEST_CASE(test_source_with_a_wrong_region_size_is_refused), TEST_CASE(test_slab_takes_whole_pages),
          TEST_CASE(test_books_of_an_exposed_source_lie_elsewhere),
          TEST_CASE(test_source_is_held_until_the_pool_is_gone),
          TEST_CASE(test_source_is_held_until_the_last_pin_is_gone),
          TEST_CASE(test_source_is_not_held_by_a_pool_that_was_not_created))
