/* SPDX-License-Identifier: Apache-2.0
 * mapped_fixture.h - an arena with a list in it, a directory for files, and files that fail.
 * Layer: test support. May include: mapped_parts.h, arena_fixture.h. POSIX. */
#ifndef CORRAL_TEST_SUPPORT_MAPPED_FIXTURE_H
#define CORRAL_TEST_SUPPORT_MAPPED_FIXTURE_H

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "structures/mapped_parts.h"
#include "support/arena_fixture.h"

/* A node of a list that is linked by references. */
typedef struct ListNode {
    ArenaRef next;
    uint64_t value;
} ListNode;

typedef struct MappedFixture {
    ArenaFixture base;
    Arena *arena;
    MappedError error;
    char directory[256];
    char path[1024]; /* of a file in it that does not exist yet */
} MappedFixture;

/* --- repeated with --oom ------------------------------------------------------------------------------------------ */

REPEATING_IN(CorralStatus, mapped_seal_with, result == CORRAL_NO_MEMORY, arena,
             (const OsFiles *files, Arena *arena, const char *path, const MappedSeal *seal, MappedError *error),
             (files, arena, path, seal, error))
REPEATING(MappedArena *, mapped_open_with, result == NULL, NULL,
          (const OsFiles *files, const PageSource *pages, const char *path, MappedHow how, MappedError *error),
          (files, pages, path, how, error))
REPEATING_IN(CorralStatus, mapped_seal, result == CORRAL_NO_MEMORY, arena,
             (Arena * arena, const char *path, const MappedSeal *seal, MappedError *error), (arena, path, seal, error))
#define mapped_seal repeat_mapped_seal
#define mapped_seal_with repeat_mapped_seal_with
#define mapped_open_with repeat_mapped_open_with

/* --- life --------------------------------------------------------------------------------------------------------- */

static inline void mapped_fixture_open(MappedFixture *f) {
    ArenaConfig config = arena_config_default();
    config.zeroed = true;
    f->arena = arena_fixture_with(&f->base, &config);
    const char *parent = getenv("TMPDIR");
    snprintf(f->directory, sizeof f->directory, "%s/corral-mapped-XXXXXX", parent != NULL ? parent : "/tmp");
    CHECK_TRUE(mkdtemp(f->directory) != NULL);
    snprintf(f->path, sizeof f->path, "%s/list.arena", f->directory);
}

/* How many files are in the directory. */
static inline size_t mapped_files_left(const MappedFixture *f) {
    size_t count = 0;
    DIR *directory = opendir(f->directory);
    if (CHECK_TRUE(directory != NULL)) {
        while (readdir(directory) != NULL) {
            count++;
        }
        closedir(directory);
    }
    return count - 2;
}

/* Nothing but the file itself may be left. */
static inline void mapped_fixture_close(MappedFixture *f) {
    unlink(f->path);
    CHECK_EQ_U64(mapped_files_left(f), 0);
    CHECK_TRUE(rmdir(f->directory) == 0);
    arena_fixture_close(&f->base);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

/* The list first, first + 1, ... with `count` nodes; returns the reference of its first node. */
static inline ArenaRef mapped_list(Arena *arena, uint64_t first, size_t count) {
    ArenaRef head = 0;
    for (size_t i = count; i-- > 0;) {
        ListNode *node = arena_alloc(arena, sizeof *node);
        if (!CHECK_TRUE(node != NULL)) {
            return 0;
        }
        *node = (ListNode){.next = head, .value = first + i};
        head = arena_ref(arena, node);
    }
    return head;
}

/* How many nodes hold first, first + 1, ...; 0 when a reference leads nowhere. */
static inline size_t mapped_list_length(const MappedArena *mapped, uint64_t first) {
    size_t length = 0;
    for (ArenaRef at = mapped_root(mapped); at != 0; length++) {
        const ListNode *node = mapped_resolve(mapped, at, sizeof *node);
        if (node == NULL || node->value != first + length) {
            return 0;
        }
        at = node->next;
    }
    return length;
}

static inline CorralStatus mapped_fixture_seal(MappedFixture *f, const OsFiles *files, ArenaRef root) {
    MappedSeal seal = {.root = root, .tag = 0xC0FFEE};
    return mapped_seal_with(files, f->arena, f->path, &seal, &f->error);
}

static inline MappedArena *mapped_fixture_read(MappedFixture *f, MappedHow how) {
    return mapped_open_with(os_files(), &f->base.base.pages.source, f->path, how, &f->error);
}

/* Opening fails with this status, and the text names the file and contains `cause`; nothing stays open. */
static inline bool mapped_is_refused(const char *file, int line, MappedFixture *f, CorralStatus status,
                                     const char *cause) {
    bool refused = true;
    for (int how = MAPPED_SHARED; how <= MAPPED_LOADED; how++) {
        refused &= test_true(file, line, "it is not opened", mapped_fixture_read(f, (MappedHow)how) == NULL);
        refused &= test_eq_i64(file, line, "status", f->error.status, status);
        if (strstr(f->error.text, f->path) == NULL || strstr(f->error.text, cause) == NULL) {
            test_fail(file, line, "expected the file and: %s, actual: %s", cause, f->error.text);
            refused = false;
        }
    }
    return refused;
}

#define CHECK_REFUSED(f, status, cause) mapped_is_refused(__FILE__, __LINE__, (f), (status), (cause))

/* --- raw files ---------------------------------------------------------------------------------------------------- */

/* The bytes of a file, to be freed; NULL, and a failure of the test, when there are none. */
static inline unsigned char *file_bytes(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    struct stat status;
    if (!CHECK_TRUE(file != NULL)) {
        return NULL;
    }
    unsigned char *bytes = NULL;
    if (CHECK_TRUE(fstat(fileno(file), &status) == 0 && status.st_size > 0)) {
        *size = (size_t)status.st_size;
        bytes = malloc(*size);
        CHECK_TRUE(bytes != NULL && fread(bytes, 1, *size, file) == *size);
    }
    fclose(file);
    return bytes;
}

static inline void file_write(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    if (CHECK_TRUE(file != NULL)) {
        CHECK_TRUE(fwrite(bytes, 1, size, file) == size);
        CHECK_TRUE(fclose(file) == 0);
    }
}

#endif
