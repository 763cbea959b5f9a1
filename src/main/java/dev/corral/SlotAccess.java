// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.SlotLayout;
import dev.corral.internal.SlotNatives;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.LongConsumer;

/** Values that are there: the part of {@link SlotPool} that reads, replaces, removes and walks. */
abstract class SlotAccess extends SlotValues {
    SlotAccess(SlotMemory memory) {
        super(memory, 0);
    }

    // --- read

    /** As {@link #getLong}, of a value of one byte. */
    public byte getByte(long handle) {
        return (byte) memory.getBits(handle, Byte.BYTES, "getByte");
    }

    /** As {@link #getLong}, of a value of two bytes. */
    public short getShort(long handle) {
        return (short) memory.getBits(handle, Short.BYTES, "getShort");
    }

    /** As {@link #getLong}, of a value of four bytes. */
    public int getInt(long handle) {
        return (int) memory.getBits(handle, Integer.BYTES, "getInt");
    }

    /**
     * Reads a value of eight bytes. Types are not stored: a double can be read as a long. No JNI call, no garbage.
     *
     * @throws IllegalArgumentException if the value has another size
     * @throws IllegalStateException    if the handle is 0, was never given out, or its value was removed; or the slot
     *                                  pool is closed, or this is not its owner's thread
     */
    public long getLong(long handle) {
        return memory.getBits(handle, Long.BYTES, "getLong");
    }

    /** As {@link #getLong}, of a value of four bytes. */
    public float getFloat(long handle) {
        return Float.intBitsToFloat((int) memory.getBits(handle, Float.BYTES, "getFloat"));
    }

    /** As {@link #getLong}. */
    public double getDouble(long handle) {
        return Double.longBitsToDouble(memory.getBits(handle, Double.BYTES, "getDouble"));
    }

    /** Whether the handle names a value that is there. */
    public boolean contains(long handle) {
        return memory.tag(handle) != 0;
    }

    /**
     * The value's number of bytes. No JNI call.
     *
     * @throws IllegalStateException as {@link #getLong}
     */
    public int size(long handle) {
        return memory.size(handle, "size");
    }

    /** A copy of the value's bytes; throws as {@link #getLong} does for a handle that names none. */
    public byte[] getBytes(long handle) {
        byte[] bytes = new byte[memory.size(handle, "getBytes")];
        copyOut(handle, bytes, 0);
        return bytes;
    }

    /**
     * Copies all of the value's bytes into an array, from index {@code at} on. No garbage; a JNI call for more than 16
     * bytes.
     *
     * @return how many they are
     * @throws IndexOutOfBoundsException if they do not fit; nothing is copied then
     * @throws IllegalStateException     as {@link #getLong}
     */
    public int copyOut(long handle, byte[] target, int at) {
        int size = memory.size(handle, "copyOut");
        Objects.checkFromIndexSize(at, size, target.length);
        if (size <= SlotLayout.INLINE_MAX) {
            memory.bytes(handle).get(SlotBooks.slotOf(handle), target, at, size);
            Reference.reachabilityFence(this);
        } else {
            memory.check(SlotNatives.read(memory.handle, handle, target, at, size), "copyOut");
        }
        return size;
    }

    /** The value's bytes as UTF-8; throws as {@link #getLong} does for a handle that names none. */
    public String getUtf8(long handle) {
        return new String(getBytes(handle), StandardCharsets.UTF_8);
    }

    // --- replace

    private void setBits(long handle, long bits, int size, String operation) {
        if (memory.requireTag(handle, operation) == SlotLayout.LARGE) {
            byte[] bytes = new byte[size];
            ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
            buffer.putLong(0, SlotMemory.toMemory(bits, size)).get(0, bytes);
            set(handle, bytes, 0, size, operation);
        } else {
            memory.setBits(handle, bits, size);
        }
    }

    private void set(long handle, byte[] bytes, int from, int length, String operation) {
        int status = SlotNatives.set(memory.toC(), handle, bytes, from, length);
        if (MemoryPressure.mayEase(status, memory.anchor.pool)) {
            MemoryPressure.relieve();
            status = SlotNatives.set(memory.toC(), handle, bytes, from, length);
        }
        memory.check(status, operation + ": size=" + length);
    }

