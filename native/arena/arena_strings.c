/* SPDX-License-Identifier: Apache-2.0
 * arena_strings.c - NUL-terminated strings in arena memory.
 * Layer: arena. May include: mempool.h, base/. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arena/arena_parts.h"

/* Longest text that is formatted only once. */
#define SHORT_TEXT 255

static char *refuse(Arena *arena, CorralStatus status) {
    if (arena_is_valid(arena)) {
        arena_fail(arena, status);
    }
    return NULL;
}

static char *copy_text(Arena *arena, const char *text, size_t length) {
    char *copy = arena_alloc(arena, length + 1); /* length < SIZE_MAX: the text exists */
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

char *arena_strdup(Arena *arena, const char *text) {
    if (text == NULL) {
        return refuse(arena, CORRAL_INVALID_ARGUMENT);
    }
    return copy_text(arena, text, strlen(text));
}

char *arena_strndup(Arena *arena, const char *text, size_t length) {
    if (text == NULL) {
        return refuse(arena, CORRAL_INVALID_ARGUMENT);
    }
    const char *end = memchr(text, '\0', length);
    return copy_text(arena, text, end != NULL ? (size_t)(end - text) : length);
}

char *arena_sprintf(Arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_vsprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

char *arena_vsprintf(Arena *arena, const char *format, va_list arguments) {
    if (format == NULL) {
        return refuse(arena, CORRAL_INVALID_ARGUMENT);
    }
    char buffer[SHORT_TEXT + 1];
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(buffer, sizeof buffer, format, arguments);
    char *text = NULL;
    if (length < 0) {
        refuse(arena, CORRAL_INVALID_ARGUMENT);
    } else if (length <= SHORT_TEXT) {
        text = copy_text(arena, buffer, (size_t)length);
    } else {
        text = arena_alloc(arena, (size_t)length + 1);
        if (text != NULL) {
            vsnprintf(text, (size_t)length + 1, format, again);
        }
    }
    va_end(again);
    return text;
}
