/* SPDX-License-Identifier: Apache-2.0
 * mapped_files_test.c - the names, links, leftovers, devices and full disks that a sealed file can meet. */
#define _GNU_SOURCE

#include "support/mapped_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "corral/page_sources.h"
#include "support/test.h"

/* The path of a file in the directory of the fixture; the next call overwrites it. */
static const char *path_of(const MappedFixture *f, const char *name) {
    static char path[sizeof f->directory + 300];
    snprintf(path, sizeof path, "%s/%s", f->directory, name);
    return path;
}

static void seal_list(MappedFixture *f, size_t count) {
    CHECK_STATUS(mapped_fixture_seal(f, os_files(), mapped_list(f->arena, 1, count)), CORRAL_OK);
}

/* The length of the list in a file; 0, and a failure, when it cannot be opened. */
static size_t length_in(MappedFixture *f, const char *path) {
    MappedArena *mapped = mapped_open_with(os_files(), &f->base.base.pages.source, path, MAPPED_SHARED, &f->error);
    if (!CHECK_TRUE(mapped != NULL)) {
        printf("        %s\n", f->error.text);
        return 0;
    }
    size_t length = mapped_list_length(mapped, 1);
    CHECK_STATUS(mapped_close(mapped), CORRAL_OK);
    return length;
}

