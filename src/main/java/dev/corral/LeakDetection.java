// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What is dropped without close is freed, and reported once to the logger {@code dev.corral} and to listeners. Every
 * method may be called by any thread.
 *
 * {@snippet :
 * LeakDetection.level(LeakDetection.Level.ALL);
 * try (LeakDetection.Subscription subscription = LeakDetection.onLeak(leak -> alert(leak.what(), leak.site()))) {
 *     serve();
 * }
 * }
 */
public final class LeakDetection {
    /** Which creations record their place. */
    public enum Level {
        /** None, and nothing is reported. Dropped memory is freed all the same. */
        OFF,
        /**
         * The first 1,024 of a process, then every 128th, and of those that take over what a closed arena has left
         * every 1,024th; once something without a recorded place was dropped, every one. The default.
         */
        SAMPLED,
        /** Every one, at about a microsecond each. */
        ALL
    }

    /**
     * An arena, pool or block.
     *
     * @param what its name and size as {@code name=value} pairs
     * @param site its stack trace is where it was created; null when that was not recorded
     */
    public record Leak(String what, Throwable site) {
    }

    /** Ends what a listener is told. */
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /** What is open at one time. */
    public static final class Snapshot {
        private final Map<Object, Leak> open = KnownPools.everythingOpen();

        private Snapshot() {
        }

        /**
         * Arenas, pools and blocks of pools that were created since and are open now, whoever created them. The shared
         * pool is not one of them, what it handed out is.
         */
        public List<Leak> openedSince() {
            Map<Object, Leak> now = new IdentityHashMap<>(KnownPools.everythingOpen());
            now.keySet().removeAll(open.keySet());
            return new ArrayList<>(now.values());
        }
    }

    private LeakDetection() {
    }

    /** The level; {@code -Dcorral.leaks=off|sampled|all} sets the first one. */
    public static Level level() {
        return Leaks.level();
    }

    /** Changes the level for everything that is created from now on. */
    public static void level(Level level) {
        Leaks.level(Objects.requireNonNull(level, "level"));
    }

    /**
     * Tells a listener of everything that is dropped from now on, on the library's own thread or on that of a pool's
     * close. What it throws is logged. Unlike the log it is told at level {@code OFF}, too.
     */
    public static Subscription onLeak(Consumer<Leak> listener) {
        return Leaks.subscribe(Objects.requireNonNull(listener, "listener"));
    }

    /** What is open now, for a test that wants to know what it leaves behind. Cost: O(open arenas and blocks). */
    public static Snapshot snapshot() {
        return new Snapshot();
    }
}
