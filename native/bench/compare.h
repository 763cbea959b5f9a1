/* SPDX-License-Identifier: Apache-2.0
 * compare.h - what compare.c measures: a row is one thing that several allocators do. */
#ifndef CORRAL_BENCH_COMPARE_H
#define CORRAL_BENCH_COMPARE_H

#include <stddef.h>

/* Programs, found among compare's arguments by their names. Each prints one number. */
typedef enum Program {
    PEER_BENCH,
    POOL_BENCH,
    SCALE_BENCH,
    SLOT_BENCH,
    OBJECT_BENCH,
    RECYCLER_BENCH,
    PROGRAMS
} Program;

/* Something that is measured in a process of its own. */
typedef struct Peer {
    const char *name;
    const char *argument; /* how the program knows it */
    const char *preload;  /* a library that replaces malloc(); NULL: none */
} Peer;

/* name / than must be at most limit; where there is no `than`, name itself. */
typedef struct Promise {
    const char *name;
    const char *than;
    double limit;
} Promise;

/* What a program prints is better when it is less, or more; then the table has its inverse, where less is better. */
typedef enum Better { LESS, MORE } Better;

typedef struct Row {
    Program program;
    const char *benchmark;
    const char *argument; /* the trace, the size; "" for none */
    const char *what;
    const char *unit;
    const Peer *const *peers; /* ends with NULL */
    Better better;
    Promise promises[3]; /* ends with a limit of 0 */
} Row;

extern const char *const program_names[PROGRAMS];
extern const Row rows[];
extern const size_t row_count;

#endif
