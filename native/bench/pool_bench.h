/* SPDX-License-Identifier: Apache-2.0
 * pool_bench.h - what the files of pool_bench share. */
#ifndef CORRAL_BENCH_POOL_BENCH_H
#define CORRAL_BENCH_POOL_BENCH_H

#include <stddef.h>
#include <stdint.h>

#include "corral/arena.h"

enum { SIZES = 1024, BATCH = 10000, ROUNDS = 15, PAIRS = 200000 };

/* What is measured: a pool, or whatever malloc is in this process. */
typedef struct Allocator {
    void *(*take)(Pool *pool, size_t size);
    void (*give)(Pool *pool, void *block);
    Pool *pool;
} Allocator;

/* Both are called through pointers, so that neither is inlined and both pay the same. */
extern Allocator allocator;
extern size_t sizes[SIZES];   /* 1 to 1,024 bytes, small ones more often */
extern uint32_t order[BATCH]; /* a permutation */

void *or_die(void *pointer);
double now_ns(void);
double fastest(double (*body)(void));

static inline void *take(size_t size) {
    return or_die(allocator.take(allocator.pool, size));
}

static inline void give(void *block) {
    allocator.give(allocator.pool, block);
}

/* --- pool_bench_own.c: what only a pool does ---------------------------------------------------------------------- */

double small_objects(void);
double arena_lives(void);
double retained(void);

#endif
