/* SPDX-License-Identifier: Apache-2.0
 * mempool_test.c - blocks of a pool: sizes, alignment, contents, refusals, limit and statistics, on fake pages.
 * What happens to regions, pins and the pool as a whole is in mempool_regions_test.c. */
#include <string.h>

#include "corral/mempool.h"
#include "mempool/mempool_parts.h"
#include "support/pool_fixture.h"
#include "support/test.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

static bool is_filled(const void *block, int byte, size_t bytes) {
    const unsigned char *at = block;
    return bytes == 0 || (at[0] == byte && memcmp(at, at + 1, bytes - 1) == 0);
}

/* --- sizes and alignment ------------------------------------------------------------------------------------------ */

static void test_small_blocks_waste_at_most_an_eighth(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t size = 1; size <= POOL_SMALL_MAX && test_failures() == 0; size++) {
        void *block = pool_alloc(pool, size);
        REQUIRE_TRUE(block != NULL);
        size_t usable = pool_usable_size(pool, block);
        CHECK_TRUE(usable >= size);
        CHECK_TRUE(size <= 128 ? usable - size < 16 : (usable - size) * 8 <= size);
        CHECK_EQ_U64((uintptr_t)block % POOL_ALIGNMENT, 0);
        CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    }
    fixture_close(&f);
}

static void test_size_classes_are_ordered_and_tight(void) {
    CHECK_EQ_U64(pool_class_bytes(0), 16);
    CHECK_EQ_U64(pool_class_bytes(CLASS_COUNT - 1), POOL_SMALL_MAX);
    for (uint32_t i = 0; i < CLASS_COUNT; i++) {
        size_t bytes = pool_class_bytes(i);
        CHECK_EQ_U64(pool_class_of(bytes), i);
        CHECK_EQ_U64(bytes % POOL_ALIGNMENT, 0);
        if (i > 0) {
            CHECK_EQ_U64(pool_class_of(pool_class_bytes(i - 1) + 1), i);
        }
    }
}

static void test_spans_leave_at_most_a_sixteenth(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (uint32_t i = 0; i < CLASS_COUNT; i++) {
        const SizeClass *class = &pool->classes[i];
        size_t bytes = class->granules * POOL_GRANULE;
        CHECK_LE_U64((bytes - class->slots * (size_t) class->slot_bytes) * 16, bytes);
        CHECK_TRUE(class->granules * POOL_GRANULE <= POOL_REGION_DEFAULT / 2);
        CHECK_TRUE(class->slot_bytes > 4096 || class->granules == 1);
    }
    fixture_close(&f);
}

/* Several blocks of each class, each filled: they are as aligned as their class, and do not overlap. */
static void test_blocks_of_every_class_are_aligned_and_disjoint(void) {
    enum { EACH = 5 };
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    unsigned char *blocks[CLASS_COUNT][EACH];
    for (uint32_t i = 0; i < CLASS_COUNT; i++) {
        size_t bytes = pool_class_bytes(i);
        for (size_t k = 0; k < EACH; k++) {
            blocks[i][k] = pool_alloc(pool, bytes);
            REQUIRE_TRUE(blocks[i][k] != NULL);
            CHECK_EQ_U64((uintptr_t)blocks[i][k] % (bytes & (0 - bytes)), 0);
            memset(blocks[i][k], (int)(i + k), bytes);
        }
    }
    for (uint32_t i = 0; i < CLASS_COUNT; i++) {
        for (size_t k = 0; k < EACH; k++) {
            CHECK_TRUE(is_filled(blocks[i][k], (int)(i + k), pool_class_bytes(i)));
            CHECK_STATUS(pool_free(pool, blocks[i][k]), CORRAL_OK);
        }
    }
    fixture_close(&f);
}

