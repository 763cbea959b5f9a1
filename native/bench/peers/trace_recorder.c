/* SPDX-License-Identifier: Apache-2.0
 * trace_recorder.c - records what a program allocates and frees, for native/bench/traces. A library to preload:
 *
 *   LD_PRELOAD=libtrace_recorder.so CORRAL_TRACE=file program
 *
 * The file has the format of trace.h. For glibc and programs of one thread. A block from before the recording or from
 * memalign() is not in it, and neither is its end; realloc() is an allocation and a free. */
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void __libc_free(void *block);

enum { ROOM = 1 << 20, LONGEST = 10, BUFFER = 1 << 16 };

/* Live blocks and their numbers: open addressing, where a freed entry keeps its place with number 0. */
typedef struct Live {
    const void *block;
    size_t number; /* 1.. */
} Live;

static Live table[ROOM];
static size_t block_count;
static unsigned char buffer[BUFFER];
static size_t buffered;
static int output = -1;
static bool opened;

static Live *find(const void *block) {
    size_t at = ((uintptr_t)block >> 4) * 0x9E3779B97F4A7C15u >> 44;
    while (table[at].block != NULL && table[at].block != block) {
        at = (at + 1) % ROOM;
    }
    return &table[at];
}

__attribute__((destructor)) static void write_buffer(void) {
    if (output >= 0 && write(output, buffer, buffered) != (ssize_t)buffered) {
        _exit(99);
    }
    buffered = 0;
}

static void put(uint64_t number) {
    if (!opened) {
        opened = true;
        const char *path = getenv("CORRAL_TRACE");
        output = path != NULL ? open(path, O_CREAT | O_WRONLY | O_TRUNC, 0666) : -1;
    }
    if (buffered > BUFFER - LONGEST) {
        write_buffer();
    }
    while (number > 0x7f) {
        buffer[buffered++] = (unsigned char)(0x80 | (number & 0x7f));
        number >>= 7;
    }
    buffer[buffered++] = (unsigned char)number;
}

static void *allocated(void *block, size_t size) {
    if (block != NULL) {
        Live *live = find(block);
        live->block = block;
        live->number = ++block_count;
        put(2 * (uint64_t)(size != 0 ? size : 1));
    }
    return block;
}

static void freed(const void *block) {
    Live *live = find(block);
    if (block != NULL && live->block == block && live->number != 0) {
        put(2 * (uint64_t)(block_count - live->number) + 1);
        live->number = 0;
    }
}

__attribute__((visibility("default"))) void *malloc(size_t size) {
    return allocated(__libc_malloc(size), size);
}

__attribute__((visibility("default"))) void *calloc(size_t count, size_t size) {
    return allocated(__libc_calloc(count, size), count * size);
}

__attribute__((visibility("default"))) void *realloc(void *block, size_t size) {
    freed(block); /* a failure would be recorded wrongly; the program that is recorded has memory */
    return allocated(__libc_realloc(block, size), size);
}

__attribute__((visibility("default"))) void free(void *block) {
    freed(block);
    __libc_free(block);
}
