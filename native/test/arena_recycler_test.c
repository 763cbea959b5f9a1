/* SPDX-License-Identifier: Apache-2.0
 * arena_recycler_test.c - arenas that are borrowed and given back, by whom and in which order. */
#include "support/recycler_fixture.h"
#include "support/threads.h"

/* --- borrowing and returning -------------------------------------------------------------------------------------- */

static void test_returned_arena_is_borrowed_again(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    Arena *first = borrow(recycler);
    CHECK_TRUE(arena_alloc(first, 100) != NULL);
    CHECK_STATUS(recycler_return(recycler, first), CORRAL_OK);
    Arena *second = borrow(recycler);
    CHECK_EQ_PTR(second, first);
    CHECK_EQ_U64(arena_total_used(second), 0);
    RecyclerStats stats = stats_of(recycler);
    CHECK_EQ_U64(stats.hits, 1);
    CHECK_EQ_U64(stats.misses, 1);
    CHECK_EQ_U64(stats.returned, 1);
    CHECK_EQ_U64(stats.borrowed, 1);
    CHECK_EQ_U64(stats.kept, 0);
    CHECK_STATUS(recycler_return(recycler, second), CORRAL_OK);
    CHECK_EQ_U64(stats_of(recycler).kept, 1);
    CHECK_EQ_U64(stats_of(recycler).kept_bytes, 4 * KIB);
    close_recycler(&f);
}

static void test_last_returned_is_borrowed_first(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    Arena *arenas[3];
    for (size_t i = 0; i < 3; i++) {
        arenas[i] = borrow(recycler);
    }
    CHECK_TRUE(arenas[0] != arenas[1] && arenas[1] != arenas[2] && arenas[0] != arenas[2]);
    for (size_t i = 0; i < 3; i++) {
        CHECK_STATUS(recycler_return(recycler, arenas[i]), CORRAL_OK);
    }
    for (size_t i = 3; i-- > 0;) {
        CHECK_EQ_PTR(borrow(recycler), arenas[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        CHECK_STATUS(recycler_return(recycler, arenas[i]), CORRAL_OK);
    }
    close_recycler(&f);
}

/* A borrower sees nothing of those before it in the statistics, and none of their references. */
static void test_statistics_begin_anew(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    Arena *arena = borrow(recycler);
    ArenaRef ref = arena_alloc_ref(arena, 3 * KIB, 1);
    CHECK_TRUE(arena_alloc(arena, 3 * KIB) != NULL);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    ArenaMark mark = arena_mark(arena);
    CHECK_STATUS(recycler_return(recycler, arena), CORRAL_OK);
    CHECK_EQ_PTR(borrow(recycler), arena);
    ArenaStats stats;
    CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.peak_used, 0);
    CHECK_EQ_U64(stats.resets, 0);
    CHECK_EQ_U64(stats.count, 0);
    CHECK_EQ_U64(stats.peak_allocated, stats.allocated);
    CHECK_TRUE(arena_resolve(arena, ref) == NULL);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_STALE_MARK);
    CHECK_STATUS(recycler_return(recycler, arena), CORRAL_OK);
    close_recycler(&f);
}

/* What a borrower has reset meanwhile counts as needed, too. */
static void test_peak_of_a_use_is_what_it_needed(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    Arena *arena = borrow(recycler);
    CHECK_TRUE(arena_alloc(arena, 3 * KIB) != NULL);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_STATUS(recycler_return(recycler, arena), CORRAL_OK);
    CHECK_EQ_U64(stats_of(recycler).typical, 3 * KIB);
    close_recycler(&f);
}

static size_t called;

static void count_call(void *context) {
    (void)context;
    called++;
}

static void test_return_runs_callbacks_and_ends_children(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    Arena *arena = borrow(recycler);
    Arena *child = arena_create_child(arena, SIZE_MAX);
    called = 0;
    CHECK_STATUS(arena_on_release(arena, count_call, NULL), CORRAL_OK);
    CHECK_STATUS(arena_on_release(child, count_call, NULL), CORRAL_OK);
    CHECK_STATUS(recycler_return(recycler, arena), CORRAL_OK);
    CHECK_EQ_U64(called, 2);
    CHECK_STATUS(arena_check(child), CORRAL_INVALID_ARENA);
    close_recycler(&f);
    CHECK_EQ_U64(called, 2);
}

typedef struct Returner {
    ArenaRecycler *recycler;
    Arena *arena;
    CorralStatus status;
} Returner;

static void return_it(void *context) {
    Returner *returner = context;
    returner->status = recycler_return(returner->recycler, returner->arena);
}

