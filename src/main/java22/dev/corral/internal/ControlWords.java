// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.LongBuffer;

/**
 * The words of a control block, for the few lines in which each instruction counts. The version for JDK 22 and newer;
 * its twin for older ones says what each method promises.
 */
public final class ControlWords {
    /* A segment over all memory that lives for ever: the JIT knows its bounds and that it cannot be closed, so what is
     * left of an access is the load or store. Of a buffer it has to read the address, the limit and the session each
     * time; that was a quarter of the instructions of an allocation. */
    private static final MemorySegment MEMORY = isGranted() ? everything() : null;

    private ControlWords() {
    }

    /** From JDK 24 on loading the library has granted access, or failed; before, only the flag grants it. */
    private static boolean isGranted() {
        return ControlWords.class.getModule().isNativeAccessEnabled();
    }

    @SuppressWarnings("restricted") // private, and for addresses of control blocks only
    private static MemorySegment everything() {
        return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }

    /** No address has more than 48 bits; that the JIT sees it lets it drop the comparison with the segment's end. */
    private static long offset(long address, int index) {
        return (address << 16 >>> 16) + (long) index * Long.BYTES;
    }

    /** Reads a word. */
    public static long get(LongBuffer words, long address, int index) {
        return MEMORY != null ? MEMORY.get(ValueLayout.JAVA_LONG_UNALIGNED, offset(address, index)) : words.get(index);
    }

    /** Writes a word. */
    public static void put(LongBuffer words, long address, int index, long value) {
        if (MEMORY != null) {
            MEMORY.set(ValueLayout.JAVA_LONG_UNALIGNED, offset(address, index), value);
        } else {
            words.put(index, value);
        }
    }
}
