/* SPDX-License-Identifier: Apache-2.0
 * arena_zeroed_test.c - zeroed arenas: no allocation shows what was there before, free space is zero, and nobody else
 * gets a byte that was used. */
#include "arena/arena_parts.h"
#include "base/poison.h"
#include "support/arena_fixture.h"
#include "support/test.h"

static Arena *zeroed_arena(ArenaFixture *f, bool poison) {
    ArenaConfig config = arena_config_default();
    config.zeroed = true;
    config.poison = poison;
    return arena_fixture_with(f, &config);
}

static bool is_zero(const volatile void *at, size_t bytes) {
    const volatile unsigned char *byte = at;
    for (size_t i = 0; i < bytes; i++) {
        if (byte[i] != 0) {
            return false;
        }
    }
    return true;
}

/* As is_zero(), of a block of the pool, which Valgrind takes for unwritten. */
static bool block_is_zero(const void *block, size_t bytes) {
    memory_open_filled(block, bytes);
    return is_zero(block, bytes);
}

/* Allocates, expects zeros, and leaves dirt: in all of the rounded size, since C code may use it. */
static unsigned char *dirty(Arena *arena, size_t size) {
    unsigned char *block = arena_alloc(arena, size);
    if (CHECK_TRUE(block != NULL)) {
        CHECK_TRUE(is_zero(block, size));
        memset(block, 0xA5, size);
    }
    return block;
}

static void check_free_space(const Arena *arena) {
    for (size_t index = 0; index < arena_chunk_count(arena); index++) {
        ChunkView view = chunk_view(arena, index);
        CHECK_TRUE(is_zero((const void *)(view.base + view.used), view.capacity - view.used));
    }
}

/* --- what an allocation shows ------------------------------------------------------------------------------------- */

static void test_zeroed_after_reset(void) {
    ArenaFixture f;
    Arena *arena = zeroed_arena(&f, false);
    for (size_t round = 0; round < 3; round++) {
        dirty(arena, 4 * KIB);
        dirty(arena, 100);
        dirty(arena, 50000); /* a side chunk */
        dirty(arena, 9000);
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
        CHECK_NUMBERS(arena, 4, 44 * KIB + 50000, 0);
        check_free_space(arena);
    }
    arena_fixture_close(&f);
}

static void test_zeroed_after_rewind(void) {
    ArenaFixture f;
    Arena *arena = zeroed_arena(&f, false);
    unsigned char *old = dirty(arena, 100);
    unsigned char *old_side = dirty(arena, 30000);
    ArenaMark mark = arena_mark(arena);
    for (size_t round = 0; round < 3; round++) {
        dirty(arena, 200);
        dirty(arena, 60000);
        dirty(arena, 5000);
        dirty(arena, 70000);
        CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
        check_free_space(arena);
        CHECK_TRUE(old[0] == 0xA5 && memcmp(old, old + 1, 99) == 0);
        CHECK_TRUE(old_side[0] == 0xA5 && memcmp(old_side, old_side + 1, 29999) == 0);
    }
    arena_fixture_close(&f);
}

static void test_zeroed_after_scope_close(void) {
    ArenaFixture f;
    Arena *arena = zeroed_arena(&f, false);
    dirty(arena, 100);
    for (size_t round = 0; round < 3; round++) {
        ArenaMark outer = arena_open_scope(arena);
        dirty(arena, 3000);
        ArenaMark inner = arena_open_scope(arena);
        dirty(arena, 8000);
        CHECK_STATUS(arena_close_scope(arena, inner), CORRAL_OK);
        check_free_space(arena);
        dirty(arena, 100);
        CHECK_STATUS(arena_close_scope(arena, outer), CORRAL_OK);
        check_free_space(arena);
    }
    arena_fixture_close(&f);
}

static void test_zeroed_after_clear(void) {
    ArenaFixture f;
    Arena *arena = zeroed_arena(&f, false);
    for (size_t round = 0; round < 3; round++) {
        dirty(arena, 4 * KIB);
        dirty(arena, 8 * KIB);
        dirty(arena, 100000);
        CHECK_STATUS(arena_clear(arena), CORRAL_OK);
        CHECK_NUMBERS(arena, 1, 4 * KIB, 0);
        check_free_space(arena);
    }
    arena_fixture_close(&f);
}

