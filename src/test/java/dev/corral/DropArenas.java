// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.concurrent.locks.LockSupport;

/** Main class of a child: creates and closes arguments[0] arenas, then drops as many as there are further names. */
final class DropArenas {
    private DropArenas() {
    }

    public static void main(String[] args) {
        MemoryPool pool = MemoryPool.create();
        for (int i = 0; i < Integer.parseInt(args[0]); i++) {
            NativeArena.builder().pool(pool).name("closed").build().close(); // nobody takes over what it leaves
        }
        for (int i = 1; i < args.length; i++) {
            drop(pool, args[i]);
            awaitDropped(pool, i);
        }
        System.out.println("droppedArenas=" + pool.stats().droppedArenas() + " inUse=" + pool.stats().inUse());
    }

    private static void drop(MemoryPool pool, String name) {
        NativeArena.builder().pool(pool).name(name).build().allocate(100);
    }

    private static void awaitDropped(MemoryPool pool, int count) {
        long deadline = System.nanoTime() + 120_000_000_000L;
        while (pool.stats().droppedArenas() < count || pool.stats().inUse() > 0) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not freed: " + pool.stats());
            }
            System.gc();
            LockSupport.parkNanos(2_000_000);
        }
        try (MemoryPool sentinel = MemoryPool.create()) { // the report follows the count; let it be written
            sentinel.free(sentinel.allocate(1));
            while (sentinel.stats().pinnedRegions() != 0 && System.nanoTime() < deadline) {
                System.gc();
                LockSupport.parkNanos(2_000_000);
            }
        }
    }
}
