// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How many bytes those users of a borrowed arena needed of whom C has not been told: a queue that the arena's owner
 * fills, and whoever has the pool's lock empties.
 */
final class RepeatedUses {
    private static final int ROOM = 32; // a power of two; see ArenaRecyclerNatives.USES_MAX

    private static final VarHandle ADDED = field("added");
    private static final VarHandle TAKEN = field("taken");

    private final long[] bytes = new long[ROOM];
    private int added;
    private int taken;

    private static VarHandle field(String name) {
        try {
            return MethodHandles.lookup().findVarHandle(RepeatedUses.class, name, int.class);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("field=" + name, e);
        }
    }

    /** By the owner. */
    boolean isFull() {
        return added - (int) TAKEN.getAcquire(this) == ROOM;
    }

    /** By the owner. It is full only when a borrow has failed again and again. */
    void add(long used) {
        if (isFull()) {
            return;
        }
        int at = added;
        bytes[at & ROOM - 1] = used;
        ADDED.setRelease(this, at + 1);
    }

    /** Moves all to an array of as many; returns how many there were. Under the lock. */
    int take(long[] into) {
        int from = taken;
        int count = (int) ADDED.getAcquire(this) - from;
        for (int i = 0; i < count; i++) {
            into[i] = bytes[from + i & ROOM - 1];
        }
        TAKEN.setRelease(this, from + count);
        return count;
    }
}
