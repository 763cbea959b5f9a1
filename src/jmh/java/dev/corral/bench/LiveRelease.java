// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Taking back an arena in which so much lives, in default chunks, a byte of each block of {@value #SIZE} bytes written.
 * A reset keeps the memory; a close gives it back to the pool, which gives most of it back to the system.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 5)
@Fork(1)
public class LiveRelease {
    private static final int SIZE = 64;
    private static final int PER_MIB = (1 << 20) / SIZE;
    private static final int WARM_UPS = 20_000;

    /** MiB that live. */
    @Param({"1", "64", "1024", "8192"})
    int mib;

    private MemoryPool pool;
    private NativeArena arena;

    /** Has the JIT compile what is measured, since that is called once. */
    @Setup
    public void open() {
        pool = MemoryPool.create();
        for (int i = 0; i < WARM_UPS; i++) {
            try (NativeArena small = NativeArena.create(pool)) {
                small.allocateRef(SIZE);
                small.reset();
            }
        }
        arena = NativeArena.create(pool);
    }

    /** Fills the arena, which is a new one after a close. */
    @Setup(Level.Invocation)
    public void fill() {
        if (arena.isClosed()) {
            arena = NativeArena.create(pool);
        }
        arena.reset();
        for (long i = 0; i < (long) mib * PER_MIB; i++) {
            arena.putByte(arena.allocateRef(SIZE), 0, (byte) i);
        }
    }

    /** Closes the pool with what is left. */
    @TearDown
    public void end() {
        pool.close();
    }

    /** Everything at once, the memory is kept. */
    @Benchmark
    public void arenaReset() {
        arena.reset();
    }

    /** Everything at once, the memory is given back. */
    @Benchmark
    public void arenaClose() {
        arena.close();
    }
}
