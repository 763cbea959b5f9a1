/* SPDX-License-Identifier: Apache-2.0
 * arena_stats.c - what an arena holds, as numbers.
 * Layer: arena. May include: mempool.h, base/. */
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
    return arena_is_valid(arena) ? arena->chunk_count - arena->holes : 0;
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
    stats->chunks = arena_chunk_count(arena);
    stats->count = arena->control.count;
    stats->peak_used = arena_peak_used(arena);
    stats->peak_allocated = arena->peak_allocated;
    stats->resets = arena->resets;
    stats->limit = arena->limit;
    stats->fell_back = arena->fell_back;
    family_count(arena, &stats->children, &stats->children_allocated);
    for (size_t bin = 0; bin < ARENA_GROWTH_BINS; bin++) {
        stats->growth[bin] = arena->growth[bin];
    }
    return CORRAL_OK;
}

CorralStatus arena_chunk(const Arena *arena, size_t index, void **base, size_t *capacity, size_t *used) {
    if (!arena_is_valid(arena)) {
        return CORRAL_INVALID_ARENA;
    }
    bool exists = index < arena->chunk_count && chunk_exists(arena, (uint32_t)index);
    if (!exists || base == NULL || capacity == NULL || used == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    const ArenaChunk *chunk = &arena->chunks[index];
    *base = (void *)(uintptr_t)chunk->base;
    *capacity = chunk->capacity;
    *used = chunk_used(arena, (uint32_t)index);
    return CORRAL_OK;
}
