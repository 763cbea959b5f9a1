// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Arenas that go back to a recycler and out again without C, which counts and decides as if it had been asked. */
@NoNativeLeaks
class IdleArenasTest {
    private static void assertSound(ArenaRecycler recycler) {
        assertEquals(Status.OK, recycler.state().check());
        RecyclerStats stats = recycler.stats();
        assertEquals(stats.borrowed(), stats.hits() + stats.misses() - stats.returned(), stats::toString);
        assertEquals(stats.kept(), stats.returned() - stats.dropped() - stats.trimmed() - stats.hits(),
                stats::toString);
    }

    /** Whoever asks for numbers has all arenas given back to C. */
    private static void use(ArenaRecycler recycler, int bytes, boolean throughC) {
        try (NativeArena arena = recycler.borrow()) {
            arena.allocate(bytes);
        }
        if (throughC) {
            recycler.stats();
        }
    }

    @Test
    void usesAreCountedAsIfCHadServedThem() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler quick = ArenaRecycler.create(pool);
                ArenaRecycler slow = ArenaRecycler.create(pool)) {
            Random random = new Random(0x5EED);
            for (int round = 1; round <= 500; round++) {
                int bytes = random.nextInt(random.nextInt(20) == 0 ? 4000 : 1000);
                use(quick, bytes, false);
                use(slow, bytes, true);
                if (round % 37 == 0 || round == 500) {
                    assertEquals(slow.stats(), quick.stats());
                    assertSound(quick);
                }
            }
        }
    }

    @Test
    void aBorrowedArenaLooksNewAndItsAddressIsRefusedMeanwhile() {
        try (MemoryPool pool = MemoryPool.create();
                ArenaRecycler recycler = ArenaRecycler.builder().pool(pool).name("requests").build()) {
            NativeArena first = recycler.borrow();
            ArenaStats fresh = first.stats();
            long handle = first.nativeHandle();
            long stale = first.allocateRef(100);
            first.close();
            assertEquals(0, ArenaNatives.allocate(handle, 8, 1));
            try (NativeArena next = recycler.borrow()) {
                assertEquals(handle, next.nativeHandle());
                assertEquals(fresh, next.stats());
                assertEquals("requests", next.name());
                assertThrows(IllegalStateException.class, () -> next.getByte(stale, 0));
                Blocks.assertSound(next);
            }
            assertSound(recycler);
        }
    }

    @Test
    void limitsHoldForAllThatAreIdle() {
        try (MemoryPool pool = MemoryPool.create();
                ArenaRecycler few = ArenaRecycler.builder().pool(pool).keptArenas(3).build();
                ArenaRecycler small = ArenaRecycler.builder().pool(pool).keptBytes(3 * 4096 + 100).build()) {
            for (ArenaRecycler recycler : List.of(few, small)) {
                List<NativeArena> borrowed = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    borrowed.add(recycler.borrow());
                }
                borrowed.forEach(NativeArena::close);
                assertEquals(3 * 4096, pool.stats().inUse());
                assertEquals(3, recycler.stats().kept());
                assertEquals(2, recycler.stats().dropped());
                assertSound(recycler);
                recycler.close();
                assertEquals(0, pool.stats().liveBlocks());
            }
        }
    }

    @Test
    void smallerRequestsLetLargeArenasGo() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            for (int i = 0; i < 64; i++) {
                use(recycler, 100_000, false);
            }
            for (int i = 0; i < 64 + 2 * 32; i++) { // C is asked each 32nd time
                use(recycler, 16, false);
            }
            assertTrue(pool.stats().inUse() <= 4096, pool.stats()::toString);
        }
    }

    /** Repeated uses of several chunks keep them; what they are counted with is their peak. */
    @Test
    void grownArenasKeepTheirChunksForTheNextBorrower() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            ArenaStats kept = null;
            for (int i = 0; i < 100; i++) {
                try (NativeArena arena = recycler.borrow()) {
                    if (i % 10 == 1) {
                        kept = arena.stats();
                        assertEquals(2, kept.chunks());
                        assertEquals(0, kept.used() + kept.count() + kept.peakUsed());
                    }
                    long small = arena.allocateRef(64);
                    long large = arena.allocateRef(8000);
                    arena.putByte(large, 7999, (byte) i);
                    arena.putByte(small, 0, (byte) ~i);
                    assertEquals((byte) i, arena.getByte(large, 7999));
                    if (i % 7 == 0) {
                        arena.reset();
                    }
                    Blocks.assertSound(arena);
                }
                if (i % 25 == 0) {
                    assertEquals(8192, recycler.stats().typical(), "8,064 bytes and a little more");
                    assertSound(recycler);
                }
            }
            assertEquals(100, recycler.stats().returned());
            assertEquals(1, recycler.stats().misses());
            assertEquals(kept.allocated(), recycler.stats().keptBytes());
        }
    }

    @Test
    void zeroedArenasAreWipedWhenTheyAreParked() {
        try (MemoryPool pool = MemoryPool.create();
                ArenaRecycler recycler = ArenaRecycler.builder().pool(pool).zeroed(true).build()) {
            for (int i = 0; i < 70; i++) {
                try (NativeArena arena = recycler.borrow()) {
                    for (int size : new int[] {100, 8000}) {
                        long block = arena.allocateRef(size);
                        for (int at = 0; at < size; at += 10) {
                            assertEquals(0, arena.getByte(block, at));
                            arena.putByte(block, at, (byte) 1);
                        }
                    }
                    Blocks.assertSound(arena);
                }
            }
            assertSound(recycler);
        }
    }

    /** Nobody has an arena that another has, whoever asks, trims, and returns through C meanwhile. */
    @Test
    void manyThreadsBorrowAndReturn() throws Exception {
        Set<Long> inUse = ConcurrentHashMap.newKeySet();
        try (MemoryPool pool = MemoryPool.create();
                ArenaRecycler recycler = ArenaRecycler.builder().pool(pool).keptArenas(6).build()) {
            Crew.run(8, member -> {
                Random random = new Random(member);
                for (int i = 0; i < 2_000; i++) {
                    try (NativeArena arena = recycler.borrow()) {
                        long handle = arena.nativeHandle();
                        assertTrue(inUse.add(handle), "another has it");
                        ByteBuffer view = arena.allocate(random.nextInt(random.nextInt(20) == 0 ? 9000 : 1000));
                        Blocks.fill(view, member);
                        Blocks.assertFilled(view, member);
                        assertTrue(inUse.remove(handle));
                    }
                    if (random.nextInt(300) == 0) {
                        recycler.trim(0);
                    } else if (random.nextInt(300) == 0) {
                        recycler.stats();
                    }
                }
            });
            RecyclerStats stats = recycler.stats();
            assertEquals(16_000, stats.returned());
            assertEquals(16_000, stats.hits() + stats.misses());
            assertNotEquals(0, stats.hits());
            assertTrue(stats.kept() <= 6, stats::toString);
            assertSound(recycler);
            Blocks.assertSound(pool);
        }
    }

    @Test
    void racingCloseOfRecyclerAndPoolEndsCleanly() throws Exception {
        for (int round = 0; round < 150; round++) {
            MemoryPool pool = MemoryPool.create();
            ArenaRecycler recycler = ArenaRecycler.create(pool);
            boolean poolFirst = round % 2 == 0;
            AtomicInteger borrowed = new AtomicInteger();
            Crew.run(4, member -> {
                try {
                    for (int i = 0; i < 60; i++) {
                        if (member != 0) {
                            use(recycler, i, false);
                            borrowed.incrementAndGet();
                        } else if (poolFirst) {
                            closeIfNobodyMinds(pool);
                        } else if (i == 30) {
                            recycler.close();
                        }
                    }
                } catch (IllegalStateException e) {
                    assertTrue(e.getMessage().matches(".*: the (pool|recycler) is (being )?closed"), e.getMessage());
                }
            });
            if (!poolFirst) {
                assertEquals(0, pool.stats().liveBlocks());
                assertEquals(0, pool.stats().openArenas());
            }
            recycler.close();
            pool.close();
            assertThrows(IllegalStateException.class, recycler::borrow);
        }
    }

    private static void closeIfNobodyMinds(MemoryPool pool) {
        try {
            pool.close();
        } catch (IllegalStateException e) {
            assertTrue(e.getMessage().endsWith("close it first"), e.getMessage());
        }
    }

    @Test
    void aDroppedOneThatWasBorrowedAgainComesBack() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            use(recycler, 8, false);
            assertEquals(0, recycler.borrow().stats().used());
            Await.collected("it is found", () -> recycler.stats().kept() == 1, recycler::stats);
            assertEquals(1, pool.stats().droppedArenas());
            assertEquals(2, recycler.stats().returned());
            assertSound(recycler);
        }
    }

    @Test
    void whatGotLostOnItsWayGoesBackToC() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            recycler.borrow().close();
            ParkedArenasTest.lose(recycler.borrow());
            assertEquals(0, recycler.stats().borrowed());
            assertEquals(1, recycler.stats().kept());
            assertSound(recycler);
        }
    }

    /** The action hands an arena, whose thread has ended, to one that lives, when the pool's close is under way. */
    @Test
    void arenasAreIdleAgainWhenThePoolIsNotClosedAfterAll() throws Exception {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            NativeArena[] family = OtherThread.call(() -> {
                NativeArena parent = NativeArena.create(pool);
                return new NativeArena[] {parent, parent.newChild()};
            });
            CountDownLatch adopted = new CountDownLatch(1);
            CountDownLatch refused = new CountDownLatch(1);
            FutureTask<?> adopter = new FutureTask<>(() -> {
                family[1].close();
                adopted.countDown();
                refused.await();
                family[0].close();
                return null;
            });
            NativeArena acting = NativeArena.create(pool);
            acting.onRelease(() -> {
                new Thread(adopter, "adopter").start();
                Await.until("it is adopted", () -> adopted.getCount() == 0, adopter::isDone);
            });
            assertThrows(IllegalStateException.class, pool::close);
            refused.countDown();
            adopter.get();
            recycler.borrow().close();
            assertNotEquals(0, recycler.state().idle.parkedBytes());
            assertSound(recycler);
        }
    }
}
