// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.lang.ref.WeakReference;

/**
 * What must outlive a {@link NativeArena} that is dropped: enough to free it and to say where it came from. Linked into
 * its pool's list of open arenas, which also keeps this reference alive. Guarded by the pool's lock.
 */
final class ArenaState extends WeakReference<Object> implements Reaper.Reapable {
    final PoolState pool;
    final long handle;
    final String name;
    final Thread owner;
    final Leaks.Site site;
    ArenaState previous;
    ArenaState next;
    boolean open = true;

    ArenaState(NativeArena arena, PoolState pool, long handle, String name, Leaks.Site site) {
        super(arena, Reaper.queue());
        this.pool = pool;
        this.handle = handle;
        this.name = name;
        this.owner = Thread.currentThread();
        this.site = site;
    }

    NativeArena arena() {
        return (NativeArena) get();
    }

    @Override
    public void reap() {
        pool.dropped(this);
    }
}
