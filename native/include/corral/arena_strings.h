/* SPDX-License-Identifier: Apache-2.0
 * arena_strings.h - text in an arena. Include arena.h.
 * Layer: arena. May include: arena_types.h. Threads: the arena's owner. */
#ifndef CORRAL_ARENA_STRINGS_H
#define CORRAL_ARENA_STRINGS_H

#include <stdarg.h>

#include "corral/arena_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A NUL-terminated copy of `text`. NULL text: CORRAL_INVALID_ARGUMENT. Fails as arena_alloc(). */
char *arena_strdup(Arena *arena, const char *text);

/* A NUL-terminated copy of at most `length` bytes of `text`, ending at its first NUL; `text` need not be terminated. */
char *arena_strndup(Arena *arena, const char *text, size_t length);

/* A NUL-terminated string formatted as by printf(), in a block of exactly its size (rounded). CORRAL_INVALID_ARGUMENT
 * when the format is NULL or cannot be encoded. Cost: formats twice when the text is longer than 255 bytes. */
char *arena_sprintf(Arena *arena, const char *format, ...) ARENA_PRINTF(2, 3);
char *arena_vsprintf(Arena *arena, const char *format, va_list arguments) ARENA_PRINTF(2, 0);

#ifdef __cplusplus
}
#endif

#endif
