/* SPDX-License-Identifier: Apache-2.0
 * mempool_map.h - from an address to the class span that it lies in, also without the pool's lock.
 * Layer: mempool (private to it). May include: pages/, base/. */
#ifndef CORRAL_MEMPOOL_MAP_H
#define CORRAL_MEMPOOL_MAP_H

#include "mempool_parts.h"

#define MAP_LOAD 8 /* the map has at least so many places per granule, so that almost all are found at the first */

/* Open-addressed hash table of the class spans, by granule. Under the lock it is exact; a reader without the lock may
 * miss a span that is being moved, and then asks again under the lock. A table that was replaced stays in place, since
 * someone may be reading it. Invariant: entries * MAP_LOAD <= places = 1 << (64 - shift). */
struct SpanMap {
    SpanMap *older;
    size_t entries;
    unsigned shift;
    _Atomic(Span *) places[]; /* pool_no_span where there is none */
};

extern Span pool_no_span; /* of 0 units: holds no address */

static inline size_t map_places(const SpanMap *map) {
    return (size_t)1 << (64 - map->shift);
}

static inline size_t map_place_of(unsigned shift, uintptr_t address) {
    return (size_t)((uint64_t)(address / POOL_GRANULE) * UINT64_C(0x9E3779B97F4A7C15) >> shift);
}

/* A slot that an address may be the start of. span: NULL when it is none. */
typedef struct SlotRef {
    Span *span;
    SlotState *state;
    uintptr_t start; /* of the span, when it was looked at */
} SlotRef;

/* Units between `start` and the address: in a span's range only if the address is a multiple of the unit. */
static inline uint64_t units_from(uintptr_t start, uintptr_t address) {
    uint64_t offset = (uint64_t)(address - start);
    return offset >> 4 | offset << 60;
}
static_assert(POOL_ALIGNMENT == 16, "the unit is 1 << 4 bytes");

static inline bool span_holds(const Span *span, uint64_t units) {
    return units < span->units;
}

/* The slot of the span that starts so many units behind its first; units: as span_holds() wants it. For the quotient
 * and its remainder see Lemire, Kaser and Kurz, "Faster remainder by direct computation" (2019); class_init() checks
 * that they are exact. */
static inline SlotRef slot_at(Span *span, uintptr_t start, uint64_t units) {
    uint64_t product = units * span->inverse;
    SlotState *state = &span->states[product >> 32];
    return (SlotRef){(uint32_t)product < span->inverse ? span : NULL, state, start};
}

/* What is in one place of the map. acquire: pairs with the release in mempool_map.c, for the span's first part. */
static inline SlotRef map_look(const SpanMap *map, size_t place, uintptr_t address, Span **span) {
    *span = atomic_load_explicit(&map->places[place], memory_order_acquire);
    uintptr_t start = atomic_load_explicit(&(*span)->start, memory_order_relaxed);
    uint64_t units = units_from(start, address);
    return span_holds(*span, units) ? slot_at(*span, start, units) : (SlotRef){NULL, NULL, 0};
}

/* Threads: any. Finds the slot of a live block of a class, unless it is not in its first place of the table. */
static inline SlotRef map_find_first(const SpanMap *map, uintptr_t address) {
    Span *span;
    return map_look(map, map_place_of(map->shift, address), address, &span);
}

/* --- mempool_map.c (under Pool.lock) ------------------------------------------------------------------------------ */

void pool_map_init(Pool *pool);
size_t pool_map_growth(const Pool *pool, uint32_t granules); /* metadata, rounded, that as many more granules need */
void pool_map_grow(Pool *pool, uint32_t granules);           /* that has been made sure of */
void pool_map_put(Pool *pool, Span *span);
void pool_map_remove(Pool *pool, const Span *span);
size_t pool_map_bytes(const SpanMap *map);

/* Threads: any. Finds the slot of a live block of a class, unless the table is out of date; under the lock, any
 * slot. */
SlotRef pool_map_find(const SpanMap *map, uintptr_t address);

#endif
