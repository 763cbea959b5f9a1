// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * Native methods for arenas in files: primitives in, a primitive out, no exceptions. The native
 * library must be loaded first. Thread rule: {@link #seal} the arena's
 * owner; {@link #close} once; else any thread.
 */
public final class MappedNatives {
    /** Index in {@code info}: bytes of the file. */
    @Native public static final int BYTES = 0;
    /** Bytes of the arena that was sealed. */
    @Native public static final int USED = 1;
    /** Allocations of that arena. */
    @Native public static final int COUNT = 2;
    /** The caller's number. */
    @Native public static final int TAG = 3;
    /** The root reference. */
    @Native public static final int ROOT = 4;
    /** Number of chunks. */
    @Native public static final int CHUNKS = 5;
    /** Generation of the references. */
    @Native public static final int GENERATION = 6;
    /** Address of the first byte of the file. */
    @Native public static final int CONTENT = 7;
    /** Longs of {@code info}. */
    @Native public static final int INFO_LONGS = 8;
    /** Bytes of a message, the NUL included. */
    @Native public static final int MESSAGE_BYTES = 512;

    /** {@code how}: the file's own pages. */
    @Native public static final int SHARED = 0;
    /** {@code how}: memory into which the file is read. */
    @Native public static final int LOADED = 1;

    private MappedNatives() {
    }

    /**
     * Seals an arena. {@code path} is ended by a NUL, in the system's encoding.
     *
     * @return a status; when it is not OK, {@code message} receives the reason, ended by a NUL
     */
    public static native int seal(long arena, long root, long tag, byte[] path, byte[] message);

    /** Opens a file: its handle, or minus a status and the reason in {@code message}; {@code info} is filled. */
    public static native long open(byte[] path, int how, long[] info, byte[] message);

    /** Whether the file still has all its bytes: a status; when it is not OK, {@code message} receives the reason. */
    public static native int check(long mapped, byte[] message);

    /** Writes where each chunk begins in the file (0: nowhere) to {@code places}, and its size to {@code used}. */
    public static native int chunks(long mapped, long[] places, int[] used);

    /** Ends it: no buffer over its content may be used any more. A status. */
    public static native int close(long mapped);
}
