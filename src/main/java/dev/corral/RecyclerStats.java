// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/**
 * What a recycler has done when {@link ArenaRecycler#stats()} was called. Always {@code borrowed == hits + misses -
 * returned} and {@code kept == returned - dropped - trimmed - hits}.
 *
 * @param hits      borrows served by an idle arena
 * @param misses    borrows for which an arena was created
 * @param returned  arenas given back so far, dropped ones included
 * @param dropped   of them: not kept, because they were too large, too many or damaged
 * @param outgrown  of the dropped ones: larger than recent uses justify
 * @param trimmed   idle arenas that {@link ArenaRecycler#trim} has given up
 * @param borrowed  arenas that are out now
 * @param kept      idle arenas now
 * @param keptBytes bytes of their chunks
 * @param typical   bytes that the configured percentile of recent uses needed at most, rounded up by at most a quarter
 */
public record RecyclerStats(long hits, long misses, long returned, long dropped, long outgrown, long trimmed,
                            long borrowed, long kept, long keptBytes, long typical) {
    /** Where C's numbers are. */
    static final int KEPT = 7;
    static final int KEPT_BYTES = 8;

    static RecyclerStats of(long[] v) {
        return new RecyclerStats(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]);
    }

    /** All values in one line. */
    @Override
    public String toString() {
        return "hits=" + hits + " misses=" + misses + " returned=" + returned + " dropped=" + dropped + " outgrown="
                + outgrown + " trimmed=" + trimmed + " borrowed=" + borrowed + " kept=" + kept + " keptBytes="
                + keptBytes + " typical=" + typical;
    }
}
