// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A balanced binary tree, built depth first, walked depth first and summed up. One operation is the whole tree. */
public class TreeWalk extends Milliseconds {
    private static final int NODE = 24;
    private static final int RIGHT = 8;
    private static final int VALUE = 16;

    /** The size of the tree. */
    @State(Scope.Thread)
    public static class Shape {
        /** Levels; 20 are 1,048,575 nodes. */
        @Param("20")
        public int levels;
    }

    /** The tree in an arena, of refs. */
    @State(Scope.Thread)
    public static class InArena {
        private MemoryPool pool;
        private NativeArena arena;
        private long root;

        /** Builds it. */
        @Setup
        public void open(Shape shape) {
            pool = MemoryPool.create();
            arena = NativeArena.builder().pool(pool).maxChunkSize(1 << 20).build();
            root = build(shape.levels);
        }

        private long build(int levels) {
            if (levels == 0) {
                return 0;
            }
            long node = arena.allocateRef(NODE);
            arena.putLong(node, VALUE, levels);
            arena.putLong(node, 0, build(levels - 1));
            arena.putLong(node, RIGHT, build(levels - 1));
            return node;
        }

        private long sum(long node) {
            return node == 0 ? 0 : arena.getLong(node, VALUE) + sum(arena.getLong(node, 0))
                    + sum(arena.getLong(node, RIGHT));
        }

        /** Closes the arena with its pool. */
        @TearDown
        public void close() {
            pool.close();
        }
    }

    private static final class Node {
        private final long value;
        private final Node left;
        private final Node right;

        Node(int levels) {
            value = levels;
            left = levels > 1 ? new Node(levels - 1) : null;
            right = levels > 1 ? new Node(levels - 1) : null;
        }

        private static long sum(Node node) {
            return node == null ? 0 : node.value + sum(node.left) + sum(node.right);
        }
    }

    /** The tree of objects. */
    @State(Scope.Thread)
    public static class InObjects {
        private Node root;

        /** Builds it. */
        @Setup
        public void open(Shape shape) {
            root = new Node(shape.levels);
        }
    }

    /** Refs of an arena. */
    @Benchmark
    public long arena(InArena tree) {
        return tree.sum(tree.root);
    }

    /** Java objects. */
    @Benchmark
    public long objects(InObjects tree) {
        return Node.sum(tree.root);
    }
}
