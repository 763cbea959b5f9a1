/* SPDX-License-Identifier: Apache-2.0
 * alloc_bench.c - what an allocation costs: arena against pool and malloc, reset and rewind, waste, and many live blocks.
 *
 *   alloc_bench                  measures all of it; each figure is the fastest of several rounds
 *   alloc_bench reset|rewind N   takes back an arena of N chunks once: bulk_budget.cmake counts the instructions
 *   alloc_bench with|without N   runs one loop over N sizes, with or without arena_alloc() in it: alloc_budget.cmake
 *                                counts the instructions of both under callgrind, and their difference is what
 *                                arena_alloc() costs
 *
 * Read the ratios, not the nanoseconds: those are of this machine, today. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "corral/arena.h"

enum { ROUNDS = 15, BATCH = 1000, SIZES = 1024 };

/* Where results go, so that no loop is without effect. */
static volatile size_t sink;

/* 1 to 64 bytes, without a pattern that a branch predictor or a compiler could learn. */
static size_t sizes[SIZES];

static void fill_sizes(void) {
    uint32_t state = 12345;
    for (size_t i = 0; i < SIZES; i++) {
        state = state * 1664525u + 1013904223u;
        sizes[i] = 1 + (state >> 26);
    }
}

static void *or_die(void *pointer) {
    if (pointer == NULL) {
        fputs("alloc_bench: out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return pointer;
}

/* --- the loops of the budget -------------------------------------------------------------------------------------- */

/* A size that the compiler has in a register and knows nothing of: what a caller has when it comes to allocate.
 * Otherwise the loop without arena_alloc() would add it up straight from memory, and its load would count as part of
 * arena_alloc(). */
static inline size_t dynamic_size(size_t i) {
    size_t size = sizes[i % SIZES];
#if defined(__GNUC__)
    __asm__ volatile("" : "+r"(size));
#endif
    return size;
}

/* They differ in arena_alloc() only, and are called through a table, so that neither is inlined or specialised. */
static size_t loop_with(Arena *arena, size_t count) {
    size_t sum = 0;
    if (arena == NULL) {
        return sum; /* from here on the compiler knows that there is an arena */
    }
    for (size_t i = 0; i < count; i++) {
        sum += (size_t)(uintptr_t)arena_alloc(arena, dynamic_size(i));
    }
    return sum;
}

static size_t loop_without(Arena *arena, size_t count) {
    size_t sum = 0;
    if (arena == NULL) {
        return sum;
    }
    for (size_t i = 0; i < count; i++) {
        sum += dynamic_size(i);
    }
    return sum;
}

static size_t (*const volatile loops[])(Arena *arena, size_t count) = {loop_without, loop_with};

static int run_loop(const char *which, size_t count) {
    Pool *pool = or_die(pool_create());
    Arena *arena = or_die(arena_create_fixed(pool, count * 64 + 64)); /* the slow path is never taken */
    sink = loops[strcmp(which, "with") == 0](arena, count);
    bool all = arena_allocation_count(arena) == (strcmp(which, "with") == 0 ? count : 0);
    pool_destroy(pool);
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- timing ------------------------------------------------------------------------------------------------------- */

/* Since the first call: of a number as large as the time since 1970 a double would keep every 256th nanosecond. */
static double now_ns(void) {
    static time_t first;
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    first = first != 0 ? first : now.tv_sec;
    return (double)(now.tv_sec - first) * 1e9 + (double)now.tv_nsec;
}

/* Runs `body` and returns the nanoseconds per operation of the fastest round. */
static double fastest(void (*body)(void *context), void *context, size_t operations) {
    double best = 1e300;
    for (size_t round = 0; round < ROUNDS; round++) {
        double start = now_ns();
        body(context);
        double taken = (now_ns() - start) / (double)operations;
        best = taken < best ? taken : best;
    }
    return best;
}

static void print_figure(const char *what, double value, const char *unit) {
    printf("  %-52s %10.2f %s\n", what, value, unit);
}

static void print_ratio(const char *what, double ratio, const char *must_be) {
    printf("  %-52s %10.2f (must be %s)\n", what, ratio, must_be);
}

/* --- small objects ------------------------------------------------------------------------------------------------ */

typedef struct Small {
    Pool *pool;
    Arena *arena;
    void *blocks[BATCH];
} Small;

enum { BATCHES = 200 };

static void arena_batches(void *context) {
    Small *small = context;
    for (size_t batch = 0; batch < BATCHES; batch++) {
        for (size_t i = 0; i < BATCH; i++) {
            small->blocks[i] = arena_alloc(small->arena, sizes[i % SIZES]);
        }
        arena_reset(small->arena);
    }
}

static void pool_batches(void *context) {
    Small *small = context;
    for (size_t batch = 0; batch < BATCHES; batch++) {
        for (size_t i = 0; i < BATCH; i++) {
            small->blocks[i] = pool_alloc(small->pool, sizes[i % SIZES]);
        }
        for (size_t i = 0; i < BATCH; i++) {
            pool_free(small->pool, small->blocks[i]);
        }
    }
}

static void malloc_batches(void *context) {
    Small *small = context;
    for (size_t batch = 0; batch < BATCHES; batch++) {
        for (size_t i = 0; i < BATCH; i++) {
            small->blocks[i] = malloc(sizes[i % SIZES]);
        }
        for (size_t i = 0; i < BATCH; i++) {
            free(small->blocks[i]);
        }
    }
}

static void bench_small(void) {
    Small small = {.pool = or_die(pool_create())};
    small.arena = or_die(arena_create_default(small.pool));
    size_t operations = (size_t)BATCHES * BATCH;
    double arena = fastest(arena_batches, &small, operations);
    double pool = fastest(pool_batches, &small, operations);
    double heap = fastest(malloc_batches, &small, operations);
    print_figure("arena_alloc, 1 to 64 bytes, reset every 1,000", arena, "ns");
    print_figure("pool_alloc + pool_free", pool, "ns");
    print_figure("malloc + free", heap, "ns");
    print_ratio("pool_alloc + pool_free / arena_alloc", pool / arena, ">= 5");
    pool_destroy(small.pool);
}

/* --- taking back -------------------------------------------------------------------------------------------------- */

enum { ARENAS = 8, CHUNK = 64 };

/* An arena and a mark at its beginning. */
typedef struct Filled {
    Arena *arena;
    ArenaMark start;
} Filled;

typedef void TakeBack(const Filled *filled);

static void take_back_by_reset(const Filled *filled) {
    arena_reset(filled->arena);
}

static void take_back_by_rewind(const Filled *filled) {
    arena_rewind(filled->arena, filled->start);
}

static Filled open_filled(Pool *pool) {
    Filled filled = {.arena = or_die(arena_create(pool, CHUNK, CHUNK))};
    filled.start = arena_mark(filled.arena);
    return filled;
}

static void fill(const Filled *filled, size_t chunks) {
    for (size_t i = 0; i < chunks; i++) {
        or_die(arena_alloc(filled->arena, CHUNK));
    }
}

/* Leaves what a take-back looks at in the cache, however many chunks were filled. */
static void warm_up(const Filled *filled) {
    ArenaStats stats;
    void *base;
    size_t capacity, used;
    arena_stats(filled->arena, &stats);
    arena_chunk(filled->arena, 0, &base, &capacity, &used);
    sink = stats.used + used;
}

/* Nanoseconds to take back `chunks` full chunks: several arenas in a row, so that the clock does not count. */
static double time_of_take_back(size_t chunks, TakeBack *take_back) {
    Pool *pool = or_die(pool_create());
    Filled filled[ARENAS];
    double best = 1e300;
    for (size_t i = 0; i < ARENAS; i++) {
        filled[i] = open_filled(pool);
    }
    for (size_t round = 0; round < ROUNDS * 10; round++) {
        for (size_t i = 0; i < ARENAS; i++) {
            fill(&filled[i], chunks);
        }
        for (size_t i = 0; i < ARENAS; i++) {
            warm_up(&filled[i]);
        }
        double start = now_ns();
        for (size_t i = 0; i < ARENAS; i++) {
            take_back(&filled[i]);
        }
        double taken = (now_ns() - start) / ARENAS;
        best = taken < best ? taken : best;
        for (size_t i = 0; i < ARENAS; i++) {
            filled[i].start = arena_mark(filled[i].arena); /* a reset has made it stale */
        }
    }
    pool_destroy(pool);
    return best;
}

static void bench_take_back(const char *what, TakeBack *take_back) {
    double one = time_of_take_back(1, take_back);
    double many = time_of_take_back(10000, take_back);
    char label[64];
    snprintf(label, sizeof label, "%s of 1 full chunk", what);
    print_figure(label, one, "ns");
    snprintf(label, sizeof label, "%s of 10,000 full chunks", what);
    print_figure(label, many, "ns");
    snprintf(label, sizeof label, "%s of 10,000 chunks / of 1", what);
    print_ratio(label, many / one, "<= 1.2");
}

static int run_take_back(const char *which, size_t chunks) {
    Pool *pool = or_die(pool_create());
    Filled filled = open_filled(pool);
    fill(&filled, chunks);
    bool all = arena_chunk_count(filled.arena) == chunks && arena_allocation_count(filled.arena) == chunks;
    if (strcmp(which, "reset") == 0) {
        take_back_by_reset(&filled);
    } else {
        take_back_by_rewind(&filled);
    }
    all = all && arena_total_used(filled.arena) == 0;
    pool_destroy(pool);
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- waste -------------------------------------------------------------------------------------------------------- */

static void bench_waste(void) {
    Pool *pool = or_die(pool_create());
    Arena *arena = or_die(arena_create_default(pool));
    for (size_t i = 0; i < 1000; i++) {
        or_die(arena_alloc(arena, 5000));
        or_die(arena_alloc(arena, 64));
    }
    double percent = 100.0 * (double)arena_waste(arena) / (double)arena_total_allocated(arena);
    print_ratio("waste of 1,000 x (5,000 B + 64 B), per cent", percent, "<= 9");
    pool_destroy(pool);
}

/* --- many live blocks --------------------------------------------------------------------------------------------- */

/* Nanoseconds per allocation of 64 bytes, up to `live` bytes; the memory is reserved, not touched. */
static double time_of_live(size_t live) {
    double best = 1e300;
    size_t count = live / 64;
    size_t rounds = live < ((size_t)64 << 20) ? ROUNDS * 4 : 3;
    for (size_t round = 0; round < rounds; round++) {
        Pool *pool = or_die(pool_create());
        Arena *arena = or_die(arena_create_default(pool));
        double start = now_ns();
        for (size_t i = 0; i < count; i++) {
            sink = (size_t)(uintptr_t)or_die(arena_alloc(arena, 64));
        }
        double taken = (now_ns() - start) / (double)count;
        best = taken < best ? taken : best;
        pool_destroy(pool);
    }
    return best;
}

static void bench_live(void) {
    double small = time_of_live((size_t)1 << 20);
    double large = time_of_live((size_t)1 << 30);
    double huge = time_of_live((size_t)8 << 30);
    print_figure("arena_alloc, 64 bytes, 1 MiB live", small, "ns");
    print_figure("arena_alloc, 64 bytes, 1 GiB live", large, "ns");
    print_figure("arena_alloc, 64 bytes, 8 GiB live", huge, "ns");
    print_ratio("8 GiB live / 1 MiB live", huge / small, "<= 1.3");
}

int main(int argc, char **argv) {
    fill_sizes();
    if (argc == 3) {
        size_t count = strtoul(argv[2], NULL, 10);
        bool takes_back = strcmp(argv[1], "reset") == 0 || strcmp(argv[1], "rewind") == 0;
        return takes_back ? run_take_back(argv[1], count) : run_loop(argv[1], count);
    }
    printf("alloc_bench: fastest of %d rounds\n", (int)ROUNDS);
    bench_small();
    bench_take_back("reset", take_back_by_reset);
    bench_take_back("rewind", take_back_by_rewind);
    bench_waste();
    bench_live();
    return EXIT_SUCCESS;
}
