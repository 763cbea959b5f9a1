/* SPDX-License-Identifier: Apache-2.0
 * arena_string_test.c - ArenaString: growing in place and moving, finishing, what makes it stale, and without
 * memory. */
#include <stdio.h>

#include "arena/release_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

static char *finish(const char *file, int line, ArenaString *string, const char *expected) {
    size_t length = 12345;
    char *text = arena_string_finish(string, &length);
    if (test_true(file, line, "finished", text != NULL)) {
        test_eq_str(file, line, "text", text, expected);
        test_eq_u64(file, line, "length", length, strlen(expected));
    }
    test_true(file, line, "the string is over", string->arena == NULL && string->text == NULL);
    return text;
}

#define CHECK_FINISHES(string, expected) finish(__FILE__, __LINE__, (string), (expected))
#define APPEND(string, text) CHECK_STATUS(arena_string_append((string), (text)), CORRAL_OK)

/* --- growing ------------------------------------------------------------------------------------------------------ */

static void test_string_grows_in_place_at_the_end(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 100) != NULL);
    ArenaString string = arena_string_begin(arena);
    CHECK_EQ_U64(arena_total_used(arena), 112);
    APPEND(&string, "first");
    const char *text = string.text;
    CHECK_SPOT(arena, text, 0, 112);
    for (int i = 0; i < 200; i++) {
        CHECK_STATUS(arena_string_append_format(&string, ", %d", i), CORRAL_OK);
        CHECK_EQ_U64(strlen(string.text), string.length);
    }
    CHECK_EQ_PTR(string.text, text);
    CHECK_EQ_U64(arena_allocation_count(arena), 2);
    size_t length = string.length;
    CHECK_EQ_PTR(arena_string_finish(&string, NULL), text);
    CHECK_EQ_U64(arena_total_used(arena), 112 + (length + 1 + 15) / 16 * 16);
    arena_fixture_close(&f);
}

static void test_string_is_of_exactly_its_size(void) {
    for (size_t length = 0; length <= 40; length++) {
        ArenaFixture f;
        Arena *arena = arena_fixture_default(&f);
        ArenaString string = arena_string_begin(arena);
        char expected[64] = "";
        for (size_t i = 0; i < length; i++) {
            expected[i] = (char)('a' + i % 26);
            CHECK_STATUS(arena_string_append_bytes(&string, &expected[i], 1), CORRAL_OK);
        }
        CHECK_FINISHES(&string, expected);
        CHECK_EQ_U64(arena_total_used(arena), (length + 16) / 16 * 16);
        CHECK_EQ_U64(arena_allocation_count(arena), 1);
        arena_fixture_close(&f);
    }
}

/* The room doubles when something lies behind it: few moves, and all of the text. */
static void test_string_moves_when_something_lies_behind_it(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaString string = arena_string_begin(arena);
    char expected[2001] = "";
    size_t moves = 0;
    const char *last = NULL;
    for (size_t i = 0; i < 1000; i++) {
        APPEND(&string, "xy");
        strcat(expected, "xy");
        moves += string.text != last ? 1 : 0;
        last = string.text;
        unsigned char *behind = arena_alloc(arena, 1);
        *behind = 0xFF;
    }
    CHECK_LE_U64(moves, 9);
    CHECK_FINISHES(&string, expected);
    arena_fixture_close(&f);
}

static void test_string_larger_than_every_chunk(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaString string = arena_string_begin(arena);
    char piece[1000];
    memset(piece, 'p', sizeof piece);
    for (size_t i = 0; i < 1000; i++) {
        CHECK_STATUS(arena_string_append_bytes(&string, piece, sizeof piece), CORRAL_OK);
    }
    CHECK_EQ_U64(string.length, 1000000);
    CHECK_LE_U64(arena_total_used(arena), 2100000); /* rooms that double */
    size_t length;
    const char *text = arena_string_finish(&string, &length);
    CHECK_TRUE(text != NULL && strlen(text) == 1000000 && strspn(text, "p") == length);
    arena_fixture_close(&f);
}

