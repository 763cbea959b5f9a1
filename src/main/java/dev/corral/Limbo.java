// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Arenas of a pool that were dropped without close, and whose memory a view or a child may still show. Guarded by the
 * pool's monitor.
 */
final class Limbo {
    private final RootTable roots;
    private final Set<ArenaState> arenas = new LinkedHashSet<>();

    Limbo(RootTable roots) {
        this.roots = roots;
    }

    /** Takes a dropped arena in, and frees it if that can be done now. */
    void add(ArenaState state) {
        arenas.add(state);
        freeUpwards(state);
    }

    /** After views have become unreachable. */
    void freeUnreachable() {
        if (!arenas.isEmpty()) {
            List.copyOf(arenas).forEach(this::freeUpwards);
        }
    }

    void clear() {
        arenas.clear();
    }

    /** Frees a dropped arena that has neither views nor children, then perhaps its parent. */
    private void freeUpwards(ArenaState dropped) {
        ArenaState state = dropped;
        while (state != null && state.children == 0 && arenas.contains(state) && !hasReachableViews(state)) {
            arenas.remove(state);
            state.destroyDropped();
            state = state.parent;
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