static void test_return_in_a_callback_refused(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    Returner returner = {.recycler = recycler, .arena = borrow(recycler)};
    CHECK_STATUS(arena_on_release(returner.arena, return_it, &returner), CORRAL_OK);
    CHECK_STATUS(arena_reset(returner.arena), CORRAL_OK);
    CHECK_STATUS(returner.status, CORRAL_RELEASING);
    CHECK_EQ_U64(stats_of(recycler).returned, 0);
    CHECK_STATUS(recycler_return(recycler, returner.arena), CORRAL_OK);
    close_recycler(&f);
}

/* --- misuse ------------------------------------------------------------------------------------------------------- */

static void test_what_is_no_recycler_refused(void) {
    RecyclerFixture f;
    static _Alignas(64) unsigned char foreign[1024];
    ArenaRecycler *recycler = open_default(&f);
    CHECK_STATUS(recycler_destroy(recycler), CORRAL_OK);
    ArenaRecycler *wrong[] = {NULL, (ArenaRecycler *)(void *)foreign, recycler, (ArenaRecycler *)(void *)(foreign + 1)};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        Arena *arena = (Arena *)(void *)foreign;
        RecyclerStats stats;
        CHECK_STATUS(recycler_borrow(wrong[i], &arena), CORRAL_INVALID_ARGUMENT);
        CHECK_TRUE(arena == NULL);
        CHECK_STATUS(recycler_return(wrong[i], NULL), CORRAL_INVALID_ARGUMENT);
        CHECK_STATUS(recycler_stats(wrong[i], &stats), CORRAL_INVALID_ARGUMENT);
        CHECK_EQ_U64(stats.hits, 0);
        CHECK_STATUS(recycler_check(wrong[i]), CORRAL_INVALID_ARGUMENT);
        CHECK_EQ_U64(recycler_trim(wrong[i], 0), 0);
        CHECK_STATUS(recycler_destroy(wrong[i]), CORRAL_INVALID_ARGUMENT);
    }
    CHECK_TRUE(recycler_create(NULL) == NULL);
    fixture_close(&f.base);
}

