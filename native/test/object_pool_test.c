/* SPDX-License-Identifier: Apache-2.0
 * object_pool_test.c - objects of one size: acquired, released, refused, walked, given back all at once. */
#include "corral/object_pool.h"

#include <stdlib.h>
#include <string.h>

#include "support/object_pool_fixture.h"
#include "support/test.h"

#define MANY 5000

static size_t acquire_many(ObjectPool *objects, void **into, size_t count) {
    size_t made = 0;
    while (made < count && (into[made] = object_pool_acquire(objects)) != NULL) {
        made++;
    }
    CHECK_EQ_U64(made, count);
    return made;
}

/* --- acquire and release ------------------------------------------------------------------------------------------ */

static void test_objects_are_aligned_and_apart(void) {
    ObjectFixture f;
    ObjectPool *objects = object_fixture(&f, 40);
    unsigned char *before = NULL;
    for (size_t i = 0; i < 300; i++) {
        unsigned char *object = object_pool_acquire(objects);
        REQUIRE_TRUE(object != NULL);
        CHECK_EQ_U64((uintptr_t)object % 16, 0);
        memset(object, (int)i, 48);
        CHECK_TRUE(before == NULL || before + 48 <= object || object + 48 <= before);
        before = object;
    }
    CHECK_EQ_U64(object_stats(objects).object_size, 48);
    CHECK_EQ_U64(object_stats(objects).live, 300);
    object_fixture_close(&f);
}

static void test_last_released_object_is_acquired_next(void) {
    ObjectFixture f;
    ObjectPool *objects = object_fixture(&f, 24);
    void *made[10];
    acquire_many(objects, made, 10);
    CHECK_STATUS(object_pool_release(objects, made[3]), CORRAL_OK);
    CHECK_STATUS(object_pool_release(objects, made[7]), CORRAL_OK);
    CHECK_EQ_PTR(object_pool_acquire(objects), made[7]);
    CHECK_EQ_PTR(object_pool_acquire(objects), made[3]);
    object_fixture_close(&f);
}

static void test_blocks_double_up_to_the_largest(void) {
    ObjectFixture f;
    ObjectPoolConfig config = object_pool_config_default(64);
    config.largest_block = 16 * KIB;
    ObjectPool *objects = object_fixture_with(&f, &config);
    const size_t capacities[] = {64, 192, 448, 704, 960};
    for (size_t i = 0; i < sizeof capacities / sizeof capacities[0]; i++) {
        while (object_stats(objects).live < capacities[i]) {
            REQUIRE_TRUE(object_pool_acquire(objects) != NULL);
        }
        CHECK_EQ_U64(object_stats(objects).capacity, capacities[i]);
        CHECK_EQ_U64(object_stats(objects).blocks, i + 1);
    }
    object_fixture_close(&f);
}

static void test_released_objects_of_other_blocks_are_used_again(void) {
    ObjectFixture f;
    ObjectPool *objects = object_fixture(&f, 32);
    static void *made[MANY];
    size_t count = acquire_many(objects, made, test_scaled(MANY));
    uint64_t capacity = object_stats(objects).capacity;
    for (size_t i = 0; i < count; i++) {
        CHECK_STATUS(object_pool_release(objects, made[i]), CORRAL_OK);
    }
    CHECK_SOUND(objects);
    CHECK_EQ_U64(object_stats(objects).live, 0);
    CHECK_EQ_U64(object_stats(objects).peak_live, count);
    acquire_many(objects, made, count);
    CHECK_EQ_U64(object_stats(objects).capacity, capacity);
    object_fixture_close(&f);
}

static void test_peak_is_that_of_all_blocks(void) {
    ObjectFixture f;
    ObjectPool *objects = object_fixture(&f, 512);
    void *made[30];
    acquire_many(objects, made, 30); /* blocks of 8, 16, 32 */
    for (size_t i = 0; i < 20; i++) {
        object_pool_release(objects, made[i]);
    }
    CHECK_EQ_U64(object_stats(objects).peak_live, 30);
    acquire_many(objects, made, 18);
    CHECK_EQ_U64(object_stats(objects).peak_live, 30);
    acquire_many(objects, made, 5);
    CHECK_EQ_U64(object_stats(objects).live, 33);
    CHECK_EQ_U64(object_stats(objects).peak_live, 33);
    object_fixture_close(&f);
}

