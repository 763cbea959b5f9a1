/* SPDX-License-Identifier: Apache-2.0
 * slot_bench.c - slots side by side with malloc.
 *
 *   slot_bench                 all comparisons as a table, each the best of several rounds by turns
 *   slot_bench WHICH WHO       nanoseconds for each value of one side, the best of as many rounds, for compare; WHICH:
 *                              slots, slotRegion or slotCycle, WHO: slotPool or malloc
 *   slot_bench WHAT COUNT      runs one of them once, for slot_budget.cmake, which counts instructions of counted();
 *                              WHAT: put (and remove) or malloc (and free), COUNT times; region or free: takes COUNT
 *                              values back, which were made before; cycle or heap: makes them, too
 *
 * Read the ratios, not the nanoseconds: those are of this machine, today. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <corral/slot_pool.h>

#define PAIRS 20000 /* short, and many rounds: some are not interrupted by what else the machine does */
#define PAIR_ROUNDS 500
#define VALUES 1000000
#define LIVE 1000 /* values that are there while pairs are measured */
#define ROUNDS 7

typedef struct Bench {
    const char *what;
    size_t count;
    SlotPool *slots;
    SlotRegion region;
    void **blocks;
    uint64_t sum; /* so that nothing can be left out */
} Bench;

static void *or_die(void *pointer) {
    if (pointer == NULL) {
        fputs("slot_bench: out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return pointer;
}

static double now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* The oldest of LIVE values, by turns: without the division of a remainder, which would be a good part of it all. */
static size_t next_of(size_t at) {
    return at + 1 < LIVE ? at + 1 : 0;
}

static void put_and_remove(Bench *bench) {
    SlotPool *slots = bench->slots;
    SlotHandle handles[LIVE] = {0};
    for (size_t i = 0, at = 0; i < bench->count; i++, at = next_of(at)) {
        SlotHandle *handle = &handles[at];
        if (*handle != 0) {
            slot_remove(slots, *handle);
        }
        *handle = slot_put_int(slots, 0, (int32_t)i);
        bench->sum += *handle;
    }
    for (size_t i = 0; i < LIVE && handles[i] != 0; i++) {
        slot_remove(slots, handles[i]);
    }
}

static void malloc_and_free(Bench *bench) {
    void *volatile blocks[LIVE] = {0};
    for (size_t i = 0, at = 0; i < bench->count; i++, at = next_of(at)) {
        free(blocks[at]);
        void *block = or_die(malloc(4));
        memcpy(block, &(int32_t){(int32_t)i}, 4);
        blocks[at] = block;
        bench->sum += (uintptr_t)block;
    }
    for (size_t i = 0; i < LIVE; i++) {
        free(blocks[i]);
    }
}

static void fill_region(Bench *bench) {
    SlotPool *slots = bench->slots;
    SlotRegion region = slot_region_create(slots);
    bench->region = region;
    for (size_t i = 0; i < bench->count; i++) {
        bench->sum += slot_put_int(slots, region, (int32_t)i);
    }
}

static void fill_blocks(Bench *bench) {
    for (size_t i = 0; i < bench->count; i++) {
        bench->blocks[i] = or_die(malloc(4));
        memcpy(bench->blocks[i], &(int32_t){(int32_t)i}, 4);
    }
}

static void free_all(Bench *bench) {
    for (size_t i = 0; i < bench->count; i++) {
        free(bench->blocks[i]);
    }
}

static bool is(const Bench *bench, const char *what) {
    return strcmp(bench->what, what) == 0;
}

static void prepare(Bench *bench) {
    if (is(bench, "free") || is(bench, "heap")) {
        bench->blocks = or_die(malloc(bench->count * sizeof *bench->blocks));
        memset(bench->blocks, 0, bench->count * sizeof *bench->blocks); /* its pages are not to be measured */
    }
    if (is(bench, "region")) {
        fill_region(bench);
    } else if (is(bench, "free")) {
        fill_blocks(bench);
    }
}

/* What is measured; callgrind counts from here on. */
__attribute__((noinline)) static void counted(Bench *bench) {
    if (is(bench, "put")) {
        put_and_remove(bench);
    } else if (is(bench, "malloc")) {
        malloc_and_free(bench);
    } else if (is(bench, "region") || is(bench, "cycle")) {
        if (is(bench, "cycle")) {
            fill_region(bench);
        }
        slot_region_destroy(bench->slots, bench->region);
    } else {
        if (is(bench, "heap")) {
            fill_blocks(bench);
        }
        free_all(bench);
    }
}

/* Nanoseconds for each of the values. */
static double measure(SlotPool *slots, const char *what, size_t count) {
    Bench bench = {.what = what, .count = count, .slots = slots};
    prepare(&bench);
    double start = now_ns();
    counted(&bench);
    double ns = (now_ns() - start) / (double)count;
    free(bench.blocks);
    return bench.sum == 42 ? 0 : ns;
}

static const struct {
    const char *which;
    const char *title;
    const char *ours;
    const char *other;
    size_t count;
    int rounds;
} comparisons[] = {
    {"slots", "put + remove of an int, of 1,000", "put", "malloc", PAIRS, PAIR_ROUNDS},
    {"slotRegion", "region of 1,000,000 ints / as many frees", "region", "free", VALUES, ROUNDS},
    {"slotCycle", "the same, and made before", "cycle", "heap", VALUES, ROUNDS},
};

enum { COMPARISONS = sizeof comparisons / sizeof comparisons[0] };

static void print_table(SlotPool *slots) {
    printf("%-44s %9s %9s %8s\n", "ns for each value", "slots", "malloc", "ratio");
    for (size_t i = 0; i < COMPARISONS; i++) {
        double best[2] = {1e18, 1e18};
        for (int round = 0; round < comparisons[i].rounds; round++) {
            double now[2] = {measure(slots, comparisons[i].ours, comparisons[i].count),
                             measure(slots, comparisons[i].other, comparisons[i].count)};
            best[0] = now[0] < best[0] ? now[0] : best[0];
            best[1] = now[1] < best[1] ? now[1] : best[1];
        }
        printf("%-44s %9.3f %9.3f %8.2f\n", comparisons[i].title, best[0], best[1], best[1] / best[0]);
    }
}

/* Negative: there is no such comparison. */
static double best_of(SlotPool *slots, const char *which, const char *who) {
    double best = -1;
    for (size_t i = 0; i < COMPARISONS; i++) {
        for (int round = 0; round < comparisons[i].rounds && strcmp(comparisons[i].which, which) == 0; round++) {
            bool is_ours = strcmp(who, "slotPool") == 0;
            double now = measure(slots, is_ours ? comparisons[i].ours : comparisons[i].other, comparisons[i].count);
            best = best < 0 || now < best ? now : best;
        }
    }
    return best;
}

int main(int argc, char **argv) {
    Pool *pool = or_die(pool_create());
    SlotPool *slots = or_die(slot_pool_create(pool));
    size_t count = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
    if (count > 0) {
        measure(slots, argv[1], count);
    } else if (argc == 3) {
        printf("%.5f\n", best_of(slots, argv[1], argv[2]));
    } else {
        print_table(slots);
    }
    slot_pool_destroy(slots);
    return (int)pool_destroy(pool);
}
