/* SPDX-License-Identifier: Apache-2.0
 * pages_test.c - the operating system's page source, and the fake one that the other tests stand on. */
#include <string.h>

#include "base/align.h"
#include "corral/page_source.h"
#include "support/fake_pages.h"
#include "support/mappings.h"
#include "support/test.h"
#include "support/threads.h"

#define ALIGNMENT_MAX ((size_t)1 << 30)

/* --- the operating system ----------------------------------------------------------------------------------------- */

static void test_system_table_is_complete(void) {
    const PageSource *source = page_source_system();
    CHECK_STR(source->name, "system");
    CHECK_TRUE(is_power_of_two(source->page_size));
    CHECK_TRUE(source->reserve != NULL && source->release != NULL);
    CHECK_EQ_PTR(page_source_system(), source);
}

static bool is_zero(const unsigned char *bytes, size_t count) {
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0;
}

static void check_reservation(const PageSource *source, size_t bytes, size_t alignment) {
    unsigned char *pages = source->reserve(source->context, bytes, alignment);
    REQUIRE_TRUE(pages != NULL);
    CHECK_EQ_U64((uintptr_t)pages % alignment, 0);
    CHECK_TRUE(is_zero(pages, source->page_size));
    CHECK_TRUE(is_zero(pages + bytes - source->page_size, source->page_size));
    pages[0] = 1;
    pages[bytes - 1] = 1;
    CHECK_TRUE(source->release(source->context, pages, bytes));
}

static void test_system_reserves_at_every_alignment(void) {
    const PageSource *source = page_source_system();
    for (size_t alignment = source->page_size; alignment <= ALIGNMENT_MAX; alignment *= 2) {
        check_reservation(source, source->page_size, alignment);
        check_reservation(source, source->page_size * 3, alignment);
    }
}

/* An odd page before each reservation moves the next one off its alignment, so that the ends must be cut off. */
static void test_system_aligns_where_the_first_address_does_not_fit(void) {
    const PageSource *source = page_source_system();
    size_t bytes = (size_t)1 << 20;
    void *odd[16];
    void *regions[16];
    for (size_t i = 0; i < 16; i++) {
        odd[i] = source->reserve(source->context, source->page_size, source->page_size);
        regions[i] = source->reserve(source->context, bytes, bytes);
        REQUIRE_TRUE(odd[i] != NULL && regions[i] != NULL);
        CHECK_EQ_U64((uintptr_t)regions[i] % bytes, 0);
        memset(regions[i], 0xA5, bytes);
    }
    for (size_t i = 0; i < 16; i++) {
        CHECK_TRUE(source->release(source->context, regions[i], bytes));
        CHECK_TRUE(source->release(source->context, odd[i], source->page_size));
    }
}

static void test_system_keeps_nothing_of_what_it_cut_off(void) {
    const PageSource *source = page_source_system();
    uint64_t before = mapped_bytes();
    if (before == 0) {
        test_skip("no /proc/self/maps");
        return;
    }
    for (int i = 0; i < 64; i++) {
        void *odd = source->reserve(source->context, source->page_size, source->page_size);
        void *pages = source->reserve(source->context, source->page_size, ALIGNMENT_MAX);
        REQUIRE_TRUE(odd != NULL && pages != NULL);
        CHECK_TRUE(source->release(source->context, pages, source->page_size));
        CHECK_TRUE(source->release(source->context, odd, source->page_size));
    }
    CHECK_LE_U64(mapped_bytes(), before + ALIGNMENT_MAX / 2); /* the tools that watch the test may map a little */
}

static void test_system_fails_cleanly_when_too_much_is_asked(void) {
    const PageSource *source = page_source_system();
    size_t huge = SIZE_MAX & ~(source->page_size - 1);
    CHECK_EQ_PTR(source->reserve(source->context, huge, source->page_size), NULL);
    CHECK_EQ_PTR(source->reserve(source->context, huge, ALIGNMENT_MAX), NULL);
    CHECK_EQ_PTR(source->reserve(source->context, (SIZE_MAX >> 1) + 1, ALIGNMENT_MAX), NULL);
}

static void test_system_memory_is_zero_again_after_release(void) {
    const PageSource *source = page_source_system();
    size_t bytes = source->page_size * 16;
    for (int round = 0; round < 8; round++) {
        unsigned char *pages = source->reserve(source->context, bytes, source->page_size);
        REQUIRE_TRUE(pages != NULL);
        CHECK_TRUE(is_zero(pages, bytes));
        memset(pages, 0xFF, bytes);
        CHECK_TRUE(source->release(source->context, pages, bytes));
    }
}

static void test_system_memory_is_zero_and_mapped_after_discard(void) {
    const PageSource *source = page_source_system();
    if (source->discard == NULL) {
        test_skip("this system cannot discard");
        return;
    }
    size_t bytes = source->page_size * 16;
    unsigned char *pages = source->reserve(source->context, bytes, source->page_size);
    REQUIRE_TRUE(pages != NULL);
    for (int round = 0; round < 3; round++) {
        memset(pages, 0xFF, bytes);
        CHECK_TRUE(source->discard(source->context, pages, bytes));
        CHECK_TRUE(is_zero(pages, bytes));
    }
    CHECK_TRUE(source->release(source->context, pages, bytes));
}

