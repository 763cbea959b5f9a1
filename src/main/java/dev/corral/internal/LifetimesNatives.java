// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * The native methods of {@code lifetimes.h}: primitives in, a primitive out, no exceptions. Java makes the pool and the
 * arenas, allocates from them, and counts in the words of C (see {@link LifetimesLayout}); C keeps the strings and the
 * kinds.
 *
 * <p>Thread rule: the caller owns the arenas, and they are open.
 */
public final class LifetimesNatives {
    /** Longs that {@link #stats} fills. */
    @Native public static final int STATS_LONGS = 15;
    /** Longs that {@link #kindStats} fills. */
    @Native public static final int KIND_LONGS = 6;
    /** Bytes that hold any table. */
    @Native public static final int TABLE_MAX = 32768;

    private LifetimesNatives() {
    }

    /** Creates one over a pool and two arenas of it, which it leaves to Java: its address, or minus the status. */
    public static native long create(long pool, byte[] name, long process, long unit);

    /** Gives its books back; returns the status. Not needed before the pool is closed. */
    public static native int destroy(long lifetimes);

    /** The number of a kind, or minus the status. */
    public static native int kind(long lifetimes, byte[] name, int rule);

    /** The number of the kind of this name; -1: there is none. */
    public static native int kindNamed(long lifetimes, byte[] name);

    /** Sets what is being done now; returns the status. */
    public static native int setContext(long lifetimes, int context);

    /** The reference of the one copy of these bytes in the process arena, or minus the status. */
    public static native long intern(long lifetimes, byte[] text);

    /** Fills {@code into} in the order of the C struct {@code LifetimesStats}; returns the status. */
    public static native int stats(long lifetimes, long[] into);

    /** Fills {@code into} with allocations and bytes of a kind, by lifetime; returns the status. */
    public static native int kindStats(long lifetimes, int kind, long[] into);

    /** Fills {@code into}, of {@link #TABLE_MAX} bytes, with the table; its length. */
    public static native int text(long lifetimes, byte[] into);

    /** Verifies the invariants; returns the status. */
    public static native int check(long lifetimes);
}
