// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.ffm;

import dev.corral.bench.Nanoseconds;
import dev.corral.bench.Sizes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A confined arena beside {@code ReleaseAll}. */
@State(Scope.Thread)
public class ReleaseAllFfm extends Nanoseconds {
    private static final int BLOCKS = 1_000;
    private static final int ALIGNMENT = 16;

    private final MemorySegment[] segments = new MemorySegment[BLOCKS];
    private int size;

    /** Keeps the size. */
    @Setup
    public void prepare(Sizes sizes) {
        size = sizes.size;
    }

    /** Blocks of a confined arena, closed. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public MemorySegment ffmConfined() {
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < BLOCKS; i++) {
                segments[i] = arena.allocate(size, ALIGNMENT);
            }
        }
        return segments[BLOCKS - 1];
    }
}
