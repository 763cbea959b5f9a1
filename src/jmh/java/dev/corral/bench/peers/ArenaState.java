// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.peers;

import dev.corral.ArenaRecycler;
import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** An arena as {@link NativeArena#create(MemoryPool)} makes it, of a pool that all threads share. */
@State(Scope.Thread)
public class ArenaState {
    /** The arena. */
    public NativeArena arena;
    /** The arena in C. */
    public long handle;
    /** Its pool. */
    public MemoryPool pool;
    /** Lends arenas of this pool. */
    public ArenaRecycler recycler;

    /** Creates the arena. */
    @Setup
    public void open(SharedPool shared) {
        pool = shared.pool;
        recycler = shared.recycler;
        arena = NativeArena.create(pool);
        handle = arena.nativeHandle();
    }

    /** Closes the arena. */
    @TearDown
    public void close() {
        arena.close();
    }
}
