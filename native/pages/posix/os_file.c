/* SPDX-License-Identifier: Apache-2.0
 * os_file.c (POSIX) - files that are replaced as a whole.
 * Layer: pages. Threads: any. */
#include "os_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os_thread.h"

#define NAME_ATTEMPTS 100 /* a name that somebody else has taken: another one is tried */
#define SHARED_NAMES \
    50               /* writers of one file that can be at work at the same time under the names that are looked at */
#define LINKS_MAX 40 /* as Linux has it */

static void close_file(OsFile file) {
    close((int)file);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static OsFileError size_of(OsFile file, uint64_t *bytes) {
    struct stat status;
    if (fstat((int)file, &status) != 0) {
        return errno;
    }
    *bytes = (uint64_t)status.st_size;
    return S_ISREG(status.st_mode) ? 0 : OS_FILE_NOT_REGULAR;
}

static OsFileError open_file(const char *path, OsFile *file, uint64_t *bytes) {
    struct stat before;
    if (stat(path, &before) == 0 && !S_ISREG(before.st_mode)) {
        return OS_FILE_NOT_REGULAR;
    }
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* it may be another one by now */
    if (opened < 0) {
        return errno;
    }
    OsFileError error = size_of(opened, bytes);
    if (error != 0) {
        close(opened);
        return error;
    }
    *file = opened;
    return 0;
}

static OsFileError read_file(OsFile file, void *target, size_t bytes, uint64_t offset) {
    char *at = target;
    while (bytes > 0) {
        ssize_t got = pread((int)file, at, bytes, (off_t)offset);
        if (got == 0) {
            return OS_FILE_ENDED;
        }
        if (got < 0 && errno != EINTR) {
            return errno;
        }
        size_t moved = got > 0 ? (size_t)got : 0;
        at += moved;
        bytes -= moved;
        offset += moved;
    }
    return 0;
}

static OsFileError map_file(OsFile file, size_t bytes, const void **mapped) {
    void *pages = mmap(NULL, bytes, PROT_READ, MAP_SHARED, (int)file, 0);
    *mapped = pages;
    return pages != MAP_FAILED ? 0 : errno;
}

static bool unmap_file(const void *mapped, size_t bytes) {
    return munmap((void *)(uintptr_t)mapped, bytes) == 0;
}

static size_t page_size(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* Bytes of a path up to its last part. */
static size_t directory_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

/* Where a path leads when its last part is a symbolic link, also when nothing is there yet. */
static OsFileError follow_links(const char *path, char target[OS_FILE_PATH_MAX]) {
    size_t length = strlen(path);
    if (length >= OS_FILE_PATH_MAX) {
        return OS_FILE_PATH_TOO_LONG;
    }
    memcpy(target, path, length + 1);
    for (int links = 0; links < LINKS_MAX; links++) {
        char link[OS_FILE_PATH_MAX];
        ssize_t got = readlink(target, link, sizeof link);
        if (got < 0) {
            return errno == EINVAL || errno == ENOENT ? 0 : errno;
        }
        size_t kept = got > 0 && link[0] == '/' ? 0 : directory_length(target);
        if (kept + (size_t)got >= OS_FILE_PATH_MAX) {
            return OS_FILE_PATH_TOO_LONG;
        }
        memcpy(target + kept, link, (size_t)got);
        target[kept + (size_t)got] = '\0';
    }
    return ELOOP;
}

/* The permissions of the file that is to be replaced, 0: there is none. What is no file is left alone. */
static OsFileError mode_of(const char *path, mode_t *mode) {
    struct stat old;
    *mode = 0;
    if (lstat(path, &old) != 0) {
        return 0;
    }
    *mode = old.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO);
    return S_ISREG(old.st_mode) ? 0 : OS_FILE_NOT_REGULAR;
}

/* As private as the old file from the start; and as open as that, whatever the process's mask is. */
static int open_new(const char *name, mode_t old) {
    int flags = O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW;
    int file = open(name, flags, old == 0 ? 0666 : S_IRUSR | S_IWUSR);
    if (file >= 0 && old != 0 && fchmod(file, old) != 0) {
        int error = errno;
        close(file);
        unlink(name);
        errno = error;
        return -1;
    }
    return file;
}

/* Takes the lock that a writer holds for as long as it lives. False: somebody took the file for that of a dead writer
 * before it was locked, and has removed it or is about to. Some file systems know no locks: nothing is removed there.
 * */
static bool claim(int file) {
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        return errno != EWOULDBLOCK;
    }
    struct stat status;
    return fstat(file, &status) != 0 || status.st_nlink > 0;
}

/* Removes an unfinished file whose writer was killed. Its name cannot lead to another file meanwhile: who removes or
 * renames such a file holds its lock. */
