/* SPDX-License-Identifier: Apache-2.0
 * mapped_arena_test.c - arenas that are sealed in a file and opened again. On fake pages and real files. */
#define _GNU_SOURCE

#include "support/mapped_fixture.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "support/test.h"

/* --- what a file keeps -------------------------------------------------------------------------------------------- */

static void test_mapped_list_is_found_again(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    size_t nodes = test_scaled(20000);
    ArenaRef head = mapped_list(f.arena, 7, nodes);
    CHECK_STATUS(mapped_fixture_seal(&f, os_files(), head), CORRAL_OK);
    CHECK_STR(f.error.text, "");
    for (int how = MAPPED_SHARED; how <= MAPPED_LOADED; how++) {
        MappedArena *mapped = mapped_fixture_read(&f, (MappedHow)how);
        REQUIRE_TRUE(mapped != NULL);
        CHECK_EQ_U64(mapped_list_length(mapped, 7), nodes);
        MappedInfo info;
        CHECK_STATUS(mapped_info(mapped, &info), CORRAL_OK);
        CHECK_EQ_U64(info.used, arena_total_used(f.arena));
        CHECK_EQ_U64(info.count, nodes);
        CHECK_EQ_U64(info.chunks, arena_chunk_count(f.arena));
        CHECK_EQ_U64(info.tag, 0xC0FFEE);
        CHECK_EQ_U64(info.root, head);
        CHECK_EQ_U64(info.bytes % MAPPED_PAGE, 0);
        CHECK_EQ_U64(info.how, how);
        CHECK_STATUS(mapped_close(mapped), CORRAL_OK);
    }
    mapped_fixture_close(&f);
}

static void test_mapped_bytes_are_those_of_the_chunks(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    arena_reset(f.arena); /* another generation */
    mapped_list(f.arena, 1, 300);
    arena_alloc(f.arena, 100 * KIB); /* a side chunk */
    mapped_list(f.arena, 1, 5000);
    CHECK_STATUS(mapped_fixture_seal(&f, os_files(), 0), CORRAL_OK);
    MappedArena *mapped = mapped_fixture_read(&f, MAPPED_SHARED);
    REQUIRE_TRUE(mapped != NULL);
    CHECK_EQ_U64(mapped_root(mapped), 0);
    for (size_t i = 0; i < arena_chunk_count(f.arena); i++) {
        void *expected;
        const void *actual;
        size_t capacity, used, found;
        CHECK_STATUS(arena_chunk(f.arena, i, &expected, &capacity, &used), CORRAL_OK);
        CHECK_STATUS(mapped_chunk(mapped, i, &actual, &found), CORRAL_OK);
        if (CHECK_EQ_U64(found, used)) {
            CHECK_EQ_I64(memcmp(actual, expected, used), 0);
        }
        CHECK_EQ_U64((uintptr_t)actual % MAPPED_ALIGNMENT, 0);
    }
    CHECK_STATUS(mapped_close(mapped), CORRAL_OK);
    mapped_fixture_close(&f);
}

static void test_mapped_file_is_the_same_for_the_same_arena(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    ArenaRef head = mapped_list(f.arena, 3, 1000);
    unsigned char *bytes[2];
    size_t sizes[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        CHECK_STATUS(mapped_fixture_seal(&f, os_files(), head), CORRAL_OK);
        bytes[i] = file_bytes(f.path, &sizes[i]);
    }
    CHECK_EQ_U64(sizes[0], sizes[1]);
    CHECK_TRUE(bytes[0] != NULL && bytes[1] != NULL && memcmp(bytes[0], bytes[1], sizes[0]) == 0);
    free(bytes[0]);
    free(bytes[1]);
    mapped_fixture_close(&f);
}

static void test_mapped_empty_arena_can_be_sealed(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    CHECK_STATUS(mapped_seal_with(os_files(), f.arena, f.path, NULL, NULL), CORRAL_OK);
    MappedArena *mapped = mapped_fixture_read(&f, MAPPED_SHARED);
    REQUIRE_TRUE(mapped != NULL);
    ArenaRef nothing = arena_alloc_ref(f.arena, 0, 1); /* a block of zero bytes has a place, and none beyond it */
    CHECK_TRUE(mapped_resolve(mapped, nothing, 0) != NULL);
    CHECK_TRUE(mapped_resolve(mapped, nothing, 1) == NULL);
    CHECK_STATUS(mapped_close(mapped), CORRAL_OK);
    mapped_fixture_close(&f);
}

