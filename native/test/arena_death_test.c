/* SPDX-License-Identifier: Apache-2.0
 * arena_death_test.c - the closed window: what a poisoning arena did not hand out may not be touched, and a program
 * that does is stopped; what goes back to the pool may be touched by its next owner. (POSIX.)
 * Where it matters a child is forked that touches, and AddressSanitizer or Valgrind has to report it; builds that know
 * neither skip. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/poison.h"
#include "support/arena_fixture.h"
#include "support/test.h"

static Arena *poisoning_arena_with(ArenaFixture *f, bool zeroed) {
    ArenaConfig config = arena_config_default();
    config.poison = true;
    config.zeroed = zeroed;
    return arena_fixture_with(f, &config);
}

static Arena *poisoning_arena(ArenaFixture *f) {
    return poisoning_arena_with(f, false);
}

/* --- may a byte be touched? --------------------------------------------------------------------------------------- */

/* NULL when the tool of this build can tell, else why not. */
static const char *why_untold(void) {
#if CORRAL_ASAN
    return NULL;
#elif CORRAL_VALGRIND
    return RUNNING_ON_VALGRIND ? NULL : "built for Valgrind, but not running under it";
#else
    return "this build knows neither AddressSanitizer nor Valgrind";
#endif
}

static bool is_open(const volatile void *at) {
#if CORRAL_ASAN
    return __asan_address_is_poisoned(at) == 0;
#elif CORRAL_VALGRIND
    VALGRIND_DISABLE_ERROR_REPORTING;
    bool open = VALGRIND_CHECK_MEM_IS_ADDRESSABLE(at, 1) == 0;
    VALGRIND_ENABLE_ERROR_REPORTING;
    return open;
#else
    (void)at;
    return true;
#endif
}

/* --- a child that touches ----------------------------------------------------------------------------------------- */

#define REPORT_MAX 65536

/* What the child's standard error says when the tool has seen the touch. AddressSanitizer reports there and stops the
 * child; Valgrind reports where the test's standard error was at its start, and lets the child say so. */
#define ASAN_SAYS "AddressSanitizer: use-after-poison"
#define VALGRIND_SAYS "Valgrind reported it"

/* Errors that Valgrind has reported in this process; 0 under any other tool. */
static unsigned errors_so_far(void) {
#if CORRAL_VALGRIND
    return (unsigned)VALGRIND_COUNT_ERRORS;
#else
    return 0;
#endif
}

/* Touches `at` with the standard error in a pipe; does not return. */
static void touch_and_exit(const volatile void *at, const int *ends) {
    close(ends[0]);
    dup2(ends[1], STDERR_FILENO);
    unsigned before = errors_so_far();
    volatile unsigned char byte = *(const volatile unsigned char *)at;
    (void)byte;
    bool reported = errors_so_far() == before + 1;
    if (reported) {
        fputs(VALGRIND_SAYS, stderr); /* not buffered */
    }
    _exit(reported ? 1 : 0);
}

/* All that the child writes, cut to what fits. */
static void read_report(int end, char *report) {
    size_t length = 0;
    ssize_t got = 1;
    char rest[512];
    while (got > 0) {
        bool fits = length < REPORT_MAX - 1;
        got = fits ? read(end, report + length, REPORT_MAX - 1 - length) : read(end, rest, sizeof rest);
        length += fits && got > 0 ? (size_t)got : 0;
    }
    report[length] = '\0';
}

/* The tool reported what the child did. */
static void check_death(const char *file, int line, const volatile void *at) {
    static char report[REPORT_MAX];
    int ends[2];
    if (!CHECK_TRUE(pipe(ends) == 0)) {
        return;
    }
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        touch_and_exit(at, ends);
    }
    close(ends[1]);
    int status = 0;
    if (CHECK_TRUE(child > 0)) {
        read_report(ends[0], report);
        CHECK_TRUE(waitpid(child, &status, 0) == child);
        bool survived = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        test_true(file, line, "the child did not end well", !survived);
        test_true(file, line, CORRAL_ASAN ? ASAN_SAYS : VALGRIND_SAYS,
                  strstr(report, CORRAL_ASAN ? ASAN_SAYS : VALGRIND_SAYS) != NULL);
    }
    close(ends[0]);
}

