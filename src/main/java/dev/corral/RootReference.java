// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;

/**
 * Watches a root buffer. Every view is a slice of a root and keeps it reachable, so this reference is cleared only when
 * no view of the memory is left; until then a pin keeps the memory mapped, whatever happens to its block or its pool.
 */
final class RootReference extends WeakReference<Object> implements Reaper.Reapable {
    final PoolState pool;
    final long address;
    final long pin;

    RootReference(ByteBuffer root, PoolState pool, long address, long pin) {
        super(root, Reaper.queue());
        this.pool = pool;
        this.address = address;
        this.pin = pin;
    }

    ByteBuffer root() {
        return (ByteBuffer) get();
    }

    @Override
    public void reap() {
        pool.unreachable(this);
    }
}
