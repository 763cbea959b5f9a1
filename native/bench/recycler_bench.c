/* SPDX-License-Identifier: Apache-2.0
 * recycler_bench.c - units of work with and without a recycler, and interned strings, side by side with malloc.
 *
 *   recycler_bench                 all as a table, each the best of several rounds by turns
 *   recycler_bench WHAT COUNT      runs one of them COUNT times, for a profiler; WHAT is the first column
 *   recycler_bench requests WHAT   nanoseconds of one of them, the best of many short rounds, for compare
 *
 * Read the ratios, not the nanoseconds: those are of this machine, today. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <corral/arena_recycler.h>
#include <corral/lifetimes.h>

#define BLOCKS 16
#define UNITS 200000
#define NAMES 256
#define ROUNDS 5
#define SHORT_UNITS 2000 /* some of many short rounds are not interrupted by what else the machine does */
#define SHORT_ROUNDS 200

typedef struct Bench {
    Pool *pool;
    ArenaRecycler *recycler;
    Lifetimes *lifetimes;
    char names[NAMES][32];
    uint64_t sum; /* so that nothing can be left out */
} Bench;

static const size_t sizes[BLOCKS] = {16, 24, 200, 64, 32, 100, 48, 16, 512, 72, 40, 24, 128, 16, 300, 56};

static void use(Bench *bench, Arena *arena) {
    for (size_t i = 0; i < BLOCKS; i++) {
        unsigned char *block = arena_alloc(arena, sizes[i]);
        block[0] = block[sizes[i] - 1] = (unsigned char)i;
        bench->sum += (uintptr_t)block;
    }
}

static void borrowed(Bench *bench, size_t count) {
    for (size_t i = 0; i < count; i++) {
        Arena *arena;
        if (recycler_borrow(bench->recycler, &arena) == CORRAL_OK) {
            use(bench, arena);
            recycler_return(bench->recycler, arena);
        }
    }
}

static void fresh(Bench *bench, size_t count) {
    for (size_t i = 0; i < count; i++) {
        Arena *arena = arena_create_default(bench->pool);
        use(bench, arena);
        arena_destroy(arena);
    }
}

static void unit(Bench *bench, size_t count) {
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < BLOCKS; k++) {
            unsigned char *block = lifetimes_alloc(bench->lifetimes, LIFETIME_UNIT, sizes[k]);
            block[0] = block[sizes[k] - 1] = (unsigned char)k;
            bench->sum += (uintptr_t)block;
        }
        lifetimes_end_unit(bench->lifetimes);
    }
}

static void malloced(Bench *bench, size_t count) {
    for (size_t i = 0; i < count; i++) {
        unsigned char *blocks[BLOCKS];
        for (size_t k = 0; k < BLOCKS; k++) {
            blocks[k] = malloc(sizes[k]);
            blocks[k][0] = blocks[k][sizes[k] - 1] = (unsigned char)k;
            bench->sum += (uintptr_t)blocks[k];
        }
        for (size_t k = 0; k < BLOCKS; k++) {
            free(blocks[k]);
        }
    }
}

/* As many names as the others have blocks: those of one unit. */
static void interned(Bench *bench, size_t count) {
    for (size_t i = 0; i < count * BLOCKS; i++) {
        const char *name = bench->names[i % NAMES];
        bench->sum += (uintptr_t)lifetimes_intern(bench->lifetimes, name, strlen(name));
    }
}

static void duplicated(Bench *bench, size_t count) {
    for (size_t i = 0; i < count * BLOCKS; i++) {
        const char *name = bench->names[i % NAMES];
        char *copy = malloc(strlen(name) + 1);
        bench->sum += (uintptr_t)strcpy(copy, name);
        free(copy);
    }
}

static const struct {
    const char *what;
    void (*run)(Bench *bench, size_t count);
    const char *beside;
} rows[] = {
    {"borrowed", borrowed, "borrow, 16 blocks, return"},
    {"fresh", fresh, "create, 16 blocks, destroy"},
    {"malloc", malloced, "16 times malloc and free"},
    {"unit", unit, "16 blocks of a unit, end of the unit"},
    {"interned", interned, "16 names, each known"},
    {"duplicated", duplicated, "16 names, each copied by malloc and freed"},
};

#define ROWS (sizeof rows / sizeof rows[0])

static double now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Nanoseconds of a unit. */
static double measure(Bench *bench, size_t row, size_t units) {
    double start = now_ns();
    rows[row].run(bench, units);
    return (now_ns() - start) / (double)units;
}

static void print_table(Bench *bench) {
    double best[ROWS];
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t row = 0; row < ROWS; row++) {
            double taken = measure(bench, row, UNITS);
            best[row] = round == 0 || taken < best[row] ? taken : best[row];
        }
    }
    for (size_t row = 0; row < ROWS; row++) {
        printf("%-11s %8.1f ns  %5.2f x malloc  %s\n", rows[row].what, best[row], best[row] / best[2],
               rows[row].beside);
    }
}

static size_t find(const char *what) {
    size_t row = 0;
    while (row < ROWS && strcmp(rows[row].what, what) != 0) {
        row++;
    }
    return row;
}

static void print_best(Bench *bench, size_t row) {
    double best = measure(bench, row, SHORT_UNITS);
    for (size_t round = 1; round < SHORT_ROUNDS; round++) {
        double taken = measure(bench, row, SHORT_UNITS);
        best = taken < best ? taken : best;
    }
    printf("%.3f\n", best);
}

int main(int argc, char **argv) {
    static Bench bench;
    bench = (Bench){.pool = pool_create(), .lifetimes = lifetimes_create()};
    bench.recycler = recycler_create(bench.pool);
    for (size_t i = 0; i < NAMES; i++) {
        snprintf(bench.names[i], sizeof bench.names[i], "name_of_variable_%zu", i);
    }
    if (bench.recycler == NULL || bench.lifetimes == NULL) {
        fputs("recycler_bench: out of memory\n", stderr);
        return EXIT_FAILURE;
    }
    if (argc == 3 && strcmp(argv[1], "requests") == 0 && find(argv[2]) < ROWS) {
        print_best(&bench, find(argv[2]));
    } else if (argc == 3 && find(argv[1]) < ROWS) {
        rows[find(argv[1])].run(&bench, strtoul(argv[2], NULL, 10));
    } else {
        print_table(&bench);
    }
    lifetimes_destroy(bench.lifetimes);
    return (int)pool_destroy(bench.pool);
}
