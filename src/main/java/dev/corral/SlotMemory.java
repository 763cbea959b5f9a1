// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.Failures;
import dev.corral.internal.SlotLayout;
import dev.corral.internal.SlotNatives;
import dev.corral.internal.Status;
import java.lang.ref.Reference;

/** The hot core of {@link SlotPool}: what Java does with slots by itself, over the memory that C uses. */
final class SlotMemory extends QuickSlots {
    /** Makes the anchor, a new arena, a slot pool's. */
    SlotMemory(NativeArena anchor) {
        super(anchor, open(anchor));
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

    /** Throws unless a region, one that was created, lives. */
    void requireRegion(long region) {
        requireUsable();
        entryOf(region);
    }

    /** The entry of a region, one that was created. Throws unless it lives. */
    private long entryOf(long region) {
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

    @Override
    long putSlowly(long region, long bits, int size) {
        requireUsable();
        long entry = entryOf(region);
        if (keepsNothing()) {
            return putInBooks(region, entry, bits, size);
        }
        int free = comeNear(region, entry);
        if (free == 0) {
            carve(region);
            free = comeNear(region, entry);
        }
        block(free - 1); // looks it up
        return putBits(region, bits, size);
    }

    private long putInBooks(long region, long entry, long bits, int size) {
        if (getInt(entry, SlotLayout.FIRST_FREE) == 0) {
            carve(region);
        }
        long place = getInt(entry, SlotLayout.FIRST_FREE) - 1 & 0xFFFFFFFFL;
        long block = block(place);
        int slot = slotOf(place);
        putInt(entry, SlotLayout.FIRST_FREE, getInt(block, slot));
        putLong(block, slot, toMemory(bits, size));
        long generation = getLong(block, slot + SlotLayout.STATE) & GENERATION;
        putLong(block, slot + SlotLayout.STATE, generation | SlotLayout.EMPTY + size);
        count(entry, 1);
        return generation | place;
    }

    /** Makes free slots. */
    private void carve(long region) {
        int status = SlotNatives.carve(toC(), region);
        if (MemoryPressure.mayEase(status, anchor.pool)) {
            MemoryPressure.relieve();
            status = SlotNatives.carve(toC(), region);
        }
        check(status, "put");
    }

    private void count(long entry, int change) {
        putLong(entry, SlotLayout.LIVE, getLong(entry, SlotLayout.LIVE) + change);
        putLong(totals, SlotLayout.TOTAL_LIVE, getLong(totals, SlotLayout.TOTAL_LIVE) + change);
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

    /** A large value, and one that is the last of its slot, go through C. */
    @Override
    void removeSlowly(long value) {
        int tag = requireTag(value, "remove");
        int generation = (int) (value >>> Integer.SIZE) + 1;
        if (tag == SlotLayout.LARGE || generation == 0) {
            check(SlotNatives.remove(toC(), value), "remove");
            return;
        }
        long block = block(value);
        if (Integer.compareUnsigned(generation, getInt(block, SlotLayout.NEWEST)) > 0) {
            putInt(block, SlotLayout.NEWEST, generation);
        }
        int number = getInt(block, SlotLayout.REGION);
        long entry = entry(number);
        if (keepsNothing()) {
            removeInBooks(value, block, entry);
        } else {
            long upper = (long) getInt(entry, SlotLayout.GENERATION) << Integer.SIZE;
            comeNear(number == SlotLayout.OWN_REGION ? 0 : upper | number, entry);
            remove(value);
        }
    }

    private void removeInBooks(long value, long block, long entry) {
        long live = getLong(totals, SlotLayout.TOTAL_LIVE);
        if (live > getLong(totals, SlotLayout.TOTAL_PEAK)) {
            putLong(totals, SlotLayout.TOTAL_PEAK, live);
        }
        int slot = slotOf(value);
        long state = (value & GENERATION) + (1L << Integer.SIZE) | SlotLayout.FREE;
        putLong(block, slot + SlotLayout.STATE, state);
        putInt(block, slot, getInt(entry, SlotLayout.FIRST_FREE));
        putInt(entry, SlotLayout.FIRST_FREE, (int) value + 1);
        count(entry, -1);
    }

    // --- walk

    /** The live value behind a place, in blocks of that region; all: in any. 0: none. */
    long next(long after, long region, boolean all) {
        requireUsable();
        int entry = region == 0 ? SlotLayout.OWN_REGION : (int) region;
        int number = blockOf(after);
        int index = after == 0 ? 0 : ((int) after & SlotLayout.INDEX_MASK) + 1;
        while (number <= SlotLayout.BLOCK_MASK) {
            long block = block((long) number << SlotLayout.BLOCK_SHIFT);
            if (block == 0) {
                break;
            }
            boolean met = all || getInt(block, SlotLayout.REGION) == entry;
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
