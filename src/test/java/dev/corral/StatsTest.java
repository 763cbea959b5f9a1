// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The numbers that arenas, pools and the library report, and how they print. */
@NoNativeLeaks
class StatsTest {
    @Test
    void arenaStatisticsCountEveryByte() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(100);
            arena.allocateRef(51_200);
            arena.allocateRef(16);
            ArenaStats stats = arena.stats();
            assertEquals(55_296, stats.allocated());
            assertEquals(51_328, stats.used());
            assertEquals(3_968, stats.waste());
            assertEquals(2, stats.chunks());
            assertEquals(3, stats.count());
            assertEquals(51_328, stats.peakUsed());
            assertEquals(55_296, stats.peakAllocated());
            assertEquals(0, stats.resets());
            assertEquals(Map.of(4_096L, 1L, 32_768L, 1L), stats.growth());
        }
    }

    @Test
    void alignmentGapsCountAsUsed() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(16);
            arena.allocateRef(16, 64);
            assertEquals(80, arena.stats().used());
            assertEquals(2, arena.stats().count());
        }
    }

    @Test
    void arenaStatisticsPrintAsOneLine() {
        SortedMap<Long, Long> growth = new TreeMap<>(Map.of(4_096L, 1L, 8_192L, 2L));
        assertEquals("allocated=1 used=2 waste=3 chunks=4 count=5 peakUsed=6 peakAllocated=7 resets=8"
                + " growth={4096=1, 8192=2}", new ArenaStats(1, 2, 3, 4, 5, 6, 7, 8, -1, 0, 0, 0, growth).toString());
    }

    private static void assertTable(String name, NativeArena arena) throws IOException {
        Path golden = Path.of(System.getProperty("corral.basedir", "."), "src", "test", "resources", "tables", name);
        String table = arena.statsTable();
        assertEquals(Files.readString(golden), table);
        assertTrue(table.lines().allMatch(line -> line.length() <= 80), table);
    }

    @Test
    void printedStatisticsOfANewArena() throws IOException {
        try (NativeArena arena = NativeArena.create()) {
            assertTable("new.txt", arena);
        }
    }

    @Test
    void printedStatistics() throws IOException {
        try (NativeArena arena = NativeArena.builder().name("parser").build()) {
            arena.reset();
            for (int size : new int[] {16, 8192, 50_000, 999_984}) {
                arena.allocateRef(size);
            }
            assertTable("parser.txt", arena);
        }
    }

    @Test
    void printedStatisticsOfManyChunks() throws IOException {
        try (NativeArena arena = NativeArena.builder().name("many").maxChunkSize(4096).build()) {
            for (int block = 0; block < 1200; block++) {
                arena.allocateRef(4096);
            }
            arena.reset();
            for (int block = 0; block < 21; block++) {
                arena.allocateRef(block % 3 == 0 ? 4096 : block % 3 == 1 ? 4080 : 2056);
            }
            arena.allocateRef(4096);
            arena.allocateRef(1);
            assertTable("many.txt", arena);
        }
    }

    /** 31 bytes of the name are kept, which may end within a character; a name is no format either. */
    @Test
    void printedNameIsCutAndNotAFormat() {
        String name = "%s%nx\u00e4\u00f6\u00fc";
        try (NativeArena arena = NativeArena.builder().name(name + "\u4e2d".repeat(20)).build()) {
            assertTrue(arena.statsTable().startsWith("arena " + name + "\u4e2d".repeat(6)), arena::statsTable);
        }
    }

    @Test
    void growthIsAnUnmodifiableCopy() {
        SortedMap<Long, Long> growth = new TreeMap<>();
        ArenaStats stats = new ArenaStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, growth);
        growth.put(1L, 1L);
        assertTrue(stats.growth().isEmpty());
        assertThrows(UnsupportedOperationException.class, () -> stats.growth().put(1L, 1L));
    }

    @Test
    void statisticsAreASnapshot() {
        try (NativeArena arena = NativeArena.create()) {
            ArenaStats before = arena.stats();
            arena.allocateRef(16);
            assertEquals(0, before.count());
            assertEquals(1, arena.stats().count());
        }
    }

    @Test
    void poolStatisticsCountEveryBlock() {
        try (MemoryPool pool = MemoryPool.create()) {
            PoolStats fresh = pool.stats();
            assertEquals(0, fresh.inUse() + fresh.liveBlocks() + fresh.allocations() + fresh.frees() + fresh.failures()
                    + fresh.refusedFrees() + fresh.pinnedRegions() + fresh.openArenas() + fresh.droppedArenas());
            ByteBuffer first = pool.allocate(100);
            ByteBuffer second = pool.allocate(70_000);
            pool.free(first);
            PoolStats stats = pool.stats();
            assertEquals(1, stats.liveBlocks());
            assertEquals(2, stats.allocations());
            assertEquals(1, stats.frees());
            assertTrue(stats.inUse() >= 70_000 && stats.inUse() < 80_000, stats::toString);
            assertTrue(stats.peakInUse() >= stats.inUse() + 100, stats::toString);
            assertTrue(stats.reserved() <= stats.peakReserved(), stats::toString);
            assertEquals(1, stats.regions());
            pool.free(second);
            assertEquals(0, pool.stats().inUse());
            Blocks.assertSound(pool);
        }
    }

    @Test
    void poolStatisticsPrintAsOneLine() {
        assertEquals("reserved=1 inUse=2 freeBytes=3 metadata=4 peakInUse=5 peakReserved=6 liveBlocks=7 allocations=8"
                + " frees=9 failures=10 refusedFrees=11 regions=12 pinnedRegions=13 pinnedBytes=14 retained=15 limit=16"
                + " openArenas=17 droppedArenas=18",
                new PoolStats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18).toString());
        assertTrue(new PoolStats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, Long.MAX_VALUE, 17, 18).toString()
                .contains(" limit=none "));
    }

    @Test
    void poolStatisticsCountOpenArenas() {
        try (MemoryPool pool = MemoryPool.create()) {
            try (NativeArena first = NativeArena.create(pool); NativeArena second = NativeArena.create(pool)) {
                assertEquals(2, pool.stats().openArenas());
                assertFalse(first.isClosed() || second.isClosed());
            }
            assertEquals(0, pool.stats().openArenas());
        }
    }

    // --- the library

    @Test
    void theVersionIsThatOfTheBuild() {
        assertTrue(Corral.version().matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?"), Corral.version());
    }

    @Test
    void thePageSizeIsAPowerOfTwo() {
        assertTrue(Corral.pageSize() >= 4096 && Integer.bitCount(Corral.pageSize()) == 1, "" + Corral.pageSize());
    }

    @Test
    void thePlatformNamesSystemAndProcessor() {
        assertTrue(Corral.platform().matches("[a-z_]+-[a-z0-9_]+"), Corral.platform());
    }

    @Test
    void theLibraryPathIsAFileOrSaysWhereItCameFrom() {
        String path = Corral.libraryPath();
        assertEquals(path, Corral.libraryPath());
        boolean bundled = path.contains(" (from jar:");
        assertTrue(bundled || path.equals("java.library.path") || Files.exists(Path.of(path)), path);
    }

    @Test
    void exhaustionIsARuntimeExceptionWithItsMessage() {
        RuntimeException thrown = new ArenaExhaustedException("size=1 arena=a");
        assertEquals("size=1 arena=a", thrown.getMessage());
    }

}
