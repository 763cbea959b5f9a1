/* SPDX-License-Identifier: Apache-2.0
 * budget_loops.c - what the instruction budgets count under callgrind: budget_loops WHAT N
 *
 *   wide | narrow | without   a loop over N sizes, with arena_alloc() of a size_t or a uint32_t in it, or without:
 *                             the difference is what the inlined arena_alloc() costs (inline_budget.cmake)
 *   reset | rewind            takes back an arena of N chunks once (bulk_budget.cmake)
 *   pair                      N times pool_alloc() + pool_free() of the same size
 *   cycle                     N times arena_create_default() + arena_destroy()
 *   mark                      N times arena_mark(), a block, arena_rewind()
 *   unit                      N times 16 blocks and arena_reset()
 *   enter                     N blocks, each of which enters another retained chunk
 *   grow                      N blocks of 64 bytes, for which chunks are acquired
 *
 * pair to enter do it a few times before counted() does it N times (call_budget.cmake). */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corral/arena.h"

enum { SIZES = 1024, CHUNK = 64, WARM = 100, BLOCK = 64, UNIT = 16 };

/* Where results go, so that no loop is without effect. */
static volatile size_t sink;

/* 1 to 64 bytes, without a pattern that a compiler could learn. */
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
        fputs("budget_loops: out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return pointer;
}

/* --- inlined ------------------------------------------------------------------------------------------------------ */

/* A size that the compiler has in a register and knows nothing of: what a caller has when it comes to allocate.
 * Otherwise the loop without arena_alloc() would add it up straight from memory, and its load would count as part of
 * arena_alloc(). */
static inline size_t dynamic_size(size_t i) {
    size_t size = sizes[i % SIZES];
    __asm__ volatile("" : "+r"(size));
    return size;
}

/* They differ in arena_alloc() only, and are called through a table, so that none is inlined or specialised. */
static size_t loop_wide(Arena *arena, size_t count) {
    size_t sum = 0;
    if (arena == NULL) {
        return sum; /* from here on the compiler knows that there is an arena */
    }
    for (size_t i = 0; i < count; i++) {
        sum += (size_t)(uintptr_t)arena_alloc(arena, dynamic_size(i));
    }
    return sum;
}

static size_t loop_narrow(Arena *arena, size_t count) {
    size_t sum = 0;
    if (arena == NULL) {
        return sum;
    }
    for (size_t i = 0; i < count; i++) {
        sum += (size_t)(uintptr_t)arena_alloc(arena, (uint32_t)dynamic_size(i));
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

/* --- calls -------------------------------------------------------------------------------------------------------- */

static Pool *pool; /* of all arenas here */

static size_t loop_pair(Arena *arena, size_t count) {
    (void)arena;
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        void *block = pool_alloc(pool, BLOCK);
        sum += (size_t)(uintptr_t)block;
        pool_free(pool, block);
    }
    return sum;
}

static size_t loop_cycle(Arena *arena, size_t count) {
    (void)arena;
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        Arena *other = arena_create_default(pool);
        sum += (size_t)(uintptr_t)other;
        arena_destroy(other);
    }
    return sum;
}

static size_t loop_mark(Arena *arena, size_t count) {
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        ArenaMark mark = arena_mark(arena);
        sum += (size_t)(uintptr_t)arena_alloc(arena, BLOCK);
        arena_rewind(arena, mark);
    }
    return sum;
}

static size_t loop_unit(Arena *arena, size_t count) {
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t block = 0; block < UNIT; block++) {
            sum += (size_t)(uintptr_t)arena_alloc(arena, BLOCK);
        }
        arena_reset(arena);
    }
    return sum;
}

static size_t loop_enter(Arena *arena, size_t count) {
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (size_t)(uintptr_t)arena_alloc(arena, CHUNK);
    }
    return sum;
}

/* As the others, but nothing is warm: what is measured is an arena and a pool that grow. */
static size_t loop_grow(Arena *arena, size_t count) {
    (void)arena;
    size_t sum = 0;
    Arena *other = arena_create_default(pool);
    for (size_t i = 0; i < count; i++) {
        sum += (size_t)(uintptr_t)arena_alloc(other, BLOCK);
    }
    return sum;
}

typedef struct Loop {
    const char *name;
    size_t (*run)(Arena *arena, size_t count);
} Loop;

static const Loop loops[] = {
    {"wide", loop_wide}, {"narrow", loop_narrow}, {"without", loop_without}, {"pair", loop_pair}, {"cycle", loop_cycle},
    {"mark", loop_mark}, {"unit", loop_unit},     {"enter", loop_enter},     {"grow", loop_grow},
};
static const Loop *volatile chosen;

static int run_inlined(size_t count) {
    Arena *arena = or_die(arena_create_fixed(pool, count * 64 + 64)); /* the slow path is never taken */
    sink = chosen->run(arena, count);
    bool all = arena_allocation_count(arena) == (strcmp(chosen->name, "without") == 0 ? 0 : count);
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Callgrind counts what happens in here. */
static size_t counted(Arena *arena, size_t count) {
    return chosen->run(arena, count);
}

static size_t (*const volatile call_counted)(Arena *arena, size_t count) = counted;

static int run_calls(size_t count) {
    bool enters = strcmp(chosen->name, "enter") == 0;
    Arena *arena = or_die(enters ? arena_create(pool, CHUNK, CHUNK) : arena_create_default(pool));
    sink = chosen->run(arena, enters ? count : WARM);
    arena_reset(arena);
    sink = call_counted(arena, count);
    bool all = arena_check(arena) == CORRAL_OK && arena_chunk_count(arena) == (enters ? count : 1);
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- taking back -------------------------------------------------------------------------------------------------- */

static int run_take_back(bool by_reset, size_t chunks) {
    Arena *arena = or_die(arena_create(pool, CHUNK, CHUNK));
    ArenaMark start = arena_mark(arena);
    for (size_t i = 0; i < chunks; i++) {
        or_die(arena_alloc(arena, CHUNK));
    }
    bool all = arena_chunk_count(arena) == chunks && arena_allocation_count(arena) == chunks;
    CorralStatus status = by_reset ? arena_reset(arena) : arena_rewind(arena, start);
    all = all && status == CORRAL_OK && arena_total_used(arena) == 0;
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
    size_t count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    fill_sizes();
    pool = or_die(pool_create());
    if (count != 0 && (strcmp(argv[1], "reset") == 0 || strcmp(argv[1], "rewind") == 0)) {
        return run_take_back(strcmp(argv[1], "reset") == 0, count);
    }
    for (size_t i = 0; count != 0 && i < sizeof loops / sizeof loops[0]; i++) {
        if (strcmp(argv[1], loops[i].name) == 0) {
            chosen = &loops[i];
            return i < 3 ? run_inlined(count) : run_calls(count);
        }
    }
    fputs("usage: budget_loops WHAT N, N > 0\n", stderr);
    return EXIT_FAILURE;
}
