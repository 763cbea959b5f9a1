/* SPDX-License-Identifier: Apache-2.0
 * test.c - the harness of test.h. */
#include "support/test.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/fake_pages.h"

#define MESSAGES_MAX 20 /* of one test; further failures are only counted */

/* The running test. Counters are relaxed: they are read after the test's threads were joined, or only as a hint. */
static atomic_size_t failures;
static atomic_bool skipped;

static _Thread_local bool in_main_thread;

typedef struct Tally {
    size_t passed;
    size_t failed;
    size_t skipped;
    size_t injected; /* --oom: runs in which a request for pages failed */
} Tally;

/* --- checks ------------------------------------------------------------------------------------------------------- */

void test_fail(const char *file, int line, const char *format, ...) {
    size_t earlier = atomic_fetch_add_explicit(&failures, 1, memory_order_relaxed);
    if (earlier >= MESSAGES_MAX) {
        return;
    }
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    printf("%s    %s:%d: %s\n", earlier == 0 ? "\n" : "", file, line, text);
    fflush(stdout);
}

size_t test_failures(void) {
    return atomic_load_explicit(&failures, memory_order_relaxed);
}

bool test_true(const char *file, int line, const char *expression, bool holds) {
    if (!holds) {
        test_fail(file, line, "%s: expected true, actual false", expression);
    }
    return holds;
}

bool test_eq_u64(const char *file, int line, const char *expression, uint64_t actual, uint64_t expected) {
    if (actual != expected) {
        test_fail(file, line, "%s: expected %" PRIu64 " (0x%" PRIx64 "), actual %" PRIu64 " (0x%" PRIx64 ")",
                  expression, expected, expected, actual, actual);
    }
    return actual == expected;
}

bool test_eq_i64(const char *file, int line, const char *expression, int64_t actual, int64_t expected) {
    if (actual != expected) {
        test_fail(file, line, "%s: expected %" PRId64 ", actual %" PRId64, expression, expected, actual);
    }
    return actual == expected;
}

bool test_le_u64(const char *file, int line, const char *expression, uint64_t actual, uint64_t most) {
    if (actual > most) {
        test_fail(file, line, "%s: expected at most %" PRIu64 ", actual %" PRIu64, expression, most, actual);
    }
    return actual <= most;
}

bool test_eq_ptr(const char *file, int line, const char *expression, const volatile void *actual,
                 const volatile void *expected) {
    if (actual != expected) {
        test_fail(file, line, "%s: expected 0x%" PRIxPTR ", actual 0x%" PRIxPTR, expression, (uintptr_t)expected,
                  (uintptr_t)actual);
    }
    return actual == expected;
}

bool test_eq_str(const char *file, int line, const char *expression, const char *actual, const char *expected) {
    bool same = actual == expected || (actual != NULL && expected != NULL && strcmp(actual, expected) == 0);
    if (!same) {
        test_fail(file, line, "%s: expected \"%s\", actual \"%s\"", expression, expected != NULL ? expected : "(null)",
                  actual != NULL ? actual : "(null)");
    }
    return same;
}

bool test_in_main_thread(void) {
    return in_main_thread;
}

void test_skip(const char *reason) {
    atomic_store(&skipped, true);
    printf("skipped: %s ", reason);
}

/* --- helpers ------------------------------------------------------------------------------------------------------ */

size_t test_scaled(size_t normal) {
    const char *text = getenv("CORRAL_TEST_SCALE");
    unsigned long percent = text != NULL ? strtoul(text, NULL, 10) : 100;
    size_t scaled = (size_t)((double)normal * (double)percent / 100.0);
    return scaled > 0 ? scaled : 1;
}

