/* SPDX-License-Identifier: Apache-2.0
 * page_source_numa.c (Linux) - memory of one NUMA node, or of all by turns.
 * Layer: pages. May include: base/. Threads: any; a source is read-only after it was made. */
#include <stdio.h>
#include <sys/mman.h>

#include "mapping.h"
#include "node_calls.h"
#include "shared_source.h"

#define WORD_BITS (8 * sizeof(unsigned long))

typedef struct NumaSource {
    SharedSource shared;
    NodePolicy policy;
    bool chooses; /* false: there is no choice, ordinary pages do */
    unsigned long nodes[NODE_WORDS];
} NumaSource;

/* --- pages -------------------------------------------------------------------------------------------------------- */

static void *numa_reserve(void *context, size_t bytes, size_t alignment) {
    const NumaSource *source = context;
    void *pages = mapping_reserve(bytes, alignment, source->shared.table.page_size, PROT_READ | PROT_WRITE, 0);
    if (pages != NULL && source->chooses && !nodes_choose(pages, bytes, source->policy, source->nodes)) {
        mapping_release(pages, bytes);
        return NULL;
    }
    return pages;
}

static bool numa_release(void *context, void *pages, size_t bytes) {
    (void)context;
    return mapping_release(pages, bytes);
}

/* The choice of nodes belongs to the addresses and stays. */
static bool numa_discard(void *context, void *pages, size_t bytes) {
    (void)context;
    return madvise(pages, bytes, MADV_DONTNEED) == 0;
}

static NumaSource *numa_new(const char *name, NodePolicy policy, PageSourceError *error) {
    PageSource table = {.name = name,
                        .page_size = page_source_system()->page_size,
                        .reserve = numa_reserve,
                        .release = numa_release,
                        .discard = numa_discard};
    NumaSource *source = shared_source_new(sizeof *source, &table, NULL, error);
    if (source != NULL) {
        source->policy = policy;
    }
    return source;
}

/* --- nodes -------------------------------------------------------------------------------------------------------- */

static bool has_node(const unsigned long nodes[NODE_WORDS], unsigned node) {
    return node < NODES_MAX && (nodes[node / WORD_BITS] >> node % WORD_BITS & 1) != 0;
}

static bool is_only_node_0(const unsigned long nodes[NODE_WORDS]) {
    unsigned long others = nodes[0] & ~1UL;
    for (size_t i = 1; i < NODE_WORDS; i++) {
        others |= nodes[i];
    }
    return others == 0;
}

/* A text as 0-3,8. */
static void describe_nodes(const unsigned long nodes[NODE_WORDS], char *text, size_t room) {
    size_t length = 0;
    text[0] = '\0';
    for (unsigned node = 0; node < NODES_MAX && length + 12 < room; node++) {
        unsigned first = node;
        while (has_node(nodes, node + 1) && has_node(nodes, first)) {
            node++;
        }
        if (has_node(nodes, first)) {
            const char *comma = length != 0 ? "," : "";
            int written = node > first ? snprintf(text + length, room - length, "%s%u-%u", comma, first, node)
                                       : snprintf(text + length, room - length, "%s%u", comma, first);
            length += (size_t)written;
        }
    }
}

/* Sandboxes may forbid the calls, and kernels be built without them: a page tells. */
static bool may_choose(NodePolicy policy, const unsigned long nodes[NODE_WORDS]) {
    size_t bytes = page_source_system()->page_size;
    void *page = page_source_system()->reserve(NULL, bytes, bytes);
    bool may = page != NULL && nodes_choose(page, bytes, policy, nodes);
    if (page != NULL) {
        page_source_system()->release(NULL, page, bytes);
    }
    return may;
}

PageSource *page_source_numa_node(unsigned node, PageSourceError *error) {
    unsigned long allowed[NODE_WORDS] = {1}; /* what holds where the system does not tell */
    bool known = nodes_allowed(allowed);
    if (!has_node(allowed, node)) {
        char text[64];
        describe_nodes(allowed, text, sizeof text);
        return source_refused(error, CORRAL_NOT_SUPPORTED,
                              "node=%u nodes=%s: this process may use memory of those only", node, text);
    }
    unsigned long wanted[NODE_WORDS] = {0};
    wanted[node / WORD_BITS] = 1UL << node % WORD_BITS;
    bool may = known && may_choose(NODES_BIND, wanted);
    if (!may && !is_only_node_0(allowed)) {
        return source_refused(error, CORRAL_NOT_SUPPORTED,
                              "node=%u: the system forbids this process to choose a node (the call mbind)", node);
    }
    NumaSource *source = numa_new("NUMA node", NODES_BIND, error);
    if (source == NULL) {
        return NULL;
    }
    source->chooses = may;
    for (size_t i = 0; i < NODE_WORDS; i++) {
        source->nodes[i] = wanted[i];
    }
    return &source->shared.table;
}

PageSource *page_source_numa_interleave(PageSourceError *error) {
    NumaSource *source = numa_new("NUMA interleaved", NODES_INTERLEAVE, error);
    if (source == NULL) {
        return NULL;
    }
    source->chooses = nodes_allowed(source->nodes) && may_choose(NODES_INTERLEAVE, source->nodes);
    return &source->shared.table;
}
