/* SPDX-License-Identifier: Apache-2.0
 * mempool_report_test.c - what a pool says of itself by size of block. */
#include <stdlib.h>
#include <string.h>

#include "corral/pool_report.h"
#include "support/pool_fixture.h"
#include "support/test.h"

/* --- rows --------------------------------------------------------------------------------------------------------- */

/* The row of this size; a failure of the test, and a row of zeros, when there is none. */
static PoolClassStats row_of(const PoolFixture *f, uint64_t block_bytes) {
    PoolClassStats rows[POOL_CLASSES_MAX];
    size_t count = pool_class_stats(f->pool, rows, POOL_CLASSES_MAX);
    CHECK_LE_U64(count, POOL_CLASSES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].block_bytes == block_bytes) {
            return rows[i];
        }
    }
    test_fail(__FILE__, __LINE__, "no row for blocks of %zu bytes", (size_t)block_bytes);
    return (PoolClassStats){0};
}

/* The invariants of PoolClassStats. */
static void check_sums(const PoolFixture *f) {
    PoolClassStats rows[POOL_CLASSES_MAX];
    size_t count = pool_class_stats(f->pool, rows, POOL_CLASSES_MAX);
    PoolStats stats = fixture_stats(f);
    uint64_t live = 0;
    uint64_t in_use = 0;
    uint64_t held = 0;
    for (size_t i = 0; i < count; i++) {
        live += rows[i].live;
        in_use += rows[i].in_use;
        held += rows[i].held;
        CHECK_LE_U64(rows[i].in_use, rows[i].held);
        bool is_last = i + 1 == count;
        CHECK_TRUE(rows[i].block_bytes != 0 ? rows[i].in_use == rows[i].live * rows[i].block_bytes : is_last);
        CHECK_TRUE(i == 0 || rows[i].block_bytes == 0 || rows[i - 1].block_bytes < rows[i].block_bytes);
    }
    CHECK_EQ_U64(live, stats.live_blocks);
    CHECK_EQ_U64(in_use, stats.in_use);
    CHECK_LE_U64(held, stats.reserved - stats.metadata);
}

static void test_each_size_of_block_has_a_row(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    CHECK_EQ_U64(pool_class_stats(pool, NULL, 0), 0);
    void *blocks[10];
    for (size_t i = 0; i < 10; i++) {
        blocks[i] = pool_alloc(pool, 100);
        CHECK_TRUE(blocks[i] != NULL);
    }
    CHECK_TRUE(pool_alloc(pool, 1000) != NULL);
    CHECK_TRUE(pool_alloc(pool, 200000) != NULL);
    CHECK_TRUE(pool_alloc(pool, 3000000) != NULL);
    uint64_t size = pool_usable_size(pool, blocks[0]);
    PoolClassStats before = row_of(&f, size);
    CHECK_EQ_U64(before.live, 10);
    CHECK_TRUE(before.free > 0);
    CHECK_EQ_U64(row_of(&f, 0).live, 2);
    CHECK_EQ_U64(pool_class_stats(pool, NULL, 0), 3);
    check_sums(&f);
    CHECK_STATUS(pool_free(pool, blocks[3]), CORRAL_OK);
    CHECK_EQ_U64(row_of(&f, size).live, 9);
    CHECK_EQ_U64(row_of(&f, size).free, before.free + 1);
    check_sums(&f);
    fixture_close(&f);
}

static void test_rows_add_up_to_the_statistics(void) {
    enum { BLOCKS = 300 };
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *blocks[BLOCKS] = {NULL};
    uint64_t random = 11;
    for (size_t step = 0; step < test_scaled(3000); step++) {
        size_t i = test_random_below(&random, BLOCKS);
        CHECK_STATUS(pool_free(pool, blocks[i]), CORRAL_OK);
        blocks[i] = pool_alloc(pool, (size_t)1 << test_random_below(&random, 19));
        CHECK_TRUE(blocks[i] != NULL);
        if (step % 100 == 0) {
            check_sums(&f);
        }
    }
    fixture_close(&f);
}

