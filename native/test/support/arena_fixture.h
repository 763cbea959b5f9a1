/* SPDX-License-Identifier: Apache-2.0
 * arena_fixture.h - an arena in a pool on fake pages, and checks on what an arena says about itself.
 * Layer: test support. May include: arena.h, pool_fixture.h. */
#ifndef CORRAL_TEST_SUPPORT_ARENA_FIXTURE_H
#define CORRAL_TEST_SUPPORT_ARENA_FIXTURE_H

#include <string.h>

#include "corral/arena.h"
#include "support/arena_retry.h"
#include "support/pool_fixture.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

typedef struct ArenaFixture {
    PoolFixture base;
    Arena *arena;
} ArenaFixture;

/* --- life --------------------------------------------------------------------------------------------------------- */

static inline Arena *arena_fixture_with(ArenaFixture *fixture, const ArenaConfig *config) {
    Pool *pool = fixture_default(&fixture->base);
    fixture->arena = arena_create_with(pool, config);
    CHECK_TRUE(fixture->arena != NULL);
    return fixture->arena;
}

static inline Arena *arena_fixture_default(ArenaFixture *fixture) {
    return arena_fixture_with(fixture, NULL);
}

static inline Arena *arena_fixture_sized(ArenaFixture *fixture, size_t initial_size, size_t maximum_size) {
    ArenaConfig config = arena_config_default();
    config.initial_size = initial_size;
    config.maximum_size = maximum_size;
    return arena_fixture_with(fixture, &config);
}

static inline Arena *arena_fixture_fixed(ArenaFixture *fixture, size_t size) {
    ArenaConfig config = arena_config_default();
    config.initial_size = config.maximum_size = size;
    config.fixed = true;
    return arena_fixture_with(fixture, &config);
}

