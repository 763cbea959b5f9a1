/* SPDX-License-Identifier: Apache-2.0
 * page_sources.h - page sources beside the operating system's: huge pages, NUMA nodes, a file, a range, guard pages.
 * Layer: pages. May include: page_source.h, status.h.
 * Threads: every function and every source made here may be used by all threads.
 *
 *     PageSourceError error;
 *     PageSource *huge = page_source_huge_pages(HUGE_PAGES_PREFERRED, &error);
 *     config.source = huge;
 *     Pool *pool = pool_create_with(&config);
 *     page_source_close(huge);                       the pool holds it for as long as it needs it
 *
 * A source of the caller's own needs no constructor: fill in a PageSource with callbacks.
 * Each constructor returns NULL when it fails, and says why in `error` (NULL: not wanted). It uses a few hundred bytes
 * of heap memory; CORRAL_NO_MEMORY when there are none. */
#ifndef CORRAL_PAGE_SOURCES_H
#define CORRAL_PAGE_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "corral/page_source.h"
#include "corral/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PAGE_SOURCE_TEXT_MAX 255 /* bytes */

typedef struct PageSourceError {
    CorralStatus status;
    char text[PAGE_SOURCE_TEXT_MAX + 1]; /* `name=value` pairs, then what to do; empty after CORRAL_OK */
} PageSourceError;

/* Ends the caller's use of a source that was made here; NULL is allowed. The source goes when the last pool on it has
 * let go of it, too. */
void page_source_close(PageSource *source);

/* --- huge pages --------------------------------------------------------------------------------------------------- */

typedef enum HugePages {
    HUGE_PAGES_ADVISED = 0,   /* ordinary pages that the kernel is asked to make huge (transparent huge pages) */
    HUGE_PAGES_PREFERRED = 1, /* from the kernel's pool of huge pages (MAP_HUGETLB); what it has not: as ADVISED */
    HUGE_PAGES_REQUIRED = 2   /* from that pool only: a reservation of a huge page or more fails without them */
} HugePages;

/* Reservations of at least a huge page start at a multiple of it; smaller ones (some of a pool's books) are ordinary.
 * With PREFERRED, a reservation that would waste more than an eighth in its last huge page is only advised. Pages of
 * the kernel's pool are touched when they are reserved, so that a control group without them means a fall back here
 * and not a signal later; they cannot be discarded.
 * Falls back to ordinary pages where the system knows no huge ones. Fails with CORRAL_INVALID_ARGUMENT, and for
 * REQUIRED with CORRAL_NOT_SUPPORTED when not one huge page can be had now.
 * Cost of a reservation: as the system's, and one more system call per huge page of the kernel's pool. */
PageSource *page_source_huge_pages(HugePages how, PageSourceError *error);

/* --- NUMA --------------------------------------------------------------------------------------------------------- */

/* Memory of one node, and of no other: when the node is full, the process is treated as out of memory.
 * Fails with CORRAL_NOT_SUPPORTED when this process may not use memory of the node, or may not choose; but node 0 then
 * falls back to ordinary pages where the system has no other node. */
PageSource *page_source_numa_node(unsigned node, PageSourceError *error);

/* Pages by turns from all nodes that this process may use. Falls back to ordinary pages where there is no choice. */
PageSource *page_source_numa_interleave(PageSourceError *error);

/* --- a file ------------------------------------------------------------------------------------------------------- */

/* Memory that the system writes to a file instead of swapping it: for pools that may outgrow physical memory.
 * `path` is a directory, for a file without a name in it, or the name of a file that does not exist yet. The name is
 * removed at once, or with `keep_name` when the last user is gone; while it is there nobody else may change the file's
 * size.
 * Room in the file is allocated when it is reserved: a full disk fails the reservation, and is no signal later.
 * Contents do not outlive the source. `exposed`: the pool's books are not in the file.
 * Fails with CORRAL_INVALID_ARGUMENT (NULL), CORRAL_FILE_REFUSED (the system's answer is in the text) or
 * CORRAL_NOT_SUPPORTED (no files on this system yet).
 * Cost of a reservation: O(reservations), and about three system calls. */
PageSource *page_source_file(const char *path, bool keep_name, PageSourceError *error);

/* --- the caller's memory ------------------------------------------------------------------------------------------ */

/* Readable and writable memory of the caller's, which must stay valid until `gone(context)` is called; it is called
 * once, after the last user, by the thread that was it (NULL: not wanted). Its contents are overwritten. What remains
 * of its ends after alignment is not used. `exposed`: the pool's books are not in it.
 * Fails with CORRAL_INVALID_ARGUMENT when no aligned region of 64 KiB fits in.
 * Cost of a reservation: O(reservations), and zeroing it. */
PageSource *page_source_range(void *base, size_t bytes, void (*gone)(void *context), void *context,
                              PageSourceError *error);

/* --- guard pages -------------------------------------------------------------------------------------------------- */

/* Operating system pages with an inaccessible page before and after each reservation: for finding what runs over its
 * end. It prefers small regions, so that a pool's blocks above 32 KiB each have their own, with guards of its own.
 * Fails with CORRAL_NOT_SUPPORTED where the system cannot protect pages. */
PageSource *page_source_guarded(PageSourceError *error);

#ifdef __cplusplus
}
#endif

#endif
