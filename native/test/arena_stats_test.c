/* SPDX-License-Identifier: Apache-2.0
 * arena_stats_test.c - what an arena tells about itself: numbers, the printed table, single chunks. On fake pages. */
#include <stdio.h>

#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static void check_identities(const Arena *arena) {
    ArenaStats stats;
    CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.allocated, stats.used + stats.waste);
    CHECK_LE_U64(stats.used, stats.peak_used);
    CHECK_LE_U64(stats.allocated, stats.peak_allocated);
    CHECK_EQ_U64(stats.allocated, arena_total_allocated(arena));
    CHECK_EQ_U64(stats.used, arena_total_used(arena));
    CHECK_EQ_U64(stats.waste, arena_waste(arena));
    CHECK_EQ_U64(stats.chunks, arena_chunk_count(arena));
    CHECK_EQ_U64(stats.count, arena_allocation_count(arena));
    CHECK_EQ_U64(stats.peak_used, arena_peak_used(arena));
    size_t allocated = 0;
    size_t used = 0;
    for (size_t i = 0; i < stats.chunks; i++) {
        ChunkView view = chunk_view(arena, i);
        allocated += view.capacity;
        used += view.used;
    }
    CHECK_EQ_U64(stats.allocated, allocated);
    CHECK_EQ_U64(stats.used, used);
}

static void test_allocated_is_used_plus_waste(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    uint64_t random = 9;
    for (size_t i = 0; i < 2000 && test_failures() == 0; i++) {
        size_t size = test_random_below(&random, i % 40 == 0 ? 70000 : 500);
        CHECK_TRUE(arena_alloc_aligned(arena, size, (size_t)1 << test_random_below(&random, 9)) != NULL);
        if (i % 300 == 299) {
            CHECK_STATUS(i % 900 == 899 ? arena_clear(arena) : arena_reset(arena), CORRAL_OK);
        }
        check_identities(arena);
    }
    arena_fixture_close(&f);
}

static void test_resets_counts_resets_and_clears(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    for (size_t i = 0; i < 3; i++) {
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
        CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    }
    ArenaStats stats;
    CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.resets, 6);
    arena_fixture_close(&f);
}

static void test_peak_allocated_survives_clear(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 100000) != NULL);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_TRUE(arena_alloc(arena, 50000) != NULL);
    ArenaStats stats;
    CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.allocated, 54096);
    CHECK_EQ_U64(stats.peak_allocated, 104096);
    CHECK_EQ_U64(stats.peak_used, 100000);
    arena_fixture_close(&f);
}

