/* SPDX-License-Identifier: Apache-2.0
 * table.h - lines of a table of statistics, into a file or into memory. Layer: base. May include: nothing.
 * Threads: the caller's sink. */
#ifndef CORRAL_BASE_TABLE_H
#define CORRAL_BASE_TABLE_H

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TABLE_LINE_MAX 128 /* bytes of a line: 80 columns, and a name may hold characters of several bytes */

/* Where a table goes: `out`, or as much as fits into `text`. */
typedef struct Sink {
    FILE *out;
    char *text;
    size_t room;
    size_t length; /* written so far, what did not fit included */
} Sink;

static inline void put(Sink *sink, const char *line, size_t length) {
    if (sink->out != NULL) {
        fwrite(line, 1, length, sink->out);
    } else if (sink->length + 1 < sink->room) {
        size_t left = sink->room - 1 - sink->length;
        memcpy(sink->text + sink->length, line, length < left ? length : left);
    }
    sink->length += length;
}

#if defined(__GNUC__)
static inline void put_line(Sink *sink, const char *format, ...) __attribute__((format(printf, 2, 3)));
#endif

static inline void put_line(Sink *sink, const char *format, ...) {
    char line[TABLE_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    assert(0 <= length && (size_t)length < sizeof line);
    put(sink, line, (size_t)length);
}

/* Ends the text with a NUL, whether all of the table fitted or not. */
static inline void put_end(const Sink *sink) {
    if (sink->room != 0) {
        sink->text[sink->length < sink->room ? sink->length : sink->room - 1] = '\0';
    }
}

/* Room for 20 digits, 6 separators and the NUL. */
typedef struct Grouped {
    char text[27];
} Grouped;

/* Digits in groups of three: 1,234,567. */
static inline Grouped grouped(uint64_t value) {
    Grouped result;
    char digits[21];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, value);
    size_t at = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            result.text[at++] = ',';
        }
        result.text[at++] = digits[i];
    }
    result.text[at] = '\0';
    return result;
}

static inline void put_row(Sink *sink, const char *label, uint64_t value, const char *unit) {
    put_line(sink, "  %-16s %26s%s\n", label, grouped(value).text, unit);
}

#endif
