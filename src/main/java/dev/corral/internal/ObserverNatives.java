// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * The native methods of event logs, in which C writes down what happens in an observed arena: primitives in, a
 * primitive out, no exceptions. Thread rule: the caller is the arena's owner, or nobody uses the arena.
 */
public final class ObserverNatives {
    /** Longs of an event: its kind, its subject and a number of bytes. */
    @Native public static final int EVENT_LONGS = 3;
    /** A block was allocated; the subject is its reference. */
    @Native public static final int ALLOC = 1;
    /** A chunk was acquired. */
    @Native public static final int ACQUIRED = 2;
    /** A chunk was given back. */
    @Native public static final int GIVEN_BACK = 3;
    /** Blocks were taken back; the subject is 1 for reset, 2 for clear, 3 for rewind. */
    @Native public static final int RESET = 4;
    /** The arena was destroyed. */
    @Native public static final int DESTROY = 5;
    /** So many events were not written down: the number of bytes. */
    @Native public static final int MISSED = 6;

    private ObserverNatives() {
    }

    /** Makes a log for {@link ConfigFields#EVENT_LOG}: its address, or 0 when there is no memory. */
    public static native long open(long pool);

    /**
     * Takes as many events out of the log as fit, oldest first; returns how many. The arena refuses to be changed from
     * a call that brings some to one that brings none.
     */
    public static native int take(long log, long[] into);

    /** Gives a log back to its pool; its arena is destroyed, or was never made. */
    public static native void close(long pool, long log);
}
