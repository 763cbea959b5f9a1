// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import static dev.corral.cli.tree.NodeDescriptor.ITEMS_OFFSET;
import static dev.corral.cli.tree.NodeDescriptor.META_OFFSET;
import static dev.corral.cli.tree.NodeDescriptor.NEXT_OFFSET;
import static dev.corral.cli.tree.NodeDescriptor.TEXT_OFFSET;
import static dev.corral.cli.tree.NodeDescriptor.WORD;

import dev.corral.cli.json.JsonHandler;
import dev.corral.cli.json.JsonLiteral;
import dev.corral.cli.json.JsonParser;
import java.util.Arrays;

/** Turns the nodes of a {@link NativeTree} back into the events that built them. */
final class NativeTreeReader {
    /*
     * The builder's stage in reverse: a stack with a copy of one block for each open container, so that each block is
     * fetched from native memory once. The innermost one begins at starts[depth] and ends at ends[depth]; positions
     * is where its next item begins. expectName is meant for the innermost container.
     */
    private final NodeMemory memory;
    private byte[] stage = new byte[4_096];
    private final int[] starts = new int[JsonParser.MAX_DEPTH + 1];
    private final int[] positions = new int[JsonParser.MAX_DEPTH + 1];
    private final int[] ends = new int[JsonParser.MAX_DEPTH + 1];
    private final boolean[] isObject = new boolean[JsonParser.MAX_DEPTH + 1];
    private int depth;
    private boolean expectName;

    // A name, string or number that is a node of its own, while its event lasts.
    private byte[] longText = new byte[256];

    NativeTreeReader(final NodeMemory memory) {
        this.memory = memory;
    }

    /** Reports the document whose surrounding array is at {@code root}. */
    void replay(final long root, final JsonHandler handler) {
        depth = 0;
        enter(root, memory.word(root, META_OFFSET), 0);
        for (;;) {
            if (positions[depth] < ends[depth]) {
                item(handler);
            } else if (!nextPart()) {
                if (depth == 0) {
                    return;
                }
                leave(handler);
            }
        }
    }

    /** Copies a block onto the stack. */
    private void enter(final long node, final long meta, final int start) {
        final int size = ITEMS_OFFSET + NodeDescriptor.length(meta);
        if (stage.length - start < size) {
            stage = Arrays.copyOf(stage, Math.max(2 * stage.length, start + size));
        }
        memory.copyOut(node, 0, stage, start, size);
        starts[depth] = start;
        positions[depth] = start + ITEMS_OFFSET;
        ends[depth] = start + size;
        isObject[depth] = NodeDescriptor.kind(meta) == NodeDescriptor.OBJECT;
        expectName = isObject[depth];
    }

    private boolean nextPart() {
        final long next = NodeDescriptor.word(stage, starts[depth] + NEXT_OFFSET);
        if (next == 0) {
            return false;
        }
        enter(next, memory.word(next, META_OFFSET), starts[depth]);
        return true;
    }

    private void leave(final JsonHandler handler) {
        if (isObject[depth]) {
            handler.endObject();
        } else {
            handler.endArray();
        }
        depth--;
        expectName = isObject[depth];
    }

    private void item(final JsonHandler handler) {
        final int at = positions[depth];
        final int head = stage[at];
        final int length = NodeDescriptor.inlineLength(head);
        switch (NodeDescriptor.tag(head)) {
            case NodeDescriptor.LINK -> {
                positions[depth] = at + WORD;
                follow(NodeDescriptor.word(stage, at), handler);
                return;
            }
            case NodeDescriptor.STRING, NodeDescriptor.STRING_32 -> string(handler, stage, at + 1, length);
            case NodeDescriptor.NUMBER -> number(handler, stage, at + 1, length);
            case NodeDescriptor.TRUE -> literal(handler, JsonLiteral.TRUE);
            case NodeDescriptor.FALSE -> literal(handler, JsonLiteral.FALSE);
            case NodeDescriptor.NULL -> literal(handler, JsonLiteral.NULL);
            default -> throw new IllegalStateException("tag=" + NodeDescriptor.tag(head));
        }
        positions[depth] = at + NodeDescriptor.itemSize(length);
    }

    private void follow(final long node, final JsonHandler handler) {
        final long meta = memory.word(node, META_OFFSET);
        final int length = NodeDescriptor.length(meta);
        switch (NodeDescriptor.kind(meta)) {
            case NodeDescriptor.OBJECT -> {
                handler.startObject();
                enterNested(node, meta);
            }
            case NodeDescriptor.ARRAY -> {
                handler.startArray();
                enterNested(node, meta);
            }
            case NodeDescriptor.LONG_STRING -> string(handler, fetchText(node, length), 0, length);
            case NodeDescriptor.LONG_NUMBER -> number(handler, fetchText(node, length), 0, length);
            default -> throw new IllegalStateException("kind=" + NodeDescriptor.kind(meta));
        }
    }

    private void enterNested(final long node, final long meta) {
        final int start = ends[depth];
        depth++;
        enter(node, meta, start);
    }

    private void string(final JsonHandler handler, final byte[] text, final int from, final int length) {
        if (expectName) {
            handler.name(text, from, length);
            expectName = false;
        } else {
            handler.string(text, from, length);
            expectName = isObject[depth];
        }
    }

    private void number(final JsonHandler handler, final byte[] text, final int from, final int length) {
        handler.number(text, from, length);
        expectName = isObject[depth];
    }

    private void literal(final JsonHandler handler, final JsonLiteral literal) {
        handler.literal(literal);
        expectName = isObject[depth];
    }

    private byte[] fetchText(final long node, final int length) {
        if (longText.length < length) {
            longText = new byte[Math.max(length, (int) Math.min(2L * longText.length, NodeDescriptor.MAX_TEXT))];
        }
        memory.copyOut(node, TEXT_OFFSET, longText, 0, length);
        return longText;
    }
}
