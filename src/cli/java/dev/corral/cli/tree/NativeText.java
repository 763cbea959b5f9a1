// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import static dev.corral.cli.tree.NodeDescriptor.ITEMS_OFFSET;
import static dev.corral.cli.tree.NodeDescriptor.META_OFFSET;
import static dev.corral.cli.tree.NodeDescriptor.NEXT_OFFSET;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Text in native memory: a chain of blocks, laid out as {@link NodeDescriptor} says. */
final class NativeText implements JsonText {
    private final NodeMemory memory;
    private long first;
    private long last;
    private long length;

    NativeText(final NodeMemory memory) {
        this.memory = memory;
    }

    @Override
    public void append(final byte[] source, final int count) {
        final long block = memory.allocate(ITEMS_OFFSET + count);
        memory.putWord(block, NEXT_OFFSET, 0);
        memory.putWord(block, META_OFFSET, NodeDescriptor.meta(NodeDescriptor.FORMATTED, count));
        memory.copyIn(block, ITEMS_OFFSET, source, 0, count);
        if (first == 0) {
            first = block;
        } else {
            memory.putWord(last, NEXT_OFFSET, block);
        }
        last = block;
        length += count;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void writeTo(final WritableByteChannel channel) throws IOException {
        for (long block = first; block != 0; block = memory.word(block, NEXT_OFFSET)) {
            final int count = NodeDescriptor.length(memory.word(block, META_OFFSET));
            final ByteBuffer text = memory.view(block, ITEMS_OFFSET + count).position(ITEMS_OFFSET);
            while (text.hasRemaining()) {
                channel.write(text);
            }
        }
    }
}