static void test_return_of_wrong_arenas_refused(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    ArenaRecycler *other = recycler_create(f.base.pool);
    Arena *own = arena_create_default(f.base.pool);
    Arena *others = borrow(other);
    Arena *destroyed = borrow(recycler);
    CHECK_STATUS(arena_destroy(destroyed), CORRAL_OK);
    CHECK_STATUS(recycler_return(recycler, NULL), CORRAL_INVALID_ARENA);
    CHECK_STATUS(recycler_return(recycler, destroyed), CORRAL_INVALID_ARENA);
    CHECK_STATUS(recycler_return(recycler, own), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(recycler_return(recycler, others), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(recycler_borrow(recycler, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(recycler_stats(recycler, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_EQ_U64(stats_of(recycler).returned, 0);
    CHECK_STATUS(arena_check(own), CORRAL_OK);
    CHECK_STATUS(recycler_return(other, others), CORRAL_OK);
    CHECK_STATUS(recycler_destroy(other), CORRAL_OK);
    CHECK_STATUS(arena_destroy(own), CORRAL_OK);
    CHECK_STATUS(recycler_check(recycler), CORRAL_OK);
    CHECK_STATUS(recycler_destroy(recycler), CORRAL_OK);
    fixture_close(&f.base);
}

static void test_return_twice_refused(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    Arena *arena = borrow(recycler);
    CHECK_STATUS(recycler_return(recycler, arena), CORRAL_OK);
    CHECK_STATUS(recycler_return(recycler, arena), CORRAL_DOUBLE_FREE);
    CHECK_EQ_U64(stats_of(recycler).returned, 1);
    CHECK_EQ_PTR(borrow(recycler), arena);
    CHECK_TRUE(borrow(recycler) != arena);
    CHECK_EQ_U64(stats_of(recycler).borrowed, 2);
    CHECK_STATUS(recycler_destroy(recycler), CORRAL_OK);
    fixture_close(&f.base);
}

/* What is destroyed behind the recycler's back is never handed out, nor is what has taken its place. */
static void test_destroyed_idle_arena_is_not_handed_out(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    Arena *arenas[2] = {borrow(recycler), borrow(recycler)};
    CHECK_STATUS(recycler_return(recycler, arenas[0]), CORRAL_OK);
    CHECK_STATUS(recycler_return(recycler, arenas[1]), CORRAL_OK);
    CHECK_STATUS(arena_destroy(arenas[1]), CORRAL_OK);
    Arena *own = arena_create_default(f.base.pool);
    CHECK_EQ_PTR(own, arenas[1]);
    CHECK_STATUS(recycler_check(recycler), CORRAL_CORRUPTED);
    CHECK_EQ_PTR(borrow(recycler), arenas[0]);
    CHECK_STATUS(recycler_check(recycler), CORRAL_OK);
    CHECK_STATUS(recycler_return(recycler, arenas[0]), CORRAL_OK);
    CHECK_STATUS(arena_destroy(own), CORRAL_OK);
    close_recycler(&f);
}

/* C borrows from it, and returns, as from any; what Java has borrowed is Java's to close. */
static void test_recycler_of_java_is_not_destroyed(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    recycler_hold(recycler);
    CHECK_STATUS(recycler_destroy(recycler), CORRAL_FOREIGN_POINTER);
    Arena *arena = borrow(recycler);
    CHECK_TRUE(arena_alloc(arena, 100) != NULL);
    CHECK_STATUS(recycler_return(recycler, arena), CORRAL_OK);
    CHECK_STATUS(recycler_destroy(recycler), CORRAL_FOREIGN_POINTER);
    CHECK_EQ_U64(stats_of(recycler).kept, 1);
    CHECK_STATUS(recycler_check(recycler), CORRAL_OK);
    CHECK_STATUS(recycler_end(recycler), CORRAL_OK);
    CHECK_STATUS(recycler_end(recycler), CORRAL_INVALID_ARGUMENT);
    CHECK_EQ_U64(fixture_stats(&f.base).live_blocks, 0);
    fixture_close(&f.base);
}

static void test_borrowed_arenas_outlive_the_recycler(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    Arena *arena = borrow(recycler);
    CHECK_STATUS(recycler_destroy(recycler), CORRAL_OK);
    CHECK_TRUE(arena_alloc(arena, 100) != NULL);
    ArenaRecycler *next = recycler_create(f.base.pool);
    CHECK_EQ_PTR(next, recycler); /* in the same place, and yet another */
    CHECK_STATUS(recycler_return(next, arena), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    CHECK_STATUS(recycler_destroy(next), CORRAL_OK);
    CHECK_EQ_U64(fixture_stats(&f.base).live_blocks, 0);
    fixture_close(&f.base);
}

static void test_recycler_ends_with_its_pool(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    Arena *kept = borrow(recycler);
    Arena *lent = borrow(recycler);
    CHECK_TRUE(arena_alloc(lent, 100) != NULL);
    CHECK_STATUS(recycler_return(recycler, kept), CORRAL_OK);
    fixture_close(&f.base); /* all pages came back */
}

/* --- threads ------------------------------------------------------------------------------------------------------ */

typedef struct Worker {
    ArenaRecycler *recycler;
    size_t number;
    size_t rounds;
} Worker;

static void *borrow_and_return(void *context) {
    Worker *worker = context;
    uint64_t random = worker->number;
    for (size_t i = 0; i < worker->rounds && test_failures() == 0; i++) {
        Arena *arena = NULL;
        CHECK_STATUS(recycler_borrow(worker->recycler, &arena), CORRAL_OK);
        size_t *numbers[8];
        for (size_t k = 0; k < 8; k++) {
            numbers[k] = arena_alloc(arena, 8 + test_random_below(&random, i % 50 == 0 ? 9000 : 500));
            *numbers[k] = worker->number;
        }
        for (size_t k = 0; k < 8; k++) {
            CHECK_EQ_U64(*numbers[k], worker->number);
        }
        CHECK_EQ_U64(arena_allocation_count(arena), 8);
        CHECK_STATUS(recycler_return(worker->recycler, arena), CORRAL_OK);
        if (i % 100 == 0) {
            recycler_trim(worker->recycler, 8 * KIB);
            CHECK_STATUS(recycler_check(worker->recycler), CORRAL_OK);
        }
    }
    return NULL;
}

static void test_threads_borrow_and_return(void) {
    RecyclerFixture f;
    ArenaRecycler *recycler = open_default(&f);
    Worker workers[4];
    for (size_t i = 0; i < 4; i++) {
        workers[i] = (Worker){.recycler = recycler, .number = i + 1, .rounds = test_scaled(2000)};
    }
    run_threads(4, borrow_and_return, workers, sizeof workers[0]);
    RecyclerStats stats = stats_of(recycler);
    CHECK_EQ_U64(stats.returned, 4 * test_scaled(2000));
    CHECK_EQ_U64(stats.borrowed, 0);
    close_recycler(&f);
}

TEST_MAIN(TEST_CASE(test_returned_arena_is_borrowed_again), TEST_CASE(test_last_returned_is_borrowed_first),
          TEST_CASE(test_statistics_begin_anew), TEST_CASE(test_peak_of_a_use_is_what_it_needed),
          TEST_CASE(test_return_runs_callbacks_and_ends_children), TEST_CASE(test_return_in_a_callback_refused),
          TEST_CASE(test_what_is_no_recycler_refused), TEST_CASE(test_return_of_wrong_arenas_refused),
          TEST_CASE(test_return_twice_refused), TEST_CASE(test_destroyed_idle_arena_is_not_handed_out),
          TEST_CASE(test_recycler_of_java_is_not_destroyed), TEST_CASE(test_borrowed_arenas_outlive_the_recycler),
          TEST_CASE(test_recycler_ends_with_its_pool), TEST_CASE(test_threads_borrow_and_return))
