// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What is closed leaves nothing behind, however often. */
@NoNativeLeaks
class NativeGrowthTest {
    private static final int POOLS = 1_000;

    private static void useArena(MemoryPool pool, int round) {
        try (NativeArena arena = NativeArena.create(pool)) {
            long ref = arena.allocateRef(64);
            arena.putInt(ref, 0, round);
            arena.putInt(arena.allocateRef(5_000), 4_000, round);
            assertEquals(round, arena.getInt(ref, 0));
        }
    }

    @Test
    void aHundredThousandArenasReserveWhatOneDoes() {
        try (MemoryPool pool = MemoryPool.create()) {
            for (int round = 0; round < 1_000; round++) {
                useArena(pool, round);
            }
            PoolStats warm = pool.stats();
            for (int round = 0; round < 100_000; round++) {
                useArena(pool, round);
            }
            PoolStats after = pool.stats();
            assertEquals(warm.reserved(), after.reserved());
            assertEquals(warm.peakReserved(), after.peakReserved());
            assertEquals(warm.metadata(), after.metadata());
            assertEquals(warm.inUse(), after.inUse());
            assertEquals(0, after.openArenas());
            assertEquals(0, after.droppedArenas());
            Blocks.assertSound(pool);
        }
    }

    @Test
    void aThousandArenasOpenAtOnceAreAllGivenBack() {
        try (MemoryPool pool = MemoryPool.create()) {
            long[] reserved = new long[3];
            for (int round = 0; round < 3; round++) {
                NativeArena[] arenas = new NativeArena[1_000];
                for (int i = 0; i < arenas.length; i++) {
                    arenas[i] = NativeArena.create(pool);
                }
                for (NativeArena arena : arenas) {
                    arena.close();
                }
                reserved[round] = pool.stats().reserved();
            }
            assertEquals(reserved[0], reserved[2]);
            assertEquals(0, pool.stats().openArenas());
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aThousandPoolsWithoutViewsGiveTheirMemoryBackAtOnce() {
        long before = RetainedViewsTest.virtualBytes();
        for (int i = 0; i < POOLS; i++) {
            try (MemoryPool pool = MemoryPool.builder().name("pool-" + i).build()) {
                assertEquals(0, pool.stats().inUse());
            }
        }
        long grown = RetainedViewsTest.virtualBytes() - before;
        assertTrue(grown < POOLS * 65_536L / 2, "grown=" + grown);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aThousandPoolsWithViewsGiveTheirMemoryBackWithTheirViews() {
        long before = RetainedViewsTest.virtualBytes();
        for (int i = 0; i < POOLS; i++) {
            try (MemoryPool pool = MemoryPool.create()) {
                useArena(pool, i);
                pool.allocate(100).put(0, (byte) i);
            }
        }
        // A mebibyte each, which no view reaches any more. The JVM's own mappings may come and go meanwhile.
        Await.collected("the regions go", () -> RetainedViewsTest.virtualBytes() - before < (POOLS << 20) / 4,
                () -> RetainedViewsTest.virtualBytes() - before);
    }

    @Test
    void refusedPoolsAndArenasLeaveNothing() {
        try (MemoryPool pool = MemoryPool.builder().limit(200_000).build()) {
            useArena(pool, 1);
            PoolStats before = pool.stats();
            NativeArena.Builder tooBig = NativeArena.builder().pool(pool).initialChunkSize(1 << 20);
            for (int i = 0; i < 1_000; i++) {
                try {
                    tooBig.build().close();
                } catch (ArenaExhaustedException e) {
                    continue;
                }
                throw new AssertionError("built above the pool's limit");
            }
            PoolStats after = pool.stats();
            assertEquals(before.inUse(), after.inUse());
            assertEquals(before.reserved(), after.reserved());
            assertEquals(before.failures() + 1_000, after.failures());
            Blocks.assertSound(pool);
        }
    }
}
