/* SPDX-License-Identifier: Apache-2.0
 * arena_observer_test.c - what an observer is told, in which order, and what it may do. */
#include <stdarg.h>
#include <stdio.h>

#include "arena/arena_event_log.h"
#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

/* --- a recorder --------------------------------------------------------------------------------------------------- */

/* Writes a line per callback; the last one is in `destroyed` as well. */
typedef struct Recorder {
    char text[4096];
    size_t length;
    size_t held_bytes; /* of chunks that were acquired and not given back */
    bool tries;        /* to change the arena in every callback */
    ArenaMark mark;
} Recorder;

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
record(Recorder *recorder, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    size_t room = sizeof recorder->text - recorder->length;
    int length = vsnprintf(recorder->text + recorder->length, room, format, arguments);
    va_end(arguments);
    if (CHECK_TRUE(0 <= length && (size_t)length < room)) {
        recorder->length += (size_t)length;
    }
}

static void never(void *context) {
    (void)context;
    CHECK_TRUE(false);
}

/* Everything that changes an arena is refused while it is told of. */
static void try_in_vain(const Recorder *recorder, Arena *arena) {
    CHECK_FAILS(arena, arena_alloc(arena, 8), CORRAL_OBSERVING);
    CHECK_FAILS(arena, arena_alloc(arena, 0), CORRAL_OBSERVING);
    CHECK_FAILS(arena, arena_alloc_aligned(arena, 8, 64), CORRAL_OBSERVING);
    CHECK_FAILS(arena, arena_calloc(arena, 8, 8), CORRAL_OBSERVING);
    CHECK_FAILS(arena, arena_strdup(arena, "text"), CORRAL_OBSERVING);
    CHECK_TRUE(arena_alloc_ref(arena, 8, 8) == 0 && arena_last_status(arena) == CORRAL_OBSERVING);
    CHECK_TRUE(arena_mark(arena).arena == NULL && arena_last_status(arena) == CORRAL_OBSERVING);
    CHECK_TRUE(arena_open_scope(arena).arena == NULL);
    CHECK_FAILS(arena, arena_realloc(arena, NULL, 0, 8), CORRAL_OBSERVING);
    CHECK_STATUS(arena_shrink_last(arena, arena, 8, 0), CORRAL_OBSERVING);
    ArenaString string = arena_string_begin(arena);
    CHECK_STATUS(arena_string_append(&string, "text"), CORRAL_OBSERVING);
    CHECK_STATUS(arena_rewind(arena, recorder->mark), CORRAL_OBSERVING);
    CHECK_STATUS(arena_close_scope(arena, recorder->mark), CORRAL_OBSERVING);
    CHECK_STATUS(arena_reset(arena), CORRAL_OBSERVING);
    CHECK_STATUS(arena_clear(arena), CORRAL_OBSERVING);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OBSERVING);
    CHECK_STATUS(arena_on_release(arena, never, NULL), CORRAL_OBSERVING);
    CHECK_STATUS(pool_destroy(arena->pool), CORRAL_OBSERVING);
    CHECK_STATUS(arena_trim(arena, 0), CORRAL_OBSERVING);
    CHECK_EQ_PTR(arena_create_child(arena, SIZE_MAX), NULL);
}

static void try_to_change(const Recorder *recorder, Arena *arena) {
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    if (recorder->tries) {
        ArenaPicture before = arena_picture(arena);
        try_in_vain(recorder, arena);
        CHECK_UNCHANGED(arena, &before);
    }
}

static void record_alloc(void *context, Arena *arena, void *block, size_t size, ArenaRef ref) {
    Spot spot = spot_of(arena, block);
    record(context, "alloc %zu @%zu:%zu\n", size, spot.chunk, spot.offset);
    CHECK_EQ_PTR(arena_resolve(arena, ref), block);
    try_to_change(context, arena);
}

