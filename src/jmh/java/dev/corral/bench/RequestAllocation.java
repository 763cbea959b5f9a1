// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
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
 * A request that makes {@value #BLOCKS} blocks and then needs none of them: the figure is the time per block. The
 * arena's reset is part of it, as the garbage collector's work is part of the arrays' figure.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class RequestAllocation {
    private static final int BLOCKS = 1024;

    /** Bytes of one block. */
    @Param("64")
    int size;

    private MemoryPool pool;
    private NativeArena arena;

    /** Creates the arena. */
    @Setup(Level.Trial)
    public void open() {
        pool = MemoryPool.create();
        arena = NativeArena.create(pool);
    }

    /** Closes it. */
    @TearDown(Level.Trial)
    public void close() {
        arena.close();
        pool.close();
    }

    /** References into the arena, then a reset. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void arenaRefs(Blackhole blackhole) {
        for (int i = 0; i < BLOCKS; i++) {
            blackhole.consume(arena.allocateRef(size));
        }
        arena.reset();
    }

    /** Java arrays, which the garbage collector takes back. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void newByteArrays(Blackhole blackhole) {
        for (int i = 0; i < BLOCKS; i++) {
            blackhole.consume(new byte[size]);
        }
    }
}
