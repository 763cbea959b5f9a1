// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;

/**
 * Native memory by address, for the few lines in which each instruction counts. The version for JDK 22 and newer; its
 * twin for older ones says what the methods promise.
 */
public final class DirectMemory {
    /* A segment over all memory that lives for ever: the JIT knows its bounds and that it cannot be closed, so what is
     * left of an access is the load or store. Of a buffer it has to read address, limit and session each time. */
    private static final MemorySegment MEMORY = isWanted() && isGranted() ? everything() : null;

    /* Used as they are where allocation needs them: the JIT stops inlining when a method has grown too large, and the
     * accessors of a segment count for more than the handles that they call. */
    private static final VarHandle LONG = ValueLayout.JAVA_LONG_UNALIGNED.varHandle().withInvokeExactBehavior();
    private static final VarHandle INT = ValueLayout.JAVA_INT_UNALIGNED.varHandle().withInvokeExactBehavior();

    private DirectMemory() {
    }

    /** Whether this JVM grants native access, and it may be used. */
    public static boolean isAvailable() {
        return MEMORY != null;
    }

    private static boolean isWanted() {
        return !"buffers".equals(System.getProperty("corral.memory"));
    }

    /** From JDK 24 on loading the library has granted access, or failed; before, only the flag grants it. */
    private static boolean isGranted() {
        return DirectMemory.class.getModule().isNativeAccessEnabled();
    }

    @SuppressWarnings("restricted") // not for addresses that a user could make up
    private static MemorySegment everything() {
        return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }

    /**
     * No base has more than 48 bits, and no offset more than 32; that the JIT sees it lets it drop the comparison with
     * the segment's end. Both are cut, not their sum: of the two the base is known earlier.
     */
    private static long address(long base, long offset) {
        return (base << 16 >>> 16) + (offset & 0xFFFF_FFFFL);
    }

    /** Reads a byte. */
    public static byte getByte(Object arena, long base, long offset) {
        byte value = MEMORY.get(ValueLayout.JAVA_BYTE, address(base, offset));
        Reference.reachabilityFence(arena);
        return value;
    }

    /** Writes a byte. */
    public static void putByte(Object arena, long base, long offset, byte value) {
        MEMORY.set(ValueLayout.JAVA_BYTE, address(base, offset), value);
        Reference.reachabilityFence(arena);
    }

    /** Reads a short. */
    public static short getShort(Object arena, long base, long offset) {
        short value = MEMORY.get(ValueLayout.JAVA_SHORT_UNALIGNED, address(base, offset));
        Reference.reachabilityFence(arena);
        return value;
    }

    /** Writes a short. */
    public static void putShort(Object arena, long base, long offset, short value) {
        MEMORY.set(ValueLayout.JAVA_SHORT_UNALIGNED, address(base, offset), value);
        Reference.reachabilityFence(arena);
    }

    /** Reads a int. */
    public static int getInt(Object arena, long base, long offset) {
        int value = (int) INT.get(MEMORY, address(base, offset));
        Reference.reachabilityFence(arena);
        return value;
    }

    /** Writes a int. */
    public static void putInt(Object arena, long base, long offset, int value) {
        INT.set(MEMORY, address(base, offset), value);
        Reference.reachabilityFence(arena);
    }

    /** Reads a long. */
    public static long getLong(Object arena, long base, long offset) {
        long value = (long) LONG.get(MEMORY, address(base, offset));
        Reference.reachabilityFence(arena);
        return value;
    }

    /** Writes a long. */
    public static void putLong(Object arena, long base, long offset, long value) {
        LONG.set(MEMORY, address(base, offset), value);
        Reference.reachabilityFence(arena);
    }

    /** Reads a float. */
    public static float getFloat(Object arena, long base, long offset) {
        float value = MEMORY.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address(base, offset));
        Reference.reachabilityFence(arena);
        return value;
    }

    /** Writes a float. */
    public static void putFloat(Object arena, long base, long offset, float value) {
        MEMORY.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address(base, offset), value);
        Reference.reachabilityFence(arena);
    }

    /** Reads a double. */
    public static double getDouble(Object arena, long base, long offset) {
        double value = MEMORY.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, address(base, offset));
        Reference.reachabilityFence(arena);
        return value;
    }

    /** Writes a double. */
    public static void putDouble(Object arena, long base, long offset, double value) {
        MEMORY.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, address(base, offset), value);
        Reference.reachabilityFence(arena);
    }
}