/* Alignment gaps are used bytes that no block covers; C code may still have written there. */
static void test_zeroed_alignment_gaps(void) {
    ArenaFixture f;
    Arena *arena = zeroed_arena(&f, false);
    for (size_t round = 0; round < 3; round++) {
        unsigned char *first = dirty(arena, 16);
        unsigned char *aligned = arena_alloc_aligned(arena, 40, 512);
        REQUIRE_TRUE(aligned != NULL);
        CHECK_TRUE(is_zero(first + 16, (size_t)(aligned - first) - 16 + 48));
        memset(first, 0x5A, (size_t)(aligned - first) + 48);
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
        check_free_space(arena);
    }
    arena_fixture_close(&f);
}

/* What a block gives up in place, or by moving away, is wiped at once; what it grows by is zero. */
static void test_zeroed_after_resize(void) {
    ArenaFixture f;
    Arena *arena = zeroed_arena(&f, false);
    unsigned char *block = dirty(arena, 1000);
    CHECK_STATUS(arena_shrink_last(arena, block, 1000, 100), CORRAL_OK);
    check_free_space(arena);
    CHECK_EQ_PTR(arena_realloc(arena, block, 100, 3000), block);
    CHECK_TRUE(block[99] == 0xA5 && is_zero(block + 100, 2900));
    unsigned char *moved = arena_realloc(arena, block, 3000, 9000);
    REQUIRE_TRUE(moved != NULL && moved != block);
    CHECK_TRUE(moved[99] == 0xA5 && is_zero(moved + 100, 8900));
    check_free_space(arena);
    ArenaString string = arena_string_begin(arena);
    for (size_t i = 0; i < 500; i++) {
        CHECK_STATUS(arena_string_append(&string, "zebra "), CORRAL_OK);
    }
    CHECK_TRUE(arena_string_finish(&string, NULL) != NULL);
    check_free_space(arena);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    check_free_space(arena);
    arena_fixture_close(&f);
}

/* What a block lost while another one followed it, it may get again. */
static void test_zeroed_after_an_inner_shrink(void) {
    for (int poison = 0; poison < 2; poison++) {
        ArenaFixture f;
        Arena *arena = zeroed_arena(&f, poison == 1);
        unsigned char *block = arena_alloc(arena, 14);
        memset(block, 0xFF, 14);
        ArenaMark scope = arena_open_scope(arena);
        CHECK_TRUE(arena_realloc(arena, block, 14, 10) == block);
        CHECK_STATUS(arena_close_scope(arena, scope), CORRAL_OK);
        CHECK_TRUE(arena_realloc(arena, block, 10, 33) == block);
        CHECK_TRUE(is_zero(block + 10, 23));
        arena_fixture_close(&f);
    }
}

static void test_zeroed_child_leaves_nothing_behind(void) {
    ArenaFixture f;
    Arena *parent = zeroed_arena(&f, false);
    Arena *child = arena_create_child(parent, SIZE_MAX);
    REQUIRE_TRUE(child != NULL);
    uintptr_t base = (uintptr_t)dirty(child, 4 * KIB);
    CHECK_STATUS(arena_reset(parent), CORRAL_OK);
    CHECK_STATUS(arena_check(child), CORRAL_INVALID_ARENA);
    unsigned char *block = pool_alloc(f.base.pool, 4 * KIB);
    CHECK_TRUE((uintptr_t)block == base && block_is_zero(block, 4 * KIB));
    CHECK_STATUS(pool_free(f.base.pool, block), CORRAL_OK);
    arena_fixture_close(&f);
}

/* The window is open: the fast path neither knows nor tests that the arena is zeroed. */
static void test_zeroed_keeps_the_window_open(void) {
    ArenaFixture f;
    Arena *arena = zeroed_arena(&f, false);
    ArenaControl before = arena->control;
    dirty(arena, 100);
    CHECK_EQ_U64(arena->control.limit, before.limit);
    CHECK_EQ_U64(arena->control.limit - arena->control.cursor, 4 * KIB - 112);
    arena_fixture_close(&f);
}

