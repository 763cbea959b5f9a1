// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.Failures;
import dev.corral.internal.PoolNatives;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.IdentityHashMap;
import java.util.Map;

/** The blocks that a pool hands out to its users, by the views that they got. Guarded by the pool's monitor. */
final class PoolBlocks {
    private final PoolState pool;
    private final boolean debug;
    private final Map<ByteBuffer, Long> addresses = new IdentityHashMap<>();

    PoolBlocks(PoolState pool, boolean debug) {
        this.pool = pool;
        this.debug = debug;
    }

    ByteBuffer allocate(int size) {
        if (size < 0) {
            throw new IllegalArgumentException("size=" + size + ": pass a size of 0 or more bytes");
        }
        ByteBuffer block = tryAllocate(size, false);
        if (block == null) {
            MemoryPressure.relieve();
            block = tryAllocate(size, true);
        }
        return block;
    }

    /** Null when the system has no memory, unless this is the last try. */
    private ByteBuffer tryAllocate(int size, boolean last) {
        synchronized (pool) {
            pool.requireOpen();
            long address = debug ? DebugMode.allocate(pool.handle, size) : PoolNatives.allocate(pool.handle, size);
            if (!last && MemoryPressure.mayEase((int) -address, pool)) {
                return null;
            }
            if (Failures.isStatus(address)) {
                throw Failures.of((int) -address, "allocate: size=" + size + " pool=" + pool.name);
            }
            boolean done = false;
            try {
                ByteBuffer view = pool.root(address, Math.max(size, 1)).slice(0, size).order(ByteOrder.nativeOrder());
                addresses.put(view, address);
                done = true;
                return view;
            } finally {
                if (!done) {
                    PoolNatives.free(pool.handle, address);
                }
            }
        }
    }

    void free(ByteBuffer block) {
        synchronized (pool) {
            pool.requireOpen();
            Long address = addresses.remove(block);
            if (address == null) {
                throw new IllegalArgumentException("pool=" + pool.name + " block=" + block
                        + ": free() takes the very buffer that allocate() of this pool returned, once");
            }
            if (debug) {
                DebugMode.free(pool.handle, address, pool.name);
            } else {
                PoolNatives.free(pool.handle, address);
            }
        }
    }

    /** After the operation, which has completed: throws what it has found in a debug pool. */
    void throwIfDamaged(String operation) {
        if (debug) {
            DebugMode.throwIfDamaged(operation + ": pool=" + pool.name);
        }
    }

    /** For a report of what is open; the caller holds the monitor. */
    void addAll(Map<Object, LeakDetection.Leak> into) {
        addresses.keySet().forEach(view -> into.put(view,
                new LeakDetection.Leak("block bytes=" + view.capacity() + " pool=" + pool.name, null)));
    }

    void clear() {
        addresses.clear();
    }
}
