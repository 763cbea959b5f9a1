/* SPDX-License-Identifier: Apache-2.0
 * recycler_uses.c - a percentile of the last uses, in steps.
 * Layer: structures. May include: arena/, base/. */
#include "base/align.h"
#include "structures/arena_recycler_parts.h"

#define FIRST_LOG 3u /* sizes of 1 << 3 bytes and less have a bin each */

unsigned uses_bin(uint64_t bytes) {
    if (bytes <= (1u << FIRST_LOG)) {
        return (unsigned)bytes;
    }
    uint64_t last = bytes - 1; /* so that a power of two is the largest of its bin */
    unsigned log = floor_log2(last);
    return (1u << FIRST_LOG) + 1 + (log - FIRST_LOG) * 4 + (unsigned)(last >> (log - 2) & 3);
}

uint64_t uses_bin_bytes(unsigned bin) {
    if (bin <= (1u << FIRST_LOG)) {
        return bin;
    }
    unsigned above = bin - (1u << FIRST_LOG) - 1;
    uint64_t bytes = (uint64_t)(5 + above % 4) << (above / 4 + FIRST_LOG - 2);
    return bytes != 0 ? bytes : UINT64_MAX; /* the last bin ends where the numbers do */
}

static unsigned rank_of(const RecentUses *uses) {
    return (uses->percentile * (unsigned)uses->count + 99) / 100;
}

void uses_add(RecentUses *uses, uint64_t bytes) {
    uint8_t bin = (uint8_t)uses_bin(bytes);
    if (uses->count == RECYCLER_USES) {
        uint8_t oldest = uses->recent[uses->next];
        uses->uses[oldest]--;
        uses->below = (uint8_t)(uses->below - (oldest < uses->typical));
    } else {
        uses->count++;
    }
    uses->recent[uses->next] = bin;
    uses->next = (uint8_t)((uses->next + 1) % RECYCLER_USES);
    uses->uses[bin]++;
    uses->below = (uint8_t)(uses->below + (bin < uses->typical));
    unsigned rank = rank_of(uses);
    while (uses->below >= rank) {
        uses->typical--;
        uses->below = (uint8_t)(uses->below - uses->uses[uses->typical]);
    }
    while (uses->below + uses->uses[uses->typical] < rank) {
        uses->below = (uint8_t)(uses->below + uses->uses[uses->typical]);
        uses->typical++;
    }
}

bool uses_hold(const RecentUses *uses) {
    unsigned counted[RECYCLER_BINS] = {0};
    unsigned below = 0;
    if (uses->count > RECYCLER_USES || uses->next != uses->count % RECYCLER_USES) {
        if (uses->count != RECYCLER_USES || uses->next >= RECYCLER_USES) {
            return false;
        }
    }
    for (unsigned i = 0; i < uses->count; i++) {
        counted[uses->recent[i]]++;
        below += uses->recent[i] < uses->typical;
    }
    for (unsigned bin = 0; bin < RECYCLER_BINS; bin++) {
        if (counted[bin] != uses->uses[bin]) {
            return false;
        }
    }
    unsigned rank = rank_of(uses);
    bool placed = uses->below < rank && rank <= (unsigned)uses->below + uses->uses[uses->typical];
    return below == uses->below && (uses->count == 0 || placed);
}
