/* SPDX-License-Identifier: Apache-2.0
 * arena_debug_test.c - debug mode: what is damaged is found once, named exactly, and nothing else is reported. */
#include <stdio.h>
#include <stdlib.h>

#include "support/arena_fixture.h"
#include "support/test.h"

enum { TEXT_MAX = 8192 };

/* What the report function was given. */
typedef struct Reports {
    size_t count;
    char last[TEXT_MAX];
} Reports;

static Reports reports;

static void keep_report(void *context, const char *text) {
    Reports *kept = context;
    kept->count++;
    snprintf(kept->last, sizeof kept->last, "%s", text);
}

static ArenaConfig config_with_debug(void) {
    ArenaConfig config = arena_config_default();
    reports = (Reports){.count = 0};
    config.name = "watched";
    config.debug = true;
    config.report = keep_report;
    config.report_context = &reports;
    return config;
}

static Arena *open_debug(ArenaFixture *fixture) {
    ArenaConfig config = config_with_debug();
    return arena_fixture_with(fixture, &config);
}

/* The last report contains `part`. */
#define CHECK_REPORT(part)                                                                             \
    do {                                                                                               \
        if (strstr(reports.last, (part)) == NULL) {                                                    \
            test_fail(__FILE__, __LINE__, "expected \"%s\" in the report:\n%s", (part), reports.last); \
        }                                                                                              \
    } while (0)

static bool holds(const unsigned char *bytes, size_t size, int value) {
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != value) {
            return false;
        }
    }
    return true;
}

/* --- bytes and places --------------------------------------------------------------------------------------------- */

static void test_debug_blocks_have_guards(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    CHECK_SPOT(arena, arena_alloc(arena, 1), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 0, 32);
    CHECK_SPOT(arena, arena_alloc(arena, 17), 0, 64);
    unsigned char *last = arena_alloc(arena, 100);
    CHECK_SPOT(arena, last, 0, 112);
    CHECK_TRUE(holds(last, 100, ARENA_BYTE_NEW));
    CHECK_TRUE(holds(last + 100, 12 + ARENA_GUARD_BYTES, ARENA_BYTE_GUARD));
    CHECK_TRUE(holds(last + 128, 4096 - 240, ARENA_BYTE_FREE));
    CHECK_NUMBERS(arena, 1, 4096, 240);
    CHECK_EQ_U64(arena_allocation_count(arena), 4);
    arena_fixture_close(&fixture);
    CHECK_EQ_U64(reports.count, 0);
}

static void test_debug_window_stays_closed(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    const ArenaControl *control = (const ArenaControl *)(const void *)arena;
    CHECK_EQ_U64(control->limit, control->cursor);
    ArenaMark mark = arena_mark(arena);
    arena_alloc(arena, 5000);
    CHECK_EQ_U64(control->limit, control->cursor);
    arena_rewind(arena, mark);
    CHECK_EQ_U64(control->limit, control->cursor);
    arena_reset(arena);
    CHECK_EQ_U64(control->limit, control->cursor);
    arena_fixture_close(&fixture);
}

static void test_debug_zero_bytes_move_nothing(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    const unsigned char *first = arena_alloc(arena, 0);
    CHECK_EQ_PTR(arena_alloc(arena, 0), first);
    CHECK_EQ_PTR(arena_alloc(arena, 8), first);
    CHECK_EQ_U64(arena_block_count(arena), 3);
    CHECK_NUMBERS(arena, 1, 4096, 32);
    arena_fixture_close(&fixture);
    CHECK_EQ_U64(reports.count, 0);
}

static void test_debug_calloc_zeroes(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    const unsigned char *bytes = arena_calloc(arena, 10, 10);
    CHECK_TRUE(holds(bytes, 100, 0));
    CHECK_TRUE(holds(bytes + 100, 12 + ARENA_GUARD_BYTES, ARENA_BYTE_GUARD));
    arena_fixture_close(&fixture);
    CHECK_EQ_U64(reports.count, 0);
}

