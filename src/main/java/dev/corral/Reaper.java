// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;

/**
 * Finishes what the garbage collector found: unpins memory that no view reaches any more, and frees and reports what
 * was dropped without close. One daemon thread for the whole library, started with the first pool; it only waits on a
 * queue.
 */
final class Reaper {
    /** Work to do once the referent is unreachable. Runs on the reaper's thread. */
    interface Reapable {
        void reap();
    }

    private static final ReferenceQueue<Object> QUEUE = new ReferenceQueue<>();

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

    private static void run() {
        while (true) {
            try {
                Reference<?> reference = QUEUE.remove();
                ((Reapable) reference).reap();
            } catch (InterruptedException e) {
                // Nobody owns this thread, so an interrupt has no meaning here: go on waiting.
            } catch (RuntimeException | Error e) {
                Leaks.reaperFailed(e); // one bad reference must not end the thread for all others
            }
        }
    }
}
