/* SPDX-License-Identifier: Apache-2.0
 * mapped_checksum.c - XXH64: "xxHash fast digest algorithm", Yann Collet, doc/xxhash_spec.md in
 * github.com/Cyan4973/xxHash.
 * Layer: structures. May include: nothing of ours. Threads: pure functions.
 * Numbers are read in the machine's byte order, which the header of a file states: on a big-endian machine this is not
 * the checksum that others compute. */
#include <string.h>

#include "mapped_parts.h"

#define PRIME_1 UINT64_C(0x9E3779B185EBCA87)
#define PRIME_2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define PRIME_3 UINT64_C(0x165667B19E3779F9)
#define PRIME_4 UINT64_C(0x85EBCA77C2B2AE63)
#define PRIME_5 UINT64_C(0x27D4EB2F165667C5)

static uint64_t rotate(uint64_t value, unsigned bits) {
    return value << bits | value >> (64 - bits);
}

static uint64_t read64(const unsigned char *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t read32(const unsigned char *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t mix_lane(uint64_t lane, uint64_t input) {
    return rotate(lane + input * PRIME_2, 31) * PRIME_1;
}

static uint64_t merge_lane(uint64_t hash, uint64_t lane) {
    return (hash ^ mix_lane(0, lane)) * PRIME_1 + PRIME_4;
}

void checksum_begin(Checksum *checksum) {
    *checksum = (Checksum){.lanes = {PRIME_1 + PRIME_2, PRIME_2, 0, UINT64_C(0) - PRIME_1}};
}

void checksum_add(Checksum *checksum, const void *source, size_t bytes) {
    const unsigned char *at = source;
    uint64_t a = checksum->lanes[0], b = checksum->lanes[1], c = checksum->lanes[2], d = checksum->lanes[3];
    for (const unsigned char *end = at + bytes; at != end; at += 32) {
        a = mix_lane(a, read64(at));
        b = mix_lane(b, read64(at + 8));
        c = mix_lane(c, read64(at + 16));
        d = mix_lane(d, read64(at + 24));
    }
    *checksum = (Checksum){.lanes = {a, b, c, d}, .bytes = checksum->bytes + bytes};
}

static uint64_t merged(const Checksum *checksum) {
    if (checksum->bytes == 0) {
        return PRIME_5;
    }
    const uint64_t *lanes = checksum->lanes;
    uint64_t hash = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
    for (int i = 0; i < 4; i++) {
        hash = merge_lane(hash, lanes[i]);
    }
    return hash;
}

/* Fewer than 32 bytes. */
static uint64_t mix_tail(uint64_t hash, const unsigned char *at, size_t bytes) {
    for (; bytes >= 8; at += 8, bytes -= 8) {
        hash = rotate(hash ^ mix_lane(0, read64(at)), 27) * PRIME_1 + PRIME_4;
    }
    for (; bytes >= 4; at += 4, bytes -= 4) {
        hash = rotate(hash ^ (read32(at) * PRIME_1), 23) * PRIME_2 + PRIME_3;
    }
    for (; bytes > 0; at++, bytes--) {
        hash = rotate(hash ^ (*at * PRIME_5), 11) * PRIME_1;
    }
    return hash;
}

uint64_t checksum_end(Checksum *checksum, const void *source, size_t bytes) {
    size_t stripes = bytes / 32 * 32;
    checksum_add(checksum, source, stripes);
    uint64_t hash = merged(checksum) + checksum->bytes + (bytes - stripes);
    hash = mix_tail(hash, (const unsigned char *)source + stripes, bytes - stripes);
    hash = (hash ^ hash >> 33) * PRIME_2;
    hash = (hash ^ hash >> 29) * PRIME_3;
    return hash ^ hash >> 32;
}