static void test_debug_gap_of_an_aligned_block_is_guarded(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    unsigned char *small = arena_alloc(arena, 16);
    unsigned char *aligned = arena_alloc_aligned(arena, 16, 1024);
    CHECK_EQ_U64((uintptr_t)aligned % 1024, 0);
    CHECK_TRUE(holds(small + 16, (size_t)(aligned - small) - 16, ARENA_BYTE_GUARD));
    arena_fixture_close(&fixture);
    CHECK_EQ_U64(reports.count, 0);
}

static void test_debug_taken_back_bytes_are_filled(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    unsigned char *kept = arena_alloc(arena, 64);
    memset(kept, 1, 64);
    ArenaMark mark = arena_mark(arena);
    unsigned char *inner = arena_alloc(arena, 64);
    unsigned char *large = arena_alloc(arena, 10000);
    memset(inner, 2, 64);
    memset(large, 3, 10000);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_TRUE(holds(inner, 64 + ARENA_GUARD_BYTES, ARENA_BYTE_FREE));
    CHECK_TRUE(holds(large, 10000 + ARENA_GUARD_BYTES, ARENA_BYTE_FREE));
    CHECK_TRUE(holds(kept, 64, 1));
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_TRUE(holds(kept, 64 + ARENA_GUARD_BYTES, ARENA_BYTE_FREE));
    arena_fixture_close(&fixture);
    CHECK_EQ_U64(reports.count, 0);
}

static void test_debug_leaves_room_for_the_guard_of_the_largest(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    ArenaPicture before = arena_picture(arena);
    CHECK_FAILS(arena, arena_alloc(arena, ARENA_SIZE_LIMIT - ARENA_GUARD_BYTES + 1), CORRAL_SIZE_LIMIT);
    CHECK_FAILS(arena, arena_alloc(arena, ARENA_SIZE_LIMIT), CORRAL_SIZE_LIMIT);
    CHECK_FAILS(arena, arena_alloc(arena, SIZE_MAX), CORRAL_SIZE_LIMIT);
    CHECK_UNCHANGED(arena, &before);
    CHECK_EQ_U64(arena_block_count(arena), 0);
    arena_fixture_close(&fixture);
}

/* --- overruns and underruns --------------------------------------------------------------------------------------- */

static void test_overrun_found_by_reset(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    arena_alloc(arena, 40);
    unsigned char *block = ARENA_ALLOC(arena, 100);
    arena_alloc(arena, 40);
    block[100] = 'x';
    CHECK_STATUS(arena_reset(arena), CORRAL_DAMAGED);
    CHECK_STATUS(arena_last_status(arena), CORRAL_DAMAGED);
    CHECK_EQ_U64(reports.count, 1);
    CHECK_REPORT("arena=watched pool=");
    CHECK_REPORT("found_by=reset damage=overrun block=1 size=100 at=@0:64 tag=");
    CHECK_REPORT("arena_debug_test.c:");
    CHECK_REPORT("1 bytes behind the block were overwritten, the first at offset 100");
    CHECK_REPORT(">         96  CD CD CD CD 78 FD");
    CHECK_STR(arena_last_report(arena), reports.last);
    CHECK_EQ_U64(arena_damage_count(arena), 1);
    CHECK_NUMBERS(arena, 1, 4096, 0);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    arena_fixture_close(&fixture);
    CHECK_EQ_U64(reports.count, 1);
}

static void test_every_guard_byte_is_compared(void) {
    for (size_t size = 1; size <= 33; size++) {
        ArenaFixture fixture;
        Arena *arena = open_debug(&fixture);
        size_t guard = (size + 15) / 16 * 16 + ARENA_GUARD_BYTES - size;
        for (size_t at = 0; at < guard; at++) {
            unsigned char *block = arena_alloc(arena, size);
            block[size + at] ^= 1;
            CHECK_STATUS(arena_check(arena), CORRAL_DAMAGED);
            block[size + at] ^= 1;
            CHECK_STATUS(arena_check(arena), CORRAL_OK);
        }
        arena_fixture_close(&fixture);
    }
}

