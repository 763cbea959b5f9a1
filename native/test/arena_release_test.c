/* SPDX-License-Identifier: Apache-2.0
 * arena_release_test.c - functions that an arena calls before it takes memory back: order, what they may do, and
 * registering without memory. */
#include <stdio.h>

#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

/* --- what the callbacks leave ------------------------------------------------------------------------------------- */

static char log_text[256];

typedef struct Note {
    const char *name;
    Arena *arena;
    const char *block;   /* compared with `name`: the memory is still there */
    size_t allocates;    /* bytes */
    CorralStatus status; /* what taking back, or registering, brought */
} Note;

static void note(void *context) {
    const Note *called = context;
    size_t length = strlen(log_text);
    snprintf(log_text + length, sizeof log_text - length, "%s", called->name);
    if (called->block != NULL) {
        CHECK_STR(called->block, called->name);
    }
    if (called->allocates != 0) {
        CHECK_TRUE(arena_alloc(called->arena, called->allocates) != NULL);
    }
}

static void note_and_reset(void *context) {
    Note *called = context;
    note(context);
    called->status = arena_reset(called->arena);
}

static void expect_log(const char *file, int line, const char *expected) {
    test_eq_str(file, line, "called", log_text, expected);
    log_text[0] = '\0';
}

#define CHECK_CALLED(expected) expect_log(__FILE__, __LINE__, (expected))

static Note a, b, c;

static void forget_notes(void) {
    a = (Note){.name = "a"};
    b = (Note){.name = "b"};
    c = (Note){.name = "c"};
    log_text[0] = '\0';
}

static Arena *open_fixture(ArenaFixture *f) {
    forget_notes();
    Arena *arena = arena_fixture_default(f);
    a.arena = b.arena = c.arena = arena;
    return arena;
}

#define REGISTER(arena, what) CHECK_STATUS(arena_on_release((arena), note, &(what)), CORRAL_OK)

/* --- order -------------------------------------------------------------------------------------------------------- */

static void test_callbacks_run_last_in_first_out(void) {
    ArenaFixture f;
    Arena *arena = open_fixture(&f);
    REGISTER(arena, a);
    REGISTER(arena, b);
    REGISTER(arena, c);
    CHECK_CALLED("");
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_CALLED("cba");
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_CALLED("");
    arena_fixture_close(&f);
    CHECK_CALLED("");
}

static void test_clear_runs_callbacks(void) {
    ArenaFixture f;
    Arena *arena = open_fixture(&f);
    REGISTER(arena, a);
    CHECK_TRUE(arena_alloc(arena, 5000) != NULL);
    REGISTER(arena, b);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_CALLED("ba");
    CHECK_TRUE(arena->releases == NULL);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 0);
    arena_fixture_close(&f);
}

static void test_destroy_runs_callbacks(void) {
    ArenaFixture f;
    Arena *arena = open_fixture(&f);
    REGISTER(arena, a);
    REGISTER(arena, b);
    arena_fixture_close(&f);
    CHECK_CALLED("ba");
}

static void test_the_end_of_the_pool_runs_callbacks(void) {
    ArenaFixture f;
    Arena *arena = open_fixture(&f);
    for (int i = 0; i < 100; i++) { /* more than one slab of them */
        CHECK_TRUE(arena_create(f.base.pool, 64, 64) != NULL);
    }
    Arena *other = arena_create(f.base.pool, 64, 64);
    REGISTER(arena, a);
    REGISTER(arena, b);
    REGISTER(other, c);
    fixture_close(&f.base);
    bool both = strcmp(log_text, "bac") == 0 || strcmp(log_text, "cba") == 0;
    CHECK_TRUE(both);
}

static void test_rewind_runs_what_was_registered_since(void) {
    ArenaFixture f;
    Arena *arena = open_fixture(&f);
    REGISTER(arena, a);
    ArenaMark mark = arena_mark(arena);
    REGISTER(arena, b);
    REGISTER(arena, c);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_CALLED("cb");
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_CALLED("");
    REGISTER(arena, c);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_CALLED("c");
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_CALLED("a");
    arena_fixture_close(&f);
}

static void test_closing_a_scope_runs_its_callbacks(void) {
    ArenaFixture f;
    Arena *arena = open_fixture(&f);
    ArenaMark outer = arena_open_scope(arena);
    REGISTER(arena, a);
    ArenaMark inner = arena_open_scope(arena);
    REGISTER(arena, b);
    CHECK_STATUS(arena_close_scope(arena, inner), CORRAL_OK);
    CHECK_CALLED("b");
    CHECK_STATUS(arena_close_scope(arena, outer), CORRAL_OK);
    CHECK_CALLED("a");
    arena_fixture_close(&f);
}

