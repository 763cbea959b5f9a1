// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import static dev.corral.cli.tree.NodeDescriptor.ITEMS_OFFSET;
import static dev.corral.cli.tree.NodeDescriptor.MAX_INLINE_NUMBER;
import static dev.corral.cli.tree.NodeDescriptor.MAX_INLINE_STRING;
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
     * stage is a stack of the blocks of the open containers, each with room for its header in front, NEXT set to 0. A
     * block begins at starts[depth] and ends where the next one begins, the innermost at used. When a container closes,
     * its block is copied to native memory at once and its link becomes an item of the container around it. So native
     * memory is touched once for each container and once for each long text, and stage never exceeds about 1 KiB for
     * each open container. At depth 0 is an array around the document, whose one item is the document's value.
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
        startBlock(0, false);
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
        NodeDescriptor.putWord(stage, used, NodeDescriptor.literalItem(tag));
        used += WORD;
    }

    private void open(final boolean object) {
        beginValue();
        depth++;
        startBlock(used, object);
    }

    private void startBlock(final int at, final boolean object) {
        starts[depth] = at;
        isObject[depth] = object;
        firsts[depth] = 0;
        NodeDescriptor.putWord(stage, at + NEXT_OFFSET, 0);
        used = at + ITEMS_OFFSET;
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
        final long part = memory.allocate(size);
        // META does not go through stage: the copy would wait for a word that was stored just before.
        memory.putWord(part, META_OFFSET, NodeDescriptor.meta(kind, size - ITEMS_OFFSET));
        memory.copyIn(part, NEXT_OFFSET, stage, start + NEXT_OFFSET, size - NEXT_OFFSET);
        if (firsts[depth] == 0) {
            firsts[depth] = part;
        } else {
            memory.putWord(lasts[depth], NEXT_OFFSET, part);
        }
        lasts[depth] = part;
    }

    private void text(final int tag, final byte[] text, final int from, final int length) {
        if (length > (tag == NodeDescriptor.NUMBER ? MAX_INLINE_NUMBER : MAX_INLINE_STRING)) {
            NodeDescriptor.putWord(stage, used, longText(tag, text, from, length));
            used += WORD;
        } else {
            inlineText(NodeDescriptor.textItem(tag, length), text, from, length);
            used += NodeDescriptor.itemSize(length);
        }
    }

    // Most text is copied in whole words, without a loop whose end would be guessed wrong; what is copied too much is
    // padding. Aligned words also reach the copy to native memory faster than bytes that it has to gather.
    private void inlineText(final byte head, final byte[] text, final int from, final int length) {
        final int at = used;
        if (length >= 4 * WORD || text.length - from < 4 * WORD) {
            stage[at] = head;
            System.arraycopy(text, from, stage, at + 1, length);
            return;
        }
        NodeDescriptor.putWord(stage, at, NodeDescriptor.word(text, from) << Byte.SIZE | head & 0xFF);
        NodeDescriptor.putWord(stage, at + WORD, NodeDescriptor.word(text, from + WORD - 1));
        if (length >= 2 * WORD) {
            NodeDescriptor.putWord(stage, at + 2 * WORD, NodeDescriptor.word(text, from + 2 * WORD - 1));
            NodeDescriptor.putWord(stage, at + 3 * WORD, NodeDescriptor.word(text, from + 3 * WORD - 1));
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
