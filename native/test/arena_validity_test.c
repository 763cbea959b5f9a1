/* SPDX-License-Identifier: Apache-2.0
 * arena_validity_test.c - NULL, a destroyed arena and memory that is no arena: every function refuses them, and touches
 * nothing. On fake pages. */
#include <stdarg.h>
#include <stdio.h>

#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

/* --- every function of arena.h that takes an arena: true when it refused ------------------------------------------ */

static bool refuses_alloc(Arena *arena) {
    return arena_alloc(arena, 16) == NULL && arena_alloc(arena, 1) == NULL;
}

static bool refuses_alloc_of_zero_bytes(Arena *arena) {
    return arena_alloc(arena, 0) == NULL;
}

static bool refuses_alloc_of_the_largest_size(Arena *arena) {
    return arena_alloc(arena, SIZE_MAX) == NULL && arena_alloc(arena, ARENA_SIZE_LIMIT) == NULL;
}

static bool refuses_alloc_slow(Arena *arena) {
    return arena_alloc_slow(arena, 16) == NULL && arena_alloc_slow(arena, 0) == NULL;
}

static bool refuses_alloc_aligned(Arena *arena) {
    return arena_alloc_aligned(arena, 16, 64) == NULL && arena_alloc_aligned(arena, 0, 3) == NULL;
}

static bool refuses_calloc(Arena *arena) {
    return arena_calloc(arena, 2, 8) == NULL && arena_calloc(arena, 0, 0) == NULL &&
           arena_calloc(arena, SIZE_MAX, 2) == NULL;
}

static bool refuses_strdup(Arena *arena) {
    return arena_strdup(arena, "text") == NULL && arena_strdup(arena, "") == NULL && arena_strdup(arena, NULL) == NULL;
}

static bool refuses_strndup(Arena *arena) {
    return arena_strndup(arena, "text", 2) == NULL && arena_strndup(arena, NULL, 0) == NULL;
}

static bool refuses_sprintf(Arena *arena) {
    return arena_sprintf(arena, "%d", 1) == NULL && arena_sprintf(arena, "%300d", 1) == NULL;
}

