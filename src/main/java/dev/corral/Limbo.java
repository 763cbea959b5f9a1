// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Failures;
import dev.corral.internal.Status;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Arenas of a pool that were dropped without close, and whose memory a view or a child may still show. The reaper frees
 * them, without the pool's lock, which guards the rest.
 */
final class Limbo {
    private final PoolState pool;
    private final RootTable roots;
    private final Set<ArenaState> arenas = new LinkedHashSet<>();
    private Thread freeing; // the one that is destroying an arena, which the pool has to wait for

    Limbo(PoolState pool, RootTable roots) {
        this.pool = pool;
        this.roots = roots;
    }

    /** Takes a dropped arena in. Under the lock. */
    void add(ArenaState state) {
        arenas.add(state);
    }

    /** Forgets all; when they end with their pool. Under the lock. */
    void clear() {
        arenas.clear();
    }

    /** Frees what can be freed, after views have become unreachable. */
    void freeAll() {
        List<ArenaState> all;
        synchronized (pool) {
            all = List.copyOf(arenas);
        }
        all.forEach(this::free);
    }

    /** Frees a dropped arena that has neither views nor children, then perhaps its parent. */
    void free(ArenaState dropped) {
        ArenaState state = dropped;
        while (state != null && take(state)) {
            try {
                state.destroyDropped();
            } finally {
                endOf(state);
            }
            state = state.parent;
        }
    }

    private boolean take(ArenaState state) {
        synchronized (pool) {
            if (state.children != 0 || !arenas.contains(state) || hasReachableViews(state)) {
                return false;
            }
            arenas.remove(state);
            state.beginEnd();
            freeing = Thread.currentThread();
            return true;
        }
    }

    private void endOf(ArenaState state) {
        synchronized (pool) {
            state.endEnd();
            state.leave();
            freeing = null;
            pool.notifyAll();
        }
    }

    /**
     * Waits until no arena is being destroyed. Under the lock, which others can have meanwhile.
     *
     * @throws IllegalStateException when called by a callback of C of such an arena
     */
    void awaitFreed(String name) {
        boolean interrupted = false;
        while (freeing != null) {
            if (freeing == Thread.currentThread()) {
                throw Failures.of(Status.RELEASING, "close: pool=" + name);
            }
            try {
                pool.wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean hasReachableViews(ArenaState state) {
        long[] stats = new long[ArenaStats.NATIVE_LONGS];
        ArenaNatives.stats(state.handle, stats);
        long chunks = ArenaStats.chunks(stats);
        for (int chunk = 0; chunks > 0; chunk++) {
            long base = ArenaNatives.chunkBase(state.handle, chunk);
            if (base != 0 && roots.mayBeReached(base)) {
                return true;
            }
            chunks -= base == 0 ? 0 : 1; // trimmed ones have left their indices
        }
        return false;
    }
}
