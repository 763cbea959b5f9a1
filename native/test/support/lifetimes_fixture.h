/* SPDX-License-Identifier: Apache-2.0
 * lifetimes_fixture.h - a Lifetimes in a pool on fake pages, and what `--oom` does around its calls; see retry.h.
 * Layer: test support. May include: lifetimes.h, arena_fixture.h. */
#ifndef CORRAL_TEST_SUPPORT_LIFETIMES_FIXTURE_H
#define CORRAL_TEST_SUPPORT_LIFETIMES_FIXTURE_H

#include "corral/lifetimes.h"
#include "structures/lifetimes_parts.h"
#include "support/arena_fixture.h"

static inline Pool *pool_of_lifetimes(Lifetimes *lifetimes) {
    return lifetimes_pool(lifetimes);
}

REPEATING(Lifetimes *, lifetimes_create_with, result == NULL, config->given_pool, (const LifetimesConfig *config),
          (config))
REPEATING(void *, lifetimes_alloc, result == NULL, pool_of_lifetimes(lifetimes),
          (Lifetimes * lifetimes, Lifetime lifetime, size_t size), (lifetimes, lifetime, size))
REPEATING(void *, lifetimes_alloc_kind, result == NULL, pool_of_lifetimes(lifetimes),
          (Lifetimes * lifetimes, int kind, size_t size), (lifetimes, kind, size))
REPEATING(const char *, lifetimes_intern, result == NULL, pool_of_lifetimes(lifetimes),
          (Lifetimes * lifetimes, const char *text, size_t length), (lifetimes, text, length))

#define lifetimes_create_with repeat_lifetimes_create_with
#define lifetimes_alloc repeat_lifetimes_alloc
#define lifetimes_alloc_kind repeat_lifetimes_alloc_kind
#define lifetimes_intern repeat_lifetimes_intern

typedef struct LifetimesFixture {
    PoolFixture base;
    Lifetimes *lifetimes;
} LifetimesFixture;

/* In a pool that is given, so that the leak gates of the pool see everything. */
static inline Lifetimes *lifetimes_open(LifetimesFixture *f) {
    LifetimesConfig config = lifetimes_config_default();
    config.given_pool = fixture_default(&f->base);
    f->lifetimes = lifetimes_create_with(&config);
    CHECK_TRUE(f->lifetimes != NULL);
    return f->lifetimes;
}

/* Nothing may be left in the pool. */
static inline void lifetimes_close(LifetimesFixture *f) {
    CHECK_STATUS(lifetimes_check(f->lifetimes), CORRAL_OK);
    CHECK_STATUS(lifetimes_destroy(f->lifetimes), CORRAL_OK);
    CHECK_EQ_U64(fixture_stats(&f->base).live_blocks, 0);
    fixture_close(&f->base);
}

static inline LifetimesStats lifetimes_numbers(const Lifetimes *lifetimes) {
    LifetimesStats stats;
    CHECK_STATUS(lifetimes_stats(lifetimes, &stats), CORRAL_OK);
    return stats;
}

#endif