/* A full span of many words, holes in all of its words: the holes are used before any other memory. */
static void test_freed_slots_are_taken_again(void) {
    enum { COUNT = 4096 }; /* one span of 16 bytes */
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    static void *blocks[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = pool_alloc(pool, 16);
    }
    uint64_t free_bytes = fixture_stats(&f).free_bytes;
    for (size_t i = 0; i < COUNT; i += 31) {
        CHECK_STATUS(pool_free(pool, blocks[COUNT - 1 - i]), CORRAL_OK);
        CHECK_STATUS(pool_check(pool), CORRAL_OK);
    }
    for (size_t i = 0; i < COUNT; i += 31) {
        void *block = pool_alloc(pool, 16);
        CHECK_TRUE(block >= blocks[0] && block <= blocks[COUNT - 1]);
    }
    CHECK_EQ_U64(fixture_stats(&f).free_bytes, free_bytes);
    CHECK_EQ_U64(fixture_stats(&f).live_blocks, COUNT);
    fixture_close(&f);
}

static void test_chunk_sizes_cost_nothing_at_cache_line_alignment(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t size = 64; size <= 512 * KIB; size *= 2) {
        void *block;
        CHECK_STATUS(pool_acquire(pool, size, 64, &block), CORRAL_OK);
        CHECK_EQ_U64((uintptr_t)block % 64, 0);
        CHECK_EQ_U64(pool_usable_size(pool, block), size);
    }
    fixture_close(&f);
}

static void test_every_alignment_is_kept_at_every_size(void) {
    static const size_t sizes[] = {0, 1, 17, 100, 1000, 4097, 20000, 32769, 65537, 300000, 2000000};
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t alignment = 1; alignment <= POOL_ALIGNMENT_MAX; alignment *= 2) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            void *first = pool_alloc_aligned(pool, sizes[i], alignment);
            void *second = pool_alloc_aligned(pool, sizes[i], alignment);
            REQUIRE_TRUE(first != NULL && second != NULL);
            CHECK_EQ_U64((uintptr_t)first % alignment, 0);
            CHECK_EQ_U64((uintptr_t)second % alignment, 0);
            CHECK_TRUE(pool_usable_size(pool, first) >= sizes[i]);
            memset(first, 1, pool_usable_size(pool, first));
            memset(second, 2, pool_usable_size(pool, second));
            CHECK_TRUE(is_filled(first, 1, pool_usable_size(pool, first)));
            pool_free(pool, first);
            pool_free(pool, second);
        }
    }
    CHECK_EQ_U64(fixture_stats(&f).in_use, 0);
    fixture_close(&f);
}

static void test_bad_alignment_is_refused(void) {
    static const size_t bad[] = {0, 3, 24, POOL_ALIGNMENT_MAX + 1, POOL_ALIGNMENT_MAX * 2, SIZE_MAX};
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        void *block = &f;
        CHECK_STATUS(pool_acquire(pool, 16, bad[i], &block), CORRAL_BAD_ALIGNMENT);
        CHECK_EQ_PTR(block, NULL);
    }
    CHECK_EQ_U64(fixture_stats(&f).failures, 6);
    fixture_close(&f);
}

static void test_zero_bytes_is_a_block_of_its_own(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *first = pool_alloc(pool, 0);
    void *second = pool_alloc(pool, 0);
    CHECK_TRUE(first != NULL && second != NULL && first != second);
    CHECK_EQ_U64(pool_usable_size(pool, first), 16);
    CHECK_STATUS(pool_free(pool, first), CORRAL_OK);
    CHECK_STATUS(pool_free(pool, second), CORRAL_OK);
    fixture_close(&f);
}

