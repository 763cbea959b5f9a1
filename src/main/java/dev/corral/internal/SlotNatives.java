// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

/**
 * Native methods of {@code slot_pool.h}. {@code slots} is the address of a {@code SlotPool}; what is none, or has
 * ended, is refused as long as its pool lives. Statuses are those of {@link Status}.
 */
public final class SlotNatives {
    private SlotNatives() {
    }

    /** Makes a new arena the anchor of a slot pool, which ends with it: its address, or minus the status. */
    public static native long open(long arena);

    /** The address of a block of slots; of the page {@code -1 - number} of entries for a negative number. 0: none. */
    public static native long map(long slots, int number);

    /** Puts fresh slots on the empty free list of a region. */
    public static native int carve(long slots, long region);

    /** Puts {@code length} bytes of an array, whose range is right: the handle, or 0. */
    public static native long put(long slots, long region, byte[] bytes, int from, int length);

    /** Replaces a value likewise. */
    public static native int set(long slots, long handle, byte[] bytes, int from, int length);

    /** Copies a value into an array that has room for {@code size} bytes from {@code at} on; it has that size. */
    public static native int read(long slots, long handle, byte[] into, int at, int size);

    /** Removes a value. */
    public static native int remove(long slots, long handle);

    /** A new region, or 0. */
    public static native long createRegion(long slots);

    /** Ends a region with its values. */
    public static native int destroyRegion(long slots, long region);

    /** Fills {@code into} with the fields of {@code SlotPoolStats}. */
    public static native int stats(long slots, long[] into);

    /** Verifies all invariants. */
    public static native int check(long slots);

    /** Why the last call that failed did so. */
    public static native int lastStatus(long slots);
}
