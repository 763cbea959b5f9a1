/* SPDX-License-Identifier: Apache-2.0
 * scale_bench.c - what size does to cost, in a process of its own: scale_bench WHAT MEBIBYTES
 *
 *   first    allocates so much in blocks of 64 bytes from a new arena of a new pool, untouched: nanoseconds per block
 *   again    the same after a reset, whatever is retained
 *   touched  as first, and writes the first byte of each block: the system hands out pages meanwhile
 *   reset    resets an arena that holds so much: nanoseconds
 *   chunks    resets an arena of so many full chunks: nanoseconds
 *   close    destroys one that holds so much: nanoseconds per chunk
 *   arenas   so many arenas at once (not mebibytes): creates them, allocates 16 blocks in each by turns and destroys
 *            them: nanoseconds per arena
 *
 * It prints one number. The memory is reserved, not touched, but for `touched`. Time is that of the processor for this
 * thread: half a second of wall time for 8 GiB meets whatever else the machine does. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corral/arena.h"
#include "peers/trace.h"

enum { BLOCK = 64 };

static volatile size_t sink;

static void fill(Arena *arena, size_t bytes) {
    for (size_t i = 0; i < bytes / BLOCK; i++) {
        sink = (size_t)(uintptr_t)or_die(arena_alloc(arena, BLOCK));
    }
}

static void fill_and_touch(Arena *arena, size_t bytes) {
    for (size_t i = 0; i < bytes / BLOCK; i++) {
        *(volatile unsigned char *)or_die(arena_alloc(arena, BLOCK)) = 1;
    }
}

/* The fastest of enough rounds to have filled a gibibyte, three at least. */
static size_t rounds_of(size_t bytes) {
    size_t rounds = ((size_t)1 << 30) / bytes;
    return rounds < 3 ? 3 : rounds > 200 ? 200 : rounds;
}

static double first(size_t bytes, void (*body)(Arena *arena, size_t bytes)) {
    double best = 1e300;
    for (size_t round = rounds_of(bytes); round > 0; round--) {
        Pool *pool = or_die(pool_create());
        Arena *arena = or_die(arena_create_default(pool));
        double start = thread_ns();
        body(arena, bytes);
        double taken = thread_ns() - start;
        best = taken < best ? taken : best;
        pool_destroy(pool);
    }
    return best / (double)(bytes / BLOCK);
}

static double again(size_t bytes) {
    double best = 1e300;
    Arena *arena = or_die(arena_create_default(or_die(pool_create())));
    fill(arena, bytes);
    for (size_t round = rounds_of(bytes); round > 0; round--) {
        arena_reset(arena);
        double start = thread_ns();
        fill(arena, bytes);
        double taken = thread_ns() - start;
        best = taken < best ? taken : best;
    }
    return best / (double)(bytes / BLOCK);
}

/* Leaves the code of a reset and what it looks at in the cache, however long the fill before it took and whoever else
 * ran meanwhile: the question is what the chunks add. */
static void warm_up(Arena *arena, Arena *other) {
    ArenaStats stats;
    void *base;
    size_t capacity, used;
    fill(other, BLOCK);
    arena_reset(other);
    arena_stats(arena, &stats);
    arena_chunk(arena, 0, &base, &capacity, &used);
    sink = used + stats.used + (size_t)now_ns();
}

/* One call is short, so this is wall time. */
static double reset(size_t bytes, size_t initial, size_t maximum) {
    enum { RESETS = 10 };
    double best = 1e300;
    Pool *pool = or_die(pool_create());
    Arena *arena = or_die(arena_create(pool, initial, maximum));
    Arena *other = or_die(arena_create_default(pool));
    for (size_t round = 0; round < RESETS; round++) {
        fill(arena, bytes);
        warm_up(arena, other);
        double start = now_ns();
        arena_reset(arena);
        double taken = now_ns() - start;
        best = taken < best ? taken : best;
    }
    return best;
}

static double close_all(size_t bytes) {
    double best = 1e300;
    size_t chunks = 1;
    Pool *pool = or_die(pool_create());
    for (size_t round = rounds_of(bytes); round > 0; round--) {
        Arena *arena = or_die(arena_create_default(pool));
        fill(arena, bytes);
        chunks = arena_chunk_count(arena);
        double start = thread_ns();
        arena_destroy(arena);
        double taken = thread_ns() - start;
        best = taken < best ? taken : best;
    }
    return best / (double)chunks;
}

static double arenas(size_t count) {
    enum { ROUNDS = 5, BLOCKS = 16 };
    double best = 1e300;
    Pool *pool = or_die(pool_create());
    Arena **open = bench_map(count * sizeof(Arena *));
    for (int round = 0; round < ROUNDS; round++) {
        double start = thread_ns();
        for (size_t i = 0; i < count; i++) {
            open[i] = or_die(arena_create_default(pool));
        }
        for (size_t i = 0; i < count * BLOCKS; i++) {
            *(volatile unsigned char *)or_die(arena_alloc(open[i % count], BLOCK)) = 1;
        }
        for (size_t i = 0; i < count; i++) {
            arena_destroy(open[i]);
        }
        double taken = thread_ns() - start;
        best = taken < best ? taken : best;
    }
    return best / (double)count;
}

static double measure(const char *what, size_t number) {
    size_t bytes = number << 20;
    if (strcmp(what, "arenas") == 0) {
        return arenas(number);
    }
    if (strcmp(what, "first") == 0) {
        return first(bytes, fill);
    }
    if (strcmp(what, "touched") == 0) {
        return first(bytes, fill_and_touch);
    }
    if (strcmp(what, "again") == 0) {
        return again(bytes);
    }
    if (strcmp(what, "reset") == 0) {
        return reset(bytes, ARENA_INITIAL_DEFAULT, ARENA_MAXIMUM_DEFAULT);
    }
    if (strcmp(what, "chunks") == 0) {
        return reset(number * BLOCK, BLOCK, BLOCK);
    }
    return strcmp(what, "close") == 0 ? close_all(bytes) : -1;
}

int main(int argc, char **argv) {
    double figure = argc == 3 ? measure(argv[1], strtoul(argv[2], NULL, 10)) : -1;
    if (figure < 0) {
        fputs("usage: scale_bench first|again|touched|reset|chunks|close|arenas NUMBER\n", stderr);
        return EXIT_FAILURE;
    }
    printf("%.4f\n", figure);
    return EXIT_SUCCESS;
}
