/* SPDX-License-Identifier: Apache-2.0
 * os_clock.c (Windows) - the clock of os_thread.h. Layer: pages. May include: base/. Threads: any. */
#include "os_thread.h"

uint64_t os_clock_ms(void) {
    return GetTickCount64();
}
