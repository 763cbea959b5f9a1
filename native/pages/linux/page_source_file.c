/* SPDX-License-Identifier: Apache-2.0
 * page_source_file.c (Linux) - memory in a file, with or without a name.
 * Layer: pages. May include: base/. Threads: any. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/align.h"
#include "extents.h"
#include "mapping.h"
#include "os_lock.h"
#include "shared_source.h"

#define FILE_BYTES_MAX ((size_t)1 << 43) /* of offsets to hand out; 8 TiB is below every file system's largest file */
#define UNNAMED "/corral-XXXXXX"

typedef struct FileSource {
    SharedSource shared;
    int file;
    char *name;       /* removed at the end; NULL: it has none */
    bool keeps_bytes; /* under lock; a hole could not be punched: what is reserved again may hold old bytes */
    OsLock lock;
    Extents extents; /* under lock; the owner is the address of the mapping */
} FileSource;

/* --- pages -------------------------------------------------------------------------------------------------------- */

/* Room in the file, and the file mapped there; under lock. The address is reserved first, so that it can be aligned. */
static void *map_extent(FileSource *source, const Extent *extent, size_t alignment) {
    off_t offset = (off_t)extent->offset;
    void *pages = mapping_reserve(extent->bytes, alignment, source->shared.table.page_size, PROT_NONE, 0);
    if (pages == NULL) {
        return NULL;
    }
    int protection = PROT_READ | PROT_WRITE;
    if (posix_fallocate(source->file, offset, (off_t)extent->bytes) != 0 ||
        mmap(pages, extent->bytes, protection, MAP_SHARED | MAP_FIXED, source->file, offset) == MAP_FAILED) {
        mapping_release(pages, extent->bytes);
        return NULL;
    }
    return pages;
}

/* Gives the room in the file back; under lock. */
static void punch(FileSource *source, const Extent *extent) {
    int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    if (fallocate(source->file, mode, (off_t)extent->offset, (off_t)extent->bytes) != 0) {
        source->keeps_bytes = true;
    }
}

static void *file_reserve(void *context, size_t bytes, size_t alignment) {
    FileSource *source = context;
    os_lock_take(&source->lock);
    Extent *extent = extents_take(&source->extents, bytes, 0, source->shared.table.page_size);
    void *pages = extent != NULL ? map_extent(source, extent, alignment) : NULL;
    if (pages != NULL) {
        extent->owner = pages;
    } else if (extent != NULL) {
        punch(source, extent); /* a part of it may have been allocated */
        extents_give(&source->extents, extent);
    }
    bool dirty = source->keeps_bytes;
    os_lock_release(&source->lock);
    return pages != NULL && dirty ? memset(pages, 0, bytes) : pages;
}

static bool file_release(void *context, void *pages, size_t bytes) {
    FileSource *source = context;
    os_lock_take(&source->lock);
    Extent *extent = extents_find(&source->extents, pages, bytes);
    bool released = extent != NULL && mapping_release(pages, bytes);
    if (released) {
        punch(source, extent);
        extents_give(&source->extents, extent);
    }
    os_lock_release(&source->lock);
    return released;
}

/* Zeros without room: memory and page cache go, and the room in the file stays, so that a full disk is no matter later.
 * Some file systems cannot. */
static bool file_discard(void *context, void *pages, size_t bytes) {
    FileSource *source = context;
    os_lock_take(&source->lock);
    const Extent *extent = extents_find(&source->extents, pages, bytes);
    int mode = FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;
    bool discarded = extent != NULL && fallocate(source->file, mode, (off_t)extent->offset, (off_t)bytes) == 0;
    os_lock_release(&source->lock);
    return discarded;
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static PageSource *refused(PageSourceError *error, const char *path, const char *advice) {
    int reason = errno;
    CorralStatus status = reason == ENOMEM ? CORRAL_NO_MEMORY : CORRAL_FILE_REFUSED;
    char shown[128];
    snprintf(shown, sizeof shown, "%s", path);
    return source_refused(error, status, "file=%s errno=%d (%s): %s", shown, reason, strerror(reason), advice);
}

/* Where the file system has no files without names: a name that is there for a moment. */
static int open_by_a_short_lived_name(const char *directory) {
    size_t length = strlen(directory);
    char *name = malloc(length + sizeof UNNAMED);
    if (name == NULL) {
        return -1;
    }
    memcpy(name, directory, length);
    memcpy(name + length, UNNAMED, sizeof UNNAMED);
    int file = mkostemp(name, O_CLOEXEC);
    if (file >= 0) {
        unlink(name);
    }
    free(name);
    return file;
}

static int open_unnamed(const char *directory) {
    int file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
               ? file
               : open_by_a_short_lived_name(directory);
}

static bool is_directory(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Removes the name when it is still that of the file. */
static void remove_name(const FileSource *source) {
    struct stat of_file;
    struct stat of_name;
    if (source->name != NULL && fstat(source->file, &of_file) == 0 && lstat(source->name, &of_name) == 0 &&
        of_file.st_dev == of_name.st_dev && of_file.st_ino == of_name.st_ino) {
        unlink(source->name);
    }
    free(source->name);
}

/* False with errno, and nothing open. */
static bool open_named(FileSource *source, const char *path, bool keep_name) {
    source->name = strdup(path);
    source->file = source->name != NULL ? open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600) : -1;
    if (source->file < 0) {
        int reason = errno;
        free(source->name);
        errno = reason;
        return false;
    }
    if (!keep_name) {
        remove_name(source);
        source->name = NULL;
    }
    return true;
}

static bool open_file(FileSource *source, const char *path, bool keep_name) {
    if (!is_directory(path)) {
        return open_named(source, path, keep_name);
    }
    source->file = open_unnamed(path);
    return source->file >= 0;
}

/* --- life --------------------------------------------------------------------------------------------------------- */

static void file_finish(void *context) {
    FileSource *source = context;
    remove_name(source);
    close(source->file);
    extents_close(&source->extents);
    os_lock_destroy(&source->lock);
}

static bool file_open(FileSource *source) {
    if (!os_lock_init(&source->lock)) {
        return false;
    }
    if (!extents_open(&source->extents, FILE_BYTES_MAX)) {
        os_lock_destroy(&source->lock);
        return false;
    }
    return true;
}

PageSource *page_source_file(const char *path, bool keep_name, PageSourceError *error) {
    if (path == NULL) {
        return source_refused(error, CORRAL_INVALID_ARGUMENT, "file=NULL: pass a directory, or the name of a new file");
    }
    PageSource table = {.name = "file",
                        .page_size = page_source_system()->page_size,
                        .reserve = file_reserve,
                        .release = file_release,
                        .discard = file_discard,
                        .exposed = true};
    FileSource *source = shared_source_new(sizeof *source, &table, NULL, error);
    if (source == NULL) {
        return NULL;
    }
    if (!open_file(source, path, keep_name)) {
        PageSource *none =
            refused(error, path, "pass a writable directory, or the name of a file that does not exist yet in one");
        page_source_close(&source->shared.table);
        return none;
    }
    if (!file_open(source)) {
        remove_name(source);
        close(source->file);
        page_source_close(&source->shared.table);
        return source_refused(error, CORRAL_NO_MEMORY, "no memory to describe the file");
    }
    source->shared.finish = file_finish;
    return &source->shared.table;
}