static void test_overrun_found_by_clear_and_destroy(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    unsigned char *block = arena_alloc(arena, 6000);
    block[6001] = 0;
    CHECK_STATUS(arena_clear(arena), CORRAL_DAMAGED);
    CHECK_REPORT("found_by=clear damage=overrun block=0 size=6000 at=@1:0 tag=none");
    CHECK_NUMBERS(arena, 1, 4096, 0);
    block = arena_alloc(arena, 8);
    block[8] = 0;
    CHECK_STATUS(arena_destroy(arena), CORRAL_DAMAGED);
    CHECK_REPORT("found_by=destroy damage=overrun block=0 size=8 at=@0:0");
    CHECK_EQ_U64(reports.count, 2);
    CHECK_STATUS(arena_destroy(arena), CORRAL_INVALID_ARENA);
    CHECK_EQ_U64(reports.count, 2);
    CHECK_EQ_U64(fixture_stats(&fixture.base).live_blocks, 0);
    fixture_close(&fixture.base);
}

static void test_overrun_found_by_rewind_and_scope_close(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    unsigned char *outer = arena_alloc(arena, 8);
    ArenaMark mark = arena_mark(arena);
    unsigned char *block = arena_alloc(arena, 8);
    block[8] = 0;
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_DAMAGED);
    CHECK_REPORT("found_by=rewind damage=overrun block=1 size=8");
    ArenaMark scope = arena_open_scope(arena);
    block = arena_alloc(arena, 8);
    block[9] = 0;
    outer[8] = 0; /* stays: this block is not taken back yet */
    CHECK_STATUS(arena_close_scope(arena, scope), CORRAL_DAMAGED);
    CHECK_REPORT("found_by=close_scope damage=overrun block=1 size=8");
    CHECK_TRUE(strstr(reports.last, "block=0") == NULL);
    CHECK_STATUS(arena_reset(arena), CORRAL_DAMAGED);
    CHECK_REPORT("found_by=reset damage=overrun block=0 size=8");
    CHECK_EQ_U64(reports.count, 3);
    arena_fixture_close(&fixture);
}

static void test_underrun_named_after_the_block_behind(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    arena_alloc(arena, 32);
    unsigned char *block = arena_alloc(arena, 32);
    block[-1] = 0;
    block[-2] = 0;
    CHECK_STATUS(arena_check(arena), CORRAL_DAMAGED);
    CHECK_REPORT("found_by=arena_check damage=underrun block=1 size=32 at=@0:48");
    CHECK_REPORT("2 bytes before the block were overwritten, the first at offset -2");
    CHECK_STATUS(arena_reset(arena), CORRAL_DAMAGED);
    unsigned char *aligned = arena_alloc_aligned(arena, 8, 4096);
    arena_alloc_aligned(arena, 8, 4096);
    aligned = arena_alloc_aligned(arena, 8, 2048) != NULL ? arena_alloc_aligned(arena, 8, 1024) : aligned;
    aligned[-1] = 0;
    CHECK_STATUS(arena_reset(arena), CORRAL_DAMAGED);
    CHECK_REPORT("damage=underrun");
    CHECK_REPORT("the first at offset -1");
    arena_fixture_close(&fixture);
}

/* --- stale writes ------------------------------------------------------------------------------------------------- */

static void test_stale_write_found_before_reuse(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    arena_alloc(arena, 100);
    unsigned char *stale = arena_alloc(ARENA_HERE(arena), 100);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    stale[10] = 1;
    CHECK_TRUE(arena_alloc(arena, 100) != NULL);
    CHECK_EQ_U64(reports.count, 0);
    unsigned char *block = arena_alloc(arena, 50);
    CHECK_TRUE(block == stale && holds(block, 50, ARENA_BYTE_NEW));
    CHECK_STATUS(arena_last_status(arena), CORRAL_DAMAGED);
    CHECK_EQ_U64(reports.count, 1);
    CHECK_REPORT("found_by=allocate damage=stale_write at=@0:138 last used as: block=1 size=100 at=@0:128 tag=");
    CHECK_REPORT("arena_debug_test.c:");
    CHECK_REPORT("1 free bytes were overwritten");
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    arena_fixture_close(&fixture);
    CHECK_EQ_U64(reports.count, 1);
}

