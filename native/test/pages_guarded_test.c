/* SPDX-License-Identifier: Apache-2.0
 * pages_guarded_test.c - a child that touches a guard page has to die of it. */
#define _GNU_SOURCE /* fork */

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/mappings.h"
#include "support/source_checks.h"
#include "support/test.h"

static PageSource *guarded_source(void) {
    PageSourceError error;
    PageSource *source = page_source_guarded(&error);
    source_is_made(source, &error);
    return source;
}

static void test_guarded_pages_are_a_page_source(void) {
    PageSource *source = guarded_source();
    REQUIRE_TRUE(source != NULL);
    check_source(source, 4 * MIB);
    check_pool_on(source);
    CHECK_EQ_PTR(source->reserve(source->context, SIZE_MAX - 4095, 4096), NULL);
    CHECK_EQ_PTR(source->reserve(source->context, (SIZE_MAX >> 1) + 1, (SIZE_MAX >> 1) + 1), NULL);
    page_source_close(source);
}

static void test_guards_go_with_their_pages(void) {
    PageSource *source = guarded_source();
    REQUIRE_TRUE(source != NULL);
    uint64_t before = mapped_bytes();
    for (int i = 0; i < 64; i++) {
        void *pages = source_take(source, 12288, MIB);
        REQUIRE_TRUE(pages != NULL);
        source_give(source, pages, 12288);
    }
    CHECK_LE_U64(mapped_bytes(), before + MIB / 2);
    page_source_close(source);
}

/* The signal that a child gets for reading this byte; 0: none. */
static int signal_for(const volatile char *byte) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL); /* tools that watch the test have handlers that end with an exit code */
        signal(SIGBUS, SIG_DFL);
        char read = *byte;
        _exit(read == 1 ? 1 : 0);
    }
    int status = 0;
    CHECK_TRUE(child > 0 && waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static bool is_guard(const char *byte) {
    int caught = signal_for(byte);
    return caught == SIGSEGV || caught == SIGBUS;
}

static void test_both_ends_are_guarded(void) {
    PageSource *source = guarded_source();
    REQUIRE_TRUE(source != NULL);
    size_t page = source->page_size;
    char *pages = source_take(source, 5 * page, 64 * KIB);
    REQUIRE_TRUE(pages != NULL);
    CHECK_FALSE(is_guard(pages));
    CHECK_FALSE(is_guard(pages + 5 * page - 1));
    CHECK_TRUE(is_guard(pages - 1));
    CHECK_TRUE(is_guard(pages - page));
    CHECK_TRUE(is_guard(pages + 5 * page));
    CHECK_TRUE(is_guard(pages + 6 * page - 1));
    source_give(source, pages, 5 * page);
    page_source_close(source);
}

/* Blocks above 32 KiB have a region of their own, which ends where its last page ends. */
static void test_large_blocks_of_a_pool_are_guarded(void) {
    PageSource *source = guarded_source();
    REQUIRE_TRUE(source != NULL);
    PoolConfig config = pool_config_default();
    config.source = source;
    Pool *pool = pool_create_with(&config);
    REQUIRE_TRUE(pool != NULL);
    static const size_t sizes[] = {40 * KIB, 64 * KIB, 100 * KIB, 5 * MIB};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *block = pool_alloc(pool, sizes[i]);
        REQUIRE_TRUE(block != NULL);
        size_t usable = pool_usable_size(pool, block);
        CHECK_FALSE(is_guard(block + usable - 1));
        CHECK_TRUE(is_guard(block + usable));
        CHECK_TRUE(is_guard(block - 1));
    }
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    page_source_close(source);
}

TEST_MAIN(TEST_CASE(test_guarded_pages_are_a_page_source), TEST_CASE(test_guards_go_with_their_pages),
          TEST_CASE(test_both_ends_are_guarded), TEST_CASE(test_large_blocks_of_a_pool_are_guarded))
