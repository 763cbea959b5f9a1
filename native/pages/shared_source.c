/* SPDX-License-Identifier: Apache-2.0
 * shared_source.c - users, end and errors of the sources of page_sources.h.
 * Layer: pages. May include: base/. Threads: any. */
#include "shared_source.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

PageSource *source_refused(PageSourceError *error, CorralStatus status, const char *format, ...) {
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
        error->status = status;
    }
    return NULL;
}

void source_made(PageSourceError *error) {
    if (error != NULL) {
        error->status = CORRAL_OK;
        error->text[0] = '\0';
    }
}

static void hold(void *context) {
    SharedSource *source = context;
    atomic_fetch_add_explicit(&source->users, 1, memory_order_relaxed); /* the caller is a user: it cannot be 0 */
}

/* Release and acquire: what every user has done comes before the end. */
static void let_go(void *context) {
    SharedSource *source = context;
    if (atomic_fetch_sub_explicit(&source->users, 1, memory_order_acq_rel) != 1) {
        return;
    }
    if (source->finish != NULL) {
        source->finish(source);
    }
    free(source);
}

void *shared_source_new(size_t bytes, const PageSource *table, void (*finish)(void *source), PageSourceError *error) {
    SharedSource *source = calloc(1, bytes);
    if (source == NULL) {
        return source_refused(error, CORRAL_NO_MEMORY, "bytes=%zu: no memory for the page source itself", bytes);
    }
    source->table = *table;
    source->table.context = source;
    source->table.hold = hold;
    source->table.let_go = let_go;
    source->finish = finish;
    atomic_init(&source->users, 1);
    source_made(error);
    return source;
}

void page_source_close(PageSource *source) {
    if (source != NULL) {
        let_go(source->context);
    }
}