static void test_mapped_arena_goes_on_after_sealing(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    CHECK_STATUS(mapped_fixture_seal(&f, os_files(), mapped_list(f.arena, 1, 10)), CORRAL_OK);
    MappedArena *older = mapped_fixture_read(&f, MAPPED_SHARED);
    arena_reset(f.arena);
    CHECK_STATUS(mapped_fixture_seal(&f, os_files(), mapped_list(f.arena, 100, 20)), CORRAL_OK);
    MappedArena *newer = mapped_fixture_read(&f, MAPPED_SHARED);
    CHECK_EQ_U64(mapped_list_length(older, 1), 10); /* whoever has the older file open keeps it */
    CHECK_EQ_U64(mapped_list_length(newer, 100), 20);
    CHECK_TRUE(mapped_resolve(newer, mapped_root(older), 1) == NULL); /* references of before the reset */
    CHECK_STATUS(mapped_close(older), CORRAL_OK);
    CHECK_STATUS(mapped_close(newer), CORRAL_OK);
    mapped_fixture_close(&f);
}

static void test_mapped_loaded_file_is_independent(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    CHECK_STATUS(mapped_fixture_seal(&f, os_files(), mapped_list(f.arena, 1, 4000)), CORRAL_OK);
    MappedArena *mapped = mapped_fixture_read(&f, MAPPED_LOADED);
    CHECK_TRUE(truncate(f.path, 0) == 0);
    CHECK_EQ_U64(mapped_list_length(mapped, 1), 4000);
    CHECK_STATUS(mapped_close(mapped), CORRAL_OK);
    mapped_fixture_close(&f);
}

/* --- wrong use ---------------------------------------------------------------------------------------------------- */

static void test_mapped_file_of_java_is_not_closed(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    CHECK_STATUS(mapped_fixture_seal(&f, os_files(), mapped_list(f.arena, 1, 100)), CORRAL_OK);
    for (int how = MAPPED_SHARED; how <= MAPPED_LOADED; how++) {
        MappedArena *mapped = mapped_fixture_read(&f, (MappedHow)how);
        REQUIRE_TRUE(mapped != NULL);
        mapped_hold(mapped);
        CHECK_STATUS(mapped_close(mapped), CORRAL_FOREIGN_POINTER);
        CHECK_EQ_U64(mapped_list_length(mapped, 1), 100);
        CHECK_STATUS(mapped_end(mapped), CORRAL_OK);
    }
    mapped_fixture_close(&f);
}

static void test_mapped_refs_lead_nowhere_else(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    ArenaRef head = mapped_list(f.arena, 1, 10); /* 160 bytes in one chunk; the head is the last node */
    CHECK_STATUS(mapped_fixture_seal(&f, os_files(), head), CORRAL_OK);
    MappedArena *mapped = mapped_fixture_read(&f, MAPPED_SHARED);
    REQUIRE_TRUE(mapped != NULL);
    CHECK_TRUE(mapped_resolve(mapped, head, 16) != NULL);
    CHECK_TRUE(mapped_resolve(mapped, head, 17) == NULL);
    CHECK_TRUE(mapped_resolve(mapped, head, SIZE_MAX) == NULL);
    CHECK_TRUE(mapped_resolve(mapped, head + 16, 0) != NULL);
    CHECK_TRUE(mapped_resolve(mapped, head + 17, 0) == NULL);
    CHECK_TRUE(mapped_resolve(mapped, 0, 0) == NULL);
    CHECK_TRUE(mapped_resolve(mapped, head + (UINT64_C(1) << ARENA_REF_CHUNK_SHIFT), 0) == NULL);
    CHECK_TRUE(mapped_resolve(mapped, head + (UINT64_C(1) << ARENA_REF_GENERATION_SHIFT), 0) == NULL);
    uint64_t state = 1;
    for (size_t i = 0; i < 10000; i++) {
        const unsigned char *at = mapped_resolve(mapped, test_random(&state), 1);
        const unsigned char *base;
        size_t used;
        mapped_chunk(mapped, 0, (const void **)&base, &used);
        CHECK_TRUE(at == NULL || (at >= base && at < base + used));
    }
    CHECK_STATUS(mapped_close(mapped), CORRAL_OK);
    mapped_fixture_close(&f);
}

