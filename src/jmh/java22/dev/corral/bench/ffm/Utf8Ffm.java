// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.ffm;

import dev.corral.bench.Nanoseconds;
import dev.corral.bench.Utf8;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The JDK's ways to encode a string beside {@code Utf8}. They add a zero byte. */
@State(Scope.Thread)
public class Utf8Ffm extends Nanoseconds {
    private static final int ROOM = 8_192;
    private MemorySegment kept;

    /** Memory for slices. */
    @Setup
    public void open() {
        kept = Arena.global().allocate(ROOM);
    }

    /** Into a confined arena of its own. */
    @Benchmark
    public long ffmConfined(Utf8.Text text) {
        try (Arena arena = Arena.ofConfined()) {
            return arena.allocateFrom(text.value).byteSize();
        }
    }

    /** Into a slice. */
    @Benchmark
    public MemorySegment ffmSlicing(Utf8.Text text) {
        return SegmentAllocator.slicingAllocator(kept).allocateFrom(text.value);
    }
}
