// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.junit.NoNativeLeaks;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Reset, clear and close, and the statistics across them. */
@NoNativeLeaks
class ArenaBulkTest {
    private static void fillFourChunks(NativeArena arena) {
        for (int kib = 4; kib <= 32; kib *= 2) {
            arena.allocateRef(kib << 10);
        }
    }

    @Test
    void resetKeepsEveryChunk() {
        try (NativeArena arena = NativeArena.create()) {
            fillFourChunks(arena);
            arena.reset();
            ArenaStats stats = arena.stats();
            assertEquals(60 << 10, stats.allocated());
            assertEquals(4, stats.chunks());
            assertEquals(0, stats.used());
            assertEquals(0, stats.count());
            assertEquals(60 << 10, stats.peakUsed());
            assertEquals(1, stats.resets());
            Blocks.assertSound(arena);
        }
    }

    @Test
    void aResetArenaIsFilledAgainWithoutNewChunks() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            fillFourChunks(arena);
            long allocations = pool.stats().allocations();
            for (int round = 0; round < 100; round++) {
                arena.reset();
                fillFourChunks(arena);
            }
            assertEquals(allocations, pool.stats().allocations());
            assertEquals(Map.of(4096L, 1L, 8192L, 1L, 16_384L, 1L, 32_768L, 1L), arena.stats().growth());
            Blocks.assertSound(arena);
        }
    }

    @Test
    void resetReusesTheSameMemoryWithoutLosingTheRoots() {
        try (NativeArena arena = NativeArena.create()) {
            fillFourChunks(arena);
            for (int round = 1; round <= 3; round++) {
                arena.reset();
                for (int kib = 4; kib <= 32; kib *= 2) {
                    long ref = arena.allocateRef(kib << 10);
                    arena.putInt(ref, (kib << 10) - 4, round * kib);
                    assertEquals(round * kib, Blocks.asC(arena, ref, kib << 10).getInt((kib << 10) - 4));
                }
            }
        }
    }

    @Test
    void clearKeepsTheFirstChunkAndItsMemory() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            long inUse = pool.stats().inUse();
            long base = ArenaNatives.chunkBase(arena.nativeHandle(), 0);
            fillFourChunks(arena);
            arena.clear();
            ArenaStats stats = arena.stats();
            assertEquals(4096, stats.allocated());
            assertEquals(1, stats.chunks());
            assertEquals(0, stats.used());
            assertEquals(60 << 10, stats.peakUsed());
            assertEquals(60 << 10, stats.peakAllocated());
            assertEquals(inUse, pool.stats().inUse());
            assertEquals(base, Blocks.address(arena, arena.allocateRef(8)));
            Blocks.assertSound(arena);
            Blocks.assertSound(pool);
        }
    }

    @Test
    void clearStartsGrowthAgain() {
        try (NativeArena arena = NativeArena.create()) {
            fillFourChunks(arena);
            arena.clear();
            arena.allocateRef(4096);
            arena.allocateRef(16);
            assertEquals(4096 + 8192, arena.stats().allocated());
        }
    }

    @Test
    void noStaleRootIsUsedAfterClearAndRegrowth() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            arena.allocateRef(4096);
            long old = arena.allocateRef(8192);
            arena.putLong(old, 0, 1); // the root of chunk 1 is known now
            long oldAddress = Blocks.address(arena, old);
            arena.clear();
            var bystander = pool.allocate(8192); // takes what was chunk 1
            Blocks.fill(bystander, 6);
            arena.allocateRef(4096);
            long ref = arena.allocateRef(8192);
            assertNotEquals(oldAddress, Blocks.address(arena, ref), "the test needs chunk 1 elsewhere");
            arena.putLong(ref, 0, 77);
            assertEquals(77, Blocks.asC(arena, ref, 8).getLong(0));
            Blocks.assertFilled(bystander, 6);
        }
    }

    @Test
    void resettingAnEmptyArenaOnlyMakesReferencesStale() {
        try (NativeArena arena = NativeArena.create()) {
            long before = arena.allocateRef(0);
            arena.reset();
            assertEquals(4096, arena.stats().allocated());
            assertThrows(IllegalStateException.class, () -> arena.view(before, 0));
        }
    }

    @Test
    void theGenerationWrapsAfterSixteenThousandResetsAndIsNeverZero() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            long first = arena.allocateRef(8);
            assertEquals(1, first >>> 50);
            for (int reset = 1; reset < 16_383; reset++) {
                arena.reset();
            }
            long last = arena.allocateRef(8);
            assertEquals(16_383, last >>> 50);
            assertThrows(IllegalStateException.class, () -> arena.getByte(first, 0));
            arena.putByte(last, 0, (byte) 1);
            arena.reset();
            long wrapped = arena.allocateRef(8);
            assertEquals(first, wrapped, "documented: kept for exactly 16,383 resets it is taken for fresh");
            assertThrows(IllegalStateException.class, () -> arena.getByte(last, 0));
            assertEquals(16_383, arena.stats().resets());
            Blocks.assertSound(arena);
        }
    }

    @Test
    void closeGivesEverythingBack() {
        try (MemoryPool pool = MemoryPool.create()) {
            try (NativeArena arena = NativeArena.create(pool)) {
                fillFourChunks(arena);
                assertTrue(pool.stats().inUse() >= 60 << 10);
            }
            assertEquals(0, pool.stats().inUse());
            assertEquals(0, pool.stats().openArenas());
            assertEquals(0, pool.stats().droppedArenas());
            Blocks.assertSound(pool);
        }
    }

    @Test
    void manyArenasShareASlabAndDoNotShareAnythingElse() {
        NativeArena[] arenas = new NativeArena[500]; // several slabs
        try (MemoryPool pool = MemoryPool.create()) {
            for (int i = 0; i < arenas.length; i++) {
                arenas[i] = NativeArena.create(pool);
                arenas[i].putInt(arenas[i].allocateRef(4), 0, i);
            }
            assertEquals(arenas.length, pool.stats().openArenas());
            for (int i = 0; i < arenas.length; i += 2) {
                arenas[i].close();
            }
            for (int i = 1; i < arenas.length; i += 2) {
                assertEquals(i, arenas[i].view(1L << 50, 4).getInt(0));
                assertEquals(1, arenas[i].stats().count());
                Blocks.assertSound(arenas[i]);
            }
            assertEquals(arenas.length / 2, pool.stats().openArenas());
            Blocks.assertSound(pool);
        }
        for (NativeArena arena : arenas) {
            assertTrue(arena.isClosed());
        }
    }

    @Test
    void randomProgramsKeepEveryInvariant() {
        long seed = 0x5EED0003L;
        Random random = new Random(seed);
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            long peak = 0;
            for (int step = 0; step < 20_000; step++) {
                switch (random.nextInt(100)) {
                    case 0 -> arena.clear();
                    case 1, 2 -> arena.reset();
                    case 3, 4 -> arena.allocateRef(random.nextInt(100_000), 1 << random.nextInt(13));
                    default -> arena.allocateRef(random.nextInt(300));
                }
                peak = Math.max(peak, arena.stats().used());
                if (step % 50 == 0) {
                    Blocks.assertSound(arena);
                    assertEquals(peak, arena.stats().peakUsed(), "seed=" + seed + " step=" + step);
                }
            }
            Blocks.assertSound(pool);
        }
    }
}
