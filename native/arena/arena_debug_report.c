/* SPDX-License-Identifier: Apache-2.0
 * arena_debug_report.c - debug mode: finding damage, and saying what it is so that a person can act on it.
 * Layer: arena. May include: mempool.h, base/. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "arena/arena_debug_parts.h"
#include "base/poison.h"
#include "mempool/pool_extension.h"

#define PIECE 256 /* bytes that are compared at a time */
#define ROW 16    /* bytes of a line of a dump */
#define ROWS_MAX 6

/* --- text --------------------------------------------------------------------------------------------------------- */

void debug_write(DebugText *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length;
    if (text->file != NULL) {
        length = vfprintf(text->file, format, arguments);
    } else {
        bool has_room = text->length < text->room;
        length = vsnprintf(has_room ? text->start + text->length : NULL, has_room ? text->room - text->length : 0,
                           format, arguments);
    }
    va_end(arguments);
    text->length += length > 0 ? (size_t)length : 0;
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

bool debug_differs(uint64_t start, size_t bytes, unsigned char expected, Damage *damage) {
    unsigned char piece[PIECE];
    damage->bytes = 0;
    for (size_t at = 0; at < bytes; at += PIECE) {
        size_t length = bytes - at < PIECE ? bytes - at : PIECE;
        memory_peek(piece, (const void *)(uintptr_t)(start + at), length);
        for (size_t i = 0; i < length; i++) {
            if (piece[i] != expected) {
                damage->first = damage->bytes == 0 ? start + at + i : damage->first;
                damage->last = start + at + i;
                damage->bytes++;
            }
        }
    }
    return damage->bytes != 0;
}

/* Damage that reaches a block from behind it, and not the one before, is an underrun of that block. */
static void look_behind(const Arena *arena, size_t index, Damage *damage) {
    const DebugRecord *record = damage->record;
    uint64_t end = record->address + record->size + record->tail;
    const DebugRecord *next = index + 1 < arena->debug->count ? record + 1 : NULL;
    if (damage->first != record->address + record->size && damage->last == end - 1 && next != NULL &&
        next->address == end && next->size != 0) {
        damage->kind = DAMAGE_BEFORE;
        damage->record = next;
    }
}

void debug_walk_guards(const Arena *arena, size_t first, DamageFound *found, void *context) {
    for (size_t index = first; index < arena->debug->count; index++) {
        const DebugRecord *record = &arena->debug->records[index];
        Damage damage = {.kind = DAMAGE_FREE, .record = record, .chunk = record->chunk};
        if (record->moved && debug_differs(record->address, record->size, ARENA_BYTE_FREE, &damage)) {
            found(arena, &damage, context);
        }
        damage.kind = DAMAGE_BEFORE;
        if (debug_differs(record->address - record->gap, record->gap, ARENA_BYTE_GUARD, &damage)) {
            found(arena, &damage, context);
        }
        damage.kind = DAMAGE_BEHIND;
        if (debug_differs(record->address + record->size, record->tail, ARENA_BYTE_GUARD, &damage)) {
            look_behind(arena, index, &damage);
            found(arena, &damage, context);
        }
    }
}

/* The newest block that had the first damaged byte: blocks taken back are known until other blocks take their place in
 * the list, which need not be their place in memory. */
void debug_find_former(const Arena *arena, Damage *damage) {
    const ArenaDebug *debug = arena->debug;
    damage->record = NULL;
    for (size_t index = debug->known; index-- > debug->count && damage->record == NULL;) {
        const DebugRecord *record = &debug->records[index];
        if (damage->first - record->address < record->size) {
            damage->record = record;
        }
    }
}

void debug_walk_free(const Arena *arena, uint32_t index, size_t used, DamageFound *found, void *context) {
    const ArenaChunk *chunk = &arena->chunks[index];
    Damage damage = {.kind = DAMAGE_FREE, .chunk = index};
    if (debug_differs(chunk->base + used, chunk->capacity - used, ARENA_BYTE_FREE, &damage)) {
        debug_find_former(arena, &damage);
        found(arena, &damage, context);
    }
}

void debug_walk_all(const Arena *arena, DamageFound *found, void *context) {
    debug_walk_guards(arena, 0, found, context);
    for (uint32_t index = 0; index < arena->chunk_count; index++) {
        debug_walk_free(arena, index, chunk_used(arena, index), found, context);
    }
}

/* --- describing --------------------------------------------------------------------------------------------------- */

static size_t offset_of(const Arena *arena, uint32_t chunk, uint64_t address) {
    return (size_t)(address - arena->chunks[chunk].base);
}

static void write_block(const Arena *arena, DebugText *text, const DebugRecord *record) {
    debug_write(text, "block=%td size=%" PRIu32 " at=@%" PRIu32 ":%zu %stag=%s", record - arena->debug->records,
                record->size, record->chunk, offset_of(arena, record->chunk, record->address),
                record->moved ? "moved=true " : "", record->tag[0] != '\0' ? record->tag : "none");
}

/* One line of a dump: where it is, counted from `origin`, the bytes, and the bytes as text. */
static void write_row(DebugText *text, uint64_t start, size_t bytes, uint64_t origin, const Damage *damage) {
    unsigned char row[ROW];
    char hex[ROW * 3 + 1] = "";
    char letters[ROW + 1] = "";
    memory_peek(row, (const void *)(uintptr_t)start, bytes);
    for (size_t i = 0; i < ROW; i++) {
        if (i < bytes) {
            snprintf(hex + i * 3, 4, " %02X", row[i]);
            letters[i] = row[i] >= 0x20 && row[i] < 0x7F ? (char)row[i] : '.';
        } else {
            memcpy(hex + i * 3, "   ", 4);
        }
    }
    bool damaged = damage->first < start + bytes && start <= damage->last;
    debug_write(text, "%c %10" PRId64 " %s  |%s|\n", damaged ? '>' : ' ', (int64_t)(start - origin), hex, letters);
}

/* The damaged rows, with one before and one behind, of the chunk. */
static void write_dump(const Arena *arena, DebugText *text, uint64_t origin, const Damage *damage) {
    const ArenaChunk *chunk = &arena->chunks[damage->chunk];
    uint64_t end = chunk->base + chunk->capacity;
    uint64_t start = damage->first - (damage->first - chunk->base) % ROW;
    start = start - chunk->base >= ROW ? start - ROW : start;
    for (int row = 0; row < ROWS_MAX && start < end && start <= damage->last + ROW; row++, start += ROW) {
        write_row(text, start, end - start < ROW ? (size_t)(end - start) : ROW, origin, damage);
    }
    if (start <= damage->last) {
        debug_write(text, "> ... until %" PRId64 "\n", (int64_t)(damage->last - origin));
    }
}

static void describe_guard(const Arena *arena, DebugText *text, const Damage *damage) {
    const DebugRecord *record = damage->record;
    int64_t offset = (int64_t)(damage->first - record->address);
    write_block(arena, text, record);
    if (damage->kind == DAMAGE_BEHIND) {
        debug_write(text,
                    "\n%zu bytes behind the block were overwritten, the first at offset %" PRId64
                    ": look for a write past its end, as of offset %" PRId64 " in a block of %" PRIu32 ".\n",
                    damage->bytes, offset, offset, record->size);
    } else {
        debug_write(text,
                    "\n%zu bytes before the block were overwritten, the first at offset %" PRId64
                    ": look for a write at a negative offset, or far past the end of the block before it.\n",
                    damage->bytes, offset);
    }
}

static void describe_free(const Arena *arena, DebugText *text, const Damage *damage) {
    debug_write(text, "at=@%" PRIu32 ":%zu ", damage->chunk, offset_of(arena, damage->chunk, damage->first));
    if (damage->record != NULL) {
        debug_write(text, "last used as: ");
        write_block(arena, text, damage->record);
    } else {
        debug_write(text, "last used as: unknown");
    }
    debug_write(text,
                "\n%zu free bytes were overwritten: look for a view, pointer or reference that is used after a "
                "reset, clear, rewind or close has taken its block back.\n",
                damage->bytes);
}

void debug_describe(const Arena *arena, DebugText *text, const char *operation, const Damage *damage) {
    static const char *const names[] = {
        [DAMAGE_BEHIND] = "overrun", [DAMAGE_BEFORE] = "underrun", [DAMAGE_FREE] = "stale_write"};
    debug_write(text, "arena=%s pool=%s found_by=%s damage=%s ", arena->name, pool_name(arena->pool), operation,
                names[damage->kind]);
    if (damage->kind == DAMAGE_FREE) {
        describe_free(arena, text, damage);
        write_dump(arena, text, arena->chunks[damage->chunk].base, damage);
    } else {
        describe_guard(arena, text, damage);
        write_dump(arena, text, damage->record->address, damage);
    }
}

/* --- what a caller can ask for ------------------------------------------------------------------------------------ */

bool arena_is_debug(const Arena *arena) {
    return arena_is_valid(arena) && arena->debug != NULL;
}

size_t arena_block_count(const Arena *arena) {
    return arena_is_debug(arena) ? arena->debug->count : 0;
}

CorralStatus arena_block(const Arena *arena, size_t index, ArenaBlock *block) {
    if (!arena_is_valid(arena)) {
        return CORRAL_INVALID_ARENA;
    }
    if (block == NULL || index >= arena_block_count(arena)) {
        return CORRAL_INVALID_ARGUMENT;
    }
    const DebugRecord *record = &arena->debug->records[index];
    block->address = (void *)(uintptr_t)record->address;
    block->size = record->size;
    block->chunk = record->chunk;
    block->offset = offset_of(arena, record->chunk, record->address);
    block->moved = record->moved;
    memcpy(block->tag, record->tag, sizeof block->tag);
    return CORRAL_OK;
}

size_t arena_damage_count(const Arena *arena) {
    return arena_is_debug(arena) ? arena->debug->damages : 0;
}

const char *arena_last_report(const Arena *arena) {
    return arena_is_debug(arena) ? arena->debug->buffer : "";
}

static void write_list(const Arena *arena, DebugText *text) {
    if (arena->debug == NULL) {
        debug_write(text, "arena=%s is not in debug mode: its blocks are not listed\n", arena->name);
        return;
    }
    size_t count = arena->debug->count;
    debug_write(text, "arena=%s pool=%s live_blocks=%zu\n", arena->name, pool_name(arena->pool), count);
    for (size_t index = 0; index < count; index++) {
        debug_write(text, "  ");
        write_block(arena, text, &arena->debug->records[index]);
        debug_write(text, "\n");
    }
}

typedef struct Findings {
    DebugText *text;
    size_t count;
} Findings;

static void write_found(const Arena *arena, const Damage *damage, void *context) {
    Findings *findings = context;
    findings->count++;
    debug_describe(arena, findings->text, "arena_debug_report", damage);
}

static CorralStatus write_damage(const Arena *arena, DebugText *text) {
    Findings findings = {.text = text};
    if (arena->debug != NULL) {
        debug_walk_all(arena, write_found, &findings);
    }
    if (findings.count == 0) {
        debug_write(text, "arena=%s damage=none\n", arena->name);
    }
    return findings.count == 0 ? CORRAL_OK : CORRAL_DAMAGED;
}

CorralStatus arena_debug_print(const Arena *arena, FILE *out) {
    if (!arena_is_valid(arena)) {
        return CORRAL_INVALID_ARENA;
    }
    if (out == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    DebugText text = {.file = out};
    write_list(arena, &text);
    return CORRAL_OK;
}

CorralStatus arena_debug_report(const Arena *arena, FILE *out) {
    if (!arena_is_valid(arena)) {
        return CORRAL_INVALID_ARENA;
    }
    if (out == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    DebugText text = {.file = out};
    return write_damage(arena, &text);
}

size_t arena_debug_text(const Arena *arena, char *text, size_t room) {
    DebugText into = {.start = text, .room = text != NULL ? room : 0};
    if (into.room != 0) {
        text[0] = '\0';
    }
    if (arena_is_valid(arena)) {
        write_list(arena, &into);
        write_damage(arena, &into);
    }
    return into.length;
}
