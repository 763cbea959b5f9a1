/* SPDX-License-Identifier: Apache-2.0
 * mapped_killed_test.c - files whose writer was killed (SIGKILL): before, amid and after each of its calls of the
 * system, and at random moments. */
#define _GNU_SOURCE

#include "support/mapped_fixture.h"

#include <signal.h>
#include <sys/wait.h>

#include "support/test.h"

/* The list of round n. Longer and shorter ones follow each other, so that a mixture of two files would show. */
static size_t list_length(uint64_t round) {
    return round % 4 * 1500 + 1;
}

static CorralStatus seal_round(MappedFixture *f, const OsFiles *files, uint64_t round) {
    arena_reset(f->arena);
    MappedSeal seal = {.root = mapped_list(f->arena, round * 10000, list_length(round)), .tag = round};
    return mapped_seal_with(files, f->arena, f->path, &seal, &f->error);
}

/* The round of the file, which is whole; UINT64_MAX, and a failure of the test, when it is not. */
static uint64_t round_read(MappedFixture *f, MappedHow how) {
    MappedArena *mapped = mapped_fixture_read(f, how);
    if (!CHECK_TRUE(mapped != NULL)) {
        printf("        %s\n", f->error.text);
        return UINT64_MAX;
    }
    MappedInfo info;
    mapped_info(mapped, &info);
    CHECK_EQ_U64(mapped_list_length(mapped, info.tag * 10000), list_length(info.tag));
    mapped_close(mapped);
    return info.tag;
}

