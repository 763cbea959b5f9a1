// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * The native methods of {@code arena_recycler.h}: primitives in, a primitive out, no exceptions. Any thread may call
 * them, while nobody destroys the recycler or its pool.
 */
public final class ArenaRecyclerNatives {
    /** Longs that {@link #stats} fills. */
    @Native public static final int STATS_LONGS = 10;
    /** The largest number of idle arenas that {@link #create} takes. */
    @Native public static final int KEPT_MAX = 65536;
    /** The largest count that {@link #addUses} takes. */
    @Native public static final int USES_MAX = 32;
    /** In what {@link #giveBack} returns: the arena is idle now; otherwise it was destroyed. */
    @Native public static final int KEPT = 256;
    /** In what {@link #giveBack} returns: it is idle, and has the same chunks at the same indices. */
    @Native public static final int SAME_CHUNKS = 512;

    private ArenaRecyclerNatives() {
    }

    /**
     * Creates a recycler: its address, or minus the status. {@code config} and {@code name} are as {@link
     * ArenaNatives#create} takes them.
     */
    public static native long create(long pool, long[] config, byte[] name, int kept, long keptBytes, int percentile);

    /** Destroys the recycler and its idle arenas; returns the status. Borrowed ones live on. */
    public static native int destroy(long recycler);

    /**
     * Borrows an arena: its address, or minus the status. It is Java's until {@link #giveBack} or, once the recycler is
     * destroyed, {@link ArenaNatives#destroy}.
     */
    public static native long borrow(long recycler);

    /**
     * Gives back what {@link #borrow} has brought; returns the status with the flags {@link #KEPT} and {@link
     * #SAME_CHUNKS}. Unless the status says that release actions or an observer are running, the arena may be somebody
     * else's now.
     */
    public static native int giveBack(long recycler, long arena);

    /**
     * Counts borrows and returns of an arena that {@link #borrow} has brought and that went from user to user without
     * C, by the bytes that each needed: the first {@code count} of {@code uses}, at most {@link #USES_MAX}.
     * Returns how many bytes of chunks recent uses justify now: an arena with more is dropped.
     */
    public static native long addUses(long recycler, long[] uses, int count);

    /** {@code recycler_return()} as C code calls it, which takes no arena that Java holds; returns the status. */
    public static native int returnArena(long recycler, long arena);

    /** Destroys idle arenas until at most {@code keepBytes} are kept; returns the bytes that went back to the pool. */
    public static native long trim(long recycler, long keepBytes);

    /** Fills {@code into} in the order of the C struct {@code RecyclerStats}; returns the status. */
    public static native int stats(long recycler, long[] into);

    /** Verifies the recycler's invariants; returns the status. */
    public static native int check(long recycler);
}
