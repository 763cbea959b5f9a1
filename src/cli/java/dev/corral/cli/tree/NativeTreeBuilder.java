// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import static dev.corral.cli.tree.NodeDescriptor.ITEMS_OFFSET;
import static dev.corral.cli.tree.NodeDescriptor.MAX_INLINE;
import static dev.corral.cli.tree.NodeDescriptor.MAX_ITEM;
import static dev.corral.cli.tree.NodeDescriptor.META_OFFSET;
import static dev.corral.cli.tree.NodeDescriptor.NEXT_OFFSET;
import static dev.corral.cli.tree.NodeDescriptor.TEXT_OFFSET;
import static dev.corral.cli.tree.NodeDescriptor.WORD;

import dev.corral.cli.json.JsonHandler;
import dev.corral.cli.json.JsonLiteral;
import dev.corral.cli.json.JsonParser;
import java.util.Arrays;

/** Builds the nodes of a {@link NativeTree} from the events of a document. */
final class NativeTreeBuilder extends JsonHandler {
    /** A container's items go to native memory when they exceed this, so that stage stays small. */
    private static final int PART = 1_024;
    /** More than one event appends: an item, which is copied in whole words, or a header. */
    private static final int ROOM = MAX_ITEM + WORD;

    /*
     * stage is a stack of the blocks of the open containers, each with room for its header in front. A block begins at
     * starts[depth] and ends where the next one begins, the innermost at used. When a container closes, its block is
     * copied to native memory at once and its link becomes an item of the container around it. So native memory
     * is touched once for each container and once for each long text, and stage never exceeds about 1 KiB for each open
     * container. At depth 0 is an array around the document, whose one item is the document's value.
     *
     * A container that outgrew PART has firsts[depth] != 0: its parts so far, chained up to lasts[depth].
     */
    private final NodeMemory memory;
    private byte[] stage = new byte[4 * PART];
    private int used;
    private int depth;
    private final int[] starts = new int[JsonParser.MAX_DEPTH + 1];
    private final boolean[] isObject = new boolean[JsonParser.MAX_DEPTH + 1];
    private final long[] firsts = new long[JsonParser.MAX_DEPTH + 1];
    private final long[] lasts = new long[JsonParser.MAX_DEPTH + 1];

    NativeTreeBuilder(final NodeMemory memory) {
        this.memory = memory;
    }

    /** Begins a document; forgets the one before, finished or not. */
    void start() {
        depth = 0;
        used = ITEMS_OFFSET;
        firsts[0] = 0;
    }

    /** Ends a document that is complete; returns the link of the array around its value. */
    long finish() {
        writePart();
        return firsts[0];
    }

    @Override
    public void startObject() {
        open(true);
    }

    @Override
    public void endObject() {
        close();
    }

    @Override
    public void startArray() {
        open(false);
    }

    @Override
    public void endArray() {
        close();
    }

    @Override
    public void name(final byte[] text, final int from, final int length) {
        // The only place in an object where a part may end: a name and its value stay together.
        if (used - starts[depth] > PART) {
            startNextPart();
        }
        makeRoom();
        text(NodeDescriptor.STRING, text, from, length);
    }

    @Override
    public void string(final byte[] text, final int from, final int length) {
        beginValue();
        text(NodeDescriptor.STRING, text, from, length);
    }

    @Override
    public void number(final byte[] text, final int from, final int length) {
        beginValue();
        text(NodeDescriptor.NUMBER, text, from, length);
    }

    @Override
    public void literal(final JsonLiteral literal) {
        beginValue();
        final int tag = switch (literal) {
            case TRUE -> NodeDescriptor.TRUE;
            case FALSE -> NodeDescriptor.FALSE;
            case NULL -> NodeDescriptor.NULL;
        };
        NodeDescriptor.putWord(stage, used, NodeDescriptor.item(tag, 0));
        used += WORD;
    }

    private void open(final boolean object) {
        beginValue();
        depth++;
        starts[depth] = used;
        isObject[depth] = object;
        firsts[depth] = 0;
        used += ITEMS_OFFSET;
    }

    private void close() {
        writePart();
        used = starts[depth];
        NodeDescriptor.putWord(stage, used, firsts[depth]);
        used += WORD;
        depth--;
    }

    private void beginValue() {
        if (used - starts[depth] > PART && !isObject[depth]) {
            startNextPart();
        }
        makeRoom();
    }

    private void makeRoom() {
        if (stage.length - used < ROOM) {
            stage = Arrays.copyOf(stage, 2 * stage.length);
        }
    }

    private void startNextPart() {
        writePart();
        used = starts[depth] + ITEMS_OFFSET;
    }

    /** Copies the innermost container's block to native memory and chains it to the parts before. */
    private void writePart() {
        final int start = starts[depth];
        final int size = used - start;
        final int kind = isObject[depth] ? NodeDescriptor.OBJECT : NodeDescriptor.ARRAY;
        NodeDescriptor.putWord(stage, start + META_OFFSET, NodeDescriptor.meta(kind, size - ITEMS_OFFSET));
        NodeDescriptor.putWord(stage, start + NEXT_OFFSET, 0);
        final long part = memory.allocate(size);
        memory.copyIn(part, 0, stage, start, size);
        if (firsts[depth] == 0) {
            firsts[depth] = part;
        } else {
            memory.putWord(lasts[depth], NEXT_OFFSET, part);
        }
        lasts[depth] = part;
    }

    private void text(final int tag, final byte[] text, final int from, final int length) {
        if (length > MAX_INLINE) {
            NodeDescriptor.putWord(stage, used, longText(tag, text, from, length));
            used += WORD;
            return;
        }
        stage[used] = NodeDescriptor.item(tag, length);
        copy(text, from, used + 1, length);
        used += NodeDescriptor.itemSize(length);
    }

    /** Copies short text into the stage by words where the source has so many bytes; what is too much is padding. */
    private void copy(final byte[] text, final int from, final int at, final int length) {
        if (text.length - from < MAX_ITEM) {
            System.arraycopy(text, from, stage, at, length);
            return;
        }
        for (int i = 0; i < length; i += WORD) {
            NodeDescriptor.putWord(stage, at + i, NodeDescriptor.word(text, from + i));
        }
    }

    private long longText(final int tag, final byte[] text, final int from, final int length) {
        final int kind = tag == NodeDescriptor.NUMBER ? NodeDescriptor.LONG_NUMBER : NodeDescriptor.LONG_STRING;
        final long node = memory.allocate(TEXT_OFFSET + length);
        memory.putWord(node, META_OFFSET, NodeDescriptor.meta(kind, length));
        memory.copyIn(node, TEXT_OFFSET, text, from, length);
        return node;
    }
}
