// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Closed arenas that the next create takes over: nobody can tell, and nobody has one that another has. */
@NoNativeLeaks
class ParkedArenasTest {
    /** Whether the arena was parked before: a new one of C starts with the first generation. */
    static boolean isRevived(NativeArena arena) {
        return arena.currentGeneration() != 1;
    }

    @Test
    void aClosedArenaIsTakenOverAndLooksNew() {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena first = NativeArena.create(pool);
            ArenaStats fresh = first.stats();
            String table = first.statsTable();
            long handle = first.nativeHandle();
            long stale = first.allocateRef(100);
            Mark mark = first.mark();
            try (Scope scope = first.openScope()) {
                first.allocate(1000);
                assertFalse(scope.toString().isEmpty());
            }
            assertThrows(IllegalArgumentException.class, () -> first.allocate(8, 3), "leaves a status");
            first.close();
            try (NativeArena next = NativeArena.builder().pool(pool).name("arena").build()) {
                assertEquals(handle, next.nativeHandle());
                assertTrue(isRevived(next));
                assertEquals(fresh, next.stats());
                assertEquals(table, next.statsTable());
                assertEquals(Status.OK, ArenaNatives.lastStatus(handle));
                assertThrows(IllegalStateException.class, () -> next.getByte(stale, 0), "a reference of the last one");
                assertThrows(IllegalStateException.class, () -> next.rewind(mark));
                assertTrue(first.isClosed());
                assertThrows(IllegalStateException.class, () -> first.allocateRef(8));
                first.close();
                long ref = next.allocateRef(4000);
                next.putLong(ref, 3992, 7);
                Blocks.assertSound(next);
                next.allocate(9000); // beyond the first chunk
                Blocks.assertSound(next);
            }
            Blocks.assertSound(pool);
        }
    }

    @Test
    void theAddressOfAParkedArenaIsRefused() {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena arena = NativeArena.create(pool);
            long handle = arena.nativeHandle();
            long ref = arena.allocateRef(16);
            arena.close();
            for (int word : new int[] {ControlBlock.CURSOR, ControlBlock.LIMIT, ControlBlock.INLINE_LIMIT}) {
                assertEquals(0, arena.words.get(word / Long.BYTES), "C's inlined allocation finds no room");
            }
            assertEquals(0, ArenaNatives.allocate(handle, 8, 1));
            assertEquals(0, ArenaNatives.resolve(handle, ref));
            assertEquals(0, ArenaNatives.mark(handle));
            assertEquals(Status.INVALID_ARENA, ArenaNatives.lastStatus(handle));
            assertEquals(Status.INVALID_ARENA, ArenaNatives.reset(handle));
            try (NativeArena next = NativeArena.create(pool)) {
                assertEquals(handle, next.nativeHandle());
                Blocks.assertSound(next);
            }
        }
    }

    @Test
    void whoeverAsksFindsNothingParked() {
        try (MemoryPool pool = MemoryPool.create()) {
            PoolStats before = pool.stats();
            for (int i = 0; i < 100; i++) {
                NativeArena.create(pool).close();
            }
            PoolStats after = pool.stats();
            assertEquals(0, after.liveBlocks());
            assertEquals(before.inUse(), after.inUse());
            assertEquals(0, after.openArenas());
            NativeArena.create(pool).close();
            assertTrue(pool.trim() > 0, "the last one's chunk");
            try (NativeArena next = NativeArena.create(pool)) {
                assertFalse(isRevived(next));
            }
        }
    }

    @Test
    void poolsWhereAChunkCanBeSeenParkNothing() {
        MemoryPool.Builder[] builders = {MemoryPool.builder().limit(1 << 20), MemoryPool.builder().quarantine(true),
            MemoryPool.builder().debug(true), MemoryPool.builder().pages(PageSource.guarded())};
        for (MemoryPool.Builder builder : builders) {
            try (MemoryPool pool = builder.build()) {
                NativeArena.create(pool).close();
                try (NativeArena next = NativeArena.create(pool)) {
                    assertFalse(isRevived(next));
                }
            }
        }
    }

    @Test
    void generationsOfOneSlotGoRound() {
        try (MemoryPool pool = MemoryPool.create()) {
            Set<Integer> generations = ConcurrentHashMap.newKeySet();
            for (int i = 0; i < 17_000; i++) {
                try (NativeArena arena = NativeArena.create(pool)) {
                    arena.putByte(arena.allocateRef(1), 0, (byte) i);
                    generations.add(arena.currentGeneration());
                }
            }
            assertEquals(0x3FFF, generations.size());
            assertFalse(generations.contains(0));
        }
    }

    @Test
    void aRevivedArenaIsReportedWhenItIsDropped() {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena.create(pool).close();
            assertTrue(isRevived(NativeArena.create(pool)));
            Await.collected("it is found", () -> pool.stats().droppedArenas() == 1, pool::stats);
            assertEquals(0, pool.stats().openArenas());
            Await.collected("it is freed", () -> pool.stats().liveBlocks() == 0, pool::stats);
        }
    }

    @Test
    void aRevivedArenaIsAnotherOneForLeakDetection() {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena first = NativeArena.create(pool);
            Set<Object> before = Set.copyOf(KnownPools.everythingOpen().keySet());
            first.close();
            Set<Object> parked = KnownPools.everythingOpen().keySet();
            assertEquals(before.size() - 1, parked.size());
            try (NativeArena next = NativeArena.create(pool)) {
                assertTrue(isRevived(next));
                Set<Object> after = KnownPools.everythingOpen().keySet();
                assertEquals(before.size(), after.size());
                assertFalse(before.containsAll(after));
            }
        }
    }

    /** Nobody ever has an arena that another has, whoever trims and asks meanwhile. */
    @Test
    void manyThreadsTakeOverEachOthersArenas() throws Exception {
        Set<Long> inUse = ConcurrentHashMap.newKeySet();
        AtomicInteger revived = new AtomicInteger();
        try (MemoryPool pool = MemoryPool.create()) {
            Crew.run(8, member -> {
                Random random = new Random(member);
                for (int i = 0; i < 3_000; i++) {
                    try (NativeArena arena = NativeArena.create(pool)) {
                        long handle = arena.nativeHandle();
                        assertTrue(inUse.add(handle), "another has it");
                        revived.addAndGet(isRevived(arena) ? 1 : 0);
                        use(arena, member, random);
                        assertTrue(inUse.remove(handle));
                    }
                    if (random.nextInt(200) == 0) {
                        pool.trim();
                    }
                }
            });
            assertNotEquals(0, revived.get());
            assertEquals(0, pool.stats().openArenas());
            assertEquals(0, pool.stats().liveBlocks());
            Blocks.assertSound(pool);
        }
    }

    private static void use(NativeArena arena, int member, Random random) {
        ByteBuffer view = arena.allocate(random.nextInt(3000));
        Blocks.fill(view, member);
        long ref = arena.allocateRef(8);
        arena.putLong(ref, 0, member);
        Blocks.assertFilled(view, member);
        assertEquals(member, arena.getLong(ref, 0));
    }

    @Test
    void racingCreateAndCloseOfThePoolEndsCleanly() throws Exception {
        for (int round = 0; round < 200; round++) {
            MemoryPool pool = MemoryPool.create();
            AtomicInteger created = new AtomicInteger();
            Crew.run(4, member -> {
                try {
                    for (int i = 0; i < 60; i++) {
                        if (member == 0) {
                            closeIfNobodyMinds(pool);
                        } else {
                            try (NativeArena arena = NativeArena.create(pool)) {
                                arena.putByte(arena.allocateRef(100), 99, (byte) i);
                                created.incrementAndGet();
                            }
                        }
                    }
                } catch (IllegalStateException e) {
                    assertTrue(e.getMessage().matches(".*: the pool is (being )?closed"), e.getMessage());
                }
            });
            pool.close();
            assertThrows(IllegalStateException.class, () -> NativeArena.create(pool));
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
    void anArenaOfAThreadThatEndedIsParkedByWhoAdoptsIt() throws Exception {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena orphan = OtherThread.call(() -> NativeArena.create(pool));
            orphan.close();
            try (NativeArena next = NativeArena.create(pool)) {
                assertTrue(isRevived(next));
                assertTrue(next.isOwnedByCurrentThread());
            }
        }
    }

    /** As a StackOverflowError leaves an arena between two users: closed, and not parked. */
    static void lose(NativeArena arena) {
        for (ArenaState state : arena.pool.arenas.open) {
            if (state.arena() == arena) {
                arena.detach();
                state.endUse();
                state.slot.rest(0);
            }
        }
    }

    @Test
    void whatGotLostOnItsWayIsFoundByItsThreadOrAfterIt() throws Exception {
        try (MemoryPool pool = MemoryPool.create(); NativeArena other = NativeArena.builder().pool(pool).build()) {
            PoolStats before = pool.stats();
            lose(NativeArena.create(pool));
            assertEquals(before.inUse(), pool.stats().inUse());
            assertEquals(before.liveBlocks(), pool.stats().liveBlocks());
            OtherThread.call(() -> {
                lose(NativeArena.create(pool));
                return null;
            });
            assertEquals(before.liveBlocks(), pool.stats().liveBlocks());
            lose(NativeArena.create(pool));
            PoolStats elsewhere = OtherThread.call(pool::stats);
            assertEquals(before.liveBlocks() + 1, elsewhere.liveBlocks(), "its thread may be parking it now");
            assertEquals(before.openArenas(), elsewhere.openArenas());
            pool.trim();
            assertEquals(before.liveBlocks(), OtherThread.call(pool::stats).liveBlocks());
            Blocks.assertSound(other);
            Blocks.assertSound(pool);
        }
    }
}
