// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.lang.ref.PhantomReference;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;

/**
 * Watches a root buffer. Every view is a slice of a root and keeps it reachable, so this reference is enqueued only
 * when no view of the memory is left, not even one that a finalizer can still use; until then a pin keeps the memory
 * mapped, whatever happens to its block or its pool.
 */
final class RootReference extends PhantomReference<Object> implements Reaper.Reapable {
    final long address;
    final long pin;
    /** Bytes of the block; 0: the root shows no block but a slab. */
    final int bytes;
    /** An earlier root of the same address whose views are not all gone. Guarded by the pool. */
    RootReference older;
    private final PoolState pool;
    private final WeakReference<ByteBuffer> root;

    RootReference(ByteBuffer root, PoolState pool, long address, long pin, int bytes) {
        super(root, Reaper.queue());
        this.root = new WeakReference<>(root);
        this.pool = pool;
        this.address = address;
        this.pin = pin;
        this.bytes = bytes;
    }

    /** The root, or null when nobody can use it any more, except perhaps a finalizer. */
    ByteBuffer root() {
        return root.get();
    }

    @Override
    public void reap() {
        pool.unreachable(this);
    }
}