static void test_stale_write_found_by_check(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    unsigned char *stale = arena_alloc(arena, 5000);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    stale[4999] = 1;
    CHECK_STATUS(arena_check(arena), CORRAL_DAMAGED);
    CHECK_REPORT("found_by=arena_check damage=stale_write at=@1:4999 last used as: block=0 size=5000 at=@1:0");
    CHECK_EQ_U64(arena_damage_count(arena), 0);
    stale[4999] = ARENA_BYTE_FREE;
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    arena_fixture_close(&fixture);
}

static void test_stale_write_found_before_chunks_go_back(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    unsigned char *stale = arena_alloc(arena, 5000);
    unsigned char *other = arena_alloc(arena, 50000);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    stale[0] = 1;
    other[7] = 1;
    CHECK_STATUS(arena_clear(arena), CORRAL_DAMAGED);
    CHECK_EQ_U64(reports.count, 1);
    CHECK_REPORT("found_by=clear damage=stale_write at=@1:0 last used as: block=0 size=5000");
    CHECK_REPORT("found_by=clear damage=stale_write at=@2:7 last used as: block=1 size=50000");
    CHECK_EQ_U64(arena_damage_count(arena), 2);
    unsigned char *first = arena_alloc(arena, 8);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    first[3] = 0;
    CHECK_STATUS(arena_destroy(arena), CORRAL_DAMAGED);
    CHECK_REPORT("found_by=destroy damage=stale_write at=@0:3 last used as: block=0 size=8");
    fixture_close(&fixture.base);
}

static void test_write_behind_a_block_of_zero_bytes_is_found(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    unsigned char *nothing = arena_alloc(arena, 0);
    nothing[0] = 1;
    CHECK_STATUS(arena_check(arena), CORRAL_DAMAGED);
    CHECK_REPORT("damage=stale_write at=@0:0 last used as: unknown");
    nothing[0] = ARENA_BYTE_FREE;
    arena_fixture_close(&fixture);
}

static void test_long_report_is_cut(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    for (size_t i = 0; i < 50; i++) {
        unsigned char *block = arena_alloc(arena, 8);
        memset(block + 8, 0, 8);
    }
    CHECK_STATUS(arena_reset(arena), CORRAL_DAMAGED);
    size_t length = strlen(reports.last);
    CHECK_EQ_U64(length, 4095);
    CHECK_STR(reports.last + length - 4, "...\n");
    CHECK_EQ_U64(arena_damage_count(arena), 50);
    arena_fixture_close(&fixture);
}

/* --- list, tags, texts -------------------------------------------------------------------------------------------- */

static void test_live_blocks_are_listed_with_their_tags(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    ArenaBlock block;
    CHECK_EQ_PTR(arena_tag(arena, "header"), arena);
    void *first = arena_alloc(arena, 10);
    void *second = arena_strdup(ARENA_HERE(arena), "text");
    CHECK_EQ_U64(arena_block_count(arena), 2);
    CHECK_STATUS(arena_block(arena, 0, &block), CORRAL_OK);
    CHECK_TRUE(block.address == first && block.size == 10 && block.chunk == 0 && block.offset == 0);
    CHECK_STR(block.tag, "header");
    CHECK_STATUS(arena_block(arena, 1, &block), CORRAL_OK);
    CHECK_TRUE(block.address == second && block.size == 5 && block.offset == 32);
    CHECK_TRUE(strstr(block.tag, "arena_debug_test.c:") != NULL);
    CHECK_STATUS(arena_block(arena, 2, &block), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_block(arena, 0, NULL), CORRAL_INVALID_ARGUMENT);
    ArenaMark mark = arena_mark(arena);
    arena_alloc(arena, 1);
    CHECK_STATUS(arena_block(arena, 2, &block), CORRAL_OK);
    CHECK_STR(block.tag, ""); /* a tag is for one block */
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_EQ_U64(arena_block_count(arena), 2);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_EQ_U64(arena_block_count(arena), 0);
    arena_fixture_close(&fixture);
}