static void test_string_appends_itself(void) {
    ArenaFixture f;
    ArenaConfig config = arena_config_default();
    config.poison = true;
    Arena *arena = arena_fixture_with(&f, &config);
    ArenaString string = arena_string_begin(arena);
    APPEND(&string, "ab");
    for (int i = 0; i < 13; i++) { /* past the end of several chunks */
        CHECK_STATUS(arena_string_append_bytes(&string, string.text, string.length), CORRAL_OK);
    }
    CHECK_EQ_U64(string.length, 16384);
    for (size_t i = 0; i < string.length; i++) {
        if (string.text[i] != "ab"[i % 2]) {
            CHECK_EQ_U64(i, SIZE_MAX);
            break;
        }
    }
    arena_fixture_close(&f);
}

static void test_strings_side_by_side(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaString a = arena_string_begin(arena), b = arena_string_begin(arena);
    for (int i = 0; i < 100; i++) {
        CHECK_STATUS(arena_string_append_format(&a, "%c", 'a' + i % 26), CORRAL_OK);
        CHECK_STATUS(arena_string_append_format(&b, "%d", i % 10), CORRAL_OK);
    }
    char *first = arena_string_finish(&a, NULL);
    char *second = arena_string_finish(&b, NULL);
    CHECK_TRUE(strncmp(first, "abcdefg", 7) == 0 && strlen(first) == 100);
    CHECK_TRUE(strncmp(second, "0123456789", 10) == 0 && strlen(second) == 100);
    CHECK_EQ_U64(arena->releases->count, 0);
    arena_fixture_close(&f);
}

static void test_format_beyond_the_room(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_fixed(&f, 64);
    ArenaString string = arena_string_begin(arena);
    CHECK_STATUS(arena_string_append_format(&string, "%s", "0123456789"), CORRAL_OK);
    CHECK_STATUS(arena_string_append_format(&string, "%060d", 1), CORRAL_ARENA_FULL);
    CHECK_STR(string.text, "0123456789");
    CHECK_STATUS(arena_string_append_format(&string, "%053d", 1), CORRAL_OK); /* all of it */
    CHECK_EQ_U64(string.length, 63);
    CHECK_STATUS(arena_string_append(&string, "x"), CORRAL_ARENA_FULL);
    CHECK_STATUS(arena_string_append(&string, ""), CORRAL_OK);
    CHECK_EQ_U64(strlen(arena_string_finish(&string, NULL)), 63);
    arena_fixture_close(&f);
}

static void test_discarded_string_gives_its_room_back(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    ArenaMark mark = arena_mark(arena);
    ArenaString string = arena_string_begin(arena);
    APPEND(&string, "this is not needed");
    arena_string_discard(&string);
    CHECK_TRUE(string.arena == NULL);
    CHECK_EQ_U64(arena_total_used(arena), 16);
    CHECK_EQ_U64(arena_allocation_count(arena), 1);
    CHECK_EQ_U64(arena_mark(arena).id, mark.id);
    arena_string_discard(&string);
    arena_string_discard(NULL);
    string = arena_string_begin(arena);
    APPEND(&string, "nor this");
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    arena_string_discard(&string);
    CHECK_EQ_U64(arena_total_used(arena), 48);
    arena_fixture_close(&f);
}

static void test_string_in_debug_mode(void) {
    ArenaFixture f;
    ArenaConfig config = arena_config_default();
    config.debug = true;
    Arena *arena = arena_fixture_with(&f, &config);
    ArenaString string = arena_string_begin(arena);
    for (int i = 0; i < 500; i++) {
        APPEND(&string, "0123456789");
    }
    CHECK_LE_U64(arena_allocation_count(arena), 12);
    CHECK_EQ_U64(strlen(arena_string_finish(&string, NULL)), 5000);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    arena_fixture_close(&f);
}

/* --- stale strings ------------------------------------------------------------------------------------------------ */

