// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Many arenas at once: all are made, each gets a few blocks, then all are closed. One operation is all of it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public abstract class AtOnce {
    /** Bytes of a block. */
    protected static final int SIZE = 64;
    /** Blocks of an arena. */
    protected static final int BLOCKS = 4;

    /** How many arenas. */
    @Param({"100", "10000"})
    public int arenas;

    /** For subclasses. */
    protected AtOnce() {
    }
}
