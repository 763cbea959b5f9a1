// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/**
 * Watches the JIT compilers. As long as they work, the code that is measured is not what it is going to be; on a busy
 * machine that takes longer than any fixed warm-up.
 */
final class JitWatch {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long QUIET_MILLIS = 30;

    private final CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    private long windowStart = System.nanoTime();
    private long workAtStart = work();
    private boolean quiet;

    JitWatch() {
    }

    /** Whether the compilers had next to nothing to do in the last full second. */
    boolean isQuiet() {
        final long now = System.nanoTime();
        if (now - windowStart >= WINDOW_NANOS) {
            final long work = work();
            quiet = work - workAtStart <= QUIET_MILLIS;
            windowStart = now;
            workAtStart = work;
        }
        return quiet;
    }

    private long work() {
        return compiler != null && compiler.isCompilationTimeMonitoringSupported()
                ? compiler.getTotalCompilationTime() : 0;
    }
}
