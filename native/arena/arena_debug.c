/* SPDX-License-Identifier: Apache-2.0
 * arena_debug.c - debug mode: guards, fills and the list of blocks, kept up to date by the operations of an arena.
 * Layer: arena. May include: mempool.h, base/.
 *
 * The list is books of the pool, which no view can reach: only what may be damaged lies in the chunks. */
#include <stdio.h>
#include <string.h>

#include "arena/arena_debug_parts.h"
#include "base/align.h"
#include "base/check.h"
#include "base/poison.h"
#include "mempool/pool_extension.h"

#define FIRST_RECORDS 64

/* --- life --------------------------------------------------------------------------------------------------------- */

static void report_to_stderr(void *context, const char *text) {
    (void)context;
    fputs(text, stderr);
}

CorralStatus debug_create(Arena *arena, const ArenaConfig *config) {
    ArenaDebug *debug = pool_books_take(arena->pool, sizeof *debug);
    if (debug == NULL) {
        return CORRAL_NO_MEMORY;
    }
    debug->operation = "";
    debug->report = config->report != NULL ? config->report : report_to_stderr;
    debug->report_context = config->report_context;
    debug->text = (DebugText){.start = debug->buffer, .room = sizeof debug->buffer};
    arena->debug = debug;
    return CORRAL_OK;
}

static void give_records(Pool *pool, DebugRecord *records, size_t room) {
    pool_books_give(pool, records, room * sizeof(DebugRecord));
}

void debug_give(Pool *pool, ArenaDebug *debug) {
    if (debug != NULL) {
        give_records(pool, debug->records, debug->room);
        pool_books_give(pool, debug, sizeof *debug);
    }
}

/* --- bytes -------------------------------------------------------------------------------------------------------- */

/* Fills bytes that belong to no block: they may not be touched. */
static void fill_closed(const Arena *arena, uint64_t start, size_t bytes, unsigned char value) {
    void *first = (void *)(uintptr_t)start;
    memory_open(first, bytes);
    memset(first, value, bytes);
    if (arena->poison) {
        memory_close(first, bytes);
    }
}

/* --- an operation that may find damage ---------------------------------------------------------------------------- */

void debug_begin(Arena *arena, const char *operation) {
    if (arena->debug != NULL) {
        arena->debug->operation = operation;
        arena->debug->found = 0;
    }
}

/* The first damage of an operation replaces the last report. */
static void note_damage(const Arena *arena, const Damage *damage, void *context) {
    (void)context;
    ArenaDebug *debug = arena->debug;
    if (debug->found++ == 0) {
        debug->text.length = 0;
    }
    debug_describe(arena, &debug->text, debug->operation, damage);
}

/* Sends the report off, cut at its end when it is too long. */
static CorralStatus send_report(const Arena *arena) {
    ArenaDebug *debug = arena->debug;
    if (debug->found == 0) {
        return CORRAL_OK;
    }
    if (debug->text.length >= sizeof debug->buffer) {
        char more[] = "...\n";
        memcpy(debug->buffer + sizeof debug->buffer - sizeof more, more, sizeof more);
    }
    debug->report(debug->report_context, debug->buffer);
    return CORRAL_DAMAGED;
}

CorralStatus debug_end(Arena *arena) {
    if (arena->debug == NULL) {
        return CORRAL_OK;
    }
    ArenaDebug *debug = arena->debug;
    debug->damages += debug->found;
    if (debug->released) {
        debug->known = debug->count;
        debug->released = false;
    }
    CorralStatus status = send_report(arena);
    if (status != CORRAL_OK) {
        arena_fail(arena, status);
    }
    return status;
}

CorralStatus debug_check(const Arena *arena, const char *operation) {
    if (arena->debug == NULL) {
        return CORRAL_OK;
    }
    arena->debug->operation = operation;
    arena->debug->found = 0;
    debug_walk_all(arena, note_damage, NULL);
    return send_report(arena);
}

/* --- allocation --------------------------------------------------------------------------------------------------- */

static CorralStatus records_reserve(Arena *arena) {
    ArenaDebug *debug = arena->debug;
    if (debug->count < debug->room) {
        return CORRAL_OK;
    }
    size_t room = debug->room == 0 ? FIRST_RECORDS : debug->room * 2;
    DebugRecord *records = pool_books_take(arena->pool, room * sizeof *records);
    if (records == NULL) {
        return CORRAL_NO_MEMORY;
    }
    if (debug->records != NULL) {
        memcpy(records, debug->records, debug->known * sizeof *records);
        give_records(arena->pool, debug->records, debug->room);
    }
    debug->records = records;
    debug->room = room;
    return CORRAL_OK;
}

