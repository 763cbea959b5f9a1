// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.lwjgl.system.MemoryUtil;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * {@value #COUNT} longs that lie one behind the other in blocks of 64, read in order or at random places and summed up;
 * the figure is the time of a read. The arena's side finds its places as refs, the others as offsets or addresses.
 */
public class RefReads extends Nanoseconds {
    static final int COUNT = 1 << 18;

    /** Where is read. */
    @State(Scope.Thread)
    public static class Places {
        private static final int BLOCK = 64;

        /** In which order. */
        @Param({"sequential", "random"})
        public String reads;

        /** The order, as indexes of longs. */
        public final int[] order = new int[COUNT];
        private final long[] refs = new long[COUNT];
        private final long[] array = new long[COUNT];
        private final long[] addresses = new long[COUNT];
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(COUNT * Long.BYTES).order(ByteOrder.nativeOrder());
        private final UnsafeBuffer agrona = new UnsafeBuffer(buffer);

        private MemoryPool pool;
        private NativeArena arena;

        /** Fills all kinds of memory with the same. */
        @Setup
        public void fill() {
            pool = MemoryPool.create();
            arena = NativeArena.create(pool);
            Random random = new Random(COUNT);
            long[] inOrder = new long[COUNT];
            for (int i = 0; i < COUNT; i++) {
                order[i] = reads.equals("random") ? random.nextInt(COUNT) : i;
                array[i] = i;
                buffer.putLong(i * Long.BYTES, i);
                inOrder[i] = i % BLOCK == 0 ? arena.allocateRef(BLOCK * Long.BYTES) : inOrder[i - 1] + Long.BYTES;
                arena.putLong(inOrder[i], 0, i);
            }
            for (int i = 0; i < COUNT; i++) {
                refs[i] = inOrder[order[i]];
                addresses[i] = MemoryUtil.memAddress0(buffer) + (long) order[i] * Long.BYTES;
            }
        }

        /** Closes the arena with its pool. */
        @TearDown
        public void close() {
            pool.close();
        }
    }

    /** Refs of an arena. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public long arena(Places places) {
        NativeArena arena = places.arena;
        long sum = 0;
        for (long ref : places.refs) {
            sum += arena.getLong(ref, 0);
        }
        return sum;
    }

    /** An array of longs. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public long longArray(Places places) {
        long sum = 0;
        for (int place : places.order) {
            sum += places.array[place];
        }
        return sum;
    }

    /** A direct buffer. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public long directBuffer(Places places) {
        long sum = 0;
        for (int place : places.order) {
            sum += places.buffer.getLong(place * Long.BYTES);
        }
        return sum;
    }

    /** An Agrona buffer. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public long agrona(Places places) {
        long sum = 0;
        for (int place : places.order) {
            sum += places.agrona.getLong(place * Long.BYTES);
        }
        return sum;
    }

    /** Addresses, unchecked. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public long lwjglAddresses(Places places) {
        long sum = 0;
        for (long address : places.addresses) {
            sum += MemoryUtil.memGetLong(address);
        }
        return sum;
    }
}
