/* SPDX-License-Identifier: Apache-2.0
 * os_file.h - files that are replaced as a whole, and read or mapped: a table of functions, so that tests can fail any.
 * Layer: pages (for the layers above that ask for it). May include: nothing of ours.
 * Threads: any; one OsNewFile is used by one thread. Paths are in the system's encoding, ended by a NUL. */
#ifndef CORRAL_PAGES_OS_FILE_H
#define CORRAL_PAGES_OS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0: done; OS_FILE_ENDED: the file has fewer bytes than asked for; OS_FILE_NOT_REGULAR: a directory, device or pipe;
 * OS_FILE_PATH_TOO_LONG; any positive number: the system's error code. */
typedef int OsFileError;

#define OS_FILE_ENDED (-1)
#define OS_FILE_NOT_REGULAR (-2)
#define OS_FILE_PATH_TOO_LONG (-3)

#define OS_FILE_PATH_MAX 4096 /* bytes of a path with its NUL */

typedef intptr_t OsFile; /* what the system calls an open file */

/* A file that is being written beside the one that it will replace. */
typedef struct OsNewFile {
    OsFile file;
    char name[OS_FILE_PATH_MAX];   /* of the unfinished file */
    char target[OS_FILE_PATH_MAX]; /* what it will replace */
} OsNewFile;

/* Invariant: every function is set. A function that fails leaves nothing open or mapped that it would have opened. */
typedef struct OsFiles {
    /* Opens a regular file for reading; `bytes` receives its size. Never waits, as for the writer of a pipe, and never
     * opens a device, which might notice. */
    OsFileError (*open)(const char *path, OsFile *file, uint64_t *bytes);

    /* Reads exactly `bytes` bytes at `offset`. */
    OsFileError (*read)(OsFile file, void *target, size_t bytes, uint64_t offset);

    /* Maps the first `bytes` bytes for reading, shared with all who map the file. The mapping outlives the open file.
     * Touching a page that the file has lost since is a fault (SIGBUS). */
    OsFileError (*map)(OsFile file, size_t bytes, const void **mapped);

    bool (*unmap)(const void *mapped, size_t bytes);

    /* How many bytes an open file has now. */
    OsFileError (*size)(OsFile file, uint64_t *bytes);

    void (*close)(OsFile file);

    /* Bytes of a page of this machine: a power of two. */
    size_t (*page_size)(void);

    /* Creates a file beside `path`, or beside what `path` links to, under a name that does not grow with that of
     * `path`: `.corral-<hash of the name>-<number>.new`. It has the permissions of the file that is there, else those
     * that the process gives new files. A file that a killed writer has left behind under such a name is removed. */
    OsFileError (*create)(const char *path, OsNewFile *made);

    OsFileError (*write)(OsNewFile *made, const void *source, size_t bytes, uint64_t offset);

    /* Puts the bytes on the storage device. */
    OsFileError (*sync)(OsNewFile *made);

    /* Gives the file the name `target`, in one step: whoever opens that gets the old file or the new one. Closes it. On
     * failure it is still there, to be discarded. */
    OsFileError (*replace)(OsNewFile *made);

    /* Puts the name on the storage device, where the system can. */
    OsFileError (*sync_directory)(const OsNewFile *made);

    /* Closes and removes an unfinished file. */
    void (*discard)(OsNewFile *made);
} OsFiles;

/* The operating system's. */
const OsFiles *os_files(void);

/* Whether the system had no memory, or no more open files, for what was asked: it may have when something is closed. */
bool os_file_is_scarce(OsFileError error);

/* Writes what the error means to `text`, ended by a NUL. */
void os_file_describe(OsFileError error, char *text, size_t room);

#endif