/* May not be touched: the tool says so. */
#define CHECK_CLOSED(at) CHECK_FALSE(is_open(at))

/* As CHECK_CLOSED; and a child that touches it is reported. */
#define CHECK_DEADLY(at)                       \
    do {                                       \
        CHECK_CLOSED(at);                      \
        check_death(__FILE__, __LINE__, (at)); \
    } while (0)

#define CHECK_OPEN(at, bytes)                                     \
    do {                                                          \
        const unsigned char *first = (const unsigned char *)(at); \
        for (size_t offset = 0; offset < (bytes); offset++) {     \
            CHECK_TRUE(is_open(first + offset));                  \
        }                                                         \
    } while (0)

/* For tests that are about nothing but marks. */
#define NEEDS_A_TOOL()                     \
    do {                                   \
        const char *reason = why_untold(); \
        if (reason != NULL) {              \
            test_skip(reason);             \
            return;                        \
        }                                  \
    } while (0)

/* --- what is closed ----------------------------------------------------------------------------------------------- */

static void test_byte_past_a_block_is_closed(void) {
    static const size_t sizes[] = {1, 8, 13, 16};
    NEEDS_A_TOOL();
    ArenaFixture f;
    Arena *arena = poisoning_arena(&f);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        unsigned char *block = arena_alloc(arena, sizes[i]);
        REQUIRE_TRUE(block != NULL);
        memset(block, 1, sizes[i]);
        CHECK_OPEN(block, sizes[i]);
        CHECK_DEADLY(block + sizes[i]);
    }
    arena_fixture_close(&f);
}

static void test_block_is_closed_after_reset(void) {
    NEEDS_A_TOOL();
    ArenaFixture f;
    Arena *arena = poisoning_arena(&f);
    unsigned char *block = arena_alloc(arena, 100);
    unsigned char *side = arena_alloc(arena, 50000);
    REQUIRE_TRUE(block != NULL && side != NULL);
    memset(block, 1, 100);
    memset(side, 1, 50000);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_CLOSED(block);
    CHECK_DEADLY(block + 99);
    CHECK_DEADLY(side);
    CHECK_CLOSED(side + 49999);
    CHECK_EQ_PTR(arena_alloc(arena, 50), block);
    CHECK_OPEN(block, 50);
    CHECK_CLOSED(block + 50);
    arena_fixture_close(&f);
}

/* What is older than the mark stays open, also in the same chunk and beside it. */
static void test_block_is_closed_after_rewind(void) {
    NEEDS_A_TOOL();
    ArenaFixture f;
    Arena *arena = poisoning_arena(&f);
    unsigned char *old = arena_alloc(arena, 13);
    unsigned char *old_side = arena_alloc(arena, 50000);
    ArenaMark mark = arena_mark(arena);
    for (size_t round = 0; round < 2; round++) {
        unsigned char *block = arena_alloc(arena, 100);
        unsigned char *side = arena_alloc(arena, 60000);
        unsigned char *next = arena_alloc(arena, 4 * KIB);
        REQUIRE_TRUE(old != NULL && old_side != NULL && block != NULL && side != NULL && next != NULL);
        memset(block, 1, 100);
        memset(side, 1, 60000);
        memset(next, 1, 4 * KIB);
        CHECK_STATUS(round == 0 ? arena_rewind(arena, mark) : arena_close_scope(arena, mark), CORRAL_OK);
        CHECK_DEADLY(block);
        CHECK_CLOSED(block + 99);
        CHECK_DEADLY(side);
        CHECK_CLOSED(side + 59999);
        CHECK_DEADLY(next + 4 * KIB - 1);
        CHECK_CLOSED(next);
        CHECK_OPEN(old, 13);
        CHECK_CLOSED(old + 13);
        CHECK_OPEN(old_side, 50000);
        memset(old_side, 2, 50000);
    }
    unsigned char *again = arena_alloc(arena, 20);
    CHECK_OPEN(again, 20);
    CHECK_CLOSED(again + 20);
    arena_fixture_close(&f);
}

static void test_block_is_closed_after_clear(void) {
    NEEDS_A_TOOL();
    ArenaFixture f;
    Arena *arena = poisoning_arena(&f);
    unsigned char *block = arena_alloc(arena, 4 * KIB);
    unsigned char *gone = arena_alloc(arena, 8 * KIB);
    REQUIRE_TRUE(block != NULL && gone != NULL);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_CLOSED(block);
    CHECK_DEADLY(gone); /* by the pool, whose block it is again */
    arena_fixture_close(&f);
}

