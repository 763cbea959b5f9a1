/* SPDX-License-Identifier: Apache-2.0
 * arena_trim_test.c - giving chunks back while the arena lives on: what stays, what references say, what the operating
 * system sees. */
#define _POSIX_C_SOURCE 200809L /* sysconf */

#include <stdio.h>
#include <unistd.h>

#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

/* Fills `count` chunks of an arena whose chunks have 1 KiB. */
static void fill_chunks(Arena *arena, size_t count) {
    for (size_t i = 0; i < count; i++) {
        CHECK_TRUE(arena_alloc(arena, KIB) != NULL);
    }
}

/* --- trim --------------------------------------------------------------------------------------------------------- */

static void test_trim_gives_back_what_holds_nothing(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, KIB, KIB);
    fill_chunks(arena, 6);
    uintptr_t bases[6];
    for (size_t i = 0; i < 6; i++) {
        bases[i] = chunk_view(arena, i).base;
    }
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_STATUS(arena_trim(arena, 6 * KIB), CORRAL_OK);
    CHECK_NUMBERS(arena, 6, 6 * KIB, 0);
    CHECK_STATUS(arena_trim(arena, 4 * KIB - 1), CORRAL_OK);
    CHECK_NUMBERS(arena, 3, 3 * KIB, 0);
    for (size_t i = 0; i < 3; i++) {
        CHECK_EQ_U64(chunk_view(arena, i).base, bases[i]);
    }
    CHECK_STATUS(arena_trim(arena, 0), CORRAL_OK);
    CHECK_NUMBERS(arena, 1, 1 * KIB, 0);
    CHECK_EQ_U64(arena->chunk_count, 1); /* nothing was entered since the reset: no hole */
    CHECK_EQ_U64(fixture_stats(&f.base).live_blocks, 1);
    CHECK_STATUS(arena_trim(NULL, 0), CORRAL_INVALID_ARENA);
    arena_fixture_close(&f);
}

static void test_trim_keeps_what_is_in_use(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, KIB, KIB);
    fill_chunks(arena, 3);
    ArenaMark mark = arena_mark(arena);
    fill_chunks(arena, 3);
    CHECK_STATUS(arena_trim(arena, 0), CORRAL_OK);
    CHECK_NUMBERS(arena, 6, 6 * KIB, 6 * KIB);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_STATUS(arena_trim(arena, 0), CORRAL_OK);
    CHECK_NUMBERS(arena, 3, 3 * KIB, 3 * KIB);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    fill_chunks(arena, 2);
    CHECK_NUMBERS(arena, 5, 5 * KIB, 5 * KIB);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    arena_fixture_close(&f);
}

/* Within a generation an index means one chunk. */
static void test_trim_leaves_references_valid(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, KIB, KIB);
    ArenaRef kept = arena_alloc_ref(arena, KIB, 1);
    ArenaMark mark = arena_mark(arena);
    ArenaRef gone = arena_alloc_ref(arena, KIB, 1);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_STATUS(arena_trim(arena, 0), CORRAL_OK);
    CHECK_TRUE(arena_resolve(arena, kept) != NULL);
    CHECK_TRUE(arena_resolve(arena, gone) == NULL);
    ArenaRef next = arena_alloc_ref(arena, KIB, 1);
    CHECK_EQ_U64(next >> ARENA_REF_CHUNK_SHIFT & ARENA_REF_CHUNK_MASK, 2);
    CHECK_TRUE(arena_resolve(arena, gone) == NULL);
    CHECK_NUMBERS(arena, 2, 2 * KIB, 2 * KIB);
    void *base;
    size_t capacity, used;
    CHECK_STATUS(arena_chunk(arena, 1, &base, &capacity, &used), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_EQ_U64(arena->chunk_count, 2); /* the hole is closed */
    CHECK_TRUE(arena->rearranged);
    arena_fixture_close(&f);
}

/* More holes than fit in the arena's own slot, between chunks that live. */
static void test_trim_between_used_chunks(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, KIB, KIB);
    ArenaMark mark = arena_mark(arena);
    for (size_t round = 0; round < 40; round++) {
        fill_chunks(arena, 1);
        ArenaMark inner = arena_mark(arena);
        fill_chunks(arena, 3);
        CHECK_STATUS(arena_rewind(arena, inner), CORRAL_OK);
        CHECK_STATUS(arena_trim(arena, 0), CORRAL_OK);
        CHECK_STATUS(arena_check(arena), CORRAL_OK);
    }
    CHECK_NUMBERS(arena, 40, 40 * KIB, 40 * KIB);
    CHECK_EQ_U64(arena->holes, 40 * 3);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_NUMBERS(arena, 40, 40 * KIB, 0);
    CHECK_EQ_U64(arena->chunk_count, 40);
    fill_chunks(arena, 40);
    CHECK_NUMBERS(arena, 40, 40 * KIB, 40 * KIB);
    arena_fixture_close(&f);
}

static void test_spike_does_not_inflate_growth(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    for (size_t i = 0; i < 64; i++) {
        CHECK_TRUE(arena_alloc(arena, 4 * KIB) != NULL);
    }
    CHECK_EQ_U64(arena->target, 64 * KIB);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_STATUS(arena_trim(arena, 30 * KIB), CORRAL_OK);
    CHECK_EQ_U64(arena->target, 16 * KIB);
    CHECK_STATUS(arena_trim(arena, 0), CORRAL_OK);
    CHECK_EQ_U64(arena->target, 4 * KIB);
    CHECK_TRUE(arena_alloc(arena, MIB) != NULL); /* a large request is no growth, and leaves none behind */
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_STATUS(arena_trim(arena, 2 * MIB), CORRAL_OK);
    CHECK_EQ_U64(arena->target, 8 * KIB);
    arena_fixture_close(&f);
}

