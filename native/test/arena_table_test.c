/* SPDX-License-Identifier: Apache-2.0
 * arena_table_test.c - the printed statistics, compared with the files of src/test/resources/tables, which the Java
 * tests compare with as well. */
#include <stdio.h>
#include <stdlib.h>

#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

#define TABLE_MAX ARENA_TABLE_MAX

/* --- the two ways to print ---------------------------------------------------------------------------------------- */

static void read_all(FILE *in, char *text) {
    size_t length = fread(text, 1, TABLE_MAX - 1, in);
    text[length] = '\0';
    fclose(in);
}

/* Prints into `text`, by both functions. */
static void print_into(const Arena *arena, char *text) {
    static char written[TABLE_MAX];
    text[0] = '\0';
    FILE *out = tmpfile();
    REQUIRE_TRUE(out != NULL);
    CHECK_STATUS(arena_stats_print(arena, out), CORRAL_OK);
    rewind(out);
    read_all(out, written);
    CHECK_EQ_U64(arena_stats_text(arena, text, TABLE_MAX), strlen(written));
    CHECK_STR(text, written);
}

static void check_layout(const char *text) {
    for (const char *line = text; *line != '\0';) {
        size_t width = strcspn(line, "\n");
        CHECK_LE_U64(width, 80);
        CHECK_TRUE(line[width] == '\n' && (width == 0 || line[width - 1] != ' '));
        line += width + 1;
    }
}

static void check_golden(const Arena *arena, const char *name) {
    static char expected[TABLE_MAX];
    static char actual[TABLE_MAX];
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.txt", CORRAL_TABLES, name);
    FILE *in = fopen(path, "rb");
    REQUIRE_TRUE(in != NULL);
    read_all(in, expected);
    print_into(arena, actual);
    if (!CHECK_TRUE(strcmp(actual, expected) == 0)) {
        printf("    expected in %s:\n%s    actual:\n%s", path, expected, actual);
    }
    check_layout(actual);
}

static Arena *named_arena(ArenaFixture *f, const char *name, size_t maximum_size) {
    ArenaConfig config = arena_config_default();
    config.name = name;
    config.maximum_size = maximum_size;
    return arena_fixture_with(f, &config);
}

/* --- golden files ------------------------------------------------------------------------------------------------- */

static void test_printed_statistics_of_a_new_arena(void) {
    ArenaFixture f;
    check_golden(arena_fixture_default(&f), "new");
    arena_fixture_close(&f);
}

static void test_printed_statistics(void) {
    ArenaFixture f;
    Arena *arena = named_arena(&f, "parser", 64 * KIB);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    CHECK_TRUE(arena_alloc(arena, 8 * KIB) != NULL);
    CHECK_TRUE(arena_alloc(arena, 50000) != NULL);
    CHECK_TRUE(arena_alloc(arena, 999984) != NULL);
    check_golden(arena, "parser");
    arena_fixture_close(&f);
}

