/* SPDX-License-Identifier: Apache-2.0
 * arena_debug_model_test.c - debug mode beside the rest of the arena: random programs raise no false alarm, each random
 * damage is found and named, and blocks that change their size, children and callbacks have their guards, too. */
#include <stdio.h>
#include <stdlib.h>

#include "base/poison.h"
#include "support/arena_fixture.h"
#include "support/test.h"

enum { TEXT_MAX = 8192, BLOCKS_MAX = 2000, MARKS_MAX = 8 };

typedef struct Reports {
    size_t count;
    char last[TEXT_MAX];
} Reports;

static void keep_report(void *context, const char *text) {
    Reports *kept = context;
    kept->count++;
    snprintf(kept->last, sizeof kept->last, "%s", text);
}

static ArenaConfig config_with_debug(Reports *reports) {
    ArenaConfig config = arena_config_default();
    config.debug = true;
    config.report = keep_report;
    config.report_context = reports;
    return config;
}

static Arena *open_debug(ArenaFixture *fixture, Reports *reports) {
    *reports = (Reports){.count = 0};
    ArenaConfig config = config_with_debug(reports);
    return arena_fixture_with(fixture, &config);
}

static bool holds(const unsigned char *bytes, size_t size, int value) {
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != value) {
            return false;
        }
    }
    return true;
}

static bool contains(const Reports *reports, const char *part) {
    bool found = strstr(reports->last, part) != NULL;
    if (!found) {
        test_fail(__FILE__, __LINE__, "expected \"%s\" in the report:\n%s", part, reports->last);
    }
    return found;
}

/* --- random programs ---------------------------------------------------------------------------------------------- */

typedef struct Item {
    unsigned char *bytes;
    size_t size;
} Item;

typedef struct Program {
    ArenaFixture fixture;
    Arena *arena;
    Reports reports;
    uint64_t random;
    Item items[BLOCKS_MAX];
    size_t count; /* of items; an index is the block's number in the arena's list */
    ArenaMark marks[MARKS_MAX];
    size_t counts[MARKS_MAX];
    size_t mark_count;
} Program;

static size_t below(Program *program, size_t bound) {
    return test_random_below(&program->random, bound);
}

static void open_program(Program *program, uint64_t seed) {
    *program = (Program){.random = seed};
    ArenaConfig config = config_with_debug(&program->reports);
    config.initial_size = 64 + below(program, 5000);
    config.maximum_size = config.initial_size + below(program, 60000);
    config.alignment = below(program, 2) == 0 ? 8 : 16;
    config.zeroed = below(program, 4) == 0;
    config.poison = below(program, 4) == 0;
    config.retain = below(program, 4) == 0 ? 10000 : SIZE_MAX;
    program->arena = arena_fixture_with(&program->fixture, &config);
}

static void allocate(Program *program) {
    size_t size = below(program, 10) == 0 ? below(program, 20000) : below(program, 100);
    size_t alignment = below(program, 5) == 0 ? (size_t)1 << below(program, 10) : 1;
    unsigned char *bytes = arena_alloc_aligned(program->arena, size, alignment);
    if (CHECK_TRUE(bytes != NULL)) {
        memset(bytes, (int)(program->count % 200), size);
        program->items[program->count++] = (Item){bytes, size};
    }
}

/* Resizes the last block, so that the list of items stays in the order of the arena's. */
static void resize(Program *program) {
    Item *item = &program->items[program->count - 1];
    size_t size = below(program, 2) == 0 ? below(program, item->size + 1) : below(program, 300);
    if (program->mark_count != 0 || item->size == 0) {
        return;
    }
    unsigned char *bytes = arena_realloc(program->arena, item->bytes, item->size, size);
    CHECK_TRUE(bytes != NULL);
    if (bytes != item->bytes) {
        item->size = 0; /* it has moved, and nobody may look at it */
        item = &program->items[program->count++];
    }
    *item = (Item){bytes, size};
    memset(bytes, (int)(program->count % 200), size);
}

static void take_back(Program *program) {
    size_t choice = below(program, 8);
    CorralStatus status = CORRAL_OK;
    if (choice < 6 && program->mark_count != 0) {
        size_t mark = below(program, program->mark_count);
        status = arena_rewind(program->arena, program->marks[mark]);
        program->count = program->counts[mark];
        program->mark_count = mark + 1;
    } else {
        status = choice == 7 ? arena_clear(program->arena) : arena_reset(program->arena);
        program->count = program->mark_count = 0;
    }
    CHECK_STATUS(status, CORRAL_OK);
}

static void step(Program *program) {
    size_t choice = below(program, 100);
    if (program->count == BLOCKS_MAX - 1 || choice == 0) {
        take_back(program);
    } else if (choice < 5 && program->mark_count < MARKS_MAX) {
        program->counts[program->mark_count] = program->count;
        program->marks[program->mark_count++] = arena_mark(program->arena);
    } else if (choice < 15 && program->count != 0) {
        resize(program);
    } else if (choice == 15) {
        CHECK_STATUS(arena_trim(program->arena, below(program, 20000)), CORRAL_OK);
    } else {
        allocate(program);
    }
}

