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
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os_thread.h"

#define NAME_ATTEMPTS 100 /* a name that somebody else has taken: another one is tried */

static void close_file(OsFile file) {
    close((int)file);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static OsFileError open_file(const char *path, OsFile *file, uint64_t *bytes) {
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (opened < 0) {
        return errno;
    }
    struct stat status;
    OsFileError error = fstat(opened, &status) == 0 ? 0 : errno;
    if (error == 0 && !S_ISREG(status.st_mode)) {
        error = OS_FILE_NOT_REGULAR;
    }
    if (error != 0) {
        close(opened);
        return error;
    }
    *file = opened;
    *bytes = (uint64_t)status.st_size;
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

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* The permissions of the file that is to be replaced, 0: there is none. What is no file is left alone; a symbolic link is
 * replaced itself. */
static OsFileError mode_of(const char *path, mode_t *mode) {
    struct stat old;
    *mode = 0;
    if (lstat(path, &old) != 0 || (S_ISLNK(old.st_mode) && stat(path, &old) != 0)) {
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

static OsFileError create_file(const char *path, OsNewFile *made) {
    mode_t old;
    OsFileError refused = mode_of(path, &old);
    if (refused != 0) {
        return refused;
    }
    static atomic_uint created; /* relaxed: it only makes names differ */
    for (int attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
        unsigned number = atomic_fetch_add_explicit(&created, 1, memory_order_relaxed);
        int length = snprintf(made->name, sizeof made->name, "%s.%lx-%" PRIx64 "-%x.new", path, (unsigned long)getpid(),
                              os_clock_ms(), number);
        if (length < 0 || (size_t)length >= sizeof made->name) {
            return OS_FILE_PATH_TOO_LONG;
        }
        int file = open_new(made->name, old);
        if (file >= 0) {
            made->file = file;
            return 0;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    return errno;
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

static OsFileError replace_file(OsNewFile *made, const char *path) {
    if (rename(made->name, path) != 0) {
        return errno;
    }
    close_file(made->file);
    return 0;
}

static OsFileError sync_directory(const char *path) {
    char directory[OS_FILE_PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    if (slash != NULL) {
        size_t length = slash == path ? 1 : (size_t)(slash - path);
        if (length >= sizeof directory) {
            return OS_FILE_PATH_TOO_LONG;
        }
        memcpy(directory, path, length);
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
                                  .close = close_file,
                                  .create = create_file,
                                  .write = write_file,
                                  .sync = sync_file,
                                  .replace = replace_file,
                                  .sync_directory = sync_directory,
                                  .discard = discard_file};
    return &files;
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
