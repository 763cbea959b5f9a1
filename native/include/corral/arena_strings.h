/* SPDX-License-Identifier: Apache-2.0
 * arena_strings.h - text in an arena, ready or growing. Include arena.h.
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

/* --- a string that grows ------------------------------------------------------------------------------------------ */

/* Text under construction. It grows at the arena's end without being copied while nothing else is allocated there; else
 * it moves, and doubles its room, so that n bytes cost O(n) altogether. Take it from arena_string_begin(), and do not
 * copy it. Other allocations may come between any two calls. A reset, a clear or a rewind that takes the text back
 * makes it stale: every call refuses it with CORRAL_STALE_STRING then, and touches nothing.
 * Invariant: text == NULL, or length < room and text[length] is NUL */
typedef struct ArenaString {
    Arena *arena;        /* NULL: never begun, finished or discarded */
    char *text;          /* may be read, until the next call changes it; NULL: nothing was appended yet */
    size_t length;       /* bytes, without the NUL */
    size_t room;         /* the library's, as what follows: bytes of the block at `text` */
    uint64_t hold;       /* is valid as long as the block */
    uint64_t take_backs; /* of the arena, when the hold was found valid */
    uint32_t chunk;      /* of `text` */
} ArenaString;

/* An empty string in `arena`, which holds no memory yet. */
ArenaString arena_string_begin(Arena *arena);

/* Appends a NUL-terminated text, or bytes, which may hold NULs and may be a part of the string itself. CORRAL_OK,
 * CORRAL_INVALID_ARENA (also of a finished string), CORRAL_INVALID_ARGUMENT (NULL), CORRAL_STALE_STRING, or as
 * arena_alloc(); the string is as it was then.
 * Cost: O(bytes), and now and then a request to the pool for the arena's books. */
CorralStatus arena_string_append(ArenaString *string, const char *text);
CorralStatus arena_string_append_bytes(ArenaString *string, const void *bytes, size_t size);

/* Appends what printf() would print. No argument may be a part of the string. Fails as above, and with
 * CORRAL_INVALID_ARGUMENT when the text cannot be encoded. Cost: formats twice when the room is not enough. */
CorralStatus arena_string_append_format(ArenaString *string, const char *format, ...) ARENA_PRINTF(2, 3);
CorralStatus arena_string_append_vformat(ArenaString *string, const char *format, va_list arguments) ARENA_PRINTF(2, 0);

/* Ends the string: its text, NUL-terminated, in a block of exactly its size (rounded) unless something else was
 * allocated behind it; `length`, if not NULL, receives its bytes without the NUL. NULL, with the arena's status and the
 * string as it was, when the string is stale, or empty and there is no memory for its NUL.
 * Owner: the arena, as any block's. The string may be begun anew. */
char *arena_string_finish(ArenaString *string, size_t *length);

/* Ends the string without a result; its room is given back if it is the arena's last block. */
void arena_string_discard(ArenaString *string);

#ifdef __cplusplus
}
#endif

#endif