static void test_zeroed_objects_read_as_zero(void) {
    ObjectFixture f;
    ObjectPoolConfig config = object_pool_config_default(56);
    config.zeroed = true;
    ObjectPool *objects = object_fixture_with(&f, &config);
    static const unsigned char zeros[64];
    void *made[200];
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < 200; i++) {
            made[i] = object_pool_acquire(objects);
            CHECK_EQ_I64(memcmp(made[i], zeros, 64), 0);
            memset(made[i], 0xEE, 64);
        }
        for (size_t i = 0; i < 200; i++) {
            CHECK_STATUS(object_pool_release(objects, made[i]), CORRAL_OK);
        }
        if (round == 1) {
            CHECK_STATUS(object_pool_clear(objects), CORRAL_OK);
        }
    }
    object_fixture_close(&f);
}

/* --- refused ------------------------------------------------------------------------------------------------------ */

static void test_double_release_is_refused(void) {
    ObjectFixture f;
    ObjectPool *objects = object_fixture(&f, 512);
    void *made[20];
    acquire_many(objects, made, 20);
    CHECK_STATUS(object_pool_release(objects, made[0]), CORRAL_OK); /* in a block that is not open any more */
    CHECK_STATUS(object_pool_release(objects, made[0]), CORRAL_DOUBLE_FREE);
    CHECK_STATUS(object_pool_release(objects, made[19]), CORRAL_OK);
    CHECK_STATUS(object_pool_release(objects, made[19]), CORRAL_DOUBLE_FREE);
    CHECK_STATUS(object_pool_last_status(objects), CORRAL_DOUBLE_FREE);
    CHECK_EQ_U64(object_stats(objects).live, 18);
    object_fixture_close(&f);
}

static void test_foreign_objects_are_refused(void) {
    ObjectFixture f;
    ObjectPool *objects = object_fixture(&f, 32);
    ObjectPool *others = object_pool_create(f.base.arena, 32);
    unsigned char on_stack[64];
    CHECK_STATUS(object_pool_release(objects, on_stack), CORRAL_FOREIGN_POINTER); /* no block yet */
    unsigned char *object = object_pool_acquire(objects);
    unsigned char *other = object_pool_acquire(others);
    void *const foreign[] = {NULL,
                             on_stack,
                             object + 1,
                             object + 16,
                             object + 32,
                             object - 32,
                             other,
                             arena_alloc(f.base.arena, 32),
                             (void *)(uintptr_t)UINTPTR_MAX};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        CorralStatus status = object_pool_release(objects, foreign[i]);
        bool next_one = foreign[i] == object + 32; /* linked already, and not acquired */
        CHECK_STATUS(status, next_one ? CORRAL_DOUBLE_FREE : CORRAL_FOREIGN_POINTER);
        CHECK_FALSE(object_pool_is_live(objects, foreign[i]));
    }
    CHECK_STATUS(object_pool_release_ref(objects, object_pool_ref(others, other)), CORRAL_STALE_REF);
    CHECK_EQ_U64(object_stats(objects).live, 1);
    CHECK_TRUE(object_pool_is_live(objects, object));
    CHECK_STATUS(object_pool_destroy(others), CORRAL_OK);
    object_fixture_close(&f);
}

/* Of every size the quotient is exact, and every other address is none: what lies between objects, before and behind.
 * */
static void test_only_the_start_of_an_object_is_an_object(void) {
    ObjectFixture f;
    object_fixture(&f, 8);
    size_t step = test_scaled(100) < 100 ? 8 * 61 : 8;
    for (size_t size = 8; size <= 1600 && test_failures() == 0; size += size < 200 ? 8 : step) {
        ObjectPoolConfig config = object_pool_config_default(size);
        config.alignment = 8;
        ObjectPool *objects = object_pool_create_with(f.base.arena, &config);
        const unsigned char *object = object_pool_acquire(objects);
        for (int64_t at = -(int64_t)size - 9; at < (int64_t)size * 5; at++) {
            unsigned char *address = (unsigned char *)((uintptr_t)object + (uintptr_t)at);
            uint64_t index = object_window_index(&objects->window, (uint64_t)at);
            bool start = at >= 0 && (uint64_t)at % size == 0;
            CHECK_TRUE(start ? index == (uint64_t)at / size : index >= objects->window.count);
            CHECK_TRUE(object_pool_is_live(objects, address) == (at == 0));
            if (at != 0) {
                CHECK_TRUE(object_pool_release(objects, address) != CORRAL_OK);
            }
        }
        CHECK_STATUS(object_pool_destroy(objects), CORRAL_OK);
    }
    object_fixture_close(&f);
}