static void refused(const char *file, int line, ArenaString *string, CorralStatus status) {
    const ArenaString before = *string;
    test_eq_i64(file, line, "append", arena_string_append(string, "x"), status);
    test_eq_i64(file, line, "append_bytes", arena_string_append_bytes(string, "x", 1), status);
    test_eq_i64(file, line, "append_format", arena_string_append_format(string, "x"), status);
    test_true(file, line, "finish", arena_string_finish(string, NULL) == NULL);
    test_true(file, line, "nothing changed", memcmp(&before, string, sizeof before) == 0);
}

#define CHECK_REFUSED(string, status) refused(__FILE__, __LINE__, (string), (status))

static void test_string_is_stale_after_reset(void) {
    CorralStatus (*const operations[])(Arena *) = {arena_reset, arena_clear};
    for (size_t i = 0; i < 2; i++) {
        ArenaFixture f;
        Arena *arena = arena_fixture_default(&f);
        ArenaString string = arena_string_begin(arena), empty = arena_string_begin(arena);
        APPEND(&string, "gone");
        CHECK_STATUS(operations[i](arena), CORRAL_OK);
        unsigned char *block = arena_alloc(arena, 16);
        memset(block, 'b', 16);
        CHECK_REFUSED(&string, CORRAL_STALE_STRING);
        CHECK_STATUS(arena_last_status(arena), CORRAL_STALE_STRING);
        arena_string_discard(&string);
        CHECK_TRUE(memcmp(block, "bbbbbbbbbbbbbbbb", 16) == 0);
        CHECK_EQ_U64(arena_total_used(arena), 16);
        APPEND(&empty, "had nothing to lose");
        CHECK_FINISHES(&empty, "had nothing to lose");
        arena_fixture_close(&f);
    }
}

static void test_string_is_stale_after_a_rewind_past_it(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaMark before = arena_mark(arena);
    ArenaString string = arena_string_begin(arena);
    APPEND(&string, "kept");
    ArenaMark after = arena_mark(arena);
    CHECK_STATUS(arena_rewind(arena, after), CORRAL_OK);
    APPEND(&string, " by a rewind"); /* moves: the mark lies behind the block */
    CHECK_STR(string.text, "kept by a rewind");
    CHECK_STATUS(arena_rewind(arena, after), CORRAL_OK); /* takes the new place back */
    CHECK_REFUSED(&string, CORRAL_STALE_STRING);
    string = arena_string_begin(arena);
    APPEND(&string, "gone");
    CHECK_STATUS(arena_rewind(arena, before), CORRAL_OK);
    CHECK_TRUE(arena_strdup(arena, "gone") != NULL); /* the same bytes at the same place */
    CHECK_REFUSED(&string, CORRAL_STALE_STRING);
    arena_fixture_close(&f);
}

/* What happens in scopes of others, between two calls, does not matter. */
static void test_string_survives_inner_scopes(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaString string = arena_string_begin(arena);
    char expected[301] = "";
    for (int i = 0; i < 100; i++) {
        ArenaMark scope = arena_open_scope(arena);
        CHECK_TRUE(arena_alloc(arena, 500) != NULL);
        CHECK_STATUS(arena_close_scope(arena, scope), CORRAL_OK);
        APPEND(&string, "abc");
        strcat(expected, "abc");
    }
    CHECK_EQ_U64(arena_allocation_count(arena), 1);
    CHECK_FINISHES(&string, expected);
    arena_fixture_close(&f);
}

static void test_string_of_a_destroyed_arena_refused(void) {
    ArenaFixture f;
    arena_fixture_default(&f);
    Arena *other = arena_create_default(f.base.pool);
    ArenaString string = arena_string_begin(other);
    APPEND(&string, "gone");
    CHECK_STATUS(arena_destroy(other), CORRAL_OK);
    CHECK_REFUSED(&string, CORRAL_INVALID_ARENA);
    Arena *next = arena_create_default(f.base.pool);
    CHECK_EQ_PTR(next, other); /* the same slot */
    ArenaString theirs = arena_string_begin(next);
    APPEND(&theirs, "here");
    CHECK_REFUSED(&string, CORRAL_STALE_STRING);
    CHECK_FINISHES(&theirs, "here");
    CHECK_STATUS(arena_destroy(next), CORRAL_OK);
    arena_fixture_close(&f);
}

