// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

/** Native methods of stacks of frames; the rules of {@link ArenaNatives} hold. */
public final class StackNatives {
    private StackNatives() {
    }

    /** Makes a new arena a stack, so that C functions on stacks take it; returns the status. */
    public static native int adopt(long arena);

    /** Whether no frame is open and something is left of those that were: memory that fell back, or deep frames. */
    public static native boolean mustSettle(long arena);

    /** Bytes that the current block has left. */
    public static native long room(long arena);

    /** Frames, scopes and marks that are open. */
    public static native long depth(long arena);

    /** Id of the last frame, scope or mark that is open; 0: none is. */
    public static native long top(long arena);
}
