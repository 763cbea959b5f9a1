// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.Failures;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.SlotLayout;
import dev.corral.internal.SlotNatives;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The hot core of {@link SlotPool}: what Java does with slots by itself, over the memory that C uses. */
final class SlotMemory {
    /* Blocks of slots and pages of entries are books of the pool: no view of a user can reach them, and these buffers
     * are never handed out. They stay where they are as long as the slot pool lives. That it does, two comparisons say:
     * the anchor belongs to this thread and is open (its owner), and C has not taken it back (its count of take-backs).
     * Each access ends with a reachability fence, without which the reaper could free what it is using.
     *
     * Each step leaves what C may rely on: a slot is off the free list before it is written to, and cannot be named
     * before it is on the list. A StackOverflowError between two steps loses one slot at most.
     */
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long GENERATION = -1L << Integer.SIZE;
    /** A block without any slot. */
    private static final ByteBuffer NO_BLOCK = ByteBuffer.allocateDirect(SlotLayout.SLOTS);
    private static final int ENTRIES = SlotLayout.PAGE_BYTES / SlotLayout.ENTRY_BYTES;

    final NativeArena anchor;
    final long handle;
    private final long takeBacks;
    private ByteBuffer[] blocks = {};
    private ByteBuffer[] pages = {};

    /** Makes the anchor, a new arena, a slot pool's. */
    SlotMemory(NativeArena anchor) {
        this.anchor = anchor;
        this.handle = open(anchor);
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

    // --- blocks and entries

    private static ByteBuffer wrap(long address, int bytes) {
        ByteBuffer buffer = PoolNatives.wrap(address, bytes);
        if (buffer == null) {
            throw new ArenaExhaustedException("bytes=" + bytes + ": no memory for a buffer over slots");
        }
        return buffer.order(ByteOrder.nativeOrder());
    }

    private static int blockOf(long place) {
        return (int) (place >>> SlotLayout.BLOCK_SHIFT) & SlotLayout.BLOCK_MASK;
    }

    private static int slotOf(long place) {
        return SlotLayout.SLOTS + ((int) place & SlotLayout.INDEX_MASK) * SlotLayout.SLOT_BYTES;
    }

    /** The block that a handle's bits name, whatever they are; the slot need not exist. */
    private ByteBuffer block(long place) {
        int number = blockOf(place);
        ByteBuffer[] known = blocks;
        ByteBuffer block = number < known.length ? known[number] : null;
        return block != null ? block : findBlock(number);
    }

    private ByteBuffer findBlock(int number) {
        long address = SlotNatives.map(handle, number);
        if (address == 0) {
            return NO_BLOCK;
        }
        ByteBuffer block = wrap(address, SlotLayout.BLOCK_BYTES);
        if (number >= blocks.length) {
            blocks = Arrays.copyOf(blocks, Math.max(number + 1, blocks.length * 2));
        }
        blocks[number] = block;
        return block;
    }

    /** The page of an entry that exists. */
    private ByteBuffer page(int entry) {
        int number = entry / ENTRIES;
        ByteBuffer[] known = pages;
        ByteBuffer page = number < known.length ? known[number] : null;
        return page != null ? page : findPage(number);
    }

    private ByteBuffer findPage(int number) {
        ByteBuffer page = wrap(SlotNatives.map(handle, -1 - number), SlotLayout.PAGE_BYTES);
        if (number >= pages.length) {
            pages = Arrays.copyOf(pages, Math.max(number + 1, pages.length * 2));
        }
        pages[number] = page;
        return page;
    }

    private static int entryAt(int entry) {
        return entry % ENTRIES * SlotLayout.ENTRY_BYTES;
    }

    private static int entryOf(long region) {
        return region == 0 ? SlotLayout.OWN_REGION : (int) region;
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

    /** Takes a slot off the region's free list; its place. */
    int take(long region) {
        requireRegion(region);
        int entry = entryOf(region);
        ByteBuffer page = page(entry);
        int at = entryAt(entry) + SlotLayout.FIRST_FREE;
        int next = page.getInt(at);
        if (next == 0) {
            carve(region);
            next = page.getInt(at);
        }
        int place = next - 1;
        page.putInt(at, block(place & 0xFFFFFFFFL).getInt(slotOf(place)));
        return place;
    }

    private void carve(long region) {
        int status = SlotNatives.carve(handle, region);
        if (MemoryPressure.mayEase(status, anchor.pool)) {
            MemoryPressure.relieve();
            status = SlotNatives.carve(handle, region);
        }
        check(status, "put");
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
        ByteBuffer block = block(place & 0xFFFFFFFFL);
        int at = slotOf(place) + SlotLayout.STATE;
        long generation = block.getLong(at) & GENERATION;
        block.putLong(at, generation | SlotLayout.EMPTY + size);
        count(entryOf(region), 1);
        Reference.reachabilityFence(this);
        return generation | place & 0xFFFFFFFFL;
    }

    private void count(int entry, int change) {
        ByteBuffer page = page(entry);
        int live = entryAt(entry) + SlotLayout.LIVE;
        page.putLong(live, page.getLong(live) + change);
        ByteBuffer totals = page(0);
        totals.putLong(SlotLayout.TOTAL_LIVE, totals.getLong(SlotLayout.TOTAL_LIVE) + change);
    }

    /** Puts a number of up to 8 bytes. */
    long putBits(long region, long bits, int size) {
        int place = take(region);
        blockOfTaken(place).putLong(slotOf(place), toMemory(bits, size));
        return finishPut(region, place, size);
    }

    static long toMemory(long bits, int size) {
        return LITTLE ? bits : bits << Long.SIZE - size * Byte.SIZE;
    }

    private static long fromMemory(long word, int size) {
        return LITTLE ? word : word >> Long.SIZE - size * Byte.SIZE;
    }

    // --- values that are there

    /** The tag of a value that lives; 0: the handle names none. */
    int tag(long value) {
        requireUsable();
        ByteBuffer block = block(value);
        long tag = 0;
        if (((int) value & SlotLayout.INDEX_MASK) < block.getInt(SlotLayout.CARVED)) {
            tag = block.getLong(slotOf(value) + SlotLayout.STATE) ^ value & GENERATION;
        }
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
        int tag = requireTag(value, "remove");
        ByteBuffer block = block(value);
        int generation = (int) (value >>> Integer.SIZE) + 1;
        if (tag == SlotLayout.LARGE || generation == 0) {
            check(SlotNatives.remove(handle, value), "remove");
            return;
        }
        int slot = slotOf(value);
        int entry = block.getInt(SlotLayout.REGION);
        ByteBuffer totals = page(0);
        long live = totals.getLong(SlotLayout.TOTAL_LIVE);
        if (live > totals.getLong(SlotLayout.TOTAL_PEAK)) {
            totals.putLong(SlotLayout.TOTAL_PEAK, live);
        }
        if (Integer.compareUnsigned(generation, block.getInt(SlotLayout.NEWEST)) > 0) {
            block.putInt(SlotLayout.NEWEST, generation);
        }
        block.putLong(slot + SlotLayout.STATE, (long) generation << Integer.SIZE | SlotLayout.FREE);
        ByteBuffer page = page(entry);
        int free = entryAt(entry) + SlotLayout.FIRST_FREE;
        block.putInt(slot, page.getInt(free));
        page.putInt(free, (int) value + 1);
        count(entry, -1);
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
