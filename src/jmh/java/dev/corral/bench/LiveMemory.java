// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.Mark;
import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * The time of a block of {@value #SIZE} bytes, written to, when so much lives in the arena already: {@value #BLOCKS}
 * further blocks are allocated and taken back by rewinding.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class LiveMemory {
    private static final int SIZE = 64;
    private static final int BLOCKS = 16_384;
    private static final int PER_MIB = (1 << 20) / SIZE;

    /** MiB that live, all of them written. */
    @Param({"1", "64", "1024", "8192"})
    int mib;

    private MemoryPool pool;
    private NativeArena arena;

    /** Fills the arena, of the default chunks. */
    @Setup
    public void open() {
        pool = MemoryPool.create();
        arena = NativeArena.create(pool);
        for (long i = 0; i < (long) mib * PER_MIB; i++) {
            arena.putLong(arena.allocateRef(SIZE), 0, i);
        }
    }

    /** Closes it. */
    @TearDown
    public void close() {
        pool.close();
    }

    /** References. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void arena(Blackhole sink) {
        Mark mark = arena.mark();
        for (int i = 0; i < BLOCKS; i++) {
            long ref = arena.allocateRef(SIZE);
            arena.putLong(ref, 0, i);
            sink.consume(ref);
        }
        arena.rewind(mark);
    }
}
