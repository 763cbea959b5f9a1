// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Failures;
import dev.corral.internal.Status;

/**
 * Arenas of a pool that were dropped without close, and whose memory a view or a child may still show. The reaper frees
 * them, without the pool's lock, which guards the rest. Linked by their own fields and counted in an array that is
 * there already: the heap may be full, and then nothing may get lost half way.
 */
final class Limbo {
    private final PoolState pool;
    private final RootTable roots;
    private final long[] stats = new long[ArenaStats.NATIVE_LONGS];
    private ArenaState first;
    private Thread freeing; // the one that is destroying an arena, which the pool has to wait for

    Limbo(PoolState pool, RootTable roots) {
        this.pool = pool;
        this.roots = roots;
    }

    /** Takes a dropped arena in. Under the lock. */
    void add(ArenaState state) {
        state.inLimbo = true;
        state.next = first;
        if (first != null) {
            first.previous = state;
        }
        first = state;
    }

    /** Forgets all; when they end with their pool. Under the lock. */
    void clear() {
        while (first != null) {
            remove(first);
        }
    }

    private void remove(ArenaState state) {
        state.inLimbo = false;
        if (state.previous == null) {
            first = state.next;
        } else {
            state.previous.next = state.next;
        }
        if (state.next != null) {
            state.next.previous = state.previous;
        }
        state.next = null;
        state.previous = null;
    }

    /** Frees what can be freed, after views have become unreachable. By the reaper, as {@link #free}. */
    void freeAll() {
        for (ArenaState state = takeAny(); state != null; state = takeAny()) {
            destroy(state);
        }
    }

    /** Frees a dropped arena that has neither views nor children, then perhaps its parent. */
    void free(ArenaState dropped) {
        for (ArenaState state = dropped; state != null && take(state); state = state.parent) {
            destroy(state);
        }
    }

    private void destroy(ArenaState state) {
        try {
            state.destroyDropped();
        } finally {
            endOf(state);
        }
    }

    private boolean take(ArenaState state) {
        synchronized (pool) {
            return canBeFreed(state) && begin(state);
        }
    }

    private ArenaState takeAny() {
        synchronized (pool) {
            ArenaState state = first;
            while (state != null && !canBeFreed(state)) {
                state = state.next;
            }
            return state != null && begin(state) ? state : null;
        }
    }

    private boolean canBeFreed(ArenaState state) {
        return state.children == 0 && state.inLimbo && !hasReachableViews(state);
    }

    private boolean begin(ArenaState state) {
        remove(state);
        state.beginEnd();
        freeing = Thread.currentThread();
        return true;
    }

    /** What has to happen comes first: the last step may run out of heap. */
    private void endOf(ArenaState state) {
        synchronized (pool) {
            freeing = null;
            pool.notifyAll();
            state.leave();
            state.endEnd();
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
