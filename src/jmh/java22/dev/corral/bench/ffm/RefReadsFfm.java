// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.ffm;

import dev.corral.bench.Nanoseconds;
import dev.corral.bench.RefReads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A segment beside {@code RefReads}. */
@State(Scope.Thread)
public class RefReadsFfm extends Nanoseconds {
    private static final int COUNT = 1 << 18;

    private Arena arena;
    private MemorySegment longs;

    /** Fills the segment. */
    @Setup
    public void open() {
        arena = Arena.ofConfined();
        longs = arena.allocate(ValueLayout.JAVA_LONG, COUNT);
        for (int i = 0; i < COUNT; i++) {
            longs.setAtIndex(ValueLayout.JAVA_LONG, i, i);
        }
    }

    /** Closes it. */
    @TearDown
    public void close() {
        arena.close();
    }

    /** A segment of a confined arena. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public long ffmSegment(RefReads.Places places) {
        long sum = 0;
        for (int place : places.order) {
            sum += longs.getAtIndex(ValueLayout.JAVA_LONG, place);
        }
        return sum;
    }
}