static void test_long_tag_keeps_its_end(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    char tag[200];
    ArenaBlock block;
    memset(tag, 'p', sizeof tag);
    memcpy(tag + 190, "file.c:10", 10);
    CHECK_TRUE(arena_alloc(arena_tag(arena, tag), 1) != NULL);
    CHECK_STATUS(arena_block(arena, 0, &block), CORRAL_OK);
    CHECK_EQ_U64(strlen(block.tag), ARENA_TAG_MAX);
    CHECK_STR(block.tag + ARENA_TAG_MAX - 10, "pfile.c:10");
    arena_fixture_close(&fixture);
}

static void test_list_and_report_are_printed(void) {
    ArenaFixture fixture;
    Arena *arena = open_debug(&fixture);
    char text[TEXT_MAX];
    char printed[TEXT_MAX] = "";
    unsigned char *block = arena_alloc(arena_tag(arena, "one"), 1);
    block[1] = 0;
    FILE *out = tmpfile();
    REQUIRE_TRUE(out != NULL);
    CHECK_STATUS(arena_debug_print(arena, out), CORRAL_OK);
    CHECK_STATUS(arena_debug_report(arena, out), CORRAL_DAMAGED);
    rewind(out);
    CHECK_TRUE(fread(printed, 1, sizeof printed - 1, out) != 0);
    fclose(out);
    CHECK_TRUE(strstr(printed, "live_blocks=1\n  block=0 size=1 at=@0:0 tag=one\n") != NULL);
    CHECK_TRUE(strstr(printed, "found_by=arena_debug_report damage=overrun block=0") != NULL);
    size_t length = arena_debug_text(arena, text, sizeof text);
    CHECK_EQ_U64(length, strlen(printed));
    CHECK_STR(text, printed);
    CHECK_EQ_U64(arena_debug_text(arena, NULL, 0), length);
    CHECK_EQ_U64(arena_debug_text(arena, text, 10), length);
    CHECK_EQ_U64(strlen(text), 9);
    CHECK_EQ_U64(reports.count, 0); /* who asks gets the text, not the report function */
    CHECK_STATUS(arena_reset(arena), CORRAL_DAMAGED);
    CHECK_TRUE(arena_debug_text(arena, text, sizeof text) != 0 && strstr(text, "damage=none\n") != NULL);
    arena_fixture_close(&fixture);
}