static void test_mapped_wrong_arguments_are_refused(void) {
    static _Alignas(64) unsigned char foreign[4096];
    MappedFixture f;
    mapped_fixture_open(&f);
    MappedSeal stale = {.root = 12345};
    ArenaPicture before = arena_picture(f.arena);
    CHECK_STATUS(mapped_seal(NULL, f.path, NULL, &f.error), CORRAL_INVALID_ARENA);
    CHECK_STATUS(mapped_seal((Arena *)foreign, f.path, NULL, NULL), CORRAL_INVALID_ARENA);
    CHECK_STATUS(mapped_seal(f.arena, NULL, NULL, &f.error), CORRAL_INVALID_ARGUMENT);
    CHECK_TRUE(strstr(f.error.text, "file=NULL") != NULL);
    CHECK_STATUS(mapped_seal(f.arena, f.path, &stale, &f.error), CORRAL_STALE_REF);
    CHECK_TRUE(strstr(f.error.text, "root=0x3039") != NULL);
    CHECK_STATUS(arena_last_status(f.arena), CORRAL_STALE_REF);
    CHECK_UNCHANGED(f.arena, &before);
    CHECK_TRUE(mapped_open(NULL, MAPPED_SHARED, &f.error) == NULL);
    CHECK_STATUS(f.error.status, CORRAL_INVALID_ARGUMENT);
    CHECK_TRUE(mapped_open(f.path, (MappedHow)2, NULL) == NULL);
    CHECK_STATUS(mapped_close(NULL), CORRAL_INVALID_ARENA);
    CHECK_STATUS(mapped_close((MappedArena *)foreign), CORRAL_INVALID_ARENA);
    CHECK_EQ_U64(mapped_root((MappedArena *)foreign), 0);
    CHECK_TRUE(mapped_resolve(NULL, 1, 0) == NULL && mapped_resolve((MappedArena *)foreign, 0, 0) == NULL);
    MappedInfo info;
    CHECK_STATUS(mapped_info(NULL, &info), CORRAL_INVALID_ARENA);
    size_t used;
    const void *base;
    CHECK_STATUS(mapped_chunk(NULL, 0, &base, &used), CORRAL_INVALID_ARENA);
    CHECK_EQ_U64(mapped_files_left(&f), 0);
    mapped_fixture_close(&f);
}

