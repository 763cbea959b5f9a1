/* SPDX-License-Identifier: Apache-2.0
 * os_thread.h (POSIX) - the end of a thread, and a clock; CMake picks the directory of the platform.
 * Layer: pages. May include: base/. */
#ifndef CORRAL_PAGES_OS_THREAD_H
#define CORRAL_PAGES_OS_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* A function that runs at the end of every thread that asked for it. */
typedef pthread_key_t OsThreadEnd;

/* Prepares `end`, once per process; false when the system has no resources for it. */
static inline bool os_thread_end_init(OsThreadEnd *end, void (*run)(void *value)) {
    return pthread_key_create(end, run) == 0;
}

/* The calling thread asks for run(value), value not NULL, when it ends; false when there is no memory. While `run`
 * runs, the thread's _Thread_local variables still exist, and it may ask again. */
static inline bool os_thread_end_set(OsThreadEnd end, void *value) {
    return pthread_setspecific(end, value) == 0;
}

/* Milliseconds of a clock that never goes back, to within some milliseconds. */
uint64_t os_clock_ms(void);

#endif