/* Only what was used is wiped: a byte of free space that should not be there stays. */
static void test_zeroed_wipes_only_what_was_used(void) {
    ArenaFixture f;
    Arena *arena = zeroed_arena(&f, false);
    unsigned char *block = dirty(arena, 100);
    REQUIRE_TRUE(block != NULL);
    block[112] = 0x77; /* behind the rounded block: not allowed, and seen */
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_TRUE(is_zero(block, 112));
    CHECK_EQ_U64(block[112], 0x77);
    block[112] = 0;
    arena_fixture_close(&f);
}

/* --- who else gets the memory ------------------------------------------------------------------------------------- */

static void test_zeroed_takes_recycled_memory(void) {
    ArenaFixture f;
    Pool *pool = fixture_default(&f.base);
    for (size_t size = 1 * KIB; size <= 4 * MIB; size *= 4) {
        unsigned char *block = pool_alloc(pool, size);
        REQUIRE_TRUE(block != NULL);
        memset(block, 0xEE, size);
        CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
        ArenaConfig config = arena_config_default();
        config.initial_size = config.maximum_size = size;
        config.zeroed = true;
        Arena *arena = arena_create_with(pool, &config);
        REQUIRE_TRUE(arena != NULL);
        check_free_space(arena);
        dirty(arena, size);
        dirty(arena, size);
        CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    }
    fixture_close(&f.base);
}

/* Blocks of the pool where `count` chunks were: none shows a byte of the arena. */
static void check_wiped(Pool *pool, const uintptr_t *bases, size_t capacity, size_t count) {
    void *blocks[64];
    size_t found = 0;
    for (size_t i = 0; i < 64; i++) {
        blocks[i] = pool_alloc(pool, capacity);
        REQUIRE_TRUE(blocks[i] != NULL);
        for (size_t k = 0; k < count; k++) {
            if (bases[k] == (uintptr_t)blocks[i]) {
                CHECK_TRUE(block_is_zero(blocks[i], capacity));
                found++;
            }
        }
    }
    CHECK_EQ_U64(found, count);
    for (size_t i = 0; i < 64; i++) {
        CHECK_STATUS(pool_free(pool, blocks[i]), CORRAL_OK);
    }
}

static void dirty_three_chunks(Arena *arena, uintptr_t *bases) {
    for (size_t i = 0; i < 3; i++) {
        bases[i] = (uintptr_t)dirty(arena, 4 * KIB);
    }
    CHECK_NUMBERS(arena, 3, 12 * KIB, 12 * KIB);
}

/* The pool itself fills nothing: what it hands out is what came back. */
static void test_zeroed_memory_goes_back_wiped(void) {
    ArenaFixture f;
    Pool *pool = fixture_default(&f.base);
    ArenaConfig config = arena_config_default();
    config.maximum_size = config.initial_size;
    config.zeroed = true;
    uintptr_t bases[3];
    for (size_t round = 0; round < 2; round++) {
        config.poison = round == 1;
        Arena *arena = arena_create_with(pool, &config);
        REQUIRE_TRUE(arena != NULL);
        dirty_three_chunks(arena, bases);
        CHECK_STATUS(arena_clear(arena), CORRAL_OK);
        check_wiped(pool, bases + 1, 4 * KIB, 2);
        dirty_three_chunks(arena, bases);
        CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
        check_wiped(pool, bases, 4 * KIB, 3);
    }
    fixture_close(&f.base);
}

static bool release_and_look(void *context, void *pages, size_t bytes) {
    static const unsigned char dirt[8] = {0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5};
    FakePages *fake = context;
    size_t dirty_words = 0;
    memory_open_filled(pages, bytes);
    for (size_t at = 0; at < bytes; at += sizeof dirt) {
        dirty_words += memcmp((const char *)pages + at, dirt, sizeof dirt) == 0;
    }
    CHECK_EQ_U64(dirty_words, 0);
    return fake->source.release(fake, pages, bytes);
}