static void wait_for_killed(pid_t child) {
    int how = 0;
    CHECK_TRUE(waitpid(child, &how, 0) == child);
    CHECK_TRUE(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
}

/* --- at every call ------------------------------------------------------------------------------------------------ */

typedef enum Moment { BEFORE = 0, AMID = 1, AFTER = 2 } Moment; /* amid a write: half of it is done */

/* The operating system's files; the process dies at the n-th call. */
static struct {
    size_t calls;
    size_t die_at;
    Moment moment;
} dying;

static void die(void) {
    (void)kill(getpid(), SIGKILL);
    for (;;) {
        (void)pause();
    }
}

/* True when this is the call to die at, and not yet. */
static bool dies_here(void) {
    bool here = ++dying.calls == dying.die_at;
    if (here && dying.moment == BEFORE) {
        die();
    }
    return here;
}

static OsFileError after(bool here, OsFileError error) {
    if (here) {
        die();
    }
    return error;
}

static OsFileError dying_create(const char *path, OsNewFile *made) {
    bool here = dies_here();
    return after(here, os_files()->create(path, made));
}

static OsFileError dying_write(OsNewFile *made, const void *source, size_t bytes, uint64_t offset) {
    bool here = dies_here();
    bool half = here && dying.moment == AMID;
    return after(here, os_files()->write(made, source, half ? bytes / 2 : bytes, offset));
}

static OsFileError dying_sync(OsNewFile *made) {
    bool here = dies_here();
    return after(here, os_files()->sync(made));
}

static OsFileError dying_replace(OsNewFile *made) {
    bool here = dies_here();
    return after(here, os_files()->replace(made));
}

static OsFileError dying_sync_directory(const OsNewFile *made) {
    bool here = dies_here();
    return after(here, os_files()->sync_directory(made));
}

/* How many calls it takes to seal this list; nobody dies. */
static size_t count_calls(MappedFixture *f, const OsFiles *files, uint64_t round) {
    dying.calls = dying.die_at = 0;
    CHECK_STATUS(seal_round(f, files, round), CORRAL_OK);
    return dying.calls;
}

static void kill_at(MappedFixture *f, const OsFiles *files, size_t call, Moment moment, uint64_t round) {
    dying.calls = 0;
    dying.die_at = call;
    dying.moment = moment;
    (void)fflush(stdout);
    pid_t child = fork();
    REQUIRE_TRUE(child >= 0);
    if (child == 0) {
        (void)seal_round(f, files, round);
        _exit(1); /* it has not died */
    }
    wait_for_killed(child);
}

/* The calls are create, write .., sync, replace, sync_directory: from the end of replace on it is the new file. Four
 * rounds further the list is as long, so that it takes as many calls. */
static void test_mapped_writer_killed_at_every_call_leaves_the_old_or_the_new_file(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    OsFiles files = *os_files();
    files.create = dying_create;
    files.write = dying_write;
    files.sync = dying_sync;
    files.replace = dying_replace;
    files.sync_directory = dying_sync_directory;
    CHECK_STATUS(seal_round(&f, os_files(), 0), CORRAL_OK);
    size_t rounds = 0;
    uint64_t newest = 0;
    bool all = test_scaled(100) == 100; /* else many requests fail, each in a run of its own */
    for (int length = 0; length < (all ? 4 : 1); length++) {
        size_t calls = count_calls(&f, &files, ++newest);
        CHECK_TRUE(calls >= 5);
        for (size_t call = all ? 1 : calls - 1; call <= calls && test_failures() == 0; call++) {
            bool writes = 1 < call && call < calls - 2;
            for (int moment = BEFORE; moment <= AFTER; moment += writes ? 1 : 2) {
                bool is_new = call == calls || (call == calls - 1 && moment != BEFORE);
                kill_at(&f, &files, call, (Moment)moment, newest + 4);
                newest += is_new ? 4 : 0;
                CHECK_EQ_U64(round_read(&f, rounds % 2 == 0 ? MAPPED_SHARED : MAPPED_LOADED), newest);
                CHECK_LE_U64(mapped_files_left(&f), 2); /* the next writer removes what is unfinished */
                rounds++;
            }
        }
    }
    CHECK_STATUS(seal_round(&f, os_files(), newest), CORRAL_OK);
    CHECK_EQ_U64(mapped_files_left(&f), 1);
    printf(" [%zu writers killed, at each of their calls] ", rounds);
    mapped_fixture_close(&f);
}

/* --- at random moments -------------------------------------------------------------------------------------------- */

static void write_for_ever(MappedFixture *f, uint64_t round) {
    for (;; round++) {
        if (seal_round(f, os_files(), round) != CORRAL_OK) {
            fprintf(stderr, "%s\n", f->error.text);
            _exit(1);
        }
    }
}

/* However slow the machine is just now: the pause follows what writers get done in it, and rounds go on until some have
 * sealed a file and some were stopped amid one. */
static void test_mapped_killed_writer_leaves_the_old_or_the_new_file(void) {
    MappedFixture f;
    mapped_fixture_open(&f);
    CHECK_STATUS(seal_round(&f, os_files(), 0), CORRAL_OK);
    uint64_t state = 42, newest = 0;
    size_t unfinished = 0, moves = 0, round = 0;
    size_t longest = 6000; /* microseconds */
    bool all = test_scaled(100) == 100;
    for (; (round < (all ? 300 : 1) || (all && (moves == 0 || unfinished == 0))) && test_failures() == 0; round++) {
        (void)fflush(stdout);
        pid_t child = fork();
        REQUIRE_TRUE(child >= 0);
        if (child == 0) {
            write_for_ever(&f, newest + 1);
        }
        usleep((useconds_t)test_random_below(&state, longest));
        CHECK_TRUE(kill(child, SIGKILL) == 0);
        wait_for_killed(child);
        uint64_t sealed_round = round_read(&f, round % 2 == 0 ? MAPPED_SHARED : MAPPED_LOADED);
        CHECK_LE_U64(newest, sealed_round); /* never an older one */
        bool moved = sealed_round > newest;
        moves += moved ? 1 : 0;
        longest = moved ? longest - longest / 8 : longest + longest / 8 + 1; /* about half of all seal something */
        newest = sealed_round;
        unfinished += mapped_files_left(&f) - 1;
        CHECK_LE_U64(mapped_files_left(&f), 2); /* the next writer removes it */
    }
    CHECK_STATUS(seal_round(&f, os_files(), newest), CORRAL_OK);
    CHECK_EQ_U64(mapped_files_left(&f), 1);
    printf(" [%zu writers killed, %zu newer files, %zu unfinished ones] ", round, moves, unfinished);
    mapped_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_mapped_writer_killed_at_every_call_leaves_the_old_or_the_new_file),
          TEST_CASE(test_mapped_killed_writer_leaves_the_old_or_the_new_file))
