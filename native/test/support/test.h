/* SPDX-License-Identifier: Apache-2.0
 * test.h - a small test harness: a table of tests, checks that say what they saw, a leak gate.
 * Layer: test support. May include: nothing of the library.
 *
 *     static void test_free_of_null_does_nothing(void) { CHECK_STATUS(pool_free(pool, NULL), CORRAL_OK); }
 *
 *     TEST_MAIN(TEST_CASE(test_free_of_null_does_nothing),
 *               TEST_CASE(test_...))
 *
 * The program runs all of its tests, or those named in argv, one line each; then `N passed, N failed`. Its exit code is
 * 1 when a test failed, when a name is unknown, or when nothing ran. With `--oom` as its first argument, each test runs
 * again and again, with the first, second, ... request for pages failing (of many, a choice: fake_pages_choose());
 * calls of the library that fail for that reason are checked and repeated (retry.h), so that the test must find what it
 * always finds. A static test that is missing in the table does
 * not compile (-Wunused-function). After each test nothing may be live in any FakePages (fake_pages.h).
 * Threads: checks may run in any thread; a test ends when its function returns. */
#ifndef CORRAL_TEST_SUPPORT_TEST_H
#define CORRAL_TEST_SUPPORT_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct TestCase {
    const char *name;
    void (*run)(void);
} TestCase;

#define TEST_CASE(function) \
    { #function, function }

#define TEST_MAIN(...)                                                       \
    int main(int argc, char **argv) {                                        \
        static const TestCase cases[] = {__VA_ARGS__};                       \
        return test_main(argc, argv, cases, sizeof cases / sizeof cases[0]); \
    }

/* Runs the tests; returns the exit code. */
int test_main(int argc, char **argv, const TestCase *cases, size_t count);

/* --- checks: (actual, expected). Each counts a failure of the running test, goes on, and has the value true when it
 * held. */

#define CHECK_TRUE(condition) test_true(__FILE__, __LINE__, #condition, (condition))
#define CHECK_FALSE(condition) test_true(__FILE__, __LINE__, "!(" #condition ")", !(condition))
#define CHECK_EQ_U64(actual, expected) \
    test_eq_u64(__FILE__, __LINE__, #actual, (uint64_t)(actual), (uint64_t)(expected))
#define CHECK_EQ_I64(actual, expected) test_eq_i64(__FILE__, __LINE__, #actual, (int64_t)(actual), (int64_t)(expected))
#define CHECK_LE_U64(actual, most) test_le_u64(__FILE__, __LINE__, #actual, (uint64_t)(actual), (uint64_t)(most))
#define CHECK_EQ_PTR(actual, expected) test_eq_ptr(__FILE__, __LINE__, #actual, (actual), (expected))
#define CHECK_STR(actual, expected) test_eq_str(__FILE__, __LINE__, #actual, (actual), (expected))
#define CHECK_STATUS(actual, expected) CHECK_EQ_I64(actual, expected) /* CorralStatus; prints the numbers of status.h */

/* As CHECK_TRUE, and leaves the (void) function when it does not hold: for what the rest depends on. */
#define REQUIRE_TRUE(condition)       \
    do {                              \
        if (!CHECK_TRUE(condition)) { \
            return;                   \
        }                             \
    } while (0)

bool test_true(const char *file, int line, const char *expression, bool holds);
bool test_eq_u64(const char *file, int line, const char *expression, uint64_t actual, uint64_t expected);
bool test_eq_i64(const char *file, int line, const char *expression, int64_t actual, int64_t expected);
bool test_le_u64(const char *file, int line, const char *expression, uint64_t actual, uint64_t most);
bool test_eq_ptr(const char *file, int line, const char *expression, const volatile void *actual,
                 const volatile void *expected);
bool test_eq_str(const char *file, int line, const char *expression, const char *actual, const char *expected);

/* Counts a failure of the running test with a text of your own (printf format). */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void test_fail(const char *file, int line, const char *format, ...);

/* Failures of the running test so far: lets a loop stop after the first. */
size_t test_failures(void);

/* Whether this is the thread that runs the tests, and not one that a test has started. */
bool test_in_main_thread(void);

/* Says in one line why the running test cannot run here; it is counted as skipped. Return from the test afterwards. */
void test_skip(const char *reason);

/* --- helpers ------------------------------------------------------------------------------------------------------ */

/* `normal`, scaled by the environment variable CORRAL_TEST_SCALE (per cent; 100 when it is not set); at least 1. */
size_t test_scaled(size_t normal);

/* The next number of a reproducible sequence (splitmix64); `state` starts as the seed. */
uint64_t test_random(uint64_t *state);

/* A number below `bound` (> 0). */
size_t test_random_below(uint64_t *state, size_t bound);

#endif
