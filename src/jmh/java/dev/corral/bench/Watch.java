// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

/**
 * Ends the processes that this one has started when they take too long. JMH waits for a JVM as long as that lives; it
 * takes the end of one for a failure of its benchmark, and goes on with the next.
 */
final class Watch implements AutoCloseable {
    private static final double NANOS = 1e9;
    private static final long PERIOD = 500;

    private final Thread thread = new Thread(this::watch, "watch of benchmarks");
    private long deadline = Long.MAX_VALUE;
    private boolean ended;
    private boolean closed;

    Watch() {
        thread.setDaemon(true);
        thread.start();
    }

    /** A process starts now, and has so many seconds. */
    synchronized void start(double seconds) {
        deadline = System.nanoTime() + (long) (seconds * NANOS);
    }

    /** Nothing is to be watched until the next start. */
    synchronized void stop() {
        deadline = Long.MAX_VALUE;
    }

    /** Whether a process was ended since this was last asked. */
    synchronized boolean hasEnded() {
        boolean has = ended;
        ended = false;
        return has;
    }

    private synchronized void watch() {
        try {
            while (!closed) {
                if (deadline != Long.MAX_VALUE && System.nanoTime() - deadline > 0) {
                    deadline = Long.MAX_VALUE;
                    ended = true;
                    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
                }
                wait(PERIOD);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does that
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
