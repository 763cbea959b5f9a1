// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.PoolNatives;
import dev.corral.internal.Status;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** The root buffers of one pool by address. Guarded by the pool's monitor. */
final class RootTable {
    /* How views stay harmless (RETAINED):
     *
     * A root is one direct buffer over one block (a chunk, a block of allocate()) or over a slab of control blocks. The
     * JVM lets every slice, duplicate and typed view of a root keep the root reachable. A root's memory is pinned in
     * the native pool until its RootReference is enqueued, and a pinned region is never unmapped, not even by
     * pool_destroy().
     *
     * Roots are found again by address when the pool hands the same memory to the next arena, so that a warm pool
     * creates none. A root that is too small for the new block is replaced, and lives on as long as its own views.
     */
    private final PoolState pool;
    private final Map<Long, RootReference> newest = new HashMap<>(); // also keeps the references themselves alive

    RootTable(PoolState pool) {
        this.pool = pool;
    }

    /** A buffer over exactly a block of the pool, whose memory stays mapped while any view of it is reachable. */
    ByteBuffer ofBlock(long address, int capacity) {
        RootReference known = newest.get(address);
        ByteBuffer root = known == null ? null : known.root();
        if (root == null || root.capacity() < capacity) {
            root = newRoot(address, capacity, address);
        }
        return root.capacity() == capacity ? root : root.slice(0, capacity);
    }

    /** A buffer over a slab, which is no block: the pool's books are pinned. */
    ByteBuffer ofSlab(long address, int capacity) {
        return newRoot(address, capacity, 0);
    }

    private ByteBuffer newRoot(long address, int capacity, long block) {
        long pin = PoolNatives.pin(pool.handle, block);
        boolean done = false;
        try {
            boolean kept = pin != 0 && (block == 0 || !pool.quarantine || isHeld(block));
            ByteBuffer root = kept ? PoolNatives.wrap(address, capacity) : null;
            if (root == null) {
                throw new ArenaExhaustedException("pool=" + pool.name + " bytes=" + capacity
                        + ": no memory for a view");
            }
            RootReference reference = new RootReference(root, pool, address, pin, block == 0 ? 0 : capacity);
            reference.older = newest.get(address);
            newest.put(address, reference);
            done = true;
            return root;
        } finally {
            if (!done && pin != 0) {
                end(address, pin);
            }
        }
    }

    private boolean isHeld(long block) {
        return PoolNatives.hold(pool.handle, block) == Status.OK;
    }

    /** A root is gone. Its block is free to be used again when it was the last one. */
    private void end(long address, long pin) {
        if (pool.quarantine && !newest.containsKey(address)) {
            PoolNatives.letGo(pool.handle, address);
        }
        PoolNatives.unpin(pool.handle, pin);
    }

    /** Whether a view of the block at this address may still be reachable. */
    boolean mayBeReached(long address) {
        return newest.containsKey(address);
    }

    /** No view of this root is left: ends its pin. */
    void remove(RootReference gone) {
        RootReference at = newest.get(gone.address);
        if (at == gone) {
            if (gone.older == null) {
                newest.remove(gone.address);
            } else {
                newest.put(gone.address, gone.older);
            }
        } else {
            while (at.older != gone) {
                at = at.older;
            }
            at.older = gone.older;
        }
        end(gone.address, gone.pin);
    }

    /** Bytes of blocks and chunks that were given back while a view of them may be reachable. */
    long retainedBytes(boolean poolIsClosed) {
        long bytes = 0;
        for (RootReference root : newest.values()) {
            boolean live = !poolIsClosed && PoolNatives.isLive(pool.handle, root.address);
            bytes += live ? 0 : root.bytes;
        }
        return bytes;
    }

    boolean isEmpty() {
        return newest.isEmpty();
    }

    /** Whether the collector has found a root that {@link #remove} has not been told of. */
    boolean awaitsReaper() {
        for (RootReference at : newest.values()) {
            for (RootReference root = at; root != null; root = root.older) {
                if (root.refersTo(null)) {
                    return true;
                }
            }
        }
        return false;
    }
}
