// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.ffm;

import dev.corral.bench.Mixes;
import dev.corral.bench.Nanoseconds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The JDK's own arenas beside {@code RequestCycle}: the same blocks, written and read alike. */
@State(Scope.Thread)
public class RequestCycleFfm extends Nanoseconds {
    private static final int BLOCKS = Mixes.BLOCKS;
    private static final int ALIGNMENT = 16;

    private final MemorySegment[] segments = new MemorySegment[BLOCKS];
    private int[] sizes;
    private MemorySegment kept;

    /** Takes the sizes over. */
    @Setup
    public void prepare(Mixes mixes) {
        sizes = mixes.sizes;
        kept = Arena.global().allocate(room(), ALIGNMENT);
    }

    private long room() {
        long room = 0;
        for (int size : sizes) {
            room += size + ALIGNMENT;
        }
        return room;
    }

    private int use(SegmentAllocator allocator) {
        for (int i = 0; i < BLOCKS; i++) {
            MemorySegment block = allocator.allocate(sizes[i], ALIGNMENT);
            block.set(ValueLayout.JAVA_BYTE, 0, (byte) i);
            block.set(ValueLayout.JAVA_BYTE, sizes[i] - 1, (byte) i);
            segments[i] = block;
        }
        int sum = 0;
        for (int i = 0; i < BLOCKS; i++) {
            sum += segments[i].get(ValueLayout.JAVA_BYTE, 0) + segments[i].get(ValueLayout.JAVA_BYTE, sizes[i] - 1);
        }
        return sum;
    }

    /** A confined arena. */
    @Benchmark
    public int ffmConfined() {
        try (Arena arena = Arena.ofConfined()) {
            return use(arena);
        }
    }

    /** A shared arena, whose close waits for all threads. */
    @Benchmark
    public int ffmShared() {
        try (Arena arena = Arena.ofShared()) {
            return use(arena);
        }
    }

    /** A confined arena with one block of which slices are cut. */
    @Benchmark
    public int ffmConfinedSlicing() {
        try (Arena arena = Arena.ofConfined()) {
            return use(SegmentAllocator.slicingAllocator(arena.allocate(room(), ALIGNMENT)));
        }
    }

    /** Slices of memory that is kept for ever; nothing ends the segments. */
    @Benchmark
    public int ffmKeptSlicing() {
        return use(SegmentAllocator.slicingAllocator(kept));
    }
}
