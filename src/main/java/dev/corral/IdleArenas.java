// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaRecyclerNatives;
import java.nio.ByteBuffer;

/**
 * Arenas of a recycler that went back without C, which takes them for borrowed ones: parked here until they are
 * borrowed again, or C is given them. The latter happens when C, which is told of 32 uses of an arena at a time, would
 * not keep it, when there are too many, and before anybody asks for numbers. So what is kept, dropped and made is
 * decided by all uses but the last few of each arena.
 */
final class IdleArenas extends ParkedArenas {
    private final RecyclerState recycler;
    private final long keptArenas;
    private final long keptBytes;
    // Guarded by the lock, and there so that giving back needs no memory.
    private final long[] uses = new long[ArenaRecyclerNatives.USES_MAX];
    private final long[] stats = new long[ArenaRecyclerNatives.STATS_LONGS];
    private volatile long keptInC; // as parkedBytes()
    private volatile long justified; // bytes of chunks: C drops what has more
    private long mostJustified;      // so far: no arena here has more
    private volatile boolean roomForAll; // the limits hold, however many are parked here

    IdleArenas(RecyclerState recycler, int keptArenas, long keptBytes) {
        super(recycler.pool, keptArenas > 0);
        this.recycler = recycler;
        this.keptArenas = keptArenas;
        this.keptBytes = keptBytes;
    }

    // --- without the lock, by the arena's owner

    @Override
    boolean hasRoomFor(ArenaState state) {
        if (!super.hasRoomFor(state) || !isWithinLimits(state)) {
            return false;
        }
        if (state.uses != null && state.uses.isFull()) {
            synchronized (pool) {
                tell(state);
            }
        }
        return state.slot.allocated() <= justified;
    }

    private boolean isWithinLimits(ArenaState state) {
        if (roomForAll) {
            return true;
        }
        long kept = parkedBytes() + keptInC;
        long bytes = (kept & (1L << COUNT_SHIFT) - 1) + state.slot.allocated();
        return (kept >>> COUNT_SHIFT) < keptArenas && bytes <= keptBytes;
    }

    @Override
    boolean keepsChunks() {
        return true;
    }

    @Override
    void begin(ArenaState state) {
        if (state.uses == null) {
            state.uses = new RepeatedUses();
        }
        state.uses.add(state.slot.lastUsed());
    }

    // --- under the lock

    /** Tells C of all uses of arenas that it has lent. */
    void tellAll() {
        for (ArenaState state : pool.arenas.open) {
            if (state.lender == recycler) {
                tell(state);
            }
        }
    }

    /** Before C is given an arena: it knows of all uses of it but the last, and its limits hold for all arenas. */
    void prepareReturn(ArenaState state) {
        if (!isWithinLimits(state)) {
            flush();
        }
        tell(state);
    }

    private void tell(ArenaState state) {
        int count = state.uses == null || recycler.isEnded() ? 0 : state.uses.take(uses);
        if (count != 0) {
            justify(count);
        }
    }

    private void justify(int count) {
        long bytes = ArenaRecyclerNatives.addUses(recycler.handle, uses, count);
        long kept = keptInC;
        mostJustified = Math.max(mostJustified, bytes);
        roomForAll = (kept >>> COUNT_SHIFT) + PLACES <= keptArenas
                && mostJustified <= (keptBytes - (kept & (1L << COUNT_SHIFT) - 1)) / PLACES;
        justified = bytes; // last: whoever sees it sees the rest
    }

    /** After C has been given an arena, or has lent one. */
    void lookAtC() {
        if (!recycler.isEnded()) {
            ArenaRecyclerNatives.stats(recycler.handle, stats);
            keptInC = (stats[RecyclerStats.KEPT] << COUNT_SHIFT) + stats[RecyclerStats.KEPT_BYTES];
            justify(0);
        }
    }

    @Override
    void destroy(ArenaState state) {
        ControlSlots.Slot slot = state.slot;
        slot.renewForReturn();
        tell(state);
        ByteBuffer[] roots = slot.takeRoots();
        boolean same = recycler.giveToC(state.handle);
        state.parking = null; // as above
        if (same) {
            slot.leaveRoots(roots, slot.takeBacksNow());
        }
        pool.arenas.remove(state);
        lookAtC();
    }
}