static void run_steps(Program *program, size_t steps) {
    for (size_t i = 0; i < steps && test_failures() == 0; i++) {
        step(program);
    }
    CHECK_STATUS(arena_check(program->arena), CORRAL_OK);
    CHECK_EQ_U64(arena_block_count(program->arena), program->count);
    CHECK_EQ_U64(program->reports.count, 0);
}

static void test_random_programs_raise_no_false_alarm(void) {
    static Program program;
    for (uint64_t seed = 1; seed <= test_scaled(40) && test_failures() == 0; seed++) {
        open_program(&program, seed);
        run_steps(&program, 1500);
        arena_fixture_close(&program.fixture);
        CHECK_EQ_U64(program.reports.count, 0);
        if (test_failures() != 0) {
            test_fail(__FILE__, __LINE__, "seed %d", (int)seed);
        }
    }
}

/* Writes around a poison mark. */
static void damage(unsigned char *byte) {
    memory_open(byte, 1);
    *byte = (unsigned char)(*byte + 1);
}

static void test_random_damage_is_found_and_named(void) {
    static Program program;
    for (uint64_t seed = 1; seed <= test_scaled(200) && test_failures() == 0; seed++) {
        open_program(&program, seed);
        run_steps(&program, 200);
        allocate(&program);
        size_t victim = below(&program, program.count);
        while (program.items[victim].size == 0) {
            allocate(&program);
            victim = program.count - 1;
        }
        const Item *item = &program.items[victim];
        damage(item->bytes + item->size + below(&program, ARENA_GUARD_BYTES - 8));
        char expected[80];
        snprintf(expected, sizeof expected, " block=%zu size=%zu at=@", victim, item->size);
        CHECK_STATUS(arena_check(program.arena), CORRAL_DAMAGED);
        contains(&program.reports, expected);
        contains(&program.reports, "damage=overrun");
        CHECK_STATUS(arena_reset(program.arena), CORRAL_DAMAGED);
        contains(&program.reports, expected);
        CHECK_EQ_U64(arena_damage_count(program.arena), 1);
        arena_fixture_close(&program.fixture);
    }
}

static void test_random_stale_write_is_found(void) {
    static Program program;
    for (uint64_t seed = 1; seed <= test_scaled(200) && test_failures() == 0; seed++) {
        open_program(&program, seed);
        run_steps(&program, 100);
        CHECK_STATUS(arena_reset(program.arena), CORRAL_OK);
        ChunkView chunk = chunk_view(program.arena, below(&program, arena_chunk_count(program.arena)));
        damage((unsigned char *)chunk.base + below(&program, chunk.capacity));
        CHECK_STATUS(arena_check(program.arena), CORRAL_DAMAGED);
        contains(&program.reports, "damage=stale_write");
        CHECK_STATUS(arena_destroy(program.arena), CORRAL_DAMAGED);
        CHECK_EQ_U64(program.reports.count, 2);
        fixture_close(&program.fixture.base);
    }
}

/* --- blocks that change their size -------------------------------------------------------------------------------- */

static void test_resized_block_has_a_guard_at_its_new_end(void) {
    ArenaFixture fixture;
    Reports reports;
    Arena *arena = open_debug(&fixture, &reports);
    unsigned char *block = arena_alloc(arena, 100);
    CHECK_EQ_PTR(arena_realloc(arena, block, 100, 60), block);
    CHECK_TRUE(holds(block + 60, 40 + 28, ARENA_BYTE_GUARD));
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    block[60] = 0;
    CHECK_STATUS(arena_check(arena), CORRAL_DAMAGED);
    contains(&reports, "damage=overrun block=0 size=60 at=@0:0");
    block[60] = ARENA_BYTE_GUARD;
    CHECK_STATUS(arena_shrink_last(arena, block, 60, 1), CORRAL_OK);
    CHECK_TRUE(holds(block + 1, 127, ARENA_BYTE_GUARD));
    CHECK_EQ_PTR(arena_realloc(arena, block, 1, 0), block);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    arena_fixture_close(&fixture);
    CHECK_EQ_U64(reports.count, 1);
}

static void test_write_to_a_block_that_moved_is_found(void) {
    ArenaFixture fixture;
    Reports reports;
    Arena *arena = open_debug(&fixture, &reports);
    unsigned char *old = arena_alloc(arena_tag(arena, "old"), 100);
    memset(old, 1, 100);
    unsigned char *block = arena_realloc(arena_tag(arena, "new"), old, 100, 200);
    CHECK_TRUE(block != old && holds(block, 100, 1) && holds(block + 100, 100, ARENA_BYTE_NEW));
    CHECK_TRUE(holds(old, 100, ARENA_BYTE_FREE));
    ArenaBlock listed;
    CHECK_TRUE(arena_block(arena, 0, &listed) == CORRAL_OK && listed.moved);
    CHECK_TRUE(arena_block(arena, 1, &listed) == CORRAL_OK && !listed.moved);
    old[7] = 2;
    CHECK_STATUS(arena_reset(arena), CORRAL_DAMAGED);
    contains(&reports, "damage=stale_write at=@0:7 last used as: block=0 size=100 at=@0:0 moved=true tag=old");
    arena_fixture_close(&fixture);
    CHECK_EQ_U64(reports.count, 1);
}

