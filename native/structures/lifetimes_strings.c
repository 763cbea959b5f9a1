/* SPDX-License-Identifier: Apache-2.0
 * lifetimes_strings.c - one copy of each string, in a hash table.
 * Layer: structures. May include: arena/, mempool/, base/.
 *
 * The table lies in books of the pool, the bytes in the arena. A stale view may change the bytes; then they are found
 * under another string or not at all, but nothing is read that is not a string's. */
#include <string.h>

#include "arena/arena_parts.h"
#include "mempool/pool_extension.h"
#include "structures/lifetimes_parts.h"

#define FIRST_ROOM 64u

#define HASH_PRIME UINT64_C(0xC6A4A7935BD1E995)
#define WORD sizeof(uint64_t)

static uint64_t hash_add(uint64_t hash, uint64_t word) {
    word *= HASH_PRIME;
    word ^= word >> 47;
    return (hash ^ word * HASH_PRIME) * HASH_PRIME;
}

static uint64_t word_at(const char *text) {
    uint64_t word;
    memcpy(&word, text, WORD);
    return word;
}

/* MurmurHash64A (Austin Appleby, public domain), but that the last word overlaps the one before it where the length is
 * no multiple of its size. */
static uint64_t hash_of(const char *text, size_t length) {
    uint64_t hash = (uint64_t)length * HASH_PRIME;
    if (length >= WORD) {
        const char *last = text + length - WORD;
        for (; text < last; text += WORD) {
            hash = hash_add(hash, word_at(text));
        }
        hash = hash_add(hash, word_at(last));
    } else {
        uint64_t word = 0;
        for (size_t i = 0; i < length; i++) {
            word = word << 8 | (unsigned char)text[i];
        }
        hash = hash_add(hash, word);
    }
    hash = (hash ^ hash >> 47) * HASH_PRIME;
    return hash ^ hash >> 47;
}

/* The entry of the string, or the free one where it belongs; there is a free one. */
static InternedString *entry_of(InternedString *entries, uint64_t room, uint64_t hash, const char *text,
                                size_t length) {
    uint64_t at = hash & (room - 1);
    while (entries[at].text != NULL &&
           (entries[at].hash != hash || entries[at].length != length || memcmp(entries[at].text, text, length) != 0)) {
        at = (at + 1) & (room - 1);
    }
    return &entries[at];
}

/* Of strings that are known to differ: compares nothing. */
static InternedString *free_entry(InternedString *entries, uint64_t room, uint64_t hash) {
    uint64_t at = hash & (room - 1);
    while (entries[at].text != NULL) {
        at = (at + 1) & (room - 1);
    }
    return &entries[at];
}

/* Makes room for one more string. */
static CorralStatus make_room(InternedStrings *strings, Pool *pool) {
    if (strings->count < strings->room / 4 * 3) {
        return CORRAL_OK;
    }
    uint64_t room = strings->room == 0 ? FIRST_ROOM : strings->room * 2;
    if (room > SIZE_MAX / sizeof(InternedString)) {
        return CORRAL_NO_MEMORY;
    }
    InternedString *entries = pool_books_take(pool, (size_t)room * sizeof *entries);
    if (entries == NULL) {
        return CORRAL_NO_MEMORY;
    }
    for (uint64_t i = 0; i < strings->room; i++) {
        if (strings->entries[i].text != NULL) {
            *free_entry(entries, room, strings->entries[i].hash) = strings->entries[i];
        }
    }
    strings_give(strings, pool);
    strings->entries = entries;
    strings->room = room;
    return CORRAL_OK;
}

/* Blocks of the arena were taken back, perhaps with strings: none is known any more. */
static void forget_taken_back(InternedStrings *strings, Arena *arena) {
    if (strings->taken_back != arena->take_backs && strings->count != 0) {
        memset(strings->entries, 0, (size_t)strings->room * sizeof *strings->entries);
        strings->count = 0;
    }
    strings->taken_back = arena->take_backs;
}

CorralStatus strings_intern(InternedStrings *strings, Arena *arena, const char *text, size_t length,
                            const char **interned) {
    if (length == SIZE_MAX) { /* there is no room for the NUL */
        return CORRAL_SIZE_LIMIT;
    }
    uint64_t hash = hash_of(text, length);
    forget_taken_back(strings, arena);
    CorralStatus status = make_room(strings, arena->pool);
    if (status != CORRAL_OK) {
        return status;
    }
    InternedString *entry = entry_of(strings->entries, strings->room, hash, text, length);
    if (entry->text == NULL) {
        char *copy = arena_alloc_aligned(arena, length + 1, 1);
        if (copy == NULL) {
            return arena_last_status(arena);
        }
        if (length != 0) {
            memcpy(copy, text, length);
        }
        copy[length] = '\0';
        *entry = (InternedString){.text = copy, .hash = hash, .length = length};
        strings->count++;
    } else {
        strings->found++;
    }
    *interned = entry->text;
    return CORRAL_OK;
}

void strings_give(InternedStrings *strings, Pool *pool) {
    pool_books_give(pool, strings->entries, (size_t)strings->room * sizeof *strings->entries);
    strings->entries = NULL;
    strings->room = 0;
}

bool strings_hold(const InternedStrings *strings, const Arena *arena) {
    uint64_t count = 0;
    bool is_current = strings->taken_back == arena->take_backs;
    for (uint64_t at = 0; at < strings->room; at++) {
        const InternedString *entry = &strings->entries[at];
        if (entry->text == NULL) {
            continue;
        }
        count++;
        for (uint64_t before = entry->hash & (strings->room - 1); before != at;
             before = (before + 1) & (strings->room - 1)) {
            if (strings->entries[before].text == NULL) {
                return false;
            }
        }
        if (is_current && entry->text[entry->length] != '\0') {
            return false;
        }
    }
    return count == strings->count && count <= strings->room / 4 * 3;
}
