// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaRecyclerNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What is kept and what is not, and how recyclers, pools and borrowed arenas end in any order. */
@NoNativeLeaks
class ArenaRecyclerLifeTest {
    private static void use(ArenaRecycler recycler, int bytes) {
        try (NativeArena arena = recycler.borrow()) {
            for (int left = bytes; left > 0; left -= 1024) {
                arena.allocateRef(Math.min(left, 1024));
            }
        }
    }

    // --- what is kept

    @Test
    void outlierIsDropped() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            for (int i = 0; i < 20; i++) {
                use(recycler, 1024);
            }
            use(recycler, 1 << 20);
            assertEquals(1, recycler.stats().dropped());
            assertEquals(1, recycler.stats().outgrown());
            assertEquals(0, recycler.stats().keptBytes());
            assertEquals(0, pool.stats().inUse());
            assertEquals(1024, recycler.stats().typical());
        }
    }

    @Test
    void newArenaStartsAtTypicalSize() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            for (int i = 0; i < 20; i++) {
                use(recycler, 100_000);
            }
            try (NativeArena idle = recycler.borrow(); NativeArena fresh = recycler.borrow()) {
                assertFalse(idle.isClosed());
                assertEquals(1, fresh.stats().chunks());
                assertEquals(recycler.stats().typical(), fresh.stats().allocated());
                assertTrue(fresh.stats().allocated() >= 100_000, fresh.stats()::toString);
            }
        }
    }

    @Test
    void countAndBytesAreBounded() {
        try (MemoryPool pool = MemoryPool.create();
                ArenaRecycler few = ArenaRecycler.builder().pool(pool).keptArenas(2).build();
                ArenaRecycler small = ArenaRecycler.builder().pool(pool).keptBytes(9000).build();
                ArenaRecycler none = ArenaRecycler.builder().pool(pool).keptArenas(0).build()) {
            for (ArenaRecycler recycler : List.of(few, small, none)) {
                List<NativeArena> arenas = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    arenas.add(recycler.borrow());
                }
                arenas.forEach(NativeArena::close);
                assertEquals(recycler == none ? 0 : 2, recycler.stats().kept());
                assertEquals(0, recycler.stats().outgrown());
            }
        }
    }

    @Test
    void trimGivesIdleArenasUp() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            use(recycler, 1000);
            assertEquals(0, recycler.trim(4096));
            assertEquals(4096, recycler.trim(4095));
            assertEquals(1, recycler.stats().trimmed());
            assertEquals(0, pool.stats().inUse());
            assertThrows(IllegalArgumentException.class, () -> recycler.trim(-1));
        }
    }

    // --- configurations

    @Test
    void zeroedArenasAreZeroForEachBorrower() {
        try (MemoryPool pool = MemoryPool.create();
                ArenaRecycler recycler = ArenaRecycler.builder().pool(pool).zeroed(true).build()) {
            for (int round = 0; round < 4; round++) {
                try (NativeArena arena = recycler.borrow()) {
                    ByteBuffer block = arena.allocate(3000);
                    for (int i = 0; i < 3000; i++) {
                        assertEquals(0, block.get(i));
                    }
                    Blocks.fill(block, 7);
                }
            }
            assertEquals(3, recycler.stats().hits());
        }
    }

    @Test
    void damagedArenaIsReportedAndDropped() {
        try (MemoryPool pool = MemoryPool.create();
                ArenaRecycler recycler = ArenaRecycler.builder().pool(pool).debug(true).build()) {
            NativeArena arena = recycler.borrow();
            long ref = arena.allocateRef(8);
            arena.putByte(ref, 8, (byte) 1);
            assertThrows(MemoryDamageException.class, arena::close);
            assertTrue(arena.isClosed());
            assertEquals(1, recycler.stats().dropped());
            use(recycler, 100);
            assertEquals(1, recycler.stats().kept());
        }
    }

    private static void assertRefused(String part, Consumer<ArenaRecycler.Builder> option) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> {
            ArenaRecycler.Builder builder = ArenaRecycler.builder();
            option.accept(builder);
            builder.build();
        });
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
    }

    @Test
    void configurationsOutOfRangeAreRefused() {
        try (MemoryPool pool = MemoryPool.builder().name("q").quarantine(true).build();
                NativeArena parent = NativeArena.builder().name("top").build()) {
            assertRefused("pool=q", builder -> builder.pool(pool));
            assertRefused("parent=top", builder -> builder.parent(parent));
            assertRefused("observer=", builder -> builder.observer(new ArenaObserver() { }));
            assertRefused("percentile=0", builder -> builder.percentile(0));
            assertRefused("percentile=101", builder -> builder.percentile(101));
            assertRefused("keptArenas=-1", builder -> builder.keptArenas(-1));
            assertRefused("keptArenas=65537", builder -> builder.keptArenas(65537));
            assertRefused("keptBytes=-1", builder -> builder.keptBytes(-1));
            assertRefused("status=BAD_ALIGNMENT", builder -> builder.alignment(4));
            assertRefused("fixedSize=64", builder -> builder.fixedSize(64).initialChunkSize(64));
            assertRefused("limit=10", builder -> builder.limit(10));
        }
    }

    @Test
    void borrowFailsWhereThePoolHasNoRoom() {
        try (MemoryPool pool = MemoryPool.builder().limit(6000).build();
                ArenaRecycler recycler = ArenaRecycler.create(pool); NativeArena arena = recycler.borrow()) {
            ArenaExhaustedException full = assertThrows(ArenaExhaustedException.class, recycler::borrow);
            assertTrue(full.getMessage().contains("LIMIT_REACHED"), full.getMessage());
            assertEquals(1, recycler.stats().misses());
            arena.allocateRef(8);
        }
    }

    // --- release actions

    @Test
    void actionsRunWhenTheArenaGoesBack() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            List<String> ran = new ArrayList<>();
            NativeArena arena = recycler.borrow();
            arena.onRelease(() -> ran.add("first"));
            arena.onRelease(() -> {
                ran.add("second");
                assertThrows(IllegalStateException.class, arena::close);
                throw new UnsupportedOperationException("an action's own");
            });
            assertThrows(UnsupportedOperationException.class, arena::close);
            assertEquals(List.of("second", "first"), ran);
            assertTrue(arena.isClosed());
            use(recycler, 10);
            assertEquals(2, ran.size());
            assertEquals(1, recycler.stats().hits());
        }
    }

    @Test
    void anActionMayBorrowAndClose() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            NativeArena arena = recycler.borrow();
            arena.onRelease(() -> use(recycler, 100));
            arena.onRelease(recycler::close);
            assertThrows(IllegalStateException.class, arena::close);
            assertTrue(arena.isClosed());
            assertEquals(0, pool.stats().inUse());
        }
    }

    // --- ends

    @Test
    void borrowedArenasOutliveTheirRecycler() {
        try (MemoryPool pool = MemoryPool.create()) {
            ArenaRecycler recycler = ArenaRecycler.create(pool);
            use(recycler, 10);
            NativeArena hit = recycler.borrow();
            NativeArena miss = recycler.borrow();
            recycler.close();
            recycler.close();
            assertTrue(recycler.isClosed());
            hit.allocate(5000).putLong(0, 1);
            assertThrows(IllegalStateException.class, recycler::borrow);
            assertThrows(IllegalStateException.class, recycler::stats);
            assertThrows(IllegalStateException.class, () -> recycler.trim(0));
            ArenaRecycler next = ArenaRecycler.create(pool);
            hit.close();
            miss.close();
            assertEquals(0, pool.stats().inUse());
            next.close();
        }
    }

    @Test
    void theRecyclerEndsWithItsPool() {
        MemoryPool pool = MemoryPool.create();
        ArenaRecycler recycler = ArenaRecycler.create(pool);
        use(recycler, 10);
        NativeArena arena = recycler.borrow();
        arena.allocate(8);
        pool.close();
        assertTrue(arena.isClosed());
        assertTrue(recycler.isClosed());
        assertThrows(IllegalStateException.class, recycler::borrow);
        assertThrows(IllegalStateException.class, recycler::stats);
        arena.close();
        recycler.close();
        assertThrows(IllegalStateException.class, () -> ArenaRecycler.create(pool));
    }

    @Test
    void aPoolWithAnArenaBorrowedByAnotherThreadStaysOpen() throws Exception {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool);
                NativeArena arena = recycler.borrow()) {
            Throwable refused = OtherThread.thrownBy(pool::close);
            assertTrue(String.valueOf(refused).contains("an arena of another thread is open"), String.valueOf(refused));
            arena.allocate(8);
            assertNull(OtherThread.thrownBy(recycler::close));
            arena.allocate(8);
        }
    }

    @Test
    void cCodeCannotReturnWhatJavaHolds() {
        try (MemoryPool pool = MemoryPool.create()) {
            long recycler = ArenaRecyclerNatives.create(PoolHandles.of(pool),
                    dev.corral.internal.ConfigFields.of(4096, 65536, 16, false), null, 4, 1 << 20, 90);
            long arena = ArenaRecyclerNatives.borrow(recycler);
            assertEquals(Status.FOREIGN_POINTER, ArenaRecyclerNatives.returnArena(recycler, arena));
            assertEquals(ArenaRecyclerNatives.KEPT | ArenaRecyclerNatives.SAME_CHUNKS,
                    ArenaRecyclerNatives.giveBack(recycler, arena));
            assertEquals(Status.DOUBLE_FREE, ArenaRecyclerNatives.returnArena(recycler, arena));
            assertEquals(Status.OK, ArenaRecyclerNatives.destroy(recycler));
        }
    }

    // --- dropped

    private static void drop(ArenaRecycler recycler, int size) {
        recycler.borrow().allocateRef(size);
    }

    @Test
    void aDroppedArenaIsReportedAndTakenBack() {
        Reports reports = new Reports();
        LeakDetection.Level before = LeakDetection.level();
        LeakDetection.level(LeakDetection.Level.ALL);
        reports.attach();
        try (MemoryPool pool = MemoryPool.create();
                ArenaRecycler recycler = ArenaRecycler.builder().pool(pool).name("lost").build()) {
            drop(recycler, 100);
            Await.collected("it is taken back", () -> recycler.stats().kept() == 1, recycler::stats);
            Await.collected("and reported", () -> !reports.naming("arena=lost ").isEmpty(), reports::all);
            assertEquals(1, reports.naming("arena=lost ").size());
            assertTrue(reports.naming("arena=lost ").get(0).getMessage().contains(
                    Reports.frame(ArenaRecyclerLifeTest.class, "drop")), reports.all()::toString);
            assertEquals(1, pool.stats().droppedArenas());
            use(recycler, 100);
            assertEquals(1, recycler.stats().hits());
        } finally {
            reports.detach();
            LeakDetection.level(before);
        }
    }

    @Test
    void aDroppedArenaWithAViewIsTakenBackLater() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            ByteBuffer view = recycler.borrow().allocate(64).putLong(0, 99);
            Await.collected("it is found", () -> pool.stats().droppedArenas() == 1, pool::stats);
            use(recycler, 100);
            assertEquals(2, recycler.stats().misses());
            assertEquals(99, view.getLong(0));
            assertEquals(1, recycler.stats().borrowed());
        }
    }

    private static void dropRecycler(MemoryPool pool) {
        use(ArenaRecycler.builder().pool(pool).name("forgotten").build(), 100);
    }

    @Test
    void aDroppedRecyclerIsReportedAndFreed() {
        Reports reports = new Reports();
        reports.attach();
        try (MemoryPool pool = MemoryPool.create()) {
            dropRecycler(pool);
            Await.collected("its arenas are freed", () -> pool.stats().inUse() == 0, pool::stats);
            Await.collected("and reported", () -> !reports.naming("recycler=forgotten ").isEmpty(), reports::all);
        } finally {
            reports.detach();
        }
    }

    @Test
    void openRecyclersAreInTheSnapshot() {
        try (MemoryPool pool = MemoryPool.create()) {
            LeakDetection.Snapshot snapshot = LeakDetection.snapshot();
            try (ArenaRecycler recycler = ArenaRecycler.builder().pool(pool).name("seen").build();
                    NativeArena arena = recycler.borrow()) {
                arena.allocate(1);
                assertTrue(snapshot.openedSince().stream().anyMatch(leak -> leak.what().startsWith("recycler=seen ")));
                assertTrue(snapshot.openedSince().stream().anyMatch(leak -> leak.what().startsWith("arena=seen ")));
            }
            assertEquals(List.of(), snapshot.openedSince());
        }
    }

    @Test
    void itsTextsSayWhatItIs() {
        try (MemoryPool pool = MemoryPool.builder().name("p").build()) {
            ArenaRecycler recycler = ArenaRecycler.builder().pool(pool).name("r").build();
            assertEquals("ArenaRecycler[name=r pool=p]", recycler.toString());
            assertEquals(pool, recycler.pool());
            assertEquals("hits=0 misses=0 returned=0 dropped=0 outgrown=0 trimmed=0 borrowed=0 kept=0 keptBytes=0"
                    + " typical=0", recycler.stats().toString());
            recycler.close();
            assertEquals("ArenaRecycler[name=r pool=p closed]", recycler.toString());
        }
    }
}
