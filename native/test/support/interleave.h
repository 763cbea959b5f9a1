/* SPDX-License-Identifier: Apache-2.0
 * interleave.h - runs real code in every order of its atomic steps, up to a number of preemptions.
 * Layer: test support. May include: pages/ (its lock).
 *
 * It is included before everything else by each source that takes part (-include): an atomic access, and taking a lock,
 * becomes a step at which the scheduler decides which thread goes on. One thread runs at a time, so each order of steps
 * is one execution, and a path of decisions names it. All paths with at most so many preemptions are tried, depth
 * first, each from the start (Musuvathi and Qadeer, "Iterative context bounding", 2007: few preemptions find most
 * bugs). A thread that cannot go on, because it waits for a lock or has ended, costs no preemption.
 * What is not tried: orders that the language's memory model allows beyond those, since a step sees what the last one
 * wrote. Those are for ThreadSanitizer and for the comments beside the accesses. */
#ifndef CORRAL_TEST_SUPPORT_INTERLEAVE_H
#define CORRAL_TEST_SUPPORT_INTERLEAVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "os_lock.h"
#include "os_thread.h"

enum { INTERLEAVE_THREADS = 3 };

/* One thing to try. Each execution calls prepare(); warm(i) for each thread, in that thread, one after the other;
 * run(i) in all threads, interleaved; and verify() when the threads have ended. */
typedef struct Interleaving {
    size_t threads;
    unsigned preemptions;
    void (*prepare)(void);
    void (*warm)(size_t thread);
    void (*run)(size_t thread);
    void (*verify)(void);
} Interleaving;

/* Tries all paths, or until a check fails; returns how many there were. Deadlock fails the test. */
size_t interleave_all(const Interleaving *what);

/* In a running thread: what its end would do, as steps like any other. */
void interleave_thread_end(void);

/* In a running thread: it goes on when ready() says so, which costs no preemption. */
void interleave_await(bool (*ready)(void));

/* --- what the macros call ----------------------------------------------------------------------------------------- */

void interleave_step(void);
void interleave_lock_take(OsLock *lock);
void interleave_lock_release(OsLock *lock);
bool interleave_end_init(OsThreadEnd *end, void (*function)(void *));
bool interleave_end_set(OsThreadEnd end, void *value);

static inline bool interleave_compared(bool result) {
    return result;
}

#undef atomic_load_explicit
#undef atomic_store_explicit
#undef atomic_fetch_add_explicit
#undef atomic_fetch_sub_explicit
#undef atomic_compare_exchange_strong_explicit
#undef atomic_compare_exchange_weak_explicit
#define atomic_load_explicit(object, order) (interleave_step(), *(object))
#define atomic_store_explicit(object, value, order) (interleave_step(), (void)(*(object) = (value)))
#define atomic_fetch_add_explicit(object, value, order) (interleave_step(), (void)(*(object) += (value)))
#define atomic_fetch_sub_explicit(object, value, order) (interleave_step(), (void)(*(object) -= (value)))
#define atomic_compare_exchange_strong_explicit(object, expected, value, order, other)                      \
    (interleave_step(), *(object) == *(expected) ? ((void)(*(object) = (value)), interleave_compared(true)) \
                                                 : ((void)(*(expected) = *(object)), interleave_compared(false)))
#define atomic_compare_exchange_weak_explicit atomic_compare_exchange_strong_explicit

#define os_lock_take interleave_lock_take
#define os_lock_release interleave_lock_release
#define os_thread_end_init interleave_end_init
#define os_thread_end_set interleave_end_set

#endif
