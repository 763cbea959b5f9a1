// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import dev.corral.cli.json.JsonHandler;
import dev.corral.cli.json.JsonLiteral;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A tree of ordinary Java objects, as a Java program would write it; the garbage collector takes it back. */
public final class ObjectTree extends JsonTree {
    private ObjectTreeBuilder builder;

    /** Makes an empty tree. */
    public ObjectTree() {
    }

    /** A JSON value. */
    sealed interface Node permits ObjectNode, ArrayNode, StringNode, NumberNode, LiteralNode {
    }

    /** An object; a list keeps the members' order and repeated names. */
    record ObjectNode(List<Member> members) implements Node {
    }

    /** A name and its value. */
    record Member(String name, Node value) {
    }

    /** An array. */
    record ArrayNode(List<Node> elements) implements Node {
    }

    /** A string. */
    record StringNode(String value) implements Node {
    }

    /** A number as its text in the document. */
    record NumberNode(String text) implements Node {
    }

    /** A literal; there are only three of them. */
    enum LiteralNode implements Node {
        /** The literal {@code true}. */
        TRUE(JsonLiteral.TRUE),
        /** The literal {@code false}. */
        FALSE(JsonLiteral.FALSE),
        /** The literal {@code null}. */
        NULL(JsonLiteral.NULL);

        final JsonLiteral literal;

        LiteralNode(final JsonLiteral literal) {
            this.literal = literal;
        }
    }

    @Override
    JsonHandler startDocument() {
        // A builder for each document: storing into young objects is cheaper for the collector than into an old one.
        builder = new ObjectTreeBuilder();
        return builder;
    }

    @Override
    void finishDocument() {
        // The outermost value is the tree.
    }

    @Override
    JsonText newText() {
        return new HeapText();
    }

    @Override
    public void release() {
        builder = null;
    }

    @Override
    public void close() {
        release();
    }

    @Override
    public void replay(final JsonHandler handler) {
        replay(builder.root(), handler);
    }

    // Recursion is safe here: the parser opens at most JsonParser.MAX_DEPTH containers.
    private static void replay(final Node node, final JsonHandler handler) {
        if (node instanceof ObjectNode object) {
            handler.startObject();
            for (final Member member : object.members()) {
                final byte[] name = bytes(member.name());
                handler.name(name, 0, name.length);
                replay(member.value(), handler);
            }
            handler.endObject();
        } else if (node instanceof ArrayNode array) {
            handler.startArray();
            for (final Node element : array.elements()) {
                replay(element, handler);
            }
            handler.endArray();
        } else if (node instanceof StringNode string) {
            final byte[] text = bytes(string.value());
            handler.string(text, 0, text.length);
        } else if (node instanceof NumberNode number) {
            final byte[] text = bytes(number.text());
            handler.number(text, 0, text.length);
        } else if (node instanceof LiteralNode literal) {
            handler.literal(literal.literal);
        }
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