ARENA_PRINTF(2, 3) static char *call_vsprintf(Arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_vsprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

static bool refuses_vsprintf(Arena *arena) {
    return call_vsprintf(arena, "%d", 1) == NULL;
}

static bool refuses_reset(Arena *arena) {
    return arena_reset(arena) == CORRAL_INVALID_ARENA;
}

static bool refuses_clear(Arena *arena) {
    return arena_clear(arena) == CORRAL_INVALID_ARENA;
}

static bool refuses_destroy(Arena *arena) {
    return arena_destroy(arena) == CORRAL_INVALID_ARENA;
}

static bool refuses_the_single_statistics(Arena *arena) {
    return arena_total_allocated(arena) == 0 && arena_total_used(arena) == 0 && arena_waste(arena) == 0 &&
           arena_chunk_count(arena) == 0 && arena_allocation_count(arena) == 0 && arena_peak_used(arena) == 0;
}

static bool refuses_stats(Arena *arena) {
    static const ArenaStats zeroed;
    ArenaStats stats;
    memset(&stats, 0xEE, sizeof stats);
    return arena_stats(arena, &stats) == CORRAL_INVALID_ARENA && memcmp(&stats, &zeroed, sizeof stats) == 0;
}

static bool refuses_stats_print(Arena *arena) {
    FILE *out = tmpfile();
    bool refused = out != NULL && arena_stats_print(arena, out) == CORRAL_INVALID_ARENA && ftell(out) == 0;
    if (out != NULL) {
        fclose(out);
    }
    return refused;
}

static bool refuses_alloc_ref(Arena *arena) {
    return arena_alloc_ref(arena, 16, 16) == 0 && arena_alloc_ref(arena, 0, 3) == 0;
}

/* Where a live arena has a block of zero bytes. */
static bool refuses_ref(Arena *arena) {
    const void *next = arena != NULL ? (const void *)(uintptr_t)((const ArenaControl *)arena)->cursor : NULL;
    return arena_ref(arena, next) == 0 && arena_ref(arena, NULL) == 0;
}

static bool refuses_resolve(Arena *arena) {
    return arena_resolve(arena, UINT64_C(1) << ARENA_REF_GENERATION_SHIFT) == NULL && arena_resolve(arena, 0) == NULL &&
           arena_resolve(arena, UINT64_MAX) == NULL;
}

static bool refuses_chunk(Arena *arena) {
    void *base;
    size_t capacity;
    size_t used;
    return arena_chunk(arena, 0, &base, &capacity, &used) == CORRAL_INVALID_ARENA &&
           arena_chunk(arena, SIZE_MAX, NULL, NULL, NULL) == CORRAL_INVALID_ARENA;
}

static bool refuses_check(Arena *arena) {
    return arena_check(arena) == CORRAL_INVALID_ARENA;
}

static bool refuses_last_status(Arena *arena) {
    return arena_last_status(arena) == CORRAL_INVALID_ARENA;
}

typedef struct Refusal {
    const char *name;
    bool (*refuses)(Arena *arena);
} Refusal;

#define REFUSAL(what) \
    { #what, refuses_##what }

static const Refusal refusals[] = {
    REFUSAL(alloc),
    REFUSAL(alloc_of_zero_bytes),
    REFUSAL(alloc_of_the_largest_size),
    REFUSAL(alloc_slow),
    REFUSAL(alloc_aligned),
    REFUSAL(calloc),
    REFUSAL(strdup),
    REFUSAL(strndup),
    REFUSAL(sprintf),
    REFUSAL(vsprintf),
    REFUSAL(reset),
    REFUSAL(clear),
    REFUSAL(destroy),
    REFUSAL(the_single_statistics),
    REFUSAL(stats),
    REFUSAL(stats_print),
    REFUSAL(alloc_ref),
    REFUSAL(ref),
    REFUSAL(resolve),
    REFUSAL(chunk),
    REFUSAL(check),
    REFUSAL(last_status),
};

static void check_refusals(const char *file, int line, Arena *arena) {
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (!refusals[i].refuses(arena)) {
            test_fail(file, line, "not refused by %s", refusals[i].name);
        }
    }
}

#define CHECK_REFUSED(arena) check_refusals(__FILE__, __LINE__, (arena))

/* --- what they refuse --------------------------------------------------------------------------------------------- */

static void test_null_arena_refused(void) {
    CHECK_REFUSED(NULL);
}

static void check_destroyed_refused(const ArenaConfig *config) {
    ArenaFixture f;
    Arena *arena = arena_fixture_with(&f, config);
    for (size_t i = 0; i < 20; i++) {
        CHECK_TRUE(arena_alloc(arena, 4 * KIB) != NULL);
    }
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    unsigned char before[ARENA_SLOT_BYTES];
    memcpy(before, arena, sizeof before);
    PoolStats pool = fixture_stats(&f.base);
    CHECK_REFUSED(arena);
    PoolStats now = fixture_stats(&f.base);
    CHECK_TRUE(memcmp(before, arena, sizeof before) == 0);
    CHECK_TRUE(memcmp(&now, &pool, sizeof now) == 0);
    fixture_close(&f.base);
}

static void test_destroyed_arena_refused(void) {
    check_destroyed_refused(NULL);
}

static void test_destroyed_poisoning_arena_refused(void) {
    ArenaConfig config = arena_config_default();
    config.poison = true;
    check_destroyed_refused(&config);
}

/* Several destroyed arenas: the link of the free slots lies behind the marker and is not taken for one. */
static void test_destroyed_arenas_refused_whatever_their_slots_hold(void) {
    enum { COUNT = 250 };
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    Arena *arenas[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        arenas[i] = arena_create_default(pool);
        REQUIRE_TRUE(arenas[i] != NULL);
    }
    for (size_t i = 0; i < COUNT; i++) {
        CHECK_STATUS(arena_destroy(arenas[i]), CORRAL_OK);
    }
    for (size_t i = 0; i < COUNT; i++) {
        CHECK_REFUSED(arenas[i]);
    }
    fixture_close(&f);
}

/* Memory without the marker, whose first two words leave no room (the fast path asks no more than that, and takes the
 * first for an address: a sum with it does not wrap). */
static void check_no_arena_refused(int byte) {
    _Alignas(64) static unsigned char memory[ARENA_SLOT_BYTES];
    static unsigned char before[ARENA_SLOT_BYTES];
    memset(memory, byte, sizeof memory);
    memcpy(before, memory, sizeof before);
    CHECK_REFUSED((Arena *)(void *)memory);
    CHECK_TRUE(memcmp(memory, before, sizeof before) == 0);
}

static void test_memory_that_is_no_arena_refused(void) {
    check_no_arena_refused(0x00);
    check_no_arena_refused(0x21);
    check_no_arena_refused(0x7F);
}

/* Refused like any other: the pool keeps the slab as long as it lives, so the marker can be read. */
static void test_destroyed_arena_refused_after_trim(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 10 * MIB) != NULL);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    CHECK_TRUE(pool_trim(f.base.pool, 0) > 0);
    CHECK_REFUSED(arena);
    fixture_close(&f.base);
}

/* A live arena is not one of these: the table would pass if everything were refused. */
static void test_live_arena_is_not_refused(void) {
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        ArenaFixture f;
        Arena *arena = arena_fixture_default(&f);
        bool largest_size_only = refusals[i].refuses == refuses_alloc_of_the_largest_size;
        if (!largest_size_only && refusals[i].refuses(arena)) {
            test_fail(__FILE__, __LINE__, "refused a live arena: %s", refusals[i].name);
        }
        fixture_close(&f.base);
    }
}

TEST_MAIN(TEST_CASE(test_null_arena_refused), TEST_CASE(test_destroyed_arena_refused),
          TEST_CASE(test_destroyed_poisoning_arena_refused),
          TEST_CASE(test_destroyed_arenas_refused_whatever_their_slots_hold),
          TEST_CASE(test_memory_that_is_no_arena_refused), TEST_CASE(test_destroyed_arena_refused_after_trim),
          TEST_CASE(test_live_arena_is_not_refused))