CorralStatus debug_reserve(Arena *arena, size_t size, size_t *rounded) {
    if (size == 0) {
        return records_reserve(arena);
    }
    if (*rounded + ARENA_GUARD_BYTES > ARENA_SIZE_LIMIT) {
        return CORRAL_SIZE_LIMIT;
    }
    CorralStatus status = records_reserve(arena);
    if (status == CORRAL_OK) {
        *rounded += ARENA_GUARD_BYTES;
    }
    return status;
}

/* The last ARENA_TAG_MAX bytes of it: of a path or a class the end says most. */
static void copy_tag(char *to, const char *tag) {
    size_t length = strlen(tag);
    size_t skipped = length > ARENA_TAG_MAX ? length - ARENA_TAG_MAX : 0;
    memcpy(to, tag + skipped, length - skipped + 1);
}

Arena *arena_tag(Arena *arena, const char *tag) {
    if (tag != NULL && arena_is_debug(arena)) {
        copy_tag(arena->debug->tag, tag);
    }
    return arena;
}

static DebugRecord *add_record(ArenaDebug *debug, const DebugRecord *record) {
    DebugRecord *place = &debug->records[debug->count++];
    if (debug->known < debug->count) {
        debug->known = debug->count;
    }
    *place = *record;
    memcpy(place->tag, debug->tag, sizeof place->tag);
    debug->tag[0] = '\0';
    return place;
}

void debug_placed(Arena *arena, const ArenaPlace *place, size_t size, uint64_t start, size_t rounded) {
    ArenaDebug *debug = arena->debug;
    bool empty = size == 0;
    DebugRecord record = {
        .address = place->address,
        .size = (uint32_t)size,
        .gap = empty ? 0 : (uint32_t)(place->address - start),
        .tail = empty ? 0 : (uint32_t)(rounded - size),
        .chunk = place->chunk & ARENA_REF_CHUNK_MASK,
    };
    Damage damage = {.kind = DAMAGE_FREE, .chunk = place->chunk};
    debug_begin(arena, "allocate");
    if (!empty && debug_differs(start, record.gap + rounded, ARENA_BYTE_FREE, &damage)) {
        debug_find_former(arena, &damage);
        note_damage(arena, &damage, NULL);
    }
    debug_end(arena);
    add_record(debug, &record);
    fill_closed(arena, start, record.gap, ARENA_BYTE_GUARD);
    fill_closed(arena, place->address + size, record.tail, ARENA_BYTE_GUARD);
    memory_open((void *)(uintptr_t)place->address, size);
    memset((void *)(uintptr_t)place->address, arena->zeroed ? 0 : ARENA_BYTE_NEW, size);
}

/* --- resizing ----------------------------------------------------------------------------------------------------- */

/* The newest block at this address that has bytes and is newer than the last mark: a rewind has to find an older one as
 * it was. NULL when there is none, or no debug mode. Cost: O(blocks that are newer). */
static DebugRecord *find_record(const Arena *arena, uint64_t address) {
    size_t first = arena->mark_count != 0 ? (size_t)arena->marks[arena->mark_count - 1].count : 0;
    for (size_t index = arena->debug != NULL ? arena->debug->count : 0; index-- > first;) {
        DebugRecord *record = &arena->debug->records[index];
        if (record->address == address && record->size != 0 && !record->moved) {
            return record;
        }
    }
    return NULL;
}

void debug_moved(Arena *arena, uint64_t address) {
    DebugRecord *record = find_record(arena, address);
    if (record != NULL) {
        record->moved = 1;
        fill_closed(arena, address, record->size, ARENA_BYTE_FREE);
    }
}

void debug_shrunk(Arena *arena, uint64_t address, size_t size) {
    DebugRecord *record = find_record(arena, address);
    if (record != NULL && size < record->size) {
        uint32_t less = record->size - (uint32_t)size;
        fill_closed(arena, address + size, less, ARENA_BYTE_GUARD);
        record->size -= less;
        record->tail += less;
    }
}

/* --- taking back -------------------------------------------------------------------------------------------------- */

void debug_take_back(Arena *arena, uint64_t first) {
    if (arena->debug != NULL) {
        debug_walk_guards(arena, (size_t)first, note_damage, NULL);
        arena->debug->count = (size_t)first;
    }
}

void debug_release_chunk(Arena *arena, uint32_t index) {
    ArenaDebug *debug = arena->debug;
    if (debug != NULL) {
        debug_walk_free(arena, index, 0, note_damage, NULL);
        debug->released = true;
    }
}

void debug_forget_free(Arena *arena) {
    if (arena->debug != NULL) {
        arena->debug->released = true;
    }
}

void debug_config(const Arena *arena, ArenaConfig *config) {
    if (arena->debug != NULL) {
        config->debug = true;
        config->report = arena->debug->report;
        config->report_context = arena->debug->report_context;
    }
}

bool debug_holds(const Arena *arena) {
    const ArenaDebug *debug = arena->debug;
    return debug == NULL || (debug->count == arena->control.count && debug->count <= debug->known &&
                             debug->known <= debug->room && (debug->room == 0) == (debug->records == NULL));
}
