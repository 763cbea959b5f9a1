// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

/**
 * Native methods of pools of objects; the rules of {@link ArenaNatives} hold. {@code objects} is an address that {@link
 * #create} returned, and the caller has seen that its identity in {@link ObjectLayout#ID} is still the same.
 */
public final class ObjectPoolNatives {
    private ObjectPoolNatives() {
    }

    /** Creates a pool of objects in an arena that belongs to it alone: its address, or minus the status. */
    public static native long create(long arena, long size, long alignment, long largestBlock, boolean zeroed);

    /** Opens a block that has a free object; returns the status. */
    public static native int refill(long objects);

    /** Takes back an object; returns the status. */
    public static native int release(long objects, long ref);

    /** Whether the object is acquired. */
    public static native boolean isLive(long objects, long ref);

    /** The live object after one, or the first one for 0: its reference, 0 when there is none, or minus the status. */
    public static native long next(long objects, long ref);

    /** Before the pool's arena is reset, so that it does not end the pool. */
    public static native void beginClear(long objects);

    /** After that, whether or not it was reset; returns the status. */
    public static native int endClear(long objects);

    /** Fills {@code into} in the order of the C struct {@code ObjectPoolStats}; returns the status. */
    public static native int stats(long objects, long[] into);

    /** Verifies what the pool knows, and every link; returns the status. */
    public static native int check(long objects);
}