/* Nothing is allocated between the two marks, but a rewind to the first has a callback to run. */
static void test_a_callback_tells_two_marks_apart(void) {
    ArenaFixture f;
    Arena *arena = open_fixture(&f);
    ArenaMark first = arena_mark(arena);
    REGISTER(arena, a);
    ArenaMark second = arena_mark(arena);
    CHECK_TRUE(first.id != second.id);
    CHECK_EQ_U64(arena_mark(arena).id, second.id);
    CHECK_STATUS(arena_rewind(arena, second), CORRAL_OK);
    CHECK_CALLED("");
    CHECK_STATUS(arena_rewind(arena, first), CORRAL_OK);
    CHECK_CALLED("a");
    CHECK_EQ_U64(arena_mark(arena).id, first.id);
    arena_fixture_close(&f);
}

static void test_a_refused_rewind_runs_no_callback(void) {
    ArenaFixture f;
    Arena *arena = open_fixture(&f);
    ArenaMark outer = arena_mark(arena);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    ArenaMark inner = arena_mark(arena);
    CHECK_STATUS(arena_rewind(arena, outer), CORRAL_OK);
    REGISTER(arena, a);
    CHECK_STATUS(arena_rewind(arena, inner), CORRAL_STALE_MARK);
    CHECK_STATUS(arena_rewind(arena, (ArenaMark){.arena = NULL, .id = outer.id}), CORRAL_STALE_MARK);
    CHECK_CALLED("");
    arena_fixture_close(&f);
    CHECK_CALLED("a");
}

/* --- what callbacks may do ---------------------------------------------------------------------------------------- */

static void test_callbacks_still_see_the_memory(void) {
    ArenaFixture f;
    ArenaConfig config = arena_config_default();
    config.poison = true; /* a block that was taken back could not be read */
    forget_notes();
    Arena *arena = arena_fixture_with(&f, &config);
    a.block = arena_strdup(arena, "a");
    CHECK_TRUE(arena_alloc(arena, 10000) != NULL);
    b.block = arena_strdup(arena, "b");
    REGISTER(arena, a);
    REGISTER(arena, b);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_CALLED("ba");
    c.block = arena_strdup(arena, "c");
    REGISTER(arena, c);
    arena_fixture_close(&f);
    CHECK_CALLED("c");
}

static void test_what_a_callback_allocates_is_taken_back(void) {
    ArenaFixture f;
    Arena *arena = open_fixture(&f);
    a.allocates = 100;
    b.allocates = 100000;
    CHECK_TRUE(arena_alloc(arena, 48) != NULL);
    ArenaMark mark = arena_mark(arena);
    REGISTER(arena, a);
    REGISTER(arena, b);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_CALLED("ba");
    CHECK_EQ_U64(arena_total_used(arena), 48);
    CHECK_EQ_U64(arena_allocation_count(arena), 1);
    CHECK_EQ_U64(arena_peak_used(arena), 48 + 112 + 100000);
    REGISTER(arena, b);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_NUMBERS(arena, 1, 4 * KIB, 0);
    REGISTER(arena, a);
    arena_fixture_close(&f);
}

static void take_many_marks(void *context) {
    Note *called = context;
    for (int i = 0; i < 100; i++) { /* the stack of marks moves */
        CHECK_TRUE(arena_alloc(called->arena, 16) != NULL);
        CHECK_TRUE(arena_mark(called->arena).arena != NULL);
    }
}

static void test_a_callback_may_take_marks(void) {
    ArenaFixture f;
    Arena *arena = open_fixture(&f);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    ArenaMark mark = arena_mark(arena);
    CHECK_STATUS(arena_on_release(arena, take_many_marks, &a), CORRAL_OK);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_EQ_U64(arena->mark_count, 1);
    CHECK_EQ_U64(arena_total_used(arena), 16);
    arena_fixture_close(&f);
}

typedef struct Attempts {
    Arena *arena;
    Pool *pool;
    ArenaMark mark;
    ArenaMark scope;
    int calls;
} Attempts;

static void attempt_everything(void *context) {
    Attempts *attempts = context;
    Arena *arena = attempts->arena;
    ArenaPicture before = arena_picture(arena);
    CHECK_STATUS(arena_reset(arena), CORRAL_RELEASING);
    CHECK_STATUS(arena_last_status(arena), CORRAL_RELEASING);
    CHECK_STATUS(arena_clear(arena), CORRAL_RELEASING);
    CHECK_STATUS(arena_rewind(arena, attempts->mark), CORRAL_RELEASING);
    CHECK_STATUS(arena_close_scope(arena, attempts->scope), CORRAL_RELEASING);
    CHECK_STATUS(arena_destroy(arena), CORRAL_RELEASING);
    CHECK_STATUS(pool_destroy(attempts->pool), CORRAL_RELEASING);
    CHECK_STATUS(arena_on_release(arena, note, &a), CORRAL_RELEASING);
    CHECK_UNCHANGED(arena, &before);
    attempts->calls++;
}

