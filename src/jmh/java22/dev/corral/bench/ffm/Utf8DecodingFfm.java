// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.ffm;

import dev.corral.bench.Nanoseconds;
import dev.corral.bench.Utf8;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The JDK's way to make a string of native UTF-8 beside {@code Utf8Decoding}. It looks for the zero at the end. */
@State(Scope.Thread)
public class Utf8DecodingFfm extends Nanoseconds {
    private Arena arena;
    private MemorySegment text;

    /** Puts the text into a confined arena. */
    @Setup
    public void prepare(Utf8.Text value) {
        arena = Arena.ofConfined();
        text = arena.allocateFrom(value.value);
    }

    /** Closes the arena. */
    @TearDown
    public void close() {
        arena.close();
    }

    /** A segment of a confined arena. */
    @Benchmark
    public String ffmSegment() {
        return text.getString(0);
    }
}
