// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.Arrays;

/** Frames of a stack that have become marks while they were open, by depth. Written by {@link QuickFrames}. */
final class GivenFrames {
    /** In place of a depth: the frame was a mark from the beginning, its number is the mark's id. */
    static final int MARKED = -2;

    final long[] numbers; // of the frames
    final long[] ids;     // of their marks; 0: it is over
    final long[] before;  // the latest mark before each

    /** None yet. */
    GivenFrames(int depths) {
        numbers = new long[depths];
        ids = new long[depths];
        before = new long[depths];
    }

    /** Of the same, those that are so deep at most. */
    GivenFrames(GivenFrames all, int depths) {
        numbers = Arrays.copyOf(all.numbers, depths);
        ids = Arrays.copyOf(all.ids, depths);
        before = Arrays.copyOf(all.before, depths);
    }

    /** The id of a frame's mark; 0: the frame is over. */
    long idOf(int at, long number) {
        if (at == MARKED) {
            return number;
        }
        return at < ids.length && numbers[at] == number ? ids[at] : 0;
    }

    /** Whether one of them is open and came after a mark. */
    boolean hasSince(NativeArena arena, long mark) {
        for (long id : ids) {
            if (id > mark && arena.hasMark(id)) {
                return true;
            }
        }
        return false;
    }
}
