// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.ArenaRecycler;
import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** What several threads share while each makes its own random calls: pools, blocks, views and arenas of others. */
final class Crowd {
    private static final int THREADS = 4;
    private static final int SHOWN = 8;

    final List<MemoryPool> pools;
    final Queue<BlocksModel.Held> blocks = new ConcurrentLinkedQueue<>();
    final boolean shared;
    private final AtomicReferenceArray<ByteBuffer> views = new AtomicReferenceArray<>(SHOWN);
    private final AtomicReferenceArray<NativeArena> arenas = new AtomicReferenceArray<>(SHOWN);
    private final MemoryPool quarantine;
    private final ArenaRecycler recycler;

    private Crowd(boolean shared) {
        this.shared = shared;
        this.quarantine = shared ? MemoryPool.builder().name("quarantine").quarantine(true).build() : null;
        this.pools = shared ? List.of(quarantine, MemoryPool.builder().name("small").retain(0).build(),
                MemoryPool.builder().name("limited").limit(4 << 20).decay(Duration.ofMillis(1)).build(),
                MemoryPool.create()) : List.of();
        this.recycler = shared ? ArenaRecycler.create(pools.get(3)) : null;
    }

    /** That all threads borrow from; null: there is none. */
    ArenaRecycler recycler() {
        return recycler;
    }

    /** Of one thread, which has nothing to share. */
    static Crowd none() {
        return new Crowd(false);
    }

    /** Several threads with seeds of their own; fails with the first failure of any. */
    static void run(long seed) throws InterruptedException {
        Crowd crowd = new Crowd(true);
        Throwable[] failures = new Throwable[THREADS];
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int member = i;
            Thread thread = new Thread(() -> {
                try {
                    Misuse.run(seed * THREADS + member, crowd, seed % 3 == 0);
                } catch (Throwable e) { // to be thrown by the caller's thread
                    failures[member] = e;
                }
            }, "crowd-" + i);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        for (Throwable failure : failures) {
            if (failure != null) {
                throw new AssertionError("crowd=" + seed, failure);
            }
        }
        crowd.pools.forEach(MemoryPool::close);
    }

    boolean isQuarantine(MemoryPool pool) {
        return pool == quarantine;
    }

    /** Shows an arena and a view to the others. */
    void show(Random random, NativeArena arena, ByteBuffer view) {
        arenas.set(random.nextInt(SHOWN), arena);
        views.set(random.nextInt(SHOWN), view);
    }

    /** Uses what somebody has shown, who may be ending it at this moment. */
    void intrude(Random random, boolean writesWhereItMayNot) {
        ByteBuffer view = views.get(random.nextInt(SHOWN));
        if (view != null && view.capacity() != 0) {
            int at = random.nextInt(view.capacity());
            Misuse.tolerateRefusal(() -> view.get(at));
            if (writesWhereItMayNot) {
                Misuse.tolerateRefusal(() -> view.put(at, (byte) at));
            }
        }
        NativeArena arena = arenas.get(random.nextInt(SHOWN));
        if (arena != null && !arena.isOwnedByCurrentThread()) {
            arena.toString();
            Misuse.expectRefusal(() -> arena.allocate(8), "another thread's allocate");
            Misuse.expectRefusal(() -> arena.getInt(1, 0), "another thread's getInt");
            Misuse.expectRefusal(arena::stats, "another thread's stats");
            Misuse.expectRefusal(() -> arena.onRelease(() -> { }), "another thread's release action");
        }
    }
}
