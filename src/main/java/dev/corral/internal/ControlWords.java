// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.nio.LongBuffer;

/**
 * The words of a control block, for the few lines in which each instruction counts. This is the version for JDK 17 to
 * 21, which reads through the block's buffer; the multi-release jar has another one.
 */
public final class ControlWords {
    private ControlWords() {
    }

    /**
     * Reads a word. The caller has checked that it is the owner of an open arena, so that the block lives, and keeps
     * what maps it reachable.
     *
     * @param words   the block
     * @param address where it begins
     * @param index   which word, within the block
     */
    public static long get(LongBuffer words, long address, int index) {
        return words.get(index);
    }

    /** Writes a word; as {@link #get}. */
    public static void put(LongBuffer words, long address, int index, long value) {
        words.put(index, value);
    }
}
