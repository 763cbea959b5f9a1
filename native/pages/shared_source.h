/* SPDX-License-Identifier: Apache-2.0
 * shared_source.h - what the sources of page_sources.h have in common: users, an end, and errors.
 * Layer: pages (private to it). May include: page_sources.h. */
#ifndef CORRAL_PAGES_SHARED_SOURCE_H
#define CORRAL_PAGES_SHARED_SOURCE_H

#include <stdatomic.h>

#include "corral/page_sources.h"

/* The first member of each source; table.context is the source itself.
 * Invariant: users = 1 for the caller of the constructor until page_source_close(), and 1 per pool that holds it. */
typedef struct SharedSource {
    PageSource table;
    atomic_size_t users;
    void (*finish)(void *source); /* gives back all but the memory of the source itself; NULL: nothing to do */
} SharedSource;

/* A zeroed source of `bytes` with one user. `table` is copied; its context, hold and let_go are set.
 * NULL, and CORRAL_NO_MEMORY in `error`, when there is no memory. */
void *shared_source_new(size_t bytes, const PageSource *table, void (*finish)(void *source), PageSourceError *error);

/* Stores why there is no source (printf format); returns NULL. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
PageSource *
source_refused(PageSourceError *error, CorralStatus status, const char *format, ...);

/* Stores that there is one. */
void source_made(PageSourceError *error);

#endif