/* As whoever was compiled with another window calls: the library does all of it. */
static void test_slow_halves_do_all_of_it(void) {
    ObjectFixture f;
    ObjectPool *objects = object_fixture(&f, 48);
    void *some[300];
    for (size_t round = 0; round < 2; round++) {
        acquire_many(objects, some, 150);
        for (size_t i = 150; i < 300; i++) {
            some[i] = object_pool_acquire_slow(objects);
            CHECK_TRUE(some[i] != NULL && object_pool_is_live(objects, some[i]));
        }
        for (size_t i = 0; i < 300; i++) {
            CHECK_STATUS(object_pool_release_slow(objects, some[i]), CORRAL_OK);
            CHECK_STATUS(object_pool_release_slow(objects, some[i]), CORRAL_DOUBLE_FREE);
        }
        CHECK_SOUND(objects);
    }
    CHECK_EQ_U64(object_stats(objects).peak_live, 300);
    CHECK_EQ_U64(object_stats(objects).released, 600);
    object_fixture_close(&f);
}

static void test_what_is_no_pool_is_refused(void) {
    ObjectFixture f;
    ObjectPool *objects = object_fixture(&f, 32);
    ObjectPool *ended = object_pool_create(f.base.arena, 32);
    CHECK_STATUS(object_pool_destroy(ended), CORRAL_OK);
    static _Alignas(64) unsigned char nothing[2048];
    ObjectPool *const none[] = {NULL, ended, (ObjectPool *)(void *)f.base.arena, (ObjectPool *)(void *)nothing,
                                (ObjectPool *)(void *)(nothing + 1)};
    ObjectPoolStats stats;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        CHECK_TRUE(object_pool_acquire(none[i]) == NULL);
        CHECK_EQ_U64(object_pool_acquire_ref(none[i]), 0);
        CHECK_STATUS(object_pool_release(none[i], nothing), CORRAL_INVALID_ARENA);
        CHECK_STATUS(object_pool_release_ref(none[i], 1), CORRAL_INVALID_ARENA);
        CHECK_FALSE(object_pool_is_live(none[i], nothing));
        CHECK_TRUE(object_pool_next(none[i], NULL) == NULL);
        CHECK_EQ_U64(object_pool_ref(none[i], nothing), 0);
        CHECK_STATUS(object_pool_clear(none[i]), CORRAL_INVALID_ARENA);
        CHECK_STATUS(object_pool_trim(none[i], 0), CORRAL_INVALID_ARENA);
        CHECK_TRUE(object_pool_arena(none[i]) == NULL);
        CHECK_STATUS(object_pool_last_status(none[i]), CORRAL_INVALID_ARENA);
        CHECK_STATUS(object_pool_stats(none[i], &stats), CORRAL_INVALID_ARENA);
        CHECK_STATUS(object_pool_check(none[i]), CORRAL_INVALID_ARENA);
        CHECK_STATUS(object_pool_destroy(none[i]), CORRAL_INVALID_ARENA);
    }
    CHECK_STATUS(object_pool_stats(objects, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_TRUE(arena_alloc((Arena *)(void *)objects, 8) == NULL); /* nor is a pool an arena */
    CHECK_STATUS(arena_reset((Arena *)(void *)objects), CORRAL_INVALID_ARENA);
    object_fixture_close(&f);
}

static void test_configurations_out_of_range_are_refused(void) {
    ObjectFixture f;
    object_fixture(&f, 32);
    Arena *arena = f.base.arena;
    CorralStatus status = CORRAL_OK;
    ObjectPoolConfig config = object_pool_config_default(OBJECT_POOL_SIZE_MAX + 1);
    config.status = &status;
    CHECK_TRUE(object_pool_create_with(arena, &config) == NULL);
    CHECK_STATUS(status, CORRAL_SIZE_LIMIT);
    CHECK_STATUS(arena_last_status(arena), CORRAL_SIZE_LIMIT);
    const size_t alignments[] = {0, 4, 12, 2 * OBJECT_POOL_ALIGNMENT_MAX};
    for (size_t i = 0; i < sizeof alignments / sizeof alignments[0]; i++) {
        config.size = 8;
        config.alignment = alignments[i];
        CHECK_TRUE(object_pool_create_with(arena, &config) == NULL);
        CHECK_STATUS(status, CORRAL_BAD_ALIGNMENT);
    }
    CHECK_TRUE(object_pool_create(arena, 0) == NULL);
    CHECK_STATUS(arena_last_status(arena), CORRAL_INVALID_ARGUMENT);
    CHECK_TRUE(object_pool_create_with(arena, NULL) == NULL);
    config = object_pool_config_default(8);
    config.largest_block = OBJECT_POOL_BLOCK_MAX + 1;
    CHECK_TRUE(object_pool_create_with(arena, &config) == NULL);
    config = object_pool_config_default(8);
    config.status = &status;
    CHECK_TRUE(object_pool_create_with(NULL, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARENA);
    object_fixture_close(&f);
}

/* --- damage ------------------------------------------------------------------------------------------------------- */

/* Whatever is written to the link of a free object: no object is handed out twice, the damage is told once. */
static void test_damaged_links_are_found_and_mended(void) {
    const uint32_t links[] = {0, 1, 2, 3, 31, 32, 64, 127, 128, 129, 0x7FFFFFFF, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        ObjectFixture f;
        ObjectPool *objects = object_fixture(&f, 32); /* 128 objects in the first block */
        void *made[8];
        acquire_many(objects, made, 8);
        for (size_t k = 0; k < 4; k++) {
            object_pool_release(objects, made[k]);
        }
        memcpy(made[2], &links[i], sizeof links[i]); /* the second in the list; its link was 1 */
        size_t damaged = 0;
        bool seen[256] = {false};
        void *first = made[0];
        while (object_stats(objects).live < 128) {
            void *object = object_pool_acquire(objects);
            if (object == NULL) {
                CHECK_STATUS(object_pool_last_status(objects), CORRAL_CORRUPTED);
                CHECK_SOUND(objects);
                damaged++;
                REQUIRE_TRUE(damaged < 3);
                continue;
            }
            size_t index = (size_t)((unsigned char *)object - (unsigned char *)first) / 32;
            REQUIRE_TRUE(index < 128);
            CHECK_FALSE(seen[index]);
            seen[index] = true;
        }
        CHECK_EQ_U64(damaged, links[i] == 1 ? 0 : 1);
        CHECK_EQ_U64(object_stats(objects).blocks, 1);
        object_fixture_close(&f);
    }
}

/* --- references and walks ----------------------------------------------------------------------------------------- */

static void test_references_name_objects(void) {
    ObjectFixture f;
    ObjectPool *objects = object_fixture(&f, 100);
    ArenaRef refs[150];
    for (size_t i = 0; i < 150; i++) {
        refs[i] = object_pool_acquire_ref(objects);
        void *object = arena_resolve(object_pool_arena(objects), refs[i]);
        REQUIRE_TRUE(object != NULL);
        CHECK_EQ_U64(object_pool_ref(objects, object), refs[i]);
    }
    CHECK_STATUS(object_pool_release_ref(objects, refs[0]), CORRAL_OK);
    CHECK_STATUS(object_pool_release_ref(objects, refs[0]), CORRAL_DOUBLE_FREE);
    CHECK_STATUS(object_pool_release_ref(objects, refs[1] + 1), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(object_pool_release_ref(objects, 0), CORRAL_STALE_REF);
    CHECK_EQ_U64(object_pool_ref(objects, &refs[0]), 0);
    CHECK_STATUS(object_pool_clear(objects), CORRAL_OK);
    CHECK_STATUS(object_pool_release_ref(objects, refs[1]), CORRAL_STALE_REF);
    object_fixture_close(&f);
}

static void test_walk_visits_every_live_object_once(void) {
    ObjectFixture f;
    ObjectPool *objects = object_fixture(&f, 16);
    CHECK_TRUE(object_pool_next(objects, NULL) == NULL);
    static void *made[MANY];
    size_t count = acquire_many(objects, made, test_scaled(MANY));
    size_t live = 0;
    for (size_t i = 0; i < count; i++) {
        memset(made[i], 0, 16);
        if (i % 7 != 0) {
            object_pool_release(objects, made[i]);
        } else {
            live++;
        }
    }
    size_t visited = 0;
    for (void *at = NULL; (at = object_pool_next(objects, at)) != NULL; visited++) {
        CHECK_EQ_U64(((unsigned char *)at)[8], 0);
        ((unsigned char *)at)[8] = 1;
        CHECK_STATUS(object_pool_release(objects, at), CORRAL_OK); /* a walk may release what it has found */
    }
    CHECK_EQ_U64(visited, live);
    int no_object;
    CHECK_TRUE(object_pool_next(objects, &no_object) == NULL);
    CHECK_STATUS(object_pool_last_status(objects), CORRAL_FOREIGN_POINTER);
    object_fixture_close(&f);
}

/* --- ends --------------------------------------------------------------------------------------------------------- */

static void test_clear_takes_back_all_objects_and_keeps_the_memory(void) {
    ObjectFixture f;
    ObjectPool *objects = object_fixture(&f, 64);
    static void *made[MANY];
    size_t count = acquire_many(objects, made, test_scaled(MANY));
    uint64_t allocated = object_stats(objects).allocated;
    CHECK_STATUS(object_pool_clear(objects), CORRAL_OK);
    CHECK_STATUS(object_pool_release(objects, made[0]), CORRAL_FOREIGN_POINTER);
    ObjectPoolStats stats = object_stats(objects);
    CHECK_EQ_U64(stats.live, 0);
    CHECK_EQ_U64(stats.released, count);
    CHECK_EQ_U64(stats.peak_live, count);
    CHECK_EQ_U64(stats.allocated, allocated);
    CHECK_SOUND(objects);
    acquire_many(objects, made, count);
    CHECK_EQ_U64(object_stats(objects).allocated, allocated);
    CHECK_STATUS(object_pool_clear(objects), CORRAL_OK);
    CHECK_STATUS(object_pool_trim(objects, 0), CORRAL_OK);
    CHECK_EQ_U64(object_stats(objects).allocated, ARENA_ALIGNMENT);
    object_fixture_close(&f);
}

static void test_pool_ends_with_the_arena_above(void) {
    CorralStatus (*const ends[])(Arena *) = {arena_reset, arena_clear, arena_destroy};
    for (size_t i = 0; i < 3; i++) {
        ArenaFixture f;
        Pool *pool = arena_fixture_default(&f)->pool;
        Arena *parent = arena_create_default(pool);
        ObjectPool *objects = object_pool_create(parent, 64);
        CHECK_TRUE(object_pool_acquire(objects) != NULL);
        uint64_t metadata = fixture_stats(&f.base).metadata;
        CHECK_STATUS(ends[i](parent), CORRAL_OK);
        CHECK_TRUE(object_pool_acquire(objects) == NULL);
        CHECK_STATUS(object_pool_last_status(objects), CORRAL_INVALID_ARENA);
        CHECK_EQ_U64(fixture_stats(&f.base).metadata, metadata); /* books are used again, not more of them */
        if (ends[i] != arena_destroy) {
            CHECK_STATUS(arena_destroy(parent), CORRAL_OK);
        }
        arena_fixture_close(&f);
    }
}

static void test_rewinding_the_pools_arena_takes_back_all_objects(void) {
    ObjectFixture f;
    ObjectPool *objects = object_fixture(&f, 64);
    Arena *inside = object_pool_arena(objects);
    ArenaMark mark = arena_mark(inside);
    void *object = object_pool_acquire(objects);
    CHECK_STATUS(arena_rewind(inside, mark), CORRAL_OK);
    CHECK_STATUS(arena_trim(inside, 0), CORRAL_OK); /* the block's memory is gone */
    CHECK_STATUS(object_pool_release(objects, object), CORRAL_FOREIGN_POINTER);
    CHECK_EQ_U64(object_stats(objects).live, 0);
    CHECK_SOUND(objects);
    CHECK_TRUE(object_pool_acquire(objects) != NULL);
    object_fixture_close(&f);
}

static void test_limit_above_refuses_and_leaves_the_pool_usable(void) {
    ArenaFixture f;
    ArenaConfig config = arena_config_default();
    config.limit = 20 * KIB;
    Arena *parent = arena_fixture_with(&f, &config);
    ObjectPool *objects = object_pool_create(parent, 1024);
    void *made[64];
    size_t count = 0;
    while (count < 64 && (made[count] = object_pool_acquire(objects)) != NULL) {
        count++;
    }
    CHECK_EQ_U64(count, 15); /* the parent has a chunk of 4 KiB, and the pool's arena one of 16 bytes */
    CHECK_TRUE(20 * KIB - 4 * KIB - arena_total_allocated(object_pool_arena(objects)) < 1024);
    CHECK_STATUS(object_pool_last_status(objects), CORRAL_LIMIT_REACHED);
    CHECK_EQ_U64(object_stats(objects).capacity, count);
    CHECK_SOUND(objects);
    CHECK_STATUS(object_pool_release(objects, made[0]), CORRAL_OK);
    CHECK_EQ_PTR(object_pool_acquire(objects), made[0]);
    CHECK_STATUS(object_pool_destroy(objects), CORRAL_OK);
    arena_fixture_close(&f);
}

/* --- against a model ---------------------------------------------------------------------------------------------- */

static void test_random_calls_agree_with_a_model(void) {
    ObjectFixture f;
    ObjectPoolConfig config = object_pool_config_default(24);
    config.alignment = 8;
    config.largest_block = 8 * KIB;
    ObjectPool *objects = object_fixture_with(&f, &config);
    static uint64_t *live[2000];
    size_t count = 0;
    uint64_t state = 42;
    size_t steps = test_scaled(40000);
    for (size_t i = 0; i < steps && test_failures() == 0; i++) {
        size_t what = test_random_below(&state, 1000);
        if (what < 500 && count < 2000) {
            live[count] = object_pool_acquire(objects);
            REQUIRE_TRUE(live[count] != NULL);
            live[count][0] = live[count][2] = (uint64_t)(uintptr_t)live[count];
            count++;
        } else if (what < 998 && count > 0) {
            size_t at = test_random_below(&state, count);
            uint64_t *object = live[at];
            CHECK_TRUE(object[0] == (uint64_t)(uintptr_t)object && object[2] == object[0]);
            CHECK_STATUS(object_pool_release(objects, object), CORRAL_OK);
            CHECK_STATUS(object_pool_release(objects, object), CORRAL_DOUBLE_FREE);
            live[at] = live[--count];
        } else if (what == 999 && i % 5 == 0) {
            CHECK_STATUS(object_pool_clear(objects), CORRAL_OK);
            count = 0;
        }
        CHECK_EQ_U64(object_stats(objects).live, count);
        if (i % 500 == 0) {
            CHECK_SOUND(objects);
        }
    }
    object_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_objects_are_aligned_and_apart), TEST_CASE(test_last_released_object_is_acquired_next),
          TEST_CASE(test_blocks_double_up_to_the_largest),
          TEST_CASE(test_released_objects_of_other_blocks_are_used_again), TEST_CASE(test_peak_is_that_of_all_blocks),
          TEST_CASE(test_zeroed_objects_read_as_zero), TEST_CASE(test_double_release_is_refused),
          TEST_CASE(test_foreign_objects_are_refused), TEST_CASE(test_only_the_start_of_an_object_is_an_object),
          TEST_CASE(test_slow_halves_do_all_of_it), TEST_CASE(test_what_is_no_pool_is_refused),
          TEST_CASE(test_configurations_out_of_range_are_refused), TEST_CASE(test_damaged_links_are_found_and_mended),
          TEST_CASE(test_references_name_objects), TEST_CASE(test_walk_visits_every_live_object_once),
          TEST_CASE(test_clear_takes_back_all_objects_and_keeps_the_memory),
          TEST_CASE(test_pool_ends_with_the_arena_above),
          TEST_CASE(test_rewinding_the_pools_arena_takes_back_all_objects),
          TEST_CASE(test_limit_above_refuses_and_leaves_the_pool_usable),
          TEST_CASE(test_random_calls_agree_with_a_model))
