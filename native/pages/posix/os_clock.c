/* SPDX-License-Identifier: Apache-2.0
 * os_clock.c (POSIX) - the clock of os_thread.h. Layer: pages. May include: base/. Threads: any. */
#include <time.h>

#include "os_thread.h"

/* Where there is a coarse clock it costs a fifth of the exact one. */
#if defined(CLOCK_MONOTONIC_COARSE)
#define CLOCK CLOCK_MONOTONIC_COARSE
#else
#define CLOCK CLOCK_MONOTONIC
#endif

uint64_t os_clock_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
