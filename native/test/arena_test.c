/* SPDX-License-Identifier: Apache-2.0
 * arena_test.c - life of an arena: configuration, creation, destruction, slots and slabs. On fake pages.
 * The other arena_*_test.c hold what an arena does while it lives. */
#include <stdio.h>

#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

#define SLAB_ARENAS (ARENA_SLAB_BYTES / ARENA_SLOT_BYTES - 1)

/* --- configuration ------------------------------------------------------------------------------------------------ */

static void test_default_configuration(void) {
    ArenaConfig config = arena_config_default();
    CHECK_STR(config.name, "arena");
    CHECK_EQ_U64(config.initial_size, 4 * KIB);
    CHECK_EQ_U64(config.maximum_size, 64 * KIB);
    CHECK_EQ_U64(config.alignment, 16);
    CHECK_FALSE(config.fixed);
    CHECK_FALSE(config.poison);
    CHECK_TRUE(config.status == NULL);
}

static void test_new_arena_holds_its_first_chunk(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 0);
    CHECK_EQ_U64(arena_allocation_count(arena), 0);
    CHECK_EQ_U64(arena_peak_used(arena), 0);
    CHECK_STATUS(arena_last_status(arena), CORRAL_OK);
    CHECK_EQ_U64(chunk_view(arena, 0).base % ARENA_CHUNK_ALIGNMENT, 0);
    arena_fixture_close(&f);
}

static void test_every_way_to_create_an_arena(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    ArenaConfig config = arena_config_default();
    Arena *arenas[] = {arena_create_default(pool), arena_create(pool, 4 * KIB, 64 * KIB), arena_create_with(pool, NULL),
                       arena_create_with(pool, &config)};
    for (size_t i = 0; i < sizeof arenas / sizeof arenas[0]; i++) {
        REQUIRE_TRUE(arenas[i] != NULL);
        CHECK_SPOT(arenas[i], arena_alloc(arenas[i], 4 * KIB), 0, 0);
        CHECK_SPOT(arenas[i], arena_alloc(arenas[i], 1), 1, 0);
        CHECK_NUMBERS(arenas[i], 2, 12 * KIB, 4 * KIB + 16);
        CHECK_STATUS(arena_destroy(arenas[i]), CORRAL_OK);
    }
    fixture_close(&f);
}

typedef struct SizeCase {
    size_t initial;
    size_t maximum;
    size_t alignment;
    CorralStatus expected;
} SizeCase;

/* The end of the largest chunk that can be current has to fit in the 30 bits of a reference. */
static const SizeCase size_cases[] = {
    {1, 1, 16, CORRAL_OK},
    {1, ARENA_SIZE_LIMIT - 16, 16, CORRAL_OK},
    {1, ARENA_SIZE_LIMIT - 8, 8, CORRAL_OK},
    {4096, 4096, 16, CORRAL_OK},
    {0, 4096, 16, CORRAL_INVALID_ARGUMENT},
    {0, 0, 16, CORRAL_INVALID_ARGUMENT},
    {4097, 4096, 16, CORRAL_INVALID_ARGUMENT},
    {1, ARENA_SIZE_LIMIT - 15, 16, CORRAL_INVALID_ARGUMENT},
    {1, ARENA_SIZE_LIMIT - 7, 8, CORRAL_INVALID_ARGUMENT},
    {1, ARENA_SIZE_LIMIT, 16, CORRAL_INVALID_ARGUMENT},
    {1, SIZE_MAX, 16, CORRAL_INVALID_ARGUMENT},
    {SIZE_MAX, SIZE_MAX, 16, CORRAL_INVALID_ARGUMENT},
    {ARENA_SIZE_LIMIT, ARENA_SIZE_LIMIT, 16, CORRAL_INVALID_ARGUMENT},
    {4096, 65536, 0, CORRAL_BAD_ALIGNMENT},
    {4096, 65536, 1, CORRAL_BAD_ALIGNMENT},
    {4096, 65536, 4, CORRAL_BAD_ALIGNMENT},
    {4096, 65536, 12, CORRAL_BAD_ALIGNMENT},
    {4096, 65536, 32, CORRAL_BAD_ALIGNMENT},
    {4096, 65536, SIZE_MAX, CORRAL_BAD_ALIGNMENT},
};

