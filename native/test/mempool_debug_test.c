/* SPDX-License-Identifier: Apache-2.0
 * mempool_debug_test.c - debug mode: what is damaged is found once and named exactly, and sound use is not reported. */
#include <string.h>

#include "corral/pool_debug.h"
#include "mempool/mempool_debug.h"
#include "support/pool_fixture.h"
#include "support/test.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

static const size_t sizes[] = {1, 60, 1000, 20 * KIB, 100 * KIB, 2 * MIB};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static Pool *open_debug(PoolFixture *f, size_t quarantine) {
    PoolConfig config = fixture_open(f);
    config.name = "watched";
    config.debug = true;
    config.debug_quarantine = quarantine;
    return fixture_create(f, &config);
}

/* The last report contains `part`. */
#define CHECK_REPORT(fixture, part)                                                                        \
    do {                                                                                                   \
        if (strstr((fixture)->report, (part)) == NULL) {                                                   \
            test_fail(__FILE__, __LINE__, "expected \"%s\" in the report: %s", (part), (fixture)->report); \
        }                                                                                                  \
    } while (0)

static bool holds(const unsigned char *bytes, size_t size, int value) {
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != value) {
            return false;
        }
    }
    return true;
}

/* Ends a test in which blocks are live or damaged on purpose, and pool_check() is not to find them. */
static void close_with(PoolFixture *f, CorralStatus expected) {
    CHECK_STATUS(pool_destroy(f->pool), expected);
    fake_pages_close(&f->pages);
}

/* --- sound use ---------------------------------------------------------------------------------------------------- */

static void test_debug_blocks_are_what_was_asked_for(void) {
    PoolFixture f;
    Pool *pool = open_debug(&f, MIB);
    for (size_t i = 0; i < SIZES; i++) {
        unsigned char *block = pool_alloc(pool, sizes[i]);
        REQUIRE_TRUE(block != NULL);
        CHECK_EQ_U64(pool_usable_size(pool, block), sizes[i]);
        CHECK_TRUE(holds(block, sizes[i], POOL_BYTE_NEW));
        CHECK_TRUE(holds(block + sizes[i], POOL_GUARD_BYTES, POOL_BYTE_GUARD));
        memset(block, 1, sizes[i]);
        unsigned char *zeros = pool_calloc(pool, 1, sizes[i]);
        CHECK_TRUE(holds(zeros, sizes[i], 0));
        CHECK_STATUS(pool_free(pool, zeros), CORRAL_OK);
        CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    }
    CHECK_EQ_U64(f.reports, 0);
    fixture_close(&f);
}

typedef struct Sound {
    unsigned char *block;
    size_t size;
} Sound;

static void sound_step(Pool *pool, Sound *sound, uint64_t *random) {
    size_t size = test_random_below(random, (size_t)16 << test_random_below(random, 14));
    if (sound->block == NULL) {
        sound->block = pool_alloc_aligned(pool, size, (size_t)1 << test_random_below(random, 9));
    } else if (test_random_below(random, 3) == 0) {
        sound->block = pool_realloc(pool, sound->block, size);
    } else {
        CHECK_STATUS(pool_free(pool, sound->block), CORRAL_OK);
        sound->block = NULL;
    }
    sound->size = sound->block != NULL ? size : 0;
    memset(sound->block != NULL ? sound->block : (unsigned char *)&size, 7, sound->size);
}

static void test_sound_use_is_not_reported(void) {
    enum { BLOCKS = 60 };
    static Sound sound[BLOCKS];
    memset(sound, 0, sizeof sound);
    PoolFixture f;
    Pool *pool = open_debug(&f, 256 * KIB);
    uint64_t random = 11;
    for (size_t step = 0; step < test_scaled(6000) && test_failures() == 0; step++) {
        sound_step(pool, &sound[test_random_below(&random, BLOCKS)], &random);
        if (step % 100 == 0) {
            CHECK_STATUS(pool_check(pool), CORRAL_OK);
            fixture_stats(&f);
        }
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        CHECK_STATUS(pool_free(pool, sound[i].block), CORRAL_OK);
    }
    CHECK_EQ_U64(fixture_stats(&f).in_use, 0);
    CHECK_EQ_U64(f.reports, 0);
    fixture_close(&f);
    CHECK_EQ_U64(f.reports, 0); /* nothing was left */
}

