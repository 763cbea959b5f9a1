// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;
import java.nio.ByteBuffer;

/**
 * The pool's native methods: primitives in, a primitive out, no exceptions. Every {@code pool} is an address that
 * {@link #create} returned; after {@link #destroy} or {@link #abandon} only {@link #letGo} and, once per pin, {@link
 * #unpin} may be called.
 *
 * <p>Thread rule: any thread, except against {@link #destroy}. The native library must be loaded first.
 */
public final class PoolNatives {
    /** Bytes that hold any table of statistics. */
    @Native public static final int TABLE_MAX = 8192;

    private PoolNatives() {
    }

    /**
     * Creates a pool: its address, or minus the status. {@code fields} is laid out by {@link PoolFields}; {@code name}
     * may be null.
     */
    public static native long create(long[] fields, byte[] name);

    /** Destroys a pool and the contents of what is pinned; returns the status. */
    public static native int destroy(long pool);

    /** Destroys a pool, but what is pinned keeps its contents; returns the status. */
    public static native int abandon(long pool);

    /** Allocates a block: its address, or minus the status. */
    public static native long allocate(long pool, long size);

    /** Frees a block; returns the status. */
    public static native int free(long pool, long block);

    /** Returns free memory to the system until {@code keepBytes} stay; returns the bytes given back. */
    public static native long trim(long pool, long keepBytes);

    /** Fills {@code into} in the order of the C struct {@code PoolStats}; returns the status. */
    public static native int stats(long pool, long[] into);

    /** Fills {@code into}, of {@link #TABLE_MAX} bytes, with the statistics as a table; its length, 0 for no pool. */
    public static native int statsTable(long pool, byte[] into);

    /** Verifies the pool's invariants; returns the status. */
    public static native int check(long pool);

    /** Keeps the memory around a live block mapped: a pin, or 0 when the address is not a live block. */
    public static native long pin(long pool, long block);

    /** Holds a live block of a pool with a quarantine; returns the status. */
    public static native int hold(long pool, long block);

    /** Ends a hold; the pool may have been destroyed. */
    public static native void letGo(long pool, long block);

    /** Whether a live block, or an arena's chunk, starts at the address. */
    public static native boolean isLive(long pool, long block);

    /** Ends a pin. */
    public static native void unpin(long pool, long pin);

    /** A direct buffer over memory that the caller keeps mapped; null when the JVM has no memory for it. */
    public static native ByteBuffer wrap(long address, long capacity);
}