static void test_sizes_that_cannot_be_represented_fail_cleanly(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    PoolStats before = fixture_stats(&f);
    f.pages.byte_limit = (size_t)PTRDIFF_MAX / 2;
    for (size_t less = 0; less < 5000; less += 61) {
        void *block;
        CHECK_STATUS(pool_acquire(pool, SIZE_MAX - less, 16, &block), CORRAL_SIZE_LIMIT);
        CHECK_STATUS(pool_acquire(pool, SIZE_MAX - less, POOL_ALIGNMENT_MAX, &block), CORRAL_SIZE_LIMIT);
        CHECK_STATUS(pool_acquire(pool, (size_t)PTRDIFF_MAX - less, POOL_ALIGNMENT_MAX, &block), CORRAL_NO_MEMORY);
        CHECK_EQ_PTR(block, NULL);
    }
    CHECK_EQ_PTR(pool_alloc(pool, SIZE_MAX), NULL);
    CHECK_EQ_U64(fixture_stats(&f).reserved, before.reserved);
    fixture_close(&f);
}

/* --- calloc, strdup, usable size ---------------------------------------------------------------------------------- */

static void test_calloc_zeroes_recycled_memory(void) {
    static const size_t sizes[] = {1, 100, 5000, 32768, 100000, 700000, 3000000};
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int round = 0; round < 3; round++) { /* fresh, then recycled */
            void *block = pool_calloc(pool, 1, sizes[i]);
            REQUIRE_TRUE(block != NULL);
            CHECK_TRUE(is_filled(block, 0, sizes[i]));
            memset(block, 0xEE, pool_usable_size(pool, block));
            pool_free(pool, block);
        }
    }
    fixture_close(&f);
}

static void test_calloc_refuses_a_product_that_overflows(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    CHECK_EQ_PTR(pool_calloc(pool, SIZE_MAX / 2 + 1, 2), NULL);
    CHECK_EQ_PTR(pool_calloc(pool, SIZE_MAX, SIZE_MAX), NULL);
    CHECK_EQ_U64(fixture_stats(&f).failures, 2);
    void *empty = pool_calloc(pool, 0, SIZE_MAX);
    CHECK_TRUE(empty != NULL);
    pool_free(pool, empty);
    fixture_close(&f);
}

static void test_strdup_copies(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    char *copy = pool_strdup(pool, "gr\xC3\xBC\xC3\x9F dich");
    CHECK_STR(copy, "gr\xC3\xBC\xC3\x9F dich");
    CHECK_STR(pool_strdup(pool, ""), "");
    CHECK_EQ_PTR(pool_strdup(pool, NULL), NULL);
    CHECK_EQ_U64(fixture_stats(&f).live_blocks, 2);
    fixture_close(&f);
}

static void test_usable_size_is_zero_for_what_is_no_block(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    char *block = pool_alloc(pool, 100);
    CHECK_EQ_U64(pool_usable_size(pool, block), 112);
    CHECK_EQ_U64(pool_usable_size(pool, block + 16), 0);
    CHECK_EQ_U64(pool_usable_size(pool, &f), 0);
    CHECK_EQ_U64(pool_usable_size(pool, NULL), 0);
    CHECK_EQ_U64(pool_usable_size(NULL, block), 0);
    pool_free(pool, block);
    CHECK_EQ_U64(pool_usable_size(pool, block), 0);
    fixture_close(&f);
}

/* --- realloc ------------------------------------------------------------------------------------------------------ */

static void test_realloc_keeps_the_contents(void) {
    static const size_t steps[] = {10,     100,    90,      5000,   32768, 40000, 33000, 200000,
                                   600000, 700000, 2000000, 550000, 70000, 64,    1};
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    size_t filled = 0;
    unsigned char *block = NULL;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        unsigned char *resized = pool_realloc(pool, block, steps[i]);
        REQUIRE_TRUE(resized != NULL);
        CHECK_TRUE(is_filled(resized, 0x5A, filled < steps[i] ? filled : steps[i]));
        CHECK_TRUE(pool_usable_size(pool, resized) >= steps[i]);
        memset(resized, 0x5A, steps[i]);
        filled = steps[i];
        block = resized;
        CHECK_EQ_U64(fixture_stats(&f).live_blocks, 1);
    }
    pool_free(pool, block);
    fixture_close(&f);
}

