/* SPDX-License-Identifier: Apache-2.0
 * string_parts.h - growing strings for jni, which writes the text itself and asks for its NUL at the end only.
 * Layer: arena (private to the library). May include: arena_parts.h. Threads: the arena's owner. */
#ifndef CORRAL_ARENA_STRING_PARTS_H
#define CORRAL_ARENA_STRING_PARTS_H

#include "arena/arena_parts.h"

/* CORRAL_OK when the string can be used: it has an arena, and what it holds is there. */
CorralStatus string_check(ArenaString *string);

/* Makes room for `more` bytes behind the text. CORRAL_OK, or why not, which is the arena's status then. */
CorralStatus string_reserve(ArenaString *string, size_t more);

/* The reference of the text; 0 when there is none. */
ArenaRef string_ref(const ArenaString *string);

/* Ends the string with a block of exactly `size` bytes, if it is the last one; size <= room. */
void string_end(ArenaString *string, size_t size);

#endif
