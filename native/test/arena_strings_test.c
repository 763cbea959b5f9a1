/* SPDX-License-Identifier: Apache-2.0
 * arena_strings_test.c - copies of texts and formatted texts in arena memory. On fake pages. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <wchar.h>

#include "support/arena_fixture.h"
#include "support/test.h"

/* The text, and that its block is the latest one, of exactly its size rounded. */
static void check_text(const char *file, int line, const Arena *arena, const char *text, const char *expected,
                       size_t used_before) {
    test_eq_str(file, line, "text", text, expected);
    size_t rounded = (strlen(expected) + 1 + 15) / 16 * 16;
    test_eq_u64(file, line, "used", arena_total_used(arena), used_before + rounded);
    test_eq_i64(file, line, "arena_check(arena)", arena_check(arena), CORRAL_OK);
}

#define CHECK_TEXT(arena, call, expected)                                       \
    do {                                                                        \
        size_t used_before = arena_total_used(arena);                           \
        const char *made = (call);                                              \
        check_text(__FILE__, __LINE__, (arena), made, (expected), used_before); \
    } while (0)

/* --- copies ------------------------------------------------------------------------------------------------------- */

static void test_strdup_copies_text(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    char source[] = "corral";
    const char *copy = arena_strdup(arena, source);
    source[0] = 'x';
    CHECK_STR(copy, "corral");
    CHECK_TEXT(arena, arena_strdup(arena, "fifteen letters"), "fifteen letters");
    CHECK_TEXT(arena, arena_strdup(arena, "sixteen letters!"), "sixteen letters!");
    CHECK_TEXT(arena, arena_strdup(arena, copy), "corral");
    CHECK_EQ_U64(arena_allocation_count(arena), 4);
    arena_fixture_close(&f);
}

static void test_strdup_of_an_empty_text(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TEXT(arena, arena_strdup(arena, ""), "");
    CHECK_TEXT(arena, arena_strndup(arena, "", 5), "");
    CHECK_TEXT(arena, arena_strndup(arena, "", 0), "");
    CHECK_TEXT(arena, arena_sprintf(arena, "%s", ""), "");
    arena_fixture_close(&f);
}

static void test_strings_with_non_ascii_text(void) {
    static const char text[] = "na\xC3\xAFve \xE2\x82\xAC \xF0\x9F\x90\x8E \xE9\xA6\xAC";
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TEXT(arena, arena_strdup(arena, text), text);
    CHECK_TEXT(arena, arena_strndup(arena, text, 4), "na\xC3\xAF");
    CHECK_TEXT(arena, arena_strndup(arena, text, 3), "na\xC3"); /* lengths are bytes */
    CHECK_TEXT(arena, arena_strdup(arena, "\xFF\xFE no UTF-8 \x80"), "\xFF\xFE no UTF-8 \x80");
    CHECK_TEXT(arena, arena_sprintf(arena, "<%s>", text), "<na\xC3\xAFve \xE2\x82\xAC \xF0\x9F\x90\x8E \xE9\xA6\xAC>");
    arena_fixture_close(&f);
}

static void test_strndup_stops_at_the_length_or_a_nul(void) {
    static const char source[] = "abc\0def";
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TEXT(arena, arena_strndup(arena, source, 0), "");
    CHECK_TEXT(arena, arena_strndup(arena, source, 2), "ab");
    CHECK_TEXT(arena, arena_strndup(arena, source, 3), "abc");
    CHECK_TEXT(arena, arena_strndup(arena, source, 4), "abc");
    CHECK_TEXT(arena, arena_strndup(arena, source, sizeof source), "abc");
    CHECK_TEXT(arena, arena_strndup(arena, source, SIZE_MAX), "abc");
    arena_fixture_close(&f);
}

/* The source is a heap block of exactly its bytes: reading one more is reported. */
static void test_strndup_of_an_unterminated_source(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    char *source = malloc(5);
    REQUIRE_TRUE(source != NULL);
    memcpy(source, "horse", 5);
    CHECK_TEXT(arena, arena_strndup(arena, source, 5), "horse");
    CHECK_TEXT(arena, arena_strndup(arena, source, 1), "h");
    CHECK_TEXT(arena, arena_strndup(arena, source + 5, 0), "");
    free(source);
    arena_fixture_close(&f);
}

static void test_text_larger_than_the_chunk(void) {
    static char text[100001];
    memset(text, 'a', sizeof text - 1);
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TEXT(arena, arena_strdup(arena, text), text);
    CHECK_TEXT(arena, arena_sprintf(arena, "%s", text), text);
    CHECK_CHUNK(arena, 1, 100016, 100016);
    CHECK_CHUNK(arena, 2, 100016, 100016);
    CHECK_TEXT(arena, arena_strdup(arena, "short"), "short");
    CHECK_CHUNK(arena, 0, 4 * KIB, 16);
    arena_fixture_close(&f);
}

/* --- formatted ---------------------------------------------------------------------------------------------------- */

