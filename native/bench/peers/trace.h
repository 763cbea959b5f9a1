/* SPDX-License-Identifier: Apache-2.0
 * trace.h - the allocations of a real program, in their order, for all allocators alike.
 *
 * A trace file is a sequence of numbers of 7 bits a byte, lowest first, the high bit set on all bytes of a number but
 * its last. An even number is twice the size of a block that is allocated; an odd one is 2 n + 1 and frees the block
 * that was allocated n allocations before the latest one. What is not freed lives until the end. */
#ifndef CORRAL_BENCH_TRACE_H
#define CORRAL_BENCH_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* size > 0 allocates `size` bytes, the next block in the order; size = 0 frees block number `block`. */
typedef struct TraceStep {
    uint32_t size;
    uint32_t block;
} TraceStep;

typedef struct Trace {
    TraceStep *steps;
    size_t step_count;
    uint32_t *sizes; /* of all blocks */
    size_t block_count;
    size_t bytes; /* of all blocks */
} Trace;

/* Reads "json", "compiler", "small", "pages" or a trace file by its path; lives as long as the process. Ends the
 * process with a message when the file is not there or is no trace.
 *   json      what a parser allocates that makes a tree of the document CORRAL_BENCH_JSON: 32 bytes for each value, and
 *             each name, string and number with a terminator
 *   compiler  recorded: see native/bench/traces
 *   small     16,384 of 1 to 64 bytes, at random
 *   pages     1,000 times 5,000 bytes and 64 bytes */
const Trace *trace_load(const char *name);

/* For those that would otherwise count in what an allocator holds: memory straight from the system. */
void *bench_map(size_t bytes);

_Noreturn void bench_out_of_memory(void);

/* Inline, so that a loop over an inlined allocator has no call in it. */
static inline void *or_die(void *pointer) {
    if (pointer == NULL) {
        bench_out_of_memory();
    }
    return pointer;
}

/* What a program does with a new block: writes its first byte, or the whole of it. */
static inline void bench_write(unsigned char *block, size_t size, bool whole) {
    if (whole) {
        memset(block, 1, size);
    } else {
        *block = 1;
    }
}

double now_ns(void);

/* Of this thread alone: what other programs do while it waits does not count. */
double thread_ns(void);

double mapped_bytes(void);
double resident_bytes(void);

/* The fastest of the rounds that run in `milliseconds`, at least three of them, as body(context) returns it. */
double fastest_within(double milliseconds, double (*body)(void *context), void *context);

#endif