/* Full, nearly full, nearly empty and empty chunks; more than have a row of their own. */
static void test_printed_statistics_of_many_chunks(void) {
    ArenaFixture f;
    Arena *arena = named_arena(&f, "many", 4 * KIB);
    for (size_t i = 0; i < 1200; i++) {
        CHECK_TRUE(arena_alloc(arena, 4096) != NULL);
    }
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    for (size_t i = 0; i < 21; i++) {
        CHECK_TRUE(arena_alloc(arena, i % 3 == 0 ? 4096 : i % 3 == 1 ? 4080 : 2056) != NULL);
    }
    CHECK_TRUE(arena_alloc(arena, 4096) != NULL);
    CHECK_TRUE(arena_alloc(arena, 1) != NULL);
    check_golden(arena, "many");
    arena_fixture_close(&f);
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

/* The largest numbers there are, put into a copy: only the printing is meant. */
static void test_printed_statistics_are_at_most_80_columns_wide(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    Arena saved;
    memcpy(&saved, arena, sizeof saved);
    ArenaChunk *table = calloc(ARENA_CHUNKS_MAX, sizeof *table);
    REQUIRE_TRUE(table != NULL);
    for (uint32_t i = 0; i < ARENA_CHUNKS_MAX; i++) {
        table[i] = (ArenaChunk){
            .capacity = ARENA_SIZE_LIMIT, .used = ARENA_SIZE_LIMIT, .position = i, .order = i & ARENA_REF_CHUNK_MASK};
    }
    memset(arena->name, 'W', ARENA_NAME_MAX);
    arena->allocated = arena->peak_allocated = arena->peak_used = arena->resets = UINT64_MAX;
    arena->control.count = arena->used_elsewhere = UINT64_MAX;
    arena->chunks = table;
    arena->chunk_count = arena->entered = ARENA_CHUNKS_MAX;
    arena->control.chunk = ARENA_CHUNKS_MAX;
    for (size_t bin = 0; bin < ARENA_GROWTH_BINS; bin++) {
        arena->growth[bin] = UINT32_MAX;
    }
    static char text[TABLE_MAX];
    print_into(arena, text);
    memcpy(arena, &saved, sizeof saved);
    free(table);
    check_layout(text);
    CHECK_TRUE(strstr(text, "18,446,744,073,709,551,615 bytes\n") != NULL);
    CHECK_TRUE(strstr(text, "4,294,967,295 chunks of >= 1,073,741,824 bytes\n") != NULL);
    CHECK_TRUE(strstr(text, "1,048,560 more   1,125,882,726,973,440 of 1,125,882,726,973,440 bytes\n") != NULL);
    arena_fixture_close(&f);
}

/* A name is data, not a format. */
static void test_printed_name_is_not_a_format(void) {
    ArenaFixture f;
    Arena *arena = named_arena(&f, "%s%n%d", 64 * KIB);
    static char text[TABLE_MAX];
    print_into(arena, text);
    CHECK_TRUE(strncmp(text, "arena %s%n%d\n", 13) == 0);
    arena_fixture_close(&f);
}

/* As snprintf(): the length is that of the whole table, and what fits is there. */
static void test_table_is_cut_to_the_room_there_is(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    static char whole[TABLE_MAX];
    size_t length = arena_stats_text(arena, whole, TABLE_MAX);
    CHECK_EQ_U64(strlen(whole), length);
    CHECK_EQ_U64(arena_stats_text(arena, NULL, TABLE_MAX), length);
    for (size_t room = 0; room <= length + 2 && test_failures() == 0; room++) {
        char *text = malloc(room + 1); /* so that AddressSanitizer sees a byte too many */
        REQUIRE_TRUE(text != NULL);
        memset(text, 'x', room + 1);
        CHECK_EQ_U64(arena_stats_text(arena, text, room), length);
        size_t kept = room == 0 ? 0 : room - 1 < length ? room - 1 : length;
        CHECK_TRUE(memcmp(text, whole, kept) == 0);
        CHECK_TRUE(room == 0 || text[kept] == '\0');
        CHECK_EQ_U64(text[room], 'x');
        free(text);
    }
    arena_fixture_close(&f);
}

static void test_table_of_no_arena_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    char text[8] = "before";
    CHECK_STATUS(arena_stats_print(arena, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_stats_print(NULL, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_stats_print(NULL, stdout), CORRAL_INVALID_ARENA);
    CHECK_EQ_U64(arena_stats_text(NULL, text, sizeof text), 0);
    CHECK_STR(text, "");
    arena_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_printed_statistics_of_a_new_arena), TEST_CASE(test_printed_statistics),
          TEST_CASE(test_printed_statistics_of_many_chunks),
          TEST_CASE(test_printed_statistics_are_at_most_80_columns_wide), TEST_CASE(test_printed_name_is_not_a_format),
          TEST_CASE(test_table_is_cut_to_the_room_there_is), TEST_CASE(test_table_of_no_arena_refused))
