// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MemoryPool;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What {@link Objects} measures, with blocks of a memory pool. Half a million of their views are more than the Java
 * heap of the benchmarks holds.
 */
@State(Scope.Thread)
public class PooledBlocks extends Nanoseconds {
    private static final int SIZE = 64;

    /** How many there are. */
    @Param({"1000"})
    int live;

    private MemoryPool pool;
    private ByteBuffer[] blocks;
    private int next;

    /** Makes what is live. */
    @Setup(Level.Trial)
    public void open() {
        pool = MemoryPool.create();
        blocks = new ByteBuffer[live];
        for (int i = 0; i < live; i++) {
            blocks[i] = pool.allocate(SIZE);
        }
    }

    /** Gives everything back. */
    @TearDown(Level.Trial)
    public void close() {
        pool.close();
    }

    /** Freed and allocated, a long written. */
    @Benchmark
    public ByteBuffer memoryPool() {
        next = next + 1 == live ? 0 : next + 1;
        pool.free(blocks[next]);
        blocks[next] = pool.allocate(SIZE).putLong(0, next);
        return blocks[next];
    }
}
