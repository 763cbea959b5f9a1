/* SPDX-License-Identifier: Apache-2.0
 * arena_resize_test.c - arena_realloc() and arena_shrink_last(): where blocks go, what is counted, what is refused. */
#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

static bool holds(const unsigned char *bytes, size_t size, unsigned char value) {
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != value) {
            return false;
        }
    }
    return true;
}

static unsigned char *filled(Arena *arena, size_t size, unsigned char value) {
    unsigned char *block = arena_alloc(arena, size);
    memset(block, value, size);
    return block;
}

/* --- the last block ----------------------------------------------------------------------------------------------- */

static void test_realloc_of_the_last_block_stays(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 48) != NULL);
    unsigned char *block = filled(arena, 100, 7);
    CHECK_EQ_PTR(arena_realloc(arena, block, 100, 200), block);
    CHECK_TRUE(holds(block, 100, 7));
    CHECK_EQ_U64(arena_total_used(arena), 48 + 208);
    CHECK_EQ_PTR(arena_realloc(arena, block, 200, 4096 - 48), block);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 4096);
    CHECK_EQ_PTR(arena_realloc(arena, block, 4096 - 48, 10), block);
    CHECK_EQ_U64(arena_total_used(arena), 48 + 16);
    CHECK_EQ_U64(arena_peak_used(arena), 4096);
    CHECK_EQ_PTR(arena_realloc(arena, block, 10, 0), block);
    CHECK_EQ_U64(arena_total_used(arena), 48);
    CHECK_EQ_PTR(arena_realloc(arena, block, 0, 16), block);
    CHECK_EQ_U64(arena_allocation_count(arena), 2);
    CHECK_STATUS(arena_last_status(arena), CORRAL_OK);
    arena_fixture_close(&f);
}

/* Whatever its sizes on the way: afterwards everything is as if it had been allocated with the last one. */
static void test_realloc_is_as_if_allocated_so(void) {
    static const size_t sizes[] = {1, 16, 17, 1000, 4000, 4081, 5000, 9000, 70000, 300000, 2000000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        ArenaFixture f, g;
        Arena *resized = arena_fixture_default(&f), *plain = arena_fixture_default(&g);
        CHECK_TRUE(arena_alloc(resized, 100) != NULL && arena_alloc(plain, 100) != NULL);
        unsigned char *block = filled(resized, 60, 3);
        block = arena_realloc(resized, block, 60, sizes[i]);
        unsigned char *expected = arena_alloc(plain, sizes[i]);
        CHECK_TRUE(block != NULL && holds(block, sizes[i] < 60 ? sizes[i] : 60, 3));
        Spot spot = spot_of(plain, expected);
        CHECK_SPOT(resized, block, spot.chunk, spot.offset);
        ArenaStats left, right;
        CHECK_STATUS(arena_stats(resized, &left), CORRAL_OK);
        CHECK_STATUS(arena_stats(plain, &right), CORRAL_OK);
        left.peak_used = right.peak_used = 0; /* 60 bytes were used */
        CHECK_TRUE(memcmp(&left, &right, sizeof left) == 0);
        spot = spot_of(plain, arena_alloc(plain, 32));
        CHECK_SPOT(resized, arena_alloc(resized, 32), spot.chunk, spot.offset);
        arena_fixture_close(&f);
        arena_fixture_close(&g);
    }
}

static void test_realloc_of_an_inner_block_copies(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    unsigned char *block = filled(arena, 20, 1);
    unsigned char *behind = filled(arena, 20, 2);
    CHECK_EQ_PTR(arena_realloc(arena, block, 20, 10), block); /* shrinks without a gain */
    CHECK_EQ_U64(arena_total_used(arena), 64);
    unsigned char *moved = arena_realloc(arena, block, 10, 100);
    CHECK_SPOT(arena, moved, 0, 64);
    CHECK_TRUE(holds(moved, 10, 1));
    CHECK_EQ_U64(arena_total_used(arena), 64 + 112);
    CHECK_EQ_U64(arena_allocation_count(arena), 3);
    CHECK_TRUE(holds(behind, 20, 2));
    CHECK_TRUE(holds(block, 10, 1));
    arena_fixture_close(&f);
}