/* Waits for a child that has run a part of the test: its failures count here. */
static int outcome_of(pid_t child) {
    int how = 0;
    CHECK_TRUE(waitpid(child, &how, 0) == child);
    CHECK_TRUE(WIFEXITED(how) && (WEXITSTATUS(how) == 0 || WEXITSTATUS(how) == 77));
    return WIFEXITED(how) ? WEXITSTATUS(how) : -1;
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static void test_mapped_longest_name_can_be_sealed(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    size_t start = strlen(f.directory) + 1;
    memset(f.path + start, 'n', sizeof f.path - start);
    f.path[start + 255 < sizeof f.path ? start + 255 : sizeof f.path - 1] = '\0';
    CHECK_LE_U64(231, strlen(f.path + start));
    seal_list(&f, 10);
    seal_list(&f, 20);
    CHECK_EQ_U64(length_in(&f, f.path), 20);
    CHECK_EQ_U64(mapped_files_left(&f), 1);
    mapped_fixture_close(&f);
}

static void test_mapped_empty_names_are_refused(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    CHECK_STATUS(mapped_seal(f.arena, "", NULL, &f.error), CORRAL_FILE_REFUSED);
    CHECK_TRUE(strstr(f.error.text, "errno=2 ") != NULL);
    CHECK_TRUE(mapped_open("", MAPPED_SHARED, &f.error) == NULL);
    CHECK_STATUS(f.error.status, CORRAL_FILE_REFUSED);
    CHECK_STATUS(mapped_seal(f.arena, path_of(&f, "none/"), NULL, &f.error), CORRAL_FILE_REFUSED);
    CHECK_EQ_U64(mapped_files_left(&f), 0);
    mapped_fixture_close(&f);
}

static void test_mapped_names_may_have_any_bytes(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    snprintf(f.path, sizeof f.path, "%s", path_of(&f, "\xFF\xFE \n\x80"));
    seal_list(&f, 10);
    CHECK_EQ_U64(length_in(&f, f.path), 10);
    mapped_fixture_close(&f);
}

static void test_mapped_links_are_followed(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    char file[sizeof f.path];
    snprintf(file, sizeof file, "%s", f.path);
    CHECK_TRUE(mkdir(path_of(&f, "linked"), 0700) == 0);
    char link[sizeof f.directory + 300];
    snprintf(link, sizeof link, "%s", path_of(&f, "linked/link"));
    CHECK_TRUE(symlink("../chain", link) == 0); /* where there is nothing yet */
    CHECK_TRUE(symlink(file, path_of(&f, "chain")) == 0);
    for (size_t count = 10; count <= 20; count += 10) {
        MappedSeal seal = {.root = mapped_list(f.arena, 1, count)};
        CHECK_STATUS(mapped_seal(f.arena, link, &seal, &f.error), CORRAL_OK);
        struct stat status;
        CHECK_TRUE(lstat(link, &status) == 0 && S_ISLNK(status.st_mode));
        CHECK_TRUE(lstat(file, &status) == 0 && S_ISREG(status.st_mode));
        CHECK_EQ_U64(length_in(&f, link), count);
        CHECK_EQ_U64(length_in(&f, file), count);
    }
    CHECK_EQ_U64(mapped_files_left(&f), 3);
    CHECK_TRUE(unlink(link) == 0 && symlink("link", link) == 0);
    CHECK_STATUS(mapped_seal(f.arena, link, NULL, &f.error), CORRAL_FILE_REFUSED); /* it leads to itself */
    CHECK_TRUE(unlink(link) == 0 && unlink(path_of(&f, "chain")) == 0 && rmdir(path_of(&f, "linked")) == 0);
    mapped_fixture_close(&f);
}

/* --- what killed writers leave ------------------------------------------------------------------------------------ */

/* A file as a writer has it that is at work, or was when it was killed. */
static OsNewFile unfinished(const MappedFixture *f) {
    OsNewFile made;
    CHECK_EQ_I64(os_files()->create(f->path, &made), 0);
    CHECK_EQ_I64(os_files()->write(&made, "half", 4, 0), 0);
    return made;
}

static void test_mapped_next_seal_removes_what_a_killed_writer_left(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    OsNewFile first = unfinished(&f);
    OsNewFile second = unfinished(&f);
    CHECK_TRUE(strcmp(first.name, second.name) != 0);
    seal_list(&f, 10);
    CHECK_EQ_U64(mapped_files_left(&f), 3); /* both are at work */
    os_files()->close(first.file);          /* as the system does when they are killed */
    os_files()->close(second.file);
    seal_list(&f, 20);
    CHECK_EQ_U64(length_in(&f, f.path), 20);
    CHECK_EQ_U64(mapped_files_left(&f), 1);
    OsNewFile busy = unfinished(&f);
    seal_list(&f, 40);
    CHECK_EQ_U64(mapped_files_left(&f), 2);
    os_files()->discard(&busy);
    CHECK_EQ_U64(mapped_files_left(&f), 1);
    mapped_fixture_close(&f);
}

/* They look for what killed ones have left, all the time, and must not take each other for killed. */
static void test_mapped_writers_of_one_file_leave_each_other_alone(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    pid_t children[4];
    for (size_t i = 0; i < 4; i++) {
        children[i] = fork();
        REQUIRE_TRUE(children[i] >= 0);
        for (size_t round = 0; children[i] == 0 && round < 40; round++) {
            arena_reset(f.arena);
            seal_list(&f, 10 + i);
        }
        if (children[i] == 0) {
            _exit(test_failures() == 0 ? 0 : 1);
        }
    }
    for (size_t i = 0; i < 4; i++) {
        CHECK_EQ_I64(outcome_of(children[i]), 0);
    }
    size_t length = length_in(&f, f.path);
    CHECK_TRUE(length >= 10 && length < 14);
    CHECK_EQ_U64(mapped_files_left(&f), 1);
    mapped_fixture_close(&f);
}

static void test_mapped_foreign_files_of_such_names_are_left_alone(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    OsNewFile made = unfinished(&f);
    os_files()->discard(&made);
    CHECK_TRUE(mkfifo(made.name, 0600) == 0); /* opening it must not wait, and it is nobody's unfinished file */
    seal_list(&f, 10);
    CHECK_EQ_U64(mapped_files_left(&f), 2);
    CHECK_TRUE(unlink(made.name) == 0 && symlink(f.path, made.name) == 0);
    seal_list(&f, 20);
    CHECK_EQ_U64(mapped_files_left(&f), 2);
    CHECK_EQ_U64(length_in(&f, f.path), 20);
    CHECK_TRUE(unlink(made.name) == 0);
    mapped_fixture_close(&f);
}

/* --- other machines ----------------------------------------------------------------------------------------------- */

static size_t larger_page(void) {
    return 4 * os_files()->page_size();
}

static void test_mapped_page_size_is_that_of_the_machine(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    OsFiles larger = *os_files();
    larger.page_size = larger_page;
    ArenaRef head = mapped_list(f.arena, 1, 10);
    CHECK_STATUS(mapped_fixture_seal(&f, &larger, head), CORRAL_OK);
    CHECK_REFUSED(&f, CORRAL_FILE_FOREIGN, "page_size=0x4000, this machine has 0x1000");
    MappedArena *mapped = mapped_open_with(&larger, &f.base.base.pages.source, f.path, MAPPED_SHARED, &f.error);
    REQUIRE_TRUE(mapped != NULL);
    MappedInfo info;
    CHECK_STATUS(mapped_info(mapped, &info), CORRAL_OK);
    CHECK_EQ_U64(info.bytes % larger_page(), 0);
    CHECK_EQ_U64(mapped_list_length(mapped, 1), 10);
    CHECK_STATUS(mapped_close(mapped), CORRAL_OK);
    mapped_fixture_close(&f);
}

/* --- while it is open --------------------------------------------------------------------------------------------- */

static void test_mapped_check_tells_what_was_lost(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    seal_list(&f, 1000);
    MappedArena *shared = mapped_fixture_read(&f, MAPPED_SHARED);
    MappedArena *loaded = mapped_fixture_read(&f, MAPPED_LOADED);
    REQUIRE_TRUE(shared != NULL && loaded != NULL);
    CHECK_STATUS(mapped_check(shared, &f.error), CORRAL_OK);
    CHECK_STR(f.error.text, "");
    CHECK_TRUE(truncate(f.path, 4096) == 0);
    CHECK_STATUS(mapped_check(shared, &f.error), CORRAL_FILE_DAMAGED);
    CHECK_STATUS(f.error.status, CORRAL_FILE_DAMAGED);
    CHECK_TRUE(strstr(f.error.text, f.path) != NULL && strstr(f.error.text, "bytes=4096, but it had ") != NULL);
    CHECK_STATUS(mapped_check(shared, NULL), CORRAL_FILE_DAMAGED);
    CHECK_STATUS(mapped_check(loaded, &f.error), CORRAL_OK);
    CHECK_STATUS(mapped_check(NULL, &f.error), CORRAL_INVALID_ARENA);
    CHECK_STATUS(mapped_close(shared), CORRAL_OK);
    CHECK_STATUS(mapped_close(loaded), CORRAL_OK);
    mapped_fixture_close(&f);
}

/* --- what is no file, and what cannot be read or written ---------------------------------------------------------- */

static void test_mapped_devices_and_empty_files_are_refused(void) {
    static const char *const devices[] = {"/dev/zero", "/dev/null", "/dev/full", "/dev/tty", "/proc/self"};
    MappedFixture f;
    mapped_fixture_open(&f);
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        CHECK_TRUE(mapped_open(devices[i], MAPPED_SHARED, &f.error) == NULL);
        CHECK_STATUS(f.error.status, CORRAL_FILE_REFUSED);
        CHECK_TRUE(strstr(f.error.text, devices[i]) != NULL);
        CHECK_STATUS(mapped_seal(f.arena, devices[i], NULL, &f.error), CORRAL_FILE_REFUSED);
    }
    CHECK_TRUE(mapped_open("/proc/self/status", MAPPED_LOADED, &f.error) == NULL); /* a file without a size */
    CHECK_STATUS(f.error.status, CORRAL_FILE_FOREIGN);
    CHECK_TRUE(mkfifo(f.path, 0600) == 0);
    CHECK_STATUS(mapped_seal(f.arena, f.path, NULL, &f.error), CORRAL_FILE_REFUSED);
    CHECK_TRUE(strstr(f.error.text, "no regular file") != NULL);
    CHECK_EQ_U64(mapped_files_left(&f), 1);
    mapped_fixture_close(&f);
}

