/* SPDX-License-Identifier: Apache-2.0
 * extents.c - rows of bytes of a file or of a range.
 * Layer: pages. May include: base/. Threads: the caller's lock. */
#include "extents.h"

#include <stdlib.h>

#include "base/align.h"

bool extents_open(Extents *extents, size_t bytes) {
    extents->first = calloc(1, sizeof *extents->first);
    if (extents->first != NULL) {
        extents->first->bytes = bytes;
    }
    return extents->first != NULL;
}

void extents_close(Extents *extents) {
    while (extents->first != NULL) {
        Extent *extent = extents->first;
        extents->first = extent->next;
        free(extent);
    }
}

/* Cuts the extent at `bytes`, when it is longer: the rest becomes an extent of its own, with the memory of `*spare`. */
static void cut(Extent *extent, size_t bytes, Extent **spare) {
    if (extent->bytes == bytes) {
        return;
    }
    Extent *rest = *spare;
    *spare = rest->next;
    *rest = (Extent){.next = extent->next, .offset = extent->offset + bytes, .bytes = extent->bytes - bytes};
    extent->next = rest;
    extent->bytes = bytes;
}

/* The two extents that a cut at both ends can need; NULL, and nothing changed, when there is no memory. */
static Extent *two_spares(void) {
    Extent *one = calloc(1, sizeof *one);
    Extent *two = calloc(1, sizeof *two);
    if (one == NULL || two == NULL) {
        free(one);
        free(two);
        return NULL;
    }
    one->next = two;
    return one;
}

static bool fits(const Extent *extent, size_t gap, size_t bytes) {
    return extent->owner == NULL && gap <= extent->bytes && bytes <= extent->bytes - gap;
}

Extent *extents_take(Extents *extents, size_t bytes, uintptr_t bias, size_t alignment) {
    Extent *extent = extents->first;
    while (extent != NULL && !fits(extent, align_gap(bias + extent->offset, alignment), bytes)) {
        extent = extent->next;
    }
    Extent *spare = extent != NULL ? two_spares() : NULL;
    if (spare == NULL) {
        return NULL;
    }
    size_t gap = align_gap(bias + extent->offset, alignment);
    if (gap != 0) {
        cut(extent, gap, &spare);
        extent = extent->next;
    }
    cut(extent, bytes, &spare);
    while (spare != NULL) {
        Extent *unused = spare;
        spare = unused->next;
        free(unused);
    }
    return extent;
}

Extent *extents_find(const Extents *extents, const void *owner, size_t bytes) {
    Extent *extent = extents->first;
    while (extent != NULL && extent->owner != owner) {
        extent = extent->next;
    }
    return extent != NULL && extent->bytes == bytes ? extent : NULL;
}

/* Joins the extent with its successor when both are free. */
static void join(Extent *extent) {
    Extent *next = extent->next;
    if (next != NULL && extent->owner == NULL && next->owner == NULL) {
        extent->bytes += next->bytes;
        extent->next = next->next;
        free(next);
    }
}

void extents_give(Extents *extents, Extent *extent) {
    extent->owner = NULL;
    join(extent);
    for (Extent *before = extents->first; before != extent; before = before->next) {
        if (before->next == extent) {
            join(before);
            return;
        }
    }
}
