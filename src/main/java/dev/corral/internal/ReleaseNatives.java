// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * Native methods for what runs before an arena takes memory back: primitives in, a primitive out, no exceptions. C
 * keeps one stack of its own callbacks and of Java's actions, which it knows by number; Java runs its own.
 *
 * <p>Thread rule and {@code arena}: as {@link ArenaNatives}.
 */
public final class ReleaseNatives {
    /** For {@link #begin}: everything is due. */
    public static final long ALL = 0;
    /** For {@link #begin}: only actions that C owes, because it has taken memory back without Java. */
    @Native public static final long OWED = -1;

    private ReleaseNatives() {
    }

    /** Registers an action by its number, 1 or more; returns the status. */
    public static native int add(long arena, int action);

    /**
     * Begins to release what came after a mark, or {@link #ALL} or {@link #OWED}; returns the status. Until {@link
     * #end}, whatever takes memory back is refused.
     */
    public static native int begin(long arena, long mark);

    /** Calls the callbacks of C that are due, up to Java's next action; returns its number, or 0 when all is done. */
    public static native int next(long arena);

    /** Ends what {@link #begin} began. */
    public static native void end(long arena);

    /** Whether a callback or an action of the arena is running, in C or in Java. */
    public static native boolean isRunning(long arena);

    /** Actions of Java that have not been handed out by {@link #next}. */
    public static native int count(long arena);
}
