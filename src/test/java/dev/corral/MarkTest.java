// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.corral.internal.ArenaNatives;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Marks and rewind: what is taken back, what stays, and which marks are refused. Scopes are in ScopeTest. */
@NoNativeLeaks
class MarkTest {
    /** Asserts that the mark is refused as stale and that nothing changes. */
    private static void assertStale(NativeArena arena, Mark mark) {
        ArenaStats before = arena.stats();
        IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> arena.rewind(mark));
        assertEquals("rewind: arena=" + arena.name()
                + (mark.arena == arena ? "" : " mark.arena=" + mark.arena.name) + " status=STALE_MARK: the mark is "
                + "of another arena, or a reset, clear or rewind to an earlier mark took it back", thrown.getMessage());
        assertEquals(before, arena.stats());
        Blocks.assertSound(arena);
    }

    @Test
    void rewindTakesBackEverythingSince() {
        try (NativeArena arena = NativeArena.create()) {
            ByteBuffer before = arena.allocate(100);
            Blocks.fill(before, 1);
            Mark mark = arena.mark();
            Blocks.fill(arena.allocate(200), 2);
            Blocks.fill(arena.allocate(50_000), 3);
            Blocks.fill(arena.allocate(4_096), 4);
            arena.rewind(mark);
            ArenaStats stats = arena.stats();
            assertEquals(112, stats.used());
            assertEquals(1, stats.count());
            assertEquals(3, stats.chunks());
            assertEquals(0, stats.resets());
            assertEquals(112 + 208 + 50_000 + 4_096, stats.peakUsed());
            Blocks.assertFilled(before, 1);
            assertEquals(112, Blocks.offset(arena.allocateRef(8)));
            Blocks.assertSound(arena);
        }
    }

    @Test
    void aMarkCanBeUsedManyTimes() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            arena.allocateRef(16);
            Mark mark = arena.mark();
            arena.allocateRef(4_080);
            arena.allocateRef(8_192);
            long allocations = pool.stats().allocations();
            for (int round = 0; round < 1_000; round++) {
                arena.rewind(mark);
                assertEquals(16, arena.stats().used());
                assertEquals(1L << 50 | 16, arena.allocateRef(4_080));
                long ref = arena.allocateRef(8_192);
                assertEquals(1, Blocks.chunk(ref));
                arena.putInt(ref, 8_188, round);
                assertEquals(round, Blocks.asC(arena, ref, 8_192).getInt(8_188));
            }
            assertEquals(allocations, pool.stats().allocations());
        }
    }

    @Test
    void nestedMarksAndStaleInnerOnes() {
        try (NativeArena arena = NativeArena.create()) {
            Mark outer = arena.mark();
            arena.allocateRef(5_000);
            Mark middle = arena.mark();
            arena.allocateRef(5_000);
            Mark inner = arena.mark();
            arena.allocateRef(50_000);
            arena.rewind(inner);
            assertEquals(10_016, arena.stats().used());
            arena.rewind(middle);
            assertEquals(5_008, arena.stats().used());
            assertStale(arena, inner);
            arena.rewind(outer);
            assertEquals(0, arena.stats().used());
            arena.allocateRef(16);
            assertStale(arena, middle);
            assertStale(arena, inner);
            Mark later = arena.mark();
            assertStale(arena, middle);
            arena.rewind(later);
            arena.rewind(outer);
        }
    }

    @Test
    void resetAndClearMakeMarksStale() {
        try (NativeArena arena = NativeArena.create()) {
            for (int round = 0; round < 4; round++) {
                Mark fresh = arena.mark();
                arena.allocateRef(5_000);
                Mark mark = arena.mark();
                if (round % 2 == 0) {
                    arena.reset();
                } else {
                    arena.clear();
                }
                assertStale(arena, mark);
                assertStale(arena, fresh);
                Mark later = arena.mark();
                arena.allocateRef(16);
                assertStale(arena, mark);
                arena.rewind(later);
                assertEquals(0, arena.stats().used());
            }
        }
    }

    @Test
    void aMarkOfAnotherArenaIsRefused() {
        try (NativeArena arena = NativeArena.create(); NativeArena other = NativeArena.builder().name("b").build()) {
            Mark mark = arena.mark();
            Mark foreign = other.mark();
            arena.allocateRef(16);
            other.allocateRef(32);
            assertStale(arena, foreign);
            assertStale(other, mark);
            arena.rewind(mark);
            assertEquals(32, other.stats().used());
        }
    }

    @Test
    void aMarkOfAClosedArenaIsRefusedByTheOneThatTookItsPlace() {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena closed = NativeArena.create(pool);
            long handle = closed.nativeHandle();
            Mark mark = closed.mark();
            closed.close();
            assertThrows(IllegalStateException.class, () -> closed.rewind(mark));
            try (NativeArena arena = NativeArena.create(pool)) {
                assertEquals(handle, arena.nativeHandle(), "the test needs the same control block");
                arena.mark();
                arena.allocateRef(16);
                assertStale(arena, mark);
                assertNotEquals(0, ArenaNatives.rewind(handle, mark.id), "C knows that it is another one as well");
            }
        }
    }

    @Test
    void noMarkIsRefused() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(16);
            assertEquals("mark", assertThrows(NullPointerException.class, () -> arena.rewind(null)).getMessage());
            assertEquals(16, arena.stats().used());
        }
    }

    @Test
    void anotherThreadCannotRewind() throws Exception {
        try (NativeArena arena = NativeArena.create()) {
            Mark mark = arena.mark();
            arena.allocateRef(16);
            OtherThread.assertRefused(arena, OtherThread.thrownBy(() -> arena.rewind(mark)));
            assertEquals(16, arena.stats().used());
        }
    }

    @Test
    void poolLimitDoesNotCountMarks() {
        try (MemoryPool pool = MemoryPool.builder().limit(4096).build();
                NativeArena arena = NativeArena.create(pool)) {
            Mark mark = arena.mark();
            arena.allocateRef(4096);
            assertThrows(ArenaExhaustedException.class, () -> arena.allocateRef(1));
            arena.mark();
            arena.rewind(mark);
            assertEquals(0, Blocks.offset(arena.allocateRef(8)));
            Blocks.assertSound(arena);
        }
    }

    @Test
    void viewsAndReferencesFromBeforeAMarkStayValid() {
        try (NativeArena arena = NativeArena.create()) {
            List<ByteBuffer> views = new ArrayList<>();
            List<Long> refs = new ArrayList<>();
            for (int size : new int[] {100, 4_000, 50_000, 8_000}) {
                views.add(arena.allocate(size));
                Blocks.fill(views.get(views.size() - 1), size);
                refs.add(arena.allocateRef(16));
                arena.putLong(refs.get(refs.size() - 1), 8, size);
            }
            Mark mark = arena.mark();
            for (int round = 0; round < 3; round++) {
                for (int size : new int[] {100, 8_000, 16_000, 100_000}) {
                    Blocks.fill(arena.allocate(size), 99);
                }
                arena.rewind(mark);
                for (int i = 0; i < views.size(); i++) {
                    Blocks.assertFilled(views.get(i), views.get(i).capacity());
                    assertEquals(views.get(i).capacity(), arena.getLong(refs.get(i), 8));
                }
            }
        }
    }

    @Test
    void referencesIntoChunksThatWereGivenUpAreRefused() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(4_096);
            Mark mark = arena.mark();
            long next = arena.allocateRef(8_192);
            arena.putLong(next, 0, 1); // its root is known
            long third = arena.allocateRef(64);
            arena.putLong(third, 0, 2);
            arena.rewind(mark);
            for (long ref : new long[] {next, third}) {
                assertThrows(IllegalStateException.class, () -> arena.getLong(ref, 0));
                assertThrows(IllegalStateException.class, () -> arena.putLong(ref, 0, 1));
                assertThrows(IllegalStateException.class, () -> arena.view(ref, 8));
            }
            long again = arena.allocateRef(8_192);
            assertEquals(next, again);
            arena.putLong(again, 0, 3);
            assertEquals(3, Blocks.asC(arena, again, 8).getLong(0));
            assertThrows(IllegalStateException.class, () -> arena.getLong(third, 0));
        }
    }

    @Test
    void randomProgramsOfMarksKeepEveryBlockFromBefore() {
        long seed = 0x5EED0017L;
        Random random = new Random(seed);
        record Point(Mark mark, int blocks, ArenaStats stats) {
        }
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            List<ByteBuffer> blocks = new ArrayList<>();
            List<Point> points = new ArrayList<>();
            for (int step = 0; step < 20_000; step++) {
                int choice = random.nextInt(100);
                if (choice < 6) {
                    points.add(new Point(arena.mark(), blocks.size(), arena.stats()));
                } else if (choice < 11 && !points.isEmpty()) {
                    int at = random.nextInt(points.size());
                    Point to = points.get(at);
                    arena.rewind(to.mark());
                    assertEquals(to.stats().used(), arena.stats().used(), "seed=" + seed + " step=" + step);
                    assertEquals(to.stats().count(), arena.stats().count());
                    List<Point> later = points.subList(at + 1, points.size());
                    later.removeIf(point -> point.mark().id == to.mark().id);
                    later.forEach(point -> assertStale(arena, point.mark()));
                    later.clear();
                    blocks.subList(to.blocks(), blocks.size()).clear();
                } else {
                    ByteBuffer block = arena.allocate(random.nextInt(choice < 13 ? 100_000 : 300));
                    Blocks.fill(block, blocks.size());
                    blocks.add(block);
                }
                if (step % 500 == 0) {
                    for (int i = 0; i < blocks.size(); i++) {
                        Blocks.assertFilled(blocks.get(i), i);
                    }
                    Blocks.assertSound(arena);
                }
            }
            Blocks.assertSound(pool);
        }
    }
}
