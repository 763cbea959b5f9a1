// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads of mapped files whose pages may be lost at any moment, because somebody truncates them. Every method throws
 * the JVM's {@link InternalError}, before it returns, if a page that it needed was lost. Thread rule: any.
 */
public final class GuardedReads {
    /* HotSpot survives the signal of a lost page where it reads memory on behalf of Java: in compiled accesses, in the
     * natives of Unsafe, and in its copying stubs. It skips the access and raises an InternalError, not at once but
     * when the thread next enters the VM, which may be much later and anywhere. Until then the program goes on with
     * whatever the register held.
     *
     * So a read copies whole aligned words, in the JVM's stub, over words that hold ABSENT. The stub gives up at the
     * access that fails, and so at least one ABSENT is still there. That is the test, and costs no call. A word that
     * is ABSENT by itself is found, too, and is no more than slow.
     *
     * Where it is, settle() enters the VM, which throws what is pending. Of all that Java can do, allocating an array
     * of arrays whose lengths are no constants is what the interpreter and both compilers leave to the VM in such a
     * way (JRT_ENTRY). Long copies have no such test, and settle at once.
     */
    private static final long ABSENT = 0x9E3779B97F4A7C15L;
    private static final int SHORT = 56; // bytes that fit into the scratch words wherever they begin
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.nativeOrder());
    private static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[SHORT + Long.BYTES]);

    private static int zero; // not final: else the compiler knows the lengths
    private static Object sink;

    private GuardedReads() {
    }

    /** Whether this JVM is known to survive lost pages: HotSpot, and no native image. */
    public static boolean isAvailable() {
        String name = System.getProperty("java.vm.name", "");
        return System.getProperty("org.graalvm.nativeimage.imagecode") == null
                && (name.contains("OpenJDK") || name.contains("HotSpot"));
    }

    /** Throws the error of a lost page that is pending for this thread. */
    private static void settle() {
        sink = new byte[zero][zero];
    }

    /** The bytes, from index {@code index & 7} on. At most {@code SHORT}. */
    private static byte[] load(ByteBuffer window, int index, int length) {
        byte[] scratch = SCRATCH.get();
        int begin = index & 7;
        int end = begin + length + 7 & -8;
        for (int at = 0; at < end; at += Long.BYTES) {
            LONGS.set(scratch, at, ABSENT);
        }
        window.get(index - begin, scratch, 0, end);
        for (int at = 0; at < end; at += Long.BYTES) {
            if ((long) LONGS.get(scratch, at) == ABSENT) {
                settle();
            }
        }
        return scratch;
    }

    /** A byte of a window whose limit is a multiple of 8. */
    public static byte getByte(ByteBuffer window, int index) {
        return load(window, index, Byte.BYTES)[index & 7];
    }

    /** A short in native byte order, aligned or not. */
    public static short getShort(ByteBuffer window, int index) {
        return (short) SHORTS.get(load(window, index, Short.BYTES), index & 7);
    }

    /** An int. */
    public static int getInt(ByteBuffer window, int index) {
        return (int) INTS.get(load(window, index, Integer.BYTES), index & 7);
    }

    /** A long. */
    public static long getLong(ByteBuffer window, int index) {
        return (long) LONGS.get(load(window, index, Long.BYTES), index & 7);
    }

    /** Copies bytes. What {@code target} holds when this throws is not said. */
    public static void copy(ByteBuffer window, int index, byte[] target, int from, int length) {
        if (length <= SHORT) {
            System.arraycopy(load(window, index, length), index & 7, target, from, length);
        } else {
            window.get(index, target, from, length);
            settle();
        }
    }

    /** Whether the window has these bytes. */
    public static boolean matches(ByteBuffer window, int index, byte[] bytes, int from, int length) {
        int at = 0;
        boolean equal = true;
        while (equal && at < length) {
            int part = Math.min(length - at, SHORT);
            int begin = index + at & 7;
            equal = Arrays.equals(load(window, index + at, part), begin, begin + part, bytes, from + at,
                    from + at + part);
            at += part;
        }
        return equal;
    }
}
