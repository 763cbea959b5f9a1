// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.ffm;

import dev.corral.bench.Nanoseconds;
import dev.corral.bench.Sizes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The JDK's own arenas beside {@code SingleAllocation}. They hand out zeroed memory, except for slices. */
@State(Scope.Thread)
public class SingleAllocationFfm extends Nanoseconds {
    private static final int BLOCKS = 1_024;
    private static final int ALIGNMENT = 16;

    private int size;
    private int blocks;
    private Arena arena;
    private MemorySegment memory;
    private SegmentAllocator slices;

    /** Makes the first arena and the memory of the slices. */
    @Setup
    public void open(Sizes sizes) {
        size = sizes.size;
        arena = Arena.ofConfined();
        memory = Arena.global().allocate((long) BLOCKS * (size + ALIGNMENT), ALIGNMENT);
        slices = SegmentAllocator.slicingAllocator(memory);
    }

    /** Closes the last arena. */
    @TearDown
    public void close() {
        arena.close();
    }

    /** A block of a confined arena, which is closed and made anew every 1,024 blocks. */
    @Benchmark
    public MemorySegment ffmConfined() {
        if (++blocks == BLOCKS) {
            blocks = 0;
            arena.close();
            arena = Arena.ofConfined();
        }
        return arena.allocate(size, ALIGNMENT);
    }

    /** A confined arena for one block. */
    @Benchmark
    public long ffmConfinedEach() {
        try (Arena own = Arena.ofConfined()) {
            return own.allocate(size, ALIGNMENT).address();
        }
    }

    /** A slice, from a new allocator over the same memory every 1,024 blocks. */
    @Benchmark
    public MemorySegment ffmSlicing() {
        if (++blocks == BLOCKS) {
            blocks = 0;
            slices = SegmentAllocator.slicingAllocator(memory);
        }
        return slices.allocate(size, ALIGNMENT);
    }

    /** A block that the collector frees. */
    @Benchmark
    public MemorySegment ffmAuto() {
        return Arena.ofAuto().allocate(size, ALIGNMENT);
    }
}
