// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.ffm;

import dev.corral.bench.Mixes;
import dev.corral.bench.Nanoseconds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The JDK's confined arena beside {@code BorrowedBlocks}: the same blocks, kept alike. */
@State(Scope.Thread)
public class BorrowedBlocksFfm extends Nanoseconds {
    private static final int ALIGNMENT = 16;

    private final MemorySegment[] segments = new MemorySegment[Mixes.BLOCKS];
    private int[] sizes;

    /** Takes the sizes over. */
    @Setup
    public void prepare(Mixes mixes) {
        sizes = mixes.sizes;
    }

    /** A confined arena. */
    @Benchmark
    public MemorySegment[] ffmConfined() {
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < Mixes.BLOCKS; i++) {
                segments[i] = arena.allocate(sizes[i], ALIGNMENT);
            }
            return segments;
        }
    }
}