/* {first, second}: there and back. A dedicated region has no room to grow, but keeps what it has. */
static void test_realloc_stays_in_place_where_the_size_fits(void) {
    static const size_t pairs[][2] = {{100, 112}, {112, 97}, {40000, 60000}, {60000, 33000}, {800000, 700000}};
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        void *block = pool_alloc(pool, pairs[i][0]);
        CHECK_EQ_PTR(pool_realloc(pool, block, pairs[i][1]), block);
        CHECK_TRUE(pool_usable_size(pool, block) >= pairs[i][1]);
        CHECK_EQ_PTR(pool_realloc(pool, block, pairs[i][0]), block);
        memset(block, 7, pairs[i][0]);
        CHECK_EQ_U64(fixture_stats(&f).in_use, pool_usable_size(pool, block));
        pool_free(pool, block);
    }
    CHECK_EQ_U64(fixture_stats(&f).in_use, 0);
    CHECK_EQ_U64(fixture_stats(&f).allocations, sizeof pairs / sizeof pairs[0]);
    fixture_close(&f);
}

static void test_realloc_shrinks_to_give_memory_back(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *block = pool_alloc(pool, 2 * MIB);
    block = pool_realloc(pool, block, 100);
    CHECK_EQ_U64(fixture_stats(&f).in_use, 112);
    pool_free(pool, block);
    fixture_close(&f);
}

static void test_realloc_of_what_is_no_block_fails(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    char *block = pool_alloc(pool, 100);
    CHECK_EQ_PTR(pool_realloc(pool, &f, 10), NULL);
    CHECK_EQ_PTR(pool_realloc(pool, block + 16, 10), NULL);
    pool_free(pool, block);
    CHECK_EQ_PTR(pool_realloc(pool, block, 10), NULL);
    CHECK_TRUE(strstr(f.report, "corral: refused realloc: reason=double-free address=0x") == f.report);
    CHECK_EQ_U64(fixture_stats(&f).failures, 3);
    CHECK_EQ_U64(f.reports, 3);
    fixture_close(&f);
}

static void test_realloc_that_fails_leaves_the_block(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.limit = 100 * KIB;
    Pool *pool = fixture_create(&f, &config);
    unsigned char *block = pool_alloc(pool, 50 * KIB); /* a run with room for more */
    void *other = pool_alloc(pool, 44 * KIB);
    memset(block, 9, 50 * KIB);
    CHECK_EQ_PTR(pool_realloc(pool, block, 60 * KIB), NULL);
    CHECK_EQ_PTR(pool_realloc(pool, block, 200 * KIB), NULL);
    CHECK_EQ_PTR(pool_realloc(pool, block, SIZE_MAX), NULL);
    CHECK_TRUE(is_filled(block, 9, 50 * KIB));
    pool_free(pool, other);
    CHECK_EQ_PTR(pool_realloc(pool, block, 60 * KIB), block);
    pool_free(pool, block);
    fixture_close(&f);
}

/* --- refused frees ------------------------------------------------------------------------------------------------ */

static void test_free_of_null_does_nothing(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    CHECK_STATUS(pool_free(pool, NULL), CORRAL_OK);
    CHECK_EQ_U64(fixture_stats(&f).frees, 0);
    fixture_close(&f);
}

/* With a neighbour (the span stays) and alone (the span, or the region's only block, is gone). */
static void test_double_free_is_refused_at_every_size(void) {
    static const size_t sizes[] = {1, 64, 1000, 4096, 32768, 32769, 65536, 400000, 600000, 5000000};
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    size_t refused = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        void *neighbour = pool_alloc(pool, sizes[i]);
        void *block = pool_alloc(pool, sizes[i]);
        CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
        CHECK_STATUS(pool_free(pool, block), CORRAL_DOUBLE_FREE);
        CHECK_STATUS(pool_free(pool, neighbour), CORRAL_OK);
        CHECK_STATUS(pool_free(pool, neighbour), CORRAL_DOUBLE_FREE);
        refused += 2;
    }
    CHECK_EQ_U64(fixture_stats(&f).refused_frees, refused);
    CHECK_EQ_U64(fixture_stats(&f).frees, refused);
    CHECK_EQ_U64(f.reports, refused);
    fixture_close(&f);
}

