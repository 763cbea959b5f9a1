/* SPDX-License-Identifier: Apache-2.0
 * mempool_stress_test.c - one pool, many threads: blocks are allocated here and freed there, and nobody's bytes change.
 * CORRAL_TEST_SCALE (per cent) makes it shorter or longer. */
#include <stdatomic.h>
#include <string.h>

#include "corral/mempool.h"
#include "support/test.h"
#include "support/threads.h"

enum { THREADS = 8, SLOTS = 512 };

/* A block on its way from one thread to another. The size lies beside it: the block itself holds only its pattern. */
typedef struct Parcel {
    unsigned char *block;
    size_t size;
    unsigned char seed;
} Parcel;

/* A place where any thread may leave a parcel or take one: whoever changes `state` owns the parcel for that moment.
 * The exchanges are seq_cst; they order the parcel's fields and, for the race detector, the block's bytes. */
typedef struct Place {
    _Atomic int state;
    Parcel parcel;
} Place;

enum { PLACE_EMPTY, PLACE_BUSY, PLACE_FULL };

typedef struct Worker {
    Pool *pool;
    Place *places;
    uint64_t random;
    size_t steps;
    size_t allocated;
    size_t freed;
} Worker;

static void fill(const Parcel *parcel) {
    memset(parcel->block, parcel->seed, parcel->size);
}

static void verify(const Parcel *parcel) {
    const unsigned char *block = parcel->block;
    bool same = parcel->size == 0 || (block[0] == parcel->seed && memcmp(block, block + 1, parcel->size - 1) == 0);
    CHECK_TRUE(same);
}

static size_t random_size(Worker *worker) {
    size_t magnitude = test_random_below(&worker->random, 64);
    return test_random_below(&worker->random, (size_t)1 << (magnitude < 62 ? 4 + magnitude / 7 : 18 + magnitude % 3));
}

static Parcel parcel_make(Worker *worker) {
    Parcel parcel = {.size = random_size(worker), .seed = (unsigned char)test_random(&worker->random)};
    parcel.block = pool_alloc(worker->pool, parcel.size);
    if (CHECK_TRUE(parcel.block != NULL)) {
        worker->allocated++;
        fill(&parcel);
    }
    return parcel;
}

static void parcel_free(Worker *worker, const Parcel *parcel) {
    verify(parcel);
    CHECK_STATUS(pool_free(worker->pool, parcel->block), CORRAL_OK);
    worker->freed++;
}

static void parcel_resize(Worker *worker, Parcel *parcel) {
    size_t size = random_size(worker);
    unsigned char *block = pool_realloc(worker->pool, parcel->block, size);
    if (CHECK_TRUE(block != NULL)) {
        parcel->block = block;
        parcel->size = size < parcel->size ? size : parcel->size;
        verify(parcel);
        parcel->size = size;
        fill(parcel);
    }
}

/* Takes the parcel from a full place and frees it, or leaves a new one in an empty place. */
static void visit(Worker *worker, Place *place) {
    int full = PLACE_FULL;
    int empty = PLACE_EMPTY;
    if (atomic_compare_exchange_strong(&place->state, &full, PLACE_BUSY)) {
        Parcel parcel = place->parcel;
        if (test_random(&worker->random) % 4 == 0) {
            parcel_resize(worker, &parcel);
        }
        atomic_store(&place->state, PLACE_EMPTY);
        parcel_free(worker, &parcel);
    } else if (atomic_compare_exchange_strong(&place->state, &empty, PLACE_BUSY)) {
        place->parcel = parcel_make(worker);
        atomic_store(&place->state, place->parcel.block != NULL ? PLACE_FULL : PLACE_EMPTY);
    }
}

