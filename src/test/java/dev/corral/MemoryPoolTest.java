// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pools and their blocks: right use and wrong use. */
@NoNativeLeaks
class MemoryPoolTest {
    private static final String NOT_A_BLOCK = ": free() takes the very buffer that allocate() of this pool returned,"
            + " once";

    // --- blocks

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, 4096, 32_768, 32_769, 65_536, 524_289, 5_000_000})
    void blocksAreDirectViewsOfExactlyTheirSize(int size) {
        try (MemoryPool pool = MemoryPool.create()) {
            ByteBuffer block = pool.allocate(size);
            assertTrue(block.isDirect());
            assertEquals(ByteOrder.nativeOrder(), block.order());
            assertEquals(0, block.position());
            assertEquals(size, block.limit());
            assertEquals(size, block.capacity());
            Blocks.fill(block, 3);
            Blocks.assertFilled(block, 3);
            Blocks.assertSound(pool);
            pool.free(block);
            assertEquals(0, pool.stats().inUse());
            Blocks.assertSound(pool);
        }
    }

    @Test
    void blocksAreIndependent() {
        long seed = 0x5EED0005L;
        Random random = new Random(seed);
        try (MemoryPool pool = MemoryPool.create()) {
            List<ByteBuffer> blocks = new ArrayList<>();
            for (int round = 0; round < 2_000; round++) {
                if (blocks.size() < 50 || random.nextBoolean()) {
                    ByteBuffer block = pool.allocate(1 + random.nextInt(random.nextInt(10) == 0 ? 50_000 : 300));
                    Blocks.fill(block, block.capacity());
                    blocks.add(block);
                } else {
                    ByteBuffer block = blocks.remove(random.nextInt(blocks.size()));
                    Blocks.assertFilled(block, block.capacity());
                    pool.free(block);
                }
            }
            blocks.forEach(block -> Blocks.assertFilled(block, block.capacity()));
            assertEquals(blocks.size(), pool.stats().liveBlocks());
            Blocks.assertSound(pool);
        }
    }

    @Test
    void freedMemoryIsUsedAgain() {
        try (MemoryPool pool = MemoryPool.create()) {
            long reserved = 0;
            for (int round = 0; round < 1_000; round++) {
                ByteBuffer block = pool.allocate(100_000);
                block.put(99_999, (byte) round);
                pool.free(block);
                reserved = round == 10 ? pool.stats().reserved() : reserved;
            }
            assertEquals(reserved, pool.stats().reserved());
            assertEquals(1_000, pool.stats().frees());
        }
    }

    @Test
    void aBlockIsFreedByAnyThread() throws Exception {
        try (MemoryPool pool = MemoryPool.create()) {
            ByteBuffer mine = pool.allocate(100);
            ByteBuffer theirs = OtherThread.call(() -> {
                pool.free(mine);
                return pool.allocate(200);
            });
            pool.free(theirs);
            assertEquals(2, pool.stats().frees());
            assertEquals(0, pool.stats().liveBlocks());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE})
    void aNegativeSizeIsRefused(int size) {
        try (MemoryPool pool = MemoryPool.create()) {
            assertEquals("size=" + size + ": pass a size of 0 or more bytes",
                    assertThrows(IllegalArgumentException.class, () -> pool.allocate(size)).getMessage());
            assertEquals(0, pool.stats().failures());
        }
    }

    @Test
    void theLargestSizeIsServed() {
        try (MemoryPool pool = MemoryPool.create()) {
            ByteBuffer block = pool.allocate(Integer.MAX_VALUE); // mapped, but not touched
            assertEquals(Integer.MAX_VALUE, block.capacity());
            block.put(Integer.MAX_VALUE - 1, (byte) 1);
            pool.free(block);
            Blocks.assertSound(pool);
        }
    }

    @Test
    void freeingTwiceIsRefused() {
        try (MemoryPool pool = MemoryPool.builder().name("p").build()) {
            ByteBuffer block = pool.allocate(100);
            pool.free(block);
            assertEquals("pool=p block=" + block + NOT_A_BLOCK,
                    assertThrows(IllegalArgumentException.class, () -> pool.free(block)).getMessage());
            assertEquals(1, pool.stats().frees());
        }
    }

    @Test
    void freeingTwiceIsRefusedWhenTheMemoryHasANewOwner() {
        try (MemoryPool pool = MemoryPool.create()) {
            ByteBuffer block = pool.allocate(100);
            pool.free(block);
            ByteBuffer next = pool.allocate(100);
            Blocks.fill(next, 1);
            assertThrows(IllegalArgumentException.class, () -> pool.free(block));
            Blocks.assertFilled(next, 1);
            pool.free(next);
            assertEquals(0, pool.stats().liveBlocks());
        }
    }

    @Test
    void aSliceOrDuplicateIsNotTheBlock() {
        try (MemoryPool pool = MemoryPool.create()) {
            ByteBuffer block = pool.allocate(100);
            for (ByteBuffer other : List.of(block.slice(), block.duplicate(), block.asReadOnlyBuffer(),
                    block.slice(0, 100), block.slice(16, 16))) {
                assertThrows(IllegalArgumentException.class, () -> pool.free(other));
            }
            assertEquals(1, pool.stats().liveBlocks());
            pool.free(block);
        }
    }

    @Test
    void foreignBuffersAreRefused() {
        try (MemoryPool pool = MemoryPool.create(); MemoryPool other = MemoryPool.create();
                NativeArena arena = NativeArena.create(pool)) {
            ByteBuffer foreign = other.allocate(100);
            for (ByteBuffer buffer : List.of(foreign, ByteBuffer.allocate(100), ByteBuffer.allocateDirect(100),
                    arena.allocate(100), ByteBuffer.allocate(0))) {
                assertThrows(IllegalArgumentException.class, () -> pool.free(buffer));
            }
            other.free(foreign);
            assertEquals(0, pool.stats().frees());
        }
    }

    @Test
    void equalBlocksAreToldApart() {
        try (MemoryPool pool = MemoryPool.create()) {
            ByteBuffer first = pool.allocate(0);
            ByteBuffer second = pool.allocate(0);
            assertEquals(first, second, "equal as buffers");
            pool.free(first);
            assertThrows(IllegalArgumentException.class, () -> pool.free(first));
            pool.free(second);
            assertEquals(0, pool.stats().liveBlocks());
        }
    }

    @Test
    void nullIsRefused() {
        try (MemoryPool pool = MemoryPool.create()) {
            assertEquals("block", assertThrows(NullPointerException.class, () -> pool.free(null)).getMessage());
        }
        assertEquals("name", assertThrows(NullPointerException.class,
                () -> MemoryPool.builder().name(null)).getMessage());
    }

    @Test
    void theLimitRefusesAndThePoolStaysUsable() {
        try (MemoryPool pool = MemoryPool.builder().name("p").limit(100_000).build()) {
            ByteBuffer first = pool.allocate(65_536);
            Blocks.fill(first, 2);
            assertEquals("allocate: size=65536 pool=p status=LIMIT_REACHED: raise the limit, or release memory first",
                    assertThrows(ArenaExhaustedException.class, () -> pool.allocate(65_536)).getMessage());
            assertEquals(1, pool.stats().failures());
            assertEquals(1, pool.stats().liveBlocks());
            Blocks.assertFilled(first, 2);
            ByteBuffer small = pool.allocate(1000);
            pool.free(first);
            assertEquals(65_536, pool.allocate(65_536).capacity());
            pool.free(small);
            Blocks.assertSound(pool);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void aLimitMustBePositive(long limit) {
        assertEquals("limit=" + limit + ": pass a positive number of bytes",
                assertThrows(IllegalArgumentException.class, () -> MemoryPool.builder().limit(limit)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE})
    void retainMustNotBeNegative(long retain) {
        assertEquals("retain=" + retain + ": pass 0 or more bytes",
                assertThrows(IllegalArgumentException.class, () -> MemoryPool.builder().retain(retain)).getMessage());
    }

    @Test
    void theLimitIsShownInTheStatistics() {
        try (MemoryPool limited = MemoryPool.builder().limit(123_456).build(); MemoryPool free = MemoryPool.create();
                MemoryPool largest = MemoryPool.builder().limit(Long.MAX_VALUE).build()) {
            assertEquals(123_456, limited.stats().limit());
            assertEquals(Long.MAX_VALUE, free.stats().limit());
            assertEquals(Long.MAX_VALUE, largest.stats().limit());
        }
    }

    // --- the whole pool

    @Test
    void theSharedPoolIsOneAndCannotBeClosed() {
        assertSame(MemoryPool.shared(), MemoryPool.shared());
        assertEquals("pool=shared: the shared pool cannot be closed, create one of your own",
                assertThrows(IllegalStateException.class, MemoryPool.shared()::close).getMessage());
        assertFalse(MemoryPool.shared().isClosed());
        assertEquals("shared", MemoryPool.shared().name());
        assertEquals("MemoryPool[name=shared]", MemoryPool.shared().toString());
    }

    @Test
    void aClosedPoolRefusesEveryMethod() throws Exception {
        MemoryPool pool = MemoryPool.builder().name("closed-one").build();
        ByteBuffer block = pool.allocate(16);
        pool.close();
        List<OtherThread.Action> calls = List.of(() -> pool.allocate(16), () -> pool.allocate(0),
                () -> pool.free(block), pool::stats, pool::statsTable, pool::trim, () -> NativeArena.create(pool),
                () -> NativeArena.builder().pool(pool).build());
        for (OtherThread.Action call : calls) {
            IllegalStateException here = assertThrows(IllegalStateException.class, call::run);
            assertEquals("pool=closed-one: the pool is closed", here.getMessage());
            Throwable there = OtherThread.thrownBy(call);
            assertNotNull(there);
            assertEquals("pool=closed-one: the pool is closed", there.getMessage());
        }
    }

    @Test
    void poolStatisticsArePrinted() {
        try (MemoryPool pool = MemoryPool.builder().name("largeur-\u00e9gale").build()) {
            for (int i = 0; i < 1234; i++) {
                pool.allocate(64);
            }
            pool.allocate(1_000_000);
            List<String> rows = pool.statsTable().lines().toList();
            assertEquals("pool largeur-\u00e9gale on system pages", rows.get(0));
            assertTrue(rows.stream().allMatch(row -> row.length() <= 80), rows::toString);
            assertTrue(rows.stream().anyMatch(row -> row.matches(" +live blocks +1,235")), rows::toString);
            assertTrue(rows.stream().anyMatch(row -> row.matches(" +64 +1,234 +[0-9,]+ +78,976 +[0-9,]+")),
                    rows::toString);
            assertTrue(rows.get(rows.size() - 1).matches(" +larger +1 +0 +1,003,520 +[0-9,]+"), rows::toString);
        }
    }

    @Test
    void aClosedPoolStillKnowsItsNameAndState() {
        MemoryPool pool = MemoryPool.builder().name("closed-one").build();
        assertEquals("MemoryPool[name=closed-one]", pool.toString());
        pool.close();
        assertTrue(pool.isClosed());
        assertEquals("closed-one", pool.name());
        assertEquals("MemoryPool[name=closed-one closed]", pool.toString());
        pool.close();
    }

    @Test
    void aPoolIsClosedByAnyThread() throws Exception {
        MemoryPool pool = MemoryPool.create();
        pool.allocate(100);
        assertNull(OtherThread.thrownBy(pool::close));
        assertTrue(pool.isClosed());
        assertThrows(IllegalStateException.class, () -> pool.allocate(1));
    }

    @Test
    void closeClosesTheCallersArenas() {
        MemoryPool pool = MemoryPool.create();
        NativeArena first = NativeArena.create(pool);
        NativeArena second = NativeArena.create(pool);
        first.allocate(100);
        pool.close();
        assertTrue(first.isClosed());
        assertTrue(second.isClosed());
        first.close();
        second.close();
    }
}
