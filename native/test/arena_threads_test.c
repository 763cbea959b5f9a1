/* SPDX-License-Identifier: Apache-2.0
 * arena_threads_test.c - arenas of one pool in several threads at once, each with one owner. For ThreadSanitizer. */
#include "support/arena_fixture.h"
#include "support/test.h"
#include "support/threads.h"

typedef struct Worker {
    Pool *pool;
    Arena *arena;
    size_t number;
    size_t rounds;
} Worker;

static void write_number(Worker *worker, size_t bytes) {
    size_t *numbers = arena_alloc(worker->arena, bytes);
    if (CHECK_TRUE(numbers != NULL)) {
        for (size_t i = 0; i < bytes / sizeof *numbers; i++) {
            numbers[i] = worker->number;
        }
    }
}

/* Every byte that the arena handed out still bears this worker's number. */
static void check_numbers(const Worker *worker) {
    for (size_t i = 0; i < arena_chunk_count(worker->arena); i++) {
        ChunkView view = chunk_view(worker->arena, i);
        const size_t *numbers = (const size_t *)view.base;
        for (size_t k = 0; k < view.used / sizeof *numbers && test_failures() == 0; k++) {
            CHECK_EQ_U64(numbers[k], worker->number);
        }
    }
    CHECK_STATUS(arena_check(worker->arena), CORRAL_OK);
}

/* Grows, resets, clears and fills the worker's arena. */
static void use_arena(Worker *worker) {
    uint64_t random = worker->number;
    for (size_t i = 0; i < worker->rounds && test_failures() == 0; i++) {
        for (size_t k = 0; k < 40; k++) {
            write_number(worker, 16 * (1 + test_random_below(&random, k % 20 == 0 ? 3000 : 30)));
        }
        check_numbers(worker);
        CHECK_STATUS(i % 3 == 0 ? arena_clear(worker->arena) : arena_reset(worker->arena), CORRAL_OK);
    }
}

static void *use_own_arena(void *context) {
    Worker *worker = context;
    worker->arena = arena_create_default(worker->pool);
    if (CHECK_TRUE(worker->arena != NULL)) {
        use_arena(worker);
        CHECK_STATUS(arena_destroy(worker->arena), CORRAL_OK);
    }
    return NULL;
}

static void run_workers(size_t count, void *(*body)(void *), size_t rounds) {
    PoolFixture f;
    Worker workers[RUN_THREADS_MAX];
    Pool *pool = fixture_default(&f);
    for (size_t i = 0; i < count; i++) {
        workers[i] = (Worker){.pool = pool, .number = i + 1, .rounds = test_scaled(rounds)};
    }
    run_threads(count, body, workers, sizeof workers[0]);
    CHECK_EQ_U64(fixture_stats(&f).live_blocks, 0);
    fixture_close(&f);
}

static void test_two_threads_with_arenas_of_one_pool(void) {
    run_workers(2, use_own_arena, 200);
}

static void test_eight_threads_with_arenas_of_one_pool(void) {
    run_workers(8, use_own_arena, 50);
}

/* Slots change hands all the time: what one thread has destroyed another gets. */
static void *create_and_destroy(void *context) {
    Worker *worker = context;
    for (size_t i = 0; i < 10 * worker->rounds && test_failures() == 0; i++) {
        worker->arena = arena_create(worker->pool, 64, 1024);
        if (!CHECK_TRUE(worker->arena != NULL)) {
            return NULL;
        }
        for (size_t k = 0; k < 5; k++) {
            write_number(worker, (size_t)64 << k);
        }
        check_numbers(worker);
        CHECK_STATUS(arena_destroy(worker->arena), CORRAL_OK);
    }
    return NULL;
}

static void test_threads_create_and_destroy_arenas(void) {
    run_workers(4, create_and_destroy, 100);
}

static void *use_given_arena(void *context) {
    use_arena(context);
    return NULL;
}

/* Starting and joining a thread are the edges that the header asks for. */
static void test_arena_is_handed_from_thread_to_thread(void) {
    ArenaFixture f;
    Worker worker = {.arena = arena_fixture_default(&f), .number = 7, .rounds = test_scaled(20)};
    for (size_t i = 0; i < 4; i++) {
        run_threads(1, use_given_arena, &worker, sizeof worker);
        use_arena(&worker);
    }
    arena_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_two_threads_with_arenas_of_one_pool), TEST_CASE(test_eight_threads_with_arenas_of_one_pool),
          TEST_CASE(test_threads_create_and_destroy_arenas), TEST_CASE(test_arena_is_handed_from_thread_to_thread))
