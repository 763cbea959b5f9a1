/* SPDX-License-Identifier: Apache-2.0
 * peer_bumpalo.c - the C side of peer_bumpalo.rs. */
#include "peers.h"

void *bumpalo_open(void);
void bumpalo_fill(void *bump, const uint32_t *sizes, size_t count);
void bumpalo_write(void *bump, const uint32_t *sizes, size_t count);
void *bumpalo_allocate(void *bump, size_t size);
void bumpalo_reset(void *bump);
size_t bumpalo_reserved(void *bump);

static void fill(void *bump, const Trace *trace) {
    bumpalo_fill(bump, trace->sizes, trace->block_count);
}

static void write_all(void *bump, const Trace *trace) {
    bumpalo_write(bump, trace->sizes, trace->block_count);
}

const ArenaPeer peer_bumpalo = {"bumpalo",        bumpalo_open,    fill, write_all, bumpalo_reset,
                                bumpalo_allocate, bumpalo_reserved};
