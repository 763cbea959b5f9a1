// SPDX-License-Identifier: Apache-2.0
package dev.corral.workloads;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Syntax trees as a Java program would write them: a node is an object with a list, the words are in a map. */
public final class SyntaxInObjects {
    private static final class Symbol {
        private final String text;
        private int uses;

        Symbol(String text) {
            this.text = text;
        }
    }

    private static final class Node {
        private final int kind;
        private final int from;
        private final int length;
        private final Symbol symbol;
        private final List<Node> children;

        Node(int kind, int from, int length, Symbol symbol) {
            this.kind = kind;
            this.from = from;
            this.length = length;
            this.symbol = symbol;
            children = kind == Tokenizer.OPEN || kind == Tokenizer.STATEMENT ? new ArrayList<>() : List.of();
        }
    }

    private final Tokenizer tokens = new Tokenizer();
    private final Map<String, Symbol> symbols = new HashMap<>();
    private long nodes;
    private int depth;
    private long checksum;

    private SyntaxInObjects() {
    }

    /** Builds the trees of all files, then walks over them. */
    public static SyntaxSummary of(List<byte[]> files) {
        SyntaxInObjects syntax = new SyntaxInObjects();
        List<Node> roots = new ArrayList<>();
        for (byte[] file : files) {
            roots.add(syntax.parse(file));
        }
        for (Node root : roots) {
            syntax.walk(root, 1);
        }
        return syntax.summary();
    }

    /** A file is a group of statements; a statement ends with a semicolon or a brace and may contain groups. */
    private Node parse(byte[] file) {
        tokens.start(file);
        Node root = new Node(Tokenizer.OPEN, 0, 0, null);
        Deque<Node> open = new ArrayDeque<>(); // groups and statements in turn
        open.push(root);
        for (int kind = tokens.next(); kind != Tokenizer.END; kind = tokens.next()) {
            if (kind == Tokenizer.CLOSE) {
                close(open);
                continue;
            }
            if (open.peek().kind == Tokenizer.OPEN) {
                push(open, new Node(Tokenizer.STATEMENT, tokens.from(), 0, null));
            }
            Node node = new Node(kind, tokens.from(), tokens.length(), kind == Tokenizer.WORD ? symbol() : null);
            if (kind == Tokenizer.OPEN) {
                push(open, node);
            } else {
                open.peek().children.add(node);
                if (tokens.first() == ';') {
                    open.pop();
                }
            }
        }
        return root;
    }

    private static void push(Deque<Node> open, Node node) {
        open.peek().children.add(node);
        open.push(node);
    }

    private void close(Deque<Node> open) {
        if (open.peek().kind == Tokenizer.STATEMENT) {
            open.pop();
        }
        if (open.size() > 1) {
            open.pop();
            if (tokens.first() == '}') {
                open.pop();
            }
        }
    }

    private Symbol symbol() {
        String text = new String(tokens.text(), tokens.from(), tokens.length(), StandardCharsets.ISO_8859_1);
        Symbol symbol = symbols.computeIfAbsent(text, Symbol::new);
        symbol.uses++;
        return symbol;
    }

    private void walk(Node node, int level) {
        nodes++;
        depth = Math.max(depth, level);
        checksum = SyntaxSummary.add(checksum, node.kind, node.from, node.length,
                node.symbol == null ? 0 : node.symbol.text.hashCode());
        for (Node child : node.children) {
            walk(child, level + 1);
        }
    }

    private SyntaxSummary summary() {
        List<String> frequent = symbols.values().stream()
                .sorted(Comparator.<Symbol>comparingInt(symbol -> -symbol.uses).thenComparing(symbol -> symbol.text))
                .limit(SyntaxSummary.MOST).map(symbol -> symbol.text + '=' + symbol.uses).toList();
        return new SyntaxSummary(nodes, depth, checksum, symbols.size(), frequent);
    }
}