static void test_arena_with_wrong_sizes_refused(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t i = 0; i < sizeof size_cases / sizeof size_cases[0]; i++) {
        const SizeCase *at = &size_cases[i];
        CorralStatus status = CORRAL_CORRUPTED;
        ArenaConfig config = arena_config_default();
        config.initial_size = at->initial;
        config.maximum_size = at->maximum;
        config.alignment = at->alignment;
        config.status = &status;
        uint64_t before = fixture_stats(&f).allocations;
        Arena *arena = arena_create_with(pool, &config);
        CHECK_STATUS(status, at->expected);
        CHECK_EQ_U64(arena != NULL, at->expected == CORRAL_OK);
        if (arena != NULL) {
            CHECK_STATUS(arena_check(arena), CORRAL_OK);
            CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
        } else {
            CHECK_EQ_U64(fixture_stats(&f).allocations, before);
        }
    }
    CHECK_TRUE(arena_create(pool, 0, 0) == NULL);
    CHECK_TRUE(arena_create(pool, 2, 1) == NULL);
    CHECK_TRUE(arena_create_fixed(pool, 0) == NULL);
    CHECK_TRUE(arena_create_fixed(pool, ARENA_SIZE_LIMIT) == NULL);
    CHECK_TRUE(arena_create_fixed(pool, SIZE_MAX) == NULL);
    fixture_close(&f);
}

static void test_sizes_of_chunks_round_up_to_the_default_alignment(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, 1, 20);
    CHECK_CHUNK(arena, 0, 16, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 1), 1, 0);
    CHECK_CHUNK(arena, 1, 32, 16);
    CHECK_SPOT(arena, arena_alloc(arena, 32), 2, 0);
    CHECK_CHUNK(arena, 2, 32, 32);
    arena_fixture_close(&f);
}

