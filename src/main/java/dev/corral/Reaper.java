// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;

/**
 * Finishes what the garbage collector found: unpins memory that no view reaches any more, and frees and reports what
 * was dropped without close; and frees the stacks of threads that have ended. One daemon thread for the whole library,
 * started with the first pool; it only waits on a queue, and while there are stacks of threads wakes up now and then.
 */
final class Reaper {
    /** Work to do once the referent is unreachable. Runs on the reaper's thread. */
    interface Reapable {
        void reap();
    }

    private static final ReferenceQueue<Object> QUEUE = new ReferenceQueue<>();

    /** Two steps per reference, one before and one after: odd while one is reaped. Written by the reaper only. */
    private static volatile long progress;

    private Reaper() {
    }

    static {
        Thread thread = new Thread(null, Reaper::run, "corral-reaper", 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null); // must not keep an application's class loader alive
        thread.start();
    }

    /** The queue that every {@link Reapable} reference registers with. */
    static ReferenceQueue<Object> queue() {
        return QUEUE;
    }

    /** Whether no reference is being reaped. */
    static boolean isIdle() {
        return progress % 2 == 0;
    }

    private static void reap(Reapable reference) {
        progress++;
        try {
            reference.reap();
        } finally {
            progress++;
        }
    }

    private static void run() {
        while (true) {
            try {
                Reference<?> reference = QUEUE.remove(ThreadStacks.pauseOfReaper());
                if (reference != null) {
                    reap((Reapable) reference);
                }
                ThreadStacks.lookIfDue();
            } catch (InterruptedException e) {
                // Nobody owns this thread, so an interrupt has no meaning here: go on waiting.
            } catch (RuntimeException | Error e) {
                report(e); // one bad reference must not end the thread for all others
            }
        }
    }

    private static void report(Throwable cause) {
        try {
            Leaks.reaperFailed(cause);
        } catch (RuntimeException | Error e) {
            // The application's own log handler fails, or there is no memory to log: nothing is left to tell it with.
            Thread.yield();
        }
    }
}
