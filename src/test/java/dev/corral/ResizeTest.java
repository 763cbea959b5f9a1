// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** {@code resize}: where blocks go, what they hold, and what is refused. */
@NoNativeLeaks
class ResizeTest {
    private static ByteBuffer filled(NativeArena arena, int size, int value) {
        ByteBuffer block = arena.allocate(size);
        Blocks.fill(block, value);
        return block;
    }

    private static void assertStarts(ByteBuffer block, int size, int value) {
        Blocks.assertFilled(block.slice(0, size), value);
    }

    private static void assertRefused(Class<? extends Throwable> type, NativeArena arena, ByteBuffer block, int size) {
        ArenaStats before = arena.stats();
        assertThrows(type, () -> arena.resize(block, size));
        assertEquals(before, arena.stats());
    }

    @Test
    void theLastBlockKeepsItsPlace() {
        try (NativeArena arena = NativeArena.create()) {
            ByteBuffer block = filled(arena, 100, 3);
            ByteBuffer larger = arena.resize(block, 4000);
            assertEquals(4000, larger.capacity());
            assertEquals(ByteOrder.nativeOrder(), larger.order());
            assertStarts(larger, 100, 3);
            larger.put(0, (byte) 9);
            assertEquals(4000, arena.stats().used());
            ByteBuffer smaller = arena.resize(larger, 10);
            assertEquals(16, arena.stats().used());
            assertEquals(9, smaller.get(0));
            assertEquals(0, arena.resize(smaller, 0).capacity());
            assertEquals(0, arena.stats().used());
            assertEquals(1, arena.stats().count());
        }
    }

    @Test
    void anInnerBlockIsCopiedWhenItGrows() {
        try (NativeArena arena = NativeArena.create()) {
            ByteBuffer block = filled(arena, 32, 1);
            ByteBuffer behind = filled(arena, 32, 2);
            ByteBuffer shrunk = arena.resize(block, 16);
            assertEquals(64, arena.stats().used());
            ByteBuffer moved = arena.resize(shrunk, 64);
            assertStarts(moved, 16, 1);
            Blocks.fill(moved, 5);
            assertStarts(shrunk, 16, 1);
            Blocks.assertFilled(behind, 2);
            assertEquals(3, arena.stats().count());
        }
    }

    @Test
    void growsOverChunks() {
        try (NativeArena arena = NativeArena.create()) {
            ByteBuffer block = filled(arena, 1, 7);
            for (int size = 1; size < 1_000_000; size *= 3) {
                block = arena.resize(block, size * 3);
                assertStarts(block, size, 7);
                Blocks.fill(block, 7);
            }
        }
    }

    @Test
    void aBlockFromBeforeAScopeIsCopied() {
        try (NativeArena arena = NativeArena.create()) {
            ByteBuffer block = filled(arena, 64, 4);
            Mark mark = arena.mark();
            ByteBuffer copy = arena.resize(block, 128);
            Blocks.fill(copy, 6);
            arena.rewind(mark);
            assertStarts(block, 64, 4);
            assertEquals(64, arena.stats().used());
        }
    }

    @Test
    void positionAndLimitDoNotMatter() {
        try (NativeArena arena = NativeArena.create()) {
            ByteBuffer block = filled(arena, 64, 4).position(60).limit(62).order(ByteOrder.BIG_ENDIAN);
            assertStarts(arena.resize(block, 128), 64, 4);
            ByteBuffer nothing = filled(arena, 64, 4).position(0).limit(0);
            assertStarts(arena.resize(nothing, 65), 64, 4);
            assertEquals(128 + 80, arena.stats().used());
        }
    }

    @Test
    void whatIsNoBlockRefused() {
        try (NativeArena arena = NativeArena.create(); NativeArena other = NativeArena.create();
                MemoryPool pool = MemoryPool.create()) {
            ByteBuffer block = filled(arena, 64, 4);
            Class<IllegalArgumentException> wrong = IllegalArgumentException.class;
            assertRefused(wrong, arena, ByteBuffer.allocate(64), 128);
            assertRefused(wrong, arena, ByteBuffer.allocateDirect(64), 128);
            assertRefused(wrong, arena, ByteBuffer.allocateDirect(0), 128);
            assertRefused(wrong, arena, other.allocate(64), 128);
            assertRefused(wrong, arena, pool.allocate(64), 128);
            assertRefused(wrong, arena, block.asReadOnlyBuffer(), 128);
            assertRefused(wrong, arena, block.slice(8, 16), 128);
            assertRefused(wrong, arena, block.slice(1, 63), 10);
            assertRefused(wrong, arena, block, -1);
            assertRefused(wrong, arena, block, (1 << 30) + 1);
            assertRefused(NullPointerException.class, arena, null, 1);
            Blocks.assertFilled(block, 4);
        }
    }

    @Test
    void aStaleViewRefused() {
        try (NativeArena arena = NativeArena.create()) {
            ByteBuffer block = filled(arena, 64, 4);
            arena.reset();
            boolean checked = arena.viewSafety() == ViewSafety.CHECKED;
            assertRefused(checked ? IllegalStateException.class : IllegalArgumentException.class, arena, block, 128);
            if (checked) {
                arena.allocate(64); // the same memory: only a checked view can tell
                assertRefused(IllegalStateException.class, arena, block, 128);
            }
        }
    }

    @Test
    void aFullArenaKeepsTheBlock() {
        try (NativeArena arena = NativeArena.builder().fixedSize(256).build()) {
            ByteBuffer block = filled(arena, 100, 8);
            assertRefused(ArenaExhaustedException.class, arena, block, 257);
            assertStarts(arena.resize(block, 256), 100, 8);
        }
    }

    @Test
    void aClosedArenaAndAnotherThreadRefused() throws Exception {
        NativeArena arena = NativeArena.create();
        ByteBuffer block = arena.allocate(8);
        OtherThread.assertRefused(arena, OtherThread.thrownBy(() -> arena.resize(block, 16)));
        arena.close();
        RuntimeException refused = assertThrows(IllegalStateException.class, () -> arena.resize(block, 16));
        assertTrue(refused.getMessage().contains("is closed"), refused.getMessage());
    }
}