/* --- retain ------------------------------------------------------------------------------------------------------- */

static void test_retain_trims_at_every_reset(void) {
    ArenaFixture f;
    ArenaConfig config = arena_config_default();
    config.initial_size = config.maximum_size = KIB;
    config.retain = 3 * KIB;
    Arena *arena = arena_fixture_with(&f, &config);
    for (size_t round = 0; round < 3; round++) {
        fill_chunks(arena, 10);
        CHECK_NUMBERS(arena, 10, 10 * KIB, 10 * KIB);
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
        CHECK_NUMBERS(arena, 3, 3 * KIB, 0);
        CHECK_TRUE(arena->rearranged);
    }
    fill_chunks(arena, 3);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_NUMBERS(arena, 3, 3 * KIB, 0);
    CHECK_FALSE(arena->rearranged);
    arena_fixture_close(&f);
}

/* 64 MiB in one block, then 16 MiB in many: afterwards the arena holds a MiB at most, and its pool not much more. */
static void test_spike_leaves_with_the_next_reset(void) {
    PoolFixture f;
    PoolConfig pool_config = fixture_open(&f);
    pool_config.retain = 0;
    pool_config.region_size = 4 * MIB; /* few page requests, for the runs in which each of them fails */
    Pool *pool = fixture_create(&f, &pool_config);
    ArenaConfig config = arena_config_default();
    config.retain = 1 * MIB;
    Arena *arena = arena_create_with(pool, &config);
    CHECK_TRUE(arena_alloc(arena, 64 * MIB) != NULL);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_LE_U64(arena_total_allocated(arena), 1 * MIB);
    CHECK_LE_U64(f.pages.live_bytes, 8 * MIB);
    for (size_t i = 0; i < 256; i++) {
        CHECK_TRUE(arena_alloc(arena, 64 * KIB) != NULL);
    }
    CHECK_LE_U64(16 * MIB, f.pages.live_bytes);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_LE_U64(arena_total_allocated(arena), 1 * MIB);
    CHECK_LE_U64(f.pages.live_bytes, 8 * MIB);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    fixture_close(&f);
}

/* --- waste -------------------------------------------------------------------------------------------------------- */

static void test_small_large_small_holds_little(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 10) != NULL && arena_alloc(arena, MIB) != NULL && arena_alloc(arena, 10) != NULL);
    CHECK_LE_U64(arena_total_allocated(arena), MIB + MIB / 100 * 6);
    arena_fixture_close(&f);
}

static void test_mixed_sizes_waste_little(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    for (size_t i = 0; i < 1000; i++) {
        CHECK_TRUE(arena_alloc(arena, 5000) != NULL && arena_alloc(arena, 64) != NULL);
    }
    CHECK_LE_U64(arena_waste(arena) * 100, arena_total_allocated(arena) * 9);
    arena_fixture_close(&f);
}

/* --- the operating system ----------------------------------------------------------------------------------------- */

/* Bytes of this process in physical memory; 0: not told here. */
static size_t resident(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long total = 0, pages = 0;
    bool read = file != NULL && fscanf(file, "%lu %lu", &total, &pages) == 2;
    if (file != NULL) {
        fclose(file);
    }
    return read ? pages * (size_t)sysconf(_SC_PAGESIZE) : 0;
}

static void fill_spike(Arena *arena, size_t bytes) {
    for (size_t done = 0; done < bytes; done += 64 * KIB) {
        void *block = arena_alloc(arena, 64 * KIB);
        REQUIRE_TRUE(block != NULL);
        memset(block, 1, 64 * KIB);
    }
}

/* Of the physical memory of a spike most is there while it lasts, and little after the reset. */
static void test_reset_returns_memory_to_the_operating_system(void) {
    size_t spike = 64 * MIB;
    if (resident() == 0) {
        test_skip("there is no /proc/self/statm");
        return;
    }
    PoolConfig pool_config = pool_config_default();
    pool_config.retain = 1 * MIB;
    Pool *pool = pool_create_with(&pool_config);
    ArenaConfig config = arena_config_default();
    config.retain = 1 * MIB;
    Arena *arena = arena_create_with(pool, &config);
    size_t before = resident();
    fill_spike(arena, spike);
    size_t during = resident();
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    size_t after = resident();
    CHECK_LE_U64(before + spike / 4 * 3, during);
    CHECK_LE_U64(after + spike / 4 * 3, during);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
}

TEST_MAIN(TEST_CASE(test_trim_gives_back_what_holds_nothing), TEST_CASE(test_trim_keeps_what_is_in_use),
          TEST_CASE(test_trim_leaves_references_valid), TEST_CASE(test_trim_between_used_chunks),
          TEST_CASE(test_spike_does_not_inflate_growth), TEST_CASE(test_retain_trims_at_every_reset),
          TEST_CASE(test_spike_leaves_with_the_next_reset), TEST_CASE(test_small_large_small_holds_little),
          TEST_CASE(test_mixed_sizes_waste_little), TEST_CASE(test_reset_returns_memory_to_the_operating_system))
