// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * Native methods for text that grows: C's {@code ArenaString}, whose fields lie in an array of {@link #LENGTH_OF_ARRAY}
 * longs; all zero is an empty text. Thread rule and {@code arena}: as {@link ArenaNatives}.
 */
public final class TextNatives {
    /** Address of the text; 0: it has no block yet. */
    @Native public static final int TEXT = 0;
    /** Index of its chunk. */
    @Native public static final int CHUNK = 1;
    /** Bytes of text, which Java keeps up to date. */
    @Native public static final int LENGTH = 2;
    /** Bytes of the block. */
    @Native public static final int ROOM = 3;
    /** What tells whether the block has been taken back. */
    @Native public static final int HOLD = 4;
    /** {@link ControlBlock#TAKE_BACKS} when that was asked last. */
    @Native public static final int TAKE_BACKS = 5;
    /** Reference of the block. */
    @Native public static final int REF = 6;
    /** Fields of the array. */
    @Native public static final int LENGTH_OF_ARRAY = 7;

    private TextNatives() {
    }

    /** Verifies that the text is still there, and makes room for {@code more} bytes behind it; returns the status. */
    public static native int reserve(long arena, long[] text, long more);

    /** Ends the text with a block of its length, if it is the last one, else of its room; returns the status. */
    public static native int finish(long arena, long[] text);

    /** Ends the text without a result. */
    public static native void discard(long arena, long[] text);
}