/* What the others do meanwhile must not disturb: statistics are consistent, wrong frees are refused, pins hold. */
static void disturb(Worker *worker) {
    PoolStats stats;
    void *pin;
    CHECK_STATUS(pool_stats(worker->pool, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.reserved, stats.in_use + stats.free_bytes + stats.metadata);
    CHECK_STATUS(pool_free(worker->pool, &stats), CORRAL_FOREIGN_POINTER);
    Parcel parcel = parcel_make(worker);
    CHECK_TRUE(pool_usable_size(worker->pool, parcel.block) >= parcel.size);
    CHECK_STATUS(pool_check(worker->pool), CORRAL_OK);
    CHECK_STATUS(pool_pin(worker->pool, parcel.block, &pin), CORRAL_OK);
    parcel_free(worker, &parcel);
    pool_unpin(worker->pool, pin);
    pool_trim(worker->pool, test_random_below(&worker->random, (size_t)1 << 23));
}

static void *work(void *context) {
    Worker *worker = context;
    for (size_t step = 0; step < worker->steps; step++) {
        visit(worker, &worker->places[test_random_below(&worker->random, SLOTS)]);
        if (step % 256 == 255) {
            disturb(worker);
        }
    }
    return NULL;
}

static void free_rest(Worker *worker) {
    for (size_t i = 0; i < SLOTS; i++) {
        if (worker->places[i].state == PLACE_FULL) {
            parcel_free(worker, &worker->places[i].parcel);
        }
    }
}

static Pool *small_pool(size_t retain) {
    PoolConfig config = pool_config_default();
    config.retain = retain;
    return pool_create_with(&config);
}

static void run_workers(size_t retain) {
    static Place places[SLOTS];
    memset(places, 0, sizeof places);
    Pool *pool = small_pool(retain);
    REQUIRE_TRUE(pool != NULL);
    Worker workers[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (Worker){.pool = pool, .places = places, .random = i + retain, .steps = test_scaled(12000)};
    }
    run_threads(THREADS, work, workers, sizeof workers[0]);
    free_rest(&workers[0]);
    size_t allocated = 0;
    size_t freed = 0;
    for (size_t i = 0; i < THREADS; i++) {
        allocated += workers[i].allocated;
        freed += workers[i].freed;
    }
    CHECK_TRUE(allocated > 0);
    CHECK_EQ_U64(allocated, freed);
    PoolStats stats;
    CHECK_STATUS(pool_stats(pool, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.live_blocks, 0);
    CHECK_EQ_U64(stats.in_use, 0);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
}

static void test_blocks_keep_their_bytes_between_threads(void) {
    run_workers((size_t)16 << 20);
}

static void test_regions_come_and_go_between_threads(void) {
    run_workers(0);
}

/* --- pins that outlive the pool, released by all threads at once -------------------------------------------------- */

typedef struct Holder {
    Pool *pool;
    void *pins[64];
} Holder;

static void *unpin_all(void *context) {
    Holder *holder = context;
    for (size_t i = 0; i < 64; i++) {
        pool_unpin(holder->pool, holder->pins[i]);
    }
    return NULL;
}

static void *destroy_meanwhile(void *context) {
    CHECK_STATUS(pool_destroy(((Holder *)context)->pool), CORRAL_OK);
    return NULL;
}

static void *unpin_or_destroy(void *context) {
    Holder *holder = context;
    return holder->pins[0] != NULL ? unpin_all(context) : destroy_meanwhile(context);
}

static void test_last_unpin_releases_a_destroyed_pool(void) {
    for (size_t round = 0; round < test_scaled(25); round++) {
        Pool *pool = small_pool(0);
        REQUIRE_TRUE(pool != NULL);
        Holder holders[THREADS] = {{.pool = pool}}; /* the first has no pins: it destroys the pool */
        for (size_t i = 1; i < THREADS; i++) {
            holders[i].pool = pool;
            for (size_t k = 0; k < 64; k++) {
                void *block = pool_alloc(pool, k % 2 == 0 ? 64 : (size_t)600 << 10);
                CHECK_STATUS(pool_pin(pool, block, &holders[i].pins[k]), CORRAL_OK);
            }
        }
        run_threads(THREADS, unpin_or_destroy, holders, sizeof holders[0]);
    }
}

TEST_MAIN(TEST_CASE(test_blocks_keep_their_bytes_between_threads), TEST_CASE(test_regions_come_and_go_between_threads),
          TEST_CASE(test_last_unpin_releases_a_destroyed_pool))
