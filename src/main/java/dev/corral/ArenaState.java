// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ObserverNatives;
import dev.corral.internal.ReleaseNatives;
import dev.corral.internal.Status;
import java.lang.ref.PhantomReference;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;

/**
 * What must outlive a {@link NativeArena} that is dropped: enough to free it and to say where it came from. Linked into
 * its pool's list of open arenas, which also keeps this reference alive. Guarded by the pool's lock.
 */
final class ArenaState extends PhantomReference<Object> implements Reaper.Reapable {
    final PoolState pool;
    final long handle;
    final String name;
    final Leaks.Site site;
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
    private boolean destroyed;
    private final WeakReference<NativeArena> arena;

    ArenaState(NativeArena arena, PoolState pool, long handle, String name, Leaks.Site site,
            ArenaState parent) {
        super(arena, Reaper.queue());
        this.arena = new WeakReference<>(arena);
        this.pool = pool;
        this.handle = handle;
        this.name = name;
        this.owner = Thread.currentThread();
        this.site = site;
        this.parent = parent;
    }

    /** The arena, or null when it was dropped. */
    NativeArena arena() {
        return arena.get();
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
        int status = lender == null ? ArenaNatives.destroy(handle) : lender.giveBack(this);
        destroyed = status != Status.RELEASING && status != Status.OBSERVING;
        return status == Status.INVALID_ARENA ? Status.OK : status;
    }

    /** The same after it was dropped: nobody is there who could be told by an exception, or observe it. */
    void destroyDropped() {
        if (destroy() == Status.DAMAGED) {
            DebugMode.logIfReported();
        }
        ObserverNatives.close(pool.handle, log);
        log = 0;
    }

    /** Before {@link #destroy}, under the lock: the lender stays until {@link #endEnd}. */
    void beginEnd() {
        if (lender != null && !lender.beginReturn()) {
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

    @Override
    public void reap() {
        pool.dropped(this);
    }
}
