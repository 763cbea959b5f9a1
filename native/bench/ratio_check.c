/* SPDX-License-Identifier: Apache-2.0
 * ratio_check.c - a test: no ratio of this library to the C library has become twice what it usually is.
 *
 * Both sides of a ratio run by turns in one process, in slices so short that a slice is seldom interrupted, on the
 * clock of this thread. A ratio is the median of all turns. One that is too high is measured again, RETRIES times: what
 * has become slower is too high each time, what a neighbour has disturbed is not. budget_loops counts instructions;
 * this sees what they do not show: misses of the caches, stalls, system calls. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "corral/arena.h"
#include "peers/trace.h"

enum { TURNS = 201, RETRIES = 2, BLOCKS = 1024, SIZE = 64, CHUNKS = 256 };

static Pool *pool;
static Arena *arena;
static Arena *chunked; /* of CHUNKS chunks that are full */
static void *volatile sink;
static void *blocks[BLOCKS];

static void arena_unit(void) {
    for (int i = 0; i < BLOCKS; i++) {
        *(volatile unsigned char *)or_die(arena_alloc(arena, SIZE)) = 1;
    }
    arena_reset(arena);
}

static void malloc_unit(void) {
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = or_die(malloc(SIZE));
        *(volatile unsigned char *)blocks[i] = 1;
    }
    for (int i = 0; i < BLOCKS; i++) {
        free(blocks[i]);
    }
}

static void pool_unit(void) {
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = or_die(pool_alloc(pool, SIZE));
        *(volatile unsigned char *)blocks[i] = 1;
    }
    for (int i = 0; i < BLOCKS; i++) {
        pool_free(pool, blocks[i]);
    }
}

static void pool_pairs(void) {
    for (int i = 0; i < BLOCKS; i++) {
        sink = or_die(pool_alloc(pool, SIZE));
        pool_free(pool, sink);
    }
}

static void malloc_pairs(void) {
    for (int i = 0; i < BLOCKS; i++) {
        sink = or_die(malloc(SIZE));
        free(sink);
    }
}

static void arena_lives(void) {
    for (int i = 0; i < BLOCKS / 16; i++) {
        Arena *own = or_die(arena_create_default(pool));
        sink = or_die(arena_alloc(own, SIZE));
        arena_destroy(own);
    }
}

static void marks(void) {
    for (int i = 0; i < BLOCKS; i++) {
        ArenaMark mark = arena_mark(arena);
        sink = or_die(arena_alloc(arena, SIZE));
        arena_rewind(arena, mark);
    }
}

/* Enters each chunk that the reset before has kept. */
static void chunked_unit(void) {
    for (int i = 0; i < CHUNKS; i++) {
        sink = or_die(arena_alloc(chunked, SIZE));
    }
    arena_reset(chunked);
}

typedef struct Race {
    const char *what;
    void (*ours)(void);
    void (*peer)(void);
    double limit; /* just below twice what gcc 12 and glibc 2.36 on x86-64 have */
} Race;

static const Race races[] = {
    {"1,024 blocks of an arena and a reset / malloc and free", arena_unit, malloc_unit, 0.25},
    {"1,024 blocks of an arena and a reset / pool_alloc and pool_free", arena_unit, pool_unit, 0.15},
    {"1,024 pairs of pool_alloc and pool_free / malloc and free", pool_pairs, malloc_pairs, 1.4},
    {"1,024 blocks of the pool, then freed / malloc and free", pool_unit, malloc_unit, 2.9},
    {"64 arenas with a block / 1,024 pairs of malloc and free", arena_lives, malloc_pairs, 1.3},
    {"1,024 marks, blocks and rewinds / pairs of malloc and free", marks, malloc_pairs, 5.5},
    {"256 retained chunks entered and reset / 1,024 pairs of malloc and free", chunked_unit, malloc_pairs, 0.55},
};

static double timed(void (*body)(void)) {
    double start = thread_ns();
    body();
    return thread_ns() - start;
}

static int compare_numbers(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double ratio(const Race *race) {
    double ratios[TURNS];
    timed(race->ours);
    timed(race->peer);
    for (int turn = 0; turn < TURNS; turn++) {
        double ours = timed(race->ours);
        double peer = timed(race->peer);
        ratios[turn] = ours / (peer > 0 ? peer : 1);
    }
    qsort(ratios, TURNS, sizeof ratios[0], compare_numbers);
    return ratios[TURNS / 2];
}

/* A factor is for trying out that the check can fail. */
static bool holds(const Race *race, double factor) {
    double value = 0;
    for (int attempt = 0; attempt <= RETRIES; attempt++) {
        value = ratio(race) * factor;
        if (value <= race->limit) {
            printf("ok       %s: %.2f, at most %.2f\n", race->what, value, race->limit);
            return true;
        }
        printf("again    %s: %.2f, at most %.2f\n", race->what, value, race->limit);
    }
    printf("TOO MUCH %s: %.2f, at most %.2f\n", race->what, value, race->limit);
    return false;
}

int main(int argc, char **argv) {
    double factor = argc > 1 ? strtod(argv[1], NULL) : 1;
    int failed = 0;
    pool = or_die(pool_create());
    arena = or_die(arena_create_default(pool));
    chunked = or_die(arena_create(pool, SIZE, SIZE));
    for (size_t i = 0; i < sizeof races / sizeof races[0]; i++) {
        failed += !holds(&races[i], factor);
    }
    pool_destroy(pool);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
