// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ReleaseNatives;
import java.lang.ref.PhantomReference;
import java.lang.ref.WeakReference;

/**
 * What must outlive a {@link NativeArena} that is dropped: enough to free it and to say where it came from. Linked into
 * its pool's list of open arenas, which also keeps this reference alive. Guarded by the pool's lock.
 */
final class ArenaState extends PhantomReference<Object> implements Reaper.Reapable {
    final PoolState pool;
    final long handle;
    final String name;
    final Thread owner;
    final Leaks.Site site;
    /** Where C writes down the arena's events for its observer; 0: nowhere. Nobody refers to the observer here. */
    long log;
    ArenaState previous;
    ArenaState next;
    boolean open = true;
    private final WeakReference<NativeArena> arena;

    ArenaState(NativeArena arena, PoolState pool, long handle, String name, Leaks.Site site) {
        super(arena, Reaper.queue());
        this.arena = new WeakReference<>(arena);
        this.pool = pool;
        this.handle = handle;
        this.name = name;
        this.owner = Thread.currentThread();
        this.site = site;
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

    @Override
    public void reap() {
        pool.dropped(this);
    }
}
