/* SPDX-License-Identifier: Apache-2.0
 * pool_bench_own.c - workloads of pool_bench that have no counterpart in malloc. */
#include <stdio.h>
#include <sys/mman.h>

#include "pool_bench.h"

double arena_lives(void) {
    for (size_t i = 0; i < 100; i++) {
        arena_destroy(or_die(arena_create_default(allocator.pool)));
    }
    double start = now_ns();
    for (size_t i = 0; i < PAIRS; i++) {
        arena_destroy(or_die(arena_create_default(allocator.pool)));
    }
    return (now_ns() - start) / PAIRS;
}

/* Nanoseconds of the pool / of the arena for one of 10,000 objects of 8 to 64 bytes, each written to; taking them back
 * is not measured. */
double small_objects(void) {
    enum { TIMES = 20 };
    static void *blocks[BATCH];
    Arena *arena = or_die(arena_create_default(allocator.pool));
    double pool_ns = 0;
    double arena_ns = 0;
    for (size_t round = 0; round < TIMES; round++) {
        double start = now_ns();
        for (size_t i = 0; i < BATCH; i++) {
            blocks[i] = take(sizes[i % SIZES] % 57 + 8);
            *(volatile unsigned char *)blocks[i] = 1;
        }
        pool_ns += round != 0 ? now_ns() - start : 0; /* the first round warms up */
        for (size_t i = 0; i < BATCH; i++) {
            give(blocks[order[i]]);
        }
        start = now_ns();
        for (size_t i = 0; i < BATCH; i++) {
            *(volatile unsigned char *)or_die(arena_alloc(arena, sizes[i % SIZES] % 57 + 8)) = 1;
        }
        arena_ns += round != 0 ? now_ns() - start : 0;
        arena_reset(arena);
    }
    arena_destroy(arena);
    return pool_ns / arena_ns;
}

enum { CYCLES = 4, CYCLE_BYTES = 64 << 20, CYCLE_BLOCK = 64 << 10, PAGE = 4096 };

static void touch(unsigned char *block) {
    for (size_t offset = 0; offset < CYCLE_BLOCK; offset += PAGE) {
        block[offset] = 1;
    }
}

/* 64 MiB in blocks of 64 KiB, each page written: from the pool, which keeps them between the cycles. */
static double cycles_of_pool(void) {
    static void *blocks[CYCLE_BYTES / CYCLE_BLOCK];
    double start = now_ns();
    for (size_t cycle = 0; cycle < CYCLES; cycle++) {
        for (size_t i = 0; i < CYCLE_BYTES / CYCLE_BLOCK; i++) {
            touch(blocks[i] = take(CYCLE_BLOCK));
        }
        for (size_t i = 0; i < CYCLE_BYTES / CYCLE_BLOCK; i++) {
            give(blocks[i]);
        }
    }
    return (now_ns() - start) / CYCLES;
}

/* The same from fresh mappings. */
static double cycles_of_mmap(void) {
    static void *blocks[CYCLE_BYTES / CYCLE_BLOCK];
    double start = now_ns();
    for (size_t cycle = 0; cycle < CYCLES; cycle++) {
        for (size_t i = 0; i < CYCLE_BYTES / CYCLE_BLOCK; i++) {
            blocks[i] = mmap(NULL, CYCLE_BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            touch(blocks[i]);
        }
        for (size_t i = 0; i < CYCLE_BYTES / CYCLE_BLOCK; i++) {
            munmap(blocks[i], CYCLE_BLOCK);
        }
    }
    return (now_ns() - start) / CYCLES;
}

double retained(void) {
    double pool = fastest(cycles_of_pool);
    return fastest(cycles_of_mmap) / pool;
}
