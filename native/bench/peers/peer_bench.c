/* SPDX-License-Identifier: Apache-2.0
 * peer_bench.c - one allocator does one thing with one trace, in a process of its own: peer_bench WHAT TRACE PEER
 *
 *   unit      all blocks of the trace, each one's first byte written, then all taken back: nanoseconds per block
 *   written   the same, every byte written
 *   replay    allocates and frees as the trace does: nanoseconds per block (allocators that free)
 *   waste     per cent of what the allocator holds that nobody asked for, with all blocks of the trace (arenas)
 *   resident  resident bytes per byte asked for, with all blocks of the trace alive and written, 32 MiB at least
 *
 * It prints one number; 2 is returned for a peer that is not built in. bench_compare runs it. */
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peers.h"
#include "peers_found.h"

static const ArenaPeer *const arenas[] = {CORRAL_ARENA_PEERS};
static const HeapPeer *const heaps[] = {&peer_pool, &peer_malloc};

enum { NOT_BUILT = 2 };
static const double milliseconds = 150;

typedef struct Bench {
    const Trace *trace;
    const ArenaPeer *arena; /* one of the two */
    const HeapPeer *heap;
    void *context;
    void **blocks;
} Bench;

static double unit(void *context) {
    Bench *bench = context;
    double start = now_ns();
    if (bench->arena != NULL) {
        bench->arena->fill(bench->context, bench->trace);
        bench->arena->take_back(bench->context);
    } else {
        bench->heap->fill(bench->context, bench->trace, bench->blocks);
        bench->heap->free_all(bench->context, bench->trace, bench->blocks);
    }
    return (now_ns() - start) / (double)bench->trace->block_count;
}

static double written(void *context) {
    Bench *bench = context;
    double start = now_ns();
    if (bench->arena != NULL) {
        bench->arena->write(bench->context, bench->trace);
        bench->arena->take_back(bench->context);
    } else {
        bench->heap->write(bench->context, bench->trace, bench->blocks);
        bench->heap->free_all(bench->context, bench->trace, bench->blocks);
    }
    return (now_ns() - start) / (double)bench->trace->block_count;
}

static double replay(void *context) {
    Bench *bench = context;
    double start = now_ns();
    bench->heap->replay(bench->context, bench->trace, bench->blocks);
    return (now_ns() - start) / (double)bench->trace->block_count;
}

/* Bytes that malloc() holds for its callers. */
static size_t bytes_of_malloc(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static double waste(const Bench *bench) {
    size_t before = bytes_of_malloc();
    void *arena = bench->arena->open();
    for (size_t i = 0; i < bench->trace->block_count; i++) {
        or_die(bench->arena->allocate(arena, bench->trace->sizes[i]));
    }
    size_t held = bench->arena->reserved != NULL ? bench->arena->reserved(arena) : bytes_of_malloc() - before;
    return 100.0 * ((double)held - (double)bench->trace->bytes) / (double)held;
}

/* The trace over and over, until so much lives that what the system counts late, and what an allocator has once, do not
 * matter. */
static double resident(const Bench *bench) {
    const size_t enough = (size_t)32 << 20;
    const size_t times = 1 + enough / bench->trace->bytes;
    double before = resident_bytes();
    void *context = bench->arena != NULL ? bench->arena->open() : bench->heap->open();
    void *(*allocate)(void *, size_t) = bench->arena != NULL ? bench->arena->allocate : bench->heap->allocate;
    for (size_t i = 0; i < times * bench->trace->block_count; i++) {
        size_t size = bench->trace->sizes[i % bench->trace->block_count];
        memset(or_die(allocate(context, size)), 1, size);
    }
    return (resident_bytes() - before) / (double)(times * bench->trace->bytes);
}

static bool find_peer(Bench *bench, const char *name) {
    for (size_t i = 0; i < sizeof arenas / sizeof arenas[0]; i++) {
        bench->arena = strcmp(arenas[i]->name, name) == 0 ? arenas[i] : bench->arena;
    }
    for (size_t i = 0; i < sizeof heaps / sizeof heaps[0]; i++) {
        bench->heap = strcmp(heaps[i]->name, name) == 0 ? heaps[i] : bench->heap;
    }
    return bench->arena != NULL || bench->heap != NULL;
}

/* Times one of unit, written, replay; negative: the peer does not do that. */
static double timed(Bench *bench, const char *what) {
    bool is_arena = bench->arena != NULL;
    bench->blocks = bench_map(bench->trace->block_count * sizeof(void *));
    bench->context = is_arena ? bench->arena->open() : bench->heap->open();
    if (strcmp(what, "unit") == 0) {
        return fastest_within(milliseconds, unit, bench);
    }
    if (strcmp(what, "written") == 0) {
        return fastest_within(milliseconds, written, bench);
    }
    return strcmp(what, "replay") == 0 && !is_arena ? fastest_within(milliseconds, replay, bench) : -1;
}

int main(int argc, char **argv) {
    Bench bench = {.arena = NULL};
    if (argc != 4 || !find_peer(&bench, argv[3])) {
        fputs("usage: peer_bench unit|written|replay|waste|resident TRACE PEER, of a peer that is installed\n", stderr);
        return NOT_BUILT;
    }
    bench.trace = trace_load(argv[2]);
    double figure;
    if (strcmp(argv[1], "resident") == 0) {
        figure = resident(&bench);
    } else if (strcmp(argv[1], "waste") == 0 && bench.arena != NULL) {
        figure = waste(&bench);
    } else {
        figure = timed(&bench, argv[1]);
    }
    if (figure < 0) {
        fputs("peer_bench: this peer does not do that\n", stderr);
        return NOT_BUILT;
    }
    printf("%.4f\n", figure);
    return EXIT_SUCCESS;
}
