// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.peers;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** An arena as {@link NativeArena#create(MemoryPool)} makes it, and its pool. */
@State(Scope.Thread)
public class ArenaState {
    /** The arena. */
    public NativeArena arena;
    /** The arena in C. */
    public long handle;
    /** Its pool. */
    public MemoryPool pool;

    /** Creates both. */
    @Setup
    public void open() {
        pool = MemoryPool.create();
        arena = NativeArena.create(pool);
        handle = arena.nativeHandle();
    }

    /** Closes both. */
    @TearDown
    public void close() {
        arena.close();
        pool.close();
    }
}
