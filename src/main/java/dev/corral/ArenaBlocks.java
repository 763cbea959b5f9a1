// SPDX-License-Identifier: Apache-2.0
package dev.corral;

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

    /** As {@link #allocate(int)}, at a multiple of {@code alignment}: a power of two up to 1 MiB. Costs a JNI call. */
    public ByteBuffer allocate(int size, int alignment) {
        return viewOfNew(allocateSlowly(size, alignment), size);
    }

    /** As {@link #allocate(int)}, filled with zeros. */
    public ByteBuffer allocateZeroed(int size) {
        ByteBuffer view = allocate(size);
        for (int at = 0; at < size; at += ZEROS.length) {
            view.put(at, ZEROS, 0, Math.min(ZEROS.length, size - at));
        }
        return view;
    }

    // --- blocks as references

    /**
     * Allocates a block and returns its reference. About 4 ns, no garbage, no JNI call while the current chunk has
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
     * As {@link #allocateRef(int)}, at a multiple of {@code alignment}: a power of two up to 1 MiB. Costs a JNI call.
     */
    public long allocateRef(int size, int alignment) {
        return allocateSlowly(size, alignment);
    }

    /**
     * A view of {@code size} bytes from a reference on. It ends with the latest mark or scope, also when the block is
     * older than that.
     *
     * @throws IllegalStateException     if the reference is null or stale, or the arena is closed
     * @throws IndexOutOfBoundsException if the size is negative or leads out of the reference's chunk
     */
    public ByteBuffer view(long ref, int size) {
        return viewOf(ref, size);
    }
}
