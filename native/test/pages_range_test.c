/* SPDX-License-Identifier: Apache-2.0
 * pages_range_test.c - the caller's memory as a page source, and the caller's callbacks. */
#include <stdlib.h>

#include "base/poison.h"
#include "pages/extents.h"
#include "support/fake_pages.h"
#include "support/source_checks.h"
#include "support/test.h"
#include "support/threads.h"

/* --- extents ------------------------------------------------------------------------------------------------------ */

static size_t count_extents(const Extents *extents) {
    size_t count = 0;
    for (const Extent *extent = extents->first; extent != NULL; extent = extent->next) {
        CHECK_TRUE(extent->next == NULL || extent->offset + extent->bytes == extent->next->offset);
        CHECK_TRUE(extent->next == NULL || extent->owner != NULL || extent->next->owner != NULL);
        count++;
    }
    return count;
}

/* Random takes and gives against a map of bytes. */
static void test_extents_do_not_overlap_and_join_again(void) {
    enum { BYTES = 256, OWNERS = 40 };
    Extents extents;
    REQUIRE_TRUE(extents_open(&extents, BYTES));
    Extent *taken[OWNERS] = {NULL};
    char owners[OWNERS];
    unsigned char map[BYTES] = {0};
    uint64_t random = 5;
    for (size_t step = 0; step < test_scaled(20000); step++) {
        size_t i = test_random_below(&random, OWNERS);
        if (taken[i] != NULL) {
            CHECK_EQ_PTR(extents_find(&extents, &owners[i], taken[i]->bytes), taken[i]);
            memset(map + taken[i]->offset, 0, taken[i]->bytes);
            extents_give(&extents, taken[i]);
            taken[i] = NULL;
        } else {
            size_t bytes = 1 + test_random_below(&random, 30);
            size_t alignment = (size_t)1 << test_random_below(&random, 5);
            taken[i] = extents_take(&extents, bytes, 3, alignment);
            if (taken[i] != NULL) {
                taken[i]->owner = &owners[i];
                CHECK_EQ_U64((taken[i]->offset + 3) % alignment, 0);
                CHECK_EQ_U64(taken[i]->bytes, bytes);
                CHECK_TRUE(is_zero(map + taken[i]->offset, bytes));
                memset(map + taken[i]->offset, 1, bytes);
            }
        }
        count_extents(&extents);
    }
    for (size_t i = 0; i < OWNERS; i++) {
        if (taken[i] != NULL) {
            extents_give(&extents, taken[i]);
        }
    }
    CHECK_EQ_U64(count_extents(&extents), 1);
    extents_close(&extents);
}

static void test_extents_find_by_owner_and_size(void) {
    Extents extents;
    REQUIRE_TRUE(extents_open(&extents, 100));
    char owner;
    Extent *extent = extents_take(&extents, 10, 0, 1);
    REQUIRE_TRUE(extent != NULL);
    extent->owner = &owner;
    CHECK_EQ_PTR(extents_find(&extents, &owner, 10), extent);
    CHECK_EQ_PTR(extents_find(&extents, &owner, 11), NULL);
    CHECK_EQ_PTR(extents_find(&extents, &extents, 10), NULL);
    CHECK_EQ_PTR(extents_take(&extents, 91, 0, 1), NULL);
    extents_close(&extents);
}

/* --- the range ---------------------------------------------------------------------------------------------------- */

static void count_gone(void *context) {
    ++*(size_t *)context;
}

static void test_range_is_a_page_source(void) {
    PageSourceError error;
    unsigned char *memory = malloc(4 * MIB);
    REQUIRE_TRUE(memory != NULL);
    memset(memory, 0xFF, 4 * MIB);
    size_t gone = 0;
    PageSource *source = page_source_range(memory + 1, 4 * MIB - 2, count_gone, &gone, &error);
    REQUIRE_TRUE(source_is_made(source, &error));
    CHECK_TRUE(source->exposed);
    check_source(source, MIB);
    check_pool_on(source);
    CHECK_EQ_U64(gone, 0);
    CHECK_EQ_U64(memory[0], 0xFF);
    CHECK_EQ_U64(memory[4 * MIB - 1], 0xFF);
    page_source_close(source);
    CHECK_EQ_U64(gone, 1);
    free(memory);
}

static void test_range_is_used_up_and_serves_again(void) {
    PageSourceError error;
    unsigned char *memory = malloc(MIB);
    REQUIRE_TRUE(memory != NULL);
    PageSource *source = page_source_range(memory, MIB, NULL, NULL, &error);
    REQUIRE_TRUE(source_is_made(source, &error));
    void *pages[16];
    size_t count = 0;
    while (count < 16 && (pages[count] = source_take(source, 64 * KIB, 64 * KIB)) != NULL) {
        CHECK_TRUE((unsigned char *)pages[count] >= memory && (unsigned char *)pages[count] + 64 * KIB <= memory + MIB);
        count++;
    }
    CHECK_TRUE(count == 15 || count == 16); /* 15: the range starts between two multiples */
    CHECK_EQ_PTR(source->reserve(source->context, 64 * KIB, 64 * KIB), NULL);
    CHECK_EQ_PTR(source->reserve(source->context, SIZE_MAX - 4095, 4096), NULL);
    CHECK_FALSE(source->release(source->context, pages[1], 4096));
    CHECK_FALSE(source->release(source->context, memory + 1, 64 * KIB));
    source_give(source, pages[7], 64 * KIB);
    CHECK_EQ_PTR(source_take(source, 64 * KIB, 64 * KIB), pages[7]);
    for (size_t i = 0; i < count; i++) {
        source_give(source, pages[i], 64 * KIB);
    }
    page_source_close(source);
    free(memory);
}

