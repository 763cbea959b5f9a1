// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.Objects;

/** Access to arena memory through references: the part of {@link NativeArena} that reads and writes. */
abstract class ArenaAccess extends ArenaViews {
    ArenaAccess(PoolState pool, long handle, String name) {
        super(pool, handle, name);
    }

    private static int index(long ref, int offset) {
        if (offset < 0) {
            throw new IndexOutOfBoundsException("offset=" + offset + " ref=0x" + Long.toHexString(ref)
                    + ": pass an offset of 0 or more");
        }
        return offset(ref) + offset; // a sum that overflows is negative, which the buffer refuses
    }

    /**
     * Reads the byte at {@code ref + offset} (in bytes) in native byte order, aligned or not. About 3 ns, no garbage.
     *
     * @throws IllegalStateException     if the reference is null or stale, the arena is closed, or this is not its
     *                                   owner's thread
     * @throws IndexOutOfBoundsException if the offset is negative or leads out of the reference's chunk
     */
    public byte getByte(long ref, int offset) {
        return root(ref).get(index(ref, offset));
    }

    /** Writes a byte at {@code ref + offset}; as {@link #getByte}. */
    public void putByte(long ref, int offset, byte value) {
        root(ref).put(index(ref, offset), value);
    }

    /**
     * Reads the short at {@code ref + offset} (in bytes) in native byte order, aligned or not. About 3 ns, no garbage.
     *
     * @throws IllegalStateException     if the reference is null or stale, the arena is closed, or this is not its
     *                                   owner's thread
     * @throws IndexOutOfBoundsException if the offset is negative or leads out of the reference's chunk
     */
    public short getShort(long ref, int offset) {
        return root(ref).getShort(index(ref, offset));
    }

    /** Writes a short at {@code ref + offset}; as {@link #getShort}. */
    public void putShort(long ref, int offset, short value) {
        root(ref).putShort(index(ref, offset), value);
    }

    /**
     * Reads the int at {@code ref + offset} (in bytes) in native byte order, aligned or not. About 3 ns, no garbage.
     *
     * @throws IllegalStateException     if the reference is null or stale, the arena is closed, or this is not its
     *                                   owner's thread
     * @throws IndexOutOfBoundsException if the offset is negative or leads out of the reference's chunk
     */
    public int getInt(long ref, int offset) {
        return root(ref).getInt(index(ref, offset));
    }

    /** Writes a int at {@code ref + offset}; as {@link #getInt}. */
    public void putInt(long ref, int offset, int value) {
        root(ref).putInt(index(ref, offset), value);
    }

    /**
     * Reads the long at {@code ref + offset} (in bytes) in native byte order, aligned or not. About 3 ns, no garbage.
     *
     * @throws IllegalStateException     if the reference is null or stale, the arena is closed, or this is not its
     *                                   owner's thread
     * @throws IndexOutOfBoundsException if the offset is negative or leads out of the reference's chunk
     */
    public long getLong(long ref, int offset) {
        return root(ref).getLong(index(ref, offset));
    }

    /** Writes a long at {@code ref + offset}; as {@link #getLong}. */
    public void putLong(long ref, int offset, long value) {
        root(ref).putLong(index(ref, offset), value);
    }

    /**
     * Reads the float at {@code ref + offset} (in bytes) in native byte order, aligned or not. About 3 ns, no garbage.
     *
     * @throws IllegalStateException     if the reference is null or stale, the arena is closed, or this is not its
     *                                   owner's thread
     * @throws IndexOutOfBoundsException if the offset is negative or leads out of the reference's chunk
     */
    public float getFloat(long ref, int offset) {
        return root(ref).getFloat(index(ref, offset));
    }

    /** Writes a float at {@code ref + offset}; as {@link #getFloat}. */
    public void putFloat(long ref, int offset, float value) {
        root(ref).putFloat(index(ref, offset), value);
    }

    /**
     * Reads the double at {@code ref + offset} (in bytes) in native byte order, aligned or not. About 3 ns, no garbage.
     *
     * @throws IllegalStateException     if the reference is null or stale, the arena is closed, or this is not its
     *                                   owner's thread
     * @throws IndexOutOfBoundsException if the offset is negative or leads out of the reference's chunk
     */
    public double getDouble(long ref, int offset) {
        return root(ref).getDouble(index(ref, offset));
    }

    /** Writes a double at {@code ref + offset}; as {@link #getDouble}. */
    public void putDouble(long ref, int offset, double value) {
        root(ref).putDouble(index(ref, offset), value);
    }

    /**
     * Copies {@code length} bytes of {@code source}, from index {@code from} on, to {@code ref + offset} (in bytes).
     *
     * @throws IllegalStateException     if the reference is null or stale, the arena is closed, or this is not its
     *                                   owner's thread
     * @throws IndexOutOfBoundsException if either range is out of bounds; nothing is copied then
     */
    public void copyIn(long ref, int offset, byte[] source, int from, int length) {
        root(ref).put(index(ref, offset), Objects.requireNonNull(source, "source"), from, length);
    }

    /**
     * Copies {@code length} bytes at {@code ref + offset} into {@code target}, from index {@code from} on; as {@link
     * #copyIn}.
     */
    public void copyOut(long ref, int offset, byte[] target, int from, int length) {
        root(ref).get(index(ref, offset), Objects.requireNonNull(target, "target"), from, length);
    }
}
