// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Many threads on one pool, and what races against close. */
@NoNativeLeaks
class ThreadsTest {
    private static final int THREADS = 8;

    @Test
    void eightThreadsWithArenasOfOnePoolDoNotDisturbEachOther() throws Exception {
        try (MemoryPool pool = MemoryPool.create()) {
            Crew.run(THREADS, member -> {
                Random random = new Random(member);
                for (int round = 0; round < 30; round++) {
                    try (NativeArena arena = NativeArena.create(pool)) {
                        verifyBlocks(arena, random, member * 1000 + round);
                        arena.reset();
                        verifyBlocks(arena, random, member * 1000 + round + 500);
                        Blocks.assertSound(arena);
                    }
                }
            });
            assertEquals(0, pool.stats().openArenas());
            Blocks.assertSound(pool);
        }
    }

    /** Fills many blocks, then looks whether each still has its own bytes. */
    private static void verifyBlocks(NativeArena arena, Random random, int seed) {
        List<ByteBuffer> views = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            ByteBuffer view = arena.allocate(random.nextInt(random.nextInt(10) == 0 ? 9_000 : 200));
            Blocks.fill(view, seed + i);
            views.add(view);
        }
        for (int i = 0; i < views.size(); i++) {
            Blocks.assertFilled(views.get(i), seed + i);
        }
    }

    @Test
    void blocksTravelBetweenThreads() throws Exception {
        BlockingQueue<ByteBuffer> queue = new LinkedBlockingQueue<>();
        int each = 500;
        try (MemoryPool pool = MemoryPool.create()) {
            Crew.run(THREADS, member -> {
                for (int i = 0; i < each; i++) {
                    if (member % 2 == 0) {
                        ByteBuffer block = pool.allocate(4 + (member * 37 + i * 101) % 40_000);
                        Blocks.fill(block, block.capacity());
                        queue.add(block);
                    } else {
                        ByteBuffer block = queue.poll(120, TimeUnit.SECONDS);
                        Blocks.assertFilled(block, block.capacity());
                        pool.free(block);
                    }
                }
            });
            assertEquals(0, pool.stats().liveBlocks());
            assertEquals(each * THREADS / 2, pool.stats().frees());
            Blocks.assertSound(pool);
        }
    }

    @Test
    void twoThreadsFreeingOneBlockFreeItOnce() throws Exception {
        try (MemoryPool pool = MemoryPool.create()) {
            for (int round = 0; round < 300; round++) {
                ByteBuffer block = pool.allocate(64);
                AtomicInteger freed = new AtomicInteger();
                AtomicInteger refused = new AtomicInteger();
                Crew.run(2, member -> {
                    try {
                        pool.free(block);
                        freed.incrementAndGet();
                    } catch (IllegalArgumentException e) {
                        refused.incrementAndGet();
                    }
                });
                assertEquals(1, freed.get());
                assertEquals(1, refused.get());
            }
            assertEquals(0, pool.stats().liveBlocks());
        }
    }

    @Test
    void aPoolWithAnotherThreadsArenaIsNotClosedAndEverythingGoesOn() throws Exception {
        try (MemoryPool pool = MemoryPool.builder().name("busy").build();
                NativeArena mine = NativeArena.builder().pool(pool).name("worker").build()) {
            ByteBuffer view = mine.allocate(100);
            Blocks.fill(view, 1);
            ByteBuffer block = pool.allocate(50);
            Throwable thrown = OtherThread.thrownBy(pool::close);
            assertEquals(IllegalStateException.class, thrown.getClass());
            assertEquals("pool=busy arena=worker owner=" + Thread.currentThread().getName() + " caller="
                    + OtherThread.NAME + ": an arena of another thread is open, close it first", thrown.getMessage());
            assertFalse(pool.isClosed());
            assertFalse(mine.isClosed());
            Blocks.assertFilled(view, 1);
            assertEquals(16, mine.allocate(16).capacity());
            pool.free(block);
            assertEquals(1, pool.stats().openArenas());
            Blocks.assertSound(pool);
        }
    }

    @Test
    void aRefusedCloseLeavesTheCallersOwnArenasOpen() throws Exception {
        try (MemoryPool pool = MemoryPool.create(); NativeArena mine = NativeArena.create(pool)) {
            assertEquals(64, OtherThread.call(() -> {
                try (NativeArena theirs = NativeArena.create(pool)) {
                    assertThrows(IllegalStateException.class, pool::close);
                    assertFalse(theirs.isClosed());
                    return theirs.allocate(64).capacity();
                }
            }));
            assertFalse(mine.isClosed());
        }
    }

    @Test
    void aPoolIsClosedOnceItsOtherThreadsArenasAre() throws Exception {
        MemoryPool pool = MemoryPool.create();
        NativeArena mine = NativeArena.create(pool);
        assertTrue(OtherThread.thrownBy(pool::close) instanceof IllegalStateException);
        mine.close();
        assertNull(OtherThread.thrownBy(pool::close));
        assertTrue(pool.isClosed());
    }

    @Test
    void racingCloseCreateAllocateAndFreeOnlyThrow() throws Exception {
        long seed = 0x5EED0006L;
        for (int round = 0; round < 150; round++) {
            MemoryPool pool = MemoryPool.create();
            int current = round;
            Crew.run(6, member -> {
                Random random = new Random(seed + current * 10 + member);
                try {
                    for (int i = 0; i < 100; i++) {
                        step(pool, member, i, random);
                    }
                } catch (IllegalStateException e) {
                    assertTrue(e.getMessage().matches(".*: the pool is (being )?closed"), e.getMessage());
                }
            });
            pool.close();
            assertThrows(IllegalStateException.class, pool::stats);
        }
    }

    private static void step(MemoryPool pool, int member, int i, Random random) {
        if (member == 0) {
            if (i == 50) {
                closeUnlessBusy(pool);
            } else {
                pool.trim();
            }
        } else if (member < 3) {
            ByteBuffer block = pool.allocate(random.nextInt(2_000));
            Blocks.fill(block, member);
            try {
                Blocks.assertFilled(block, member);
            } catch (AssertionError e) {
                if (!pool.isClosed()) { // a block is valid until then
                    throw e;
                }
            }
            pool.free(block);
        } else if (member < 5) {
            try (NativeArena arena = NativeArena.create(pool)) {
                ByteBuffer view = arena.allocate(random.nextInt(10_000));
                Blocks.fill(view, member);
                Blocks.assertFilled(view, member);
            }
        } else {
            pool.stats();
        }
    }

    private static void closeUnlessBusy(MemoryPool pool) {
        try {
            pool.close();
        } catch (IllegalStateException e) {
            assertTrue(e.getMessage().matches(".*: (an arena of another thread is open|another thread is creating an"
                    + " arena), close it first"), e.getMessage());
        }
    }

    @Test
    void racingArenaCloseAgainstUseFromAnotherThreadOnlyThrows() throws Exception {
        Map<String, ArenaCalls.Call> calls = ArenaCalls.OWNERS;
        try (MemoryPool pool = MemoryPool.create()) {
            AtomicReference<NativeArena> shared = new AtomicReference<>();
            int rounds = 200;
            CyclicBarrier ready = new CyclicBarrier(3);
            Crew.run(3, member -> {
                for (int round = 0; round < rounds; round++) {
                    if (member == 0) {
                        useAndClose(pool, shared, ready);
                    } else {
                        ready.await(120, TimeUnit.SECONDS);
                        intrude(shared.get(), calls);
                    }
                    ready.await(120, TimeUnit.SECONDS);
                }
            });
            assertEquals(0, pool.stats().openArenas());
            Blocks.assertSound(pool);
        }
    }

    private static void useAndClose(MemoryPool pool, AtomicReference<NativeArena> shared, CyclicBarrier ready)
            throws Exception {
        try (NativeArena arena = NativeArena.create(pool)) {
            ByteBuffer view = arena.allocate(64);
            Blocks.fill(view, 1);
            shared.set(arena);
            ready.await(120, TimeUnit.SECONDS);
            Blocks.assertFilled(view, 1);
            arena.allocate(1_000);
        }
    }

    private static void intrude(NativeArena arena, Map<String, ArenaCalls.Call> calls) {
        calls.forEach((signature, call) -> {
            try {
                call.on(arena, 1L << 50);
            } catch (RuntimeException e) {
                boolean refused = e instanceof IllegalStateException
                        || e.getClass().getSimpleName().equals("WrongThreadException");
                assertTrue(refused, signature + " threw " + e);
                return;
            }
            throw new AssertionError(signature + " was not refused");
        });
        try {
            arena.close();
        } catch (RuntimeException e) {
            String message = e.getMessage(); // which says that it is closed where the owner has been faster
            assertTrue(message.contains(" caller=") || message.endsWith("the arena is closed"), message);
        }
    }

    @Test
    void arenasOfManyThreadsAreDroppedAndFreed() throws Exception {
        try (MemoryPool pool = MemoryPool.create()) {
            Reports reports = new Reports();
            reports.attach();
            try {
                Crew.run(THREADS, member -> {
                    for (int i = 0; i < 20; i++) {
                        Blocks.fill(NativeArena.create(pool).allocate(5_000), member);
                    }
                });
                Await.collected("all are freed", () -> pool.stats().droppedArenas() == THREADS * 20, pool::stats);
                Await.collected("their memory too", () -> pool.stats().inUse() == 0, pool::stats);
            } finally {
                reports.detach();
            }
            Blocks.assertSound(pool);
        }
    }
}
