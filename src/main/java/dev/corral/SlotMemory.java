// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.Failures;
import dev.corral.internal.SlotLayout;
import dev.corral.internal.SlotNatives;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.ByteOrder;

/** The hot core of {@link SlotPool}: what Java does with slots by itself, over the memory that C uses. */
final class SlotMemory extends SlotBooks {
    /* That the slot pool lives, the anchor says: it belongs to this thread and is open (its owner), and, where C can
     * reach it, has not been taken back (its count of take-backs). Java itself closes it, as it does every child.
     *
     * Each step leaves what C may rely on: a slot is off the free list before it is written to, and cannot be named
     * before it is on the list. A StackOverflowError between two steps loses one slot at most.
     */
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long GENERATION = -1L << Integer.SIZE;

    private final long takeBacks;

    /** Makes the anchor, a new arena, a slot pool's. */
    SlotMemory(NativeArena anchor) {
        super(anchor, open(anchor));
        this.takeBacks = anchor.takeBacks();
    }

    private static long open(NativeArena anchor) {
        long opened = SlotNatives.open(anchor.handle);
        if (MemoryPressure.mayEase((int) -opened, anchor.pool)) {
            MemoryPressure.relieve();
            opened = SlotNatives.open(anchor.handle);
        }
        if (Failures.isStatus(opened)) {
            throw Failures.of((int) -opened, "create: slots=" + anchor.name());
        }
        return opened;
    }

    // --- state

    /** Throws unless the slot pool is open and the caller is its owner. */
    void requireUsable() {
        anchor.requireUsable();
        if (anchor.watched && anchor.takeBacks() != takeBacks) {
            throw closed();
        }
    }

    private RuntimeException closed() {
        return Failures.of(Status.INVALID_ARENA, "slots=" + anchor.name());
    }

    boolean isClosed() {
        return anchor.isClosed() || anchor.takeBacks() != takeBacks;
    }

    /** For an operation of C that has failed, or may have found damage. */
    void check(int status, String operation) {
        if (status == Status.DAMAGED || anchor.debug) {
            DebugMode.throwIfDamaged(operation + ": slots=" + anchor.name());
        }
        if (status != Status.OK) {
            throw Failures.of(status, operation + ": slots=" + anchor.name());
        }
        Reference.reachabilityFence(this);
    }

    /** The entry of a region, one that was created. Throws unless it lives. */
    long requireRegion(long region) {
        requireUsable();
        if (region == 0) {
            return own;
        }
        long entry = entry((int) region);
        if (getInt(entry, SlotLayout.GENERATION) != (int) (region >>> Integer.SIZE)) {
            throw Failures.of(Status.STALE_HANDLE, "region=0x" + Long.toHexString(region) + " slots="
                    + anchor.name());
        }
        return entry;
    }

    // --- put

    /** Puts a number of up to 8 bytes. */
    long putBits(long region, long bits, int size) {
        long entry = requireRegion(region);
        int free = getInt(entry, SlotLayout.FIRST_FREE);
        long place = (free != 0 ? free : carve(region, entry)) - 1 & 0xFFFFFFFFL;
        long block = block(place);
        int slot = slotOf(place);
        putInt(entry, SlotLayout.FIRST_FREE, getInt(block, slot));
        putLong(block, slot, toMemory(bits, size));
        return finish(entry, block, place, size);
    }

    /** Takes a slot off the region's free list, for a value of up to 16 bytes; its place. */
    long take(long region) {
        long entry = requireRegion(region);
        int free = getInt(entry, SlotLayout.FIRST_FREE);
        long place = (free != 0 ? free : carve(region, entry)) - 1 & 0xFFFFFFFFL;
        putInt(entry, SlotLayout.FIRST_FREE, getInt(block(place), slotOf(place)));
        return place;
    }

    /** Makes free slots; the place of the first, + 1. */
    private int carve(long region, long entry) {
        int status = SlotNatives.carve(handle, region);
        if (MemoryPressure.mayEase(status, anchor.pool)) {
            MemoryPressure.relieve();
            status = SlotNatives.carve(handle, region);
        }
        check(status, "put");
        return getInt(entry, SlotLayout.FIRST_FREE);
    }

    /** Makes a taken slot, which has been written to, a value of that size. */
    long finishPut(long region, long place, int size) {
        return finish(entry(entryOf(region)), block(place), place, size);
    }

    private long finish(long entry, long block, long place, int size) {
        int at = slotOf(place) + SlotLayout.STATE;
        long generation = getLong(block, at) & GENERATION;
        putLong(block, at, generation | SlotLayout.EMPTY + size);
        count(entry, 1);
        return generation | place;
    }

    private void count(long entry, int change) {
        putLong(entry, SlotLayout.LIVE, getLong(entry, SlotLayout.LIVE) + change);
        putLong(totals, SlotLayout.TOTAL_LIVE, getLong(totals, SlotLayout.TOTAL_LIVE) + change);
    }

