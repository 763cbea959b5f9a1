/* SPDX-License-Identifier: Apache-2.0
 * mapped_error.c - why a file was not sealed or opened.
 * Layer: structures. May include: pages/. Threads: any. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mapped_parts.h"

CorralStatus mapped_refused(MappedError *error, CorralStatus status, const char *path, const char *format, ...) {
    if (error == NULL) {
        return status;
    }
    error->status = status;
    size_t length = path != NULL ? strlen(path) : 0;
    const char *shown = path == NULL ? "NULL" : length > MAPPED_PATH_SHOWN ? path + (length - MAPPED_PATH_SHOWN) : path;
    int written =
        snprintf(error->text, sizeof error->text, "file=%s%s: ", length > MAPPED_PATH_SHOWN ? "..." : "", shown);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text + written, sizeof error->text - (size_t)written, format, arguments);
    va_end(arguments);
    return status;
}

CorralStatus mapped_system_refused(MappedError *error, OsFileError cause, const char *path, const char *what) {
    char reason[128];
    os_file_describe(cause, reason, sizeof reason);
    CorralStatus status = os_file_is_scarce(cause) ? CORRAL_NO_MEMORY : CORRAL_FILE_REFUSED;
    return mapped_refused(error, status, path, "the system does not %s (%s)", what, reason);
}

CorralStatus mapped_done(MappedError *error) {
    if (error != NULL) {
        error->status = CORRAL_OK;
        error->text[0] = '\0';
    }
    return CORRAL_OK;
}