ARENA_PRINTF(2, 3) static char *call_vsprintf(Arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_vsprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

static void test_sprintf_formats(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TEXT(arena, arena_sprintf(arena, "no arguments, 100%%"), "no arguments, 100%");
    CHECK_TEXT(arena, arena_sprintf(arena, "%d %s %c %.2f %05zu", -7, "seven", '7', 7.0, (size_t)77),
               "-7 seven 7 7.00 00077");
    CHECK_TEXT(arena, arena_sprintf(arena, "%*.*s|", 6, 2, "abc"), "    ab|");
    CHECK_TEXT(arena, call_vsprintf(arena, "%s=%d", "key", 42), "key=42");
    CHECK_EQ_U64(arena_allocation_count(arena), 4);
    arena_fixture_close(&f);
}

/* Around the length up to which a text is formatted once, on the stack; every argument is read twice above it. */
static void test_sprintf_of_long_text(void) {
    static const int lengths[] = {1, 15, 16, 254, 255, 256, 257, 4000, 50000};
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        size_t length = (size_t)lengths[i];
        char *expected = malloc(length + 1);
        REQUIRE_TRUE(expected != NULL);
        memset(expected, ' ', length);
        expected[length - 1] = '7';
        expected[length] = '\0';
        CHECK_TEXT(arena, arena_sprintf(arena, "%*d", lengths[i], 7), expected);
        CHECK_TEXT(arena, call_vsprintf(arena, "%*d%s", lengths[i], 7, ""), expected);
        free(expected);
    }
    arena_fixture_close(&f);
}

static void test_sprintf_of_a_text_in_the_same_arena(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    const char *text = arena_strdup(arena, "ab");
    for (size_t length = 2; length < 1000; length *= 2) {
        const char *twice = arena_sprintf(arena, "%s%s", text, text);
        REQUIRE_TRUE(twice != NULL);
        CHECK_EQ_U64(strlen(twice), 2 * length);
        CHECK_TRUE(memcmp(twice, text, length) == 0 && memcmp(twice + length, text, length) == 0);
        text = twice;
    }
    arena_fixture_close(&f);
}

/* In the "C" locale no byte stands for this character: vsnprintf returns a negative number. */
static void test_text_that_cannot_be_encoded_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaPicture before = arena_picture(arena);
    CHECK_FAILS(arena, arena_sprintf(arena, "horse: %lc", (wint_t)0x1F40E), CORRAL_INVALID_ARGUMENT);
    CHECK_FAILS(arena, call_vsprintf(arena, "%ls", L"\x99AC"), CORRAL_INVALID_ARGUMENT);
    CHECK_FAILS(arena, arena_sprintf(arena, "%300d%lc", 1, (wint_t)0x1F40E), CORRAL_INVALID_ARGUMENT);
    CHECK_UNCHANGED(arena, &before);
    CHECK_TEXT(arena, arena_sprintf(arena, "%lc", (wint_t)L'h'), "h");
    arena_fixture_close(&f);
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

/* Without the attribute that lets the compiler refuse a NULL format. */
static char *(*const any_sprintf)(Arena *arena, const char *format, ...) = arena_sprintf;

static char *vsprintf_of_null(Arena *arena, ...) {
    char *(*const any_vsprintf)(Arena *, const char *, va_list) = arena_vsprintf;
    va_list arguments;
    va_start(arguments, arena);
    char *text = any_vsprintf(arena, NULL, arguments);
    va_end(arguments);
    return text;
}

static void test_null_text_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaPicture before = arena_picture(arena);
    CHECK_FAILS(arena, arena_strdup(arena, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_FAILS(arena, arena_strndup(arena, NULL, 3), CORRAL_INVALID_ARGUMENT);
    CHECK_FAILS(arena, arena_strndup(arena, NULL, 0), CORRAL_INVALID_ARGUMENT);
    CHECK_FAILS(arena, any_sprintf(arena, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_FAILS(arena, vsprintf_of_null(arena), CORRAL_INVALID_ARGUMENT);
    CHECK_UNCHANGED(arena, &before);
    arena_fixture_close(&f);
}

static void test_text_that_does_not_fit_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_fixed(&f, 64);
    CHECK_TEXT(arena, arena_strdup(arena, "0123456789"), "0123456789");
    ArenaPicture before = arena_picture(arena);
    CHECK_FAILS(arena, arena_strdup(arena, "0123456789012345678901234567890123456789012345678"), CORRAL_ARENA_FULL);
    CHECK_FAILS(arena, arena_sprintf(arena, "%50d", 1), CORRAL_ARENA_FULL);
    CHECK_FAILS(arena, arena_sprintf(arena, "%500d", 1), CORRAL_ARENA_FULL);
    CHECK_UNCHANGED(arena, &before);
    CHECK_TEXT(arena, arena_sprintf(arena, "%47d", 1), "                                              1");
    arena_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_strdup_copies_text), TEST_CASE(test_strdup_of_an_empty_text),
          TEST_CASE(test_strings_with_non_ascii_text), TEST_CASE(test_strndup_stops_at_the_length_or_a_nul),
          TEST_CASE(test_strndup_of_an_unterminated_source), TEST_CASE(test_text_larger_than_the_chunk),
          TEST_CASE(test_sprintf_formats), TEST_CASE(test_sprintf_of_long_text),
          TEST_CASE(test_sprintf_of_a_text_in_the_same_arena), TEST_CASE(test_text_that_cannot_be_encoded_refused),
          TEST_CASE(test_null_text_refused), TEST_CASE(test_text_that_does_not_fit_refused))