    static long toMemory(long bits, int size) {
        return LITTLE ? bits : bits << Long.SIZE - size * Byte.SIZE;
    }

    private static long fromMemory(long word, int size) {
        return LITTLE ? word : word >> Long.SIZE - size * Byte.SIZE;
    }

    // --- values that are there

    /** What the slot says to a handle: a tag, or something larger when they do not belong together. */
    private long tag(long block, long value) {
        return block != 0 && ((int) value & SlotLayout.INDEX_MASK) < getInt(block, SlotLayout.CARVED)
                ? getLong(block, slotOf(value) + SlotLayout.STATE) ^ value & GENERATION : 0;
    }

    /** The tag of a value that lives; 0: the handle names none. */
    int tag(long value) {
        requireUsable();
        long tag = tag(block(value), value);
        return SlotLayout.EMPTY <= tag && tag <= SlotLayout.LARGE ? (int) tag : 0;
    }

    /** As {@link #tag}, and throws when there is none. */
    int requireTag(long value, String operation) {
        int tag = tag(value);
        if (tag == 0) {
            throw Failures.of(Status.STALE_HANDLE, operation + ": handle=0x" + Long.toHexString(value) + " slots="
                    + anchor.name());
        }
        return tag;
    }

    int size(long value, String operation) {
        int tag = requireTag(value, operation);
        return tag == SlotLayout.LARGE ? getInt(block(value), slotOf(value) + SlotLayout.LARGE_SIZE)
                : tag - SlotLayout.EMPTY;
    }

    /** The bits of a value of exactly that size, in the lower bytes; what is above them is unspecified. */
    long getBits(long value, int size, String operation) {
        requireUsable();
        long block = block(value);
        if (tag(block, value) != SlotLayout.EMPTY + size) {
            throw otherSize(value, size, operation);
        }
        return fromMemory(getLong(block, slotOf(value)), size);
    }

    /** Replaces a live inline value by a number. */
    void setBits(long value, long bits, int size) {
        putLong(block(value), slotOf(value), toMemory(bits, size));
        finishSet(value, size);
    }

    private RuntimeException otherSize(long value, int expected, String operation) {
        int actual = size(value, operation);
        return new IllegalArgumentException(operation + ": size=" + actual + " expected=" + expected + " handle=0x"
                + Long.toHexString(value) + " slots=" + anchor.name() + ": read the value with its own type");
    }

    /** Makes a live inline value one of another size; it has been written to. */
    void finishSet(long value, int size) {
        putLong(block(value), slotOf(value) + SlotLayout.STATE, value & GENERATION | SlotLayout.EMPTY + size);
    }

    /** Removes a value. A large one, and one that is the last of its slot, go through C. */
    void remove(long value) {
        requireUsable();
        long block = block(value);
        int slot = slotOf(value);
        int generation = (int) (value >>> Integer.SIZE) + 1;
        long tag = tag(block, value);
        if (tag < SlotLayout.EMPTY || tag >= SlotLayout.LARGE || generation == 0) {
            removeSlowly(value);
            return;
        }
        long live = getLong(totals, SlotLayout.TOTAL_LIVE);
        if (live > getLong(totals, SlotLayout.TOTAL_PEAK)) {
            putLong(totals, SlotLayout.TOTAL_PEAK, live);
        }
        if (Integer.compareUnsigned(generation, getInt(block, SlotLayout.NEWEST)) > 0) {
            putInt(block, SlotLayout.NEWEST, generation);
        }
        long entry = entry(getInt(block, SlotLayout.REGION));
        putLong(block, slot + SlotLayout.STATE, (long) generation << Integer.SIZE | SlotLayout.FREE);
        putInt(block, slot, getInt(entry, SlotLayout.FIRST_FREE));
        putInt(entry, SlotLayout.FIRST_FREE, (int) value + 1);
        count(entry, -1);
    }

    private void removeSlowly(long value) {
        requireTag(value, "remove");
        check(SlotNatives.remove(handle, value), "remove");
    }

    // --- walk

    /** The live value behind a place, in blocks of that region; all: in any. 0: none. */
    long next(long after, long region, boolean all) {
        requireUsable();
        int number = blockOf(after);
        int index = after == 0 ? 0 : ((int) after & SlotLayout.INDEX_MASK) + 1;
        while (number <= SlotLayout.BLOCK_MASK) {
            long block = block((long) number << SlotLayout.BLOCK_SHIFT);
            if (block == 0) {
                break;
            }
            boolean met = all || getInt(block, SlotLayout.REGION) == entryOf(region);
            int end = met ? getInt(block, SlotLayout.CARVED) : 0;
            for (; index < end; index++) {
                long state = getLong(block, slotOf(index) + SlotLayout.STATE);
                if (SlotLayout.EMPTY <= (int) state && (int) state <= SlotLayout.LARGE) {
                    return state & GENERATION | (long) number << SlotLayout.BLOCK_SHIFT | index;
                }
            }
            index = 0;
            number++;
        }
        return 0;
    }
}
