// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.ffm;

import dev.corral.bench.Nanoseconds;
import dev.corral.bench.Sizes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A confined arena beside {@code Frames}. */
@State(Scope.Thread)
public class FramesFfm extends Nanoseconds {
    private int size;
    private long value;

    /** Keeps the size; eight bytes must fit. */
    @Setup
    public void prepare(Sizes sizes) {
        size = Math.max(sizes.size, Long.BYTES);
    }

    /** One block of a confined arena. */
    @Benchmark
    public long ffmConfined() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(size, Long.BYTES);
            block.set(ValueLayout.JAVA_LONG, 0, ++value);
            return block.get(ValueLayout.JAVA_LONG, 0);
        }
    }
}
