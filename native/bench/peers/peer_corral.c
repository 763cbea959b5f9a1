/* SPDX-License-Identifier: Apache-2.0
 * peer_corral.c - the arena and the pool. */
#include "corral/arena.h"
#include "peers.h"

static void *open_arena(void) {
    return or_die(arena_create_default(or_die(pool_create())));
}

static inline void fill_as_arena(void *context, const Trace *trace, bool whole) {
    Arena *arena = or_die(context);
    const uint32_t *sizes = trace->sizes;
    const size_t count = trace->block_count;
    for (size_t i = 0; i < count; i++) {
        unsigned char *block = or_die(arena_alloc(arena, sizes[i]));
        bench_write(block, sizes[i], whole);
    }
}

static void fill_arena(void *context, const Trace *trace) {
    fill_as_arena(context, trace, false);
}

static void write_arena(void *context, const Trace *trace) {
    fill_as_arena(context, trace, true);
}

static void reset_arena(void *arena) {
    arena_reset(arena);
}

static void *allocate_in_arena(void *arena, size_t size) {
    return arena_alloc(arena, size);
}

static size_t arena_reserved(void *arena) {
    return arena_total_allocated(arena);
}

const ArenaPeer peer_corral = {"corral",    open_arena,        fill_arena,    write_arena,
                               reset_arena, allocate_in_arena, arena_reserved};

static void *open_pool(void) {
    return or_die(pool_create());
}

static inline void fill_as_pool(void *pool, const Trace *trace, void **blocks, bool whole) {
    const uint32_t *sizes = trace->sizes;
    const size_t count = trace->block_count;
    for (size_t i = 0; i < count; i++) {
        blocks[i] = or_die(pool_alloc(pool, sizes[i]));
        bench_write(blocks[i], sizes[i], whole);
    }
}

static void fill_pool(void *pool, const Trace *trace, void **blocks) {
    fill_as_pool(pool, trace, blocks, false);
}

static void write_pool(void *pool, const Trace *trace, void **blocks) {
    fill_as_pool(pool, trace, blocks, true);
}

static void free_all(void *pool, const Trace *trace, void **blocks) {
    for (size_t i = 0; i < trace->block_count; i++) {
        pool_free(pool, blocks[i]);
    }
}

static void replay(void *pool, const Trace *trace, void **blocks) {
    size_t next = 0;
    for (size_t i = 0; i < trace->step_count; i++) {
        const TraceStep *step = &trace->steps[i];
        if (step->size != 0) {
            unsigned char *block = or_die(pool_alloc(pool, step->size));
            *block = 1;
            blocks[next++] = block;
        } else {
            pool_free(pool, blocks[step->block]);
            blocks[step->block] = NULL;
        }
    }
    for (size_t i = 0; i < next; i++) {
        if (blocks[i] != NULL) {
            pool_free(pool, blocks[i]);
        }
    }
}

static void *allocate_in_pool(void *pool, size_t size) {
    return pool_alloc(pool, size);
}

const HeapPeer peer_pool = {"pool", open_pool, fill_pool, write_pool, free_all, replay, allocate_in_pool};
