// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.Status;
import java.lang.ref.WeakReference;

/**
 * What can be done when the operating system has no memory: views that nobody reaches any more keep memory reserved
 * until the garbage collector finds them, and it does not know of that memory. So it is asked to look, once per
 * request, before the request is refused.
 */
final class MemoryPressure {
    private static final long PATIENCE = 5_000_000_000L; // nanoseconds; java.nio waits for half a second
    private static final long LONGEST_PAUSE = 64; // milliseconds
    private static final Object ONE_AT_A_TIME = new Object();

    private static volatile long reliefs; // written under ONE_AT_A_TIME

    /** Found by the collection at the latest that finds everything dropped before it was created. */
    private static final class Sentinel extends WeakReference<Object> implements Reaper.Reapable {
        private volatile boolean reaped;

        Sentinel() {
            super(new Object(), Reaper.queue());
        }

        @Override
        public void reap() {
            reaped = true;
        }
    }

    private MemoryPressure() {
    }

    /**
     * Whether a request that was refused with this status may be served after {@link #relieve}: what quarantine holds
     * counts against the limit as well. Gives up what is only kept to be quick.
     */
    static boolean mayEase(int status, PoolState pool) {
        if (status == Status.NO_MEMORY) {
            ThreadStacks.freeEnded();
            pool.giveUpParked();
        }
        return status == Status.NO_MEMORY || status == Status.LIMIT_REACHED && pool.quarantine;
    }

    /**
     * Collects garbage and waits until the reaper has finished what was found; for five seconds at most after the
     * collection, and only while there is something to finish. Call it without the monitor of a pool: the reaper needs
     * it.
     */
    static void relieve() {
        long before = reliefs;
        synchronized (ONE_AT_A_TIME) {
            if (reliefs - before > 1) {
                return; // another thread's relief has begun and ended since this call
            }
            Sentinel sentinel = new Sentinel();
            System.gc();
            await(sentinel);
            reliefs++;
        }
    }

    /**
     * References reach the reaper's queue in any order, and the JVM's own thread that puts them there also runs the
     * cleaners of direct buffers: an empty queue after the sentinel does not mean that nothing is left. So those are
     * asked that the collector has cleared.
     */
    private static void await(Sentinel sentinel) {
        long start = System.nanoTime();
        for (long pause = 1; System.nanoTime() - start < PATIENCE; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
            if (sentinel.reaped && !KnownPools.awaitReaper() && !MappedMemory.awaitsReaper() // in this order
                    && Reaper.isIdle()) {
                return;
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the caller did not ask to wait: it gets its answer now
                return;
            }
        }
    }
}
