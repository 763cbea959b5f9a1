/* SPDX-License-Identifier: Apache-2.0
 * peer_malloc.c - whatever malloc() is in this process: glibc's, or what was preloaded. */
#include <stdlib.h>

#include "peers.h"

static void *open_nothing(void) {
    static char nothing;
    return &nothing;
}

static inline void fill_as(void *heap, const Trace *trace, void **blocks, bool whole) {
    (void)heap;
    const uint32_t *sizes = trace->sizes;
    const size_t count = trace->block_count;
    for (size_t i = 0; i < count; i++) {
        blocks[i] = or_die(malloc(sizes[i]));
        bench_write(blocks[i], sizes[i], whole);
    }
}

static void fill(void *heap, const Trace *trace, void **blocks) {
    fill_as(heap, trace, blocks, false);
}

static void write_all(void *heap, const Trace *trace, void **blocks) {
    fill_as(heap, trace, blocks, true);
}

static void free_all(void *heap, const Trace *trace, void **blocks) {
    (void)heap;
    for (size_t i = 0; i < trace->block_count; i++) {
        free(blocks[i]);
    }
}

static void replay(void *heap, const Trace *trace, void **blocks) {
    (void)heap;
    size_t next = 0;
    for (size_t i = 0; i < trace->step_count; i++) {
        const TraceStep *step = &trace->steps[i];
        if (step->size != 0) {
            unsigned char *block = or_die(malloc(step->size));
            *block = 1;
            blocks[next++] = block;
        } else {
            free(blocks[step->block]);
            blocks[step->block] = NULL;
        }
    }
    for (size_t i = 0; i < next; i++) {
        if (blocks[i] != NULL) {
            free(blocks[i]);
        }
    }
}

static void *allocate(void *heap, size_t size) {
    (void)heap;
    return malloc(size);
}

const HeapPeer peer_malloc = {"malloc", open_nothing, fill, write_all, free_all, replay, allocate};
