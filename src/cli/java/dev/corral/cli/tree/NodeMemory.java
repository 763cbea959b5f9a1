// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import java.nio.ByteBuffer;

/**
 * Native memory that hands out nodes, each known by a link: a word that can be stored in another node. It is all that a
 * {@link NativeTree} needs to know about where it lives.
 */
abstract class NodeMemory implements AutoCloseable {

    /** Makes a node of {@code size} bytes with unspecified contents; returns its link, as a node's item may hold it. */
    abstract long allocate(int size);

    /** Reads the little-endian word at an offset. */
    abstract long word(long node, int offset);

    /** Writes a little-endian word at an offset. */
    abstract void putWord(long node, int offset, long value);

    abstract void copyIn(long node, int offset, byte[] source, int from, int length);

    abstract void copyOut(long node, int offset, byte[] target, int from, int length);

    /** The first {@code size} bytes of a node. */
    abstract ByteBuffer view(long node, int size);

    /** Takes back all nodes. */
    abstract void release();

    @Override
    public abstract void close();
}
