/* SPDX-License-Identifier: Apache-2.0
 * pages_huge_test.c - huge pages, on machines with and without them. */
#include "support/mappings.h"
#include "support/source_checks.h"
#include "support/test.h"

static const HugePages ways[] = {HUGE_PAGES_ADVISED, HUGE_PAGES_PREFERRED, HUGE_PAGES_REQUIRED};
enum { WAYS = sizeof ways / sizeof ways[0] };

static bool is_explicit(const void *pages) {
    return mapping_has_flag(pages, "ht");
}

static bool is_advised(const void *pages) {
    return mapping_has_flag(pages, "hg");
}

/* The kernel's pool is empty on most machines: REQUIRED is refused then, with the reason. */
static PageSource *huge_source(HugePages how) {
    PageSourceError error;
    PageSource *source = page_source_huge_pages(how, &error);
    if (how == HUGE_PAGES_REQUIRED && source == NULL) {
        source_is_refused(source, &error, CORRAL_NOT_SUPPORTED, "huge_page_bytes=");
        return NULL;
    }
    source_is_made(source, &error);
    return source;
}

static void test_huge_pages_are_a_page_source_in_every_way(void) {
    for (size_t i = 0; i < WAYS; i++) {
        PageSource *source = huge_source(ways[i]);
        if (source != NULL) {
            CHECK_TRUE(!source->exposed);
            check_source(source, 4 * MIB);
            check_pool_on(source);
            page_source_close(source);
        }
    }
}

static void test_regions_are_whole_huge_pages(void) {
    PageSource *source = huge_source(HUGE_PAGES_PREFERRED);
    REQUIRE_TRUE(source != NULL);
    CHECK_TRUE(source->region_size >= 64 * KIB && (source->region_size & (source->region_size - 1)) == 0);
    void *pages = source_take(source, source->region_size, source->page_size);
    REQUIRE_TRUE(pages != NULL);
    CHECK_EQ_U64((uintptr_t)pages % source->region_size, 0);
    source_give(source, pages, source->region_size);
    page_source_close(source);
}

static void test_ordinary_pages_are_advised(void) {
    PageSource *source = huge_source(HUGE_PAGES_ADVISED);
    REQUIRE_TRUE(source != NULL);
    void *large = source_take(source, source->region_size, source->page_size);
    void *small = source_take(source, source->page_size, source->page_size);
    REQUIRE_TRUE(large != NULL && small != NULL);
    FILE *knows = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "r");
    if (knows != NULL) {
        CHECK_TRUE(is_advised(large));
        CHECK_FALSE(is_advised(small));
        fclose(knows);
    } else {
        test_skip("this kernel has no transparent huge pages");
    }
    source_give(source, large, source->region_size);
    source_give(source, small, source->page_size);
    page_source_close(source);
}

/* What the kernel's pool has not is served all the same: the number of pages in it does not matter. */
static void test_preferred_falls_back_to_advised(void) {
    enum { RESERVATIONS = 64 };
    PageSource *source = huge_source(HUGE_PAGES_PREFERRED);
    REQUIRE_TRUE(source != NULL);
    void *pages[RESERVATIONS];
    size_t explicit_ones = 0;
    for (size_t i = 0; i < RESERVATIONS; i++) {
        pages[i] = source->reserve(source->context, source->region_size, source->region_size);
        REQUIRE_TRUE(pages[i] != NULL);
        *(char *)pages[i] = 1;
        explicit_ones += is_explicit(pages[i]);
    }
    printf("%zu of %d from the kernel's pool ", explicit_ones, RESERVATIONS);
    for (size_t i = 0; i < RESERVATIONS; i++) {
        CHECK_TRUE(source->discard(source->context, pages[i], source->region_size) != is_explicit(pages[i]));
        source_give(source, pages[i], source->region_size);
    }
    page_source_close(source);
}

static void test_required_never_falls_back(void) {
    enum { RESERVATIONS = 64 };
    PageSource *source = huge_source(HUGE_PAGES_REQUIRED);
    if (source == NULL) {
        test_skip("the kernel's pool of huge pages is empty");
        return;
    }
    void *pages[RESERVATIONS];
    size_t count = 0;
    while (count < RESERVATIONS && (pages[count] = source_take(source, source->region_size + 4096, 4096)) != NULL) {
        CHECK_TRUE(is_explicit(pages[count]));
        count++;
    }
    CHECK_TRUE(count != 0);
    for (size_t i = 0; i < count; i++) {
        source_give(source, pages[i], source->region_size + 4096);
    }
    page_source_close(source);
}

/* Sizes that are no multiple of a huge page are released as they were reserved, rounded up or not. */
static void test_every_size_is_given_back_whole(void) {
    for (size_t i = 0; i < WAYS; i++) {
        PageSource *source = huge_source(ways[i]);
        if (source == NULL) {
            continue;
        }
        uint64_t before = mapped_bytes();
        for (size_t bytes = 4096; bytes < 40 * MIB; bytes = bytes * 5 / 3 / 4096 * 4096 + 4096) {
            char *pages = source->reserve(source->context, bytes, 4096);
            if (pages != NULL) { /* REQUIRED may have come to its end */
                pages[bytes - 1] = 1;
                source_give(source, pages, bytes);
            }
        }
        CHECK_LE_U64(mapped_bytes(), before + MIB); /* the tools that watch the test may map a little */
        page_source_close(source);
    }
}

static void test_other_ways_are_refused(void) {
    PageSourceError error;
    source_is_refused(page_source_huge_pages((HugePages)3, &error), &error, CORRAL_INVALID_ARGUMENT, "how=3");
    PageSource *source = huge_source(HUGE_PAGES_ADVISED);
    REQUIRE_TRUE(source != NULL);
    CHECK_EQ_PTR(source->reserve(source->context, SIZE_MAX - 4095, 4096), NULL);
    CHECK_EQ_PTR(source->reserve(source->context, (SIZE_MAX >> 1) + 1, 4096), NULL);
    page_source_close(source);
}

TEST_MAIN(TEST_CASE(test_huge_pages_are_a_page_source_in_every_way), TEST_CASE(test_regions_are_whole_huge_pages),
          TEST_CASE(test_ordinary_pages_are_advised), TEST_CASE(test_preferred_falls_back_to_advised),
          TEST_CASE(test_required_never_falls_back), TEST_CASE(test_every_size_is_given_back_whole),
          TEST_CASE(test_other_ways_are_refused))
