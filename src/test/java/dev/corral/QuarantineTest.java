// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Pools whose memory nobody gets while somebody may look at it, and what is said of memory that views retain. */
@NoNativeLeaks
class QuarantineTest {
    private static final int SIZE = 3_000;

    private static MemoryPool quarantine() {
        return MemoryPool.builder().quarantine(true).build();
    }

    private static NativeArena retained(MemoryPool pool) {
        return NativeArena.builder().pool(pool).sharedViews(true).build();
    }

    /** Takes all sizes, writes to them, and gives them back. */
    private static void useEverything(MemoryPool pool) {
        for (int round = 0; round < 3; round++) {
            try (NativeArena arena = NativeArena.create(pool)) {
                for (int size = 64; size <= 1 << 20; size *= 2) {
                    arena.allocate(size).putLong(0, -1);
                    ByteBuffer block = pool.allocate(size);
                    Blocks.fill(block, 99);
                    pool.free(block);
                }
            }
        }
    }

    /** A stale view after {@code end} shows its old bytes, whatever others do. */
    private static void assertKept(Consumer<NativeArena> end) {
        try (MemoryPool pool = quarantine()) {
            NativeArena arena = retained(pool);
            arena.allocateRef(8_192);
            ByteBuffer stale = arena.allocate(SIZE);
            Blocks.fill(stale, 5);
            end.accept(arena);
            useEverything(pool);
            Blocks.assertFilled(stale, 5);
            assertTrue(pool.stats().retained() >= SIZE, () -> pool.stats().toString());
            Blocks.assertSound(pool);
            arena.close();
        }
    }

    @Test
    void aStaleViewOfAClosedArenaSeesNoOtherOwner() {
        assertKept(NativeArena::close);
    }

    @Test
    void aStaleViewOfAClearedArenaSeesNoOtherOwner() {
        assertKept(NativeArena::clear);
    }

    @Test
    void aStaleViewOfAFreedBlockSeesNoOtherOwner() {
        try (MemoryPool pool = quarantine()) {
            ByteBuffer block = pool.allocate(SIZE);
            Blocks.fill(block, 6);
            pool.free(block);
            assertThrows(IllegalArgumentException.class, () -> pool.free(block));
            useEverything(pool);
            Blocks.assertFilled(block, 6);
            Blocks.assertSound(pool);
        }
    }

    @Test
    void quarantineEndsWithTheLastView() {
        try (MemoryPool pool = quarantine()) {
            ByteBuffer[] kept = {freedBlock(pool)};
            Await.reaped();
            assertEquals(pool.stats().inUse(), pool.stats().retained());
            assertTrue(pool.stats().retained() >= SIZE);
            kept[0] = null;
            Await.collected("the block is free", () -> pool.stats().inUse() == 0, pool::stats);
            assertEquals(0, pool.stats().retained());
            assertEquals(1, pool.stats().frees());
        }
    }

    private static ByteBuffer freedBlock(MemoryPool pool) {
        ByteBuffer block = pool.allocate(SIZE);
        pool.free(block);
        return block.slice(10, 20).asReadOnlyBuffer();
    }

    @Test
    void aRequestThatWouldFailForQuarantineCollectsGarbageFirst() {
        try (MemoryPool pool = MemoryPool.builder().quarantine(true).limit(1 << 20).build()) {
            for (int i = 0; i < 40; i++) {
                pool.free(pool.allocate(200_000));
            }
            ByteBuffer[] kept = new ByteBuffer[4];
            for (int i = 0; i < kept.length; i++) {
                kept[i] = pool.allocate(250_000);
                pool.free(kept[i]);
            }
            assertThrows(ArenaExhaustedException.class, () -> pool.allocate(250_000));
            assertEquals(4, kept.length);
        }
    }

    @Test
    void memoryThatOnlyViewsKeepIsRetained() {
        long before = Corral.retainedBytes();
        ByteBuffer[] kept = new ByteBuffer[2];
        try (MemoryPool pool = MemoryPool.create()) {
            kept[1] = pool.allocate(50_000);
            try (NativeArena arena = retained(pool)) {
                kept[0] = arena.allocate(100_000);
                assertEquals(0, pool.stats().retained());
            }
            assertTrue(pool.stats().retained() >= 100_000, () -> pool.stats().toString());
            pool.free(kept[1]);
            assertTrue(pool.stats().retained() >= 150_000, () -> pool.stats().toString());
        }
        assertTrue(Corral.retainedBytes() - before >= 150_000, "also of a closed pool");
        assertEquals(100_000, kept[0].capacity());
        kept[0] = null;
        kept[1] = null;
        Await.collected("nothing is retained", () -> Corral.retainedBytes() <= before, Corral::retainedBytes);
    }
}
