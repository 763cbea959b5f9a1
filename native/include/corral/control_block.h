/* SPDX-License-Identifier: Apache-2.0
 * control_block.h - THE layout that C and Java share: the first 64 bytes of every arena.
 * Layer: arena. May include: nothing of ours. It is installed because arena.h inlines the fast path over it.
 *
 *   0        8       16     24      32         40      44           48      52       54        55           56
 *   +--------+-------+------+-------+----------+-------+------------+-------+--------+---------+------------+--------+
 *   | cursor | limit | base | count | ref_bias | chunk | generation | magic | status | version | align_mask | inline |
 *   +--------+-------+------+-------+----------+-------+------------+-------+--------+---------+------------+--------+
 *
 * dev.corral.internal.ControlBlock repeats the offsets as @Native constants; jni/layout_check.c compares the two at
 * compile time through the header that javac writes, and the library refuses to load when the version differs.
 * Threads: written by the arena's owner thread only, from C and from Java; nothing here is atomic. */
#ifndef CORRAL_CONTROL_BLOCK_H
#define CORRAL_CONTROL_BLOCK_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define ARENA_MAGIC UINT32_C(0xABCD4321) /* of a live arena; 0 in a destroyed one */
#define ARENA_LAYOUT_VERSION 4           /* raise it with every change of this struct */

/* Invariant: base <= cursor <= limit (addresses); cursor and limit are multiples of align_mask + 1;
 *      ref_bias = (generation << 50 | chunk << 30) - base, so that cursor + ref_bias is the reference of the next
 * block. Closed window: limit == cursor at all times, so that every allocation takes the slow path.
 *
 * inline_limit serves C's arena_alloc(), whose code is in every caller and costs as much as it has loads: it rounds to
 * ARENA_ALIGNMENT, which is a constant, and must not do so in an arena of another alignment. One compare with
 * inline_limit answers both, and zero bytes need no test of their own because a block of them ends below it as well. */
typedef struct ArenaControl {
    uint64_t cursor;       /* address of the next free byte in the current chunk */
    uint64_t limit;        /* address one past the current chunk's last byte */
    uint64_t base;         /* address of the current chunk's first byte */
    uint64_t count;        /* allocations since the last reset or clear */
    uint64_t ref_bias;     /* what turns an address in the current chunk into a reference */
    uint32_t chunk;        /* index of the current chunk */
    uint32_t generation;   /* 1 .. 16383, raised by reset and clear; 0 in a destroyed arena */
    uint32_t magic;        /* ARENA_MAGIC */
    uint16_t status;       /* CorralStatus of the last call that failed */
    uint8_t version;       /* ARENA_LAYOUT_VERSION */
    uint8_t align_mask;    /* default alignment - 1: 7 or 15 */
    uint64_t inline_limit; /* limit + 1; 0 while the window is closed, or when align_mask is not 15 */
} ArenaControl;

static_assert(offsetof(ArenaControl, cursor) == 0, "layout: cursor");
static_assert(offsetof(ArenaControl, limit) == 8, "layout: limit");
static_assert(offsetof(ArenaControl, base) == 16, "layout: base");
static_assert(offsetof(ArenaControl, count) == 24, "layout: count");
static_assert(offsetof(ArenaControl, ref_bias) == 32, "layout: ref_bias");
static_assert(offsetof(ArenaControl, chunk) == 40, "layout: chunk");
static_assert(offsetof(ArenaControl, generation) == 44, "layout: generation");
static_assert(offsetof(ArenaControl, magic) == 48, "layout: magic");
static_assert(offsetof(ArenaControl, status) == 52, "layout: status");
static_assert(offsetof(ArenaControl, version) == 54, "layout: version");
static_assert(offsetof(ArenaControl, align_mask) == 55, "layout: align_mask");
static_assert(offsetof(ArenaControl, inline_limit) == 56, "layout: inline_limit");
static_assert(sizeof(ArenaControl) == 64, "layout: one cache line");

/* A reference: generation (14 bits) | chunk index (20) | byte offset in the chunk (30). 0 is null: no generation is
 * 0. */
typedef uint64_t ArenaRef;

#define ARENA_REF_GENERATION_SHIFT 50
#define ARENA_REF_CHUNK_SHIFT 30
#define ARENA_REF_CHUNK_MASK UINT32_C(0xFFFFF)
#define ARENA_REF_OFFSET_MASK UINT32_C(0x3FFFFFFF)
#define ARENA_GENERATION_MAX UINT32_C(0x3FFF)

static_assert(ARENA_REF_CHUNK_SHIFT == 30 && ARENA_REF_OFFSET_MASK == (UINT32_C(1) << 30) - 1, "ref: offset bits");
static_assert(ARENA_REF_GENERATION_SHIFT == 50 && ARENA_REF_CHUNK_MASK == (UINT32_C(1) << 20) - 1, "ref: chunk bits");
static_assert(ARENA_GENERATION_MAX == (UINT32_C(1) << 14) - 1, "ref: generation bits");

#endif
