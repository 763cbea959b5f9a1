// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.internal.ArenaNatives;
import dev.corral.internal.PoolNatives;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * One block of {@code size} bytes, by the arena and by what else a Java program could use. The arena is reset every
 * {@value #BLOCKS} allocations and the reset is part of the figure, as are the chunk changes between resets.
 *
 * <p>In two forms, whose figures must not be mixed in one ratio. One block per invocation: there the arena's side also
 * counts blocks to know when to reset, which the others need not. A unit of work ({@code ...Unit}): both sides allocate
 * {@value #BLOCKS} blocks in the same loop, each given to the blackhole, and the arena's side ends with the reset. The
 * JIT may move checks out of such a loop, as it may in any loop of a program.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class SingleAllocation {
    private static final int BLOCKS = 16_384;

    /** Bytes of one block. */
    @Param("64")
    int size;

    private MemoryPool pool;
    private NativeArena arena;
    private long handle;
    private int blocks;

    /** Creates the arena. */
    @Setup(Level.Trial)
    public void open() {
        pool = MemoryPool.create();
        arena = NativeArena.create(pool);
        handle = arena.nativeHandle();
    }

    /** Closes it. */
    @TearDown(Level.Trial)
    public void close() {
        arena.close();
        pool.close();
    }

    private void countBlock() {
        if (++blocks == BLOCKS) {
            blocks = 0;
            arena.reset();
        }
    }

    /** A reference into the arena. */
    @Benchmark
    public long arenaRef() {
        countBlock();
        return arena.allocateRef(size);
    }

    /** A view of the arena. */
    @Benchmark
    public ByteBuffer arenaView() {
        countBlock();
        return arena.allocate(size);
    }

    /** A Java array. */
    @Benchmark
    public byte[] newByteArray() {
        return new byte[size];
    }

    /** A heap buffer. */
    @Benchmark
    public ByteBuffer heapBuffer() {
        return ByteBuffer.allocate(size);
    }

    /** A unit of work with references. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void arenaRefUnit(Blackhole sink) {
        for (int i = 0; i < BLOCKS; i++) {
            sink.consume(arena.allocateRef(size));
        }
        arena.reset();
    }

    /** A unit of work with Java arrays. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void newByteArrayUnit(Blackhole sink) {
        for (int i = 0; i < BLOCKS; i++) {
            sink.consume(new byte[size]);
        }
    }

    /** A unit of work with views. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void arenaViewUnit(Blackhole sink) {
        for (int i = 0; i < BLOCKS; i++) {
            sink.consume(arena.allocate(size));
        }
        arena.reset();
    }

    /** A unit of work with heap buffers. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void heapBufferUnit(Blackhole sink) {
        for (int i = 0; i < BLOCKS; i++) {
            sink.consume(ByteBuffer.allocate(size));
        }
    }

    /** What a thin wrapper would do: allocate by JNI and let JNI make the view. */
    @Benchmark
    public ByteBuffer jniView() {
        countBlock();
        long ref = ArenaNatives.allocate(handle, size, 1);
        return PoolNatives.wrap(ArenaNatives.resolve(handle, ref), size);
    }

    /** Allocation by one JNI call, without a view. */
    @Benchmark
    public long jniRef() {
        countBlock();
        return ArenaNatives.allocate(handle, size, 1);
    }
}
