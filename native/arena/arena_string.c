/* SPDX-License-Identifier: Apache-2.0
 * arena_string.c - strings that grow at the arena's end.
 * Layer: arena. May include: mempool.h, base/.
 *
 * The string is a block that is resized. The arena does not know of it, so it carries a hold: an entry of the release
 * stack that is gone as soon as what came after it has been taken back. A block that moved behind a later mark needs a
 * later hold. `take_backs` spares the look: as long as nothing at all was taken back, neither was the string. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arena/release_parts.h"
#include "arena/resize_parts.h"
#include "arena/string_parts.h"
#include "base/align.h"
#include "base/check.h"

static CorralStatus refuse(Arena *arena, CorralStatus status) {
    arena_fail(arena, status);
    return status;
}

static ArenaPlace place_of(const ArenaString *string) {
    return (ArenaPlace){.address = (uintptr_t)string->text, .chunk = string->chunk};
}

ArenaString arena_string_begin(Arena *arena) {
    return (ArenaString){.arena = arena};
}

CorralStatus string_check(ArenaString *string) {
    CorralStatus status = string != NULL ? arena_may_change(string->arena) : CORRAL_INVALID_ARENA;
    if (status != CORRAL_OK) {
        return status;
    }
    Arena *arena = string->arena;
    if (string->text == NULL || string->take_backs == arena->take_backs) {
        return CORRAL_OK;
    }
    if (!hold_is_valid(arena, string->hold)) {
        return refuse(arena, CORRAL_STALE_STRING);
    }
    string->take_backs = arena->take_backs;
    return CORRAL_OK;
}

ArenaRef string_ref(const ArenaString *string) {
    if (string->text == NULL) {
        return 0;
    }
    ArenaPlace place = place_of(string);
    return ref_of_place(string->arena, &place);
}

/* --- growing ------------------------------------------------------------------------------------------------------ */

/* Places the string, or moves it, in a block of `room` bytes. */
static CorralStatus place_in(const ArenaString *string, ArenaPlace *place, size_t room) {
    Arena *arena = string->arena;
    return string->text == NULL ? arena_place(arena, room, 1, place)
                                : block_resize(arena, place, string->room, string->length, room);
}

/* Doubling pays where the string has to move; where the doubled room does not exist it has to do with what it needs. Of
 * memory that ran out the caller hears at once. */
static CorralStatus grow(const ArenaString *string, ArenaPlace *place, size_t *room) {
    size_t needed = *room;
    bool stays = string->text == NULL ||
                 (block_is_last(string->arena, place, string->room) && block_fits(string->arena, place, needed));
    if (!stays && needed < string->room * 2) {
        *room = string->room * 2;
    }
    CorralStatus status = place_in(string, place, *room);
    if (*room != needed && (status == CORRAL_SIZE_LIMIT || status == CORRAL_ARENA_FULL ||
                            status == CORRAL_LIMIT_REACHED || status == CORRAL_CHUNK_LIMIT)) {
        *room = needed;
        status = place_in(string, place, needed);
    }
    return status;
}

/* Grows under a hold that came after every mark before which the new place can lie. */
static CorralStatus grow_held(ArenaString *string, ArenaPlace *place, size_t *room) {
    Arena *arena = string->arena;
    uint64_t hold = string->hold;
    CorralStatus status = CORRAL_OK;
    bool renews = string->text == NULL || hold_is_before_a_mark(arena, hold);
    if (renews) {
        hold = hold_take(arena, &status);
    }
    if (status == CORRAL_OK) {
        status = grow(string, place, room);
    }
    if (status != CORRAL_OK) {
        if (renews) {
            hold_drop(arena, hold);
        }
        return status;
    }
    if (renews) {
        hold_drop(arena, string->hold);
    }
    string->hold = hold;
    return CORRAL_OK;
}

CorralStatus string_reserve(ArenaString *string, size_t more) {
    size_t room;
    if (!checked_add(string->length, more, &room) || room > ARENA_SIZE_LIMIT) {
        return refuse(string->arena, CORRAL_SIZE_LIMIT);
    }
    if (room <= string->room) {
        return CORRAL_OK;
    }
    room = align_up(room, (size_t)string->arena->control.align_mask + 1); /* what the block costs anyway */
    ArenaPlace place = place_of(string);
    CorralStatus status = grow_held(string, &place, &room);
    if (status != CORRAL_OK) {
        return refuse(string->arena, status);
    }
    string->text = (char *)(uintptr_t)place.address;
    string->chunk = place.chunk;
    string->room = room;
    string->take_backs = string->arena->take_backs;
    return CORRAL_OK;
}