/* By the pool, whose blocks they are again. */
static void test_block_is_closed_after_destroy(void) {
    NEEDS_A_TOOL();
    ArenaFixture f;
    Arena *arena = poisoning_arena(&f);
    unsigned char *block = arena_alloc(arena, 100);
    unsigned char *next = arena_alloc(arena, 8 * KIB);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    CHECK_DEADLY(block);
    CHECK_DEADLY(next + 8 * KIB - 1);
    fixture_close(&f.base);
}

static void test_block_is_closed_after_scope_close(void) {
    NEEDS_A_TOOL();
    ArenaFixture f;
    Arena *arena = poisoning_arena(&f);
    unsigned char *old = arena_alloc(arena, 13);
    ArenaMark outer = arena_open_scope(arena);
    unsigned char *in_outer = arena_alloc(arena, 100);
    ArenaMark inner = arena_open_scope(arena);
    unsigned char *in_inner = arena_alloc(arena, 100);
    CHECK_STATUS(arena_close_scope(arena, inner), CORRAL_OK);
    CHECK_DEADLY(in_inner);
    CHECK_OPEN(in_outer, 100);
    CHECK_STATUS(arena_close_scope(arena, outer), CORRAL_OK);
    CHECK_DEADLY(in_outer + 99);
    CHECK_OPEN(old, 13);
    arena_fixture_close(&f);
}

static void test_resized_block_is_open_to_its_new_end(void) {
    NEEDS_A_TOOL();
    ArenaFixture f;
    Arena *arena = poisoning_arena(&f);
    unsigned char *block = arena_alloc(arena, 100);
    CHECK_EQ_PTR(arena_realloc(arena, block, 100, 150), block);
    CHECK_OPEN(block, 150);
    CHECK_DEADLY(block + 150);
    CHECK_STATUS(arena_shrink_last(arena, block, 150, 20), CORRAL_OK);
    CHECK_OPEN(block, 20);
    CHECK_DEADLY(block + 20);
    unsigned char *moved = arena_realloc(arena, block, 20, 9000);
    CHECK_OPEN(moved, 9000);
    CHECK_DEADLY(moved + 9000);
    CHECK_DEADLY(block);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL && arena_shrink_last(arena, moved, 9000, 8990) == CORRAL_OK);
    CHECK_DEADLY(moved + 8990);
    arena_fixture_close(&f);
}

/* A zeroed arena's blocks may be read at once. */
static void test_zeroed_block_may_be_read_and_no_byte_more(void) {
    NEEDS_A_TOOL();
    ArenaFixture f;
    Arena *arena = poisoning_arena_with(&f, true);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    unsigned char *block = arena_alloc(arena, 20);
    unsigned errors = errors_so_far();
    CHECK_TRUE(block[0] == 0 && memcmp(block, block + 1, 19) == 0);
    CHECK_EQ_U64(errors_so_far(), errors);
    CHECK_DEADLY(block + 20);
    arena_fixture_close(&f);
}

static void test_free_space_is_closed(void) {
    NEEDS_A_TOOL();
    ArenaFixture f;
    Arena *arena = poisoning_arena(&f);
    const unsigned char *base = (const unsigned char *)chunk_view(arena, 0).base;
    CHECK_CLOSED(base);
    CHECK_DEADLY(base + 4 * KIB - 1);
    CHECK_EQ_PTR(arena_alloc(arena, 0), base); /* owns nothing */
    CHECK_CLOSED(base);
    CHECK_TRUE(arena_alloc(arena, 4080) != NULL);
    CHECK_CLOSED(base + 4080);
    CHECK_TRUE(arena_alloc(arena, 4 * KIB) != NULL);
    CHECK_CLOSED(base + 4080);                                      /* a tail that was left behind */
    CHECK_CLOSED((const void *)(chunk_view(arena, 1).base + 4096)); /* the rest of a new chunk */
    arena_fixture_close(&f);
}

