// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.ffm;

import java.lang.foreign.Arena;
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
import org.openjdk.jmh.annotations.Warmup;

/** The JDK's confined arenas beside {@code ManyArenas}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class ManyArenasFfm {
    private static final int SIZE = 64;
    private static final int BLOCKS = 4;
    private static final int ALIGNMENT = 16;

    /** How many arenas. */
    @Param({"100", "10000"})
    int arenas;

    private Arena[] all;

    /** Makes room for them. */
    @Setup
    public void open() {
        all = new Arena[arenas];
    }

    /** Confined arenas. */
    @Benchmark
    public long ffmConfined() {
        long sum = 0;
        for (int i = 0; i < arenas; i++) {
            all[i] = Arena.ofConfined();
            for (int block = 0; block < BLOCKS; block++) {
                sum += all[i].allocate(SIZE, ALIGNMENT).address();
            }
        }
        for (Arena arena : all) {
            arena.close();
        }
        return sum;
    }
}