static void test_realloc_reaches_every_chunk(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    unsigned char *first = filled(arena, 3000, 1);
    unsigned char *aside = filled(arena, 100000, 2); /* a chunk beside the current one */
    unsigned char *second = filled(arena, 3000, 3);
    unsigned char *moved = arena_realloc(arena, first, 3000, 4000);
    CHECK_TRUE(moved != NULL && holds(moved, 3000, 1));
    moved = arena_realloc(arena, aside, 100000, 100001);
    CHECK_TRUE(moved != NULL && holds(moved, 100000, 2));
    moved = arena_realloc(arena, second, 3000, 3500);
    CHECK_TRUE(moved != NULL && holds(moved, 3000, 3));
    arena_fixture_close(&f);
}

static void test_realloc_of_null_allocates(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    void *block = arena_realloc(arena, NULL, 12345, 40);
    CHECK_SPOT(arena, block, 0, 0);
    CHECK_TRUE(arena_realloc(arena, NULL, 0, 0) != NULL);
    CHECK_EQ_U64(arena_total_used(arena), 48);
    CHECK_EQ_U64(arena_allocation_count(arena), 2);
    arena_fixture_close(&f);
}

/* --- marks -------------------------------------------------------------------------------------------------------- */

static void test_resizing_never_crosses_a_mark(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    unsigned char *block = filled(arena, 64, 9);
    ArenaMark mark = arena_mark(arena);
    CHECK_STATUS(arena_shrink_last(arena, block, 64, 16), CORRAL_OK);
    CHECK_EQ_PTR(arena_realloc(arena, block, 64, 16), block);
    CHECK_EQ_U64(arena_total_used(arena), 64);
    unsigned char *moved = arena_realloc(arena, block, 64, 128);
    CHECK_SPOT(arena, moved, 0, 64);
    CHECK_EQ_PTR(arena_realloc(arena, moved, 128, 256), moved);
    CHECK_EQ_PTR(arena_realloc(arena, moved, 256, 16), moved);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_TRUE(holds(block, 64, 9));
    CHECK_EQ_U64(arena_mark(arena).id, mark.id);
    CHECK_TRUE(arena_realloc(arena, block, 64, 128) != block);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK); /* the mark is not valid any more */
    block = filled(arena, 64, 9);
    CHECK_EQ_PTR(arena_realloc(arena, block, 64, 128), block);
    arena_fixture_close(&f);
}

/* A mark in another chunk, or where the block begins, is none between. */
static void test_resizing_after_a_mark(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 4000) != NULL);
    ArenaMark mark = arena_mark(arena);
    unsigned char *block = filled(arena, 200, 5);
    CHECK_EQ_PTR(arena_realloc(arena, block, 200, 300), block);
    ArenaMark later = arena_mark(arena);
    unsigned char *next = filled(arena, 16, 6);
    CHECK_EQ_PTR(arena_realloc(arena, next, 16, 32), next);
    CHECK_EQ_PTR(arena_realloc(arena, next, 32, 0), next);
    CHECK_STATUS(arena_rewind(arena, later), CORRAL_OK);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_EQ_U64(arena_total_used(arena), 4000);
    arena_fixture_close(&f);
}

/* No bytes are at the start of a free chunk as well as anywhere; nothing may come to lie there. */
static void test_realloc_of_no_bytes_in_a_free_chunk(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaMark mark = arena_mark(arena);
    void *given_up = arena_alloc(arena, 5000);
    CHECK_SPOT(arena, given_up, 1, 0);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_SPOT(arena, arena_realloc(arena, given_up, 0, 16), 0, 0);
    CHECK_EQ_U64(arena_total_used(arena), 16);
    CHECK_FAILS(arena, arena_realloc(arena, given_up, 1, 16), CORRAL_FOREIGN_POINTER);
    arena_fixture_close(&f);
}

/* --- shrink_last -------------------------------------------------------------------------------------------------- */

static void test_shrink_last_gives_the_tail_back(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    unsigned char *block = filled(arena, 1000, 4);
    CHECK_STATUS(arena_shrink_last(arena, block, 1000, 100), CORRAL_OK);
    CHECK_EQ_U64(arena_total_used(arena), 112);
    CHECK_EQ_U64(arena_peak_used(arena), 1008);
    CHECK_EQ_U64(arena_allocation_count(arena), 1);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 112);
    CHECK_STATUS(arena_shrink_last(arena, block, 100, 16), CORRAL_OK);
    CHECK_EQ_U64(arena_total_used(arena), 128);
    CHECK_TRUE(holds(block, 100, 4));
    arena_fixture_close(&f);
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

