// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ControlBlock;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Zeroed arenas: no block shows what was in its place before. */
@NoNativeLeaks
class ZeroedTest {
    private static final byte DIRT = (byte) 0xA5;

    private static byte[] bytes(ByteBuffer view) {
        byte[] bytes = new byte[view.capacity()];
        view.get(0, bytes);
        return bytes;
    }

    /** Allocates, expects zeros, leaves dirt. */
    private static ByteBuffer dirty(NativeArena arena, int size) {
        ByteBuffer view = arena.allocate(size);
        assertArrayEquals(new byte[size], bytes(view));
        byte[] dirt = new byte[size];
        Arrays.fill(dirt, DIRT);
        view.put(0, dirt);
        return view;
    }

    private static void dirtyFourChunks(NativeArena arena) {
        dirty(arena, 3000);
        dirty(arena, 8192);
        dirty(arena, 50_000);
        dirty(arena, 13);
        dirty(arena, 20_000);
    }

    @Test
    void zeroedAfterReset() {
        try (NativeArena arena = NativeArena.builder().zeroed(true).build()) {
            for (int round = 0; round < 3; round++) {
                dirtyFourChunks(arena);
                arena.reset();
            }
        }
    }

    @Test
    void zeroedAfterRewind() {
        try (NativeArena arena = NativeArena.builder().zeroed(true).build()) {
            ByteBuffer old = dirty(arena, 100);
            byte[] kept = bytes(old);
            Mark mark = arena.mark();
            for (int round = 0; round < 3; round++) {
                dirtyFourChunks(arena);
                arena.rewind(mark);
                assertArrayEquals(kept, bytes(old));
            }
        }
    }

    @Test
    void zeroedAfterScopeClose() {
        try (NativeArena arena = NativeArena.builder().zeroed(true).build()) {
            dirty(arena, 100);
            for (int round = 0; round < 3; round++) {
                Scope outer = arena.openScope();
                dirty(arena, 100);
                Scope inner = arena.openScope();
                dirtyFourChunks(arena);
                inner.close();
                dirtyFourChunks(arena);
                outer.close();
            }
            assertEquals(1, arena.stats().count());
        }
    }

    @Test
    void zeroedAfterClear() {
        try (NativeArena arena = NativeArena.builder().zeroed(true).build()) {
            for (int round = 0; round < 3; round++) {
                dirtyFourChunks(arena);
                arena.clear();
            }
        }
    }

    @Test
    void zeroedMemoryGoesBackWiped() {
        try (MemoryPool pool = MemoryPool.create()) {
            try (NativeArena arena = NativeArena.builder().pool(pool).zeroed(true).build()) {
                dirtyFourChunks(arena);
            }
            for (int block = 0; block < 100; block++) { // not zeroed: it shows what is there
                try (NativeArena other = NativeArena.builder().pool(pool).fixedSize(8192).build()) {
                    assertArrayEquals(new byte[8192], bytes(other.allocate(8192)));
                }
            }
        }
    }

    @Test
    void zeroedTakesRecycledMemory() {
        try (MemoryPool pool = MemoryPool.create()) {
            try (NativeArena plain = NativeArena.create(pool)) {
                for (int size = 4096; size <= 65_536; size *= 2) {
                    byte[] dirt = new byte[size];
                    Arrays.fill(dirt, DIRT);
                    plain.allocate(size).put(0, dirt);
                }
            }
            try (NativeArena arena = NativeArena.builder().pool(pool).zeroed(true).build()) {
                for (int size = 4096; size <= 65_536; size *= 2) {
                    dirty(arena, size);
                }
            }
        }
    }

    /** As long as an arena is not zeroed, its blocks show the bytes of earlier ones: what this option is about. */
    @Test
    void contentsAreUnspecifiedByDefault() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocate(16).put(0, DIRT);
            arena.reset();
            assertEquals(DIRT, arena.allocate(16).get(0));
        }
    }

    @Test
    void zeroedKeepsTheWindowOpen() {
        try (NativeArena arena = NativeArena.builder().zeroed(true).build()) {
            ByteBuffer control = Blocks.control(arena);
            long cursor = control.getLong(ControlBlock.CURSOR);
            assertTrue(control.getLong(ControlBlock.LIMIT) > cursor);
        }
    }
}