static void test_mapped_file_that_may_not_be_read_is_refused(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    seal_list(&f, 10);
    CHECK_TRUE(chmod(f.directory, 0711) == 0 && chmod(f.path, 0200) == 0);
    pid_t child = fork();
    REQUIRE_TRUE(child >= 0);
    if (child == 0) {
        bool owner = geteuid() != 0;
        if (!owner && setuid(65534) != 0) { /* root may read everything */
            _exit(77);
        }
        CHECK_REFUSED(&f, CORRAL_FILE_REFUSED, "errno=13 ");
        CHECK_STATUS(mapped_seal(f.arena, f.path, NULL, &f.error), owner ? CORRAL_OK : CORRAL_FILE_REFUSED);
        _exit(test_failures() == 0 ? 0 : 1);
    }
    if (outcome_of(child) == 77) {
        printf(" [root cannot become another user here: not run] ");
    }
    mapped_fixture_close(&f);
}

/* In a name space of its own, a file system of 4 MiB in the directory; false when the system does not allow it. */
static bool mount_small(const char *directory) {
    if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
        return false;
    }
    return mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("corral", directory, "tmpfs", 0, "size=4194304") == 0;
}

/* Builds an arena in a file that grows beside the sealed one until the disk is full. */
static void build_until_full(MappedFixture *f) {
    PageSource *source = page_source_file(f->directory, false, NULL);
    PoolConfig config = pool_config_default();
    config.source = source;
    Pool *pool = pool_create_with(&config);
    page_source_close(source);
    Arena *arena = arena_create_default(pool);
    if (!CHECK_TRUE(arena != NULL)) {
        return;
    }
    size_t blocks = 0;
    while (blocks < 10000 && arena_alloc(arena, 4000) != NULL) {
        blocks++;
    }
    CHECK_LE_U64(1, blocks);
    CHECK_LE_U64(blocks, 2000);
    CHECK_STATUS(arena_last_status(arena), CORRAL_NO_MEMORY);
    CHECK_EQ_U64(mapped_files_left(f), 1); /* it has no name, and leaves nothing behind */
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
}

