// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.peers;

import dev.corral.ArenaRecycler;
import dev.corral.MemoryPool;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One pool and one recycler for all threads. The end of the process closes them: other threads' arenas are open. */
@State(Scope.Benchmark)
public class SharedPool {
    /** The pool. */
    public MemoryPool pool;
    /** Lends arenas of this pool. */
    public ArenaRecycler recycler;

    /** Creates both. */
    @Setup
    public void open() {
        pool = MemoryPool.create();
        recycler = ArenaRecycler.create(pool);
    }
}
