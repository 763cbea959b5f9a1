// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.ref.Reference;

/**
 * Native memory by address, for the few lines in which each instruction counts: control blocks, and memory of arenas
 * through references. This is the version for JDK 17 to 21; the multi-release jar has another one.
 *
 * <p>Nothing is checked here. The caller has checked that the bytes, {@code offset} behind {@code base}, lie in memory
 * of the arena, and that it is open and the calling thread its owner. As long as the arena is reachable the memory
 * stays mapped, so it is an argument.
 */
public final class DirectMemory {
    /* The JIT compiles a call of a constant handle over an intrinsic method to the load or store alone, as it does a
     * direct call, which javac would not let pass without a warning. Of a buffer the JIT has to read address and limit
     * each time. */
    private static final boolean AVAILABLE = UnsafeHandles.areAvailable();

    private static final MethodHandle GET_BYTE = getter("getByte", byte.class);
    private static final MethodHandle PUT_BYTE = setter("putByte", byte.class);
    private static final MethodHandle GET_SHORT = getter("getShort", short.class);
    private static final MethodHandle PUT_SHORT = setter("putShort", short.class);
    private static final MethodHandle GET_INT = getter("getInt", int.class);
    private static final MethodHandle PUT_INT = setter("putInt", int.class);
    private static final MethodHandle GET_LONG = getter("getLong", long.class);
    private static final MethodHandle PUT_LONG = setter("putLong", long.class);
    private static final MethodHandle GET_FLOAT = getter("getFloat", float.class);
    private static final MethodHandle PUT_FLOAT = setter("putFloat", float.class);
    private static final MethodHandle GET_DOUBLE = getter("getDouble", double.class);
    private static final MethodHandle PUT_DOUBLE = setter("putDouble", double.class);

    private DirectMemory() {
    }

    /** Whether this JVM can do so and may. Else all other methods throw. */
    public static boolean isAvailable() {
        return AVAILABLE;
    }

    private static MethodHandle getter(String name, Class<?> type) {
        return UnsafeHandles.handle(name, MethodType.methodType(type, long.class));
    }

    private static MethodHandle setter(String name, Class<?> type) {
        return UnsafeHandles.handle(name, MethodType.methodType(void.class, long.class, type));
    }

    /** What an access may throw is of the JVM's making, and unchecked. */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable thrown) throws T {
        throw (T) thrown;
    }

    /** Reads a byte. */
    public static byte getByte(Object arena, long base, long offset) {
        try {
            byte value = (byte) GET_BYTE.invokeExact(base + offset);
            Reference.reachabilityFence(arena);
            return value;
        } catch (Throwable e) {
            throw DirectMemory.<RuntimeException>unchecked(e);
        }
    }

    /** Writes a byte. */
    public static void putByte(Object arena, long base, long offset, byte value) {
        try {
            PUT_BYTE.invokeExact(base + offset, value);
            Reference.reachabilityFence(arena);
        } catch (Throwable e) {
            throw DirectMemory.<RuntimeException>unchecked(e);
        }
    }

    /** Reads a short in native byte order, aligned or not. */
    public static short getShort(Object arena, long base, long offset) {
        try {
            short value = (short) GET_SHORT.invokeExact(base + offset);
            Reference.reachabilityFence(arena);
            return value;
        } catch (Throwable e) {
            throw DirectMemory.<RuntimeException>unchecked(e);
        }
    }

    /** Writes a short. */
    public static void putShort(Object arena, long base, long offset, short value) {
        try {
            PUT_SHORT.invokeExact(base + offset, value);
            Reference.reachabilityFence(arena);
        } catch (Throwable e) {
            throw DirectMemory.<RuntimeException>unchecked(e);
        }
    }

    /** Reads an int in native byte order, aligned or not. */
    public static int getInt(Object arena, long base, long offset) {
        try {
            int value = (int) GET_INT.invokeExact(base + offset);
            Reference.reachabilityFence(arena);
            return value;
        } catch (Throwable e) {
            throw DirectMemory.<RuntimeException>unchecked(e);
        }
    }

    /** Writes an int. */
    public static void putInt(Object arena, long base, long offset, int value) {
        try {
            PUT_INT.invokeExact(base + offset, value);
            Reference.reachabilityFence(arena);
        } catch (Throwable e) {
            throw DirectMemory.<RuntimeException>unchecked(e);
        }
    }

    /** Reads a long in native byte order, aligned or not. */
    public static long getLong(Object arena, long base, long offset) {
        try {
            long value = (long) GET_LONG.invokeExact(base + offset);
            Reference.reachabilityFence(arena);
            return value;
        } catch (Throwable e) {
            throw DirectMemory.<RuntimeException>unchecked(e);
        }
    }

    /** Writes a long. */
    public static void putLong(Object arena, long base, long offset, long value) {
        try {
            PUT_LONG.invokeExact(base + offset, value);
            Reference.reachabilityFence(arena);
        } catch (Throwable e) {
            throw DirectMemory.<RuntimeException>unchecked(e);
        }
    }

    /** Reads a float in native byte order, aligned or not. */
    public static float getFloat(Object arena, long base, long offset) {
        try {
            float value = (float) GET_FLOAT.invokeExact(base + offset);
            Reference.reachabilityFence(arena);
            return value;
        } catch (Throwable e) {
            throw DirectMemory.<RuntimeException>unchecked(e);
        }
    }

    /** Writes a float. */
    public static void putFloat(Object arena, long base, long offset, float value) {
        try {
            PUT_FLOAT.invokeExact(base + offset, value);
            Reference.reachabilityFence(arena);
        } catch (Throwable e) {
            throw DirectMemory.<RuntimeException>unchecked(e);
        }
    }

    /** Reads a double in native byte order, aligned or not. */
    public static double getDouble(Object arena, long base, long offset) {
        try {
            double value = (double) GET_DOUBLE.invokeExact(base + offset);
            Reference.reachabilityFence(arena);
            return value;
        } catch (Throwable e) {
            throw DirectMemory.<RuntimeException>unchecked(e);
        }
    }

    /** Writes a double. */
    public static void putDouble(Object arena, long base, long offset, double value) {
        try {
            PUT_DOUBLE.invokeExact(base + offset, value);
            Reference.reachabilityFence(arena);
        } catch (Throwable e) {
            throw DirectMemory.<RuntimeException>unchecked(e);
        }
    }
}