static void remove_dead(const char *name) {
    int file = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    struct stat opened;
    struct stat named;
    if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0 && fstat(file, &opened) == 0 && lstat(name, &named) == 0 &&
        S_ISREG(opened.st_mode) && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino) {
        unlink(name);
    }
    if (file >= 0) {
        close(file);
    }
}

/* FNV-1a ("The FNV Non-Cryptographic Hash Algorithm", IETF draft-eastlake-fnv): it only keeps names apart. */
static uint64_t hash_of(const char *text) {
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001B3);
    }
    return hash;
}

/* The n-th name for an unfinished file. The first ones are the same for every writer, so that what is left of a killed
 * one is found; the others differ. */
static bool name_new(OsNewFile *made, unsigned number) {
    static atomic_uint created; /* relaxed: it only makes names differ */
    char unique[48] = "";
    if (number >= SHARED_NAMES) {
        snprintf(unique, sizeof unique, "%lx-%" PRIx64 "-%x-", (unsigned long)getpid(), os_clock_ms(),
                 atomic_fetch_add_explicit(&created, 1, memory_order_relaxed));
    }
    size_t directory = directory_length(made->target);
    int length = snprintf(made->name, sizeof made->name, "%.*s.corral-%016" PRIx64 "-%s%u.new", (int)directory,
                          made->target, hash_of(made->target + directory), unique, number);
    return length > 0 && (size_t)length < sizeof made->name;
}

static OsFileError create_file(const char *path, OsNewFile *made) {
    mode_t old;
    OsFileError refused = path[0] == '\0' ? ENOENT : follow_links(path, made->target);
    refused = refused == 0 ? mode_of(made->target, &old) : refused;
    if (refused != 0) {
        return refused == ENAMETOOLONG ? OS_FILE_PATH_TOO_LONG : refused;
    }
    for (unsigned number = 0; number < SHARED_NAMES && name_new(made, number); number++) {
        remove_dead(made->name);
    }
    int error = 0;
    for (unsigned number = 0; number < NAME_ATTEMPTS; number++) {
        if (!name_new(made, number)) {
            return OS_FILE_PATH_TOO_LONG;
        }
        int file = open_new(made->name, old);
        error = errno;
        if (file >= 0 && claim(file)) {
            made->file = file;
            return 0;
        }
        if (file >= 0) {
            close(file);
        } else if (error != EEXIST) {
            break;
        }
    }
    return error;
}

static OsFileError write_file(OsNewFile *made, const void *source, size_t bytes, uint64_t offset) {
    const char *at = source;
    while (bytes > 0) {
        ssize_t put = pwrite((int)made->file, at, bytes, (off_t)offset);
        if (put < 0 && errno != EINTR) {
            return errno;
        }
        size_t moved = put > 0 ? (size_t)put : 0;
        at += moved;
        bytes -= moved;
        offset += moved;
    }
    return 0;
}

static OsFileError sync_file(OsNewFile *made) {
    return fsync((int)made->file) == 0 ? 0 : errno;
}

static OsFileError replace_file(OsNewFile *made) {
    if (rename(made->name, made->target) != 0) {
        return errno;
    }
    close_file(made->file);
    return 0;
}

static OsFileError sync_directory(const OsNewFile *made) {
    char directory[OS_FILE_PATH_MAX] = ".";
    size_t length = directory_length(made->target);
    if (length > 0) {
        memcpy(directory, made->target, length);
        directory[length] = '\0';
    }
    int opened = open(directory, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (opened < 0) {
        return errno == EACCES ? 0 : errno; /* a directory that may be written and not be read cannot be synced */
    }
    OsFileError error = fsync(opened) == 0 || errno == EINVAL ? 0 : errno; /* some file systems know no such thing */
    close(opened);
    return error;
}

static void discard_file(OsNewFile *made) {
    unlink(made->name);
    close_file(made->file);
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

const OsFiles *os_files(void) {
    static const OsFiles files = {.open = open_file,
                                  .read = read_file,
                                  .map = map_file,
                                  .unmap = unmap_file,
                                  .size = size_of,
                                  .page_size = page_size,
                                  .close = close_file,
                                  .create = create_file,
                                  .write = write_file,
                                  .sync = sync_file,
                                  .replace = replace_file,
                                  .sync_directory = sync_directory,
                                  .discard = discard_file};
    return &files;
}

bool os_file_is_scarce(OsFileError error) {
    return error == ENOMEM || error == EMFILE || error == ENFILE;
}

void os_file_describe(OsFileError error, char *text, size_t room) {
    switch (error) {
    case OS_FILE_ENDED:
        snprintf(text, room, "it ended early");
        break;
    case OS_FILE_NOT_REGULAR:
        snprintf(text, room, "it is no regular file");
        break;
    case OS_FILE_PATH_TOO_LONG:
        snprintf(text, room, "its path is too long");
        break;
    default:
        snprintf(text, room, "errno=%d %s", error, strerror(error));
        break;
    }
}