static void record_chunk(void *context, Arena *arena, ArenaChunkEvent event, void *base, size_t capacity) {
    Recorder *recorder = context;
    bool acquired = event == ARENA_CHUNK_ACQUIRED;
    record(recorder, "%s %zu\n", acquired ? "acquired" : "given back", capacity);
    recorder->held_bytes += acquired ? capacity : 0 - capacity;
    Spot spot = spot_of(arena, base); /* it is part of the arena, after being acquired and before being given back */
    CHECK_TRUE(spot.offset == 0 && chunk_view(arena, spot.chunk).capacity == capacity);
    if (acquired) {
        try_to_change(recorder, arena);
    } else if (recorder->tries) { /* in the midst of its operation */
        try_in_vain(recorder, arena);
    }
}

static void record_reset(void *context, Arena *arena, ArenaTakeBack by) {
    static const char *const names[] = {"", "reset", "clear", "rewind"};
    record(context, "%s to %zu of %zu\n", names[by], arena_total_used(arena), arena_total_allocated(arena));
    try_to_change(context, arena);
}

static void record_destroy(void *context, Arena *arena) {
    record(context, "destroy with %zu of %zu\n", arena_total_used(arena), arena_total_allocated(arena));
    try_to_change(context, arena);
}

static ArenaObserver observer_of(Recorder *recorder) {
    return (ArenaObserver){.context = recorder,
                           .alloc = record_alloc,
                           .chunk = record_chunk,
                           .reset = record_reset,
                           .destroy = record_destroy};
}

static Arena *observed_arena(ArenaFixture *f, const ArenaObserver *observer) {
    ArenaConfig config = arena_config_default();
    config.observer = observer;
    return arena_fixture_with(f, &config);
}

/* Compares what was told since the last time. */
static void check_told(Recorder *recorder, const char *expected) {
    CHECK_STR(recorder->text, expected);
    recorder->length = 0;
    recorder->text[0] = '\0';
}

/* --- what is told ------------------------------------------------------------------------------------------------- */

static void test_observer_sees_allocations_and_chunks(void) {
    ArenaFixture f;
    Recorder recorder = {.length = 0};
    ArenaObserver observer = observer_of(&recorder);
    Arena *arena = observed_arena(&f, &observer);
    memset(&observer, 0, sizeof observer); /* it was copied */
    check_told(&recorder, "acquired 4096\n");
    CHECK_TRUE(arena_alloc(arena, 100) != NULL);
    CHECK_TRUE(arena_alloc(arena, 0) != NULL);
    CHECK_TRUE(arena_alloc_aligned(arena, 10, 64) != NULL);
    CHECK_TRUE(arena_alloc_ref(arena, 1, 1) != 0);
    check_told(&recorder, "alloc 100 @0:0\nalloc 0 @0:112\nalloc 10 @0:128\nalloc 1 @0:144\n");
    CHECK_TRUE(arena_calloc(arena, 1000, 8) != NULL);
    CHECK_TRUE(arena_strdup(arena, "corral") != NULL);
    CHECK_TRUE(arena_alloc(arena, 50000) != NULL);
    check_told(&recorder, "acquired 8192\nalloc 8000 @1:0\nalloc 7 @0:160\nacquired 50000\nalloc 50000 @2:0\n");
    CHECK_EQ_U64(recorder.held_bytes, arena_total_allocated(arena));
    arena_fixture_close(&f);
}

static void test_observer_sees_what_takes_back(void) {
    ArenaFixture f;
    Recorder recorder = {.length = 0};
    ArenaObserver observer = observer_of(&recorder);
    Arena *arena = observed_arena(&f, &observer);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    ArenaMark mark = arena_mark(arena);
    ArenaMark scope = arena_open_scope(arena);
    CHECK_TRUE(arena_alloc(arena, 5000) != NULL);
    CHECK_TRUE(arena_alloc(arena, 20000) != NULL);
    check_told(&recorder,
               "acquired 4096\nalloc 16 @0:0\nacquired 8192\nalloc 5000 @1:0\nacquired 20000\nalloc 20000 @2:0\n");
    CHECK_STATUS(arena_close_scope(arena, scope), CORRAL_OK);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    check_told(&recorder, "rewind to 16 of 32288\nrewind to 16 of 32288\nreset to 0 of 32288\n");
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    check_told(&recorder, "given back 8192\ngiven back 20000\nclear to 0 of 4096\n");
    CHECK_EQ_U64(recorder.held_bytes, 4096);
    arena_fixture_close(&f);
    check_told(&recorder, "given back 4096\ndestroy with 0 of 4096\n");
    CHECK_EQ_U64(recorder.held_bytes, 0);
}

