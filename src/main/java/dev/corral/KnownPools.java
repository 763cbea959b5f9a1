// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The pools that are open or have pinned memory: nobody else may keep these references alive. */
final class KnownPools {
    private static final Set<PoolState> POOLS = new HashSet<>(); // guarded by itself

    private KnownPools() {
    }

    static void add(PoolState pool) {
        synchronized (POOLS) {
            POOLS.add(pool);
        }
    }

    static void remove(PoolState pool) {
        synchronized (POOLS) {
            POOLS.remove(pool);
        }
    }

    private static List<PoolState> all() {
        synchronized (POOLS) {
            return new ArrayList<>(POOLS);
        }
    }

    /** Open pools but the shared one, open arenas and blocks, by objects that stand for them. */
    static Map<Object, LeakDetection.Leak> everythingOpen() {
        Map<Object, LeakDetection.Leak> open = new IdentityHashMap<>();
        all().forEach(pool -> pool.addEverythingOpen(open));
        return open;
    }

    /** As {@link PoolState#awaitsReaper} of any. */
    static boolean awaitReaper() {
        return all().stream().anyMatch(PoolState::awaitsReaper);
    }

    /** As {@link Corral#retainedBytes()}. */
    static long retainedBytes() {
        return all().stream().mapToLong(PoolState::retainedBytes).sum();
    }
}
