// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ObserverNatives;
import dev.corral.internal.ReleaseNatives;
import dev.corral.internal.Status;
import java.nio.ByteBuffer;

/**
 * What must outlive a {@link NativeArena} that is dropped: enough to free it and to say where it came from. Linked into
 * its pool's list of open arenas. Guarded by the pool's lock; one that may be parked belongs to its owner meanwhile.
 */
final class ArenaState {
    final PoolState pool;
    final long handle;
    final String name;
    final ControlSlots.Slot slot;
    /** Where it may be parked when it is closed; null: nowhere. */
    ParkedArenas parking;
    /** What users needed of whom the lender does not know yet; null: there were none. */
    RepeatedUses uses;
    /** Who may have lost it between two users: see {@link ParkedArenas#flush}. */
    Thread lostBy;
    private Leaks.Site site;
    private int begun; // uses
    /** Where C writes down the arena's events for its observer; 0: nowhere. Nobody refers to the observer here. */
    long log;
    /** Of the parent; null: none. */
    final ArenaState parent;
    /** Whom the arena goes back to; null: nobody. */
    RecyclerState lender;
    /** What its user leaves for the next one, and at which count of take-backs. */
    ByteBuffer[] leftRoots;
    ControlSlots.Slot leftIn;
    long leftAt;
    /** Nobody closes it: it ends with the thread that it belongs to. */
    boolean ofThread;
    Thread owner;
    /** Those whose memory has not been given back. */
    int children;
    ArenaState previous;
    ArenaState next;
    boolean open = true;
    boolean inLimbo;
    private boolean destroyed;
    /** Null while it is parked, or on the way. */
    private ArenaUse use;

    ArenaState(NativeArena arena, PoolState pool, ArenaState parent) {
        this.pool = pool;
        this.handle = arena.handle;
        this.name = arena.name;
        this.slot = arena.slot;
        this.parent = parent;
    }

    /** The caller has created, or taken over, what is this arena's now. */
    void beginUse(NativeArena arena) {
        Thread thread = Thread.currentThread();
        if (owner != thread) { // a test is cheaper than the collector's barrier
            owner = thread;
        }
        boolean first = begun++ == 0;
        // A child ends with its parent: that one is to close.
        site = parent != null ? null : first ? Leaks.site() : Leaks.siteOfRepeated(begun);
        use = new ArenaUse(arena, this);
    }

    /**
     * The arena's object is detached. Should the reference be enqueued nevertheless, nobody minds: see {@link
     * ArenaLives#dropped}. To clear it is a call of the JVM up to JDK 23.
     */
    void endUse() {
        use = null;
    }

    boolean isUse(ArenaUse dropped) {
        return use == dropped;
    }

    /** The arena, or null when it was dropped, or is parked. */
    NativeArena arena() {
        ArenaUse now = use;
        return now == null ? null : now.arena();
    }

    /** Whether its user's object was dropped. */
    boolean isDropped() {
        ArenaUse now = use;
        return now != null && now.arena() == null;
    }

    /** Whether the collector has found that its user's object was dropped, and will have it reaped. */
    boolean isFound() {
        ArenaUse now = use;
        return now != null && now.refersTo(null) && use == now; // one that has ended by a close is cleared as well
    }

    /** What stands for its present use in a report of what is open; null: it is parked, or on the way. */
    Object identity() {
        return use;
    }

    Leaks.Site site() {
        return site;
    }

    /** What is said of the arena when it was dropped. */
    Leaks.Drop describe() {
        long[] stats = new long[ArenaStats.NATIVE_LONGS];
        ArenaNatives.stats(handle, stats);
        int actions = ReleaseNatives.count(handle);
        return new Leaks.Drop("arena=" + name + " pool=" + pool.name + " owner=" + owner.getName() + " "
                + ArenaStats.of(stats) + (actions == 0 ? "" : " releaseActionsNotRun=" + actions), site);
    }

    /**
     * Destroys the arena, or gives it back to its lender, and lets C use its place again; also when C has destroyed it
     * before. The status is {@code OK}, {@code DAMAGED}, or why that is refused now. To be called without the pool's
     * lock, but by one thread.
     */
    int destroy() {
        if (destroyed) { // by a close that an error has cut short: the place may be another arena's
            return Status.OK;
        }
        int status = lender == null ? ArenaNatives.destroy(handle) : lender.giveBack(this);
        destroyed = status != Status.RELEASING && status != Status.OBSERVING;
        return status == Status.INVALID_ARENA ? Status.OK : status;
    }

    /** The same after it was dropped: nobody is there who could be told by an exception, or observe it. */
    void destroyDropped() {
        if (!destroyed) {
            ReleaseNatives.end(handle); // a StackOverflowError may have cut a release short
        }
        int status = destroy();
        ObserverNatives.close(pool.handle, log);
        log = 0;
        if (status == Status.DAMAGED) {
            DebugMode.logIfReported();
        }
    }

    /** Before {@link #destroy}, under the lock: the lender stays until {@link #endEnd}. */
    void beginEnd() {
        if (lender != null && !lender.beginReturn(this)) {
            lender = null;
        }
    }

    /** After {@link #destroy}, under the lock. */
    void endEnd() {
        if (lender != null) {
            lender.endReturn(this);
        }
    }

    /** Its memory has been given back: the parent has a child less. */
    void leave() {
        if (parent != null) {
            parent.children--;
        }
    }

    boolean isDestroyed() {
        return destroyed;
    }
}
