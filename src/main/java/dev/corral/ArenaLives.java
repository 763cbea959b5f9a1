// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ConfigFields;
import dev.corral.internal.Failures;
import dev.corral.internal.ObserverNatives;
import dev.corral.internal.Status;

/**
 * How the arenas of a pool begin and end: created, closed, dropped. Guarded by the pool's monitor; no callback of C
 * runs under it.
 */
final class ArenaLives {
    final OpenArenas open;
    final ParkedArenas parked;
    private final PoolState pool;
    private final Limbo limbo;
    private long droppedCount;

    ArenaLives(PoolState pool, OpenArenas open, Limbo limbo) {
        this.pool = pool;
        this.open = open;
        this.limbo = limbo;
        this.parked = new ParkedArenas(pool, pool.parking);
    }

    // --- created

    /** Creates an arena. */
    NativeArena create(MemoryPool owner, NativeArena.Builder config) {
        NativeArena arena = config.isPlain() ? parked.revive(owner) : null;
        if (arena != null) {
            return arena;
        }
        arena = tryCreate(owner, config, false);
        if (arena == null) {
            MemoryPressure.relieve();
            arena = tryCreate(owner, config, true);
        }
        ArenaEvents.tellFirst(arena);
        return arena;
    }

    /** One step under the lock, so that nobody destroys the pool between its parts; null as {@link PoolBlocks}. */
    private NativeArena tryCreate(MemoryPool owner, NativeArena.Builder config, boolean last) {
        synchronized (pool) {
            pool.requireOpen();
            pool.requireNotClosing(config.name());
            long log = config.observer == null ? 0 : ObserverNatives.open(pool.handle);
            long[] fields = config.fields();
            fields[ConfigFields.EVENT_LOG] = log;
            NativeArena made = null;
            long arena = -Status.NO_MEMORY;
            try {
                if (config.observer == null || log != 0) {
                    arena = ArenaNatives.create(pool.handle, fields, PoolState.utf8(config.name()));
                }
                if (!Failures.isStatus(arena)) {
                    made = wrap(owner, config, arena, log);
                }
            } finally { // one that is registered is found when it is dropped, as nobody has it
                if (made == null && (open.first == null || open.first.handle != arena)) {
                    undo(arena, log);
                }
            }
            if (made == null && (last || !MemoryPressure.mayEase((int) -arena, pool))) {
                throw Failures.of((int) -arena, "create: arena=" + config.name() + " pool=" + pool.name + " "
                        + config.describe());
            }
            return made;
        }
    }

    private void undo(long arena, long log) {
        if (arena > 0) {
            ArenaNatives.destroy(arena);
        }
        ObserverNatives.close(pool.handle, log);
    }

    private NativeArena wrap(MemoryPool owner, NativeArena.Builder config, long arena, long log) {
        ArenaEvents events = log == 0 ? null : new ArenaEvents(config.observer, log);
        NativeArena made = new NativeArena(owner, arena, config.name(), config.parent); // no heap is needed after this
        if (config.sharedViews || config.parent != null && config.parent.viewSafety() == ViewSafety.RETAINED) {
            made.shareViews();
        }
        made.observeWith(events);
        if (pool.parking && config.isPlain()) {
            made.mayBeParked(parked);
        }
        return made;
    }

    /** Adds an arena to the open ones; the last step of building it. */
    ArenaState register(NativeArena arena, ArenaState parent) {
        synchronized (pool) {
            ArenaState state = new ArenaState(arena, pool, parent);
            state.beginUse(arena);
            open.add(state);
            if (parent != null) {
                parent.children++;
            }
            return state;
        }
    }

    /** Makes the calling thread the owner of a family whose owner has ended; the first one that asks. */
    void adoptFamily(NativeArena member) {
        synchronized (pool) {
            if (member.hasEndedOwner()) {
                member.adoptFamily();
            }
        }
    }

    // --- closed

    /**
     * Destroys an arena, once. The status is {@code OK}, {@code DAMAGED}, or why that is refused now: then nothing
     * happened. Without the lock: as long as the arena of a live thread is open, nobody destroys the pool.
     */
    int close(ArenaState state, ArenaEvents events) {
        synchronized (pool) {
            if (pool.isClosed() || !state.open) {
                return Status.OK;
            }
            state.beginEnd();
        }
        int status = state.destroy();
        synchronized (pool) {
            state.endEnd(); // needs no memory
            if (state.isDestroyed()) {
                state.leave();
                open.remove(state);
                state.endUse();
                if (events != null) {
                    events.end(pool.handle);
                }
            }
        }
        return status;
    }

    /** A parked arena has been destroyed. Under the lock. */
    void remove(ArenaState state) {
        open.remove(state);
    }

    // --- dropped

    /**
     * An arena became unreachable without close: free it once no view of its chunks is left, and report it. A family is
     * dropped together, but comes here in any order: only the one on top is reported, and it is freed last.
     */
    void dropped(ArenaState state, ArenaUse use) {
        Leaks.Drop drop;
        synchronized (pool) {
            if (pool.isClosed() || !state.isUse(use) || !open.remove(state)) {
                return;
            }
            limbo.add(state); // first: the rest may run out of heap
            drop = state.parent == null && !state.ofThread ? describe(state) : null;
        }
        limbo.free(state);
        if (drop != null) {
            drop.report();
        }
    }

    private Leaks.Drop describe(ArenaState state) {
        droppedCount++;
        return state.describe();
    }

    /** Under the lock. */
    long droppedCount() {
        return droppedCount;
    }
}