static void test_observer_reads_the_last_statistics(void) {
    ArenaFixture f;
    Recorder recorder = {.length = 0};
    ArenaObserver observer = observer_of(&recorder);
    Arena *arena = observed_arena(&f, &observer);
    CHECK_TRUE(arena_alloc(arena, 4000) != NULL);
    CHECK_TRUE(arena_alloc(arena, 8000) != NULL);
    check_told(&recorder, "acquired 4096\nalloc 4000 @0:0\nacquired 8192\nalloc 8000 @1:0\n");
    arena_fixture_close(&f);
    check_told(&recorder, "given back 4096\ngiven back 8192\ndestroy with 12000 of 12288\n");
}

/* One that changes its size where it is has been told already. */
static void test_observer_sees_blocks_that_move(void) {
    ArenaFixture f;
    Recorder recorder = {.length = 0};
    ArenaObserver observer = observer_of(&recorder);
    Arena *arena = observed_arena(&f, &observer);
    void *block = arena_realloc(arena, arena_alloc(arena, 100), 100, 200);
    check_told(&recorder, "acquired 4096\nalloc 100 @0:0\n");
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    block = arena_realloc(arena, block, 200, 300);
    CHECK_STATUS(arena_shrink_last(arena, block, 300, 250), CORRAL_OK);
    block = arena_realloc(arena, block, 250, 5000);
    CHECK_TRUE(block != NULL);
    check_told(&recorder, "alloc 16 @0:208\nalloc 300 @0:224\nacquired 8192\nalloc 5000 @1:0\n");
    CHECK_EQ_U64(arena_allocation_count(arena), 3);
    arena_fixture_close(&f);
}

static void test_observer_sees_trimming(void) {
    ArenaFixture f;
    Recorder recorder = {.length = 0};
    ArenaObserver observer = observer_of(&recorder);
    ArenaConfig config = arena_config_default();
    config.observer = &observer;
    config.retain = 4 * KIB;
    Arena *arena = arena_fixture_with(&f, &config);
    CHECK_TRUE(arena_alloc(arena, 5000) != NULL);
    CHECK_TRUE(arena_alloc(arena, 20000) != NULL);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    check_told(&recorder, "acquired 4096\nacquired 8192\nalloc 5000 @1:0\nacquired 20000\nalloc 20000 @2:0\n"
                          "given back 20000\ngiven back 8192\nreset to 0 of 4096\n");
    CHECK_EQ_U64(recorder.held_bytes, arena_total_allocated(arena));
    arena_fixture_close(&f);
}

/* Each child has the observer of its own config; nobody may end the parent while a child's observer is told. */
static void reset_parent(void *context, Arena *arena, void *block, size_t size, ArenaRef ref) {
    (void)arena;
    (void)block;
    (void)size;
    (void)ref;
    CHECK_STATUS(arena_reset(context), CORRAL_OBSERVING);
    CHECK_STATUS(arena_destroy(context), CORRAL_OBSERVING);
}

static void test_observer_of_a_child_cannot_end_its_parent(void) {
    ArenaFixture f;
    Arena *parent = arena_fixture_default(&f);
    ArenaConfig config = arena_config_child(parent, SIZE_MAX);
    CHECK_TRUE(config.observer == NULL);
    ArenaObserver observer = {.context = parent, .alloc = reset_parent};
    config.observer = &observer;
    Arena *child = arena_create_with(NULL, &config);
    REQUIRE_TRUE(child != NULL);
    CHECK_TRUE(arena_alloc(child, 100) != NULL);
    CHECK_TRUE(arena_alloc(child, 10000) != NULL);
    CHECK_STATUS(arena_reset(parent), CORRAL_OK);
    CHECK_STATUS(arena_check(child), CORRAL_INVALID_ARENA);
    arena_fixture_close(&f);
}

