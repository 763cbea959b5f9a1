// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.ObjectPool;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * An object of 64 bytes that comes while the oldest of {@value #LIVE} goes: in a pool of objects, on the heap, as
 * blocks of a memory pool. With {@code -prof gc} pools of objects show 0 B per operation.
 */
@State(Scope.Thread)
public class Objects extends Nanoseconds {
    private static final int LIVE = 1_000;
    private static final int SIZE = 64;

    private final long[] refs = new long[LIVE];
    private final byte[][] arrays = new byte[LIVE][];
    private final ByteBuffer[] blocks = new ByteBuffer[LIVE];
    private ObjectPool objects;
    private MemoryPool pool;
    private int next;

    /** Makes what is live. */
    @Setup(Level.Trial)
    public void open() {
        objects = ObjectPool.builder(SIZE).build();
        pool = MemoryPool.create();
        for (int i = 0; i < LIVE; i++) {
            refs[i] = objects.acquire();
            arrays[i] = new byte[SIZE];
            blocks[i] = pool.allocate(SIZE);
        }
    }

    /** Gives everything back. */
    @TearDown(Level.Trial)
    public void close() {
        objects.close();
        pool.close();
    }

    private int turn() {
        next = next + 1 == LIVE ? 0 : next + 1;
        return next;
    }

    /** Released and acquired, a long written. */
    @Benchmark
    public long objectPool() {
        int at = turn();
        objects.release(refs[at]);
        long ref = objects.acquire();
        NativeArena arena = objects.arena();
        arena.putLong(ref, 0, at);
        refs[at] = ref;
        return ref;
    }

    /** Left to the collector. */
    @Benchmark
    public byte[] newArray() {
        int at = turn();
        byte[] array = new byte[SIZE];
        array[0] = (byte) at;
        arrays[at] = array;
        return array;
    }

    /** Freed and allocated, a long written. */
    @Benchmark
    public ByteBuffer memoryPool() {
        int at = turn();
        pool.free(blocks[at]);
        blocks[at] = pool.allocate(SIZE).putLong(0, at);
        return blocks[at];
    }
}