static void test_foreign_pointer_is_refused(void) {
    PoolFixture f;
    PoolFixture other;
    Pool *pool = fixture_default(&f);
    fixture_default(&other);
    void *theirs = pool_alloc(other.pool, 64);
    CHECK_STATUS(pool_free(pool, theirs), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(pool_free(pool, &f), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(pool_free(pool, pool), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(pool_free(pool, (void *)(uintptr_t)1), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(pool_free(pool, (void *)UINTPTR_MAX), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(pool_free(other.pool, theirs), CORRAL_OK);
    CHECK_EQ_U64(fixture_stats(&f).refused_frees, 5);
    fixture_close(&other);
    fixture_close(&f);
}

static void test_interior_pointer_is_refused(void) {
    static const size_t sizes[] = {16, 112, 5120, 40000, 300000, 600000, 3000000};
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *block = pool_alloc(pool, sizes[i]);
        memset(block, 3, sizes[i]);
        CHECK_STATUS(pool_free(pool, block + 1), CORRAL_FOREIGN_POINTER);
        CHECK_STATUS(pool_free(pool, block + 8), CORRAL_FOREIGN_POINTER);
        CHECK_STATUS(pool_free(pool, block + sizes[i] - 1), CORRAL_FOREIGN_POINTER);
        CHECK_STATUS(pool_free(pool, block + sizes[i] / 2 + 1), CORRAL_FOREIGN_POINTER);
        CHECK_TRUE(is_filled(block, 3, sizes[i]));
        CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    }
    fixture_close(&f);
}

static void test_report_names_the_mistake(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.name = "parser";
    Pool *pool = fixture_create(&f, &config);
    char *neighbour = pool_alloc(pool, 60);
    char *block = pool_alloc(pool, 60);
    char expected[256];
    pool_free(pool, block);
    pool_free(pool, block);
    snprintf(expected, sizeof expected,
             "corral: refused free: reason=double-free address=0x%llx block_size=64 pool=parser",
             (unsigned long long)(uintptr_t)block);
    CHECK_STR(f.report, expected);
    pool_free(pool, neighbour + 16);
    snprintf(expected, sizeof expected,
             "corral: refused free: reason=interior-pointer address=0x%llx block_size=64 pool=parser",
             (unsigned long long)(uintptr_t)(neighbour + 16));
    CHECK_STR(f.report, expected);
    pool_free(pool, (void *)(uintptr_t)0x10);
    CHECK_STR(f.report, "corral: refused free: reason=foreign-pointer address=0x10 pool=parser");
    fixture_close(&f);
}

static void test_refused_frees_need_no_report(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.report = NULL;
    Pool *pool = fixture_create(&f, &config);
    CHECK_STATUS(pool_free(pool, &f), CORRAL_FOREIGN_POINTER);
    fixture_close(&f);
}

/* --- limit and statistics ----------------------------------------------------------------------------------------- */

static void test_limit_counts_usable_bytes(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.limit = 1024;
    Pool *pool = fixture_create(&f, &config);
    void *blocks[8];
    for (size_t i = 0; i < 8; i++) {
        CHECK_STATUS(pool_acquire(pool, 120, 16, &blocks[i]), CORRAL_OK); /* 128 usable */
    }
    size_t calls = f.pages.reserve_calls;
    void *none;
    CHECK_STATUS(pool_acquire(pool, 1, 16, &none), CORRAL_LIMIT_REACHED);
    CHECK_STATUS(pool_acquire(pool, 5 * MIB, 16, &none), CORRAL_LIMIT_REACHED);
    CHECK_EQ_U64(f.pages.reserve_calls, calls);
    CHECK_STATUS(pool_free(pool, blocks[3]), CORRAL_OK);
    CHECK_STATUS(pool_acquire(pool, 128, 16, &blocks[3]), CORRAL_OK);
    PoolStats stats = fixture_stats(&f);
    CHECK_EQ_U64(stats.limit, 1024);
    CHECK_EQ_U64(stats.in_use, 1024);
    CHECK_EQ_U64(stats.failures, 2);
    fixture_close(&f);
}

static void test_peak_is_the_largest_so_far(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    void *small = pool_alloc(pool, 64);
    void *large = pool_alloc(pool, 3 * MIB);
    uint64_t reserved = fixture_stats(&f).reserved;
    pool_free(pool, large);
    pool_free(pool, small);
    pool_trim(pool, 0);
    small = pool_alloc(pool, 128);
    PoolStats stats = fixture_stats(&f);
    CHECK_EQ_U64(stats.peak_in_use, 3 * MIB + 64);
    CHECK_EQ_U64(stats.peak_reserved, reserved);
    CHECK_EQ_U64(stats.peak_reserved, f.pages.peak_bytes);
    CHECK_EQ_U64(stats.in_use, 128);
    CHECK_EQ_U64(stats.allocations, 3);
    CHECK_EQ_U64(stats.frees, 2);
    fixture_close(&f);
}

static void test_new_pool_is_empty(void) {
    PoolFixture f;
    fixture_default(&f);
    PoolStats stats = fixture_stats(&f);
    CHECK_EQ_U64(
        stats.in_use + stats.free_bytes + stats.regions + stats.live_blocks + stats.allocations + stats.failures, 0);
    CHECK_EQ_U64(stats.limit, UINT64_MAX);
    CHECK_EQ_U64(stats.reserved, stats.metadata);
    CHECK_EQ_U64(f.pages.reserve_calls, 1);
    fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_small_blocks_waste_at_most_an_eighth), TEST_CASE(test_size_classes_are_ordered_and_tight),
          TEST_CASE(test_spans_leave_at_most_a_sixteenth),
          TEST_CASE(test_blocks_of_every_class_are_aligned_and_disjoint), TEST_CASE(test_freed_slots_are_taken_again),
          TEST_CASE(test_chunk_sizes_cost_nothing_at_cache_line_alignment),
          TEST_CASE(test_every_alignment_is_kept_at_every_size), TEST_CASE(test_bad_alignment_is_refused),
          TEST_CASE(test_zero_bytes_is_a_block_of_its_own),
          TEST_CASE(test_sizes_that_cannot_be_represented_fail_cleanly), TEST_CASE(test_calloc_zeroes_recycled_memory),
          TEST_CASE(test_calloc_refuses_a_product_that_overflows), TEST_CASE(test_strdup_copies),
          TEST_CASE(test_usable_size_is_zero_for_what_is_no_block), TEST_CASE(test_realloc_keeps_the_contents),
          TEST_CASE(test_realloc_stays_in_place_where_the_size_fits),
          TEST_CASE(test_realloc_shrinks_to_give_memory_back), TEST_CASE(test_realloc_of_what_is_no_block_fails),
          TEST_CASE(test_realloc_that_fails_leaves_the_block), TEST_CASE(test_free_of_null_does_nothing),
          TEST_CASE(test_double_free_is_refused_at_every_size), TEST_CASE(test_foreign_pointer_is_refused),
          TEST_CASE(test_interior_pointer_is_refused), TEST_CASE(test_report_names_the_mistake),
          TEST_CASE(test_refused_frees_need_no_report), TEST_CASE(test_limit_counts_usable_bytes),
          TEST_CASE(test_peak_is_the_largest_so_far), TEST_CASE(test_new_pool_is_empty))
