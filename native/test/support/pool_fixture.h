/* SPDX-License-Identifier: Apache-2.0
 * pool_fixture.h - a pool on fake pages that records its reports. Layer: test support. May include: mempool.h. */
#ifndef CORRAL_TEST_SUPPORT_POOL_FIXTURE_H
#define CORRAL_TEST_SUPPORT_POOL_FIXTURE_H

#include <stdio.h>

#include "corral/mempool.h"
#include "support/fake_pages.h"
#include "support/retry.h"
#include "support/test.h"

typedef struct PoolFixture {
    FakePages pages;
    Pool *pool;
    CorralStatus created;
    size_t reports;
    char report[512]; /* the latest one */
} PoolFixture;

static inline void fixture_report(void *context, const char *message) {
    PoolFixture *fixture = context;
    fixture->reports++;
    snprintf(fixture->report, sizeof fixture->report, "%s", message);
}

/* Prepares the fake pages and a configuration that uses them; change it, then call fixture_create(). */
static inline PoolConfig fixture_open(PoolFixture *fixture) {
    fake_pages_open(&fixture->pages);
    fixture->pool = NULL;
    fixture->created = CORRAL_OK;
    fixture->reports = 0;
    fixture->report[0] = '\0';
    PoolConfig config = pool_config_default();
    config.source = &fixture->pages.source;
    config.report = fixture_report;
    config.report_context = fixture;
    config.status = &fixture->created;
    return config;
}

static inline Pool *fixture_create(PoolFixture *fixture, const PoolConfig *config) {
    fixture->pool = pool_create_with(config);
    CHECK_STATUS(fixture->created, CORRAL_OK);
    CHECK_TRUE(fixture->pool != NULL);
    return fixture->pool;
}

/* A pool with the defaults. */
static inline Pool *fixture_default(PoolFixture *fixture) {
    PoolConfig config = fixture_open(fixture);
    return fixture_create(fixture, &config);
}

/* Checks and destroys the pool, and that all pages came back. */
static inline void fixture_close(PoolFixture *fixture) {
    CHECK_STATUS(pool_check(fixture->pool), CORRAL_OK);
    CHECK_STATUS(pool_destroy(fixture->pool), CORRAL_OK);
    fake_pages_close(&fixture->pages);
}

static inline PoolStats fixture_stats(const PoolFixture *fixture) {
    PoolStats stats;
    CHECK_STATUS(pool_stats(fixture->pool, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.reserved, stats.in_use + stats.free_bytes + stats.metadata);
    CHECK_EQ_U64(stats.reserved, fixture->pages.live_bytes);
    CHECK_EQ_U64(stats.live_blocks, stats.allocations - stats.frees);
    CHECK_LE_U64(stats.in_use, stats.peak_in_use);
    CHECK_LE_U64(stats.reserved, stats.peak_reserved);
    return stats;
}

#endif
