/* SPDX-License-Identifier: Apache-2.0
 * pages_file_test.c - memory in a file: with and without a name, and on a disk that is full. */
#define _GNU_SOURCE

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/mappings.h"
#include "support/source_checks.h"
#include "support/test.h"
#include "support/threads.h"

static const char *directory(void) {
    const char *configured = getenv("TMPDIR");
    return configured != NULL ? configured : "/tmp";
}

/* A name in the directory that nobody has; valid until the next call. */
static const char *new_name(void) {
    static char name[512];
    static int count;
    snprintf(name, sizeof name, "%s/corral-test-%d-%d", directory(), (int)getpid(), count++);
    return name;
}

static bool exists(const char *name) {
    struct stat status;
    return lstat(name, &status) == 0;
}

static uint64_t room_in(const char *name) {
    struct stat status;
    return CHECK_TRUE(stat(name, &status) == 0) ? (uint64_t)status.st_blocks * 512 : 0;
}

static PageSource *file_source(const char *path, bool keep_name) {
    PageSourceError error;
    PageSource *source = page_source_file(path, keep_name, &error);
    source_is_made(source, &error);
    return source;
}

static void test_file_without_a_name_is_a_page_source(void) {
    PageSource *source = file_source(directory(), false);
    REQUIRE_TRUE(source != NULL);
    CHECK_TRUE(source->exposed);
    check_source(source, 4 * MIB);
    check_pool_on(source);
    page_source_close(source);
}

static void test_file_is_shared_with_its_pages(void) {
    PageSource *source = file_source(directory(), false);
    REQUIRE_TRUE(source != NULL);
    void *pages = source_take(source, MIB, MIB);
    REQUIRE_TRUE(pages != NULL);
    CHECK_TRUE(mapping_has_flag(pages, "sh"));
    source_give(source, pages, MIB);
    page_source_close(source);
}

static void test_file_loses_its_name_at_once(void) {
    const char *name = new_name();
    PageSource *source = file_source(name, false);
    REQUIRE_TRUE(source != NULL);
    CHECK_FALSE(exists(name));
    check_pool_on(source);
    page_source_close(source);
}

static void test_file_keeps_its_name_until_the_last_user(void) {
    const char *name = new_name();
    PageSource *source = file_source(name, true);
    REQUIRE_TRUE(source != NULL);
    PoolConfig config = pool_config_default();
    config.source = source;
    Pool *pool = pool_create_with(&config);
    page_source_close(source);
    CHECK_TRUE(pool_alloc(pool, 100) != NULL);
    CHECK_TRUE(exists(name));
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    CHECK_FALSE(exists(name));
}

static void test_name_of_another_file_is_not_removed(void) {
    const char *name = new_name();
    PageSource *source = file_source(name, true);
    REQUIRE_TRUE(source != NULL);
    CHECK_TRUE(unlink(name) == 0);
    FILE *other = fopen(name, "w");
    REQUIRE_TRUE(other != NULL);
    fclose(other);
    page_source_close(source);
    CHECK_TRUE(exists(name));
    unlink(name);
}

static void test_room_in_the_file_is_taken_and_given_back(void) {
    const char *name = new_name();
    PageSource *source = file_source(name, true);
    REQUIRE_TRUE(source != NULL);
    void *first = source->reserve(source->context, 2 * MIB, MIB);
    void *second = source->reserve(source->context, 3 * MIB, 4096);
    REQUIRE_TRUE(first != NULL && second != NULL);
    CHECK_TRUE(room_in(name) >= 5 * MIB); /* nothing has been written yet */
    source_give(source, first, 2 * MIB);
    CHECK_TRUE(room_in(name) >= 3 * MIB && room_in(name) < 4 * MIB);
    for (int round = 0; round < 20; round++) {
        void *pages = source_take(source, MIB, MIB);
        REQUIRE_TRUE(pages != NULL);
        source_give(source, pages, MIB);
    }
    struct stat status;
    CHECK_TRUE(stat(name, &status) == 0);
    CHECK_LE_U64(status.st_size, 5 * MIB); /* gaps are used again */
    source_give(source, second, 3 * MIB);
    CHECK_LE_U64(room_in(name), MIB / 4);
    page_source_close(source);
}

static void test_discarded_pages_keep_their_room(void) {
    const char *name = new_name();
    PageSource *source = file_source(name, true);
    REQUIRE_TRUE(source != NULL);
    unsigned char *pages = source_take(source, 2 * MIB, MIB);
    REQUIRE_TRUE(pages != NULL);
    if (source->discard(source->context, pages, 2 * MIB)) {
        CHECK_TRUE(is_zero(pages, 2 * MIB));
    } else {
        test_skip("this file system cannot zero a range");
    }
    CHECK_TRUE(room_in(name) >= 2 * MIB);
    CHECK_FALSE(source->discard(source->context, pages + 4096, 4096));
    source_give(source, pages, 2 * MIB);
    CHECK_FALSE(source->release(source->context, pages, 2 * MIB));
    page_source_close(source);
}

