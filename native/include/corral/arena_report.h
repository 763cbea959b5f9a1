/* SPDX-License-Identifier: Apache-2.0
 * arena_report.h - what an arena holds, and whether it is sound. Include arena.h.
 * Layer: arena. May include: arena_types.h, status.h. Threads: the arena's owner. */
#ifndef CORRAL_ARENA_REPORT_H
#define CORRAL_ARENA_REPORT_H

#include <stdio.h>

#include "corral/arena_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- statistics --------------------------------------------------------------------------------------------------- */

/* Each answers for the arena now, without its children, in O(1); 0 for what is not an arena. See ArenaStats for the
 * meanings. */
size_t arena_total_allocated(const Arena *arena);
size_t arena_total_used(const Arena *arena);
size_t arena_waste(const Arena *arena);
size_t arena_chunk_count(const Arena *arena);
size_t arena_allocation_count(const Arena *arena);
size_t arena_peak_used(const Arena *arena);

/* Fills `stats`; CORRAL_OK, CORRAL_INVALID_ARENA (stats is zeroed then) or CORRAL_INVALID_ARGUMENT (NULL stats).
 * Cost: O(arenas below). */
CorralStatus arena_stats(const Arena *arena, ArenaStats *stats);

/* Prints the statistics as a table of at most 80 columns: the numbers, how often which chunk size was acquired, and of
 * the first 16 chunks how full each is; a last row sums up the others. CORRAL_OK, CORRAL_INVALID_ARENA or
 * CORRAL_INVALID_ARGUMENT (NULL out). Cost: O(chunks). */
CorralStatus arena_stats_print(const Arena *arena, FILE *out);

#define ARENA_TABLE_MAX 8192 /* bytes that hold any table with its NUL */

/* The same table in memory: writes at most `room` - 1 bytes of it and a NUL; NULL text: none. Returns the length of the
 * whole table in bytes without the NUL, so that a call with too little room says how much is needed; 0 for what is no
 * arena. */
size_t arena_stats_text(const Arena *arena, char *text, size_t room);

/* --- checking ----------------------------------------------------------------------------------------------------- */

/* What one chunk is: its first byte, its capacity and its used bytes. CORRAL_INVALID_ARGUMENT for an index without a
 * chunk (out of range, or given back since the last reset or clear) or a NULL pointer. The address is valid until the
 * chunk leaves the arena (clear, trim, reset with `retain`, destroy). Cost: O(1). */
CorralStatus arena_chunk(const Arena *arena, size_t index, void **base, size_t *capacity, size_t *used);

/* Verifies every invariant of the arena. CORRAL_OK, CORRAL_CORRUPTED or CORRAL_INVALID_ARENA. Cost: O(chunks +
 * marks). */
CorralStatus arena_check(const Arena *arena);

/* Why the last call that failed on this arena failed; CORRAL_OK when none has since creation, reset or clear;
 * CORRAL_INVALID_ARENA for what is not an arena. */
CorralStatus arena_last_status(const Arena *arena);

/* "OK", "SIZE_LIMIT", ...: the name without its prefix; "UNKNOWN" for any other number. Static storage. */
const char *arena_status_name(CorralStatus status);

#ifdef __cplusplus
}
#endif

#endif
