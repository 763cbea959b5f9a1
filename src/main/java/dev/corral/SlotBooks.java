// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.PoolNatives;
import dev.corral.internal.SlotLayout;
import dev.corral.internal.SlotNatives;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Buffers over the blocks of slots and the pages of entries of one slot pool. They are books of its pool: no view of a
 * user can reach them, and these buffers are never handed out. They stay where they are as long as the slot pool lives.
 */
abstract class SlotBooks {
    /** A block without any slot. */
    static final ByteBuffer NO_BLOCK = ByteBuffer.allocateDirect(SlotLayout.SLOTS);
    private static final int ENTRIES = SlotLayout.PAGE_BYTES / SlotLayout.ENTRY_BYTES;
    private static final int ENTRY_SHIFT = Integer.numberOfTrailingZeros(ENTRIES);

    final NativeArena anchor;
    final long handle;
    private ByteBuffer[] blocks = {};
    private ByteBuffer[] pages = {};

    SlotBooks(NativeArena anchor, long handle) {
        this.anchor = anchor;
        this.handle = handle;
    }

    private static ByteBuffer wrap(long address, int bytes) {
        ByteBuffer buffer = PoolNatives.wrap(address, bytes);
        if (buffer == null) {
            throw new ArenaExhaustedException("bytes=" + bytes + ": no memory for a buffer over slots");
        }
        return buffer.order(ByteOrder.nativeOrder());
    }

    static int blockOf(long place) {
        return (int) (place >>> SlotLayout.BLOCK_SHIFT) & SlotLayout.BLOCK_MASK;
    }

    static int slotOf(long place) {
        return SlotLayout.SLOTS + ((int) place & SlotLayout.INDEX_MASK) * SlotLayout.SLOT_BYTES;
    }

    /** The block that a handle's bits name, whatever they are; the slot need not exist. */
    final ByteBuffer block(long place) {
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
    final ByteBuffer page(int entry) {
        int number = entry >>> ENTRY_SHIFT;
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

    static int entryAt(int entry) {
        return (entry & ENTRIES - 1) * SlotLayout.ENTRY_BYTES;
    }

    static int entryOf(long region) {
        return region == 0 ? SlotLayout.OWN_REGION : (int) region;
    }
}