static void test_rows_without_room_are_counted(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t size = 16; size <= POOL_SMALL_MAX; size *= 2) {
        CHECK_TRUE(pool_alloc(pool, size) != NULL);
    }
    PoolClassStats rows[3];
    memset(rows, 0xFF, sizeof rows);
    CHECK_EQ_U64(pool_class_stats(pool, rows, 2), 12);
    CHECK_EQ_U64(rows[1].block_bytes, 32);
    CHECK_EQ_U64(rows[2].block_bytes, UINT64_MAX);
    CHECK_EQ_U64(pool_class_stats(NULL, rows, 2), 0);
    fixture_close(&f);
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

/* Prints into `text`, by both functions; every line has at most 80 columns. */
static void print_into(Pool *pool, char *text) {
    static char written[POOL_TABLE_MAX];
    FILE *out = tmpfile();
    REQUIRE_TRUE(out != NULL);
    CHECK_STATUS(pool_stats_print(pool, out), CORRAL_OK);
    rewind(out);
    written[fread(written, 1, sizeof written - 1, out)] = '\0';
    fclose(out);
    CHECK_EQ_U64(pool_stats_text(pool, text, POOL_TABLE_MAX), strlen(written));
    CHECK_STR(text, written);
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        CHECK_LE_U64(strcspn(line, "\n"), 80);
    }
}

static void test_pool_statistics_are_printed(void) {
    static char text[POOL_TABLE_MAX];
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.name = "requests";
    config.limit = 100000000;
    Pool *pool = fixture_create(&f, &config);
    print_into(pool, text);
    CHECK_TRUE(strstr(text, "block size") == NULL);
    for (size_t i = 0; i < 1234; i++) {
        CHECK_TRUE(pool_alloc(pool, 64) != NULL);
    }
    CHECK_TRUE(pool_alloc(pool, 1000000) != NULL);
    print_into(pool, text);
    CHECK_TRUE(strncmp(text, "pool requests on fake pages\n", 28) == 0);
    CHECK_TRUE(strstr(text, "\n  limit                           100,000,000 bytes\n") != NULL);
    CHECK_TRUE(strstr(text, "\n  live blocks                           1,235\n") != NULL);
    CHECK_TRUE(strstr(text, "\n          64           1,234 ") != NULL);
    CHECK_TRUE(strstr(text, "            78,976 ") != NULL);
    CHECK_TRUE(strstr(text, "\n      larger               1             0         1,003,520 ") != NULL);
    fixture_close(&f);
}

static void test_largest_table_fits(void) {
    static char text[POOL_TABLE_MAX];
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t size = 1; size <= POOL_SMALL_MAX; size += 16) {
        CHECK_TRUE(pool_alloc(pool, size) != NULL);
    }
    CHECK_TRUE(pool_alloc(pool, 5000000) != NULL);
    print_into(pool, text);
    fixture_close(&f);
}

static void test_table_that_does_not_fit_is_cut(void) {
    char text[40];
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    size_t whole = pool_stats_text(pool, NULL, 0);
    CHECK_EQ_U64(pool_stats_text(pool, text, sizeof text), whole);
    CHECK_EQ_U64(strlen(text), sizeof text - 1);
    CHECK_STATUS(pool_stats_print(pool, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(pool_stats_print(NULL, stdout), CORRAL_INVALID_POOL);
    CHECK_EQ_U64(pool_stats_text(NULL, text, sizeof text), 0);
    CHECK_STR(text, "");
    fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_each_size_of_block_has_a_row), TEST_CASE(test_rows_add_up_to_the_statistics),
          TEST_CASE(test_rows_without_room_are_counted), TEST_CASE(test_pool_statistics_are_printed),
          TEST_CASE(test_largest_table_fits), TEST_CASE(test_table_that_does_not_fit_is_cut))
