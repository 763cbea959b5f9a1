/* SPDX-License-Identifier: Apache-2.0
 * os_file.c (Windows) - files that are replaced as a whole. Compiled, and not run anywhere yet.
 * Layer: pages. Threads: any. */
#include "os_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define NAME_ATTEMPTS 100     /* a name that somebody else has taken: another one is tried */
#define STEP ((DWORD)1 << 30) /* bytes of one call, which counts in 32 bits */

static OsFileError last_error(void) {
    return (OsFileError)GetLastError();
}

static HANDLE handle_of(OsFile file) {
    return (HANDLE)file;
}

static void close_file(OsFile file) {
    CloseHandle(handle_of(file));
}

static OVERLAPPED at_offset(uint64_t offset) {
    OVERLAPPED place = {0};
    place.Offset = (DWORD)offset;
    place.OffsetHigh = (DWORD)(offset >> 32);
    return place;
}

static DWORD step_of(size_t bytes) {
    return bytes < STEP ? (DWORD)bytes : STEP;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static OsFileError size_of(OsFile file, uint64_t *bytes) {
    LARGE_INTEGER size;
    if (!GetFileSizeEx(handle_of(file), &size)) {
        return last_error();
    }
    *bytes = (uint64_t)size.QuadPart;
    return 0;
}

static size_t page_size(void) {
    SYSTEM_INFO system;
    GetSystemInfo(&system);
    return system.dwPageSize;
}

static OsFileError open_file(const char *path, OsFile *file, uint64_t *bytes) {
    DWORD sharing = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    HANDLE opened = CreateFileA(path, GENERIC_READ, sharing, NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (opened == INVALID_HANDLE_VALUE) {
        return last_error();
    }
    OsFileError error = GetFileType(opened) == FILE_TYPE_DISK ? size_of((OsFile)opened, bytes) : OS_FILE_NOT_REGULAR;
    if (error != 0) {
        CloseHandle(opened);
        return error;
    }
    *file = (OsFile)opened;
    return 0;
}

static OsFileError read_file(OsFile file, void *target, size_t bytes, uint64_t offset) {
    char *at = target;
    while (bytes > 0) {
        OVERLAPPED place = at_offset(offset);
        DWORD got = 0;
        if (!ReadFile(handle_of(file), at, step_of(bytes), &got, &place)) {
            return GetLastError() == ERROR_HANDLE_EOF ? OS_FILE_ENDED : last_error();
        }
        if (got == 0) {
            return OS_FILE_ENDED;
        }
        at += got;
        bytes -= got;
        offset += got;
    }
    return 0;
}

/* The view keeps the mapping object, which keeps the file. */
static OsFileError map_file(OsFile file, size_t bytes, const void **mapped) {
    HANDLE mapping = CreateFileMappingA(handle_of(file), NULL, PAGE_READONLY, 0, 0, NULL);
    if (mapping == NULL) {
        return last_error();
    }
    *mapped = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, bytes);
    OsFileError error = *mapped != NULL ? 0 : last_error();
    CloseHandle(mapping);
    return error;
}

static bool unmap_file(const void *mapped, size_t bytes) {
    (void)bytes;
    return UnmapViewOfFile(mapped) != 0;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static size_t directory_length(const char *path) {
    size_t length = 0;
    for (size_t i = 0; path[i] != '\0'; i++) {
        length = strchr("/\\:", path[i]) != NULL ? i + 1 : length;
    }
    return length;
}

/* FNV-1a, as on POSIX. */
static uint64_t hash_of(const char *text) {
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001B3);
    }
    return hash;
}

/* Keeps the path; a symbolic link is not followed. False when it is too long. */
static bool name_new(OsNewFile *made, const char *path, int number) {
    size_t directory = directory_length(path);
    int target = snprintf(made->target, sizeof made->target, "%s", path);
    int length = snprintf(made->name, sizeof made->name, "%.*s.corral-%016" PRIx64 "-%d.new", (int)directory, path,
                          hash_of(path + directory), number);
    return target >= 0 && (size_t)target < sizeof made->target && length > 0 && (size_t)length < sizeof made->name;
}

/* Others may not delete the file while it is open: so what can be deleted was left behind by a writer that was
 * killed. */
static OsFileError create_file(const char *path, OsNewFile *made) {
    OsFileError error = 0;
    for (int number = 0; number < NAME_ATTEMPTS; number++) {
        if (!name_new(made, path, number)) {
            return OS_FILE_PATH_TOO_LONG;
        }
        DeleteFileA(made->name);
        HANDLE file = CreateFileA(made->name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_NEW,
                                  FILE_ATTRIBUTE_NORMAL, NULL);
        if (file != INVALID_HANDLE_VALUE) {
            made->file = (OsFile)file;
            return 0;
        }
        error = last_error();
        if (error != ERROR_FILE_EXISTS && error != ERROR_ACCESS_DENIED && error != ERROR_SHARING_VIOLATION) {
            break;
        }
    }
    return error;
}

static OsFileError write_file(OsNewFile *made, const void *source, size_t bytes, uint64_t offset) {
    const char *at = source;
    while (bytes > 0) {
        OVERLAPPED place = at_offset(offset);
        DWORD put = 0;
        if (!WriteFile(handle_of(made->file), at, step_of(bytes), &put, &place)) {
            return last_error();
        }
        at += put;
        bytes -= put;
        offset += put;
    }
    return 0;
}

static OsFileError sync_file(OsNewFile *made) {
    return FlushFileBuffers(handle_of(made->file)) ? 0 : last_error();
}

/* An open file cannot be moved over another one. It is closed first, which leaves discard() nothing to close. */
static OsFileError replace_file(OsNewFile *made) {
    close_file(made->file);
    made->file = (OsFile)INVALID_HANDLE_VALUE;
    return MoveFileExA(made->name, made->target, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) ? 0 : last_error();
}

/* MOVEFILE_WRITE_THROUGH has done it. */
static OsFileError sync_directory(const OsNewFile *made) {
    (void)made;
    return 0;
}

static void discard_file(OsNewFile *made) {
    if (handle_of(made->file) != INVALID_HANDLE_VALUE) {
        close_file(made->file);
    }
    DeleteFileA(made->name);
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
    return error == ERROR_NOT_ENOUGH_MEMORY || error == ERROR_OUTOFMEMORY || error == ERROR_TOO_MANY_OPEN_FILES;
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
        snprintf(text, room, "system error %d", error);
        break;
    }
}