static void test_path_that_does_not_work_is_refused(void) {
    PageSourceError error;
    char path[600];
    snprintf(path, sizeof path, "%s/missing/file", new_name());
    source_is_refused(page_source_file(path, false, &error), &error, CORRAL_FILE_REFUSED, "errno=2");
    source_is_refused(page_source_file("", false, &error), &error, CORRAL_FILE_REFUSED, "file= errno=2");
    source_is_refused(page_source_file(NULL, false, &error), &error, CORRAL_INVALID_ARGUMENT, "file=NULL");
    source_is_refused(page_source_file("/proc", false, &error), &error, CORRAL_FILE_REFUSED, "file=/proc");
}

static void test_file_that_exists_is_not_overwritten(void) {
    const char *name = new_name();
    FILE *file = fopen(name, "w");
    REQUIRE_TRUE(file != NULL);
    fputs("precious", file);
    fclose(file);
    PageSourceError error;
    source_is_refused(page_source_file(name, false, &error), &error, CORRAL_FILE_REFUSED, "errno=17");
    CHECK_EQ_U64(room_in(name) != 0, 1);
    unlink(name);
}

/* The largest file that this process may write stands for a disk that is full: the answer comes when room is asked
 * for, and what was reserved before can still be written. */
static void test_full_disk_fails_the_reservation(void) {
    PageSource *source = file_source(directory(), false);
    REQUIRE_TRUE(source != NULL);
    struct rlimit before;
    REQUIRE_TRUE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    struct rlimit low = {.rlim_cur = 4 * MIB, .rlim_max = before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    REQUIRE_TRUE(setrlimit(RLIMIT_FSIZE, &low) == 0);
    unsigned char *first = source_take(source, 3 * MIB, MIB);
    CHECK_EQ_PTR(source->reserve(source->context, 2 * MIB, MIB), NULL);
    unsigned char *second = source_take(source, MIB, MIB);
    CHECK_EQ_PTR(source->reserve(source->context, 4096, 4096), NULL);
    CHECK_TRUE(setrlimit(RLIMIT_FSIZE, &before) == 0);
    signal(SIGXFSZ, handler);
    REQUIRE_TRUE(first != NULL && second != NULL);
    memset(first, 1, 3 * MIB);
    memset(second, 2, MIB);
    CHECK_EQ_U64(first[3 * MIB - 1], 1);
    void *third = source_take(source, 2 * MIB, MIB);
    REQUIRE_TRUE(third != NULL);
    source_give(source, third, 2 * MIB);
    source_give(source, first, 3 * MIB);
    source_give(source, second, MIB);
    page_source_close(source);
}

static void test_file_is_refused_when_no_more_can_be_open(void) {
    struct rlimit before;
    REQUIRE_TRUE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    struct rlimit low = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    REQUIRE_TRUE(setrlimit(RLIMIT_NOFILE, &low) == 0);
    PageSourceError error;
    PageSource *source = page_source_file(directory(), false, &error);
    CHECK_TRUE(setrlimit(RLIMIT_NOFILE, &before) == 0);
    source_is_refused(source, &error, CORRAL_FILE_REFUSED, "errno=24");
}

static void *pool_on(void *context) {
    check_pool_on(*(PageSource *const *)context);
    return NULL;
}

static void test_file_serves_pools_in_all_threads(void) {
    PageSource *source = file_source(directory(), false);
    REQUIRE_TRUE(source != NULL);
    PageSource *sources[4] = {source, source, source, source};
    run_threads(4, pool_on, sources, sizeof sources[0]);
    page_source_close(source);
}

TEST_MAIN(TEST_CASE(test_file_without_a_name_is_a_page_source), TEST_CASE(test_file_is_shared_with_its_pages),
          TEST_CASE(test_file_loses_its_name_at_once), TEST_CASE(test_file_keeps_its_name_until_the_last_user),
          TEST_CASE(test_name_of_another_file_is_not_removed), TEST_CASE(test_room_in_the_file_is_taken_and_given_back),
          TEST_CASE(test_discarded_pages_keep_their_room), TEST_CASE(test_path_that_does_not_work_is_refused),
          TEST_CASE(test_file_that_exists_is_not_overwritten), TEST_CASE(test_full_disk_fails_the_reservation),
          TEST_CASE(test_file_is_refused_when_no_more_can_be_open), TEST_CASE(test_file_serves_pools_in_all_threads))
