/* SPDX-License-Identifier: Apache-2.0
 * arena_table.c - an arena's statistics as a table of at most 80 columns, into a file or into memory.
 * Layer: arena. May include: mempool.h, base/. */
#include <string.h>

#include "arena/arena_parts.h"
#include "base/table.h"

#define CHUNK_ROWS 16   /* chunks with a row of their own */
#define BAR_COLUMNS 20u /* of a full chunk */

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static void put_numbers(Sink *sink, const ArenaStats *stats) {
    put_row(sink, "allocated", stats->allocated, " bytes");
    put_row(sink, "used", stats->used, " bytes");
    put_row(sink, "waste", stats->waste, " bytes");
    put_row(sink, "peak used", stats->peak_used, " bytes");
    put_row(sink, "peak allocated", stats->peak_allocated, " bytes");
    put_row(sink, "chunks", stats->chunks, "");
    put_row(sink, "allocations", stats->count, "");
    put_row(sink, "resets", stats->resets, "");
    if (stats->limit != UINT64_MAX) {
        put_row(sink, "limit", stats->limit, " bytes");
    }
    if (stats->fell_back != 0) {
        put_row(sink, "fell back", stats->fell_back, " bytes");
    }
    if (stats->children != 0) {
        put_row(sink, "arenas below", stats->children, "");
        put_row(sink, "they hold", stats->children_allocated, " bytes");
    }
    for (unsigned bin = 0; bin < ARENA_GROWTH_BINS; bin++) {
        if (stats->growth[bin] != 0) {
            put_line(sink, "  %-16s %26s chunks of >= %s bytes\n", "grown by", grouped(stats->growth[bin]).text,
                     grouped(UINT64_C(1) << bin).text);
        }
    }
}

/* --- chunks ------------------------------------------------------------------------------------------------------- */

/* A chunk that is not empty shows at least one mark, and only a full one shows all. */
static unsigned bar_marks(uint64_t used, uint64_t capacity) {
    uint64_t marks = capacity == 0 ? 0 : used * BAR_COLUMNS / capacity;
    return used != 0 && marks == 0 ? 1 : (unsigned)marks;
}

static void put_chunk(Sink *sink, const Arena *arena, uint32_t index) {
    uint64_t used = chunk_used(arena, index);
    uint64_t capacity = arena->chunks[index].capacity;
    char bar[BAR_COLUMNS + 1];
    unsigned marks = bar_marks(used, capacity);
    memset(bar, '#', marks);
    memset(bar + marks, '.', BAR_COLUMNS - marks);
    bar[BAR_COLUMNS] = '\0';
    put_line(sink, "  chunk %-10s %13s of %13s bytes |%s|\n", grouped(index).text, grouped(used).text,
             grouped(capacity).text, bar);
}

/* The rest in one row. */
static void put_other_chunks(Sink *sink, const Arena *arena, uint32_t first, uint64_t count) {
    uint64_t used = 0;
    uint64_t capacity = 0;
    for (uint32_t index = first; index < arena->chunk_count; index++) {
        used += chunk_used(arena, index);
        capacity += arena->chunks[index].capacity;
    }
    char label[40];
    snprintf(label, sizeof label, "%s more", grouped(count).text);
    put_line(sink, "  %-16s %13s of %13s bytes\n", label, grouped(used).text, grouped(capacity).text);
}

/* --- the whole table ---------------------------------------------------------------------------------------------- */

static void put_table(Sink *sink, const Arena *arena, const ArenaStats *stats) {
    put_line(sink, "arena %s\n", arena->name);
    put_numbers(sink, stats);
    uint32_t rows = 0;
    uint32_t index = 0;
    for (; index < arena->chunk_count && rows < CHUNK_ROWS; index++) {
        if (chunk_exists(arena, index)) {
            put_chunk(sink, arena, index);
            rows++;
        }
    }
    if (rows < stats->chunks) {
        put_other_chunks(sink, arena, index, stats->chunks - rows);
    }
}

CorralStatus arena_stats_print(const Arena *arena, FILE *out) {
    ArenaStats stats;
    if (out == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    CorralStatus status = arena_stats(arena, &stats);
    if (status == CORRAL_OK) {
        Sink sink = {.out = out};
        put_table(&sink, arena, &stats);
    }
    return status;
}

size_t arena_stats_text(const Arena *arena, char *text, size_t room) {
    Sink sink = {.text = text, .room = text != NULL ? room : 0};
    ArenaStats stats;
    if (arena_stats(arena, &stats) == CORRAL_OK) {
        put_table(&sink, arena, &stats);
    }
    put_end(&sink);
    return sink.length;
}
