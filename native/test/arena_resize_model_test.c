/* SPDX-License-Identifier: Apache-2.0
 * arena_resize_model_test.c - random programs of allocations, resizes, growing strings, marks and callbacks against a
 * model that knows what each block holds, which strings are stale, and which callbacks are due. */
#include <stdio.h>

#include "arena/release_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

enum { BLOCKS_MAX = 400, STRINGS_MAX = 4, MARKS_MAX = 12, CALLS_MAX = 60, TEXT_MAX = 20000 };

typedef struct Block {
    unsigned char *bytes;
    size_t size;
    uint64_t born; /* step at which it came to its place */
    unsigned char value;
} Block;

typedef struct String {
    ArenaString string;
    char text[TEXT_MAX];
    size_t length;
    uint64_t born; /* of its place; 0: it has none */
    bool stale;
} String;

typedef struct Point {
    ArenaMark mark;
    uint64_t born;
} Point;

typedef struct Call {
    struct Program *program;
    uint64_t born;
} Call;

typedef struct Program {
    Arena *arena;
    uint64_t random;
    uint64_t step;
    Block blocks[BLOCKS_MAX];
    size_t block_count;
    String strings[STRINGS_MAX];
    Point points[MARKS_MAX];
    size_t point_count;
    Call calls[CALLS_MAX]; /* registered, oldest first */
    size_t call_count;
    bool failed;
} Program;

static size_t below(Program *program, size_t bound) {
    return test_random_below(&program->random, bound);
}

/* Mostly small, now and then larger than a chunk. */
static size_t random_size(Program *program) {
    static const size_t bounds[] = {20, 200, 200, 2000, 9000, 100000};
    return below(program, bounds[below(program, program->random % 7 == 0 ? 6 : 4)]);
}

/* --- the model ---------------------------------------------------------------------------------------------------- */

static void expect(Program *program, bool holds, const char *what) {
    if (!holds && !program->failed) {
        test_fail(__FILE__, __LINE__, "step %llu: %s", (unsigned long long)program->step, what);
        program->failed = true;
    }
}

static bool block_holds(const Block *block, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (block->bytes[i] != block->value) {
            return false;
        }
    }
    return true;
}

static void verify(Program *program) {
    for (size_t i = 0; i < program->block_count; i++) {
        expect(program, block_holds(&program->blocks[i], program->blocks[i].size), "a block was changed");
    }
    for (size_t i = 0; i < STRINGS_MAX; i++) {
        const String *string = &program->strings[i];
        if (!string->stale && string->born != 0) {
            expect(program, string->string.length == string->length, "a string has another length");
            expect(program, memcmp(string->string.text, string->text, string->length + 1) == 0, "a string was changed");
        }
    }
    expect(program, arena_check(program->arena) == CORRAL_OK, "arena_check");
    expect(program, program->arena->releases == NULL || program->arena->releases->count <= 2 * CALLS_MAX + 400,
           "entries pile up");
}

/* What came to its place after `born` is gone; 0: everything. Callbacks have been called one by one. */
static void took_back(Program *program, uint64_t born) {
    size_t kept = 0;
    for (size_t i = 0; i < program->block_count; i++) {
        if (program->blocks[i].born <= born) {
            program->blocks[kept++] = program->blocks[i];
        }
    }
    program->block_count = kept;
    for (size_t i = 0; i < STRINGS_MAX; i++) {
        program->strings[i].stale |= program->strings[i].born > born;
    }
    while (program->point_count != 0 && program->points[program->point_count - 1].born > born) {
        program->point_count--;
    }
    expect(program, program->call_count == 0 || program->calls[program->call_count - 1].born <= born,
           "a callback was not called");
}

static void called(void *context) {
    Call *call = context;
    Program *program = call->program;
    expect(program, program->call_count != 0 && call == &program->calls[program->call_count - 1],
           "callbacks are called out of order");
    program->call_count--;
    expect(program, arena_alloc(program->arena, 1 + program->step % 100) != NULL, "a callback cannot allocate");
    expect(program, arena_reset(program->arena) == CORRAL_RELEASING, "a callback can reset");
}

/* --- one step ----------------------------------------------------------------------------------------------------- */

static void fill(Block *block, const Program *program) {
    block->value = (unsigned char)(program->step % 251 + 1);
    memset(block->bytes, block->value, block->size);
}

static void allocate(Program *program) {
    if (program->block_count == BLOCKS_MAX) {
        return;
    }
    Block block = {.size = random_size(program), .born = program->step};
    size_t alignment = (size_t)1 << below(program, 8);
    block.bytes = arena_alloc_aligned(program->arena, block.size, alignment);
    expect(program, block.bytes != NULL, "an allocation fails");
    fill(&block, program);
    program->blocks[program->block_count++] = block;
}

/* A block that moves comes to its place now, and so does one that had no bytes: a mark may have been taken where it
 * is. One that stays is as old as it was. */
static void resize(Program *program) {
    if (program->block_count == 0) {
        return;
    }
    size_t index = below(program, 3) == 0 ? below(program, program->block_count) : program->block_count - 1;
    Block block = program->blocks[index];
    size_t size = random_size(program);
    if (below(program, 4) == 0 && size <= block.size) {
        CorralStatus status = arena_shrink_last(program->arena, block.bytes, block.size, size);
        expect(program, status == CORRAL_OK, "shrink_last");
    } else {
        unsigned char *bytes = arena_realloc(program->arena, block.bytes, block.size, size);
        expect(program, bytes != NULL, "a resize fails");
        block.born = bytes != block.bytes || block.size == 0 ? program->step : block.born;
        block.bytes = bytes;
    }
    expect(program, block_holds(&block, size < block.size ? size : block.size), "a resize loses bytes");
    block.size = size;
    fill(&block, program);
    memmove(&program->blocks[index], &program->blocks[index + 1], (--program->block_count - index) * sizeof(Block));
    program->blocks[program->block_count++] = block;
}