uint64_t test_random(uint64_t *state) {
    *state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t value = *state;
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

size_t test_random_below(uint64_t *state, size_t bound) {
    return (size_t)(test_random(state) % bound);
}

/* --- running ------------------------------------------------------------------------------------------------------ */

static double milliseconds_now(void) {
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void start_test(const TestCase *test) {
    atomic_store(&failures, 0);
    atomic_store(&skipped, false);
    printf("%s ... ", test->name);
    fflush(stdout);
}

static void finish_test(const char *text, Tally *tally) {
    if (test_failures() != 0) {
        tally->failed++;
    } else if (atomic_load(&skipped)) {
        printf("\n");
        tally->skipped++;
    } else {
        printf("ok (%s)\n", text);
        tally->passed++;
    }
    fflush(stdout);
}

static void run_one(const TestCase *test, Tally *tally) {
    start_test(test);
    size_t live_before = fake_pages_live_everywhere(); /* a leak is counted for the test that made it, once */
    double start = milliseconds_now();
    test->run();
    char text[64];
    snprintf(text, sizeof text, "%.0f ms", milliseconds_now() - start);
    CHECK_EQ_U64(fake_pages_live_everywhere(), live_before);
    if (test_failures() != 0) {
        printf("    FAILED: %s, checks failed: %zu\n", test->name, test_failures());
    }
    finish_test(text, tally);
}

/* One run; true when the test may go on. */
static bool run_once(const TestCase *test, size_t live_before) {
    test->run();
    CHECK_EQ_U64(fake_pages_live_everywhere(), live_before);
    return test_failures() == 0 && !atomic_load(&skipped);
}

/* Runs the test with each of the chosen requests failing, after a run that chooses them. Returns the runs in which one
 * failed; *last: the request of the last run. */
static size_t run_failing_requests(const TestCase *test, size_t *last) {
    size_t live_before = fake_pages_live_everywhere();
    size_t count = 0;
    size_t runs = 0;
    fake_pages_choose();
    bool goes_on = run_once(test, live_before);
    const size_t *chosen = fake_pages_chosen(&count);
    for (size_t i = 0; i < count && goes_on; i++) {
        *last = chosen[i];
        fake_pages_inject(chosen[i]);
        goes_on = run_once(test, live_before);
        runs++;
    }
    fake_pages_inject(0);
    return runs;
}

static void run_without_memory(const TestCase *test, Tally *tally) {
    start_test(test);
    double start = milliseconds_now();
    size_t last = 0;
    size_t runs = run_failing_requests(test, &last);
    tally->injected += runs;
    if (test_failures() != 0) {
        printf("    FAILED: %s, with page request %zu failing, checks failed: %zu\n", test->name, last,
               test_failures());
    }
    char text[64];
    snprintf(text, sizeof text, "%zu failing requests, %.0f ms", runs, milliseconds_now() - start);
    finish_test(text, tally);
}

/* How each test is run: once, or with --oom. Set at the start. */
static void (*run)(const TestCase *test, Tally *tally) = run_one;

static const TestCase *test_named(const char *name, const TestCase *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(cases[i].name, name) == 0) {
            return &cases[i];
        }
    }
    return NULL;
}

static void run_named(int argc, char **argv, const TestCase *cases, size_t count, Tally *tally) {
    for (int i = 0; i < argc; i++) {
        const TestCase *test = test_named(argv[i], cases, count);
        if (test != NULL) {
            run(test, tally);
        } else {
            printf("%s ... FAILED: no such test\n", argv[i]);
            tally->failed++;
        }
    }
}

int test_main(int argc, char **argv, const TestCase *cases, size_t count) {
    Tally tally = {0};
    in_main_thread = true;
    argc--, argv++;
    if (argc > 0 && strcmp(argv[0], "--oom") == 0) {
        argc--, argv++;
        run = run_without_memory;
    }
    if (argc > 0) {
        run_named(argc, argv, cases, count, &tally);
    } else {
        for (size_t i = 0; i < count; i++) {
            run(&cases[i], &tally);
        }
    }
    printf("%zu passed, %zu failed", tally.passed, tally.failed);
    if (tally.skipped != 0) {
        printf(", %zu skipped", tally.skipped);
    }
    printf("\n");
    if (tally.passed + tally.failed + tally.skipped == 0) {
        printf("no test ran\n");
        return EXIT_FAILURE;
    }
    if (run == run_without_memory && tally.injected == 0) {
        printf("no request for pages failed\n");
        return EXIT_FAILURE;
    }
    return tally.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
