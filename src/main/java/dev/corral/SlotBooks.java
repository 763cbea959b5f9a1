// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.DirectMemory;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.SlotLayout;
import dev.corral.internal.SlotNatives;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Where the blocks of slots and the pages of entries of one slot pool lie. They are books of its pool: no view of a
 * user can reach them, and the buffers here are never handed out. They stay where they are as long as the slot pool
 * lives.
 */
abstract class SlotBooks {
    /* A place in the books is a number, so that the JIT has nothing to look up: an address where access by address is
     * available; else the number of a buffer, and what lies behind it. No buffer is larger than BUFFER_SHIFT allows.
     * Each access ends with a reachability fence, without which the reaper could free what it is using.
     */
    private static final boolean DIRECT = ArenaMemory.DIRECT;
    private static final int BUFFER_SHIFT = Integer.numberOfTrailingZeros(SlotLayout.BLOCK_BYTES);
    private static final int ENTRIES = SlotLayout.PAGE_BYTES / SlotLayout.ENTRY_BYTES;
    private static final int ENTRY_SHIFT = Integer.numberOfTrailingZeros(ENTRIES);

    final NativeArena anchor;
    final long handle;
    /** The first entry, which is never moved. */
    final long totals;
    /** The entry of the slot pool's own region. */
    final long own;
    private long[] blocks = {};
    private long[] pages = {};
    private ByteBuffer[] buffers = {}; // blocks at even numbers, pages at odd ones

    SlotBooks(NativeArena anchor, long handle) {
        this.anchor = anchor;
        this.handle = handle;
        this.totals = entry(0);
        this.own = entry(SlotLayout.OWN_REGION);
    }

    // --- words

    final int getInt(long base, int offset) {
        if (DIRECT) {
            return DirectMemory.getInt(anchor, base, offset);
        }
        int value = buffer(base).getInt(inBuffer(base) + offset);
        Reference.reachabilityFence(anchor);
        return value;
    }

    final void putInt(long base, int offset, int value) {
        if (DIRECT) {
            DirectMemory.putInt(anchor, base, offset, value);
        } else {
            buffer(base).putInt(inBuffer(base) + offset, value);
            Reference.reachabilityFence(anchor);
        }
    }

    final long getLong(long base, int offset) {
        if (DIRECT) {
            return DirectMemory.getLong(anchor, base, offset);
        }
        long value = buffer(base).getLong(inBuffer(base) + offset);
        Reference.reachabilityFence(anchor);
        return value;
    }

    final void putLong(long base, int offset, long value) {
        if (DIRECT) {
            DirectMemory.putLong(anchor, base, offset, value);
        } else {
            buffer(base).putLong(inBuffer(base) + offset, value);
            Reference.reachabilityFence(anchor);
        }
    }

    private ByteBuffer buffer(long base) {
        return buffers[(int) (base >>> BUFFER_SHIFT) - 2];
    }

    private static int inBuffer(long base) {
        return (int) base & (1 << BUFFER_SHIFT) - 1;
    }

    // --- blocks

    static int blockOf(long place) {
        return (int) (place >>> SlotLayout.BLOCK_SHIFT) & SlotLayout.BLOCK_MASK;
    }

    static int slotOf(long place) {
        return SlotLayout.SLOTS + ((int) place & SlotLayout.INDEX_MASK) * SlotLayout.SLOT_BYTES;
    }

    /** The block that a handle's bits name, whatever they are; the slot need not exist. 0: there is none. */
    final long block(long place) {
        long block = knownBlock(place);
        return block != 0 ? block : findBlock(blockOf(place));
    }

    /** The same, but 0 also for one that was not looked up yet. */
    final long knownBlock(long place) {
        int number = blockOf(place);
        long[] known = blocks;
        return number < known.length ? known[number] : 0;
    }

    private long findBlock(int number) {
        long address = SlotNatives.map(handle, number);
        if (address == 0) {
            return 0;
        }
        long block = remember(2 * number, address, SlotLayout.BLOCK_BYTES);
        if (number >= blocks.length) {
            blocks = Arrays.copyOf(blocks, Math.max(number + 1, blocks.length * 2));
        }
        blocks[number] = block;
        return block;
    }

    /** The block of a slot that is there, to read or write bytes at {@link #slotOf}. */
    final ByteBuffer bytes(long place) {
        return buffers[2 * blockOf(place)];
    }

    private long remember(int number, long address, int bytes) {
        ByteBuffer buffer = PoolNatives.wrap(address, bytes);
        if (buffer == null) {
            throw new ArenaExhaustedException("bytes=" + bytes + ": no memory for a buffer over slots");
        }
        if (number >= buffers.length) {
            buffers = Arrays.copyOf(buffers, Math.max(number + 1, buffers.length * 2));
        }
        buffers[number] = buffer.order(ByteOrder.nativeOrder());
        return DIRECT ? address : number + 2L << BUFFER_SHIFT;
    }

    // --- entries

    /** A region's entry that exists. */
    final long entry(int number) {
        int page = number >>> ENTRY_SHIFT;
        long[] known = pages;
        long start = page < known.length ? known[page] : 0;
        return (start != 0 ? start : findPage(page)) + (number & ENTRIES - 1) * SlotLayout.ENTRY_BYTES;
    }

    private long findPage(int number) {
        long page = remember(2 * number + 1, SlotNatives.map(handle, -1 - number), SlotLayout.PAGE_BYTES);
        if (number >= pages.length) {
            pages = Arrays.copyOf(pages, Math.max(number + 1, pages.length * 2));
        }
        pages[number] = page;
        return page;
    }
}
