// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ArenaRecyclerNatives;
import dev.corral.internal.Failures;
import dev.corral.internal.Status;
import java.lang.ref.PhantomReference;
import java.nio.ByteBuffer;

/**
 * What must outlive an {@link ArenaRecycler} that is dropped, and what a borrowed arena goes back to. Guarded by the
 * monitor of its pool, under which the native recycler is used as well: so nobody meets one that is destroyed.
 */
final class RecyclerState extends PhantomReference<Object> implements Reaper.Reapable {
    final PoolState pool;
    final String name;
    final IdleArenas idle;
    long handle; // written once, under the lock
    private final boolean sharedViews;
    private final Leaks.Site site = Leaks.site();
    private int returning; // threads that are giving arenas back, without the lock
    private boolean closed;

    RecyclerState(ArenaRecycler recycler, PoolState pool, ArenaRecycler.Builder config) {
        super(recycler, Reaper.queue());
        this.pool = pool;
        this.name = config.name();
        this.sharedViews = config.sharedViews;
        this.idle = config.idleArenas(this);
        if (!tryCreate(config, false)) {
            MemoryPressure.relieve();
            tryCreate(config, true);
        }
    }

    /** False when the system has no memory, unless this is the last try. */
    private boolean tryCreate(ArenaRecycler.Builder config, boolean last) {
        synchronized (pool) {
            pool.requireOpen();
            long created = config.create(pool.handle);
            if (!Failures.isStatus(created)) {
                handle = created;
                pool.recyclers.add(this);
                return true;
            }
            if (last || !MemoryPressure.mayEase((int) -created, pool)) {
                throw Failures.of((int) -created, "create: recycler=" + name + " pool=" + pool.name + " "
                        + config.describe());
            }
            return false;
        }
    }

    /** As {@link PoolState#open}. */
    NativeArena borrow(MemoryPool owner) {
        NativeArena arena = idle.revive(owner);
        if (arena != null) {
            if (sharedViews) {
                arena.shareViews();
            }
            return arena;
        }
        arena = tryBorrow(owner, false);
        if (arena == null) {
            MemoryPressure.relieve();
            arena = tryBorrow(owner, true);
        }
        return arena;
    }

    /** Null when the system has no memory, unless this is the last try. */
    private NativeArena tryBorrow(MemoryPool owner, boolean last) {
        synchronized (pool) {
            requireOpen();
            pool.requireNotClosing(name);
            long arena = ArenaRecyclerNatives.borrow(handle);
            if (Failures.isStatus(arena)) {
                if (!last && MemoryPressure.mayEase((int) -arena, pool)) {
                    return null;
                }
                throw Failures.of((int) -arena, "borrow: recycler=" + name + " pool=" + pool.name);
            }
            boolean done = false;
            try {
                NativeArena made = new NativeArena(owner, arena, name, null); // nothing fails after this
                made.borrowFrom(this);
                idle.lookAtC();
                made.mayBeParked(idle);
                if (sharedViews) {
                    made.shareViews();
                }
                done = true;
                return made;
            } finally {
                if (!done) {
                    ArenaRecyclerNatives.giveBack(handle, arena);
                }
            }
        }
    }

    /** Before {@link #giveBack}, under the lock; false when the recycler is closed. */
    boolean beginReturn(ArenaState state) {
        idle.prepareReturn(state);
        returning += closed ? 0 : 1;
        return !closed;
    }

    /** Gives C an arena that was parked; whether it has kept it with all its chunks. Under the lock. */
    boolean giveToC(long arena) {
        if (closed) {
            ArenaNatives.destroy(arena);
            return false;
        }
        return (ArenaRecyclerNatives.giveBack(handle, arena) & ArenaRecyclerNatives.SAME_CHUNKS) != 0;
    }

    /** Whether C has no recycler any more, or will not be asked. Under the lock. */
    boolean isEnded() {
        return closed;
    }

    /** Takes an arena back; without the lock, as callbacks of C may run. The status is that of a destroy. */
    int giveBack(ArenaState state) {
        NativeArena arena = state.arena(); // null: it was dropped
        ByteBuffer[] roots = arena == null ? null : arena.validRoots();
        long next = arena == null ? 0 : arena.takeBacks() + 1;
        if (roots != null) {
            arena.leavePlaces(roots);
        }
        int result = ArenaRecyclerNatives.giveBack(handle, state.handle);
        if ((result & ArenaRecyclerNatives.SAME_CHUNKS) != 0) {
            state.leftRoots = roots;
            state.leftIn = arena == null ? null : arena.slot;
            state.leftAt = next;
        }
        return result & ~(ArenaRecyclerNatives.KEPT | ArenaRecyclerNatives.SAME_CHUNKS);
    }

    /** After it, under the lock. */
    void endReturn(ArenaState state) {
        returning--; // first, and nothing here needs memory: C has already given the arena to whoever comes next
        if (state.leftRoots != null) {
            state.leftIn.leaveRoots(state.leftRoots, state.leftAt);
        }
        idle.lookAtC();
        destroyWhenDone();
    }

    private void requireOpen() {
        pool.requireOpen();
        if (closed) {
            throw new IllegalStateException("recycler=" + name + ": the recycler is closed");
        }
    }

    RecyclerStats stats() {
        synchronized (pool) {
            requireOpen();
            settle();
            long[] values = new long[ArenaRecyclerNatives.STATS_LONGS];
            ArenaRecyclerNatives.stats(handle, values);
            return RecyclerStats.of(values);
        }
    }

    /** C has all idle arenas then, and knows of all uses. */
    void settle() {
        synchronized (pool) {
            if (!closed) {
                idle.flush();
                idle.tellAll();
            }
        }
    }

    long trim(long keepBytes) {
        synchronized (pool) {
            requireOpen();
            settle();
            long bytes = ArenaRecyclerNatives.trim(handle, keepBytes);
            idle.lookAtC();
            pool.slots.forgetStaleRoots();
            return bytes;
        }
    }

    /** C has all arenas that are idle from here on: none waits in Java for its next borrower. */
    long shareWithC() {
        synchronized (pool) {
            requireOpen();
            idle.shutForGood();
            settle();
            return handle;
        }
    }

    boolean isClosed() {
        synchronized (pool) {
            return closed;
        }
    }

    void close() {
        synchronized (pool) {
            if (!closed) {
                idle.shut();
                idle.flush();
                closed = true;
                pool.recyclers.remove(this);
                clear(); // the reference must not be enqueued any more
                destroyWhenDone();
            }
        }
    }

    /** The pool is being closed, so nobody is giving anything back. C ends the rest. */
    void endWithPool() {
        idle.shut();
        closed = true;
        clear();
    }

    private void destroyWhenDone() {
        if (closed && returning == 0) {
            ArenaRecyclerNatives.destroy(handle);
            pool.slots.forgetStaleRoots();
        }
    }

    LeakDetection.Leak describe() {
        return new LeakDetection.Leak("recycler=" + name + " pool=" + pool.name, site);
    }

    /** The recycler became unreachable without close. Borrowed arenas are their borrowers' to close. */
    @Override
    public void reap() {
        Leaks.Drop drop;
        synchronized (pool) {
            if (closed) {
                return;
            }
            drop = new Leaks.Drop("recycler=" + name + " pool=" + pool.name + " " + stats(), site);
            close();
        }
        drop.report();
    }

    /** The status of the native recycler's own check, for tests. */
    int check() {
        synchronized (pool) {
            settle();
            return closed ? Status.OK : ArenaRecyclerNatives.check(handle);
        }
    }
}
