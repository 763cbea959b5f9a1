/* SPDX-License-Identifier: Apache-2.0
 * peers.h - allocators behind one table of functions. The loops over a trace are inside, so that each allocator is
 * inlined as far as its own API lets it be. Files of peers that are not installed are not built: CMake writes
 * peers_found.h, which names those that are. */
#ifndef CORRAL_BENCH_PEERS_H
#define CORRAL_BENCH_PEERS_H

#include "trace.h"

/* Blocks that are all taken back in one operation. */
typedef struct ArenaPeer {
    const char *name;
    void *(*open)(void);
    /* Allocates all blocks of the trace and writes their first bytes. */
    void (*fill)(void *arena, const Trace *trace);
    /* The same, and writes all bytes. */
    void (*write)(void *arena, const Trace *trace);
    void (*take_back)(void *arena);
    void *(*allocate)(void *arena, size_t size);
    /* Bytes of all chunks; NULL where malloc() has to be asked. */
    size_t (*reserved)(void *arena);
} ArenaPeer;

/* Blocks that are freed one by one. */
typedef struct HeapPeer {
    const char *name;
    void *(*open)(void);
    void (*fill)(void *heap, const Trace *trace, void **blocks);
    void (*write)(void *heap, const Trace *trace, void **blocks);
    void (*free_all)(void *heap, const Trace *trace, void **blocks);
    /* Allocates and frees as the trace says, and leaves nothing. */
    void (*replay)(void *heap, const Trace *trace, void **blocks);
    void *(*allocate)(void *heap, size_t size);
} HeapPeer;

extern const ArenaPeer peer_corral, peer_apr, peer_talloc, peer_obstack, peer_bumpalo;
extern const HeapPeer peer_pool, peer_malloc;

#endif
