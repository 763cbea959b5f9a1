// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many bytes those users of a borrowed arena needed of whom C has not been told: a queue that the arena's owner
 * fills, and whoever has the pool's lock empties.
 */
final class RepeatedUses {
    private static final int ROOM = 32; // a power of two; see ArenaRecyclerNatives.USES_MAX

    private final long[] bytes = new long[ROOM];
    private final AtomicInteger added = new AtomicInteger();
    private final AtomicInteger taken = new AtomicInteger();

    /** By the owner. */
    boolean isFull() {
        return added.getPlain() - taken.get() == ROOM;
    }

    /** By the owner. It is full only when a borrow has failed again and again. */
    void add(long used) {
        if (isFull()) {
            return;
        }
        int at = added.getPlain();
        bytes[at & ROOM - 1] = used;
        added.setRelease(at + 1);
    }

    /** Moves all to an array of as many; returns how many there were. Under the lock. */
    int take(long[] into) {
        int from = taken.getPlain();
        int count = added.getAcquire() - from;
        for (int i = 0; i < count; i++) {
            into[i] = bytes[from + i & ROOM - 1];
        }
        taken.set(from + count);
        return count;
    }
}
