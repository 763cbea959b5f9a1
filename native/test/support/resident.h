/* SPDX-License-Identifier: Apache-2.0
 * resident.h - the process's physical memory, as the operating system counts it. Layer: test support. */
#ifndef CORRAL_TEST_SUPPORT_RESIDENT_H
#define CORRAL_TEST_SUPPORT_RESIDENT_H

#include <stddef.h>
#include <stdio.h>

/* Bytes (Rss of /proc/self/smaps_rollup, which is exact); 0 where the system does not say. */
static inline size_t resident_bytes(void) {
    char line[128];
    size_t kib = 0;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    while (file != NULL && kib == 0 && fgets(line, sizeof line, file) != NULL) {
        kib = sscanf(line, "Rss: %zu kB", &kib) == 1 ? kib : 0;
    }
    if (file != NULL) {
        fclose(file);
    }
    return kib * 1024;
}

#endif
