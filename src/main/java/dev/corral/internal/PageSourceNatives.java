// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;
import java.nio.ByteBuffer;

/**
 * Native methods that make page sources: primitives in, a primitive out, no exceptions. The native library must be
 * loaded first. Thread rule: any thread.
 */
public final class PageSourceNatives {
    /** Transparent huge pages. */
    @Native public static final int HUGE_ADVISED = 1;
    /** Huge pages of the kernel's pool, else transparent ones. */
    @Native public static final int HUGE_PREFERRED = 2;
    /** Huge pages of the kernel's pool. */
    @Native public static final int HUGE_REQUIRED = 3;
    /** One NUMA node: {@code number}. */
    @Native public static final int NUMA_NODE = 4;
    /** All NUMA nodes by turns. */
    @Native public static final int NUMA_INTERLEAVED = 5;
    /** A file without a name: {@code path}. */
    @Native public static final int FILE = 6;
    /** The first {@code number} bytes of {@code memory}, which must stay valid. */
    @Native public static final int RANGE = 7;
    /** Guard pages. */
    @Native public static final int GUARDED = 8;
    /** Bytes of a message, the NUL included. */
    @Native public static final int MESSAGE_BYTES = 256;

    private PageSourceNatives() {
    }

    /**
     * Makes a source, for {@link PoolFields#SOURCE}: its address, or minus the status, and then {@code message}
     * receives the reason, ended by a NUL. Arguments that the kind does not need may be null or 0. {@code path} is
     * ended by a NUL, in the system's encoding.
     */
    public static native long open(int kind, long number, byte[] path, ByteBuffer memory, byte[] message);

    /** Ends the caller's use of a source; it goes with the last pool on it. */
    public static native void close(long source);

    /** The address of a direct buffer. */
    public static native long addressOf(ByteBuffer memory);
}
