/* SPDX-License-Identifier: Apache-2.0
 * peer_talloc.c - Samba's talloc: the blocks are children of one context. */
#include <stdarg.h>
#include <stdbool.h>
#include <sys/types.h>
#include <talloc.h>

#include "peers.h"

static void *open_context(void) {
    return or_die(talloc_new(NULL));
}

static inline void fill_as(void *context, const Trace *trace, bool whole) {
    const uint32_t *sizes = trace->sizes;
    const size_t count = trace->block_count;
    for (size_t i = 0; i < count; i++) {
        unsigned char *block = or_die(talloc_size(context, sizes[i]));
        bench_write(block, sizes[i], whole);
    }
}

static void fill(void *context, const Trace *trace) {
    fill_as(context, trace, false);
}

static void write_all(void *context, const Trace *trace) {
    fill_as(context, trace, true);
}

static void take_back(void *context) {
    talloc_free_children(context);
}

static void *allocate(void *context, size_t size) {
    return talloc_size(context, size);
}

const ArenaPeer peer_talloc = {"talloc", open_context, fill, write_all, take_back, allocate, NULL};
