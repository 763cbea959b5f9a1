/* SPDX-License-Identifier: Apache-2.0
 * recycler_fixture.h - a recycler in a pool on fake pages, and uses of its arenas. Layer: test support.
 * May include: arena_recycler.h, arena_fixture.h. */
#ifndef CORRAL_TEST_SUPPORT_RECYCLER_FIXTURE_H
#define CORRAL_TEST_SUPPORT_RECYCLER_FIXTURE_H

#include "structures/arena_recycler_parts.h"
#include "support/recycler_retry.h"

typedef struct RecyclerFixture {
    PoolFixture base;
    ArenaRecycler *recycler;
} RecyclerFixture;

static inline ArenaRecycler *open_with(RecyclerFixture *f, const RecyclerConfig *config) {
    recyclers_pool = fixture_default(&f->base);
    f->recycler = recycler_create_with(recyclers_pool, config);
    CHECK_TRUE(f->recycler != NULL);
    return f->recycler;
}

static inline ArenaRecycler *open_default(RecyclerFixture *f) {
    return open_with(f, NULL);
}

static inline RecyclerStats stats_of(ArenaRecycler *recycler) {
    RecyclerStats stats;
    CHECK_STATUS(recycler_stats(recycler, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.hits + stats.misses - stats.returned, stats.borrowed);
    CHECK_EQ_U64(stats.returned - stats.dropped - stats.trimmed - stats.hits, stats.kept);
    return stats;
}

/* Nothing of it may be left in the pool, unless arenas are still borrowed. */
static inline void close_recycler(RecyclerFixture *f) {
    CHECK_STATUS(recycler_check(f->recycler), CORRAL_OK);
    uint64_t borrowed = stats_of(f->recycler).borrowed;
    CHECK_STATUS(recycler_destroy(f->recycler), CORRAL_OK);
    CHECK_EQ_U64(fixture_stats(&f->base).live_blocks != 0, borrowed != 0);
    fixture_close(&f->base);
}

static inline Arena *borrow(ArenaRecycler *recycler) {
    Arena *arena = NULL;
    CHECK_STATUS(recycler_borrow(recycler, &arena), CORRAL_OK);
    CHECK_TRUE(arena != NULL);
    return arena;
}

/* One use of `bytes` bytes in blocks of at most 1 KiB, from borrow to return. */
static inline void use(ArenaRecycler *recycler, size_t bytes) {
    Arena *arena = borrow(recycler);
    for (size_t left = bytes; left > 0;) {
        size_t block = left < KIB ? left : KIB;
        CHECK_TRUE(arena_alloc(arena, block) != NULL);
        left -= block;
    }
    CHECK_STATUS(recycler_return(recycler, arena), CORRAL_OK);
}

static inline void use_often(ArenaRecycler *recycler, size_t times, size_t bytes) {
    for (size_t i = 0; i < times; i++) {
        use(recycler, bytes);
    }
}

#endif
