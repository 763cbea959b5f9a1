// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.Mark;
import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Taking back everything that was allocated in full chunks: with 10,000 of them at most 1.2 times what it costs with
 * one. The arenas are filled before each invocation, which takes back one after the other. Compare the
 * fastest samples (p0.00): between two invocations milliseconds go by, in which others get the caches.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class BulkRelease {
    private static final int ARENAS = 8;
    private static final int CHUNK = 64;
    private static final int MOST = 10_000;
    private static final int WARM_UPS = 50;

    /** Full chunks of each arena. */
    @Param({"1", "10000"})
    int chunks;

    private final NativeArena[] arenas = new NativeArena[ARENAS];
    private final Mark[] starts = new Mark[ARENAS];
    private MemoryPool pool;
    private NativeArena ballast;
    private long used;

    /** Creates the arenas. */
    @Setup(Level.Trial)
    public void open() {
        pool = MemoryPool.create();
        ballast = small();
        for (int i = 0; i < ARENAS; i++) {
            arenas[i] = small();
        }
    }

    private NativeArena small() {
        return NativeArena.builder().pool(pool).initialChunkSize(CHUNK).maxChunkSize(CHUNK).build();
    }

    /**
     * Fills the chunks. As many are filled in all, whatever the parameter says, and as much is in the cache afterwards:
     * the code and the arenas themselves.
     */
    @Setup(Level.Invocation)
    public void fill() {
        for (int i = 0; i < ARENAS; i++) {
            starts[i] = arenas[i].mark();
            for (int chunk = 0; chunk < chunks; chunk++) {
                arenas[i].allocateRef(CHUNK);
            }
            for (int chunk = chunks; chunk < MOST; chunk++) {
                ballast.allocateRef(CHUNK);
            }
            ballast.reset();
        }
        for (int i = 0; i < WARM_UPS; i++) {
            Mark mark = ballast.mark();
            ballast.rewind(mark);
            ballast.reset();
        }
        for (NativeArena arena : arenas) {
            used += arena.stats().used();
        }
    }

    /** Gives everything back. */
    @TearDown(Level.Trial)
    public void close() {
        pool.close();
    }

    /** By reset. */
    @Benchmark
    @OperationsPerInvocation(ARENAS)
    public long reset() {
        for (NativeArena arena : arenas) {
            arena.reset();
        }
        return used;
    }

    /** By rewinding to the beginning. */
    @Benchmark
    @OperationsPerInvocation(ARENAS)
    public long rewind() {
        for (int i = 0; i < ARENAS; i++) {
            arenas[i].rewind(starts[i]);
        }
        return used;
    }
}
