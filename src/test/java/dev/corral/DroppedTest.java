// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Arenas and pools that become unreachable without close: freed once no view is left, counted, and reported once. */
@NoNativeLeaks
class DroppedTest {
    private final Reports reports = new Reports();

    @BeforeEach
    void listen() {
        reports.attach();
        // Report levels are the process's; other tests may have used up what "sampled" records.
        try (MemoryPool pool = MemoryPool.builder().name("warm-up").build()) {
            dropArena(pool, "warm-up", 16);
            Await.collected("a first drop", () -> pool.stats().droppedArenas() == 1, pool::stats);
            Await.collected("its report", () -> !reports.naming("arena=warm-up ").isEmpty(), reports::all);
        }
    }

    @AfterEach
    void stopListening() {
        reports.detach();
    }

    /** Drops an arena with one view of {@code size} bytes, which it returns. */
    private static ByteBuffer dropArena(MemoryPool pool, String name, int size) {
        ByteBuffer view = NativeArena.builder().pool(pool).name(name).build().allocate(size);
        Blocks.fill(view, 5);
        return view;
    }

    @Test
    void aDroppedArenaIsFreed() {
        try (MemoryPool pool = MemoryPool.create()) {
            dropArena(pool, "dropped", 100_000);
            Await.collected("the arena is freed", () -> pool.stats().inUse() == 0, pool::stats);
            assertEquals(0, pool.stats().openArenas());
            assertEquals(1, pool.stats().droppedArenas());
            Blocks.assertSound(pool);
        }
    }

    /** An observer that refers to its own arena. */
    private static final class Owner implements ArenaObserver {
        private final NativeArena[] arena = new NativeArena[1];
    }

    private static void dropObservedArena(MemoryPool pool) {
        Owner owner = new Owner();
        owner.arena[0] = NativeArena.builder().pool(pool).name("observed").observer(owner).build();
        owner.arena[0].allocateRef(100);
    }

    @Test
    void anObserverDoesNotKeepItsArenaFromBeingDropped() {
        try (MemoryPool pool = MemoryPool.create()) {
            dropObservedArena(pool);
            Await.collected("the arena is freed", () -> pool.stats().inUse() == 0, pool::stats);
            long metadata = pool.stats().metadata();
            for (int round = 0; round < 10; round++) {
                dropObservedArena(pool);
                Await.collected("the arena is freed", () -> pool.stats().inUse() == 0, pool::stats);
            }
            assertEquals(metadata, pool.stats().metadata(), "logs go back as well");
            Blocks.assertSound(pool);
        }
    }

    @Test
    void aDroppedArenasMemoryIsNotReusedWhileAViewIsReachable() {
        try (MemoryPool pool = MemoryPool.create()) {
            ByteBuffer[] kept = {dropArena(pool, "viewed", 100_000)};
            long inUse = pool.stats().inUse();
            Await.collected("the arena is found", () -> pool.stats().droppedArenas() == 1, pool::stats);
            for (int round = 0; round < 3; round++) {
                Await.reaped();
                assertEquals(inUse, pool.stats().inUse(), "freed under a reachable view");
            }
            ByteBuffer[] others = new ByteBuffer[20];
            for (int i = 0; i < others.length; i++) {
                others[i] = pool.allocate(100_000);
                Blocks.fill(others[i], i);
            }
            Blocks.assertFilled(kept[0], 5);
            Arrays.stream(others).forEach(pool::free);
            kept[0] = null;
            Await.collected("freed with its last view", () -> pool.stats().inUse() == 0, pool::stats);
            assertEquals(1, pool.stats().droppedArenas());
            Blocks.assertSound(pool);
        }
    }

    @Test
    void aSliceOfADroppedArenasViewKeepsItToo() {
        try (MemoryPool pool = MemoryPool.create()) {
            ByteBuffer[] kept = {dropArena(pool, "sliced", 100_000).slice(50_000, 4).duplicate()};
            byte expected = kept[0].get(0);
            Await.collected("the arena is found", () -> pool.stats().droppedArenas() == 1, pool::stats);
            Await.reaped();
            assertTrue(pool.stats().inUse() > 100_000, () -> pool.stats().toString());
            assertEquals(expected, kept[0].get(0));
            kept[0] = null;
            Await.collected("freed with its last view", () -> pool.stats().inUse() == 0, pool::stats);
        }
    }

    @Test
    void aDroppedArenaIsReportedOnceWithTheSiteOfItsCreation() {
        try (MemoryPool pool = MemoryPool.builder().name("p1").build()) {
            dropArena(pool, "reported", 100);
            Await.collected("a report", () -> !reports.naming("arena=reported ").isEmpty(), reports::all);
            Await.reaped();
            List<LogRecord> found = reports.naming("arena=reported ");
            assertEquals(1, found.size());
            LogRecord report = found.get(0);
            String message = report.getMessage();
            assertEquals(Level.WARNING, report.getLevel());
            assertTrue(message.startsWith("arena=reported pool=p1 owner=" + Thread.currentThread().getName()
                    + " allocated=4096 used=112 waste=3984 chunks=1 count=1 "), message);
            assertTrue(message.contains(" was dropped without close(); its memory is freed."), message);
            assertTrue(message.contains("site=" + Reports.frame(DroppedTest.class, "dropArena")), message);
            assertNotNull(report.getThrown());
            assertTrue(Arrays.stream(report.getThrown().getStackTrace())
                    .anyMatch(frame -> frame.getMethodName().startsWith("aDroppedArenaIsReportedOnce")));
        }
    }