static void test_alignment_gap_is_closed(void) {
    NEEDS_A_TOOL();
    ArenaFixture f;
    Arena *arena = poisoning_arena(&f);
    unsigned char *block = arena_alloc(arena, 16);
    unsigned char *aligned = arena_alloc_aligned(arena, 8, 256);
    REQUIRE_TRUE(block != NULL && aligned != NULL);
    CHECK_CLOSED(block + 16);
    CHECK_DEADLY(aligned - 1);
    CHECK_OPEN(aligned, 8);
    CHECK_CLOSED(aligned + 8);
    arena_fixture_close(&f);
}

static void test_byte_past_a_text_is_closed(void) {
    NEEDS_A_TOOL();
    ArenaFixture f;
    Arena *arena = poisoning_arena(&f);
    char *copy = arena_strdup(arena, "horse");
    char *formatted = arena_sprintf(arena, "%s", "corral");
    REQUIRE_TRUE(copy != NULL && formatted != NULL);
    CHECK_OPEN(copy, 6);
    CHECK_DEADLY(copy + 6);
    CHECK_OPEN(formatted, 7);
    CHECK_CLOSED(formatted + 7);
    arena_fixture_close(&f);
}

static void test_retained_chunk_is_closed_until_it_is_entered(void) {
    NEEDS_A_TOOL();
    ArenaFixture f;
    Arena *arena = poisoning_arena(&f);
    CHECK_TRUE(arena_alloc(arena, 4 * KIB) != NULL);
    unsigned char *second = arena_alloc(arena, 8 * KIB);
    REQUIRE_TRUE(second != NULL);
    for (size_t round = 0; round < 3; round++) {
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
        CHECK_CLOSED(second);
        CHECK_CLOSED(second + 8 * KIB - 1);
        CHECK_TRUE(arena_alloc(arena, 4 * KIB) != NULL);
        CHECK_EQ_PTR(arena_alloc(arena, 100), second);
        CHECK_OPEN(second, 100);
        CHECK_CLOSED(second + 100);
    }
    arena_fixture_close(&f);
}

/* --- what is open ------------------------------------------------------------------------------------------------- */

/* So that the sanitized build takes the same branches as the released one. */
static void test_open_window_marks_nothing(void) {
    NEEDS_A_TOOL();
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    unsigned char *block = arena_alloc(arena, 13);
    REQUIRE_TRUE(block != NULL);
    CHECK_OPEN(block, 4 * KIB);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_OPEN(block, 4 * KIB);
    arena_fixture_close(&f);
}

/* Runs in every build: the marks change neither a place nor a number. */
static void test_closed_window_places_like_the_open_one(void) {
    ArenaFixture f;
    Arena *closed = poisoning_arena(&f);
    Arena *open = arena_create_default(f.base.pool);
    REQUIRE_TRUE(open != NULL);
    uint64_t random = 11;
    for (size_t i = 0; i < 3000 && test_failures() == 0; i++) {
        size_t size = test_random_below(&random, i % 40 == 0 ? 70000 : 300);
        size_t alignment = (size_t)1 << test_random_below(&random, 7);
        Spot expected = spot_of(open, arena_alloc_aligned(open, size, alignment));
        unsigned char *block = arena_alloc_aligned(closed, size, alignment);
        CHECK_SPOT(closed, block, expected.chunk, expected.offset);
        memset(block, (int)(i & 0xFF), size);
        CHECK_NUMBERS(closed, arena_chunk_count(open), arena_total_allocated(open), arena_total_used(open));
        const ArenaControl *control = (const ArenaControl *)closed;
        CHECK_EQ_U64(control->limit, control->cursor);
        if (i % 500 == 499) {
            CHECK_STATUS(i % 1000 == 999 ? arena_clear(open) : arena_reset(open), CORRAL_OK);
            CHECK_STATUS(i % 1000 == 999 ? arena_clear(closed) : arena_reset(closed), CORRAL_OK);
        }
    }
    CHECK_STATUS(arena_destroy(open), CORRAL_OK);
    arena_fixture_close(&f);
}

/* --- the marks end where the arena ends --------------------------------------------------------------------------- */