static void test_creating_in_no_pool_refused(void) {
    _Alignas(64) static uint64_t memory[64];
    Pool *not_a_pool = (Pool *)(void *)memory;
    CorralStatus status = CORRAL_OK;
    ArenaConfig config = arena_config_default();
    config.status = &status;
    CHECK_TRUE(arena_create_with(NULL, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_POOL);
    status = CORRAL_OK;
    CHECK_TRUE(arena_create_with(not_a_pool, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_POOL);
    CHECK_TRUE(arena_create_with(NULL, NULL) == NULL);
    CHECK_TRUE(arena_create_default(NULL) == NULL);
    CHECK_TRUE(arena_create(NULL, 1, 1) == NULL);
    CHECK_TRUE(arena_create_fixed(NULL, 1) == NULL);
}

static void test_pool_limit_refuses_an_arena(void) {
    PoolFixture f;
    PoolConfig pool_config = fixture_open(&f);
    pool_config.limit = 4 * KIB;
    Pool *pool = fixture_create(&f, &pool_config);
    CorralStatus status = CORRAL_CORRUPTED;
    ArenaConfig config = arena_config_default();
    config.status = &status;
    config.initial_size = 4 * KIB + 1;
    for (size_t i = 0; i < 2 * SLAB_ARENAS; i++) { /* no slot of the slab is lost */
        CHECK_TRUE(arena_create_with(pool, &config) == NULL);
        CHECK_STATUS(status, CORRAL_LIMIT_REACHED);
        CHECK_EQ_U64(fixture_stats(&f).live_blocks, 0);
    }
    config.initial_size = 4 * KIB;
    Arena *arena = arena_create_with(pool, &config);
    CHECK_STATUS(status, CORRAL_OK);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    fixture_close(&f);
}

static void test_source_without_memory_refuses_an_arena(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    CorralStatus status = CORRAL_OK;
    ArenaConfig config = arena_config_default();
    config.status = &status;
    f.pages.byte_limit = f.pages.live_bytes;
    CHECK_TRUE(arena_create_with(pool, &config) == NULL);
    CHECK_STATUS(status, CORRAL_NO_MEMORY);
    CHECK_EQ_U64(fixture_stats(&f).live_blocks, 0);
    fixture_close(&f);
}

static void test_name_is_copied_and_cut(void) {
    ArenaFixture f;
    char name[] = "0123456789012345678901234567890123456789";
    ArenaConfig config = arena_config_default();
    config.name = name;
    Arena *arena = arena_fixture_with(&f, &config);
    memset(name, 'x', sizeof name - 1);
    CHECK_STR(arena->name, "0123456789012345678901234567890");
    arena_fixture_close(&f);
}

static void test_name_may_be_missing(void) {
    ArenaFixture f;
    ArenaConfig config = arena_config_default();
    config.name = NULL;
    Arena *arena = arena_fixture_with(&f, &config);
    CHECK_STR(arena->name, "");
    arena_fixture_close(&f);
}

static void test_control_block_lies_at_the_arena(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    const ArenaControl *control = (const ArenaControl *)arena;
    CHECK_EQ_U64((uintptr_t)control % 64, 0);
    CHECK_EQ_U64(control->magic, 0xABCD4321);
    CHECK_EQ_U64(control->version, ARENA_LAYOUT_VERSION);
    CHECK_EQ_U64(control->generation, 1);
    CHECK_EQ_U64(control->align_mask, 15);
    CHECK_EQ_U64(control->base, chunk_view(arena, 0).base);
    CHECK_EQ_U64(control->cursor, control->base);
    CHECK_EQ_U64(control->limit, control->base + 4 * KIB);
    CHECK_EQ_U64(control->inline_limit, control->limit + 1);
    CHECK_TRUE(arena_alloc(arena, 100) != NULL);
    CHECK_EQ_U64(control->cursor, control->base + 112);
    CHECK_EQ_U64(control->count, 1);
    arena_fixture_close(&f);
}

/* --- destruction -------------------------------------------------------------------------------------------------- */

static void test_destroy_gives_everything_back(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, 1 * KIB, 1 * KIB);
    for (size_t i = 0; i < 100; i++) { /* more chunks than the control block describes: a table as well */
        CHECK_SPOT(arena, arena_alloc(arena, 1 * KIB), i, 0);
    }
    CHECK_EQ_U64(fixture_stats(&f.base).live_blocks, 100);
    arena_fixture_close(&f); /* checks that no block is left */
}

static void test_destroying_twice_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    uint64_t frees = fixture_stats(&f.base).frees;
    CHECK_STATUS(arena_destroy(arena), CORRAL_INVALID_ARENA);
    CHECK_EQ_U64(fixture_stats(&f.base).frees, frees);
    CHECK_EQ_U64(fixture_stats(&f.base).refused_frees, 0);
    CHECK_STATUS(arena_destroy(NULL), CORRAL_INVALID_ARENA);
    fixture_close(&f.base);
}

static void test_slot_of_a_destroyed_arena_is_used_again(void) {
    ArenaFixture f;
    Arena *old = arena_fixture_sized(&f, 1 * KIB, 1 * KIB);
    for (size_t i = 0; i < 20; i++) {
        CHECK_TRUE(arena_alloc(old, 1 * KIB) != NULL);
    }
    CHECK_STATUS(arena_reset(old), CORRAL_OK);
    CHECK_TRUE(arena_alloc(old, SIZE_MAX) == NULL);
    CHECK_STATUS(arena_destroy(old), CORRAL_OK);
    Arena *arena = f.arena = arena_create_default(f.base.pool);
    CHECK_EQ_PTR(arena, old);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 0);
    ArenaStats stats;
    CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.resets, 0);
    CHECK_EQ_U64(stats.peak_used, 0);
    CHECK_EQ_U64(stats.peak_allocated, 4 * KIB);
    CHECK_EQ_U64(stats.growth[10], 0);
    CHECK_STATUS(arena_last_status(arena), CORRAL_OK);
    CHECK_EQ_U64(arena->control.generation, 1);
    arena_fixture_close(&f);
}

static void test_destroying_a_pool_takes_its_arenas_along(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t i = 0; i < 150; i++) {
        Arena *arena = arena_create_default(pool);
        REQUIRE_TRUE(arena != NULL);
        CHECK_TRUE(arena_alloc(arena, i * 1000) != NULL);
    }
    fixture_close(&f); /* fails when pages are live */
}

