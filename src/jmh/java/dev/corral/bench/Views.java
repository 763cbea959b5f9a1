// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.Scope;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs that views end: a block, a scope and a reset with views and without, checked and retained. */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class Views {
    private static final int SIZE = 64;
    private static final int CHUNK = 1 << 20;

    /** {@code retained}: as on older JDKs; {@code checked}: what this JDK has. */
    @Param({"checked", "retained"})
    public String views;

    private MemoryPool pool;
    private NativeArena arena;
    private int used;

    /** One chunk that holds many blocks, and one block in it, so that scopes do not begin at its start. */
    @Setup
    public void open() {
        pool = MemoryPool.create();
        arena = NativeArena.builder().pool(pool).initialChunkSize(CHUNK).maxChunkSize(CHUNK)
                .sharedViews(views.equals("retained")).build();
        arena.allocate(SIZE);
        used = SIZE;
    }

    /** Closes the arena with its pool. */
    @TearDown
    public void close() {
        pool.close();
    }

    private void resetWhenFull() {
        used += SIZE;
        if (used >= CHUNK) {
            arena.reset();
            used = SIZE;
        }
    }

    /** A block as a view. */
    @Benchmark
    public ByteBuffer allocate() {
        resetWhenFull();
        return arena.allocate(SIZE);
    }

    /** A block as a reference. */
    @Benchmark
    public long allocateRef() {
        resetWhenFull();
        return arena.allocateRef(SIZE);
    }

    /** A scope without a block. */
    @Benchmark
    public long emptyScope() {
        try (Scope scope = arena.openScope()) {
            return 0;
        }
    }

    /** A scope with one block as a reference. */
    @Benchmark
    public long scopeWithReference() {
        try (Scope scope = arena.openScope()) {
            return arena.allocateRef(SIZE);
        }
    }

    /** A scope with one block as a view. */
    @Benchmark
    public ByteBuffer scopeWithView() {
        try (Scope scope = arena.openScope()) {
            return arena.allocate(SIZE);
        }
    }

    /** An epoch with one block as a reference. */
    @Benchmark
    public long resetWithReference() {
        long ref = arena.allocateRef(SIZE);
        arena.reset();
        return ref;
    }

    /** An epoch with one block as a view. */
    @Benchmark
    public ByteBuffer resetWithView() {
        ByteBuffer view = arena.allocate(SIZE);
        arena.reset();
        return view;
    }
}
