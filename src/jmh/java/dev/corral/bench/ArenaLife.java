// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Creating and closing a default arena on a warm pool: without a block, and with one. */
@State(Scope.Thread)
public class ArenaLife extends Nanoseconds {
    private MemoryPool pool;

    /** A pool of its own. */
    @Setup
    public void open() {
        pool = MemoryPool.create();
    }

    /** Ends it. */
    @TearDown
    public void close() {
        pool.close();
    }

    /** Nothing else. */
    @Benchmark
    public void empty() {
        NativeArena.create(pool).close();
    }

    /** With one block, by reference. */
    @Benchmark
    public long oneBlock() {
        try (NativeArena arena = NativeArena.create(pool)) {
            return arena.allocateRef(64);
        }
    }
}