/* --- many --------------------------------------------------------------------------------------------------------- */

#define MANY (10 * SLAB_ARENAS) /* about a thousand, and no slot too many */

static size_t slab_of(const Arena *arena) {
    return (size_t)((uintptr_t)arena / ARENA_SLAB_BYTES);
}

static size_t count_slabs(Arena *const *arenas, size_t count) {
    size_t slabs = 0;
    for (size_t i = 0; i < count; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++) {
            seen = slab_of(arenas[k]) == slab_of(arenas[i]);
        }
        slabs += !seen;
    }
    return slabs;
}

static void create_many(Pool *pool, Arena **arenas) {
    for (size_t i = 0; i < MANY; i++) {
        arenas[i] = arena_create(pool, 64, 256);
        REQUIRE_TRUE(arenas[i] != NULL);
        size_t *mark = arena_alloc(arenas[i], sizeof *mark);
        REQUIRE_TRUE(mark != NULL);
        *mark = i;
    }
}

/* Each still holds what it was given: no two share a chunk or a control block. */
static void verify_many(Arena *const *arenas) {
    for (size_t i = 0; i < MANY && test_failures() == 0; i++) {
        const size_t *mark = (const size_t *)chunk_view(arenas[i], 0).base;
        CHECK_EQ_U64(*mark, i);
        CHECK_EQ_U64((uintptr_t)arenas[i] % 64, 0);
        CHECK_NUMBERS(arenas[i], 1, 64, 16);
    }
}

static void destroy_many(Arena **arenas) {
    uint64_t random = 42;
    for (size_t left = MANY; left > 0; left--) {
        size_t pick = test_random_below(&random, left);
        CHECK_STATUS(arena_destroy(arenas[pick]), CORRAL_OK);
        arenas[pick] = arenas[left - 1];
    }
}

static void test_a_thousand_arenas_fill_their_slabs(void) {
    PoolFixture f;
    static Arena *arenas[MANY];
    Pool *pool = fixture_default(&f);
    size_t slabs = MANY / SLAB_ARENAS;
    for (size_t round = 0; round < 3; round++) { /* the later rounds find the slots of the first */
        create_many(pool, arenas);
        verify_many(arenas);
        CHECK_EQ_U64(count_slabs(arenas, MANY), slabs);
        CHECK_EQ_U64(fixture_stats(&f).live_blocks, MANY);
        destroy_many(arenas);
        CHECK_EQ_U64(fixture_stats(&f).live_blocks, 0);
    }
    fixture_close(&f);
}

static void test_pools_do_not_share_slots(void) {
    PoolFixture f;
    PoolFixture g;
    Arena *first = arena_create_default(fixture_default(&f));
    Arena *second = arena_create_default(fixture_default(&g));
    REQUIRE_TRUE(first != NULL && second != NULL);
    CHECK_TRUE(slab_of(first) != slab_of(second));
    fixture_close(&f);
    CHECK_TRUE(arena_alloc(second, 5000) != NULL);
    CHECK_STATUS(arena_check(second), CORRAL_OK);
    fixture_close(&g);
}

TEST_MAIN(TEST_CASE(test_default_configuration), TEST_CASE(test_new_arena_holds_its_first_chunk),
          TEST_CASE(test_every_way_to_create_an_arena), TEST_CASE(test_arena_with_wrong_sizes_refused),
          TEST_CASE(test_sizes_of_chunks_round_up_to_the_default_alignment),
          TEST_CASE(test_creating_in_no_pool_refused), TEST_CASE(test_pool_limit_refuses_an_arena),
          TEST_CASE(test_source_without_memory_refuses_an_arena), TEST_CASE(test_name_is_copied_and_cut),
          TEST_CASE(test_name_may_be_missing), TEST_CASE(test_control_block_lies_at_the_arena),
          TEST_CASE(test_destroy_gives_everything_back), TEST_CASE(test_destroying_twice_refused),
          TEST_CASE(test_slot_of_a_destroyed_arena_is_used_again),
          TEST_CASE(test_destroying_a_pool_takes_its_arenas_along), TEST_CASE(test_a_thousand_arenas_fill_their_slabs),
          TEST_CASE(test_pools_do_not_share_slots))
