// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.BlockNatives;
import dev.corral.internal.Failures;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** Allocation as views and as references: the part of {@link NativeArena} that hands out blocks. */
abstract class ArenaBlocks extends ArenaAccess {
    private static final byte[] ZEROS = new byte[4096];

    ArenaBlocks(PoolState pool, long handle, String name) {
        super(pool, handle, name);
    }

    // --- blocks as views

    /**
     * Allocates a block. No JNI call while the current chunk has room.
     *
     * @param size size (in bytes), 0 to 1 GiB
     * @return a direct buffer in native byte order, position 0, limit and capacity {@code size}
     * @throws IllegalArgumentException if {@code size} is negative or above 1 GiB
     * @throws ArenaExhaustedException  if a limit is reached, a fixed arena is full or the system has no memory
     * @throws IllegalStateException    if the arena is closed, or before JDK 19 if this is not its owner's thread
     *                                  (later: {@code WrongThreadException})
     */
    public ByteBuffer allocate(int size) {
        return viewOfNew(bump(size), size);
    }

    /** As {@link #allocate(int)}, at a multiple of {@code alignment}: a power of two up to 1 MiB. A JNI call. */
    public ByteBuffer allocate(int size, int alignment) {
        return viewOfNew(bumpAligned(size, alignment), size);
    }

    /** As {@link #allocate(int)}, filled with zeros. */
    public ByteBuffer allocateZeroed(int size) {
        ByteBuffer view = allocate(size);
        for (int at = 0; at < size; at += ZEROS.length) {
            view.put(at, ZEROS, 0, Math.min(ZEROS.length, size - at));
        }
        return view;
    }

    /**
     * Makes a block larger or smaller; it begins with the same bytes. The last block of a chunk keeps its place where
     * there is room, as if it had been allocated so. Any other one stays where it is when it shrinks, and is copied
     * when it grows. A block from before the latest mark or scope counts as any other one. Cost: two JNI calls, and the
     * copy.
     *
     * @param block   what this arena returned for the block; its position and limit do not matter. Neither it nor
     *                anything made from it should be used any more. It is refused when it is no direct buffer, is
     *                read-only, does not lie in used memory of this arena, does not begin where a block can begin, or
     *                is a checked view ({@link NativeArena#viewSafety}) that has ended. A slice that begins at a
     *                multiple of the alignment is taken for a block of its own; so is a retained view from before a
     *                reset whose memory is in use again
     * @param newSize size (in bytes), 0 to 1 GiB
     * @return as {@link #allocate(int)}; at the default alignment when it moved
     * @throws IllegalArgumentException if the block is none of this arena, or {@code newSize} is negative or above 1
     *                                  GiB; nothing changed
     * @throws ArenaExhaustedException  as {@link #allocate(int)}; the block is as it was
     * @throws IllegalStateException    as {@link #allocate(int)}, or if the view has ended
     */
    public ByteBuffer resize(ByteBuffer block, int newSize) {
        requireUsable();
        requireNotTelling();
        long address = block.isDirect() && !block.isReadOnly() ? BlockNatives.address(block) : 0;
        if (address == 0 || newSize < 0) {
            throw new IllegalArgumentException("block=" + block + " newSize=" + newSize + " arena=" + name
                    + (newSize < 0 ? ": pass a size of 0 or more bytes" : ": pass a view that this arena returned"));
        }
        requireNotEnded(block);
        try {
            beforeAllocating();
            long ref = BlockNatives.resize(handle, address, block.capacity(), newSize);
            if (ref == 0 && MemoryPressure.mayEase(ArenaNatives.lastStatus(handle), pool)) {
                MemoryPressure.relieve();
                ref = BlockNatives.resize(handle, address, block.capacity(), newSize);
            }
            if (ref == 0) {
                throw Failures.of(ArenaNatives.lastStatus(handle), "resize: size=" + block.capacity() + " newSize="
                        + newSize + " arena=" + name);
            }
            afterAllocating("resize", newSize);
            return viewOfNew(ref, newSize);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** A view that has ended throws when it is read. */
    private static void requireNotEnded(ByteBuffer block) {
        ByteBuffer whole = block.duplicate().clear();
        if (whole.hasRemaining()) {
            whole.get(0);
        }
    }

    // --- blocks as references

    /**
     * Allocates a block and returns its reference. About 2 ns, no garbage, no JNI call while the current chunk has
     * room.
     *
     * @param size size (in bytes), 0 to 1 GiB
     * @return never 0
     * @throws IllegalArgumentException if {@code size} is negative or above 1 GiB; otherwise as {@link #allocate(int)}
     */
    public long allocateRef(int size) {
        return bump(size);
    }

    /**
     * As {@link #allocateRef(int)}, at a multiple of {@code alignment}: a power of two up to 1 MiB. A JNI call.
     */
    public long allocateRef(int size, int alignment) {
        return bumpAligned(size, alignment);
    }

    /**
     * A view of {@code size} bytes from a reference on. It ends with the latest mark, scope or frame, also when the
     * block is older than that.
     *
     * @throws IllegalStateException     if the reference is null or stale, or the arena is closed
     * @throws IndexOutOfBoundsException if the size is negative or leads out of the reference's chunk
     */
    public ByteBuffer view(long ref, int size) {
        return viewOf(ref, size);
    }
}
