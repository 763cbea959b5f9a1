// SPDX-License-Identifier: Apache-2.0
package dev.corral.workloads;

import dev.corral.NativeArena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Syntax trees in an arena: a node is [kind | from | length | hash of its word | first child | next sibling]. */
public final class SyntaxInArena {
    private static final int KIND = 0;
    private static final int FROM = 4;
    private static final int LENGTH = 8;
    private static final int HASH = 12;
    private static final int CHILD = 16;
    private static final int NEXT = 24;
    private static final int NODE = 32;

    private final NativeArena arena;
    private final SymbolTable symbols;
    private final Tokenizer tokens = new Tokenizer();

    // Open groups and statements in turn, with the last child of each.
    private long[] open = new long[64];
    private long[] lasts = new long[64];
    private int top;

    private long nodes;
    private int depth;
    private long checksum;

    private SyntaxInArena(NativeArena arena) {
        this.arena = arena;
        symbols = new SymbolTable(arena);
    }

    /**
     * Builds the trees of all files, then walks over them.
     *
     * @param files the sources
     * @param arena holds all trees meanwhile and is reset at the end
     * @return what the walk found
     */
    public static SyntaxSummary of(List<byte[]> files, NativeArena arena) {
        SyntaxInArena syntax = new SyntaxInArena(arena);
        long[] roots = new long[files.size()];
        for (int i = 0; i < roots.length; i++) {
            roots[i] = syntax.parse(files.get(i));
        }
        for (long root : roots) {
            syntax.walk(root, 1);
        }
        SyntaxSummary summary = syntax.summary();
        arena.reset();
        return summary;
    }

    /** A file is a group of statements; a statement ends with a semicolon or a brace and may contain groups. */
    private long parse(byte[] file) {
        tokens.start(file);
        long root = newNode(Tokenizer.OPEN, 0, 0, 0);
        top = 0;
        open[0] = root;
        lasts[0] = 0;
        for (int kind = tokens.next(); kind != Tokenizer.END; kind = tokens.next()) {
            if (kind == Tokenizer.CLOSE) {
                close();
                continue;
            }
            if (isOpen(Tokenizer.OPEN)) {
                push(newNode(Tokenizer.STATEMENT, tokens.from(), 0, 0));
            }
            long node = newNode(kind, tokens.from(), tokens.length(), kind == Tokenizer.WORD ? word() : 0);
            if (kind == Tokenizer.OPEN) {
                push(node);
            } else {
                append(node);
                if (tokens.first() == ';') {
                    top--;
                }
            }
        }
        return root;
    }

    private boolean isOpen(int kind) {
        return arena.getInt(open[top], KIND) == kind;
    }

    private long newNode(int kind, int from, int length, int hash) {
        long node = arena.allocateRef(NODE);
        arena.putInt(node, KIND, kind);
        arena.putInt(node, FROM, from);
        arena.putInt(node, LENGTH, length);
        arena.putInt(node, HASH, hash);
        arena.putLong(node, CHILD, 0);
        arena.putLong(node, NEXT, 0);
        return node;
    }

    private int word() {
        return symbols.hash(symbols.intern(tokens.text(), tokens.from(), tokens.length()));
    }

    private void append(long node) {
        if (lasts[top] == 0) {
            arena.putLong(open[top], CHILD, node);
        } else {
            arena.putLong(lasts[top], NEXT, node);
        }
        lasts[top] = node;
    }

    private void push(long node) {
        append(node);
        if (++top == open.length) {
            open = Arrays.copyOf(open, 2 * top);
            lasts = Arrays.copyOf(lasts, 2 * top);
        }
        open[top] = node;
        lasts[top] = 0;
    }

    private void close() {
        if (isOpen(Tokenizer.STATEMENT)) {
            top--;
        }
        if (top > 0) {
            top -= tokens.first() == '}' ? 2 : 1;
        }
    }

    private void walk(long node, int level) {
        nodes++;
        depth = Math.max(depth, level);
        checksum = SyntaxSummary.add(checksum, arena.getInt(node, KIND), arena.getInt(node, FROM),
                arena.getInt(node, LENGTH), arena.getInt(node, HASH));
        for (long child = arena.getLong(node, CHILD); child != 0; child = arena.getLong(child, NEXT)) {
            walk(child, level + 1);
        }
    }

    private record Word(String text, int uses) {
    }

    private SyntaxSummary summary() {
        // The twenty most frequent ones become strings, and what shares the last one's number.
        long[] all = symbols.all();
        int[] uses = Arrays.stream(all).mapToInt(symbols::uses).sorted().toArray();
        int least = uses[Math.max(0, uses.length - SyntaxSummary.MOST)];
        List<Word> words = new ArrayList<>();
        for (long symbol : all) {
            if (symbols.uses(symbol) >= least) {
                words.add(new Word(symbols.text(symbol), symbols.uses(symbol)));
            }
        }
        List<String> frequent = words.stream()
                .sorted(Comparator.<Word>comparingInt(word -> -word.uses()).thenComparing(Word::text))
                .limit(SyntaxSummary.MOST).map(word -> word.text() + '=' + word.uses()).toList();
        return new SyntaxSummary(nodes, depth, checksum, symbols.count(), frequent);
    }
}