static void test_failed_operation_tells_nothing(void) {
    ArenaFixture f;
    Recorder recorder = {.length = 0};
    ArenaObserver observer = observer_of(&recorder);
    ArenaConfig config = arena_config_default();
    config.fixed = true;
    config.initial_size = config.maximum_size = 64;
    config.observer = &observer;
    Arena *arena = arena_fixture_with(&f, &config);
    ArenaMark stale = arena_mark(arena);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    check_told(&recorder, "acquired 64\nreset to 0 of 64\n");
    CHECK_FAILS(arena, arena_alloc(arena, 65), CORRAL_ARENA_FULL);
    CHECK_FAILS(arena, arena_alloc(arena, SIZE_MAX), CORRAL_SIZE_LIMIT);
    CHECK_FAILS(arena, arena_alloc_aligned(arena, 1, 3), CORRAL_BAD_ALIGNMENT);
    CHECK_STATUS(arena_rewind(arena, stale), CORRAL_STALE_MARK);
    check_told(&recorder, "");
    f.base.pages.fail_at = f.base.pages.reserve_calls + 1;
    f.base.pages.fail_from = true;
    config.initial_size = config.maximum_size = 8 * MIB;
    CHECK_EQ_PTR(arena_create_with(f.base.pool, &config), NULL);
    check_told(&recorder, "");
    arena_fixture_close(&f);
}

static void test_pool_destroy_ends_an_observed_arena(void) {
    ArenaFixture f;
    Recorder recorder = {.length = 0};
    ArenaObserver observer = observer_of(&recorder);
    observed_arena(&f, &observer);
    check_told(&recorder, "acquired 4096\n");
    fixture_close(&f.base);
    check_told(&recorder, "given back 4096\ndestroy with 0 of 4096\n");
}

static void test_missing_functions_are_not_called(void) {
    ArenaFixture f;
    ArenaObserver nothing = {.context = NULL};
    Arena *arena = observed_arena(&f, &nothing);
    CHECK_TRUE(arena_alloc(arena, 10000) != NULL);
    CHECK_STATUS(arena_rewind(arena, arena_mark(arena)), CORRAL_OK);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    arena_fixture_close(&f);
}

/* --- what an observer may do -------------------------------------------------------------------------------------- */

static void test_callback_may_change_nothing(void) {
    ArenaFixture f;
    Recorder recorder = {.tries = true};
    ArenaObserver observer = observer_of(&recorder);
    Arena *arena = observed_arena(&f, &observer);
    recorder.mark = arena_mark(arena);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    CHECK_TRUE(arena_alloc(arena, 5000) != NULL);
    CHECK_STATUS(arena_rewind(arena, recorder.mark), CORRAL_OK);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    arena_fixture_close(&f);
    check_told(&recorder, "acquired 4096\nalloc 16 @0:0\nacquired 8192\nalloc 5000 @1:0\nrewind to 0 of 12288\n"
                          "reset to 0 of 12288\ngiven back 8192\nclear to 0 of 4096\nalloc 16 @0:0\n"
                          "given back 4096\ndestroy with 16 of 4096\n");
}

static void copy_to_other(void *context, Arena *arena, void *block, size_t size, ArenaRef ref) {
    (void)arena;
    (void)block;
    (void)ref;
    CHECK_TRUE(arena_alloc(context, size) != NULL);
}

static void test_callback_may_use_another_arena(void) {
    ArenaFixture f;
    Pool *pool = fixture_default(&f.base);
    Arena *other = arena_create_default(pool);
    ArenaObserver observer = {.context = other, .alloc = copy_to_other};
    ArenaConfig config = arena_config_default();
    config.observer = &observer;
    f.arena = arena_create_with(pool, &config);
    for (size_t i = 0; i < 100; i++) {
        CHECK_TRUE(arena_alloc(f.arena, i * 10) != NULL);
    }
    CHECK_EQ_U64(arena_allocation_count(other), 100);
    CHECK_EQ_U64(arena_total_used(other), arena_total_used(f.arena));
    CHECK_STATUS(arena_destroy(other), CORRAL_OK);
    arena_fixture_close(&f);
}