static void test_bulk_operations_in_a_callback_refused(void) {
    ArenaFixture f;
    Arena *arena = open_fixture(&f);
    Attempts attempts = {.arena = arena, .pool = f.base.pool};
    attempts.mark = arena_mark(arena);
    attempts.scope = arena_open_scope(arena);
    for (int i = 0; i < 4; i++) {
        CHECK_STATUS(arena_on_release(arena, attempt_everything, &attempts), CORRAL_OK);
        switch (i) {
        case 0:
            CHECK_STATUS(arena_close_scope(arena, attempts.scope), CORRAL_OK);
            break;
        case 1:
            CHECK_STATUS(arena_rewind(arena, attempts.mark), CORRAL_OK);
            break;
        case 2:
            CHECK_STATUS(arena_reset(arena), CORRAL_OK);
            break;
        default:
            CHECK_STATUS(arena_clear(arena), CORRAL_OK);
        }
        attempts.mark = arena_mark(arena);
        attempts.scope = arena_open_scope(arena);
    }
    CHECK_STATUS(arena_on_release(arena, attempt_everything, &attempts), CORRAL_OK);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    Arena *last = attempts.arena = arena_create_default(f.base.pool);
    attempts.mark = attempts.scope = arena_mark(last);
    CHECK_STATUS(arena_on_release(last, attempt_everything, &attempts), CORRAL_OK);
    fixture_close(&f.base);
    CHECK_EQ_I64(attempts.calls, 6);
    CHECK_CALLED("");
}

static void test_callbacks_after_a_refused_one_still_run(void) {
    ArenaFixture f;
    Arena *arena = open_fixture(&f);
    REGISTER(arena, a);
    CHECK_STATUS(arena_on_release(arena, note_and_reset, &b), CORRAL_OK);
    REGISTER(arena, c);
    CHECK_TRUE(arena_alloc(arena, 64) != NULL);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_CALLED("cba");
    CHECK_STATUS(b.status, CORRAL_RELEASING);
    CHECK_EQ_U64(arena_total_used(arena), 0);
    CHECK_STATUS(arena_last_status(arena), CORRAL_OK);
    arena_fixture_close(&f);
}

static void test_wrong_registrations_refused(void) {
    ArenaFixture f;
    Arena *arena = open_fixture(&f);
    CHECK_STATUS(arena_on_release(NULL, note, &a), CORRAL_INVALID_ARENA);
    CHECK_STATUS(arena_on_release(arena, NULL, &a), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_last_status(arena), CORRAL_INVALID_ARGUMENT);
    Arena *destroyed = arena_create_default(f.base.pool);
    CHECK_STATUS(arena_destroy(destroyed), CORRAL_OK);
    CHECK_STATUS(arena_on_release(destroyed, note, &a), CORRAL_INVALID_ARENA);
    arena_fixture_close(&f);
    CHECK_CALLED("");
}

/* --- without memory ----------------------------------------------------------------------------------------------- */

typedef struct Scenario {
    size_t calls;
} Scenario;

static void count_call(void *context) {
    ((Scenario *)context)->calls++;
}

/* Registers until a page is needed; each registration that succeeded is called once. */
static bool register_many(FakePages *fake, void *context) {
    Scenario *scenario = context;
    PoolConfig config = pool_config_default();
    config.source = &fake->source;
    config.region_size = POOL_GRANULE;
    Pool *pool = pool_create_with(&config);
    Arena *arena = arena_create_default(pool);
    bool succeeded = arena != NULL;
    size_t registered = 0;
    scenario->calls = 0;
    for (int i = 0; arena != NULL && i < 3000; i++) {
        ArenaPicture before = arena_picture(arena);
        CorralStatus status = arena_on_release(arena, count_call, scenario);
        if (status != CORRAL_OK) {
            succeeded = false;
            CHECK_STATUS(status, CORRAL_NO_MEMORY);
            CHECK_STATUS(arena_last_status(arena), CORRAL_NO_MEMORY);
            CHECK_UNCHANGED(arena, &before);
        }
        registered += status == CORRAL_OK ? 1 : 0;
    }
    if (arena != NULL) {
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
        CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    }
    CHECK_EQ_U64(scenario->calls, registered);
    if (pool != NULL) {
        CHECK_STATUS(pool_check(pool), CORRAL_OK);
        CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    }
    return succeeded;
}

static void test_registering_without_memory_fails_cleanly(void) {
    Scenario scenario;
    CHECK_TRUE(for_each_failing_page(register_many, &scenario) > 4);
}

TEST_MAIN(TEST_CASE(test_callbacks_run_last_in_first_out), TEST_CASE(test_clear_runs_callbacks),
          TEST_CASE(test_destroy_runs_callbacks), TEST_CASE(test_the_end_of_the_pool_runs_callbacks),
          TEST_CASE(test_rewind_runs_what_was_registered_since), TEST_CASE(test_closing_a_scope_runs_its_callbacks),
          TEST_CASE(test_a_callback_tells_two_marks_apart), TEST_CASE(test_a_refused_rewind_runs_no_callback),
          TEST_CASE(test_callbacks_still_see_the_memory), TEST_CASE(test_what_a_callback_allocates_is_taken_back),
          TEST_CASE(test_a_callback_may_take_marks), TEST_CASE(test_bulk_operations_in_a_callback_refused),
          TEST_CASE(test_callbacks_after_a_refused_one_still_run), TEST_CASE(test_wrong_registrations_refused),
          TEST_CASE(test_registering_without_memory_fails_cleanly))
