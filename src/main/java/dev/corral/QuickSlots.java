// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ControlBlock;
import dev.corral.internal.Failures;
import dev.corral.internal.SlotLayout;
import dev.corral.internal.Status;
import java.nio.ByteOrder;

/** Numbers that come and go in slots of the region that was used last: what {@link SlotPool} does most of the time. */
abstract class QuickSlots extends SlotBooks {
    /* The region in which Java put or removed something last is the near one. As long as C cannot look, its first free
     * slot and how its number of values has changed stand here, where the JIT sees what becomes of them: a value that
     * goes and one that comes write to their slot, and to nothing else that C has. C gets the slot pool's address from
     * toC(), which writes to the books what stands here.
     *
     * That address, and that of an arena above with which C can end the slot pool, come out of a nativeHandle(), which
     * makes the anchor a watched one. From then on nothing is kept here.
     *
     * That the slot pool lives, two comparisons say: the anchor belongs to this thread and is open (its owner), and C
     * has not taken it back (its count of take-backs). What is quick goes without the second one: Java closes a child
     * before it ends its parent, so only a pool is left that has lost sight of the anchor's object.
     *
     * Whatever takes more than a few loads and stores is left to a slow method that returns, or makes sure that it does
     * not and comes back: where paths join again the JIT has to load all fields anew.
     *
     * A StackOverflowError can come out of every call. So a slot is off the free list before it is written to, and is
     * on it once its link is written; fields that belong together are written without a call in between; and what is
     * written to the books can be written again. A slot is lost at most.
     */
    static final long GENERATION = -1L << Integer.SIZE;
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final int SWAP = LITTLE ? 0 : Integer.SIZE; // makes the first of two neighbours the low half
    private static final int TAKE_BACKS = ControlBlock.TAKE_BACKS / Long.BYTES;
    private static final long NO_REGION = -1; // no region has that handle
    private static final int NO_ENTRY = 0;    // no block with slots is of that region

    private final long takeBacks;
    private long nearRegion = NO_REGION;
    private int nearEntry = NO_ENTRY; // its number
    private int free;        // its first free slot's place + 1
    private long change;     // of its number of values since it came near
    private long mostChange; // before the number fell
    private long near;       // where its entry lies
    // What the books said when it came near.
    private long live;
    private long total;
    private long peak;

    QuickSlots(NativeArena anchor, long handle) {
        super(anchor, handle);
        this.takeBacks = anchor.takeBacks();
    }

    // --- numbers

    /** Puts a number of up to 8 bytes. A value of up to 16 bytes likewise, which the caller writes then. */
    final long putBits(long region, long bits, int size) {
        NativeArena memory = anchor;
        int first = free;
        if (region != nearRegion || first == 0 || Thread.currentThread() != memory.owner
                || memory.watched || memory.pool.closed) {
            return putSlowly(region, bits, size);
        }
        long place = first - 1 & 0xFFFFFFFFL;
        long block = knownBlock(place);
        if (block == 0) {
            return putSlowly(region, bits, size);
        }
        int slot = slotOf(place);
        int next = getInt(block, slot);
        long generation = getLong(block, slot + SlotLayout.STATE) & GENERATION;
        free = next;
        putLong(block, slot, toMemory(bits, size));
        putLong(block, slot + SlotLayout.STATE, generation | SlotLayout.EMPTY + size);
        change++;
        return generation | place;
    }

    /** Removes a value. */
    final void remove(long value) {
        NativeArena memory = anchor;
        long block = knownBlock(value);
        if (Thread.currentThread() != memory.owner || memory.watched || memory.pool.closed || block == 0) {
            removeSlowly(value);
            return;
        }
        long header = Long.rotateLeft(getLong(block, SlotLayout.REGION), SWAP);
        int slot = slotOf(value);
        int generation = (int) (value >>> Integer.SIZE) + 1;
        if (((int) value & SlotLayout.INDEX_MASK) >= (int) (header >>> Integer.SIZE) || (int) header != nearEntry
                || !isInline(getLong(block, slot + SlotLayout.STATE) ^ value & GENERATION) || generation == 0
                || Integer.compareUnsigned(generation, getInt(block, SlotLayout.NEWEST)) > 0) {
            removeSlowly(value);
            return;
        }
        putLong(block, slot + SlotLayout.STATE, (long) generation << Integer.SIZE | SlotLayout.FREE);
        putLong(block, slot, toMemory(free, Integer.BYTES));
        free = (int) value + 1; // no call from here on
        long before = change;
        if (before > mostChange) {
            mostChange = before;
        }
        change = before - 1;
    }

    abstract long putSlowly(long region, long bits, int size);

    abstract void removeSlowly(long value);

    /** Of what a slot says to a handle: see {@link SlotMemory}. */
    static boolean isInline(long tag) {
        return SlotLayout.EMPTY <= tag && tag < SlotLayout.LARGE;
    }

    static long toMemory(long bits, int size) {
        return LITTLE ? bits : bits << Long.SIZE - size * Byte.SIZE;
    }

    static long fromMemory(long word, int size) {
        return LITTLE ? word : word >> Long.SIZE - size * Byte.SIZE;
    }

    // --- whether it may be used

    /** Throws unless the slot pool is open and the caller is its owner. */
    final void requireUsable() {
        anchor.requireUsable();
        if (anchor.word(TAKE_BACKS) != takeBacks) {
            throw closed();
        }
        if (keepsNothing()) {
            leaveNear();
        }
    }

    /** Whether C may look, or end the slot pool, without a word. */
    final boolean keepsNothing() {
        return anchor.watched || anchor.pool.closed;
    }

    private RuntimeException closed() {
        return Failures.of(Status.INVALID_ARENA, "slots=" + anchor.name());
    }

    final boolean isClosed() {
        return anchor.isClosed() || anchor.takeBacks() != takeBacks;
    }

    /** The slot pool's address, for C that does more than to read slots. */
    final long toC() {
        if (nearRegion != NO_REGION) {
            requireUsable();
            leaveNear();
        }
        return handle;
    }

    // --- the near region, while C cannot look; the caller has checked requireUsable()

    private void leaveNear() {
        if (nearRegion != NO_REGION) {
            putInt(near, SlotLayout.FIRST_FREE, free);
            putLong(near, SlotLayout.LIVE, live + change);
            putLong(totals, SlotLayout.TOTAL_LIVE, total + change);
            putLong(totals, SlotLayout.TOTAL_PEAK, Math.max(peak, total + mostChange));
            nearEntry = NO_ENTRY;
            nearRegion = NO_REGION;
        }
    }

    /** By its handle and its entry; it lives. Returns the place + 1 of its first free slot, 0: none. */
    final int comeNear(long region, long entry) {
        if (region != nearRegion) {
            leaveNear();
            int first = getInt(entry, SlotLayout.FIRST_FREE);
            live = getLong(entry, SlotLayout.LIVE);
            total = getLong(totals, SlotLayout.TOTAL_LIVE);
            peak = getLong(totals, SlotLayout.TOTAL_PEAK);
            near = entry; // no call from here on
            free = first;
            change = 0;
            mostChange = 0;
            nearEntry = region == 0 ? SlotLayout.OWN_REGION : (int) region;
            nearRegion = region;
        }
        return free;
    }
}