static CorralStatus append_vformat(ArenaString *string, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    CorralStatus status = arena_string_append_vformat(string, format, arguments);
    va_end(arguments);
    return status;
}

static void test_wrong_strings_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaString none = {0};
    CHECK_REFUSED(&none, CORRAL_INVALID_ARENA);
    CHECK_STATUS(arena_string_append(NULL, "x"), CORRAL_INVALID_ARENA);
    CHECK_TRUE(arena_string_finish(NULL, NULL) == NULL);
    ArenaString string = arena_string_begin(arena);
    CHECK_STATUS(arena_string_append(&string, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_string_append_bytes(&string, NULL, 0), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(append_vformat(&string, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_string_append_bytes(&string, "x", ARENA_SIZE_LIMIT), CORRAL_SIZE_LIMIT);
    CHECK_STATUS(arena_string_append_bytes(&string, "x", SIZE_MAX), CORRAL_SIZE_LIMIT);
    CHECK_EQ_U64(arena_total_used(arena), 0);
    CHECK_FINISHES(&string, "");
    CHECK_REFUSED(&string, CORRAL_INVALID_ARENA);
    arena_fixture_close(&f);
}

/* --- without memory ----------------------------------------------------------------------------------------------- */

static bool build_long_text(FakePages *fake, void *context) {
    (void)context;
    PoolConfig config = pool_config_default();
    config.source = &fake->source;
    config.region_size = POOL_GRANULE;
    Pool *pool = pool_create_with(&config);
    Arena *arena = arena_create_default(pool);
    ArenaString string = arena_string_begin(arena);
    bool succeeded = arena != NULL;
    size_t expected = 0;
    for (int i = 0; arena != NULL && i < 3000; i++) {
        ArenaPicture before = arena_picture(arena);
        CorralStatus status = arena_string_append_format(&string, "%099d,", i);
        if (status == CORRAL_OK) {
            expected += 100;
        } else {
            succeeded = false;
            CHECK_STATUS(status, CORRAL_NO_MEMORY);
            CHECK_UNCHANGED(arena, &before);
        }
        CHECK_EQ_U64(string.length, expected);
        CHECK_TRUE(i % 100 != 0 || arena_mark(arena).arena != NULL || fake->fail_at != 0);
        CHECK_TRUE(expected == 0 || strlen(string.text) == expected);
    }
    size_t length = 0;
    const char *text = arena_string_finish(&string, &length);
    CHECK_TRUE(text == NULL ? expected == 0 : strlen(text) == expected && length == expected);
    if (pool != NULL) {
        CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    }
    return succeeded;
}

static void test_append_without_memory_keeps_the_string(void) {
    CHECK_TRUE(for_each_failing_page(build_long_text, NULL) > 10);
}

TEST_MAIN(TEST_CASE(test_string_grows_in_place_at_the_end), TEST_CASE(test_string_is_of_exactly_its_size),
          TEST_CASE(test_string_moves_when_something_lies_behind_it), TEST_CASE(test_string_larger_than_every_chunk),
          TEST_CASE(test_string_appends_itself), TEST_CASE(test_strings_side_by_side),
          TEST_CASE(test_format_beyond_the_room), TEST_CASE(test_discarded_string_gives_its_room_back),
          TEST_CASE(test_string_in_debug_mode), TEST_CASE(test_string_is_stale_after_reset),
          TEST_CASE(test_string_is_stale_after_a_rewind_past_it), TEST_CASE(test_string_survives_inner_scopes),
          TEST_CASE(test_string_of_a_destroyed_arena_refused), TEST_CASE(test_wrong_strings_refused),
          TEST_CASE(test_append_without_memory_keeps_the_string))