static void test_rewind_brings_a_block_back_that_moved_or_shrank(void) {
    ArenaFixture fixture;
    Reports reports;
    Arena *arena = open_debug(&fixture, &reports);
    unsigned char *moved = arena_alloc(arena, 100), *shrunk = arena_alloc(arena, 100);
    memset(moved, 1, 100);
    ArenaMark mark = arena_mark(arena);
    CHECK_TRUE(arena_realloc(arena, moved, 100, 200) != moved);
    CHECK_EQ_PTR(arena_realloc(arena, shrunk, 100, 10), shrunk);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_TRUE(holds(moved, 100, 1));
    memset(moved, 2, 100);
    memset(shrunk, 2, 100);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    arena_fixture_close(&fixture);
    CHECK_EQ_U64(reports.count, 0);
}

static void test_strings_of_debug_arenas_are_guarded(void) {
    ArenaFixture fixture;
    Reports reports;
    Arena *arena = open_debug(&fixture, &reports);
    ArenaString string = arena_string_begin(arena);
    for (size_t i = 0; i < 500; i++) {
        CHECK_STATUS(arena_string_append_format(&string, "%zu,", i), CORRAL_OK);
        CHECK_STATUS(arena_check(arena), CORRAL_OK);
    }
    size_t length = 0;
    char *text = arena_string_finish(&string, &length);
    CHECK_STR(text + length - 8, "498,499,");
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    text[length + 1] = 'x';
    CHECK_STATUS(arena_check(arena), CORRAL_DAMAGED);
    contains(&reports, "damage=overrun");
    text[length + 1] = (char)ARENA_BYTE_GUARD;
    ArenaString dropped = arena_string_begin(arena);
    CHECK_STATUS(arena_string_append(&dropped, "never mind"), CORRAL_OK);
    arena_string_discard(&dropped);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    arena_fixture_close(&fixture);
}

/* --- children, callbacks, pools ----------------------------------------------------------------------------------- */

static void test_damage_of_a_child_is_reported_when_its_parent_ends_it(void) {
    ArenaFixture fixture;
    Reports reports;
    Arena *arena = open_debug(&fixture, &reports);
    Arena *child = arena_create_child(arena, SIZE_MAX);
    CHECK_TRUE(arena_is_debug(child));
    unsigned char *block = arena_alloc(child, 8);
    block[8] = 0;
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    contains(&reports, "found_by=destroy damage=overrun block=0 size=8");
    CHECK_EQ_U64(reports.count, 1);
    arena_fixture_close(&fixture);
}

static void write_behind(void *block) {
    ((unsigned char *)block)[8] = 0;
}

static void test_damage_done_by_a_release_function_is_found(void) {
    ArenaFixture fixture;
    Reports reports;
    Arena *arena = open_debug(&fixture, &reports);
    CHECK_STATUS(arena_on_release(arena, write_behind, arena_alloc(arena, 8)), CORRAL_OK);
    CHECK_STATUS(arena_reset(arena), CORRAL_DAMAGED);
    contains(&reports, "found_by=reset damage=overrun block=0 size=8");
    arena_fixture_close(&fixture);
}

static void test_damage_is_reported_when_the_pool_ends(void) {
    ArenaFixture fixture;
    Reports reports;
    Arena *arena = open_debug(&fixture, &reports);
    unsigned char *block = arena_alloc(arena, 8);
    block[8] = 0;
    fixture_close(&fixture.base);
    CHECK_EQ_U64(reports.count, 1);
    contains(&reports, "found_by=pool_destroy damage=overrun block=0 size=8");
}

TEST_MAIN(TEST_CASE(test_random_programs_raise_no_false_alarm), TEST_CASE(test_random_damage_is_found_and_named),
          TEST_CASE(test_random_stale_write_is_found), TEST_CASE(test_resized_block_has_a_guard_at_its_new_end),
          TEST_CASE(test_write_to_a_block_that_moved_is_found),
          TEST_CASE(test_rewind_brings_a_block_back_that_moved_or_shrank),
          TEST_CASE(test_strings_of_debug_arenas_are_guarded),
          TEST_CASE(test_damage_of_a_child_is_reported_when_its_parent_ends_it),
          TEST_CASE(test_damage_done_by_a_release_function_is_found),
          TEST_CASE(test_damage_is_reported_when_the_pool_ends))