static void test_tags_need_no_debug_mode(void) {
    PoolFixture f;
    Pool *pool = fixture_default(&f);
    for (size_t i = 0; i < 10; i++) {
        void *block = POOL_ALLOC(pool, 100);
        CHECK_EQ_U64(pool_usable_size(pool, block), 112);
        CHECK_STATUS(POOL_FREE(pool, block), CORRAL_OK);
    }
    fixture_close(&f);
}

/* --- overruns ----------------------------------------------------------------------------------------------------- */

static void test_overrun_is_found_when_the_block_is_freed(void) {
    for (size_t i = 0; i < SIZES; i++) {
        PoolFixture f;
        Pool *pool = open_debug(&f, MIB);
        unsigned char *block = pool_alloc_tagged(pool, sizes[i], "parser.c:88");
        memcpy(block + sizes[i], "AB", 2);
        CHECK_STATUS(pool_free(pool, block), CORRAL_DAMAGED);
        CHECK_EQ_U64(f.reports, 1);
        char expected[128];
        snprintf(expected, sizeof expected, "size=%zu written=%zu..%zu bytes=4142 allocated=parser.c:88 freed=no",
                 sizes[i], sizes[i], sizes[i] + 1);
        CHECK_REPORT(&f, "corral: damage: kind=write-behind-block address=0x");
        CHECK_REPORT(&f, expected);
        CHECK_REPORT(&f, "pool=watched");
        CHECK_EQ_U64(fixture_stats(&f).live_blocks, 0); /* it was freed all the same */
        fixture_close(&f);
        CHECK_EQ_U64(f.reports, 1);
    }
}

static void test_damage_is_told_once(void) {
    PoolFixture f;
    Pool *pool = open_debug(&f, MIB);
    unsigned char *block = pool_alloc(pool, 40);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    block[47] = 0;
    CHECK_STATUS(pool_check(pool), CORRAL_DAMAGED);
    CHECK_STATUS(pool_check(pool), CORRAL_DAMAGED);
    CHECK_EQ_U64(f.reports, 1);
    CHECK_REPORT(&f, "written=47..47 bytes=00 allocated=unknown");
    CHECK_STATUS(pool_free(pool, block), CORRAL_DAMAGED);
    CHECK_EQ_U64(f.reports, 1);
    fixture_close(&f);
}

static void test_much_damage_is_counted(void) {
    PoolFixture f;
    Pool *pool = open_debug(&f, MIB);
    for (size_t i = 0; i < DEBUG_LINES + 5; i++) {
        unsigned char *block = pool_alloc(pool, 40);
        block[40] = 1;
    }
    CHECK_STATUS(pool_check(pool), CORRAL_DAMAGED);
    CHECK_EQ_U64(f.reports, DEBUG_LINES + 1);
    CHECK_REPORT(&f, "5 more findings");
    close_with(&f, CORRAL_DAMAGED);
}

/* --- writes to freed blocks --------------------------------------------------------------------------------------- */

typedef enum Look { LOOK_TRIM, LOOK_CHECK, LOOK_DESTROY, LOOK_REUSE, LOOKS } Look;

static void look(PoolFixture *f, Look how) {
    if (how == LOOK_TRIM) {
        pool_trim(f->pool, SIZE_MAX);
    } else if (how == LOOK_CHECK) {
        CHECK_STATUS(pool_check(f->pool), CORRAL_DAMAGED);
    } else if (how == LOOK_REUSE) {
        void *large = pool_alloc(f->pool, 4 * MIB); /* more than the quarantine; may use it up for lack of memory */
        CorralStatus expected = f->reports != 0 ? CORRAL_OK : CORRAL_DAMAGED;
        CHECK_STATUS(pool_free(f->pool, large), expected);
    }
}

