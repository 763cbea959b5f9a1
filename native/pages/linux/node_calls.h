/* SPDX-License-Identifier: Apache-2.0
 * node_calls.h - the two system calls about NUMA nodes; CMake picks the file: libnuma's functions or the calls.
 * Layer: pages (private to it). May include: nothing. Threads: any. */
#ifndef CORRAL_PAGES_NODE_CALLS_H
#define CORRAL_PAGES_NODE_CALLS_H

#include <stdbool.h>
#include <stddef.h>

#define NODES_MAX 1024 /* the most that Linux can be built for */
#define NODE_WORDS (NODES_MAX / (8 * sizeof(unsigned long)))

typedef enum NodePolicy { NODES_BIND, NODES_INTERLEAVE } NodePolicy;

/* The nodes that this process may use, one bit each; false when the system does not tell. */
bool nodes_allowed(unsigned long nodes[NODE_WORDS]);

/* Tells where the pages are to come from when they are first touched; false when the system refuses. */
bool nodes_choose(void *pages, size_t bytes, NodePolicy policy, const unsigned long nodes[NODE_WORDS]);

#endif
