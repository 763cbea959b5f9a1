// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.corral.junit.NoNativeLeaks;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configuration of arenas. */
@NoNativeLeaks
class ArenaBuilderTest {
    private static final long GIB = 1L << 30;

    @Test
    void theDefaultsAreFourKibibytesGrowingToSixtyFour() {
        try (NativeArena arena = NativeArena.create()) {
            ArenaStats fresh = new ArenaStats(4096, 0, 4096, 1, 0, 0, 4096, 0, -1, 0, 0, 0,
                    new TreeMap<>(Map.of(4096L, 1L)));
            assertEquals(fresh, arena.stats());
            assertSame(MemoryPool.shared(), arena.pool());
            assertEquals("arena", arena.name());
            for (int block = 0; block < 48; block++) {
                arena.allocateRef(4096);
            }
            assertEquals(Map.of(4096L, 1L, 8192L, 1L, 16_384L, 1L, 32_768L, 1L, 65_536L, 3L), arena.stats().growth());
        }
    }

    @Test
    void createWithAPoolTakesChunksFromThatPool() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            assertSame(pool, arena.pool());
            assertEquals(1, pool.stats().openArenas());
            assertEquals(4096, arena.stats().allocated());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 8, 16, 17, 100, 4096, 65_537, 1 << 20})
    void theFirstChunkHasTheInitialSizeRoundedUp(long size) {
        try (NativeArena arena = NativeArena.builder().initialChunkSize(size).build()) {
            assertEquals(size + 15 & -16, arena.stats().allocated());
            Blocks.assertSound(arena);
        }
    }

    @Test
    void anInitialSizeAboveTheDefaultMaximumRaisesTheMaximum() {
        try (NativeArena arena = NativeArena.builder().initialChunkSize(100_000).build()) {
            arena.allocateRef(100_000);
            arena.allocateRef(16);
            assertEquals(200_000, arena.stats().allocated());
        }
    }

    @Test
    void chunksStopGrowingAtTheMaximum() {
        try (NativeArena arena = NativeArena.builder().initialChunkSize(64).maxChunkSize(100).build()) {
            for (int block = 0; block < 30; block++) {
                arena.allocateRef(16);
            }
            assertEquals(64 + 4 * 112, arena.stats().allocated(), "100 is rounded up to a multiple of 16");
        }
    }

    @Test
    void aFixedArenaHasOneChunkOfItsSize() {
        try (NativeArena arena = NativeArena.builder().fixedSize(1000).build()) {
            assertEquals(1008, arena.stats().allocated());
            arena.allocateRef(1008);
            assertThrows(ArenaExhaustedException.class, () -> arena.allocateRef(1));
            assertEquals(1, arena.stats().chunks());
        }
    }

    @Test
    void aBuilderBuildsManyIndependentArenas() {
        NativeArena.Builder builder = NativeArena.builder().name("twin").initialChunkSize(256);
        try (NativeArena first = builder.build(); NativeArena second = builder.build()) {
            assertNotSame(first, second);
            first.allocateRef(16);
            assertEquals(0, second.stats().count());
            assertEquals("twin", second.name());
        }
    }

    @Test
    void theLargestChunkSizeIsAccepted() {
        try (MemoryPool pool = MemoryPool.create();
                NativeArena arena = NativeArena.builder().pool(pool).fixedSize(GIB - 16).build()) {
            long ref = arena.allocateRef((int) GIB - 16);
            arena.putByte(ref, (int) GIB - 17, (byte) 3);
            assertEquals(3, arena.getByte(ref, (int) GIB - 17));
            assertEquals(0, arena.allocate(0).capacity());
            assertThrows(ArenaExhaustedException.class, () -> arena.allocate(1));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void sizesMustBePositive(long size) {
        NativeArena.Builder builder = NativeArena.builder();
        assertEquals("initialChunkSize=" + size + ": pass a positive number of bytes",
                assertThrows(IllegalArgumentException.class, () -> builder.initialChunkSize(size)).getMessage());
        assertEquals("maxChunkSize=" + size + ": pass a positive number of bytes",
                assertThrows(IllegalArgumentException.class, () -> builder.maxChunkSize(size)).getMessage());
        assertEquals("fixedSize=" + size + ": pass a positive number of bytes",
                assertThrows(IllegalArgumentException.class, () -> builder.fixedSize(size)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"1073741824,1073741824", "4096,1073741809", "4096,1073741824", "4096,9223372036854775807",
        "9223372036854775807,9223372036854775807", "4096,4095", "65536,4096", "2,1"})
    void sizesOutOfRangeOrOutOfOrderAreRefused(long initial, long maximum) {
        NativeArena.Builder builder = NativeArena.builder().name("a").initialChunkSize(initial).maxChunkSize(maximum);
        PoolStats before = MemoryPool.shared().stats();
        assertEquals("create: arena=a pool=shared initialChunkSize=" + initial + " maxChunkSize=" + maximum
                + " alignment=16 status=INVALID_ARGUMENT: a value is out of its documented range",
                assertThrows(IllegalArgumentException.class, builder::build).getMessage());
        assertEquals(before, MemoryPool.shared().stats());
    }

    @ParameterizedTest
    @ValueSource(longs = {GIB - 15, GIB, Long.MAX_VALUE})
    void aFixedSizeFromOneGibibyteOnIsRefused(long size) {
        assertThrows(IllegalArgumentException.class, NativeArena.builder().fixedSize(size)::build);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1, 4, 12, 32, 64, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void aDefaultAlignmentOtherThanEightOrSixteenIsRefused(int alignment) {
        assertEquals("create: arena=arena pool=shared initialChunkSize=4096 maxChunkSize=65536 alignment=" + alignment
                + " status=BAD_ALIGNMENT: use a power of two up to 1048576 (a default alignment is 8 or 16)",
                assertThrows(IllegalArgumentException.class,
                        NativeArena.builder().alignment(alignment)::build).getMessage());
    }

    @Test
    void aFixedArenaWithChunkSizesIsRefused() {
        assertEquals("fixedSize=64 initialChunkSize=32 maxChunkSize=0: a fixed arena has one chunk, set only fixedSize",
                assertThrows(IllegalArgumentException.class,
                        NativeArena.builder().fixedSize(64).initialChunkSize(32)::build).getMessage());
        assertThrows(IllegalArgumentException.class, NativeArena.builder().fixedSize(64).maxChunkSize(64)::build);
    }

    @Test
    void nullPoolAndNullNameAreRefused() {
        assertEquals("pool", assertThrows(NullPointerException.class,
                () -> NativeArena.builder().pool(null)).getMessage());
        assertEquals("name", assertThrows(NullPointerException.class,
                () -> NativeArena.builder().name(null)).getMessage());
        assertThrows(NullPointerException.class, () -> NativeArena.create(null));
    }

    @Test
    void aClosedPoolIsRefused() {
        MemoryPool pool = MemoryPool.builder().name("gone").build();
        pool.close();
        assertEquals("pool=gone: the pool is closed",
                assertThrows(IllegalStateException.class, () -> NativeArena.create(pool)).getMessage());
    }

    @Test
    void aPoolWithoutRoomForTheFirstChunkIsRefusedAndUnchanged() {
        try (MemoryPool pool = MemoryPool.builder().name("tiny").limit(100_000).build()) {
            NativeArena.Builder builder = NativeArena.builder().pool(pool).name("big").initialChunkSize(1 << 20);
            ArenaExhaustedException thrown = assertThrows(ArenaExhaustedException.class, builder::build);
            assertEquals("create: arena=big pool=tiny initialChunkSize=1048576 maxChunkSize=1048576 alignment=16"
                    + " status=LIMIT_REACHED: raise the limit, or release memory first", thrown.getMessage());
            assertEquals(0, pool.stats().openArenas());
            try (NativeArena arena = NativeArena.create(pool)) {
                assertEquals(8, arena.allocate(8).capacity());
            }
            Blocks.assertSound(pool);
        }
    }

    @Test
    void aPoolOfOneChunkHasOneArena() {
        try (MemoryPool pool = MemoryPool.builder().limit(4096).build()) {
            NativeArena only = NativeArena.create(pool); // control blocks do not count against the limit
            assertThrows(ArenaExhaustedException.class, () -> NativeArena.create(pool));
            assertEquals(4096, pool.stats().inUse());
            only.close();
            assertEquals(0, pool.stats().inUse());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\u0000b", "%s {0}",
        "\u00FCn\u00EFc\u00F6d\u00E9 \uD83D\uDE00 with a name that is much longer than C keeps"})
    void anyNameIsKept(String name) {
        try (MemoryPool pool = MemoryPool.builder().name(name).build()) {
            NativeArena arena = NativeArena.builder().pool(pool).name(name).build();
            assertEquals(name, arena.name());
            assertEquals(name, pool.name());
            assertEquals("NativeArena[name=" + name + " pool=" + name + "]", arena.toString());
            arena.close();
            assertEquals("NativeArena[name=" + name + " pool=" + name + " closed]", arena.toString());
        }
    }
}