    @Test
    void aClassWhoseNameStartsLikeOursIsASiteToo() {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArenaUser.drop(pool, "similar");
            Await.collected("a report", () -> !reports.naming("arena=similar ").isEmpty(), reports::all);
            String message = reports.naming("arena=similar ").get(0).getMessage();
            assertTrue(message.contains("site=" + Reports.frame(NativeArenaUser.class, "drop")), message);
        }
    }

    @Test
    void everyDroppedArenaIsCountedAndReported() {
        try (MemoryPool pool = MemoryPool.builder().name("p2").build()) {
            for (int i = 0; i < 50; i++) {
                dropArena(pool, "many", 10_000);
            }
            Await.collected("all are found", () -> pool.stats().droppedArenas() == 50, pool::stats);
            Await.collected("all are reported", () -> reports.naming("arena=many ").size() == 50, reports::all);
            Await.collected("all are freed", () -> pool.stats().inUse() == 0, pool::stats);
            assertEquals(0, pool.stats().openArenas());
            Blocks.assertSound(pool);
        }
    }

    @Test
    void aClosedArenaIsNotReported() {
        try (MemoryPool pool = MemoryPool.builder().name("p3").build()) {
            NativeArena.builder().pool(pool).name("closed").build().close();
            dropArena(pool, "marker", 16);
            Await.collected("the marker", () -> !reports.naming("arena=marker ").isEmpty(), reports::all);
            Await.reaped();
            assertEquals(List.of(), reports.naming("arena=closed "));
            assertEquals(1, pool.stats().droppedArenas());
        }
    }

    @Test
    void anArenaOfADeadThreadIsFreedWhenItIsDropped() throws Exception {
        try (MemoryPool pool = MemoryPool.builder().name("p4").build()) {
            OtherThread.call(() -> dropArena(pool, "orphan", 16).capacity());
            Await.collected("a report", () -> !reports.naming("arena=orphan ").isEmpty(), reports::all);
            String message = reports.naming("arena=orphan ").get(0).getMessage();
            assertTrue(message.contains(" owner=" + OtherThread.NAME + " "), message);
        }
    }

    private static ByteBuffer dropPool(String name) {
        MemoryPool pool = MemoryPool.builder().name(name).build();
        ByteBuffer block = pool.allocate(100_000);
        Blocks.fill(block, 6);
        return block;
    }

    @Test
    void aDroppedPoolIsReportedOnceWithTheSiteOfItsCreation() {
        dropPool("lost");
        Await.collected("a report", () -> !reports.naming("pool=lost ").isEmpty(), reports::all);
        Await.reaped();
        List<LogRecord> found = reports.naming("pool=lost ");
        assertEquals(1, found.size());
        String message = found.get(0).getMessage();
        assertTrue(message.startsWith("pool=lost reserved="), message);
        assertTrue(message.contains("site=" + Reports.frame(DroppedTest.class, "dropPool")), message);
    }

    @Test
    void aDroppedPoolsViewsStayUsable() {
        ByteBuffer block = dropPool("viewed-pool");
        Await.collected("a report", () -> !reports.naming("pool=viewed-pool ").isEmpty(), reports::all);
        Await.reaped();
        Blocks.assertFilled(block, 6);
        Blocks.fill(block, 7);
        Blocks.assertFilled(block, 7);
    }

    @Test
    void aClosedPoolIsNotReported() {
        MemoryPool.builder().name("closed-pool").build().close();
        dropPool("marker-pool");
        Await.collected("the marker", () -> !reports.naming("pool=marker-pool ").isEmpty(), reports::all);
        Await.reaped();
        assertEquals(List.of(), reports.naming("pool=closed-pool "));
    }

    @Test
    void anOpenArenaKeepsItsPoolOpen() {
        useArenaOfAForgottenPool();
        Await.collected("now it is dropped", () -> !reports.naming("pool=kept ").isEmpty(), reports::all);
    }

    /** A method of its own: its caller's frame must not keep the arena. */
    private void useArenaOfAForgottenPool() {
        try (NativeArena arena = arenaOfAForgottenPool()) {
            Await.reaped();
            Await.reaped();
            assertEquals(8, arena.allocate(8).capacity());
            assertEquals(1, arena.pool().stats().openArenas());
            assertEquals(List.of(), reports.naming("pool=kept "));
        }
    }

    private static NativeArena arenaOfAForgottenPool() {
        return NativeArena.create(MemoryPool.builder().name("kept").build());
    }
}
