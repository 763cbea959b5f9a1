/* SPDX-License-Identifier: Apache-2.0
 * page_sources_elsewhere.c - what page_sources.h says of systems that have neither huge pages, nodes nor files here.
 * Layer: pages. May include: base/. Threads: any. */
#include "shared_source.h"

/* Ordinary pages, under another name: sharing costs nothing, but the table must have users. */
static PageSource *system_pages(const char *name, PageSourceError *error) {
    PageSource table = *page_source_system();
    table.name = name;
    SharedSource *source = shared_source_new(sizeof *source, &table, NULL, error);
    return source != NULL ? &source->table : NULL;
}

PageSource *page_source_huge_pages(HugePages how, PageSourceError *error) {
    if (how == HUGE_PAGES_REQUIRED) {
        return source_refused(error, CORRAL_NOT_SUPPORTED,
                              "huge pages are not supported on this system: do not require them");
    }
    return system_pages("huge pages", error);
}

PageSource *page_source_numa_node(unsigned node, PageSourceError *error) {
    if (node != 0) {
        return source_refused(error, CORRAL_NOT_SUPPORTED, "node=%u: nodes are not supported on this system, pass 0",
                              node);
    }
    return system_pages("NUMA node", error);
}

PageSource *page_source_numa_interleave(PageSourceError *error) {
    return system_pages("NUMA interleaved", error);
}

PageSource *page_source_file(const char *path, bool keep_name, PageSourceError *error) {
    (void)keep_name;
    return source_refused(error, path != NULL ? CORRAL_NOT_SUPPORTED : CORRAL_INVALID_ARGUMENT,
                          "file=%.128s: files are not supported on this system, use its pages",
                          path != NULL ? path : "NULL");
}
