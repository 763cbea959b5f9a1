// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for what another thread or the garbage collector does, with a deadline. */
final class Await {
    private static final long SECONDS = 120;

    private Await() {
    }

    /** Collects garbage until the condition holds; fails with {@code state} when it does not in time. */
    static void collected(String what, BooleanSupplier condition, Supplier<?> state) {
        long deadline = System.nanoTime() + SECONDS * 1_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("not within " + SECONDS + " s: " + what + ", but: " + state.get());
            }
            System.gc();
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** Waits until the condition holds, without a collection; fails with {@code state} when it does not in time. */
    static void until(String what, BooleanSupplier condition, Supplier<?> state) {
        long deadline = System.nanoTime() + 3 * SECONDS * 1_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("not within " + 3 * SECONDS + " s: " + what + ", but: " + state.get());
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** Lets the collector and the reaper run once more, for tests that something does not happen again. */
    static void reaped() {
        try (MemoryPool pool = MemoryPool.builder().name("sentinel").build()) {
            dropBlockView(pool);
            collected("a sentinel's pin ends", () -> pool.stats().pinnedRegions() == 0, pool::stats);
        }
    }

    private static void dropBlockView(MemoryPool pool) {
        pool.free(pool.allocate(16));
    }
}
