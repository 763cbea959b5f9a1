// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Views after reset, clear and close: their memory stays mapped while they are reachable, and no longer. */
@NoNativeLeaks
class RetainedViewsTest {
    private static final int BIG = 32 << 20;
    private static final int PAGE = 4096;

    /** Reads and writes every page. */
    private static void touch(ByteBuffer view) {
        for (int at = 0; at < view.capacity(); at += PAGE) {
            view.put(at, (byte) (view.get(at) + 1));
        }
        if (view.capacity() > 0) {
            view.put(view.capacity() - 1, (byte) 1);
        }
    }

    /** Other users of the pool, who take whatever is free. */
    private static void disturb(MemoryPool pool) {
        for (int size = 16; size <= 4 << 20; size *= 2) {
            ByteBuffer block = pool.allocate(size);
            touch(block);
            pool.free(block);
        }
        pool.trim();
    }

    /** An arena whose views are RETAINED on every JDK. */
    private static NativeArena retained(MemoryPool pool) {
        NativeArena arena = NativeArena.builder().pool(pool).sharedViews(true).build();
        assertEquals(ViewSafety.RETAINED, arena.viewSafety());
        return arena;
    }

    @Test
    void viewsStayUsableAfterReset() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = retained(pool)) {
            ByteBuffer small = arena.allocate(100);
            ByteBuffer big = arena.allocate(BIG);
            arena.reset();
            disturb(pool);
            touch(small);
            touch(big);
            Blocks.assertSound(arena);
        }
    }

    @Test
    void viewsStayMappedAfterClear() {
        try (MemoryPool pool = MemoryPool.builder().retain(0).build(); NativeArena arena = retained(pool)) {
            ByteBuffer big = arena.allocate(BIG);
            ByteBuffer medium = arena.allocate(100_000);
            arena.clear();
            disturb(pool);
            touch(big);
            touch(medium);
            Blocks.assertSound(pool);
        }
    }

    @Test
    void viewsStayMappedAfterCloseAndTrim() {
        try (MemoryPool pool = MemoryPool.builder().retain(0).build()) {
            List<ByteBuffer> views = new ArrayList<>();
            try (NativeArena arena = retained(pool)) {
                for (int size : new int[] {0, 1, 100, 5_000, 70_000, 600_000, BIG}) {
                    views.add(arena.allocate(size));
                }
            }
            disturb(pool);
            views.forEach(RetainedViewsTest::touch);
            Blocks.assertSound(pool);
        }
    }

    @Test
    void viewsStayMappedAfterThePoolsClose() {
        List<ByteBuffer> views = new ArrayList<>();
        MemoryPool pool = MemoryPool.create();
        try (NativeArena arena = retained(pool)) {
            views.add(arena.allocate(100));
            views.add(arena.allocate(BIG));
            views.add(pool.allocate(100));
            views.add(pool.allocate(BIG));
            pool.close();
        }
        try (MemoryPool other = MemoryPool.create()) {
            disturb(other);
            System.gc();
            views.forEach(RetainedViewsTest::touch);
        }
    }

    @Test
    void aFreedBlocksViewStaysMapped() {
        try (MemoryPool pool = MemoryPool.builder().retain(0).build()) {
            ByteBuffer small = pool.allocate(64);
            ByteBuffer big = pool.allocate(BIG);
            pool.free(small);
            pool.free(big);
            disturb(pool);
            touch(small);
            touch(big);
            assertTrue(pool.stats().pinnedBytes() >= BIG, () -> pool.stats().toString());
        }
    }

    @Test
    void derivedViewsKeepTheMemoryMapped() {
        try (MemoryPool pool = MemoryPool.builder().retain(0).build()) {
            IntBuffer[] derived = new IntBuffer[] {derivedView(pool)};
            Await.reaped();
            pool.trim();
            assertEquals(1, pool.stats().pinnedRegions());
            derived[0].put(derived[0].capacity() - 1, 7);
            assertEquals(7, derived[0].get(derived[0].capacity() - 1));
            derived[0] = null;
            Await.collected("the region goes back", () -> pool.stats().regions() == 0, pool::stats);
        }
    }

    private static IntBuffer derivedView(MemoryPool pool) {
        ByteBuffer block = pool.allocate(BIG);
        IntBuffer derived = block.slice(16, 4096).duplicate().asIntBuffer();
        pool.free(block);
        return derived;
    }

    @Test
    void pinsEndWithTheViews() {
        try (MemoryPool pool = MemoryPool.builder().retain(0).build()) {
            ByteBuffer[] kept = {pool.allocate(100), pool.allocate(BIG), pool.allocate(700_000)};
            for (ByteBuffer block : kept) {
                pool.free(block);
            }
            assertEquals(3, pool.stats().pinnedRegions());
            assertEquals(0, pool.stats().liveBlocks());
            for (int i = 0; i < kept.length; i++) {
                kept[i] = null;
                int left = kept.length - 1 - i;
                Await.collected("pins=" + left, () -> pool.stats().pinnedRegions() == left, pool::stats);
            }
            assertEquals(0, pool.stats().pinnedBytes());
            assertEquals(0, pool.stats().regions());
            Blocks.assertSound(pool);
        }
    }

    @Test
    void anArenasViewsEndTheirPinsAfterClose() {
        try (MemoryPool pool = MemoryPool.builder().retain(0).build()) {
            useBigArena(pool);
            Await.collected("no pin", () -> pool.stats().pinnedRegions() == 0, pool::stats);
            assertTrue(pool.stats().reserved() < BIG, () -> pool.stats().toString());
            Blocks.assertSound(pool);
        }
    }

    private static void useBigArena(MemoryPool pool) {
        try (NativeArena arena = retained(pool)) {
            touch(arena.allocate(BIG));
            touch(arena.view(arena.allocateRef(100_000), 100_000));
        }
        assertTrue(pool.stats().reserved() > BIG);
    }

    @Test
    void clearedRootsDoNotPinForEver() {
        try (MemoryPool pool = MemoryPool.builder().retain(0).build(); NativeArena arena = retained(pool)) {
            arena.putByte(arena.allocateRef(BIG), 0, (byte) 1);
            arena.clear();
            Await.collected("the big chunk goes back", () -> pool.stats().reserved() < BIG, pool::stats);
            Blocks.assertSound(arena);
        }
    }

    @Test
    void aReusedAddressGetsALargerRootAndTheOldViewKeepsItsOwn() {
        try (MemoryPool pool = MemoryPool.create()) {
            ByteBuffer small = pool.allocate(600_000); // a region of its own
            pool.free(small);
            ByteBuffer larger = pool.allocate(590_000); // fits the same region
            Blocks.fill(larger, 4);
            assertEquals(larger.get(589_999), small.get(589_999), "the same memory");
            pool.free(larger);
            ByteBuffer largest = pool.allocate(600_000);
            assertEquals(600_000, largest.capacity());
            touch(largest);
            touch(small);
            pool.free(largest);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theMemoryOfAViewIsInTheProcessMapAndLeavesIt() throws Exception {
        long[] address = new long[1];
        ByteBuffer[] kept = new ByteBuffer[1];
        try (MemoryPool pool = MemoryPool.builder().retain(0).build()) {
            try (NativeArena arena = retained(pool)) {
                long ref = arena.allocateRef(BIG);
                address[0] = Blocks.address(arena, ref);
                kept[0] = arena.view(ref, BIG);
            }
            pool.trim();
            assertTrue(isMapped(address[0]) && isMapped(address[0] + BIG - 1), "mapped after close");
        }
        assertTrue(isMapped(address[0]) && isMapped(address[0] + BIG - 1), "mapped after the pool's close");
        touch(kept[0]);
        long before = virtualBytes();
        kept[0] = null;
        Await.collected("the mapping goes", () -> before - virtualBytes() >= BIG / 2, RetainedViewsTest::virtualBytes);
    }

    private static boolean isMapped(long address) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            String[] range = line.substring(0, line.indexOf(' ')).split("-");
            if (Long.parseUnsignedLong(range[0], 16) <= address && address < Long.parseUnsignedLong(range[1], 16)) {
                return true;
            }
        }
        return false;
    }

    static long virtualBytes() {
        try {
            return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[0]) * PAGE;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void memoryInUseIsNotReusedWhileAViewOfAnOpenArenaIsTheOnlyUser() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = retained(pool)) {
            ByteBuffer view = arena.allocate(100_000);
            Blocks.fill(view, 3);
            disturb(pool);
            System.gc();
            Blocks.assertFilled(view, 3);
            assertFalse(arena.isClosed());
        }
    }
}