static void test_functions_of_debug_mode_find_nothing_without_it(void) {
    ArenaFixture fixture;
    Arena *arena = arena_fixture_default(&fixture);
    ArenaBlock block;
    char text[TEXT_MAX] = "";
    void *bytes = ARENA_ALLOC(arena, 8);
    CHECK_SPOT(arena, bytes, 0, 0);
    CHECK_SPOT(arena, ARENA_CALLOC(arena, 1, 8), 0, 16);
    CHECK_SPOT(arena, ARENA_ALLOC_ALIGNED(arena, 8, 16), 0, 32);
    CHECK_FALSE(arena_is_debug(arena) || arena_is_debug(NULL));
    CHECK_EQ_U64(arena_block_count(arena), 0);
    CHECK_STATUS(arena_block(arena, 0, &block), CORRAL_INVALID_ARGUMENT);
    CHECK_STR(arena_last_report(arena), "");
    CHECK_EQ_U64(arena_damage_count(arena), 0);
    CHECK_TRUE(arena_debug_text(arena, text, sizeof text) != 0);
    CHECK_TRUE(strstr(text, "not in debug mode") != NULL && strstr(text, "damage=none") != NULL);
    CHECK_STATUS(arena_debug_print(arena, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_debug_report(arena, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_debug_print(NULL, stdout), CORRAL_INVALID_ARENA);
    CHECK_STATUS(arena_debug_report(NULL, stdout), CORRAL_INVALID_ARENA);
    CHECK_STATUS(arena_block(NULL, 0, &block), CORRAL_INVALID_ARENA);
    CHECK_EQ_PTR(arena_tag(NULL, "x"), NULL);
    CHECK_EQ_U64(arena_debug_text(NULL, text, sizeof text), 0);
    CHECK_STR(text, "");
    arena_fixture_close(&fixture);
}

static void test_debug_arenas_work_with_poison_marks(void) {
    ArenaFixture fixture;
    ArenaConfig config = config_with_debug();
    config.poison = true;
    Arena *arena = arena_fixture_with(&fixture, &config);
    for (size_t round = 0; round < 3; round++) {
        ArenaMark mark = arena_mark(arena);
        for (size_t size = 0; size < 3000; size += 7) {
            memset(arena_alloc(arena, size), 1, size);
        }
        CHECK_STATUS(arena_check(arena), CORRAL_OK);
        CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
        arena_alloc_aligned(arena, 100, 512);
        CHECK_STATUS(round == 1 ? arena_clear(arena) : arena_reset(arena), CORRAL_OK);
    }
    arena_fixture_close(&fixture);
    CHECK_EQ_U64(reports.count, 0);
}

static void test_debug_and_zeroed_arenas_hand_out_zeros(void) {
    ArenaFixture fixture;
    ArenaConfig config = config_with_debug();
    config.zeroed = true;
    Arena *arena = arena_fixture_with(&fixture, &config);
    for (size_t round = 0; round < 3; round++) {
        unsigned char *bytes = arena_alloc(arena, 5000);
        CHECK_TRUE(holds(bytes, 5000, 0));
        memset(bytes, 7, 5000);
        CHECK_STATUS(round == 1 ? arena_clear(arena) : arena_reset(arena), CORRAL_OK);
    }
    unsigned char *stale = arena_alloc(arena, 8);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    stale[0] = 0;
    CHECK_STATUS(arena_check(arena), CORRAL_DAMAGED);
    stale[0] = ARENA_BYTE_FREE;
    arena_fixture_close(&fixture);
}

TEST_MAIN(TEST_CASE(test_debug_blocks_have_guards), TEST_CASE(test_debug_window_stays_closed),
          TEST_CASE(test_debug_zero_bytes_move_nothing), TEST_CASE(test_debug_calloc_zeroes),
          TEST_CASE(test_debug_gap_of_an_aligned_block_is_guarded), TEST_CASE(test_debug_taken_back_bytes_are_filled),
          TEST_CASE(test_debug_leaves_room_for_the_guard_of_the_largest), TEST_CASE(test_overrun_found_by_reset),
          TEST_CASE(test_every_guard_byte_is_compared), TEST_CASE(test_overrun_found_by_clear_and_destroy),
          TEST_CASE(test_overrun_found_by_rewind_and_scope_close),
          TEST_CASE(test_underrun_named_after_the_block_behind), TEST_CASE(test_stale_write_found_before_reuse),
          TEST_CASE(test_stale_write_found_by_check), TEST_CASE(test_stale_write_found_before_chunks_go_back),
          TEST_CASE(test_write_behind_a_block_of_zero_bytes_is_found), TEST_CASE(test_long_report_is_cut),
          TEST_CASE(test_live_blocks_are_listed_with_their_tags), TEST_CASE(test_long_tag_keeps_its_end),
          TEST_CASE(test_list_and_report_are_printed), TEST_CASE(test_functions_of_debug_mode_find_nothing_without_it),
          TEST_CASE(test_debug_arenas_work_with_poison_marks), TEST_CASE(test_debug_and_zeroed_arenas_hand_out_zeros))