static void test_write_to_a_freed_block_is_found(void) {
    for (size_t i = 0; i < SIZES * LOOKS; i++) {
        size_t size = sizes[i % SIZES];
        PoolFixture f;
        Pool *pool = open_debug(&f, 3 * MIB);
        unsigned char *block = pool_alloc_tagged(pool, size, "a.c:1");
        CHECK_STATUS(pool_free_tagged(pool, block, "b.c:2"), CORRAL_OK);
        block[size / 2] = 0x55;
        Look how = (Look)(i / SIZES);
        look(&f, how);
        close_with(&f, how == LOOK_CHECK || how == LOOK_DESTROY ? CORRAL_DAMAGED : CORRAL_OK);
        char expected[128];
        snprintf(expected, sizeof expected, "size=%zu written=%zu..%zu bytes=55 allocated=a.c:1 freed=b.c:2", size,
                 size / 2, size / 2);
        CHECK_EQ_U64(f.reports, 1);
        CHECK_REPORT(&f, "corral: damage: kind=write-after-free address=0x");
        CHECK_REPORT(&f, expected);
    }
}

static void test_stale_pointer_after_realloc_is_found(void) {
    PoolFixture f;
    Pool *pool = open_debug(&f, MIB);
    unsigned char *block = pool_alloc(pool, 100);
    memset(block, 3, 100);
    unsigned char *resized = pool_realloc(pool, block, 101); /* it would have room in its slot */
    CHECK_TRUE(resized != NULL && resized != block);
    CHECK_TRUE(holds(resized, 100, 3));
    block[0] = 4;
    CHECK_STATUS(pool_check(pool), CORRAL_DAMAGED);
    CHECK_REPORT(&f, "kind=write-after-free");
    close_with(&f, CORRAL_DAMAGED);
}

static void test_quarantine_puts_reuse_off(void) {
    PoolFixture f;
    Pool *pool = open_debug(&f, 10 * 64);
    void *first = pool_alloc(pool, 48); /* and 16 bytes of guards */
    CHECK_STATUS(pool_free(pool, first), CORRAL_OK);
    for (size_t i = 0; i < 9; i++) {
        void *block = pool_alloc(pool, 48);
        CHECK_TRUE(block != first);
        CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    }
    CHECK_EQ_U64(pool->debug->quarantined, 10);
    CHECK_STATUS(pool_free(pool, pool_alloc(pool, 48)), CORRAL_OK); /* the eleventh */
    CHECK_EQ_U64(pool->debug->quarantined, 10);
    CHECK_EQ_PTR(pool_alloc(pool, 48), first);
    PoolStats stats = fixture_stats(&f);
    CHECK_EQ_U64(stats.in_use, 64);
    CHECK_EQ_U64(stats.live_blocks, 1);
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    pool_trim(pool, 0);
    CHECK_EQ_U64(pool->debug->quarantined, 0);
    close_with(&f, CORRAL_OK);
}

/* --- wrong frees -------------------------------------------------------------------------------------------------- */

static void test_double_free_names_who_and_where(void) {
    PoolFixture f;
    Pool *pool = open_debug(&f, 8 * MIB);
    for (size_t i = 0; i < SIZES; i++) {
        void *block = pool_alloc_tagged(pool, sizes[i], "a.c:1");
        CHECK_STATUS(pool_free_tagged(pool, block, "b.c:2"), CORRAL_OK);
        CHECK_STATUS(pool_free_tagged(pool, block, "c.c:3"), CORRAL_DOUBLE_FREE);
        CHECK_REPORT(&f, "corral: refused free: reason=double-free address=0x");
        CHECK_REPORT(&f, "allocated=a.c:1 freed=b.c:2 again=c.c:3 pool=watched");
        void *pin;
        CHECK_STATUS(pool_pin(pool, block, &pin), CORRAL_FOREIGN_POINTER);
        CHECK_EQ_U64(pool_usable_size(pool, block), 0);
        CHECK_EQ_PTR(pool_realloc(pool, block, 5), NULL);
    }
    CHECK_EQ_U64(fixture_stats(&f).refused_frees, SIZES);
    fixture_close(&f);
}

