// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

/**
 * Native memory by address, for the few lines in which each instruction counts: control blocks, and memory of arenas
 * through references. This is the version for JDK 17 to 21, which have only buffers; the multi-release jar has another
 * one.
 *
 * <p>Nothing is checked here. The caller has checked that the bytes, {@code offset} behind {@code base}, lie in memory
 * of the arena, and that it is open and the calling thread its owner. As long as the arena is reachable the memory
 * stays mapped, so it is an argument.
 */
public final class DirectMemory {
    private DirectMemory() {
    }

    /** Whether this JVM can do so: a JDK 22 or newer that grants native access. Else all other methods throw. */
    public static boolean isAvailable() {
        return false;
    }

    private static UnsupportedOperationException unavailable() {
        return new UnsupportedOperationException("jdk=" + Runtime.version().feature() + ": use buffers before JDK 22");
    }

    /** Reads a byte in native byte order, aligned or not. */
    public static byte getByte(Object arena, long base, long offset) {
        throw unavailable();
    }

    /** Writes a byte. */
    public static void putByte(Object arena, long base, long offset, byte value) {
        throw unavailable();
    }

    /** Reads a short in native byte order, aligned or not. */
    public static short getShort(Object arena, long base, long offset) {
        throw unavailable();
    }

    /** Writes a short. */
    public static void putShort(Object arena, long base, long offset, short value) {
        throw unavailable();
    }

    /** Reads a int in native byte order, aligned or not. */
    public static int getInt(Object arena, long base, long offset) {
        throw unavailable();
    }

    /** Writes a int. */
    public static void putInt(Object arena, long base, long offset, int value) {
        throw unavailable();
    }

    /** Reads a long in native byte order, aligned or not. */
    public static long getLong(Object arena, long base, long offset) {
        throw unavailable();
    }

    /** Writes a long. */
    public static void putLong(Object arena, long base, long offset, long value) {
        throw unavailable();
    }

    /** Reads a float in native byte order, aligned or not. */
    public static float getFloat(Object arena, long base, long offset) {
        throw unavailable();
    }

    /** Writes a float. */
    public static void putFloat(Object arena, long base, long offset, float value) {
        throw unavailable();
    }

    /** Reads a double in native byte order, aligned or not. */
    public static double getDouble(Object arena, long base, long offset) {
        throw unavailable();
    }

    /** Writes a double. */
    public static void putDouble(Object arena, long base, long offset, double value) {
        throw unavailable();
    }
}
