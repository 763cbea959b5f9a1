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
    static final ByteBuffer[] NO_ROOTS = {};
    private static final int BASE = ControlBlock.BASE / Long.BYTES;
    /** What stands beside the magic and the status in their word. */
    private static final long BESIDE_MAGIC = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
            ? -1L << Integer.SIZE + Short.SIZE : -1L >>> Integer.SIZE + Short.SIZE;
    private static final int NEVER = -1; // no count of take-backs is negative

    /** The control block of the arena that is in the slot now, and of those that will be. */
    static final class Slot {
        final LongBuffer words;
        final IntBuffer halfWords;
        /* An arena that goes back to a recycler leaves its roots here, which is what makes borrowing it again cheap.
         * They are good for one user: the one who finds that nothing was taken back since. No other arena can come into
         * the slot without that, so whatever C does with it, nobody sees chunks that are not its own. Parked arenas do
         * the same, without the lock: at worst roots are forgotten meanwhile. */
        private ByteBuffer[] roots; // null: none
        private long takeBacks = NEVER;
        private long[] places; // of the arena that has left the roots: see ArenaRoots
        private int[] order;

        /* The control block of the arena when it was new, if it may be parked, without magic and generation. In a loop
         * over it the JIT looks at one access instead of eight. Each is some 350 nodes of its graph on new JDKs, and at
         * 18,000 it stops inlining into whoever creates or borrows an arena. */
        private final long[] fresh = new long[ControlBlock.SIZE / Long.BYTES];
        private long noMarks; // and `tied` beside their number
        private int lastGeneration;
        private long lastUsed;

        private Slot(ByteBuffer block) {
            this.words = block.asLongBuffer();
            this.halfWords = block.asIntBuffer();
        }

        // --- parked arenas: see ParkedArenas. A step that is cut short can be made again.

        /** Before the first {@link #rest}: the arena is new. */
        void rememberFirst() {
            words.get(0, fresh);
            fresh[ControlBlock.MAGIC / Long.BYTES] &= BESIDE_MAGIC;
            fresh[ControlBlock.CHUNK / Long.BYTES] = 0; // the first one, and no generation
            noMarks = words.get(ControlBlock.MARK_COUNT / Long.BYTES);
            lastGeneration = halfWords.get(ControlBlock.GENERATION / Integer.BYTES);
        }

        /**
         * Makes an uneventful arena look destroyed to all; {@code before} is what was used before it became that.
         * Returns the count of take-backs after {@link #renew}.
         */
        long rest(long before) {
            lastUsed = Math.max(before, Math.max(words.get(ControlBlock.PEAK_USED / Long.BYTES),
                    words.get(ControlBlock.CURSOR / Long.BYTES) - fresh[BASE])); // it has the first chunk only
            halfWords.put(ControlBlock.MAGIC / Integer.BYTES, 0);
            halfWords.put(ControlBlock.GENERATION / Integer.BYTES, 0);
            words.put(ControlBlock.INLINE_LIMIT / Long.BYTES, 0);
            for (int i = 0; i <= BASE; i++) { // cursor, limit and base
                words.put(i, 0);
            }
            long rested = takeBacksNow() + 1;
            words.put(ControlBlock.TAKE_BACKS / Long.BYTES, rested);
            return rested + 1;
        }

        /** Makes the arena new again; its references have a generation that no recent arena here had. */
        void renew() {
            int generation = lastGeneration == ControlBlock.GENERATION_MAX ? 1 : lastGeneration + 1;
            lastGeneration = generation;
            words.put(ControlBlock.PEAK_USED / Long.BYTES, 0);
            words.put(ControlBlock.MARK_COUNT / Long.BYTES, noMarks);
            words.put(ControlBlock.TAKE_BACKS / Long.BYTES, takeBacksNow() + 1);
            for (int i = 0; i < fresh.length; i++) {
                words.put(i, fresh[i]);
            }
            words.put(ControlBlock.REF_BIAS / Long.BYTES,
                    ((long) generation << ControlBlock.REF_GENERATION_SHIFT) - fresh[BASE]);
            halfWords.put(ControlBlock.GENERATION / Integer.BYTES, generation);
            halfWords.put(ControlBlock.MAGIC / Integer.BYTES, ControlBlock.MAGIC_VALUE);
        }

        /** As before {@link #rest}, but without blocks: what the last user needed is the peak. */
        void renewForReturn() {
            renew();
            words.put(ControlBlock.PEAK_USED / Long.BYTES, lastUsed);
        }

        /** Bytes that the last user needed at most. */
        long lastUsed() {
            return lastUsed;
        }

        /** Bytes of the arena's chunks. */
        long allocated() {
            return words.get(ControlBlock.ALLOCATED / Long.BYTES);
        }

        // --- roots

        /** How often something was taken back here so far; the count never falls. */
        long takeBacksNow() {
            return words.get(ControlBlock.TAKE_BACKS / Long.BYTES);
        }

        /** Leaves roots that are right as long as the count is {@code at}. Under the lock, or see above. */
        void leaveRoots(ByteBuffer[] left, long at) {
            if (at > takeBacks) { // else others have used the arena meanwhile
                roots = left.length == 0 ? null : left; // nothing is stored without the collector's barrier
                takeBacks = at;
            }
        }

        /** Before {@link #leaveRoots}: what belongs to them. By the arena's owner. */
        void leavePlaces(long[] newPlaces, int[] newOrder) {
            if (places != newPlaces || order != newOrder) { // a test is cheaper than the collector's barrier
                places = newPlaces;
                order = newOrder;
            }
        }

        /** What belongs to the roots, by whom has taken them. */
        long[] places() {
            return places;
        }

        int[] order() {
            return order;
        }

        /** The roots that were left for the caller, or none. Under the lock. */
        ByteBuffer[] takeRoots() {
            ByteBuffer[] taken = takeBacks == takeBacksNow() ? roots : null;
            roots = null; // one user; `takeBacks` stays, it may only rise
            return taken == null ? NO_ROOTS : taken;
        }

        void forgetStaleRoots() {
            if (takeBacks != takeBacksNow()) {
                roots = null;
            }
        }
    }

    private final PoolState pool;
    private final RootTable roots;
    private final Map<Long, Slot[]> slabs = new HashMap<>();
    private volatile Slab latest = new Slab(0, null);

    /** Slots by the address of their slab. */
    private record Slab(long address, Slot[] slots) {
        Slot at(long arena) {
            return slots[(int) (arena & ControlBlock.SLAB_BYTES - 1) / ControlBlock.SLOT_BYTES];
        }
    }

    ControlSlots(PoolState pool, RootTable roots) {
        this.pool = pool;
        this.roots = roots;
    }

    /** The slot at an arena's address. */
    Slot of(long arena) {
        Slab slab = latest;
        return slab.address == (arena & -ControlBlock.SLAB_BYTES) ? slab.at(arena) : find(arena);
    }

    private Slot find(long arena) {
        synchronized (pool) {
            long address = arena & -ControlBlock.SLAB_BYTES;
            Slab slab = new Slab(address, slabs.computeIfAbsent(address, this::map));
            latest = slab;
            return slab.at(arena);
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
        latest = new Slab(0, null);
    }
}
