/* SPDX-License-Identifier: Apache-2.0
 * node_calls_syscall.c - NUMA nodes without libnuma. Layer: pages. May include: nothing. Threads: any. */
#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "node_calls.h"

bool nodes_allowed(unsigned long nodes[NODE_WORDS]) {
    return syscall(SYS_get_mempolicy, NULL, nodes, (unsigned long)NODES_MAX, NULL,
                   (unsigned long)MPOL_F_MEMS_ALLOWED) == 0;
}

bool nodes_choose(void *pages, size_t bytes, NodePolicy policy, const unsigned long nodes[NODE_WORDS]) {
    int mode = policy == NODES_BIND ? MPOL_BIND : MPOL_INTERLEAVE;
    return syscall(SYS_mbind, pages, bytes, mode, nodes, (unsigned long)NODES_MAX, 0U) == 0;
}