/* As string_check() and string_reserve() of `more` bytes and a NUL. */
static CorralStatus check_and_reserve(ArenaString *string, size_t more) {
    CorralStatus status = string_check(string);
    if (status == CORRAL_OK) {
        status = string_reserve(string, more < SIZE_MAX ? more + 1 : more);
    }
    return status;
}

/* --- appending ---------------------------------------------------------------------------------------------------- */

CorralStatus arena_string_append_bytes(ArenaString *string, const void *bytes, size_t size) {
    const char *source = bytes;
    CorralStatus status = string_check(string);
    if (status != CORRAL_OK) {
        return status;
    }
    if (bytes == NULL) {
        return refuse(string->arena, CORRAL_INVALID_ARGUMENT);
    }
    uintptr_t offset = (uintptr_t)source - (uintptr_t)string->text;
    bool own = string->text != NULL && offset < string->length;
    status = check_and_reserve(string, size);
    if (status != CORRAL_OK) {
        return status;
    }
    memmove(string->text + string->length, own ? string->text + offset : source, size);
    string->length += size;
    string->text[string->length] = '\0';
    return CORRAL_OK;
}

CorralStatus arena_string_append(ArenaString *string, const char *text) {
    return arena_string_append_bytes(string, text, text != NULL ? strlen(text) : 0);
}

CorralStatus arena_string_append_format(ArenaString *string, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    CorralStatus status = arena_string_append_vformat(string, format, arguments);
    va_end(arguments);
    return status;
}

/* Prints into the room that is there. The bytes that it would take, or -1; the string is as it was unless all fit. */
ARENA_PRINTF(2, 0)
static int print(ArenaString *string, const char *format, va_list arguments) {
    size_t room = string->room - string->length;
    char *end = room != 0 ? string->text + string->length : NULL;
    int size = vsnprintf(end, room, format, arguments);
    if (size >= 0 && (size_t)size < room) {
        string->length += (size_t)size;
    } else if (room != 0) {
        *end = '\0';
    }
    return size;
}

CorralStatus arena_string_append_vformat(ArenaString *string, const char *format, va_list arguments) {
    CorralStatus status = string_check(string);
    if (status != CORRAL_OK) {
        return status;
    }
    if (format == NULL) {
        return refuse(string->arena, CORRAL_INVALID_ARGUMENT);
    }
    va_list again;
    va_copy(again, arguments);
    size_t room = string->room - string->length;
    int size = print(string, format, arguments);
    if (size < 0) {
        status = refuse(string->arena, CORRAL_INVALID_ARGUMENT);
    } else if ((size_t)size >= room) {
        status = check_and_reserve(string, (size_t)size);
        if (status == CORRAL_OK) {
            print(string, format, again);
        }
    }
    va_end(again);
    return status;
}

/* --- ending ------------------------------------------------------------------------------------------------------- */

void string_end(ArenaString *string, size_t size) {
    CHECK(size <= string->room);
    ArenaPlace place = place_of(string);
    block_resize(string->arena, &place, string->room, size, size); /* shrinking does not fail */
    hold_drop(string->arena, string->hold);
    *string = (ArenaString){.arena = NULL};
}

char *arena_string_finish(ArenaString *string, size_t *length) {
    if (check_and_reserve(string, 0) != CORRAL_OK) {
        return NULL;
    }
    char *text = string->text;
    text[string->length] = '\0'; /* nothing was appended yet */
    if (length != NULL) {
        *length = string->length;
    }
    string_end(string, string->length + 1);
    return text;
}

void arena_string_discard(ArenaString *string) {
    if (string_check(string) == CORRAL_OK && string->text != NULL) {
        ArenaPlace place = place_of(string);
        block_give_up(string->arena, &place, string->room);
        hold_drop(string->arena, string->hold);
    }
    if (string != NULL) {
        *string = (ArenaString){.arena = NULL};
    }
}