/* --- the window --------------------------------------------------------------------------------------------------- */

static void test_only_an_observed_arena_has_a_closed_window(void) {
    ArenaFixture f;
    Recorder recorder = {.length = 0};
    ArenaObserver observer = observer_of(&recorder);
    Arena *observed = observed_arena(&f, &observer);
    Arena *plain = arena_create_default(f.base.pool);
    for (size_t size = 0; size < 100; size += 9) {
        CHECK_SPOT(observed, arena_alloc(observed, size), 0, spot_of(plain, arena_alloc(plain, size)).offset);
        CHECK_EQ_U64(observed->control.limit, observed->control.cursor);
        CHECK_EQ_U64(observed->control.inline_limit, 0);
        CHECK_EQ_U64(plain->control.limit, plain->window_end);
    }
    CHECK_STATUS(arena_destroy(plain), CORRAL_OK);
    arena_fixture_close(&f);
}

/* --- the log ------------------------------------------------------------------------------------------------------ */

static Arena *logged_arena(ArenaFixture *f, ArenaEventLog **log) {
    Pool *pool = fixture_default(&f->base);
    *log = event_log_open(pool);
    CHECK_TRUE(*log != NULL);
    ArenaObserver observer = event_log_observer(*log);
    ArenaConfig config = arena_config_default();
    config.observer = &observer;
    f->arena = arena_create_with(pool, &config);
    CHECK_TRUE(f->arena != NULL);
    return f->arena;
}

static void check_event(ArenaEventLog *log, ArenaEventKind kind, uint64_t subject, int64_t bytes) {
    ArenaEvent event = {0, 0, 0};
    CHECK_EQ_U64(event_log_take(log, &event, 1), 1);
    CHECK_EQ_I64(event.kind, kind);
    CHECK_EQ_U64((uint64_t)event.subject, subject);
    CHECK_EQ_I64(event.bytes, bytes);
}

static void check_nothing_left(ArenaEventLog *log) {
    ArenaEvent event;
    CHECK_EQ_U64(event_log_take(log, &event, 1), 0);
}

static void test_log_holds_events_in_order(void) {
    ArenaFixture f;
    ArenaEventLog *log;
    Arena *arena = logged_arena(&f, &log);
    ArenaRef ref = arena_alloc_ref(arena, 5000, 1);
    ArenaMark mark = arena_mark(arena);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    check_event(log, ARENA_EVENT_ACQUIRED, 0, 4096);
    check_event(log, ARENA_EVENT_ACQUIRED, 0, 8192);
    check_event(log, ARENA_EVENT_ALLOC, ref, 5000);
    check_event(log, ARENA_EVENT_RESET, ARENA_TOOK_BACK_BY_REWIND, 0);
    check_event(log, ARENA_EVENT_GIVEN_BACK, 0, 8192);
    check_event(log, ARENA_EVENT_RESET, ARENA_TOOK_BACK_BY_CLEAR, 0);
    check_nothing_left(log);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    check_event(log, ARENA_EVENT_GIVEN_BACK, 0, 4096);
    check_event(log, ARENA_EVENT_DESTROY, 0, 0);
    check_nothing_left(log);
    event_log_close(f.base.pool, log);
    fixture_close(&f.base);
}

static void test_log_holds_the_arena_while_it_is_read(void) {
    ArenaFixture f;
    ArenaEventLog *log;
    Arena *arena = logged_arena(&f, &log);
    CHECK_TRUE(arena_alloc(arena, 8) != NULL);
    check_event(log, ARENA_EVENT_ACQUIRED, 0, 4096);
    CHECK_FAILS(arena, arena_alloc(arena, 8), CORRAL_OBSERVING);
    CHECK_STATUS(arena_reset(arena), CORRAL_OBSERVING);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OBSERVING);
    ArenaEvent event;
    CHECK_EQ_U64(event_log_take(log, &event, 1), 1);
    CHECK_STATUS(arena_clear(arena), CORRAL_OBSERVING);
    check_nothing_left(log);
    CHECK_TRUE(arena_alloc(arena, 8) != NULL);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    event_log_close(f.base.pool, log);
    fixture_close(&f.base);
}