static void test_mapped_info_of_what_is_asked_wrongly(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    CHECK_STATUS(mapped_fixture_seal(&f, os_files(), 0), CORRAL_OK);
    MappedArena *mapped = mapped_fixture_read(&f, MAPPED_LOADED);
    size_t used;
    const void *base;
    CHECK_STATUS(mapped_info(mapped, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(mapped_chunk(mapped, 1, &base, &used), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(mapped_chunk(mapped, 0, NULL, &used), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(mapped_chunk(mapped, 0, &base, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(mapped_close(mapped), CORRAL_OK);
    mapped_fixture_close(&f);
}

/* --- what the system refuses -------------------------------------------------------------------------------------- */

/* The operating system's files, the n-th call of which fails. */
static struct {
    size_t calls;
    size_t fail_at;
    size_t opened; /* files and mappings that are open */
} failing;

static OsFileError next_call(void) {
    return ++failing.calls == failing.fail_at ? ENOSPC : 0;
}

static OsFileError failing_open(const char *path, OsFile *file, uint64_t *bytes) {
    OsFileError error = next_call();
    error = error != 0 ? error : os_files()->open(path, file, bytes);
    failing.opened += error == 0 ? 1 : 0;
    return error;
}

static OsFileError failing_read(OsFile file, void *target, size_t bytes, uint64_t offset) {
    OsFileError error = next_call();
    return error != 0 ? error : os_files()->read(file, target, bytes, offset);
}

static OsFileError failing_map(OsFile file, size_t bytes, const void **mapped) {
    OsFileError error = next_call();
    error = error != 0 ? error : os_files()->map(file, bytes, mapped);
    failing.opened += error == 0 ? 1 : 0;
    return error;
}

static bool failing_unmap(const void *mapped, size_t bytes) {
    failing.opened--;
    return os_files()->unmap(mapped, bytes);
}

static OsFileError failing_size(OsFile file, uint64_t *bytes) {
    OsFileError error = next_call();
    return error != 0 ? error : os_files()->size(file, bytes);
}

static size_t page_of_this_machine(void) {
    return os_files()->page_size();
}

static void failing_close(OsFile file) {
    failing.opened--;
    os_files()->close(file);
}

static OsFileError failing_create(const char *path, OsNewFile *made) {
    OsFileError error = next_call();
    error = error != 0 ? error : os_files()->create(path, made);
    failing.opened += error == 0 ? 1 : 0;
    return error;
}

static OsFileError failing_write(OsNewFile *made, const void *source, size_t bytes, uint64_t offset) {
    OsFileError error = next_call();
    return error != 0 ? error : os_files()->write(made, source, bytes, offset);
}

static OsFileError failing_sync(OsNewFile *made) {
    OsFileError error = next_call();
    return error != 0 ? error : os_files()->sync(made);
}

static OsFileError failing_replace(OsNewFile *made) {
    OsFileError error = next_call();
    error = error != 0 ? error : os_files()->replace(made);
    failing.opened -= error == 0 ? 1 : 0;
    return error;
}

static OsFileError failing_sync_directory(const OsNewFile *made) {
    OsFileError error = next_call();
    return error != 0 ? error : os_files()->sync_directory(made);
}

static void failing_discard(OsNewFile *made) {
    failing.opened--;
    os_files()->discard(made);
}

static const OsFiles failing_files = {.open = failing_open,
                                      .read = failing_read,
                                      .map = failing_map,
                                      .unmap = failing_unmap,
                                      .size = failing_size,
                                      .page_size = page_of_this_machine,
                                      .close = failing_close,
                                      .create = failing_create,
                                      .write = failing_write,
                                      .sync = failing_sync,
                                      .replace = failing_replace,
                                      .sync_directory = failing_sync_directory,
                                      .discard = failing_discard};

/* Which list the file holds now: 10 nodes from 1 on, or 9,000 from 100 on. */
static size_t list_in_file(MappedFixture *f) {
    MappedArena *mapped = mapped_fixture_read(f, MAPPED_SHARED);
    if (!CHECK_TRUE(mapped != NULL)) {
        return 0;
    }
    size_t length = mapped_list_length(mapped, 1);
    length = length != 0 ? length : mapped_list_length(mapped, 100);
    mapped_close(mapped);
    return length;
}

static void test_mapped_every_failing_call_leaves_the_old_file(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    CHECK_STATUS(mapped_fixture_seal(&f, os_files(), mapped_list(f.arena, 1, 10)), CORRAL_OK);
    ArenaRef head = mapped_list(f.arena, 100, 9000); /* three buffers */
    size_t failed = 0;
    failing.fail_at = 0;
    do {
        failing.calls = failing.opened = 0;
        failing.fail_at++;
        CorralStatus status = mapped_fixture_seal(&f, &failing_files, head);
        CHECK_EQ_U64(failing.opened, 0);
        CHECK_EQ_U64(mapped_files_left(&f), 1);
        if (status == CORRAL_OK) {
            break;
        }
        failed++;
        CHECK_STATUS(status, CORRAL_FILE_REFUSED);
        bool in_place = strstr(f.error.text, "the new file is in place") != NULL;
        CHECK_TRUE(strstr(f.error.text, f.path) != NULL && strstr(f.error.text, "errno=28") != NULL);
        CHECK_EQ_U64(list_in_file(&f), in_place ? 9000 : 10);
    } while (test_failures() == 0);
    CHECK_EQ_U64(failed, 8); /* create, three writes, the header, sync, replace, the directory's sync */
    CHECK_EQ_U64(list_in_file(&f), 9000);
    mapped_fixture_close(&f);
}

static void test_mapped_every_failing_call_opens_nothing(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    CHECK_STATUS(mapped_fixture_seal(&f, os_files(), mapped_list(f.arena, 1, 9000)), CORRAL_OK);
    for (int how = MAPPED_SHARED; how <= MAPPED_LOADED; how++) {
        size_t failed = 0;
        for (failing.fail_at = 1; test_failures() == 0; failing.fail_at++) {
            failing.calls = failing.opened = 0;
            MappedArena *mapped =
                mapped_open_with(&failing_files, &f.base.base.pages.source, f.path, (MappedHow)how, &f.error);
            if (mapped != NULL) {
                CHECK_STATUS(mapped_close(mapped), CORRAL_OK);
                CHECK_EQ_U64(failing.opened, 0);
                break;
            }
            failed++;
            CHECK_EQ_U64(failing.opened, 0);
            CHECK_STATUS(f.error.status, CORRAL_FILE_REFUSED);
        }
        CHECK_TRUE(fake_pages_injecting() ||
                   failed == (how == MAPPED_SHARED ? 7 : 5)); /* open, header, three reads; the table and the mapping */
    }
    mapped_fixture_close(&f);
}

static OsFileError open_too_many(const char *path, OsFile *file, uint64_t *bytes) {
    (void)path;
    (void)file;
    (void)bytes;
    return EMFILE;
}

static void test_mapped_too_many_open_files_refused(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    OsFiles files = *os_files();
    files.open = open_too_many;
    CHECK_TRUE(mapped_open_with(&files, &f.base.base.pages.source, f.path, MAPPED_SHARED, &f.error) == NULL);
    CHECK_STATUS(f.error.status, CORRAL_NO_MEMORY);
    CHECK_TRUE(strstr(f.error.text, "errno=24") != NULL);
    mapped_fixture_close(&f);
}

static void test_mapped_file_too_large_leaves_the_old_file(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    CHECK_STATUS(mapped_fixture_seal(&f, os_files(), mapped_list(f.arena, 1, 10)), CORRAL_OK);
    ArenaRef head = mapped_list(f.arena, 100, 9000);
    struct rlimit before;
    CHECK_TRUE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    struct rlimit small = {.rlim_cur = 100 * KIB, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    CHECK_TRUE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK_STATUS(mapped_fixture_seal(&f, os_files(), head), CORRAL_FILE_REFUSED);
    CHECK_TRUE(setrlimit(RLIMIT_FSIZE, &before) == 0);
    signal(SIGXFSZ, SIG_DFL);
    CHECK_TRUE(strstr(f.error.text, "errno=27") != NULL);
    CHECK_EQ_U64(mapped_files_left(&f), 1);
    CHECK_EQ_U64(list_in_file(&f), 10);
    mapped_fixture_close(&f);
}

static void test_mapped_directories_that_cannot_be_written(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    char path[sizeof f.path + 32];
    snprintf(path, sizeof path, "%s/none/list.arena", f.directory);
    CHECK_STATUS(mapped_seal(f.arena, path, NULL, &f.error), CORRAL_FILE_REFUSED);
    CHECK_TRUE(strstr(f.error.text, "errno=2 ") != NULL);
    CHECK_STATUS(mapped_seal(f.arena, f.directory, NULL, &f.error), CORRAL_FILE_REFUSED); /* it is a directory */
    CHECK_STATUS(mapped_seal(f.arena, "", NULL, &f.error), CORRAL_FILE_REFUSED);
    char *longest = malloc(OS_FILE_PATH_MAX);
    REQUIRE_TRUE(longest != NULL);
    memset(longest, 'x', OS_FILE_PATH_MAX - 1);
    longest[OS_FILE_PATH_MAX - 1] = '\0';
    CHECK_STATUS(mapped_seal(f.arena, longest, NULL, &f.error), CORRAL_FILE_REFUSED);
    CHECK_TRUE(strstr(f.error.text, "its path is too long") != NULL);
    free(longest);
    CHECK_STATUS(mapped_seal(f.arena, "/proc/list.arena", NULL, &f.error), CORRAL_FILE_REFUSED); /* nobody can */
    if (geteuid() != 0) {
        CHECK_TRUE(chmod(f.directory, 0500) == 0);
        CHECK_STATUS(mapped_seal(f.arena, f.path, NULL, &f.error), CORRAL_FILE_REFUSED);
        CHECK_TRUE(strstr(f.error.text, "errno=13 ") != NULL);
        CHECK_TRUE(chmod(f.directory, 0700) == 0);
    }
    mapped_fixture_close(&f);
}

static void test_mapped_what_is_no_file_is_refused(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    CHECK_REFUSED(&f, CORRAL_FILE_REFUSED, "errno=2 ");
    CHECK_TRUE(mkdir(f.path, 0700) == 0);
    CHECK_REFUSED(&f, CORRAL_FILE_REFUSED, "no regular file");
    CHECK_TRUE(rmdir(f.path) == 0);
    CHECK_TRUE(mkfifo(f.path, 0600) == 0); /* opening it must not wait for a writer */
    CHECK_REFUSED(&f, CORRAL_FILE_REFUSED, "no regular file");
    mapped_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_mapped_list_is_found_again), TEST_CASE(test_mapped_bytes_are_those_of_the_chunks),
          TEST_CASE(test_mapped_file_is_the_same_for_the_same_arena), TEST_CASE(test_mapped_empty_arena_can_be_sealed),
          TEST_CASE(test_mapped_arena_goes_on_after_sealing), TEST_CASE(test_mapped_loaded_file_is_independent),
          TEST_CASE(test_mapped_file_of_java_is_not_closed), TEST_CASE(test_mapped_refs_lead_nowhere_else),
          TEST_CASE(test_mapped_wrong_arguments_are_refused), TEST_CASE(test_mapped_info_of_what_is_asked_wrongly),
          TEST_CASE(test_mapped_every_failing_call_leaves_the_old_file),
          TEST_CASE(test_mapped_every_failing_call_opens_nothing), TEST_CASE(test_mapped_too_many_open_files_refused),
          TEST_CASE(test_mapped_file_too_large_leaves_the_old_file),
          TEST_CASE(test_mapped_directories_that_cannot_be_written), TEST_CASE(test_mapped_what_is_no_file_is_refused))
