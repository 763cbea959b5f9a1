/* SPDX-License-Identifier: Apache-2.0
 * node_calls_libnuma.c - NUMA nodes through libnuma. Layer: pages. May include: nothing. Threads: any. */
#include <numaif.h>

#include "node_calls.h"

bool nodes_allowed(unsigned long nodes[NODE_WORDS]) {
    return get_mempolicy(NULL, nodes, NODES_MAX, NULL, MPOL_F_MEMS_ALLOWED) == 0;
}

bool nodes_choose(void *pages, size_t bytes, NodePolicy policy, const unsigned long nodes[NODE_WORDS]) {
    return mbind(pages, bytes, policy == NODES_BIND ? MPOL_BIND : MPOL_INTERLEAVE, nodes, NODES_MAX, 0) == 0;
}
