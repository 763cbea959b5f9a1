// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Remembers where arenas and pools are created, and reports those that are dropped without close, through the logger
 * {@code dev.corral}. {@code -Dcorral.leaks} chooses the level:
 * <ul>
 *   <li>{@code off}: dropped memory is freed, nothing is reported;</li>
 *   <li>{@code sampled} (default): the first {@value #ALWAYS} creations of a process record their site, then every
 *       {@value #SAMPLE}th does; once something without a recorded site was dropped, every creation does;</li>
 *   <li>{@code all}: every creation records its site, at about a microsecond each.</li>
 * </ul>
 */
final class Leaks {
    private static final System.Logger LOGGER = System.getLogger("dev.corral");
    private static final int ALWAYS = 1024;
    private static final int SAMPLE = 128;

    private static final AtomicLong CREATED = new AtomicLong();
    private static volatile Level level = Level.of(System.getProperty("corral.leaks", "sampled"));

    private enum Level {
        OFF, SAMPLED, ALL;

        static Level of(String name) {
            try {
                return valueOf(name.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                LOGGER.log(System.Logger.Level.WARNING, "corral.leaks=" + name
                        + ": use off, sampled or all; sampled is used");
                return SAMPLED;
            }
        }
    }

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

    /** The caller's site, or null when this creation is not recorded. */
    static Site site() {
        Level now = level;
        if (now == Level.OFF) {
            return null;
        }
        if (now == Level.SAMPLED) {
            long created = CREATED.getAndIncrement();
            if (created >= ALWAYS && created % SAMPLE != 0) {
                return null;
            }
        }
        return new Site();
    }

    /** Reports something that was dropped; {@code what} is its name and size as {@code name=value} pairs. */
    static void dropped(String what, Site site) {
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

    /** Reports that the reaper could not finish one reference. */
    static void reaperFailed(Throwable cause) {
        LOGGER.log(System.Logger.Level.ERROR, "memory of a dropped arena or view could not be released", cause);
    }

    /** The first frame outside the library. */
    private static String caller(Site site) {
        StackTraceElement[] frames = site.getStackTrace();
        for (StackTraceElement frame : frames) {
            String outer = frame.getClassName().split("\\$", 2)[0]; // the builders are nested
            if (!outer.equals(NativeArena.class.getName()) && !outer.equals(MemoryPool.class.getName())
                    && !outer.equals(Leaks.class.getName()) && !outer.equals(PoolState.class.getName())) {
                return frame.toString();
            }
        }
        return "unknown";
    }
}
