// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.SlotLayout;
import dev.corral.internal.SlotNatives;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Putting values: what {@link SlotPool} and {@link SlotRegion} have in common. */
abstract class SlotValues {
    final SlotMemory memory;
    /** In which values are put; 0: the slot pool's own. */
    final long region;

    SlotValues(SlotMemory memory, long region) {
        this.memory = memory;
        this.region = region;
    }

    /**
     * Puts a byte; the same as {@link #putLong}.
     *
     * @return its handle
     */
    public long putByte(byte value) {
        return memory.putBits(region, value, Byte.BYTES);
    }

    /** As {@link #putLong}, with two bytes. */
    public long putShort(short value) {
        return memory.putBits(region, value, Short.BYTES);
    }

    /** As {@link #putLong}, with four bytes. */
    public long putInt(int value) {
        return memory.putBits(region, value, Integer.BYTES);
    }

    /**
     * Puts a number as a value of eight bytes in its slot. Cost: no garbage; a JNI call for each 64 slots that are used
     * for the first time, else none.
     *
     * @return the value's handle, not 0; it is checked at every use
     * @throws ArenaExhaustedException if the pool has no memory for more slots
     * @throws IllegalStateException   if the slot pool or region is closed, or this is not its owner's thread
     */
    public long putLong(long value) {
        return memory.putBits(region, value, Long.BYTES);
    }

    /** As {@link #putLong}, with the four bytes of a float. */
    public long putFloat(float value) {
        return memory.putBits(region, Float.floatToRawIntBits(value), Float.BYTES);
    }

    /** As {@link #putLong}, with the eight bytes of a double. */
    public long putDouble(double value) {
        return memory.putBits(region, Double.doubleToRawLongBits(value), Double.BYTES);
    }

    /** As {@link #putBytes(byte[], int, int)} of all of the array. */
    public long putBytes(byte[] bytes) {
        return putBytes(bytes, 0, bytes.length);
    }

    /**
     * Puts {@code length} bytes of an array, from index {@code from} on. Up to 16 lie in the slot; more take a chunk,
     * with one JNI call. No garbage.
     *
     * @throws IndexOutOfBoundsException if the range is out of bounds
     * @throws IllegalArgumentException  if they are more than 1 GiB
     * @throws ArenaExhaustedException   if the pool has no memory, or a limit no room
     * @throws IllegalStateException     if the slot pool or region is closed, or this is not its owner's thread
     */
    public long putBytes(byte[] bytes, int from, int length) {
        Objects.checkFromIndexSize(from, length, bytes.length);
        if (length > SlotLayout.INLINE_MAX) {
            return putLarge(bytes, from, length);
        }
        long handle = memory.putBits(region, 0, length);
        memory.bytes(handle).put(SlotBooks.slotOf(handle), bytes, from, length);
        Reference.reachabilityFence(this);
        return handle;
    }

    private long putLarge(byte[] bytes, int from, int length) {
        memory.requireRegion(region);
        long handle = SlotNatives.put(memory.toC(), region, bytes, from, length);
        if (handle == 0 && MemoryPressure.mayEase(SlotNatives.lastStatus(memory.handle), memory.anchor.pool)) {
            MemoryPressure.relieve();
            handle = SlotNatives.put(memory.toC(), region, bytes, from, length);
        }
        memory.check(handle != 0 ? Status.OK : SlotNatives.lastStatus(memory.handle), "put: size=" + length);
        return handle;
    }

    /**
     * Puts a text as its UTF-8 bytes, an unpaired surrogate as a question mark. Text of up to 16 bytes makes no garbage
     * and no JNI call; as {@link #putBytes(byte[], int, int)} otherwise.
     */
    public long putUtf8(String text) {
        int length = Utf8.length(text);
        if (length > SlotLayout.INLINE_MAX) {
            return putLarge(text.getBytes(StandardCharsets.UTF_8), 0, length);
        }
        long handle = memory.putBits(region, 0, length);
        Utf8.encode(text, memory.bytes(handle), SlotBooks.slotOf(handle));
        Reference.reachabilityFence(this);
        return handle;
    }

    /** Whether this has been closed, or what it belongs to. */
    public abstract boolean isClosed();
}
