/* SPDX-License-Identifier: Apache-2.0
 * extents.h - which parts of a file or of a range are taken: rows of bytes, first fit, joined again when given back.
 * Layer: pages (private to it). May include: base/. Threads: the caller's lock. Cost: O(extents). */
#ifndef CORRAL_PAGES_EXTENTS_H
#define CORRAL_PAGES_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Invariants: the list is in the order of offsets and has no gaps: offset + bytes = next->offset;
 *             no two neighbours are both free;  taken == (owner != NULL) */
typedef struct Extent {
    struct Extent *next;
    size_t offset;
    size_t bytes;
    void *owner; /* the address that was given out; NULL: free */
} Extent;

typedef struct Extents {
    Extent *first;
} Extents;

/* One free extent of `bytes` (> 0) from offset 0; false when there is no memory. */
bool extents_open(Extents *extents, size_t bytes);
void extents_close(Extents *extents);

/* Takes the first free row of `bytes` whose offset + bias is a multiple of `alignment`. The caller sets its owner.
 * NULL, and nothing changed, when there is none or no memory to describe it. */
Extent *extents_take(Extents *extents, size_t bytes, uintptr_t bias, size_t alignment);

/* The taken extent of this owner and size; NULL: there is none. */
Extent *extents_find(const Extents *extents, const void *owner, size_t bytes);

/* Gives a taken extent back. It cannot fail. */
void extents_give(Extents *extents, Extent *extent);

#endif
