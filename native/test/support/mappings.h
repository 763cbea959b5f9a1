/* SPDX-License-Identifier: Apache-2.0
 * mappings.h - what Linux says of the mapping at an address. Layer: test support. May include: test.h. */
#ifndef CORRAL_TEST_SUPPORT_MAPPINGS_H
#define CORRAL_TEST_SUPPORT_MAPPINGS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

/* Bytes of address space that this process has mapped; 0 where the system has no such file. */
static inline uint64_t mapped_bytes(void) {
    FILE *maps = fopen("/proc/self/maps", "r");
    uint64_t sum = 0;
    char line[512];
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        char *end;
        uint64_t from = strtoull(line, &end, 16);
        sum += *end == '-' ? strtoull(end + 1, NULL, 16) - from : 0;
    }
    if (maps != NULL) {
        fclose(maps);
    }
    return sum;
}

/* Stores the line that begins with `key` about the mapping that `address` lies in; false: there is none. */
static inline bool mapping_line(const void *address, const char *key, char *line, size_t room) {
    FILE *maps = fopen("/proc/self/smaps", "r");
    bool inside = false;
    bool found = false;
    while (maps != NULL && !found && fgets(line, (int)room, maps) != NULL) {
        char *end;
        uint64_t from = strtoull(line, &end, 16);
        if (*end == '-') {
            inside = from <= (uintptr_t)address && (uintptr_t)address < strtoull(end + 1, NULL, 16);
        }
        found = inside && strncmp(line, key, strlen(key)) == 0;
    }
    if (maps != NULL) {
        fclose(maps);
    }
    return found;
}

/* Whether the mapping has this two-letter flag of smaps' VmFlags. */
static inline bool mapping_has_flag(const void *address, const char *flag) {
    char line[512];
    char wanted[8];
    snprintf(wanted, sizeof wanted, " %s ", flag);
    return mapping_line(address, "VmFlags:", line, sizeof line) && strstr(line, wanted) != NULL;
}

#endif