/* Checks and destroys the arena, then the pool: no block may be left in it. */
static inline void arena_fixture_close(ArenaFixture *fixture) {
    CHECK_STATUS(arena_check(fixture->arena), CORRAL_OK);
    CHECK_STATUS(arena_destroy(fixture->arena), CORRAL_OK);
    CHECK_EQ_U64(fixture_stats(&fixture->base).live_blocks, 0);
    fixture_close(&fixture->base);
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

/* Everything about an arena that a refused call must not change. The status is left out: it tells of the refusal. */
typedef struct ArenaPicture {
    ArenaControl control;
    ArenaStats stats;
} ArenaPicture;

static inline ArenaPicture arena_picture(const Arena *arena) {
    ArenaPicture picture;
    memcpy(&picture.control, arena, sizeof picture.control);
    picture.control.status = 0;
    CHECK_STATUS(arena_stats(arena, &picture.stats), CORRAL_OK);
    return picture;
}

/* True when the arena is as it was in `before`; a failure of the test otherwise. */
static inline bool arena_is_unchanged(const char *file, int line, const Arena *arena, const ArenaPicture *before) {
    ArenaPicture now = arena_picture(arena);
    bool same = test_eq_u64(file, line, "cursor", now.control.cursor, before->control.cursor);
    same &= test_eq_u64(file, line, "count", now.control.count, before->control.count);
    same &= test_eq_u64(file, line, "chunks", now.stats.chunks, before->stats.chunks);
    same &= test_eq_u64(file, line, "used", now.stats.used, before->stats.used);
    same &=
        test_true(file, line, "same control block", memcmp(&now.control, &before->control, sizeof now.control) == 0);
    same &= test_true(file, line, "same statistics", memcmp(&now.stats, &before->stats, sizeof now.stats) == 0);
    return same && test_eq_i64(file, line, "arena_check(arena)", arena_check(arena), CORRAL_OK);
}

#define CHECK_UNCHANGED(arena, before) arena_is_unchanged(__FILE__, __LINE__, (arena), (before))

/* The numbers that most tests are about, and the identities that always hold. */
static inline void arena_numbers(const char *file, int line, const Arena *arena, size_t chunks, size_t allocated,
                                 size_t used) {
    test_eq_u64(file, line, "arena_chunk_count(arena)", arena_chunk_count(arena), chunks);
    test_eq_u64(file, line, "arena_total_allocated(arena)", arena_total_allocated(arena), allocated);
    test_eq_u64(file, line, "arena_total_used(arena)", arena_total_used(arena), used);
    test_eq_u64(file, line, "arena_waste(arena)", arena_waste(arena), allocated - used);
    test_le_u64(file, line, "arena_total_used(arena)", used, arena_peak_used(arena));
    test_eq_i64(file, line, "arena_check(arena)", arena_check(arena), CORRAL_OK);
}

#define CHECK_NUMBERS(arena, chunks, allocated, used) \
    arena_numbers(__FILE__, __LINE__, (arena), (chunks), (allocated), (used))

/* The request failed with `status`: the pointer is NULL, and the arena remembers why. */
#define CHECK_FAILS(arena, pointer, status)               \
    do {                                                  \
        CHECK_TRUE((pointer) == NULL);                    \
        CHECK_STATUS(arena_last_status(arena), (status)); \
    } while (0)

/* --- places ------------------------------------------------------------------------------------------------------- */

/* Where an address lies in an arena. chunk == SIZE_MAX: nowhere. */
typedef struct Spot {
    size_t chunk;
    size_t offset;
} Spot;

typedef struct ChunkView {
    uintptr_t base;
    size_t capacity;
    size_t used;
} ChunkView;

static inline ChunkView chunk_view(const Arena *arena, size_t index) {
    void *base = NULL;
    ChunkView view = {0, 0, 0};
    CHECK_STATUS(arena_chunk(arena, index, &base, &view.capacity, &view.used), CORRAL_OK);
    view.base = (uintptr_t)base;
    return view;
}

/* The end of a chunk belongs to it when no other chunk begins there. */
static inline Spot spot_of(const Arena *arena, const void *pointer) {
    Spot spot = {SIZE_MAX, SIZE_MAX};
    for (size_t index = 0; pointer != NULL && index < arena_chunk_count(arena); index++) {
        ChunkView view = chunk_view(arena, index);
        size_t offset = (uintptr_t)pointer - view.base;
        if (offset < view.capacity) {
            return (Spot){index, offset};
        }
        spot = offset == view.capacity ? (Spot){index, offset} : spot;
    }
    return spot;
}

/* Compares the address: the end of one chunk may be the start of another. */
static inline void arena_spot(const char *file, int line, const char *expression, const Arena *arena,
                              const void *pointer, size_t chunk, size_t offset) {
    bool exists = chunk < arena_chunk_count(arena);
    if (!exists || pointer == NULL || (uintptr_t)pointer != chunk_view(arena, chunk).base + offset) {
        Spot spot = spot_of(arena, pointer);
        test_fail(file, line, "%s: expected @%zu:%zu, actual @%td:%td", expression, chunk, offset,
                  (ptrdiff_t)spot.chunk, (ptrdiff_t)spot.offset);
    }
}

/* `pointer` lies at `offset` in chunk `chunk`. */
#define CHECK_SPOT(arena, pointer, chunk, offset) \
    arena_spot(__FILE__, __LINE__, #pointer, (arena), (pointer), (chunk), (offset))

static inline void arena_chunk_numbers(const char *file, int line, const Arena *arena, size_t index, size_t capacity,
                                       size_t used) {
    ChunkView view = chunk_view(arena, index);
    if (view.capacity != capacity || view.used != used) {
        test_fail(file, line, "chunk %zu: expected capacity=%zu used=%zu, actual capacity=%zu used=%zu", index,
                  capacity, used, view.capacity, view.used);
    }
}

#define CHECK_CHUNK(arena, index, capacity, used) \
    arena_chunk_numbers(__FILE__, __LINE__, (arena), (index), (capacity), (used))

#endif
