/* SPDX-License-Identifier: Apache-2.0
 * peer_apr.c - a memory pool of the Apache Portable Runtime, with an allocator of its own. */
#include <apr_allocator.h>
#include <apr_general.h>
#include <apr_pools.h>

#include "peers.h"

static double mapped_at_first;

static void *open_pool(void) {
    apr_allocator_t *allocator = NULL;
    apr_pool_t *pool = NULL;
    apr_initialize();
    mapped_at_first = mapped_bytes();
    apr_allocator_create(&allocator);
    apr_pool_create_ex(&pool, NULL, NULL, allocator);
    return or_die(pool);
}

static inline void fill_as(void *pool, const Trace *trace, bool whole) {
    const uint32_t *sizes = trace->sizes;
    const size_t count = trace->block_count;
    for (size_t i = 0; i < count; i++) {
        unsigned char *block = or_die(apr_palloc(pool, sizes[i]));
        bench_write(block, sizes[i], whole);
    }
}

static void fill(void *pool, const Trace *trace) {
    fill_as(pool, trace, false);
}

static void write_all(void *pool, const Trace *trace) {
    fill_as(pool, trace, true);
}

static void take_back(void *pool) {
    apr_pool_clear(pool);
}

static void *allocate(void *context, size_t size) {
    return apr_palloc(context, size);
}

/* Its allocator maps pages, and counts nothing that it would tell: what the process has more than at first. */
static size_t reserved(void *pool) {
    (void)pool;
    return (size_t)(mapped_bytes() - mapped_at_first);
}

const ArenaPeer peer_apr = {"apr", open_pool, fill, write_all, take_back, allocate, reserved};
