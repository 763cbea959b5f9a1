/* SPDX-License-Identifier: Apache-2.0
 * trace.c - reads traces, and makes one of a JSON document. All its memory is mapped, so that the allocators that are
 * measured never see it. */
#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "trace.h"

void *bench_map(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    return or_die(memory != MAP_FAILED ? memory : NULL);
}

void bench_out_of_memory(void) {
    fputs("bench: out of memory\n", stderr);
    exit(EXIT_FAILURE);
}

double now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double thread_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Number `field` of /proc/self/statm, from 0, in bytes. */
static double memory_of_process(int field) {
    char text[128] = "";
    int file = open("/proc/self/statm", O_RDONLY);
    ssize_t bytes = file >= 0 ? read(file, text, sizeof text - 1) : 0;
    if (file >= 0) {
        close(file);
    }
    char *number = bytes > 0 ? text : NULL;
    for (; field > 0 && number != NULL; field--) {
        number = strchr(number + 1, ' ');
    }
    return number != NULL ? strtod(number, NULL) * (double)sysconf(_SC_PAGESIZE) : 0;
}

double mapped_bytes(void) {
    return memory_of_process(0);
}

double resident_bytes(void) {
    return memory_of_process(1);
}

double fastest_within(double milliseconds, double (*body)(void *context), void *context) {
    double end = now_ns() + milliseconds * 1e6;
    double best = body(context);
    for (int round = 1; round < 3 || now_ns() < end; round++) {
        double figure = body(context);
        best = figure < best ? figure : best;
    }
    return best;
}

/* --- building a trace --------------------------------------------------------------------------------------------- */

static Trace trace;

static void refuse(const char *path) {
    fprintf(stderr, "bench: not a trace or not to be read: %s\n", path);
    exit(EXIT_FAILURE);
}

static void make_room(size_t steps) {
    trace.steps = bench_map(steps * sizeof *trace.steps);
    trace.sizes = bench_map(steps * sizeof *trace.sizes);
}

static void add_block(size_t size) {
    trace.steps[trace.step_count++] = (TraceStep){.size = (uint32_t)size};
    trace.sizes[trace.block_count++] = (uint32_t)size;
    trace.bytes += size;
}

static const unsigned char *map_file(const char *path, size_t *length) {
    struct stat status;
    int file = open(path, O_RDONLY);
    if (file < 0 || fstat(file, &status) != 0 || status.st_size == 0) {
        refuse(path);
    }
    *length = (size_t)status.st_size;
    const unsigned char *bytes = mmap(NULL, *length, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (bytes == MAP_FAILED) {
        refuse(path);
    }
    return bytes;
}

/* --- recorded ----------------------------------------------------------------------------------------------------- */

static void read_recorded(const char *path) {
    size_t length;
    const unsigned char *bytes = map_file(path, &length);
    make_room(length); /* a step has at least one byte */
    uint64_t number = 0;
    unsigned shift = 0;
    for (size_t i = 0; i < length; i++) {
        number |= (uint64_t)(bytes[i] & 0x7f) << shift;
        shift += 7;
        if ((bytes[i] & 0x80) != 0) {
            if (shift > 35) {
                refuse(path);
            }
            continue;
        }
        if (number % 2 == 0 && number != 0 && number <= UINT32_MAX) {
            add_block((size_t)(number / 2));
        } else if (number % 2 == 1 && number / 2 < trace.block_count) {
            uint32_t block = (uint32_t)(trace.block_count - 1 - number / 2);
            trace.steps[trace.step_count++] = (TraceStep){.block = block};
        } else {
            refuse(path);
        }
        number = 0;
        shift = 0;
    }
}

/* --- the tree of a JSON document ---------------------------------------------------------------------------------- */

enum { NODE = 32 };

/* The length of the string whose first quote is at `start`, quotes not counted. */
static size_t string_length(const unsigned char *start, const unsigned char *end) {
    const unsigned char *at = start + 1;
    while (at < end && *at != '"') {
        at += *at == '\\' ? 2 : 1;
    }
    return (size_t)(at - start) - 1;
}

static size_t word_length(const unsigned char *start, const unsigned char *end) {
    const unsigned char *at = start;
    while (at < end && (isalnum(*at) || *at == '-' || *at == '+' || *at == '.')) {
        at++;
    }
    return (size_t)(at - start);
}

static bool is_name(const unsigned char *after, const unsigned char *end) {
    while (after < end && isspace(*after)) {
        after++;
    }
    return after < end && *after == ':';
}

static void make_json(const char *path) {
    size_t length;
    const unsigned char *at = map_file(path, &length);
    const unsigned char *end = at + length;
    make_room(2 * length);
    while (at < end) {
        if (*at == '{' || *at == '[') {
            add_block(NODE);
            at++;
        } else if (*at == '"') {
            size_t bytes = string_length(at, end);
            at += bytes + 2;
            if (!is_name(at, end)) {
                add_block(NODE);
            }
            add_block(bytes + 1);
        } else if (isalnum(*at) || *at == '-') {
            size_t bytes = word_length(at, end);
            add_block(NODE);
            if (!isalpha(*at)) {
                add_block(bytes + 1); /* a number; true, false and null need no text */
            }
            at += bytes;
        } else {
            at++;
        }
    }
}

/* --- at random ---------------------------------------------------------------------------------------------------- */

static void make_small(void) {
    enum { COUNT = 16384 };
    uint32_t random = 12345;
    make_room(COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        random = random * 1664525u + 1013904223u;
        add_block(1 + (random >> 26));
    }
}

/* What a page-wise reader allocates: a page with its header, and a note about it. */
static void make_pages(void) {
    enum { COUNT = 1000 };
    make_room((size_t)2 * COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        add_block(5000);
        add_block(64);
    }
}

const Trace *trace_load(const char *name) {
    if (strcmp(name, "json") == 0) {
        make_json(CORRAL_BENCH_JSON);
    } else if (strcmp(name, "small") == 0) {
        make_small();
    } else if (strcmp(name, "pages") == 0) {
        make_pages();
    } else {
        read_recorded(strcmp(name, "compiler") == 0 ? CORRAL_BENCH_COMPILER : name);
    }
    return trace.block_count != 0 ? &trace : (refuse(name), NULL);
}