static void test_range_prefers_regions_that_suit_its_size(void) {
    PageSourceError error;
    static const size_t sizes[] = {128 * KIB, MIB, 4 * MIB, 64 * MIB};
    static const size_t regions[] = {64 * KIB, 64 * KIB, 256 * KIB, MIB};
    for (size_t i = 0; i < 4; i++) {
        char *memory = malloc(sizes[i]);
        REQUIRE_TRUE(memory != NULL);
        PageSource *source = page_source_range(memory, sizes[i], NULL, NULL, &error);
        REQUIRE_TRUE(source_is_made(source, &error));
        CHECK_EQ_U64(source->region_size, regions[i]);
        page_source_close(source);
        free(memory);
    }
}

static void test_range_that_is_too_small_is_refused(void) {
    PageSourceError error;
    static char memory[100];
    source_is_refused(page_source_range(memory, 100, NULL, NULL, &error), &error, CORRAL_INVALID_ARGUMENT, "bytes=100");
    source_is_refused(page_source_range(NULL, MIB, NULL, NULL, &error), &error, CORRAL_INVALID_ARGUMENT, "bytes=");
    source_is_refused(page_source_range(memory, SIZE_MAX, NULL, NULL, &error), &error, CORRAL_INVALID_ARGUMENT,
                      "bytes=");
    CHECK_EQ_PTR(page_source_range(NULL, 0, NULL, NULL, NULL), NULL);
}

/* As by somebody whom the tools do not watch: a view of Java's. */
static void overwrite(unsigned char *memory, int byte, size_t bytes) {
    memory_open(memory, bytes);
    memset(memory, byte, bytes);
}

/* The caller writes to all of the range while a pool is on it: the pool's books are not there. */
static void test_pool_on_a_range_survives_its_owner(void) {
    PageSourceError error;
    unsigned char *memory = malloc(2 * MIB);
    REQUIRE_TRUE(memory != NULL);
    PageSource *source = page_source_range(memory, 2 * MIB, NULL, NULL, &error);
    REQUIRE_TRUE(source_is_made(source, &error));
    PoolConfig config = pool_config_default();
    config.source = source;
    Pool *pool = pool_create_with(&config);
    REQUIRE_TRUE(pool != NULL);
    void *blocks[100];
    for (size_t i = 0; i < 100; i++) {
        blocks[i] = pool_alloc(pool, 1000);
        CHECK_TRUE(blocks[i] != NULL);
        overwrite(memory, (int)i, 2 * MIB);
    }
    for (size_t i = 0; i < 100; i++) {
        CHECK_STATUS(pool_free(pool, blocks[i]), CORRAL_OK);
        overwrite(memory, 0xFF, 2 * MIB);
    }
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    page_source_close(source);
    free(memory);
}

static void test_range_lives_until_its_last_user(void) {
    PageSourceError error;
    unsigned char *memory = malloc(2 * MIB);
    REQUIRE_TRUE(memory != NULL);
    size_t gone = 0;
    PageSource *source = page_source_range(memory, 2 * MIB, count_gone, &gone, &error);
    REQUIRE_TRUE(source_is_made(source, &error));
    PoolConfig config = pool_config_default();
    config.source = source;
    Pool *pool = pool_create_with(&config);
    page_source_close(source);
    CHECK_EQ_U64(gone, 0);
    void *pin;
    CHECK_STATUS(pool_pin(pool, pool_alloc(pool, 100), &pin), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    CHECK_EQ_U64(gone, 0);
    pool_unpin(pool, pin);
    CHECK_EQ_U64(gone, 1);
    free(memory);
}

static void *pool_on(void *context) {
    check_pool_on(*(PageSource *const *)context);
    return NULL;
}

static void test_range_serves_pools_in_all_threads(void) {
    PageSourceError error;
    unsigned char *memory = malloc(16 * MIB);
    REQUIRE_TRUE(memory != NULL);
    PageSource *source = page_source_range(memory, 16 * MIB, NULL, NULL, &error);
    REQUIRE_TRUE(source_is_made(source, &error));
    PageSource *sources[4] = {source, source, source, source};
    run_threads(4, pool_on, sources, sizeof sources[0]);
    page_source_close(source);
    free(memory);
}

/* --- the caller's callbacks --------------------------------------------------------------------------------------- */

static void *by_malloc(void *context, size_t bytes, size_t alignment) {
    ++*(size_t *)context;
    void *pages = aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    return pages != NULL ? memset(pages, 0, bytes) : NULL;
}

static bool by_free(void *context, void *pages, size_t bytes) {
    (void)bytes;
    --*(size_t *)context;
    free(pages);
    return true;
}

static void test_callbacks_of_the_caller_are_a_source(void) {
    size_t live = 0;
    PageSource source = {
        .name = "malloc", .page_size = 4096, .context = &live, .reserve = by_malloc, .release = by_free};
    check_source(&source, MIB);
    check_pool_on(&source);
    CHECK_EQ_U64(live, 0);
}

static void test_closing_nothing_does_nothing(void) {
    page_source_close(NULL);
}

TEST_MAIN(TEST_CASE(test_extents_do_not_overlap_and_join_again), TEST_CASE(test_extents_find_by_owner_and_size),
          TEST_CASE(test_range_is_a_page_source), TEST_CASE(test_range_is_used_up_and_serves_again),
          TEST_CASE(test_range_prefers_regions_that_suit_its_size), TEST_CASE(test_range_that_is_too_small_is_refused),
          TEST_CASE(test_pool_on_a_range_survives_its_owner), TEST_CASE(test_range_lives_until_its_last_user),
          TEST_CASE(test_range_serves_pools_in_all_threads), TEST_CASE(test_callbacks_of_the_caller_are_a_source),
          TEST_CASE(test_closing_nothing_does_nothing))