/* What does not fit is counted, and the log goes on once it has been read. */
static void test_full_log_counts_what_it_misses(void) {
    if (fake_pages_injecting()) {
        test_skip("a log that cannot grow misses events sooner");
        return;
    }
    ArenaFixture f;
    ArenaEventLog *log;
    Arena *arena = logged_arena(&f, &log);
    for (size_t i = 0; i < ARENA_EVENT_LOG_MAX + 99; i++) { /* the first chunk is an event, too */
        CHECK_TRUE(arena_alloc(arena, 0) != NULL);
    }
    ArenaEvent events[100];
    size_t taken = 0;
    for (uint32_t count = 1; taken < ARENA_EVENT_LOG_MAX && count != 0; taken += count) {
        count = event_log_take(log, events, 100);
    }
    CHECK_EQ_U64(taken, ARENA_EVENT_LOG_MAX);
    check_event(log, ARENA_EVENT_MISSED, 0, 100);
    check_nothing_left(log);
    CHECK_TRUE(arena_alloc(arena, 24) != NULL);
    ArenaEvent event;
    CHECK_EQ_U64(event_log_take(log, &event, 1), 1);
    CHECK_EQ_I64(event.bytes, 24);
    check_nothing_left(log);
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    event_log_close(f.base.pool, log);
    fixture_close(&f.base);
}

/* Allocations go on; the events are missed, but not the last one. */
static void test_log_without_memory_misses_events(void) {
    ArenaFixture f;
    ArenaEventLog *log;
    PoolConfig config = fixture_open(&f.base);
    Pool *pool = fixture_create(&f.base, &config);
    log = event_log_open(pool);
    ArenaObserver observer = event_log_observer(log);
    ArenaConfig arena_config = arena_config_default();
    arena_config.observer = &observer;
    Arena *arena = arena_create_with(pool, &arena_config);
    REQUIRE_TRUE(arena != NULL);
    f.base.pages.fail_at = f.base.pages.reserve_calls + 1;
    f.base.pages.fail_from = true;
    size_t made = 1; /* the first chunk */
    for (; made < 40000; made++) {
        CHECK_TRUE(arena_alloc(arena, 0) != NULL);
    }
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    ArenaEvent event = {0, 0, 0};
    size_t written = 0;
    while (event_log_take(log, &event, 1) == 1 && event.kind != ARENA_EVENT_MISSED) {
        written++;
    }
    CHECK_EQ_I64(event.kind, ARENA_EVENT_MISSED);
    CHECK_EQ_U64(written + (uint64_t)event.bytes, made + 1); /* the first chunk went back */
    check_event(log, ARENA_EVENT_DESTROY, 0, 0);
    check_nothing_left(log);
    event_log_close(pool, log);
    fixture_close(&f.base);
}

static void test_log_of_no_pool_refused(void) {
    CHECK_EQ_PTR(event_log_open(NULL), NULL);
    event_log_close(NULL, NULL);
}

TEST_MAIN(TEST_CASE(test_observer_sees_allocations_and_chunks), TEST_CASE(test_observer_sees_what_takes_back),
          TEST_CASE(test_observer_reads_the_last_statistics), TEST_CASE(test_failed_operation_tells_nothing),
          TEST_CASE(test_observer_sees_blocks_that_move), TEST_CASE(test_observer_sees_trimming),
          TEST_CASE(test_observer_of_a_child_cannot_end_its_parent),
          TEST_CASE(test_pool_destroy_ends_an_observed_arena), TEST_CASE(test_missing_functions_are_not_called),
          TEST_CASE(test_callback_may_change_nothing), TEST_CASE(test_callback_may_use_another_arena),
          TEST_CASE(test_only_an_observed_arena_has_a_closed_window), TEST_CASE(test_log_holds_events_in_order),
          TEST_CASE(test_log_holds_the_arena_while_it_is_read), TEST_CASE(test_full_log_counts_what_it_misses),
          TEST_CASE(test_log_without_memory_misses_events), TEST_CASE(test_log_of_no_pool_refused))
