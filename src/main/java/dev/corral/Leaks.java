// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.LeakDetection.Leak;
import dev.corral.LeakDetection.Level;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Remembers where arenas and pools are created, and reports those that are dropped without close. {@link
 * LeakDetection.Level} says which creations are remembered: at {@code SAMPLED} the first {@value #ALWAYS} of a process,
 * then every {@value #SAMPLE}th, and of those that take over what a closed arena has left every {@value #RARE}th.
 */
final class Leaks {
    private static final System.Logger LOGGER = System.getLogger("dev.corral");
    private static final int ALWAYS = 1024;
    private static final int SAMPLE = 128;
    private static final int RARE = 1024; // a power of two: a site takes as long as dozens of such creations

    private static final AtomicLong CREATED = new AtomicLong();
    private static final List<Consumer<Leak>> LISTENERS = new CopyOnWriteArrayList<>();
    private static volatile Level level = levelOf(System.getProperty("corral.leaks", "sampled"));

    /** Where something was created: its stack trace is the site. */
    static final class Site extends Throwable {
        private static final long serialVersionUID = 1L;

        private Site() {
            super("created here");
        }
    }

    /**
     * Something that was dropped.
     *
     * @param what its name and size as {@code name=value} pairs
     */
    record Drop(String what, Site site) {
        /** Call it without a lock: a log handler is a user's code. */
        void report() {
            dropped(what, site);
        }
    }

    private Leaks() {
    }

    private static Level levelOf(String name) {
        try {
            return Level.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            LOGGER.log(System.Logger.Level.WARNING, "corral.leaks=" + name
                    + ": use off, sampled or all; sampled is used");
            return Level.SAMPLED;
        }
    }

    static Level level() {
        return level;
    }

    static void level(Level newLevel) {
        level = newLevel;
    }

    /** As {@link LeakDetection#onLeak}; the same listener may subscribe more than once. */
    static LeakDetection.Subscription subscribe(Consumer<Leak> listener) {
        Consumer<Leak> own = listener::accept; // an object of its own to find it by
        LISTENERS.add(own);
        return () -> LISTENERS.remove(own);
    }

    /** The caller's site, or null when this creation is not recorded. */
    static Site site() {
        return site(false);
    }

    private static Site site(boolean chosen) {
        Level now = level;
        if (now == Level.OFF) {
            return null;
        }
        if (now == Level.SAMPLED && !chosen) {
            long created = CREATED.getAndIncrement();
            if (created >= ALWAYS && created % SAMPLE != 0) {
                return null;
            }
        }
        return new Site();
    }

    /**
     * As {@link #site}, for what has begun {@code before} times already: a count of its own, since one that all threads
     * share costs as much as a fence.
     */
    static Site siteOfRepeated(int before) {
        boolean rare = level == Level.SAMPLED && CREATED.get() >= ALWAYS;
        return rare && (before & RARE - 1) != 0 ? null : site(rare);
    }

    /** Reports something that was dropped; {@code what} is its name and size as {@code name=value} pairs. */
    static void dropped(String what, Site site) {
        tell(new Leak(what, site));
        if (level == Level.OFF) {
            return;
        }
        if (site == null) {
            level = Level.ALL;
            LOGGER.log(System.Logger.Level.WARNING, what
                    + " was dropped without close(); its memory is freed. site=none (recorded from now on)");
        } else {
            LOGGER.log(System.Logger.Level.WARNING, what + " was dropped without close(); its memory is freed. site="
                    + caller(site), site);
        }
    }

    private static void tell(Leak leak) {
        for (Consumer<Leak> listener : LISTENERS) {
            try {
                listener.accept(leak);
            } catch (RuntimeException | Error e) {
                LOGGER.log(System.Logger.Level.ERROR, "a listener for leaks has failed", e);
            }
        }
    }

    /** Reports that the reaper could not finish one reference. */
    static void reaperFailed(Throwable cause) {
        LOGGER.log(System.Logger.Level.ERROR, "memory of a dropped arena or view could not be released", cause);
    }

    /** The first frame outside the library. */
    private static String caller(Site site) {
        StackTraceElement[] frames = site.getStackTrace();
        for (StackTraceElement frame : frames) {
            String outer = frame.getClassName().split("\\$", 2)[0]; // the builders are nested
            if (!outer.equals(ArenaRecycler.class.getName()) && !outer.equals(RecyclerState.class.getName())
                    && !outer.equals(NativeArena.class.getName()) && !outer.equals(MemoryPool.class.getName())
                    && !outer.equals(SlotPool.class.getName())
                    && !outer.equals(Leaks.class.getName()) && !outer.equals(PoolState.class.getName())
                    && !outer.equals(ArenaLives.class.getName()) && !outer.equals(ArenaState.class.getName())
                    && !outer.equals(ParkedArenas.class.getName())) {
                return frame.toString();
            }
        }
        return "unknown";
    }
}
