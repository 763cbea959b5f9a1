/* SPDX-License-Identifier: Apache-2.0
 * mempool_map.c - from a granule's address to the class span that it belongs to.
 * Layer: mempool. May include: pages/, base/. Threads: under Pool.lock, against readers without it. */
#include "base/check.h"
#include "mempool_map.h"

#define FIRST_SHIFT 58 /* 64 places: one region's granules */

Span pool_no_span;

static size_t bytes_for(unsigned shift) {
    size_t places = (size_t)1 << (64 - shift);
    return offsetof(SpanMap, places) + places * (sizeof(_Atomic(Span *)) + sizeof(uintptr_t));
}

size_t pool_map_bytes(const SpanMap *map) {
    return bytes_for(map->shift);
}

/* The granule of each place; only the lock's holder reads it. */
static uintptr_t *granules_of(SpanMap *map) {
    return (uintptr_t *)(void *)&map->places[map_places(map)];
}

static Span *span_at(const SpanMap *map, size_t at) {
    return atomic_load_explicit(&map->places[at], memory_order_relaxed);
}

/* release: who finds the span sees what was written to it before. */
static void put_at(SpanMap *map, size_t at, Span *span, uintptr_t granule) {
    granules_of(map)[at] = granule;
    atomic_store_explicit(&map->places[at], span, memory_order_release);
}

static size_t next_place(const SpanMap *map, size_t at) {
    return (at + 1) & (map_places(map) - 1);
}

static void put(SpanMap *map, Span *span, uintptr_t granule) {
    size_t at = map_place_of(map->shift, granule);
    while (span_at(map, at) != &pool_no_span) {
        at = next_place(map, at);
    }
    put_at(map, at, span, granule);
    map->entries++;
}

/* Closes the gap (Knuth, volume 3, 6.4, algorithm R): a later entry moves up unless its own place lies behind the
 * gap. */
static void take(SpanMap *map, uintptr_t granule) {
    size_t gap = map_place_of(map->shift, granule);
    while (granules_of(map)[gap] != granule || span_at(map, gap) == &pool_no_span) {
        CHECK(span_at(map, gap) != &pool_no_span);
        gap = next_place(map, gap);
    }
    for (size_t at = next_place(map, gap); span_at(map, at) != &pool_no_span; at = next_place(map, at)) {
        size_t home = map_place_of(map->shift, granules_of(map)[at]);
        bool stays = gap <= at ? gap < home && home <= at : gap < home || home <= at;
        if (!stays) {
            put_at(map, gap, span_at(map, at), granules_of(map)[at]);
            gap = at;
        }
    }
    atomic_store_explicit(&map->places[gap], &pool_no_span, memory_order_relaxed);
    map->entries--;
}

/* --- growth ------------------------------------------------------------------------------------------------------- */

static SpanMap *map_new(Pool *pool, unsigned shift) {
    SpanMap *map = pool_meta_take(pool, bytes_for(shift));
    map->shift = shift;
    for (size_t i = 0; i < map_places(map); i++) {
        atomic_init(&map->places[i], &pool_no_span);
    }
    return map;
}

static unsigned shift_for(const Pool *pool, uint32_t granules) {
    unsigned shift = pool->map->shift;
    while ((pool->map->entries + granules) * MAP_LOAD > (size_t)1 << (64 - shift)) {
        shift--;
    }
    return shift;
}

void pool_map_init(Pool *pool) {
    pool->map = map_new(pool, FIRST_SHIFT);
}

size_t pool_map_growth(const Pool *pool, uint32_t granules) {
    unsigned shift = shift_for(pool, granules);
    return shift != pool->map->shift ? pool_meta_rounded(bytes_for(shift)) : 0;
}

void pool_map_grow(Pool *pool, uint32_t granules) {
    SpanMap *old = pool->map;
    SpanMap *map = map_new(pool, shift_for(pool, granules));
    map->older = old;
    for (size_t i = 0; i < map_places(old); i++) {
        if (span_at(old, i) != &pool_no_span) {
            put(map, span_at(old, i), granules_of(old)[i]);
        }
    }
    pool->map = map;
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

SlotRef pool_map_find(const SpanMap *map, uintptr_t address) {
    size_t place = map_place_of(map->shift, address);
    for (;;) {
        Span *span;
        SlotRef slot = map_look(map, place, address, &span);
        if (slot.state != NULL || span == &pool_no_span) {
            return slot;
        }
        place = next_place(map, place);
    }
}

/* --- spans -------------------------------------------------------------------------------------------------------- */

void pool_map_put(Pool *pool, Span *span) {
    uintptr_t start = atomic_load_explicit(&span->start, memory_order_relaxed);
    for (uint32_t g = 0; g < span->granules; g++) {
        put(pool->map, span, start + g * POOL_GRANULE);
    }
    CHECK(pool->map->entries * MAP_LOAD <= map_places(pool->map));
}

void pool_map_remove(Pool *pool, const Span *span) {
    uintptr_t start = atomic_load_explicit(&span->start, memory_order_relaxed);
    for (uint32_t g = 0; g < span->granules; g++) {
        take(pool->map, start + g * POOL_GRANULE);
    }
}
