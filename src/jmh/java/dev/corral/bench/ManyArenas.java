// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** This library's arenas, of one pool. */
@State(Scope.Thread)
public class ManyArenas extends AtOnce {
    private MemoryPool pool;
    private NativeArena[] all;

    /** Makes the pool. */
    @Setup
    public void open() {
        pool = MemoryPool.create();
        all = new NativeArena[arenas];
    }

    /** Closes it. */
    @TearDown
    public void close() {
        pool.close();
    }

    /** Arenas of one pool. */
    @Benchmark
    public long arenas() {
        long sum = 0;
        for (int i = 0; i < arenas; i++) {
            all[i] = NativeArena.create(pool);
            for (int block = 0; block < BLOCKS; block++) {
                sum += all[i].allocateRef(SIZE);
            }
        }
        for (NativeArena arena : all) {
            arena.close();
        }
        return sum;
    }
}
