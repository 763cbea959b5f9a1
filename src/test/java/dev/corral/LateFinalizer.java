// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;

/** A program: a finalizer uses a view, and another one an arena, long after everything became unreachable. */
final class LateFinalizer {
    private static final CountDownLatch FINALIZED = new CountDownLatch(1);

    private final ByteBuffer view;
    private final NativeArena dropped;

    private LateFinalizer(ByteBuffer view, NativeArena dropped) {
        this.view = view;
        this.dropped = dropped;
    }

    @Override
    @SuppressWarnings({"deprecation", "removal"})
    protected void finalize() throws InterruptedException {
        Thread.sleep(500); // time for a reaper that is too eager
        view.putInt(0, view.getInt(0) + 1);
        if (!dropped.isClosed()) {
            dropped.toString();
        }
        FINALIZED.countDown();
    }

    private static void drop() {
        MemoryPool pool = MemoryPool.builder().retain(0).build();
        NativeArena arena = NativeArena.builder().pool(pool).sharedViews(true).build(); // a finalizer's thread
        new LateFinalizer(arena.allocate(1 << 20), NativeArena.create());
        arena.close();
        pool.close();
    }

    public static void main(String[] args) throws InterruptedException {
        drop();
        while (FINALIZED.getCount() != 0) {
            System.gc();
            Thread.sleep(20);
        }
        System.out.println("done");
    }
}
