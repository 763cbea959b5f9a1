/* SPDX-License-Identifier: Apache-2.0
 * threads.h - runs one function in several threads (POSIX). Layer: test support. */
#ifndef CORRAL_TEST_SUPPORT_THREADS_H
#define CORRAL_TEST_SUPPORT_THREADS_H

#include <pthread.h>
#include <stddef.h>

#include "support/test.h"

#define RUN_THREADS_MAX 16

/* Calls body(&contexts[i * stride]) for i < count in a thread each and waits for all; fails the test when one cannot
 * start. */
static inline void run_threads(size_t count, void *(*body)(void *), void *contexts, size_t stride) {
    pthread_t threads[RUN_THREADS_MAX];
    size_t started = 0;
    while (started < count && started < RUN_THREADS_MAX &&
           pthread_create(&threads[started], NULL, body, (char *)contexts + started * stride) == 0) {
        started++;
    }
    CHECK_EQ_U64(started, count);
    for (size_t i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
}

#endif
