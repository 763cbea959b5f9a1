// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Limits, what an exhausted arena does, and giving memory back, as far as Java adds something to C. */
@NoNativeLeaks
class ArenaLimitTest {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    private static NativeArena.Builder small() {
        return NativeArena.builder().initialChunkSize(KIB).maxChunkSize(KIB);
    }

    // --- limits

    @Test
    void limitRefusesAndLeavesTheArenaUsable() {
        try (NativeArena arena = small().name("small").limit(2 * KIB).build()) {
            arena.allocateRef(1000);
            ArenaStats before = arena.stats();
            String message = assertThrows(ArenaExhaustedException.class, () -> arena.allocate(2000)).getMessage();
            assertEquals("allocate: size=2000 alignment=1 arena=small status=LIMIT_REACHED: raise the limit, or "
                    + "release memory first", message);
            assertEquals(before, arena.stats());
            assertEquals(2 * KIB, before.limit());
            arena.allocateRef(1000);
            assertThrows(ArenaExhaustedException.class, () -> arena.allocateRef(100));
            arena.reset();
            arena.allocateRef(1000);
        }
    }

    @Test
    void limitSmallerThanTheFirstChunkRefused() {
        assertEquals("limit=1000 initialChunkSize=4096: the first chunk must fit, raise the limit or lower "
                + "initialChunkSize", assertThrows(IllegalArgumentException.class,
                () -> NativeArena.builder().limit(1000).build()).getMessage());
        assertEquals("limit=0: pass a positive number of bytes", assertThrows(IllegalArgumentException.class,
                () -> NativeArena.builder().limit(0)).getMessage());
        assertEquals("retain=-1: pass 0 or more bytes", assertThrows(IllegalArgumentException.class,
                () -> NativeArena.builder().retain(-1)).getMessage());
        assertThrows(NullPointerException.class, () -> NativeArena.builder().onExhausted(null));
    }

    @Test
    void limitOfAChildCutsItsChunks() {
        try (NativeArena parent = NativeArena.builder().name("top").build()) {
            NativeArena child = parent.newChild(100);
            assertEquals(96, child.stats().allocated());
            String message = assertThrows(IllegalArgumentException.class, () -> parent.newChild(10)).getMessage();
            assertTrue(message.startsWith("create: arena=top pool=shared sizes=as-parent limit=10 parent=top "
                    + "status=INVALID_ARGUMENT: "), message);
            assertEquals(1, parent.stats().children());
        }
    }

    @Test
    void exhaustedFailKeepsToTheFirstChunk() {
        try (NativeArena arena = small().onExhausted(OnExhausted.FAIL).build()) {
            arena.allocateRef(KIB);
            String message = assertThrows(ArenaExhaustedException.class, () -> arena.allocateRef(1)).getMessage();
            assertTrue(message.contains("status=ARENA_FULL"), message);
        }
    }

    /** A chunk that fell back has an index, and the next epoch another chunk there: no view may show the old one. */
    @Test
    void fallBackBeyondTheLimit() {
        try (NativeArena arena = small().limit(KIB).onExhausted(OnExhausted.FALL_BACK).build()) {
            for (int round = 0; round < 3; round++) {
                arena.allocateRef(KIB);
                long first = arena.allocateRef(200 + round * 300);
                long second = arena.allocateRef(100);
                Blocks.fill(arena.view(first, 200), 1);
                arena.putLong(second, 0, round);
                assertEquals(1, Blocks.chunk(first));
                assertEquals(2, Blocks.chunk(second));
                assertEquals(round, Blocks.asC(arena, second, 8).getLong(0));
                Blocks.assertFilled(Blocks.asC(arena, first, 200), 1);
                assertTrue(arena.stats().fellBack() >= 300);
                arena.reset();
                assertEquals(KIB, arena.stats().allocated());
            }
        }
    }

    // --- trim and retain

    @Test
    void trimGivesBackWhatHoldsNothing() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = small().pool(pool).build()) {
            for (int i = 0; i < 5; i++) {
                arena.allocateRef(KIB);
            }
            arena.reset();
            arena.trim(2 * KIB + 1);
            assertEquals(2, arena.stats().chunks());
            assertEquals("keepBytes=-1 arena=arena: pass 0 or more bytes",
                    assertThrows(IllegalArgumentException.class, () -> arena.trim(-1)).getMessage());
            arena.trim(Long.MAX_VALUE);
            assertEquals(2, arena.stats().chunks());
            arena.trim(0);
            assertEquals(KIB, arena.stats().allocated());
        }
    }

    @Test
    void trimLeavesReferencesAndViewsValid() {
        try (NativeArena arena = small().build()) {
            long kept = arena.allocateRef(KIB);
            ByteBuffer view = arena.view(kept, KIB);
            Blocks.fill(view, 7);
            Mark mark = arena.mark();
            long gone = arena.allocateRef(KIB);
            arena.putLong(gone, 0, 1);
            arena.rewind(mark);
            arena.trim(0);
            Blocks.assertFilled(view, 7);
            Blocks.assertFilled(arena.view(kept, KIB), 7);
            assertThrows(IllegalStateException.class, () -> arena.getLong(gone, 0));
            long next = arena.allocateRef(KIB);
            arena.putLong(next, 0, 5);
            assertEquals(5, Blocks.asC(arena, next, 8).getLong(0));
            assertThrows(IllegalStateException.class, () -> arena.getLong(gone, 0));
        }
    }

    /** Java remembers buffers by chunk index; after such a reset an index may mean other memory. */
    @Test
    void retainForgetsWhatItGaveBack() {
        try (NativeArena arena = small().retain(2 * KIB).build()) {
            for (int round = 0; round < 4; round++) {
                int large = (3 + round) * KIB;
                arena.allocateRef(KIB);
                arena.allocateRef(KIB);
                long third = arena.allocateRef(large);
                assertEquals(2, Blocks.chunk(third));
                Blocks.fill(arena.view(third, large), round);
                Blocks.assertFilled(Blocks.asC(arena, third, large), round);
                arena.reset();
                assertEquals(2 * KIB, arena.stats().allocated());
            }
        }
    }

    // --- the operating system

    /** Bytes of this process in physical memory. */
    private static long resident() throws IOException {
        Path statm = Path.of("/proc/self/statm");
        Assumptions.assumeTrue(Files.isReadable(statm), "there is no /proc/self/statm");
        return Long.parseLong(Files.readString(statm).split(" ")[1]) * 4096;
    }

    @Test
    void resetReturnsMemoryToTheOperatingSystem() throws IOException {
        long spike = 256L * MIB;
        try (MemoryPool pool = MemoryPool.builder().retain(MIB).build();
             NativeArena arena = NativeArena.builder().pool(pool).retain(MIB).build()) {
            long before = resident();
            for (long done = 0; done < spike; done += MIB) {
                arena.allocateZeroed(MIB);
            }
            long during = resident();
            arena.reset();
            long after = resident();
            assertTrue(arena.stats().allocated() <= MIB, () -> arena.stats().toString());
            assertTrue(during - before >= spike / 4 * 3, "before=" + before + " during=" + during);
            assertTrue(during - after >= spike / 2, "during=" + during + " after=" + after);
        }
    }
}
