/* SPDX-License-Identifier: Apache-2.0
 * object_bench.c - pools of objects side by side with pool_alloc() and malloc(), and frames with malloc().
 *
 *   object_bench               the comparisons as a table, each the best of several rounds by turns
 *   object_bench WHICH WHO     nanoseconds of one of them, the best of as many rounds, for compare; WHICH and WHO: see
 *                              workloads
 *   object_bench WHAT COUNT    runs counted() of one of them, for callgrind; WHAT: see workloads
 *
 * Objects have 64 bytes. In pairs one is acquired and released; otherwise 1,000 are live, and the oldest goes when a
 * new one comes. A frame has one block of 64 bytes. Read the ratios, not the nanoseconds: those are of this machine,
 * today. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <corral/object_pool.h>
#include <corral/stack_allocator.h>

#define COUNT ((size_t)20000) /* short, and many rounds: some are not interrupted by what else the machine does */
#define LIVE 1000
#define SIZE 64
#define ROUNDS 500

static Pool *pool;
static ObjectPool *objects;
static StackAllocator *stack;
static void *volatile live[LIVE];

static double now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void *touched(void *block) {
    if (block == NULL) {
        fputs("object_bench: out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    *(volatile unsigned char *)block = 1;
    return block;
}

/* The place of the oldest block, by turns: without the division of a remainder, which would be a good part of it all.
 * */
static size_t next_of(size_t at) {
    return at + 1 < LIVE ? at + 1 : 0;
}

static void with_objects(size_t count) {
    ObjectPool *own = objects;
    for (size_t i = 0, at = 0; i < count; i++, at = next_of(at)) {
        object_pool_release(own, live[at]);
        live[at] = touched(object_pool_acquire(own));
    }
}

static void with_pool(size_t count) {
    Pool *own = pool;
    for (size_t i = 0, at = 0; i < count; i++, at = next_of(at)) {
        pool_free(own, live[at]);
        live[at] = touched(pool_alloc(own, SIZE));
    }
}

static void with_malloc(size_t count) {
    for (size_t i = 0, at = 0; i < count; i++, at = next_of(at)) {
        free(live[at]);
        live[at] = touched(malloc(SIZE));
    }
}

static void pairs_of_objects(size_t count) {
    ObjectPool *own = objects;
    for (size_t i = 0; i < count; i++) {
        object_pool_release(own, touched(object_pool_acquire(own)));
    }
}

static void pairs_of_pool(size_t count) {
    Pool *own = pool;
    for (size_t i = 0; i < count; i++) {
        pool_free(own, touched(pool_alloc(own, SIZE)));
    }
}

static void with_frames(size_t count) {
    StackAllocator *own = stack;
    for (size_t i = 0; i < count; i++) {
        StackFrame frame = stack_push(own);
        touched(stack_alloc(frame, SIZE, 1));
        stack_pop(frame);
    }
}

static void with_heap(size_t count) {
    for (size_t i = 0; i < count; i++) {
        void *volatile block = touched(malloc(SIZE));
        free(block);
    }
}

static const struct {
    const char *name;
    void (*run)(size_t count);
    const char *other; /* what it is compared with */
    const char *which;
    const char *who;
} workloads[] = {{"pairs", pairs_of_objects, "pool_pairs", "objectPairs", "objectPool"},
                 {"pool_pairs", pairs_of_pool, "heap", "objectPairs", "pool"},
                 {"objects", with_objects, "pool", "objects", "objectPool"},
                 {"pool", with_pool, "malloc", "objects", "pool"},
                 {"malloc", with_malloc, "malloc", "objects", "malloc"},
                 {"frame", with_frames, "heap", "frames", "stackFrame"},
                 {"heap", with_heap, "heap", "", "malloc"}}; /* of each that names no other */

enum { WORKLOADS = sizeof workloads / sizeof workloads[0] };

/* A name of its own, for callgrind's --toggle-collect. */
__attribute__((noinline)) static void counted(size_t which, size_t count) {
    workloads[which].run(count);
}

static size_t find(const char *name) {
    size_t which = 0;
    while (which < WORKLOADS && strcmp(workloads[which].name, name) != 0) {
        which++;
    }
    return which;
}

/* Each finds its own blocks live and takes them along in the end. */
static double measure(size_t which, size_t count) {
    for (size_t i = 0; i < LIVE; i++) {
        live[i] = NULL;
    }
    workloads[which].run(LIVE);
    double start = now_ns();
    counted(which, count);
    double taken = (now_ns() - start) / (double)count;
    for (size_t i = 0; i < LIVE; i++) {
        if (workloads[which].run == with_objects) {
            object_pool_release(objects, live[i]);
        } else if (workloads[which].run == with_pool) {
            pool_free(pool, live[i]);
        } else if (workloads[which].run == with_malloc) {
            free(live[i]);
        }
    }
    return taken;
}

static void print_table(void) {
    double best[WORKLOADS];
    for (size_t i = 0; i < WORKLOADS; i++) {
        best[i] = 1e300;
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < WORKLOADS; i++) {
            double taken = measure(i, COUNT);
            best[i] = taken < best[i] ? taken : best[i];
        }
    }
    for (size_t i = 0; i < WORKLOADS; i++) {
        printf("%-10s %7.2f ns per pair   %5.2f x %s\n", workloads[i].name, best[i],
               best[i] / best[find(workloads[i].other)], workloads[i].other);
    }
}

/* The one that does `which` as `who`; WORKLOADS if there is none. */
static size_t workload_of(const char *which, const char *who) {
    for (size_t i = 0; i < WORKLOADS; i++) {
        bool is_meant = strcmp(workloads[i].which, which) == 0 || workloads[i].which[0] == '\0';
        if (is_meant && strcmp(workloads[i].who, who) == 0) {
            return i;
        }
    }
    return WORKLOADS;
}

static int print_best(size_t which) {
    double best = 1e300;
    for (int round = 0; round < ROUNDS && which < WORKLOADS; round++) {
        double taken = measure(which, COUNT);
        best = taken < best ? taken : best;
    }
    return which < WORKLOADS && printf("%.4f\n", best) > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
    pool = pool_create();
    Arena *arena = arena_create_default(pool);
    objects = object_pool_create(arena, SIZE);
    stack = stack_create(pool, STACK_SIZE_DEFAULT);
    if (objects == NULL || stack == NULL) {
        return EXIT_FAILURE;
    }
    int result = EXIT_SUCCESS;
    size_t count = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
    if (count > 0 && find(argv[1]) < WORKLOADS) {
        measure(find(argv[1]), count);
    } else if (argc == 3) {
        result = print_best(workload_of(argv[1], argv[2]));
    } else {
        print_table();
    }
    return pool_destroy(pool) == CORRAL_OK ? result : EXIT_FAILURE;
}
