// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

/**
 * The native methods of debug mode. Every {@code arena} is an address that {@link ArenaNatives#create} returned and
 * {@link ArenaNatives#destroy} has not seen.
 *
 * <p>Thread rule: the caller is the arena's owner. The native library must be loaded first.
 */
public final class DebugNatives {
    private DebugNatives() {
    }

    /** Whether the arena is in debug mode. */
    public static native boolean isOn(long arena);

    /** Gives the next block that the arena allocates a tag (UTF-8, cut to its first 71 bytes). */
    public static native void tag(long arena, byte[] tag);

    /** As {@link PoolNatives#allocate}, with a tag: UTF-8 bytes. Any thread. */
    public static native long allocate(long pool, long size, byte[] tag);

    /** As {@link PoolNatives#free}, with a tag; of a debug pool also {@code DAMAGED}, and it is freed. Any thread. */
    public static native int free(long pool, long block, byte[] tag);

    /**
     * The reports of the damage that this thread's calls, to any arena made by Java, have found since it was last
     * asked (UTF-8, cut to 8 KiB), or null.
     */
    public static native byte[] takeReport();

    /** The list of live blocks and the damage there is now: UTF-8, ended by a NUL; null where it is too long. */
    public static native byte[] text(long arena);
}
