/* SPDX-License-Identifier: Apache-2.0
 * arena_stats.c - what an arena holds, as numbers and as a table.
 * Layer: arena. May include: mempool.h, base/. */
#include <inttypes.h>
#include <string.h>

#include "arena/arena_parts.h"

size_t arena_total_allocated(const Arena *arena) {
    return arena_is_valid(arena) ? (size_t)arena->allocated : 0;
}

size_t arena_total_used(const Arena *arena) {
    if (!arena_is_valid(arena)) {
        return 0;
    }
    return (size_t)(arena->used_elsewhere + (arena->control.cursor - arena->control.base));
}

size_t arena_waste(const Arena *arena) {
    return arena_total_allocated(arena) - arena_total_used(arena);
}

size_t arena_chunk_count(const Arena *arena) {
    return arena_is_valid(arena) ? arena->chunk_count : 0;
}

size_t arena_allocation_count(const Arena *arena) {
    return arena_is_valid(arena) ? (size_t)arena->control.count : 0;
}

/* Between two resets `used` only grows, so its peak is known at the resets and now. */
size_t arena_peak_used(const Arena *arena) {
    size_t used = arena_total_used(arena);
    return arena_is_valid(arena) && arena->peak_used > used ? (size_t)arena->peak_used : used;
}

CorralStatus arena_stats(const Arena *arena, ArenaStats *stats) {
    if (stats == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    memset(stats, 0, sizeof *stats);
    if (!arena_is_valid(arena)) {
        return CORRAL_INVALID_ARENA;
    }
    stats->allocated = arena_total_allocated(arena);
    stats->used = arena_total_used(arena);
    stats->waste = arena_waste(arena);
    stats->chunks = arena->chunk_count;
    stats->count = arena->control.count;
    stats->peak_used = arena_peak_used(arena);
    stats->peak_allocated = arena->peak_allocated;
    stats->resets = arena->resets;
    for (size_t bin = 0; bin < ARENA_GROWTH_BINS; bin++) {
        stats->growth[bin] = arena->growth[bin];
    }
    return CORRAL_OK;
}

CorralStatus arena_chunk(const Arena *arena, size_t index, void **base, size_t *capacity, size_t *used) {
    if (!arena_is_valid(arena)) {
        return CORRAL_INVALID_ARENA;
    }
    if (index >= arena->chunk_count || base == NULL || capacity == NULL || used == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    const ArenaChunk *chunk = &arena->chunks[index];
    *base = (void *)(uintptr_t)chunk->base;
    *capacity = chunk->capacity;
    *used = chunk_used(arena, (uint32_t)index);
    return CORRAL_OK;
}

/* Room for 20 digits, 6 separators and the NUL. */
typedef struct Grouped {
    char text[27];
} Grouped;

/* Digits in groups of three: 1,234,567. */
static Grouped grouped(uint64_t value) {
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

static void print_row(FILE *out, const char *label, uint64_t value, const char *unit) {
    fprintf(out, "  %-16s %26s%s\n", label, grouped(value).text, unit);
}

CorralStatus arena_stats_print(const Arena *arena, FILE *out) {
    ArenaStats stats;
    if (out == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    CorralStatus status = arena_stats(arena, &stats);
    if (status != CORRAL_OK) {
        return status;
    }
    fprintf(out, "arena %s\n", arena->name);
    print_row(out, "allocated", stats.allocated, " bytes");
    print_row(out, "used", stats.used, " bytes");
    print_row(out, "waste", stats.waste, " bytes");
    print_row(out, "peak used", stats.peak_used, " bytes");
    print_row(out, "peak allocated", stats.peak_allocated, " bytes");
    print_row(out, "chunks", stats.chunks, "");
    print_row(out, "allocations", stats.count, "");
    print_row(out, "resets", stats.resets, "");
    for (unsigned bin = 0; bin < ARENA_GROWTH_BINS; bin++) {
        if (stats.growth[bin] != 0) {
            fprintf(out, "  %-16s %26s chunks of >= %s bytes\n", "grown by", grouped(stats.growth[bin]).text,
                    grouped(UINT64_C(1) << bin).text);
        }
    }
    return CORRAL_OK;
}
