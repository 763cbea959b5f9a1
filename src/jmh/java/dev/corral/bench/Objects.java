// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.NativeArena;
import dev.corral.ObjectPool;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * An object of 64 bytes that comes while the oldest of those that are live goes, and a long written to it: in a pool of
 * objects, on the heap. 1,000 live objects are next to nothing for a collector; half a million are a third of the heap
 * that the benchmarks have, and die when they are old, which is what generations do not help against. With
 * {@code -prof gc} pools of objects show 0 B per operation.
 */
@State(Scope.Thread)
public class Objects extends Nanoseconds {
    private static final int SIZE = 64;

    /** How many there are, and whose turn it is. */
    @State(Scope.Thread)
    public static class Live extends Turns {
        @Param({"1000", "500000"})
        int live;

        int turn() {
            return turn(live);
        }
    }

    /** Objects of a pool. */
    @State(Scope.Thread)
    public static class Pooled {
        private ObjectPool objects;
        private NativeArena memory;
        private long[] refs;

        /** Makes what is live. */
        @Setup(Level.Trial)
        public void open(Live live) {
            objects = ObjectPool.builder(SIZE).build();
            memory = objects.arena();
            refs = new long[live.live];
            for (int i = 0; i < refs.length; i++) {
                refs[i] = objects.acquire();
            }
        }

        /** Gives everything back. */
        @TearDown(Level.Trial)
        public void close() {
            objects.close();
        }
    }

    /** Fields of 64 bytes, before which the JVM puts a header. */
    private static final class Item {
        private long first;
        @SuppressWarnings("unused")
        private long b, c, d, e, f, g, h;
    }

    /** Objects and arrays of the heap. */
    @State(Scope.Thread)
    public static class Heap {
        private Item[] items;
        private byte[][] arrays;

        /** Makes room; what is live comes in the first turn, of which there are many in the warm-up. */
        @Setup(Level.Trial)
        public void open(Live live) {
            items = new Item[live.live];
            arrays = new byte[live.live][];
        }
    }

    /** Released and acquired. */
    @Benchmark
    public long objectPool(Live live, Pooled state) {
        int at = live.turn();
        state.objects.release(state.refs[at]);
        long ref = state.objects.acquire();
        state.memory.putLong(ref, 0, at);
        state.refs[at] = ref;
        return ref;
    }

    /** Left to the collector. */
    @Benchmark
    public Object newObject(Live live, Heap state) {
        int at = live.turn();
        Item item = new Item();
        item.first = at;
        state.items[at] = item;
        return item;
    }

    /** Left to the collector, as an array, of which a byte is written. */
    @Benchmark
    public byte[] newArray(Live live, Heap state) {
        int at = live.turn();
        byte[] array = new byte[SIZE];
        array[0] = (byte) at;
        state.arrays[at] = array;
        return array;
    }
}
