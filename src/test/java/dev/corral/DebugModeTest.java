// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.PoolNatives;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Debug arenas: damage is thrown by the operation that finds it, with a report that names block and caller. */
@NoNativeLeaks
class DebugModeTest {
    private static NativeArena open() {
        return NativeArena.builder().name("watched").debug(true).build();
    }

    /** Writes past what a view allows, as C code or a wrong reference could. */
    private static void scribble(NativeArena arena, long ref, int offset, int value) {
        arena.putByte(ref, offset, (byte) value);
    }

    private static void assertContains(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), () -> "expected \"" + part + "\" in:\n" + text);
        }
    }

    private static String damageOf(Runnable operation) {
        MemoryDamageException damage = assertThrows(MemoryDamageException.class, operation::run);
        assertInstanceOf(IllegalStateException.class, damage);
        return damage.getMessage();
    }

    // --- overruns

    @Test
    void overrunFoundByReset() {
        try (NativeArena arena = open()) {
            arena.allocateRef(40);
            long ref = arena.allocateRef(100);
            scribble(arena, ref, 100, 'x');
            String report = damageOf(arena::reset);
            assertContains(report, "reset: arena=watched status=DAMAGED: arena=watched pool=",
                    "found_by=reset damage=overrun block=1 size=100 at=@0:64 tag=DebugModeTest.overrunFoundByReset:",
                    "1 bytes behind the block were overwritten, the first at offset 100",
                    ">         96  CD CD CD CD 78 FD");
            assertEquals(0, arena.stats().used());
            assertThrows(IllegalStateException.class, () -> arena.getByte(ref, 0));
            arena.reset();
        }
    }

    @Test
    void overrunFoundByClearRewindAndScopeClose() {
        try (NativeArena arena = open()) {
            scribble(arena, arena.allocateRef(8), 8, 0);
            assertContains(damageOf(arena::clear), "found_by=clear damage=overrun block=0 size=8");
            Mark mark = arena.mark();
            scribble(arena, arena.allocateRef(8), 9, 0);
            assertContains(damageOf(() -> arena.rewind(mark)), "found_by=rewind damage=overrun block=0 size=8");
            assertEquals(0, arena.stats().count());
            arena.rewind(mark);
            Scope scope = arena.openScope();
            scribble(arena, arena.allocateRef(8), 10, 0);
            assertContains(damageOf(scope::close), "found_by=close_scope damage=overrun block=0 size=8");
            assertEquals(0, arena.stats().count());
            scope.close();
            arena.openScope().close();
        }
    }

    @Test
    void overrunFoundByClose() {
        NativeArena arena = open();
        scribble(arena, arena.allocateRef(8), 8, 0);
        assertContains(damageOf(arena::close), "close: arena=watched status=DAMAGED",
                "found_by=destroy damage=overrun");
        assertTrue(arena.isClosed());
        arena.close();
    }

    @Test
    void underrunNamedAfterTheBlockBehind() {
        try (NativeArena arena = open()) {
            long first = arena.allocateRef(32);
            arena.allocateRef(32);
            scribble(arena, first, 47, 0);
            assertContains(damageOf(arena::reset), "damage=underrun block=1 size=32 at=@0:48",
                    "1 bytes before the block were overwritten, the first at offset -1");
        }
    }

    // --- stale writes

    @Test
    void staleWriteFoundBeforeReuse() {
        try (NativeArena arena = open()) {
            long stale = arena.allocateRef(64);
            ByteBuffer view = arena.view(stale, 64);
            arena.reset();
            writeStale(arena, view, 10);
            String report = damageOf(() -> arena.allocateRef(64));
            assertContains(report, "allocate: size=64 arena=watched status=DAMAGED",
                    "found_by=allocate damage=stale_write at=@0:10 last used as: block=0 size=64 at=@0:0 "
                            + "tag=DebugModeTest.staleWriteFoundBeforeReuse:", "1 free bytes were overwritten");
            assertEquals(1, arena.stats().count(), "the allocation has completed");
            arena.allocateRef(64);
            arena.reset();
        }
    }

    /** Through the stale view where that can still be written, else through its address. */
    private static void writeStale(NativeArena arena, ByteBuffer view, int offset) {
        if (arena.viewSafety() == ViewSafety.RETAINED) {
            view.put(offset, (byte) 1);
        } else {
            long start = dev.corral.internal.ArenaNatives.chunkBase(arena.nativeHandle(), 0);
            PoolNatives.wrap(start + offset, 1).put(0, (byte) 1);
        }
    }

    // --- bytes

    @Test
    void freshBlocksAreRecognised() {
        try (NativeArena arena = open()) {
            ByteBuffer view = arena.allocate(100);
            for (int i = 0; i < 100; i++) {
                assertEquals((byte) 0xCD, view.get(i));
            }
            ByteBuffer zeroed = arena.allocateZeroed(100);
            assertEquals(ByteBuffer.allocate(100), zeroed);
        }
        try (NativeArena arena = NativeArena.builder().debug(true).zeroed(true).build()) {
            assertEquals(ByteBuffer.allocate(100), arena.allocate(100));
        }
    }

    @Test
    void guardsCountAsUsed() {
        try (NativeArena arena = open()) {
            arena.allocate(1);
            assertEquals(32, arena.stats().used());
            arena.allocate(0);
            assertEquals(32, arena.stats().used());
            arena.allocate(16);
            assertEquals(64, arena.stats().used());
            assertEquals(arena.stats().allocated(), arena.stats().used() + arena.stats().waste());
        }
    }

    @Test
    void theLargestRequestLeavesRoomForItsGuard() {
        try (NativeArena arena = open()) {
            IllegalArgumentException refused = assertThrows(IllegalArgumentException.class,
                    () -> arena.allocateRef(1 << 30));
            assertContains(refused.getMessage(), "status=SIZE_LIMIT");
            assertEquals(0, arena.stats().count());
        }
    }

    // --- list and tags

    @Test
    void liveBlocksAreListedWithTheirCallers() {
        try (NativeArena arena = open()) {
            arena.allocate(10);
            arena.allocateCString("text");
            arena.format("%d", 5);
            Function<Integer, ByteBuffer> indirect = arena::allocate;
            indirect.apply(7);
            String report = arena.debugReport();
            assertContains(report, "arena=watched pool=", " live_blocks=4\n",
                    "  block=0 size=10 at=@0:0 tag=DebugModeTest.liveBlocksAreListedWithTheirCallers:",
                    "  block=1 size=5 at=@0:32 tag=DebugModeTest.liveBlocksAreListedWithTheirCallers:",
                    "  block=2 size=1 at=@0:64 tag=DebugModeTest.liveBlocksAreListedWithTheirCallers:",
                    "  block=3 size=7 at=@0:96 tag=DebugModeTest.liveBlocksAreListedWithTheirCallers:",
                    "arena=watched damage=none\n");
            arena.reset();
            assertContains(arena.debugReport(), " live_blocks=0\n");
        }
    }

    @Test
    void reportShowsDamageAndRepairsNothing() {
        try (NativeArena arena = open()) {
            scribble(arena, arena.allocateRef(3), 3, 'y');
            assertContains(arena.debugReport(), "found_by=arena_debug_report damage=overrun block=0 size=3", "y");
            assertContains(arena.debugReport(), "damage=overrun");
            damageOf(arena::reset);
            assertContains(arena.debugReport(), "damage=none");
        }
    }

    @Test
    void otherArenasListNothing() {
        try (NativeArena arena = NativeArena.builder().name("plain").debug(false).build()) {
            long ref = arena.allocateRef(8);
            arena.putByte(ref, 20, (byte) 1);
            assertContains(arena.debugReport(), "arena=plain is not in debug mode", "arena=plain damage=none");
            arena.reset();
        }
    }

    // --- beside the rest

    @Test
    void resizedBlocksAndTextHaveGuardsAndTags() {
        try (NativeArena arena = open()) {
            ByteBuffer block = arena.allocate(100);
            ByteBuffer smaller = arena.resize(block, 60);
            ByteBuffer larger = arena.resize(smaller, 200);
            assertEquals(200, larger.capacity());
            Utf8Builder text = arena.utf8Builder();
            for (int i = 0; i < 100; i++) {
                text.append("text ").append(i);
            }
            text.finish();
            String report = arena.debugReport();
            String caller = "tag=DebugModeTest.resizedBlocksAndTextHaveGuardsAndTags:";
            assertContains(report, "block=0 size=60 at=@0:0 moved=true " + caller,
                    "block=1 size=200 at=@0:128 " + caller, "damage=none");
            assertEquals(report.lines().filter(line -> line.contains("block=")).count(),
                    report.lines().filter(line -> line.contains(caller)).count(), report);
            scribble(arena, arena.allocateRef(1), 1, 0);
            damageOf(arena::reset);
        }
    }

    @Test
    void damageOfAChildIsThrownWhenItsParentEndsIt() {
        try (NativeArena arena = open()) {
            NativeArena child = arena.newChild();
            scribble(child, child.allocateRef(8), 8, 0);
            assertContains(damageOf(arena::reset), "found_by=destroy damage=overrun block=0 size=8");
            assertTrue(child.isClosed());
            assertEquals(0, arena.stats().used());
            arena.reset();
        }
    }

    @Test
    void damageDoneByAReleaseActionIsThrown() {
        try (NativeArena arena = open()) {
            long ref = arena.allocateRef(8);
            arena.onRelease(() -> scribble(arena, ref, 8, 0));
            assertContains(damageOf(arena::reset), "found_by=reset damage=overrun block=0 size=8");
            arena.reset();
        }
    }

    // --- where nobody can be told

    @Test
    void damageInADroppedArenaIsLogged() {
        Reports reports = new Reports();
        reports.attach();
        try (MemoryPool pool = MemoryPool.create()) {
            dropDamaged(pool);
            Await.collected("a report", () -> !reports.naming("memory damage: arena=dropped-damaged ").isEmpty(),
                    reports::all);
            assertEquals(0, pool.stats().openArenas());
        } finally {
            reports.detach();
        }
    }

    private static void dropDamaged(MemoryPool pool) {
        NativeArena arena = NativeArena.builder().pool(pool).name("dropped-damaged").debug(true).build();
        arena.putByte(arena.allocateRef(8), 8, (byte) 0);
    }

    @Test
    void damageInAnArenaThatItsPoolClosesIsLogged() {
        Reports reports = new Reports();
        reports.attach();
        try {
            MemoryPool pool = MemoryPool.create();
            NativeArena arena = NativeArena.builder().pool(pool).name("pooled").debug(true).build();
            arena.putByte(arena.allocateRef(8), 8, (byte) 0);
            pool.close();
            assertEquals(1, reports.naming("memory damage: arena=pooled ").size(), () -> reports.all().toString());
        } finally {
            reports.detach();
        }
    }

    // --- no false alarms, and every damage is found

    @Test
    void randomProgramsAreQuietUntilTheyAreDamaged() {
        Random random = new Random(7);
        try (NativeArena arena = NativeArena.builder().initialChunkSize(256).debug(true).build()) {
            for (int round = 0; round < 60; round++) {
                List<ByteBuffer> views = new ArrayList<>();
                List<Long> refs = new ArrayList<>();
                List<Integer> sizes = new ArrayList<>();
                randomBlocks(arena, random, views, refs, sizes);
                views.forEach(view -> Blocks.fill(view, 3));
                boolean damaged = random.nextBoolean();
                if (damaged) {
                    int victim = random.nextInt(refs.size());
                    arena.putByte(refs.get(victim), sizes.get(victim) + random.nextInt(16), (byte) 3);
                }
                takeBack(arena, random.nextInt(3) == 0, damaged);
                assertDoesNotThrow(arena::reset);
            }
        }
    }

    private static void randomBlocks(NativeArena arena, Random random, List<ByteBuffer> views, List<Long> refs,
            List<Integer> sizes) {
        for (int i = 0; i < 50; i++) {
            int size = random.nextInt(8) == 0 ? random.nextInt(3000) : random.nextInt(64);
            if (random.nextInt(4) == 0) {
                views.add(arena.allocate(size, 1 << random.nextInt(8)));
            } else {
                refs.add(arena.allocateRef(size + 1));
                sizes.add(size + 1);
                views.add(arena.view(refs.get(refs.size() - 1), size + 1));
            }
        }
    }

    private static void takeBack(NativeArena arena, boolean clear, boolean damaged) {
        Runnable operation = clear ? arena::clear : arena::reset;
        if (damaged) {
            assertContains(damageOf(operation), "damage=", "tag=DebugModeTest.randomBlocks:");
        } else {
            assertDoesNotThrow(operation::run);
        }
        assertFalse(arena.stats().used() != 0);
    }
}
