/* SPDX-License-Identifier: Apache-2.0
 * fake_pages.h - a page source for tests: it counts, limits, fails on request, and checks what it is given back.
 * Layer: test support. May include: page_source.h, os_lock.h, base/.
 * Threads: the source may be used by all threads; the fields below "set by the test" are set while nobody uses it. */
#ifndef CORRAL_TEST_SUPPORT_FAKE_PAGES_H
#define CORRAL_TEST_SUPPORT_FAKE_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "corral/page_source.h"
#include "os_lock.h"

#define FAKE_PAGES_BUCKETS 256

/* Memory is zeroed when it is handed out and filled with 0xDD when it comes back. Around it AddressSanitizer and
 * Valgrind know bytes that nobody may touch. A release() or discard() of anything that is not exactly one live
 * reservation is a test failure.
 * Invariant: live_bytes = sum of the live records' sizes; live_count = how many they are. */
typedef struct FakePages {
    PageSource source; /* pass &fake->source; page_size is 4096 unless the test changes it before its first use */

    /* set by the test */
    size_t fail_at;      /* the number, from 1, of the reserve call that fails; 0: none */
    bool fail_from;      /* all calls from fail_at on fail */
    size_t byte_limit;   /* reserve fails when more bytes would be live; SIZE_MAX: none */
    bool refuse_discard; /* discard returns false, and does nothing */
    bool refuse_release; /* release returns false (the memory is taken back all the same, so that nothing leaks) */

    /* read by the test */
    size_t reserve_calls; /* count, failed ones included */
    size_t release_calls;
    size_t discard_calls;   /* count, refused ones included */
    size_t discarded_bytes; /* sum of what was discarded */
    size_t live_count;
    size_t live_bytes;
    size_t peak_bytes;

    OsLock lock;
    struct FakeRecord *records[FAKE_PAGES_BUCKETS]; /* live reservations, by address */
} FakePages;

/* Prepares a fake that never fails. Owner: the caller, at a fixed address, until fake_pages_close(). */
void fake_pages_open(FakePages *fake);

/* Fails the running test when pages are live, and frees them. */
void fake_pages_close(FakePages *fake);

/* Bytes that are reserved and not released. */
size_t fake_pages_live(FakePages *fake);

/* The same, of all fakes of the process: the harness checks it after each test. */
size_t fake_pages_live_everywhere(void);

/* --- one failure in the whole program: for `--oom` (test.h) ------------------------------------------------------- */

/* Counts the reserve calls from here on and chooses those that are worth failing, until the next fake_pages_inject():
 * the first ones, the first ones of each size and alignment (they mean different things), and some of the rest. */
void fake_pages_choose(void);

/* Those that were chosen, as numbers from 1 in rising order, until the next fake_pages_choose(). */
const size_t *fake_pages_chosen(size_t *count);

/* From now on the n-th reserve call, of all fakes together, fails; 0: none. It is counted nowhere else, so that a test
 * which repeats the failed operation sees what it always sees. for_each_failing_page() knows better where to fail:
 * while it runs nothing is counted or failed here. */
void fake_pages_inject(size_t n);

/* How often fake_pages_inject() has been called. */
size_t fake_pages_run(void);

/* Whether a failure is to come or has been. */
bool fake_pages_injecting(void);

/* How many reserve calls of the calling thread have been failed so. */
size_t fake_pages_injected_here(void);

/* Runs `body` with a fresh fake whose n-th reserve call fails, n = 1, 2, ... until a run needs fewer than n calls;
 * first with only that call failing, then with all calls from it on failing. `body` returns true when everything that
 * it asked for succeeded; it must destroy what it made, and the last run must return true. After each run nothing may
 * be live. Returns the number of runs. */
size_t for_each_failing_page(bool (*body)(FakePages *fake, void *context), void *context);

#endif