/* A page source may keep what it is given: a file, a buffer of somebody. */
static void test_zeroed_is_wiped_before_its_pool_ends(void) {
    PoolFixture f;
    PoolConfig pool_config = fixture_open(&f);
    PageSource source = f.pages.source;
    source.release = release_and_look;
    pool_config.source = &source;
    Pool *pool = fixture_create(&f, &pool_config);
    ArenaConfig config = arena_config_default();
    config.zeroed = true;
    Arena *arena = arena_create_with(pool, &config);
    REQUIRE_TRUE(arena != NULL);
    dirty(arena, 4 * KIB);
    dirty(arena, 100000);
    dirty(arena, 3 * MIB);
    fixture_close(&f);
}

/* --- with the other features -------------------------------------------------------------------------------------- */

/* Gaps and free space are closed for the tools: wiping them must not be reported, and what a block shows may be
 * read. */
static void test_zeroed_and_poisoning(void) {
    ArenaFixture f;
    Arena *arena = zeroed_arena(&f, true);
    ArenaMark mark = arena_mark(arena);
    for (size_t round = 0; round < 4; round++) {
        for (size_t size = 1; size < 3000; size = size * 3 + 1) {
            unsigned char *block = arena_alloc_aligned(arena, size, size % 2 == 0 ? 16 : 128);
            REQUIRE_TRUE(block != NULL);
            CHECK_TRUE(is_zero(block, size));
            memset(block, 0xA5, size);
        }
        dirty(arena, 50000);
        CHECK_STATUS(round % 2 == 0 ? arena_rewind(arena, mark) : arena_clear(arena), CORRAL_OK);
        mark = arena_mark(arena);
    }
    arena_fixture_close(&f);
}

static void test_zeroed_places_like_any_other(void) {
    ArenaFixture f;
    Arena *zeroed = zeroed_arena(&f, false);
    Arena *plain = arena_create_default(f.base.pool);
    REQUIRE_TRUE(plain != NULL);
    uint64_t random = 3;
    for (size_t i = 0; i < 2000 && test_failures() == 0; i++) {
        size_t size = test_random_below(&random, i % 40 == 0 ? 70000 : 300);
        size_t alignment = (size_t)1 << test_random_below(&random, 7);
        Spot expected = spot_of(plain, arena_alloc_aligned(plain, size, alignment));
        unsigned char *block = arena_alloc_aligned(zeroed, size, alignment);
        CHECK_SPOT(zeroed, block, expected.chunk, expected.offset);
        CHECK_TRUE(is_zero(block, size));
        memset(block, 0xFF, size);
        if (i % 400 == 399) {
            CHECK_STATUS(i % 800 == 799 ? arena_clear(plain) : arena_reset(plain), CORRAL_OK);
            CHECK_STATUS(i % 800 == 799 ? arena_clear(zeroed) : arena_reset(zeroed), CORRAL_OK);
            check_free_space(zeroed);
        }
    }
    CHECK_STATUS(arena_destroy(plain), CORRAL_OK);
    arena_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_zeroed_after_reset), TEST_CASE(test_zeroed_after_rewind),
          TEST_CASE(test_zeroed_after_scope_close), TEST_CASE(test_zeroed_after_clear),
          TEST_CASE(test_zeroed_alignment_gaps), TEST_CASE(test_zeroed_after_resize),
          TEST_CASE(test_zeroed_after_an_inner_shrink), TEST_CASE(test_zeroed_child_leaves_nothing_behind),
          TEST_CASE(test_zeroed_keeps_the_window_open), TEST_CASE(test_zeroed_wipes_only_what_was_used),
          TEST_CASE(test_zeroed_takes_recycled_memory), TEST_CASE(test_zeroed_memory_goes_back_wiped),
          TEST_CASE(test_zeroed_is_wiped_before_its_pool_ends), TEST_CASE(test_zeroed_and_poisoning),
          TEST_CASE(test_zeroed_places_like_any_other))
