// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The open recyclers of a pool. Guarded by the pool's lock. */
final class OpenRecyclers {
    private final Set<RecyclerState> recyclers = new HashSet<>(); // also keeps the references themselves alive

    void add(RecyclerState state) {
        recyclers.add(state);
    }

    void remove(RecyclerState state) {
        recyclers.remove(state);
    }

    /** For a report of what is open. */
    void addAll(Map<Object, LeakDetection.Leak> into) {
        recyclers.forEach(state -> into.put(state, state.describe()));
    }

    /** Destroys all idle arenas: their memory is needed. */
    void giveUpIdle() {
        recyclers.forEach(state -> state.trim(0));
    }

    /** Nobody borrows without the lock, and C has all idle arenas. */
    void shut() {
        recyclers.forEach(state -> {
            state.idle.shut();
            state.idle.flush();
        });
    }

    /** After {@link #shut}, when the pool is not closed after all. */
    void open() {
        recyclers.forEach(state -> state.idle.open());
    }

    /** As {@link ParkedArenas#hasTaker}. */
    boolean hasTaker() {
        return recyclers.stream().anyMatch(state -> state.idle.hasTaker());
    }

    /** They end with their pool. */
    void endAll() {
        recyclers.forEach(RecyclerState::endWithPool);
        recyclers.clear();
    }
}
