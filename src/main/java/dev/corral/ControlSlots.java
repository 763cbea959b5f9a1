// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ControlBlock;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;

/** The control blocks of one pool's arenas as buffers, made once per slot. Takes the pool's lock. */
final class ControlSlots {
    private static final ByteBuffer[] NO_ROOTS = {};
    private static final int NEVER = -1; // no count of take-backs is negative

    /** The control block of the arena that is in the slot now, and of those that will be. */
    static final class Slot {
        final LongBuffer words;
        final IntBuffer halfWords;
        /* An arena that goes back to a recycler leaves its roots here, which is what makes borrowing it again cheap.
         * They are good for one user: the one who finds that nothing was taken back since. No other arena can come into
         * the slot without that, so whatever C does with it, nobody sees chunks that are not its own. */
        private ByteBuffer[] roots = NO_ROOTS;
        private long takeBacks = NEVER;

        private Slot(ByteBuffer block) {
            this.words = block.asLongBuffer();
            this.halfWords = block.asIntBuffer();
        }

        /** How often something was taken back here so far; the count never falls. */
        long takeBacksNow() {
            return words.get(ControlBlock.TAKE_BACKS / Long.BYTES);
        }

        /** Leaves roots that are right as long as the count is {@code at}. Under the lock. */
        void leaveRoots(ByteBuffer[] left, long at) {
            if (at > takeBacks) { // else others have used the arena meanwhile
                roots = left;
                takeBacks = at;
            }
        }

        /** The roots that were left for the caller, or none. Under the lock. */
        ByteBuffer[] takeRoots() {
            ByteBuffer[] taken = takeBacks == takeBacksNow() ? roots : NO_ROOTS;
            roots = NO_ROOTS; // one user; `takeBacks` stays, it may only rise
            return taken;
        }

        private void forgetStaleRoots() {
            if (takeBacks != takeBacksNow()) {
                roots = NO_ROOTS;
            }
        }
    }

    private final PoolState pool;
    private final RootTable roots;
    private final Map<Long, Slot[]> slabs = new HashMap<>();

    ControlSlots(PoolState pool, RootTable roots) {
        this.pool = pool;
        this.roots = roots;
    }

    /** The slot at an arena's address. */
    Slot of(long arena) {
        synchronized (pool) {
            Slot[] slab = slabs.computeIfAbsent(arena & -ControlBlock.SLAB_BYTES, this::map);
            return slab[(int) (arena & ControlBlock.SLAB_BYTES - 1) / ControlBlock.SLOT_BYTES];
        }
    }

    private Slot[] map(long slab) {
        ByteBuffer root = roots.ofSlab(slab, ControlBlock.SLAB_BYTES);
        Slot[] slots = new Slot[ControlBlock.SLAB_BYTES / ControlBlock.SLOT_BYTES];
        for (int i = 1; i < slots.length; i++) { // the first is the slab's own
            slots[i] = new Slot(root.slice(i * ControlBlock.SLOT_BYTES, ControlBlock.MAPPED)
                    .order(ByteOrder.nativeOrder()));
        }
        return slots;
    }

    /** Lets go of roots whose arenas have been destroyed, so that the pool can give their memory back. */
    void forgetStaleRoots() {
        synchronized (pool) {
            for (Slot[] slab : slabs.values()) {
                for (Slot slot : slab) {
                    if (slot != null) {
                        slot.forgetStaleRoots();
                    }
                }
            }
        }
    }

    /** When the pool ends. Under the lock. */
    void clear() {
        slabs.clear();
    }
}
