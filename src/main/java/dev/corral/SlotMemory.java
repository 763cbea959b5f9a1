// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.Failures;
import dev.corral.internal.SlotLayout;
import dev.corral.internal.SlotNatives;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The hot core of {@link SlotPool}: what Java does with slots by itself, over the memory that C uses. */
final class SlotMemory extends SlotBooks {
    /* That the slot pool lives, two comparisons say: the anchor belongs to this thread and is open (its owner), and C
     * has not taken it back (its count of take-backs). Each access ends with a reachability fence, without which the
     * reaper could free what it is using.
     *
     * Each step leaves what C may rely on: a slot is off the free list before it is written to, and cannot be named
     * before it is on the list. A StackOverflowError between two steps loses one slot at most.
     */
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long GENERATION = -1L << Integer.SIZE;

    private final long takeBacks;
    private final ByteBuffer totals;

    /** Makes the anchor, a new arena, a slot pool's. */
    SlotMemory(NativeArena anchor) {
        super(anchor, open(anchor));
        this.takeBacks = anchor.takeBacks();
        this.totals = page(0);
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
        if (anchor.takeBacks() != takeBacks) {
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

    /** Throws unless the region, one that was created, lives. */
    void requireRegion(long region) {
        requireUsable();
        if (region != 0) {
            int entry = entryOf(region);
            int generation = page(entry).getInt(entryAt(entry) + SlotLayout.GENERATION);
            if (generation != (int) (region >>> Integer.SIZE)) {
                throw Failures.of(Status.STALE_HANDLE, "region=0x" + Long.toHexString(region) + " slots="
                        + anchor.name());
            }
        }
    }

    // --- put

    /** Puts a number of up to 8 bytes. */
    long putBits(long region, long bits, int size) {
        requireRegion(region);
        int entry = entryOf(region);
        ByteBuffer page = page(entry);
        int at = entryAt(entry);
        int free = page.getInt(at + SlotLayout.FIRST_FREE);
        int place = free != 0 ? free - 1 : carve(region);
        ByteBuffer block = block(place & 0xFFFFFFFFL);
        int slot = slotOf(place);
        page.putInt(at + SlotLayout.FIRST_FREE, block.getInt(slot));
        block.putLong(slot, toMemory(bits, size));
        return finish(page, at, block, place, size);
    }

    /** Takes a slot off the region's free list, for a value of up to 16 bytes; its place. */
    int take(long region) {
        requireRegion(region);
        int entry = entryOf(region);
        ByteBuffer page = page(entry);
        int at = entryAt(entry) + SlotLayout.FIRST_FREE;
        int free = page.getInt(at);
        int place = free != 0 ? free - 1 : carve(region);
        page.putInt(at, block(place & 0xFFFFFFFFL).getInt(slotOf(place)));
        return place;
    }

    /** Makes free slots; the place of the first. */
    private int carve(long region) {
        int status = SlotNatives.carve(handle, region);
        if (MemoryPressure.mayEase(status, anchor.pool)) {
            MemoryPressure.relieve();
            status = SlotNatives.carve(handle, region);
        }
        check(status, "put");
        int entry = entryOf(region);
        return page(entry).getInt(entryAt(entry) + SlotLayout.FIRST_FREE) - 1;
    }

    /** The block and the offset of a slot that was taken, to write its value there. */
    ByteBuffer blockOfTaken(int place) {
        return block(place & 0xFFFFFFFFL);
    }

    static int offsetOfTaken(int place) {
        return slotOf(place);
    }

    /** Makes a taken slot, which has been written to, a value of that size. */
    long finishPut(long region, int place, int size) {
        int entry = entryOf(region);
        return finish(page(entry), entryAt(entry), block(place & 0xFFFFFFFFL), place, size);
    }

    private long finish(ByteBuffer page, int entryAt, ByteBuffer block, int place, int size) {
        int at = slotOf(place) + SlotLayout.STATE;
        long generation = block.getLong(at) & GENERATION;
        block.putLong(at, generation | SlotLayout.EMPTY + size);
        count(page, entryAt, 1);
        Reference.reachabilityFence(this);
        return generation | place & 0xFFFFFFFFL;
    }

    private void count(ByteBuffer page, int entryAt, int change) {
        int live = entryAt + SlotLayout.LIVE;
        page.putLong(live, page.getLong(live) + change);
        totals.putLong(SlotLayout.TOTAL_LIVE, totals.getLong(SlotLayout.TOTAL_LIVE) + change);
    }

    static long toMemory(long bits, int size) {
        return LITTLE ? bits : bits << Long.SIZE - size * Byte.SIZE;
    }

    private static long fromMemory(long word, int size) {
        return LITTLE ? word : word >> Long.SIZE - size * Byte.SIZE;
    }

    // --- values that are there

    /** What the slot says to a handle: a tag, or something larger when they do not belong together. */
    private static long tag(ByteBuffer block, long value) {
        return ((int) value & SlotLayout.INDEX_MASK) < block.getInt(SlotLayout.CARVED)
                ? block.getLong(slotOf(value) + SlotLayout.STATE) ^ value & GENERATION : 0;
    }

    /** The tag of a value that lives; 0: the handle names none. */
    int tag(long value) {
        requireUsable();
        long tag = tag(block(value), value);
        Reference.reachabilityFence(this);
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

    /** The block of a value that lives, to read or write it at {@link #slotOf}. */
    ByteBuffer blockOfLive(long value) {
        return block(value);
    }

    static int offsetOfLive(long value) {
        return slotOf(value);
    }

    int size(long value, String operation) {
        int tag = requireTag(value, operation);
        return tag == SlotLayout.LARGE ? block(value).getInt(slotOf(value) + SlotLayout.LARGE_SIZE)
                : tag - SlotLayout.EMPTY;
    }

    /** The bits of a value of exactly that size, in the lower bytes; what is above them is unspecified. */
    long getBits(long value, int size, String operation) {
        requireUsable();
        ByteBuffer block = block(value);
        int at = slotOf(value);
        if (((int) value & SlotLayout.INDEX_MASK) >= block.getInt(SlotLayout.CARVED)
                || block.getLong(at + SlotLayout.STATE) != (value & GENERATION | SlotLayout.EMPTY + size)) {
            throw otherSize(value, size, operation);
        }
        long word = block.getLong(at);
        Reference.reachabilityFence(this);
        return fromMemory(word, size);
    }

    private RuntimeException otherSize(long value, int expected, String operation) {
        int actual = size(value, operation);
        return new IllegalArgumentException(operation + ": size=" + actual + " expected=" + expected + " handle=0x"
                + Long.toHexString(value) + " slots=" + anchor.name() + ": read the value with its own type");
    }

    /** Makes a live inline value one of another size; it has been written to. */
    void finishSet(long value, int size) {
        block(value).putLong(slotOf(value) + SlotLayout.STATE, value & GENERATION | SlotLayout.EMPTY + size);
        Reference.reachabilityFence(this);
    }

    /** Removes a value. A large one, and one that is the last of its slot, go through C. */
    void remove(long value) {
        requireUsable();
        ByteBuffer block = block(value);
        int slot = slotOf(value);
        int generation = (int) (value >>> Integer.SIZE) + 1;
        long tag = tag(block, value);
        if (tag < SlotLayout.EMPTY || tag >= SlotLayout.LARGE || generation == 0) {
            requireTag(value, "remove");
            check(SlotNatives.remove(handle, value), "remove");
            return;
        }
        long live = totals.getLong(SlotLayout.TOTAL_LIVE);
        if (live > totals.getLong(SlotLayout.TOTAL_PEAK)) {
            totals.putLong(SlotLayout.TOTAL_PEAK, live);
        }
        if (Integer.compareUnsigned(generation, block.getInt(SlotLayout.NEWEST)) > 0) {
            block.putInt(SlotLayout.NEWEST, generation);
        }
        int entry = block.getInt(SlotLayout.REGION);
        ByteBuffer page = page(entry);
        int at = entryAt(entry);
        block.putLong(slot + SlotLayout.STATE, (long) generation << Integer.SIZE | SlotLayout.FREE);
        block.putInt(slot, page.getInt(at + SlotLayout.FIRST_FREE));
        page.putInt(at + SlotLayout.FIRST_FREE, (int) value + 1);
        count(page, at, -1);
        Reference.reachabilityFence(this);
    }

    // --- walk

    /** The live value behind a place, in blocks of that region; all: in any. 0: none. */
    long next(long after, long region, boolean all) {
        requireUsable();
        int number = blockOf(after);
        int index = after == 0 ? 0 : ((int) after & SlotLayout.INDEX_MASK) + 1;
        while (number <= SlotLayout.BLOCK_MASK) {
            ByteBuffer block = block((long) number << SlotLayout.BLOCK_SHIFT);
            if (block == NO_BLOCK) {
                break;
            }
            boolean met = all || block.getInt(SlotLayout.REGION) == entryOf(region);
            int end = met ? block.getInt(SlotLayout.CARVED) : 0;
            for (; index < end; index++) {
                long state = block.getLong(SlotLayout.SLOTS + index * SlotLayout.SLOT_BYTES + SlotLayout.STATE);
                if (SlotLayout.EMPTY <= (int) state && (int) state <= SlotLayout.LARGE) {
                    return state & GENERATION | (long) number << SlotLayout.BLOCK_SHIFT | index;
                }
            }
            index = 0;
            number++;
        }
        Reference.reachabilityFence(this);
        return 0;
    }
}