static void append(Program *program) {
    String *string = &program->strings[below(program, STRINGS_MAX)];
    char piece[300];
    size_t size = below(program, below(program, 10) == 0 ? sizeof piece : 20);
    memset(piece, 'a' + (int)(program->step % 26), size);
    if (string->length + size >= TEXT_MAX) {
        return;
    }
    const char *before = string->string.text;
    CorralStatus status = arena_string_append_bytes(&string->string, piece, size);
    if (string->stale) {
        expect(program, status == CORRAL_STALE_STRING, "a stale string is not refused");
        return;
    }
    expect(program, status == CORRAL_OK, "an append fails");
    string->born = string->string.text != before ? program->step : string->born;
    memcpy(string->text + string->length, piece, size);
    string->length += size;
    string->text[string->length] = '\0';
}

static void begin(Program *program, String *string) {
    *string = (String){.string = arena_string_begin(program->arena)};
}

static void end_string(Program *program) {
    String *string = &program->strings[below(program, STRINGS_MAX)];
    if (below(program, 2) == 0) {
        arena_string_discard(&string->string);
    } else {
        size_t length = 0;
        char *text = arena_string_finish(&string->string, &length);
        expect(program, (text == NULL) == string->stale, "a string finishes, or does not, as it should not");
        if (text != NULL) {
            expect(program, length == string->length && memcmp(text, string->text, length + 1) == 0, "the text");
        }
    }
    begin(program, string);
}

static void mark(Program *program) {
    if (program->point_count < MARKS_MAX) {
        Point point = {.born = program->step};
        point.mark = below(program, 2) == 0 ? arena_mark(program->arena) : arena_open_scope(program->arena);
        expect(program, point.mark.arena != NULL, "no mark");
        program->points[program->point_count++] = point;
    }
}

/* Two points may share a mark: what came between them is nothing that counts. */
static void rewind_to(Program *program) {
    if (program->point_count != 0) {
        Point point = program->points[below(program, program->point_count)];
        expect(program, arena_rewind(program->arena, point.mark) == CORRAL_OK, "a valid mark is refused");
        took_back(program, point.born);
    }
}

static void take_back_all(Program *program) {
    CorralStatus status = below(program, 2) == 0 ? arena_reset(program->arena) : arena_clear(program->arena);
    expect(program, status == CORRAL_OK, "a reset is refused");
    took_back(program, 0);
}

static void on_release(Program *program) {
    if (program->call_count < CALLS_MAX) {
        Call *call = &program->calls[program->call_count++];
        *call = (Call){.program = program, .born = program->step};
        expect(program, arena_on_release(program->arena, called, call) == CORRAL_OK, "a registration fails");
    }
}

static void run_step(Program *program) {
    program->step++;
    size_t dice = below(program, 200);
    if (dice < 60) {
        allocate(program);
    } else if (dice < 100) {
        resize(program);
    } else if (dice < 150) {
        append(program);
    } else if (dice < 155) {
        end_string(program);
    } else if (dice < 170) {
        mark(program);
    } else if (dice < 185) {
        rewind_to(program);
    } else if (dice < 199) {
        on_release(program);
    } else {
        take_back_all(program);
    }
    verify(program);
}

static void run_program(uint64_t seed, const ArenaConfig *config) {
    static Program program; /* too large for the stack */
    ArenaFixture f;
    memset(&program, 0, sizeof program);
    program.random = seed;
    program.arena = arena_fixture_with(&f, config);
    for (size_t i = 0; i < STRINGS_MAX; i++) {
        begin(&program, &program.strings[i]);
    }
    for (size_t i = 0; i < 600 && !program.failed; i++) {
        run_step(&program);
    }
    if (program.failed) {
        test_fail(__FILE__, __LINE__, "seed %llu", (unsigned long long)seed);
    }
    arena_fixture_close(&f);
}

static void run_programs(ArenaConfig config, size_t programs) {
    for (uint64_t seed = 1; seed <= programs && test_failures() == 0; seed++) {
        config.maximum_size = seed % 2 == 0 ? ARENA_MAXIMUM_DEFAULT : ARENA_INITIAL_DEFAULT;
        config.alignment = seed % 3 == 0 ? 8 : 16;
        run_program(seed, &config);
    }
}

static void test_random_resizes(void) {
    run_programs(arena_config_default(), test_scaled(60));
}

static void test_random_resizes_of_poisoning_arenas(void) {
    ArenaConfig config = arena_config_default();
    config.poison = true;
    run_programs(config, test_scaled(60));
}

static void test_random_resizes_of_zeroed_arenas(void) {
    ArenaConfig config = arena_config_default();
    config.zeroed = true;
    run_programs(config, test_scaled(60));
}

static void test_random_resizes_of_debug_arenas(void) {
    ArenaConfig config = arena_config_default();
    config.debug = true;
    run_programs(config, test_scaled(8)); /* each check looks at every byte */
}

TEST_MAIN(TEST_CASE(test_random_resizes), TEST_CASE(test_random_resizes_of_poisoning_arenas),
          TEST_CASE(test_random_resizes_of_zeroed_arenas), TEST_CASE(test_random_resizes_of_debug_arenas))
