// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * A bar that fills on one line of a terminal. It draws on the caller's thread, between measurements: a thread of its
 * own would take time from what is measured.
 */
final class ProgressBar {
    private static final int WIDTH = 40;
    private static final long REDRAW_NANOS = 100_000_000L;
    private static final String ERASE_LINE = "\r\u001B[K";

    private final PrintWriter err;
    private final boolean enabled;
    private long drawnAt;
    private boolean visible;

    /**
     * Makes a bar.
     *
     * @param err where to draw
     * @param enabled false where nobody watches: then nothing is written at all
     */
    ProgressBar(final PrintWriter err, final boolean enabled) {
        this.err = err;
        this.enabled = enabled;
    }

    /** Shows how far a phase has come, at most ten times a second. */
    void update(final String phase, final double fraction) {
        if (!enabled) {
            return;
        }
        final long now = System.nanoTime();
        if (visible && now - drawnAt < REDRAW_NANOS) {
            return;
        }
        final double shown = Math.max(0, Math.min(1, fraction));
        final int filled = (int) Math.round(shown * WIDTH);
        err.print(ERASE_LINE + String.format(Locale.ROOT, "%-10s [%s%s] %3.0f %%", phase, "#".repeat(filled),
                " ".repeat(WIDTH - filled), 100 * shown));
        err.flush();
        drawnAt = now;
        visible = true;
    }

    /** Takes the bar away, so that a message or the result can be printed. */
    void clear() {
        if (visible) {
            err.print(ERASE_LINE);
            err.flush();
            visible = false;
        }
    }
}
