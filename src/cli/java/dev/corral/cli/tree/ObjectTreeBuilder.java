// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import dev.corral.cli.json.JsonHandler;
import dev.corral.cli.json.JsonLiteral;
import dev.corral.cli.tree.ObjectTree.ArrayNode;
import dev.corral.cli.tree.ObjectTree.LiteralNode;
import dev.corral.cli.tree.ObjectTree.Member;
import dev.corral.cli.tree.ObjectTree.Node;
import dev.corral.cli.tree.ObjectTree.NumberNode;
import dev.corral.cli.tree.ObjectTree.ObjectNode;
import dev.corral.cli.tree.ObjectTree.StringNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;

/** Builds the nodes of an {@link ObjectTree} from the events of one document. */
final class ObjectTreeBuilder extends JsonHandler {
    private Node[] open = new Node[16];
    private int depth;
    private Node root;
    private String name;

    Node root() {
        return root;
    }

    @Override
    public void startObject() {
        open(new ObjectNode(new ArrayList<>()));
    }

    @Override
    public void endObject() {
        open[depth--] = null;
    }

    @Override
    public void startArray() {
        open(new ArrayNode(new ArrayList<>()));
    }

    @Override
    public void endArray() {
        open[depth--] = null;
    }

    @Override
    public void name(final byte[] text, final int from, final int length) {
        name = new String(text, from, length, StandardCharsets.UTF_8);
    }

    @Override
    public void string(final byte[] text, final int from, final int length) {
        add(new StringNode(new String(text, from, length, StandardCharsets.UTF_8)));
    }

    @Override
    public void number(final byte[] text, final int from, final int length) {
        add(new NumberNode(new String(text, from, length, StandardCharsets.US_ASCII)));
    }

    @Override
    public void literal(final JsonLiteral literal) {
        add(switch (literal) {
            case TRUE -> LiteralNode.TRUE;
            case FALSE -> LiteralNode.FALSE;
            case NULL -> LiteralNode.NULL;
        });
    }

    private void open(final Node container) {
        add(container);
        if (++depth == open.length) {
            open = Arrays.copyOf(open, 2 * depth);
        }
        open[depth] = container;
    }

    private void add(final Node value) {
        if (depth == 0) {
            root = value;
        } else if (open[depth] instanceof ObjectNode object) {
            object.members().add(new Member(name, value));
        } else if (open[depth] instanceof ArrayNode array) {
            array.elements().add(value);
        }
    }
}
