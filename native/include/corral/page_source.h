/* SPDX-License-Identifier: Apache-2.0
 * page_source.h - where a pool's memory comes from: a table of functions with a context.
 * Layer: pages. May include: status.h.
 * Threads: a pool calls its source under the pool's own lock, never concurrently for one pool; a source that is shared
 *          by several pools must itself be thread-safe (the operating system's is). */
#ifndef CORRAL_PAGE_SOURCE_H
#define CORRAL_PAGE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Invariant: page_size is a power of two; reserve and release are not NULL. Fields that are not set (0, NULL) mean what
 *            their comments say. The table is copied by the pool that uses it; what `context` points to must outlive
 *            that pool and all pins of it, which is what hold() and let_go() are for. */
typedef struct PageSource {
    const char *name; /* static storage; shown in statistics and reports */
    size_t page_size; /* bytes; every size asked from the source is a multiple of it */
    void *context;    /* passed through, never looked at */

    /* Reserves `bytes` of zeroed, readable and writable memory at a multiple of `alignment` (a power of two >=
     * page_size).
     * Owner:   the caller, until release() with the same address and size.
     * Returns: the address, or NULL when there is no memory; nothing changed then.
     * Cost:    usually one system call. */
    void *(*reserve)(void *context, size_t bytes, size_t alignment);

    /* Gives back exactly what one reserve() returned.
     * Returns: false when the operating system refused; the caller then counts the bytes as lost. */
    bool (*release)(void *context, void *pages, size_t bytes);

    /* Gives the physical memory behind exactly what one reserve() returned back, and keeps the addresses: at no moment
     * does an access by another thread fail. The bytes are zero afterwards. NULL: the source cannot.
     * Returns: false when it was refused; nothing changed then.
     * Cost:    usually one system call. */
    bool (*discard)(void *context, void *pages, size_t bytes);

    size_t region_size; /* bytes (a power of two): the unit in which pools should ask; 0: as they like */

    /* Others can write to the memory: through a file, or a buffer that the caller keeps. A pool then takes operating
     * system pages for its own books, so that nobody can mislead it. */
    bool exposed;

    /* hold() is called when a pool has been created on this source, let_go() when the pool will not call the source any
     * more: after its last release(), which a pin may put off until long after pool_destroy(). NULL: not wanted. */
    void (*hold)(void *context);
    void (*let_go)(void *context);
} PageSource;

/* The operating system's anonymous memory (mmap, VirtualAlloc). Thread-safe; static storage, never NULL. */
const PageSource *page_source_system(void);

#ifdef __cplusplus
}
#endif

#endif
