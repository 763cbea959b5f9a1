/* SPDX-License-Identifier: Apache-2.0
 * pool_soak.c - one pool under mixed use for a long time: does its memory stay what its use asks for?
 *
 *   pool_soak [SECONDS [THREADS]]     600 seconds and 4 threads unless told; exit code 1 when anything is wrong
 *
 * Every thread allocates, resizes and frees blocks of 1 byte to 1 MiB that any thread may free, verifies the contents
 * of each, and opens and closes arenas on the same pool; one trims now and then. Ten times in all a line is printed. In
 * the end everything is freed: nothing may be live, pool_check() holds, and after a trim hardly anything is
 * reserved. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "corral/arena.h"

enum { PLACES = 1 << 16, THREADS_MAX = 64, LINES = 10, KEPT_AT_MOST = 1 << 20 };

/* Whoever has changed `state` to BUSY owns the block for that moment. */
typedef struct Place {
    atomic_int state;
    unsigned char *block;
    size_t size;
    unsigned char fill;
} Place;
enum { EMPTY, BUSY, FULL };

typedef struct Worker {
    pthread_t thread;
    uint64_t random;
    atomic_ullong operations;
} Worker;

static Pool *pool;
static Place places[PLACES];
static Worker workers[THREADS_MAX];
static atomic_bool stop;
static atomic_ullong wrong; /* contents that changed, calls that failed */

static uint64_t next_random(Worker *worker) {
    uint64_t x = worker->random += UINT64_C(0x9E3779B97F4A7C15); /* SplitMix64 (Steele, Lea, Flood, 2014) */
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

/* 1 byte to 1 MiB, each doubling half as often as the one before. */
static size_t next_size(Worker *worker) {
    uint64_t random = next_random(worker);
    unsigned doubling = 0;
    while (doubling < 16 && (random >> doubling & 1) != 0) {
        doubling++;
    }
    return 1 + (size_t)(next_random(worker) % ((size_t)16 << doubling));
}

static void expect(bool right) {
    if (!right) {
        atomic_fetch_add(&wrong, 1);
    }
}

static void check_contents(const Place *place) {
    expect(place->block[0] == place->fill && memcmp(place->block, place->block + 1, place->size - 1) == 0);
}

static void fill(Place *place, Worker *worker, unsigned char *block, size_t size) {
    expect(block != NULL);
    place->block = block;
    place->size = block != NULL ? size : 0;
    place->fill = (unsigned char)next_random(worker);
    if (block != NULL) {
        memset(block, place->fill, size);
    }
}

/* Empties a full place, or resizes its block; fills an empty one. */
static void use_place(Worker *worker, Place *place) {
    int full = FULL;
    int empty = EMPTY;
    if (atomic_compare_exchange_strong(&place->state, &full, BUSY)) {
        check_contents(place);
        bool resizes = next_random(worker) % 8 == 0;
        if (resizes) {
            size_t size = next_size(worker);
            fill(place, worker, pool_realloc(pool, place->block, size), size);
        } else {
            expect(pool_free(pool, place->block) == CORRAL_OK);
        }
        atomic_store(&place->state, resizes ? FULL : EMPTY);
    } else if (atomic_compare_exchange_strong(&place->state, &empty, BUSY)) {
        size_t size = next_size(worker);
        fill(place, worker, pool_alloc(pool, size), size);
        atomic_store(&place->state, FULL);
    }
}

static void use_arena(Worker *worker) {
    Arena *arena = arena_create_default(pool);
    expect(arena != NULL);
    for (size_t i = next_random(worker) % 200; i > 0; i--) {
        size_t size = next_size(worker) % 5000 + 1;
        unsigned char *block = arena_alloc(arena, size);
        expect(block != NULL);
        if (block != NULL) {
            memset(block, 1, size);
        }
    }
    expect(arena_destroy(arena) == CORRAL_OK);
}

static void *work(void *context) {
    Worker *worker = context;
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        for (size_t i = 0; i < 100; i++) {
            use_place(worker, &places[next_random(worker) % PLACES]);
        }
        use_arena(worker);
        if (worker == workers && next_random(worker) % 1000 == 0) {
            pool_trim(pool, 0);
        }
        atomic_fetch_add_explicit(&worker->operations, 101, memory_order_relaxed);
    }
    return NULL;
}

static unsigned long long operations(size_t threads) {
    unsigned long long sum = 0;
    for (size_t i = 0; i < threads; i++) {
        sum += atomic_load(&workers[i].operations);
    }
    return sum;
}

static double peak_rss_mib(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static PoolStats print_line(const char *when, size_t threads) {
    PoolStats stats;
    pool_stats(pool, &stats);
    printf("%-12s operations=%llu live=%llu in_use=%.1fMiB reserved=%.1fMiB peak_rss=%.1fMiB wrong=%llu\n", when,
           operations(threads), (unsigned long long)stats.live_blocks, (double)stats.in_use / (1 << 20),
           (double)stats.reserved / (1 << 20), peak_rss_mib(), atomic_load(&wrong));
    fflush(stdout);
    return stats;
}

static void run(double seconds, size_t threads) {
    for (size_t i = 0; i < threads; i++) {
        workers[i].random = i + 1;
        expect(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    }
    double part = seconds / LINES;
    for (int line = 1; line <= LINES; line++) {
        char when[32];
        nanosleep(&(struct timespec){(time_t)part, (long)((part - (double)(time_t)part) * 1e9)}, NULL);
        snprintf(when, sizeof when, "after %.1fs", part * line);
        print_line(when, threads);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
    }
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 600;
    size_t threads = argc > 2 ? strtoul(argv[2], NULL, 10) : 4;
    pool = pool_create();
    if (pool == NULL || threads == 0 || threads > THREADS_MAX || seconds <= 0) {
        fputs("usage: pool_soak [SECONDS [THREADS]]\n", stderr);
        return EXIT_FAILURE;
    }
    PoolStats before = print_line("before", threads);
    run(seconds, threads);
    for (size_t i = 0; i < PLACES; i++) {
        if (places[i].state == FULL) {
            check_contents(&places[i]);
            expect(pool_free(pool, places[i].block) == CORRAL_OK);
        }
    }
    pool_trim(pool, 0);
    PoolStats after = print_line("all freed", threads);
    expect(after.live_blocks == 0 && after.in_use == 0);
    expect(after.reserved - after.metadata <= KEPT_AT_MOST);
    expect(pool_check(pool) == CORRAL_OK);
    expect(pool_destroy(pool) == CORRAL_OK);
    printf(
        "operations=%llu peak_rss=%.1fMiB reserved_before=%.1fMiB reserved_after=%.1fMiB metadata=%.1fMiB wrong=%llu\n",
        operations(threads), peak_rss_mib(), (double)before.reserved / (1 << 20), (double)after.reserved / (1 << 20),
        (double)after.metadata / (1 << 20), atomic_load(&wrong));
    return atomic_load(&wrong) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