/* Blocks of the pool where the chunks were: they can be written to the last byte. */
static void check_reused_memory(Pool *pool, const uintptr_t *bases, const size_t *sizes, size_t count) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char *block = pool_alloc_aligned(pool, sizes[i], ARENA_CHUNK_ALIGNMENT);
        REQUIRE_TRUE(block != NULL);
        CHECK_OPEN(block, sizes[i]);
        memset(block, 0xAB, sizes[i]);
        for (size_t k = 0; k < count; k++) {
            found += bases[k] == (uintptr_t)block;
        }
    }
    CHECK_TRUE(found > 0);
}

/* Fills `bases` and `sizes` with three chunks of the arena, used and free space in each. */
static void use_three_chunks(Arena *arena, uintptr_t *bases, size_t *sizes) {
    CHECK_TRUE(arena_alloc(arena, 4000) != NULL);
    CHECK_TRUE(arena_alloc(arena, 8000) != NULL);
    CHECK_TRUE(arena_alloc(arena, 16000) != NULL);
    for (size_t i = 0; i < 3; i++) {
        ChunkView view = chunk_view(arena, i);
        bases[i] = view.base;
        sizes[i] = view.capacity;
    }
}

static void test_memory_of_a_destroyed_arena_can_be_used(void) {
    ArenaFixture f;
    Arena *arena = poisoning_arena(&f);
    uintptr_t bases[3];
    size_t sizes[3];
    use_three_chunks(arena, bases, sizes);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    check_reused_memory(f.base.pool, bases, sizes, 3);
    fixture_close(&f.base);
}

static void test_memory_of_a_cleared_arena_can_be_used(void) {
    ArenaFixture f;
    Arena *arena = poisoning_arena(&f);
    uintptr_t bases[3];
    size_t sizes[3];
    use_three_chunks(arena, bases, sizes);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    check_reused_memory(f.base.pool, bases + 1, sizes + 1, 2);
    fixture_close(&f.base);
}

/* Looks at what comes back before the fake source opens it itself. */
static bool release_and_look(void *context, void *pages, size_t bytes) {
    FakePages *fake = context;
    for (size_t offset = 0; offset < bytes; offset += 512) {
        CHECK_TRUE(is_open((unsigned char *)pages + offset));
    }
    CHECK_TRUE(is_open((unsigned char *)pages + bytes - 1));
    return fake->source.release(fake, pages, bytes);
}

static void test_pages_come_back_open(void) {
    PoolFixture f;
    PoolConfig pool_config = fixture_open(&f);
    PageSource source = f.pages.source;
    source.release = release_and_look;
    pool_config.source = &source;
    pool_config.retain = 0;
    Pool *pool = fixture_create(&f, &pool_config);
    ArenaConfig config = arena_config_default();
    config.poison = true;
    for (size_t round = 0; round < 3; round++) { /* cleared, destroyed, and dropped with its pool */
        Arena *arena = arena_create_with(pool, &config);
        REQUIRE_TRUE(arena != NULL);
        for (size_t i = 0; i < 10; i++) {
            CHECK_TRUE(arena_alloc(arena, i * 100000) != NULL);
        }
        CHECK_STATUS(round == 0 ? arena_clear(arena) : CORRAL_OK, CORRAL_OK);
        CHECK_STATUS(round == 1 ? arena_destroy(arena) : CORRAL_OK, CORRAL_OK);
    }
    CHECK_TRUE(f.pages.release_calls > 0);
    fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_byte_past_a_block_is_closed), TEST_CASE(test_block_is_closed_after_reset),
          TEST_CASE(test_block_is_closed_after_rewind), TEST_CASE(test_block_is_closed_after_clear),
          TEST_CASE(test_block_is_closed_after_destroy), TEST_CASE(test_block_is_closed_after_scope_close),
          TEST_CASE(test_resized_block_is_open_to_its_new_end),
          TEST_CASE(test_zeroed_block_may_be_read_and_no_byte_more), TEST_CASE(test_free_space_is_closed),
          TEST_CASE(test_alignment_gap_is_closed), TEST_CASE(test_byte_past_a_text_is_closed),
          TEST_CASE(test_retained_chunk_is_closed_until_it_is_entered), TEST_CASE(test_open_window_marks_nothing),
          TEST_CASE(test_closed_window_places_like_the_open_one),
          TEST_CASE(test_memory_of_a_destroyed_arena_can_be_used),
          TEST_CASE(test_memory_of_a_cleared_arena_can_be_used), TEST_CASE(test_pages_come_back_open))
