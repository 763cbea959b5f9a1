// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A linked list, walked from one end to the other and summed up. One operation is the whole list. */
public class ListWalk extends Milliseconds {
    private static final int NODE = 16;
    private static final int VALUE = 8;

    /** The shape of the list. */
    @State(Scope.Thread)
    public static class Shape {
        /** How many nodes. */
        @Param({"1000000", "10000000"})
        public int nodes;

        /** {@code allocated}: a node's successor was allocated next; {@code shuffled}: anywhere. */
        @Param({"allocated", "shuffled"})
        public String order;

        /** The places of the nodes in the order of the walk. */
        int[] places() {
            int[] places = new int[nodes];
            for (int i = 0; i < nodes; i++) {
                places[i] = i;
            }
            if (order.equals("shuffled")) {
                Random random = new Random(nodes);
                for (int i = nodes - 1; i > 0; i--) {
                    int other = random.nextInt(i + 1);
                    int place = places[i];
                    places[i] = places[other];
                    places[other] = place;
                }
            }
            return places;
        }
    }

    /** The list in an arena, of refs. */
    @State(Scope.Thread)
    public static class InArena {
        private MemoryPool pool;
        private NativeArena arena;
        private long first;

        /** Builds it. */
        @Setup
        public void open(Shape shape) {
            pool = MemoryPool.create();
            arena = NativeArena.builder().pool(pool).maxChunkSize(1 << 20).build();
            long[] nodes = new long[shape.nodes];
            for (int i = 0; i < nodes.length; i++) {
                nodes[i] = arena.allocateRef(NODE);
                arena.putLong(nodes[i], VALUE, i);
            }
            int[] places = shape.places();
            first = nodes[places[0]];
            for (int i = 0; i < places.length; i++) {
                arena.putLong(nodes[places[i]], 0, i + 1 < places.length ? nodes[places[i + 1]] : 0);
            }
        }

        /** Closes the arena with its pool. */
        @TearDown
        public void close() {
            pool.close();
        }
    }

    private static final class Node {
        private Node next;
        private long value;
    }

    /** The list of objects. */
    @State(Scope.Thread)
    public static class InObjects {
        private Node first;

        /** Builds it. */
        @Setup
        public void open(Shape shape) {
            Node[] nodes = new Node[shape.nodes];
            for (int i = 0; i < nodes.length; i++) {
                nodes[i] = new Node();
                nodes[i].value = i;
            }
            int[] places = shape.places();
            first = nodes[places[0]];
            for (int i = 0; i + 1 < places.length; i++) {
                nodes[places[i]].next = nodes[places[i + 1]];
            }
        }
    }

    /** Refs of an arena. */
    @Benchmark
    public long arena(InArena list) {
        NativeArena arena = list.arena;
        long sum = 0;
        for (long node = list.first; node != 0; node = arena.getLong(node, 0)) {
            sum += arena.getLong(node, VALUE);
        }
        return sum;
    }

    /** Java objects. */
    @Benchmark
    public long objects(InObjects list) {
        long sum = 0;
        for (Node node = list.first; node != null; node = node.next) {
            sum += node.value;
        }
        return sum;
    }
}