static void test_resizing_what_is_no_block_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    Arena *other = arena_create_default(f.base.pool);
    unsigned char *block = filled(arena, 100, 1), *theirs = filled(other, 100, 1);
    _Alignas(16) unsigned char mine[64] = {0};
    ArenaPicture before = arena_picture(arena);
    CHECK_FAILS(arena, arena_realloc(arena, theirs, 100, 200), CORRAL_FOREIGN_POINTER);
    CHECK_FAILS(arena, arena_realloc(arena, mine, 64, 0), CORRAL_FOREIGN_POINTER);
    CHECK_FAILS(arena, arena_realloc(arena, mine, 0, 10), CORRAL_FOREIGN_POINTER);
    CHECK_FAILS(arena, arena_realloc(arena, block + 8, 92, 200), CORRAL_FOREIGN_POINTER);
    CHECK_FAILS(arena, arena_realloc(arena, block + 112, 1, 2), CORRAL_FOREIGN_POINTER);
    CHECK_FAILS(arena, arena_realloc(arena, block, 113, 200), CORRAL_INVALID_ARGUMENT);
    CHECK_FAILS(arena, arena_realloc(arena, block, SIZE_MAX, 1), CORRAL_INVALID_ARGUMENT);
    CHECK_FAILS(arena, arena_realloc(arena, block, 100, ARENA_SIZE_LIMIT + 1), CORRAL_SIZE_LIMIT);
    CHECK_FAILS(arena, arena_realloc(arena, block, 100, SIZE_MAX), CORRAL_SIZE_LIMIT);
    CHECK_STATUS(arena_shrink_last(arena, theirs, 100, 0), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(arena_shrink_last(arena, NULL, 0, 0), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(arena_shrink_last(arena, block, 100, 101), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_shrink_last(arena, block, 200, 100), CORRAL_INVALID_ARGUMENT);
    CHECK_UNCHANGED(arena, &before);
    CHECK_TRUE(holds(block, 100, 1) && holds(theirs, 100, 1));
    CHECK_STATUS(arena_destroy(other), CORRAL_OK);
    CHECK_TRUE(arena_realloc(other, theirs, 100, 200) == NULL);
    CHECK_TRUE(arena_realloc(NULL, block, 100, 200) == NULL);
    CHECK_STATUS(arena_shrink_last(other, theirs, 100, 0), CORRAL_INVALID_ARENA);
    arena_fixture_close(&f);
}

static void test_realloc_in_a_full_fixed_arena(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_fixed(&f, 1024);
    unsigned char *block = filled(arena, 500, 8);
    ArenaPicture before = arena_picture(arena);
    CHECK_FAILS(arena, arena_realloc(arena, block, 500, 1025), CORRAL_ARENA_FULL);
    CHECK_UNCHANGED(arena, &before);
    CHECK_EQ_PTR(arena_realloc(arena, block, 500, 1024), block);
    CHECK_TRUE(holds(block, 500, 8));
    arena_fixture_close(&f);
}

/* --- kinds of arenas ---------------------------------------------------------------------------------------------- */

/* The tail that was given back is wiped; what a block grows by is zero. */
static void test_resizing_in_a_zeroed_arena(void) {
    ArenaFixture f;
    ArenaConfig config = arena_config_default();
    config.zeroed = true;
    Arena *arena = arena_fixture_with(&f, &config);
    unsigned char *block = filled(arena, 100, 0xFF);
    CHECK_EQ_PTR(arena_realloc(arena, block, 100, 10), block);
    CHECK_EQ_PTR(arena_realloc(arena, block, 10, 4000), block);
    CHECK_TRUE(holds(block, 10, 0xFF) && holds(block + 10, 3990, 0));
    memset(block, 0xFF, 4000);
    unsigned char *moved = arena_realloc(arena, block, 4000, 8000); /* leaves the chunk */
    CHECK_TRUE(moved != block && holds(moved, 4000, 0xFF) && holds(moved + 4000, 4000, 0));
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_TRUE(holds(arena_alloc(arena, 4096), 4096, 0));
    arena_fixture_close(&f);
}

/* ASAN and Valgrind see every access: a byte that was not opened, or one read beyond the old size, is reported. */
static void test_resizing_in_a_poisoning_arena(void) {
    ArenaFixture f;
    ArenaConfig config = arena_config_default();
    config.poison = true;
    Arena *arena = arena_fixture_with(&f, &config);
    unsigned char *block = filled(arena, 13, 1);
    for (size_t size = 13; size < 6000; size += 331) {
        block = arena_realloc(arena, block, size, size + 331);
        CHECK_TRUE(holds(block, size, 1));
        memset(block, 1, size + 331);
    }
    CHECK_TRUE(arena_alloc(arena, 1) != NULL);
    block = arena_realloc(arena, block, 6302, 7000);
    memset(block, 2, 7000);
    CHECK_STATUS(arena_shrink_last(arena, block, 7000, 5), CORRAL_OK);
    CHECK_TRUE(holds(filled(arena, 50, 3), 50, 3));
    arena_fixture_close(&f);
}

/* Guards stand behind every block: each growth copies, and no damage is found. */
static void test_resizing_in_debug_mode(void) {
    ArenaFixture f;
    ArenaConfig config = arena_config_default();
    config.debug = true;
    Arena *arena = arena_fixture_with(&f, &config);
    unsigned char *block = filled(arena, 1, 1);
    for (size_t size = 1; size < 3000; size += 7) {
        unsigned char *moved = arena_realloc(arena, block, size, size + 7);
        CHECK_TRUE(moved != block && holds(moved, size, 1));
        block = moved;
        memset(block, 1, size + 7);
    }
    CHECK_STATUS(arena_shrink_last(arena, block, 3002, 1), CORRAL_OK);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    CHECK_EQ_U64(arena_damage_count(arena), 0);
    arena_fixture_close(&f);
}

/* --- without memory ----------------------------------------------------------------------------------------------- */

static bool grow_and_grow(FakePages *fake, void *context) {
    (void)context;
    PoolConfig config = pool_config_default();
    config.source = &fake->source;
    config.region_size = POOL_GRANULE;
    Pool *pool = pool_create_with(&config);
    Arena *arena = arena_create_default(pool);
    bool succeeded = arena != NULL;
    unsigned char *block = NULL;
    size_t size = 0;
    for (int i = 1; arena != NULL && i < 20; i++) {
        ArenaPicture before = arena_picture(arena);
        unsigned char *grown = arena_realloc(arena, block, size, size * 2 + 10);
        if (grown == NULL) {
            succeeded = false;
            CHECK_STATUS(arena_last_status(arena), CORRAL_NO_MEMORY);
            CHECK_UNCHANGED(arena, &before);
            continue;
        }
        CHECK_TRUE(holds(grown, size, 6));
        block = grown;
        size = size * 2 + 10;
        memset(block, 6, size);
        CHECK_TRUE(i % 3 != 0 || arena_alloc(arena, 1) != NULL || fake->fail_at != 0);
    }
    if (pool != NULL) {
        CHECK_STATUS(arena_check(arena), arena != NULL ? CORRAL_OK : CORRAL_INVALID_ARENA);
        CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    }
    return succeeded;
}

static void test_realloc_without_memory_keeps_the_block(void) {
    CHECK_TRUE(for_each_failing_page(grow_and_grow, NULL) > 10);
}

TEST_MAIN(TEST_CASE(test_realloc_of_the_last_block_stays), TEST_CASE(test_realloc_is_as_if_allocated_so),
          TEST_CASE(test_realloc_of_an_inner_block_copies), TEST_CASE(test_realloc_reaches_every_chunk),
          TEST_CASE(test_realloc_of_null_allocates), TEST_CASE(test_resizing_never_crosses_a_mark),
          TEST_CASE(test_resizing_after_a_mark), TEST_CASE(test_realloc_of_no_bytes_in_a_free_chunk),
          TEST_CASE(test_shrink_last_gives_the_tail_back), TEST_CASE(test_resizing_what_is_no_block_refused),
          TEST_CASE(test_realloc_in_a_full_fixed_arena), TEST_CASE(test_resizing_in_a_zeroed_arena),
          TEST_CASE(test_resizing_in_a_poisoning_arena), TEST_CASE(test_resizing_in_debug_mode),
          TEST_CASE(test_realloc_without_memory_keeps_the_block))
