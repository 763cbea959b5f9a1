// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.DirectMemory;
import java.util.Objects;

/** Access to arena memory through references: the part of {@link NativeArena} that reads and writes. */
abstract class ArenaAccess extends ArenaViews {
    ArenaAccess(PoolState pool, long handle, String name) {
        super(pool, handle, name);
    }

    private static int index(long ref, int offset) {
        if (offset < 0) {
            throw negative(ref, offset);
        }
        return offset(ref) + offset; // a sum that overflows is negative, which the buffer refuses
    }

    /**
     * Reads the byte at {@code ref + offset} (in bytes) in native byte order, aligned or not. A few ns, no garbage.
     *
     * @throws IllegalStateException     if the reference is null or stale, the arena is closed, or this is not its
     *                                   owner's thread
     * @throws IndexOutOfBoundsException if the offset is negative or leads out of the reference's chunk
     */
    public byte getByte(long ref, int offset) {
        if (DirectMemory.isAvailable()) {
            long at = near(ref, offset, Byte.BYTES);
            return DirectMemory.getByte(this, nearAddress(), at);
        }
        return nearRoot(ref).get(index(ref, offset));
    }

    /** Writes a byte at {@code ref + offset}; as {@link #getByte}. */
    public void putByte(long ref, int offset, byte value) {
        if (DirectMemory.isAvailable()) {
            long at = near(ref, offset, Byte.BYTES);
            DirectMemory.putByte(this, nearAddress(), at, value);
        } else {
            nearRoot(ref).put(index(ref, offset), value);
        }
    }

    /**
     * Reads the short at {@code ref + offset} (in bytes) in native byte order, aligned or not. A few ns, no garbage.
     *
     * @throws IllegalStateException     if the reference is null or stale, the arena is closed, or this is not its
     *                                   owner's thread
     * @throws IndexOutOfBoundsException if the offset is negative or leads out of the reference's chunk
     */
    public short getShort(long ref, int offset) {
        if (DirectMemory.isAvailable()) {
            long at = near(ref, offset, Short.BYTES);
            return DirectMemory.getShort(this, nearAddress(), at);
        }
        return nearRoot(ref).getShort(index(ref, offset));
    }

    /** Writes a short at {@code ref + offset}; as {@link #getShort}. */
    public void putShort(long ref, int offset, short value) {
        if (DirectMemory.isAvailable()) {
            long at = near(ref, offset, Short.BYTES);
            DirectMemory.putShort(this, nearAddress(), at, value);
        } else {
            nearRoot(ref).putShort(index(ref, offset), value);
        }
    }

    /**
     * Reads the int at {@code ref + offset} (in bytes) in native byte order, aligned or not. A few ns, no garbage.
     *
     * @throws IllegalStateException     if the reference is null or stale, the arena is closed, or this is not its
     *                                   owner's thread
     * @throws IndexOutOfBoundsException if the offset is negative or leads out of the reference's chunk
     */
    public int getInt(long ref, int offset) {
        if (DirectMemory.isAvailable()) {
            long at = near(ref, offset, Integer.BYTES);
            return DirectMemory.getInt(this, nearAddress(), at);
        }
        return nearRoot(ref).getInt(index(ref, offset));
    }

    /** Writes a int at {@code ref + offset}; as {@link #getInt}. */
    public void putInt(long ref, int offset, int value) {
        if (DirectMemory.isAvailable()) {
            long at = near(ref, offset, Integer.BYTES);
            DirectMemory.putInt(this, nearAddress(), at, value);
        } else {
            nearRoot(ref).putInt(index(ref, offset), value);
        }
    }

    /**
     * Reads the long at {@code ref + offset} (in bytes) in native byte order, aligned or not. A few ns, no garbage.
     *
     * @throws IllegalStateException     if the reference is null or stale, the arena is closed, or this is not its
     *                                   owner's thread
     * @throws IndexOutOfBoundsException if the offset is negative or leads out of the reference's chunk
     */
    public long getLong(long ref, int offset) {
        if (DirectMemory.isAvailable()) {
            long at = near(ref, offset, Long.BYTES);
            return DirectMemory.getLong(this, nearAddress(), at);
        }
        return nearRoot(ref).getLong(index(ref, offset));
    }

    /** Writes a long at {@code ref + offset}; as {@link #getLong}. */
    public void putLong(long ref, int offset, long value) {
        if (DirectMemory.isAvailable()) {
            long at = near(ref, offset, Long.BYTES);
            DirectMemory.putLong(this, nearAddress(), at, value);
        } else {
            nearRoot(ref).putLong(index(ref, offset), value);
        }
    }

    /**
     * Reads the float at {@code ref + offset} (in bytes) in native byte order, aligned or not. A few ns, no garbage.
     *
     * @throws IllegalStateException     if the reference is null or stale, the arena is closed, or this is not its
     *                                   owner's thread
     * @throws IndexOutOfBoundsException if the offset is negative or leads out of the reference's chunk
     */
    public float getFloat(long ref, int offset) {
        if (DirectMemory.isAvailable()) {
            long at = near(ref, offset, Float.BYTES);
            return DirectMemory.getFloat(this, nearAddress(), at);
        }
        return nearRoot(ref).getFloat(index(ref, offset));
    }

    /** Writes a float at {@code ref + offset}; as {@link #getFloat}. */
    public void putFloat(long ref, int offset, float value) {
        if (DirectMemory.isAvailable()) {
            long at = near(ref, offset, Float.BYTES);
            DirectMemory.putFloat(this, nearAddress(), at, value);
        } else {
            nearRoot(ref).putFloat(index(ref, offset), value);
        }
    }

    /**
     * Reads the double at {@code ref + offset} (in bytes) in native byte order, aligned or not. A few ns, no garbage.
     *
     * @throws IllegalStateException     if the reference is null or stale, the arena is closed, or this is not its
     *                                   owner's thread
     * @throws IndexOutOfBoundsException if the offset is negative or leads out of the reference's chunk
     */
    public double getDouble(long ref, int offset) {
        if (DirectMemory.isAvailable()) {
            long at = near(ref, offset, Double.BYTES);
            return DirectMemory.getDouble(this, nearAddress(), at);
        }
        return nearRoot(ref).getDouble(index(ref, offset));
    }

    /** Writes a double at {@code ref + offset}; as {@link #getDouble}. */
    public void putDouble(long ref, int offset, double value) {
        if (DirectMemory.isAvailable()) {
            long at = near(ref, offset, Double.BYTES);
            DirectMemory.putDouble(this, nearAddress(), at, value);
        } else {
            nearRoot(ref).putDouble(index(ref, offset), value);
        }
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