    /** As {@link #setLong}, by one byte. */
    public void setByte(long handle, byte value) {
        setBits(handle, value, Byte.BYTES, "setByte");
    }

    /** As {@link #setLong}, by two bytes. */
    public void setShort(long handle, short value) {
        setBits(handle, value, Short.BYTES, "setShort");
    }

    /** As {@link #setLong}, by four bytes. */
    public void setInt(long handle, int value) {
        setBits(handle, value, Integer.BYTES, "setInt");
    }

    /**
     * Replaces a value, whatever its size was, by one of eight bytes; the handle stays. No JNI call and no garbage
     * unless the old value had more than 16 bytes.
     *
     * @throws ArenaExhaustedException if the old value had more than 16 bytes and the pool has no memory for the slot
     *                                 by which its free chunk is remembered; nothing changed then
     * @throws IllegalStateException   if the handle is 0, was never given out, or its value was removed; or the slot
     *                                 pool is closed, or this is not its owner's thread
     */
    public void setLong(long handle, long value) {
        setBits(handle, value, Long.BYTES, "setLong");
    }

    /** As {@link #setLong}, by the four bytes of a float. */
    public void setFloat(long handle, float value) {
        setBits(handle, Float.floatToRawIntBits(value), Float.BYTES, "setFloat");
    }

    /** As {@link #setLong}, by the eight bytes of a double. */
    public void setDouble(long handle, double value) {
        setBits(handle, Double.doubleToRawLongBits(value), Double.BYTES, "setDouble");
    }

    /** As {@link #setBytes(long, byte[], int, int)} of all of the array. */
    public void setBytes(long handle, byte[] bytes) {
        setBytes(handle, bytes, 0, bytes.length);
    }

    /**
     * Replaces a value, whatever its size was, by {@code length} bytes of an array, from index {@code from} on; the
     * handle stays. A value of more than 16 bytes keeps its chunk while the size class is the same.
     *
     * @throws IndexOutOfBoundsException if the range is out of bounds
     * @throws IllegalArgumentException  if they are more than 1 GiB
     * @throws ArenaExhaustedException   if the pool has no memory, or a limit no room; the old value stays
     * @throws IllegalStateException     as {@link #setLong}
     */
    public void setBytes(long handle, byte[] bytes, int from, int length) {
        Objects.checkFromIndexSize(from, length, bytes.length);
        if (memory.requireTag(handle, "setBytes") == SlotLayout.LARGE || length > SlotLayout.INLINE_MAX) {
            set(handle, bytes, from, length, "setBytes");
        } else {
            memory.bytes(handle).put(SlotBooks.slotOf(handle), bytes, from, length);
            memory.finishSet(handle, length);
        }
    }

    /**
     * As {@link #setBytes(long, byte[], int, int)} of the text's UTF-8 bytes. No JNI call and no garbage unless the old
     * value or the new one has more than 16 bytes.
     */
    public void setUtf8(long handle, String text) {
        int length = Utf8.length(text);
        if (memory.requireTag(handle, "setUtf8") == SlotLayout.LARGE || length > SlotLayout.INLINE_MAX) {
            set(handle, text.getBytes(StandardCharsets.UTF_8), 0, length, "setUtf8");
        } else {
            Utf8.encode(text, memory.bytes(handle), SlotBooks.slotOf(handle));
            memory.finishSet(handle, length);
        }
    }

    // --- remove and walk

    /**
     * Removes a value; its handle is refused from then on, whatever is put in its slot. No JNI call and no garbage for
     * values of up to 16 bytes.
     *
     * @throws IllegalStateException as {@link #getLong}
     */
    public void remove(long handle) {
        memory.remove(handle);
    }

    /**
     * The next value in the order of slots behind the place that {@code after} names, whether its value is there or
     * not; 0 begins, and ends. Values that are put or removed meanwhile are met or not. No garbage.
     *
     * @throws IllegalStateException if the slot pool is closed, or this is not its owner's thread
     */
    public long next(long after) {
        return memory.next(after, 0, true);
    }

    /** Calls {@code visitor} with the handle of each value in the order of slots; it may put, replace and remove. */
    public void forEach(LongConsumer visitor) {
        Objects.requireNonNull(visitor, "visitor");
        for (long at = next(0); at != 0; at = next(at)) {
            visitor.accept(at);
        }
    }
}
