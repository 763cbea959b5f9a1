// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Many arenas at once: all are made, each gets four blocks, then all are closed. One operation is all of it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class ManyArenas {
    private static final int SIZE = 64;
    private static final int BLOCKS = 4;

    /** How many arenas. */
    @Param({"100", "10000"})
    int arenas;

    private MemoryPool pool;
    private NativeArena[] all;

    /** Makes the pool. */
    @Setup
    public void open() {
        pool = MemoryPool.create();
        all = new NativeArena[arenas];
    }

    /** Closes it. */
    @TearDown
    public void close() {
        pool.close();
    }

    /** Arenas of one pool. */
    @Benchmark
    public long arenas() {
        long sum = 0;
        for (int i = 0; i < arenas; i++) {
            all[i] = NativeArena.create(pool);
            for (int block = 0; block < BLOCKS; block++) {
                sum += all[i].allocateRef(SIZE);
            }
        }
        for (NativeArena arena : all) {
            arena.close();
        }
        return sum;
    }
}