static void test_wrong_pointers_are_refused_in_debug_mode(void) {
    PoolFixture f;
    Pool *pool = open_debug(&f, 0); /* nothing waits: the record of a freed block is gone at once */
    unsigned char *neighbour = pool_alloc(pool, 100);
    unsigned char *block = pool_alloc(pool, 100);
    CHECK_STATUS(pool_free(pool, &f), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(pool_free(pool, block + 16), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    CHECK_STATUS(pool_free(pool, block), CORRAL_DOUBLE_FREE);
    CHECK_STATUS(pool_free(pool, NULL), CORRAL_OK);
    CHECK_EQ_U64(f.reports, 3);
    CHECK_STATUS(pool_free(pool, neighbour), CORRAL_OK);
    fixture_close(&f);
}

/* --- leaks -------------------------------------------------------------------------------------------------------- */

typedef struct Lines {
    size_t count;
    char text[8][DEBUG_LINE_BYTES];
    char last[DEBUG_LINE_BYTES];
} Lines;

static void keep_line(void *context, const char *line) {
    Lines *lines = context;
    if (lines->count < 8) {
        snprintf(lines->text[lines->count], DEBUG_LINE_BYTES, "%s", line);
    }
    snprintf(lines->last, DEBUG_LINE_BYTES, "%s", line);
    lines->count++;
}

static bool has_line(const Lines *lines, const char *part) {
    for (size_t i = 0; i < lines->count && i < 8; i++) {
        if (strstr(lines->text[i], part) != NULL) {
            return true;
        }
    }
    return false;
}

static void test_destroy_lists_what_was_not_freed(void) {
    static Lines lines;
    lines.count = 0;
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.debug = true;
    config.report = keep_line;
    config.report_context = &lines;
    Pool *pool = fixture_create(&f, &config);
    for (size_t i = 0; i < 300; i++) {
        CHECK_TRUE(pool_alloc_tagged(pool, 10 + i % 2, i % 3 == 0 ? "a.c:1" : "b.c:2") != NULL);
    }
    void *freed = POOL_ALLOC(pool, 50);
    CHECK_TRUE(pool_alloc(pool, 5 * MIB) != NULL);
    CHECK_STATUS(POOL_FREE(pool, freed), CORRAL_OK);
    CHECK_EQ_U64(lines.count, 0);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    CHECK_EQ_U64(lines.count, 3);
    CHECK_TRUE(has_line(&lines, "corral: not freed: blocks=100 bytes=1050 allocated=a.c:1 example=0x"));
    CHECK_TRUE(has_line(&lines, "blocks=200 bytes=2100 allocated=b.c:2"));
    CHECK_TRUE(has_line(&lines, "blocks=1 bytes=5242880 allocated=unknown"));
    fake_pages_close(&f.pages);
}

static void test_macros_tag_with_file_and_line(void) {
    PoolFixture f;
    Pool *pool = open_debug(&f, MIB);
    unsigned char *block = POOL_ALLOC(pool, 30);
    unsigned line = __LINE__ - 1;
    block[30] = 0;
    CHECK_STATUS(pool_free(pool, block), CORRAL_DAMAGED);
    char expected[64];
    snprintf(expected, sizeof expected, "mempool_debug_test.c:%u freed=no", line);
    CHECK_REPORT(&f, expected);
    fixture_close(&f);
}

/* --- with other features ------------------------------------------------------------------------------------------ */

static void test_quarantine_is_used_when_memory_is_short(void) {
    PoolFixture f;
    Pool *pool = open_debug(&f, 8 * MIB);
    unsigned char *block = pool_alloc(pool, 900 * KIB);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    block[5] = 0;
    f.pages.byte_limit = f.pages.live_bytes;
    void *next = pool_alloc(pool, 900 * KIB);
    f.pages.byte_limit = SIZE_MAX;
    CHECK_EQ_PTR(next, block);
    CHECK_EQ_U64(f.reports, 1);
    CHECK_REPORT(&f, "kind=write-after-free");
    CHECK_STATUS(pool_free(pool, next), CORRAL_OK);
    fixture_close(&f);
}

static void test_held_block_is_watched_when_it_is_let_go(void) {
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.debug = config.quarantine = true;
    Pool *pool = fixture_create(&f, &config);
    unsigned char *block = pool_alloc(pool, 100);
    CHECK_STATUS(pool_hold(pool, block), CORRAL_OK);
    CHECK_STATUS(pool_free(pool, block), CORRAL_OK);
    CHECK_STATUS(pool_free(pool, block), CORRAL_DOUBLE_FREE);
    memset(block, 1, 101);
    CHECK_STATUS(pool_check(pool), CORRAL_DAMAGED);
    pool_let_go(pool, block);
    CHECK_REPORT(&f, "kind=write-behind-block");
    CHECK_EQ_U64(fixture_stats(&f).in_use, 0);
    void *held = pool_alloc(pool, 10);
    CHECK_STATUS(pool_hold(pool, held), CORRAL_OK);
    CHECK_STATUS(pool_free(pool, held), CORRAL_OK);
    size_t reports = f.reports;
    fixture_close(&f);
    CHECK_EQ_U64(f.reports, reports); /* what was freed is no leak */
}

static void test_debug_mode_is_said(void) {
    PoolFixture f;
    CHECK_TRUE(pool_is_debug(open_debug(&f, 0)));
    fixture_close(&f);
    CHECK_TRUE(!pool_is_debug(fixture_default(&f)));
    fixture_close(&f);
    CHECK_TRUE(!pool_is_debug(NULL));
}

static void test_long_tags_keep_their_end(void) {
    PoolFixture f;
    Pool *pool = open_debug(&f, MIB);
    unsigned char *block = pool_alloc_tagged(
        pool, 8, "/a/very/long/path/that/nobody/wants/to/read/in/full/in/a/report/of/a/leak/file.c:12");
    block[8] = 0;
    CHECK_STATUS(pool_free(pool, block), CORRAL_DAMAGED);
    CHECK_REPORT(&f, " allocated=/path/that/nobody/wants/to/read/in/full/in/a/report/of/a/leak/file.c:12 ");
    fixture_close(&f);
}

static void test_leaks_with_many_tags_have_a_sum(void) {
    static Lines lines;
    lines.count = 0;
    PoolFixture f;
    PoolConfig config = fixture_open(&f);
    config.debug = true;
    config.report = keep_line;
    config.report_context = &lines;
    Pool *pool = fixture_create(&f, &config);
    for (int i = 0; i < 100; i++) {
        char tag[16];
        snprintf(tag, sizeof tag, "tag%d", i / 2);
        CHECK_TRUE(pool_alloc_tagged(pool, 10, tag) != NULL);
    }
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    CHECK_EQ_U64(lines.count, 17);
    CHECK_TRUE(strstr(lines.last, "corral: not freed: blocks=68 bytes=680 allocated=elsewhere") != NULL);
    fake_pages_close(&f.pages);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static bool use_with_little_memory(FakePages *fake, void *context) {
    enum { COUNT = 400 };
    (void)context;
    PoolConfig config = pool_config_default();
    config.source = &fake->source;
    config.debug = true;
    config.debug_quarantine = 64 * KIB;
    config.region_size = 128 * KIB;
    Pool *pool = pool_create_with(&config);
    if (pool == NULL) {
        return false;
    }
    bool complete = true;
    void *blocks[COUNT] = {NULL};
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = pool_alloc(pool, 1 + i * 37 % 3000);
        complete &= blocks[i] != NULL;
        if (i % 3 == 2) {
            CHECK_STATUS(pool_free(pool, blocks[i - 1]), CORRAL_OK);
        }
        if (i % 50 == 0) {
            CHECK_STATUS(pool_check(pool), CORRAL_OK);
        }
    }
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    return complete;
}

static void test_debug_mode_survives_failing_page_calls(void) {
    CHECK_TRUE(for_each_failing_page(use_with_little_memory, NULL) > 10);
}

TEST_MAIN(TEST_CASE(test_debug_blocks_are_what_was_asked_for), TEST_CASE(test_sound_use_is_not_reported),
          TEST_CASE(test_tags_need_no_debug_mode), TEST_CASE(test_overrun_is_found_when_the_block_is_freed),
          TEST_CASE(test_damage_is_told_once), TEST_CASE(test_much_damage_is_counted),
          TEST_CASE(test_write_to_a_freed_block_is_found), TEST_CASE(test_stale_pointer_after_realloc_is_found),
          TEST_CASE(test_quarantine_puts_reuse_off), TEST_CASE(test_double_free_names_who_and_where),
          TEST_CASE(test_wrong_pointers_are_refused_in_debug_mode), TEST_CASE(test_destroy_lists_what_was_not_freed),
          TEST_CASE(test_macros_tag_with_file_and_line), TEST_CASE(test_quarantine_is_used_when_memory_is_short),
          TEST_CASE(test_held_block_is_watched_when_it_is_let_go), TEST_CASE(test_debug_mode_is_said),
          TEST_CASE(test_long_tags_keep_their_end), TEST_CASE(test_leaks_with_many_tags_have_a_sum),
          TEST_CASE(test_debug_mode_survives_failing_page_calls))
