// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import dev.corral.MemoryPool;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Nodes that are one block of the pool each, and are freed one by one. A block is a {@link ByteBuffer}, which cannot
 * be stored in native memory; a node's link is therefore its block's place in a table, counted from 1.
 */
final class BlockMemory extends NodeMemory {
    private final MemoryPool pool;
    private ByteBuffer[] blocks = new ByteBuffer[1_024];
    private int count;

    BlockMemory(final MemoryPool pool) {
        this.pool = pool;
    }

    @Override
    long allocate(final int size) {
        if (count == blocks.length) {
            blocks = Arrays.copyOf(blocks, 2 * count);
        }
        blocks[count++] = pool.allocate(size);
        return (long) count * NodeDescriptor.WORD;
    }

    private ByteBuffer block(final long node) {
        return blocks[(int) (node / NodeDescriptor.WORD) - 1];
    }

    @Override
    long word(final long node, final int offset) {
        return NodeDescriptor.swapIfBigEndian(block(node).getLong(offset));
    }

    @Override
    void putWord(final long node, final int offset, final long value) {
        block(node).putLong(offset, NodeDescriptor.swapIfBigEndian(value));
    }

    @Override
    void copyIn(final long node, final int offset, final byte[] source, final int from, final int length) {
        block(node).put(offset, source, from, length);
    }

    @Override
    void copyOut(final long node, final int offset, final byte[] target, final int from, final int length) {
        block(node).get(offset, target, from, length);
    }

    @Override
    ByteBuffer view(final long node, final int size) {
        // The block has its own limit; a view must not show what lies behind the text.
        return block(node).slice(0, size);
    }

    @Override
    void release() {
        while (count > 0) {
            pool.free(blocks[--count]);
            blocks[count] = null;
        }
    }

    @Override
    public void close() {
        release();
        pool.close();
    }
}