static void test_statistics_into_nothing_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_STATUS(arena_stats(arena, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_stats(NULL, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_stats_print(arena, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_stats_print(NULL, NULL), CORRAL_INVALID_ARGUMENT);
    arena_fixture_close(&f);
}

/* --- single chunks ------------------------------------------------------------------------------------------------ */

static void test_chunk_tells_base_capacity_and_use(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    char *first = arena_alloc(arena, 100);
    char *side = arena_alloc(arena, 50000);
    CHECK_CHUNK(arena, 0, 4 * KIB, 112);
    CHECK_CHUNK(arena, 1, 50000, 50000);
    CHECK_EQ_PTR((void *)chunk_view(arena, 0).base, first);
    CHECK_EQ_PTR((void *)chunk_view(arena, 1).base, side);
    for (size_t i = 0; i < 2; i++) {
        CHECK_EQ_U64(chunk_view(arena, i).base % ARENA_CHUNK_ALIGNMENT, 0);
    }
    arena_fixture_close(&f);
}

static void test_chunk_out_of_range_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    void *base;
    size_t capacity;
    size_t used;
    CHECK_STATUS(arena_chunk(arena, 0, &base, &capacity, &used), CORRAL_OK);
    CHECK_STATUS(arena_chunk(arena, 1, &base, &capacity, &used), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_chunk(arena, (size_t)UINT32_MAX + 1, &base, &capacity, &used), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_chunk(arena, SIZE_MAX, &base, &capacity, &used), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_chunk(arena, 0, NULL, &capacity, &used), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_chunk(arena, 0, &base, NULL, &used), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_chunk(arena, 0, &base, &capacity, NULL), CORRAL_INVALID_ARGUMENT);
    arena_fixture_close(&f);
}

/* --- printed ------------------------------------------------------------------------------------------------------ */

#define PRINTED_MAX 8192

/* Prints into `text`. */
static void print_into(const Arena *arena, char *text) {
    text[0] = '\0';
    FILE *out = tmpfile();
    REQUIRE_TRUE(out != NULL);
    CHECK_STATUS(arena_stats_print(arena, out), CORRAL_OK);
    rewind(out);
    size_t length = fread(text, 1, PRINTED_MAX - 1, out);
    text[length] = '\0';
    fclose(out);
}

static void check_layout(const char *text) {
    for (const char *line = text; *line != '\0';) {
        size_t width = strcspn(line, "\n");
        CHECK_LE_U64(width, 80);
        CHECK_TRUE(line[width] == '\n' && (width == 0 || line[width - 1] != ' '));
        line += width + 1;
    }
}

static void test_printed_statistics(void) {
    static const char expected[] = "arena parser\n"
                                   "  allocated                         1,062,272 bytes\n"
                                   "  used                              1,058,192 bytes\n"
                                   "  waste                                 4,080 bytes\n"
                                   "  peak used                         1,058,192 bytes\n"
                                   "  peak allocated                    1,062,272 bytes\n"
                                   "  chunks                                    4\n"
                                   "  allocations                               4\n"
                                   "  resets                                    1\n"
                                   "  grown by                                  1 chunks of >= 4,096 bytes\n"
                                   "  grown by                                  1 chunks of >= 8,192 bytes\n"
                                   "  grown by                                  1 chunks of >= 32,768 bytes\n"
                                   "  grown by                                  1 chunks of >= 524,288 bytes\n";
    ArenaFixture f;
    ArenaConfig config = arena_config_default();
    config.name = "parser";
    Arena *arena = arena_fixture_with(&f, &config);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    CHECK_TRUE(arena_alloc(arena, 8 * KIB) != NULL);
    CHECK_TRUE(arena_alloc(arena, 50000) != NULL);
    CHECK_TRUE(arena_alloc(arena, 999984) != NULL);
    static char text[PRINTED_MAX];
    print_into(arena, text);
    CHECK_STR(text, expected);
    check_layout(text);
    arena_fixture_close(&f);
}

static void test_printed_statistics_of_a_new_arena(void) {
    static const char expected[] = "arena arena\n"
                                   "  allocated                             4,096 bytes\n"
                                   "  used                                      0 bytes\n"
                                   "  waste                                 4,096 bytes\n"
                                   "  peak used                                 0 bytes\n"
                                   "  peak allocated                        4,096 bytes\n"
                                   "  chunks                                    1\n"
                                   "  allocations                               0\n"
                                   "  resets                                    0\n"
                                   "  grown by                                  1 chunks of >= 4,096 bytes\n";
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    static char text[PRINTED_MAX];
    print_into(arena, text);
    CHECK_STR(text, expected);
    arena_fixture_close(&f);
}

/* The largest numbers there are, put into a copy: only the printing is meant. */
static void test_printed_statistics_are_at_most_80_columns_wide(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    Arena saved;
    memcpy(&saved, arena, sizeof saved);
    memset(arena->name, 'W', ARENA_NAME_MAX);
    arena->allocated = arena->peak_allocated = arena->peak_used = arena->resets = UINT64_MAX;
    arena->control.count = arena->used_elsewhere = UINT64_MAX;
    arena->chunk_count = UINT32_MAX;
    for (size_t bin = 0; bin < ARENA_GROWTH_BINS; bin++) {
        arena->growth[bin] = UINT32_MAX;
    }
    static char text[PRINTED_MAX];
    print_into(arena, text);
    memcpy(arena, &saved, sizeof saved);
    check_layout(text);
    CHECK_TRUE(strstr(text, "18,446,744,073,709,551,615 bytes\n") != NULL);
    CHECK_TRUE(strstr(text, "4,294,967,295 chunks of >= 1,073,741,824 bytes\n") != NULL);
    arena_fixture_close(&f);
}

/* A name is data, not a format. */
static void test_printed_name_is_not_a_format(void) {
    ArenaFixture f;
    ArenaConfig config = arena_config_default();
    config.name = "%s%n%d";
    Arena *arena = arena_fixture_with(&f, &config);
    static char text[PRINTED_MAX];
    print_into(arena, text);
    CHECK_TRUE(strncmp(text, "arena %s%n%d\n", 13) == 0);
    arena_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_allocated_is_used_plus_waste), TEST_CASE(test_resets_counts_resets_and_clears),
          TEST_CASE(test_peak_allocated_survives_clear), TEST_CASE(test_statistics_into_nothing_refused),
          TEST_CASE(test_chunk_tells_base_capacity_and_use), TEST_CASE(test_chunk_out_of_range_refused),
          TEST_CASE(test_printed_statistics), TEST_CASE(test_printed_statistics_of_a_new_arena),
          TEST_CASE(test_printed_statistics_are_at_most_80_columns_wide), TEST_CASE(test_printed_name_is_not_a_format))