static void fill_and_lock(MappedFixture *f) {
    seal_list(f, 10);
    build_until_full(f);
    CHECK_EQ_U64(length_in(f, f->path), 10);
    ArenaRef large = mapped_list(f->arena, 1, 300000);
    CHECK_STATUS(mapped_fixture_seal(f, os_files(), large), CORRAL_FILE_REFUSED);
    CHECK_TRUE(strstr(f->error.text, f->path) != NULL && strstr(f->error.text, "errno=28 ") != NULL);
    CHECK_EQ_U64(mapped_files_left(f), 1); /* the room is free again */
    CHECK_EQ_U64(length_in(f, f->path), 10);
    CHECK_TRUE(mount("corral", f->directory, "tmpfs", MS_REMOUNT | MS_RDONLY, "size=4194304") == 0);
    CHECK_STATUS(mapped_fixture_seal(f, os_files(), 0), CORRAL_FILE_REFUSED);
    CHECK_TRUE(strstr(f->error.text, "errno=30 ") != NULL);
    CHECK_EQ_U64(length_in(f, f->path), 10);
}

static void test_mapped_full_and_read_only_file_systems_leave_the_old_file(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    pid_t child = fork();
    REQUIRE_TRUE(child >= 0);
    if (child == 0) {
        if (!mount_small(f.directory)) {
            _exit(77);
        }
        fill_and_lock(&f);
        _exit(test_failures() == 0 ? 0 : 1);
    }
    if (outcome_of(child) == 77) {
        printf(" [this system lets nobody mount a file system: not run] ");
    }
    mapped_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_mapped_longest_name_can_be_sealed), TEST_CASE(test_mapped_empty_names_are_refused),
          TEST_CASE(test_mapped_names_may_have_any_bytes), TEST_CASE(test_mapped_links_are_followed),
          TEST_CASE(test_mapped_next_seal_removes_what_a_killed_writer_left),
          TEST_CASE(test_mapped_writers_of_one_file_leave_each_other_alone),
          TEST_CASE(test_mapped_foreign_files_of_such_names_are_left_alone),
          TEST_CASE(test_mapped_page_size_is_that_of_the_machine), TEST_CASE(test_mapped_check_tells_what_was_lost),
          TEST_CASE(test_mapped_devices_and_empty_files_are_refused),
          TEST_CASE(test_mapped_file_that_may_not_be_read_is_refused),
          TEST_CASE(test_mapped_full_and_read_only_file_systems_leave_the_old_file))
