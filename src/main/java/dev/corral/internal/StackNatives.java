// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

/** Native methods of stacks of frames; the rules of {@link ArenaNatives} hold. */
public final class StackNatives {
    private StackNatives() {
    }

    /** Makes a new arena a stack, so that C functions on stacks take it; returns the status. */
    public static native int adopt(long arena);

    /**
     * When no frame is open: gives back what remembered deep frames. True when what fell back is still there, and
     * nothing that was not in a frame, so that a clear of the arena gives it back.
     */
    public static native boolean endFrames(long arena);

    /** Bytes that the current block has left. */
    public static native long room(long arena);

    /** Frames, scopes and marks that are open. */
    public static native long depth(long arena);

    /** Id of the last frame, scope or mark that is open; 0: none is. */
    public static native long top(long arena);

    /** Makes room for {@link #settle} to make marks of frames, down to a depth; returns the status. */
    public static native int reserve(long arena, int depth);

    /**
     * Takes over what Java has done with a stack by itself, and makes marks of its open frames.
     *
     * @param place bytes of the current chunk in use, and the count of blocks above these 32 bits
     * @param peak  the most bytes of the chunk that were in use
     * @return id of the first frame's mark; 0: C has destroyed the arena, or there are too many
     */
    public static native long settle(long arena, long place, int peak, int frames);

    /** Says what the stack was when a frame began that {@link #settle} has made a mark. */
    public static native void narrow(long arena, long id, long place);
}
