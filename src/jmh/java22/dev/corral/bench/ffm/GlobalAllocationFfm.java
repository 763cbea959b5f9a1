// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.ffm;

import dev.corral.bench.Sizes;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * The JDK's global arena beside {@code SingleAllocation}. It never gives back, so that there is a fixed number of
 * blocks, and giving back is in all of the figures but this one.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 30)
@Measurement(iterations = 30)
@Fork(1)
public class GlobalAllocationFfm {
    private static final int BLOCKS = 4_096;
    private static final int ALIGNMENT = 16;

    /** Blocks of the global arena. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void ffmGlobal(Sizes sizes, Blackhole sink) {
        for (int i = 0; i < BLOCKS; i++) {
            sink.consume(Arena.global().allocate(sizes.size, ALIGNMENT));
        }
    }
}
