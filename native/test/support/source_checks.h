/* SPDX-License-Identifier: Apache-2.0
 * source_checks.h - what holds for every page source, and what the system says of a mapping.
 * Layer: test support. May include: page_sources.h, mempool.h. */
#ifndef CORRAL_TEST_SUPPORT_SOURCE_CHECKS_H
#define CORRAL_TEST_SUPPORT_SOURCE_CHECKS_H

#include <stdio.h>
#include <string.h>

#include "corral/mempool.h"
#include "corral/page_sources.h"
#include "support/test.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

static inline bool is_zero(const unsigned char *bytes, size_t count) {
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0;
}

/* The source was made: no error is left in `error`. */
static inline bool source_is_made(const PageSource *source, const PageSourceError *error) {
    bool made = CHECK_TRUE(source != NULL);
    if (!made) {
        test_fail(__FILE__, __LINE__, "status=%d text=%s", (int)error->status, error->text);
        return false;
    }
    return CHECK_STATUS(error->status, CORRAL_OK) && CHECK_STR(error->text, "");
}

/* There is no source, for this reason, and the text has `part` in it. */
static inline void source_is_refused(const PageSource *source, const PageSourceError *error, CorralStatus status,
                                     const char *part) {
    CHECK_TRUE(source == NULL);
    CHECK_STATUS(error->status, status);
    if (!CHECK_TRUE(strstr(error->text, part) != NULL && strstr(error->text, ": ") != NULL)) {
        printf("    the text is: %s\n", error->text);
    }
}

static inline void *source_take(const PageSource *source, size_t bytes, size_t alignment) {
    unsigned char *pages = source->reserve(source->context, bytes, alignment);
    if (pages != NULL) {
        CHECK_EQ_U64((uintptr_t)pages % alignment, 0);
        CHECK_TRUE(is_zero(pages, bytes));
        memset(pages, 0xA5, bytes);
    }
    return pages;
}

static inline void source_give(const PageSource *source, void *pages, size_t bytes) {
    CHECK_TRUE(source->release(source->context, pages, bytes));
}

/* Zeroed, aligned, writable; zeroed again after a release; a discard that is not refused leaves zeros. */
static inline void check_source(const PageSource *source, size_t most) {
    for (size_t alignment = source->page_size; alignment <= most; alignment *= 2) {
        for (size_t bytes = source->page_size; bytes <= most;
             bytes = bytes * 3 / source->page_size * source->page_size) {
            for (int round = 0; round < 2; round++) {
                unsigned char *pages = source_take(source, bytes, alignment);
                REQUIRE_TRUE(pages != NULL);
                if (source->discard != NULL && source->discard(source->context, pages, bytes)) {
                    CHECK_TRUE(is_zero(pages, bytes));
                    memset(pages, 0x5A, bytes);
                }
                source_give(source, pages, bytes);
            }
        }
    }
}

/* A pool on the source serves blocks of all sizes that keep their bytes, and gives everything back. */
static inline void check_pool_on(const PageSource *source) {
    static const size_t sizes[] = {1, 100, 5000, 40 * KIB, 100 * KIB, 700 * KIB};
    enum { SIZES = sizeof sizes / sizeof sizes[0], ROUNDS = 3 };
    PoolConfig config = pool_config_default();
    config.source = source;
    config.retain = 0;
    Pool *pool = pool_create_with(&config);
    REQUIRE_TRUE(pool != NULL);
    for (size_t round = 0; round < ROUNDS; round++) {
        unsigned char *blocks[SIZES];
        for (size_t i = 0; i < SIZES; i++) {
            blocks[i] = pool_alloc(pool, sizes[i]);
            REQUIRE_TRUE(blocks[i] != NULL);
            memset(blocks[i], (int)i + 1, sizes[i]);
        }
        CHECK_STATUS(pool_check(pool), CORRAL_OK);
        for (size_t i = 0; i < SIZES; i++) {
            CHECK_EQ_U64(blocks[i][0], i + 1);
            CHECK_EQ_U64(blocks[i][sizes[i] - 1], i + 1);
            CHECK_STATUS(pool_free(pool, blocks[i]), CORRAL_OK);
        }
    }
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
}

#endif