static void *reserve_and_release(void *context) {
    (void)context;
    const PageSource *source = page_source_system();
    for (size_t i = 0; i < test_scaled(200); i++) {
        check_reservation(source, source->page_size * 2, (size_t)1 << 18);
    }
    return NULL;
}

static void test_system_may_be_used_by_all_threads(void) {
    char contexts[4] = {0};
    run_threads(4, reserve_and_release, contexts, 1);
}

/* --- the fake ----------------------------------------------------------------------------------------------------- */

static void *fake_take(FakePages *fake, size_t bytes) {
    return fake->source.reserve(fake->source.context, bytes, 4096);
}

static void fake_give(FakePages *fake, void *pages, size_t bytes) {
    CHECK_TRUE(fake->source.release(fake->source.context, pages, bytes));
}

static void test_fake_counts_and_zeroes(void) {
    FakePages fake;
    fake_pages_open(&fake);
    for (int round = 0; round < 4; round++) {
        unsigned char *pages = fake.source.reserve(fake.source.context, 8192, 65536);
        REQUIRE_TRUE(pages != NULL);
        CHECK_EQ_U64((uintptr_t)pages % 65536, 0);
        CHECK_TRUE(is_zero(pages, 8192));
        memset(pages, 0xFF, 8192);
        CHECK_EQ_U64(fake_pages_live(&fake), 8192);
        fake_give(&fake, pages, 8192);
    }
    CHECK_EQ_U64(fake.reserve_calls, 4);
    CHECK_EQ_U64(fake.release_calls, 4);
    CHECK_EQ_U64(fake.peak_bytes, 8192);
    fake_pages_close(&fake);
}

static void test_fake_fails_the_call_it_is_told_to(void) {
    FakePages fake;
    fake_pages_open(&fake);
    fake.fail_at = 2;
    void *first = fake_take(&fake, 4096);
    CHECK_TRUE(first != NULL);
    CHECK_EQ_PTR(fake_take(&fake, 4096), NULL);
    void *third = fake_take(&fake, 4096);
    CHECK_TRUE(third != NULL);
    fake.fail_from = true;
    CHECK_EQ_PTR(fake_take(&fake, 4096), NULL);
    fake_give(&fake, first, 4096);
    fake_give(&fake, third, 4096);
    fake_pages_close(&fake);
}

static void test_fake_discards_unless_told_not_to(void) {
    FakePages fake;
    fake_pages_open(&fake);
    unsigned char *pages = fake_take(&fake, 8192);
    REQUIRE_TRUE(pages != NULL);
    memset(pages, 0xFF, 8192);
    fake.refuse_discard = true;
    CHECK_FALSE(fake.source.discard(fake.source.context, pages, 8192));
    CHECK_EQ_U64(pages[8191], 0xFF);
    fake.refuse_discard = false;
    CHECK_TRUE(fake.source.discard(fake.source.context, pages, 8192));
    CHECK_TRUE(is_zero(pages, 8192));
    CHECK_EQ_U64(fake.discard_calls, 2);
    CHECK_EQ_U64(fake.discarded_bytes, 8192);
    CHECK_EQ_U64(fake_pages_live(&fake), 8192);
    fake_give(&fake, pages, 8192);
    fake_pages_close(&fake);
}

static void test_fake_limits_bytes(void) {
    FakePages fake;
    fake_pages_open(&fake);
    fake.byte_limit = 12288;
    void *first = fake_take(&fake, 8192);
    CHECK_EQ_PTR(fake_take(&fake, 8192), NULL);
    void *second = fake_take(&fake, 4096);
    CHECK_TRUE(first != NULL && second != NULL);
    fake_give(&fake, first, 8192);
    fake_give(&fake, second, 4096);
    fake_pages_close(&fake);
}

/* Needs three reservations and gives up at the first that fails. */
static bool three_reservations(FakePages *fake, void *context) {
    size_t *runs = context;
    ++*runs;
    void *pages[3] = {NULL, NULL, NULL};
    bool complete = true;
    for (size_t i = 0; i < 3 && complete; i++) {
        pages[i] = fake_take(fake, 4096);
        complete = pages[i] != NULL;
    }
    for (size_t i = 0; i < 3; i++) {
        if (pages[i] != NULL) {
            fake_give(fake, pages[i], 4096);
        }
    }
    return complete;
}

static void test_failing_pages_are_tried_one_by_one(void) {
    size_t runs = 0;
    CHECK_EQ_U64(for_each_failing_page(three_reservations, &runs), 8); /* two modes: calls 1, 2, 3, and none */
    CHECK_EQ_U64(runs, 8);
}

TEST_MAIN(TEST_CASE(test_system_table_is_complete), TEST_CASE(test_system_reserves_at_every_alignment),
          TEST_CASE(test_system_aligns_where_the_first_address_does_not_fit),
          TEST_CASE(test_system_keeps_nothing_of_what_it_cut_off),
          TEST_CASE(test_system_fails_cleanly_when_too_much_is_asked),
          TEST_CASE(test_system_memory_is_zero_again_after_release),
          TEST_CASE(test_system_memory_is_zero_and_mapped_after_discard),
          TEST_CASE(test_system_may_be_used_by_all_threads), TEST_CASE(test_fake_counts_and_zeroes),
          TEST_CASE(test_fake_fails_the_call_it_is_told_to), TEST_CASE(test_fake_discards_unless_told_not_to),
          TEST_CASE(test_fake_limits_bytes), TEST_CASE(test_failing_pages_are_tried_one_by_one))
