// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import dev.corral.NativeArena;
import java.nio.ByteBuffer;

/** Nodes in one arena: a node's link is its ref, and all of them are taken back by one reset. */
final class ArenaMemory extends NodeMemory {
    private final NativeArena arena;

    ArenaMemory(final NativeArena arena) {
        this.arena = arena;
    }

    @Override
    long allocate(final int size) {
        final long ref = arena.allocateRef(size);
        if (!NodeDescriptor.canBeLink(ref)) {
            // A ref ends with the offset in its chunk, which is a multiple of the arena's alignment.
            throw new IllegalStateException("ref=0x" + Long.toHexString(ref) + ": its low bits are not free for tags");
        }
        return ref;
    }

    @Override
    long word(final long node, final int offset) {
        return NodeDescriptor.swapIfBigEndian(arena.getLong(node, offset));
    }

    @Override
    void putWord(final long node, final int offset, final long value) {
        arena.putLong(node, offset, NodeDescriptor.swapIfBigEndian(value));
    }

    @Override
    void copyIn(final long node, final int offset, final byte[] source, final int from, final int length) {
        arena.copyIn(node, offset, source, from, length);
    }

    @Override
    void copyOut(final long node, final int offset, final byte[] target, final int from, final int length) {
        arena.copyOut(node, offset, target, from, length);
    }

    @Override
    ByteBuffer view(final long node, final int size) {
        return arena.view(node, size);
    }

    @Override
    void release() {
        arena.reset();
    }

    @Override
    public void close() {
        arena.close();
    }
}
