// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ArenaRecyclerNatives;
import dev.corral.internal.Failures;
import dev.corral.internal.LifetimesNatives;
import dev.corral.internal.MappedNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Structures that native code uses by their handles, between calls from Java: the native methods are that code. */
@NoNativeLeaks
class SharedWithCTest {
    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // --- Lifetimes

    @Test
    void whatCDoesToLifetimesJavaSees() {
        LifetimePolicy policy = LifetimePolicy.builder().known("token", Lifetime.UNIT).byContext("node").build();
        try (Lifetimes lifetimes = Lifetimes.builder().policy(policy).build()) {
            long handle = lifetimes.nativeHandle();
            assertEquals(lifetimes.intern("print"), LifetimesNatives.intern(handle, utf8("print")));
            long theirs = LifetimesNatives.intern(handle, utf8("echo"));
            assertEquals(theirs, lifetimes.intern("echo"));
            assertEquals("echo", lifetimes.text(theirs));
            assertEquals(2, lifetimes.stats().strings());
            assertEquals(2, lifetimes.stats().found());

            assertEquals(Status.OK, LifetimesNatives.setContext(handle, Lifetime.PROCESS.ordinal()));
            assertEquals(Lifetime.PROCESS, lifetimes.decide("node"));
            lifetimes.context(Lifetime.UNIT);
            lifetimes.allocate("token", 24);
            lifetimes.allocate("token", 8);
            long[] counts = new long[LifetimesNatives.KIND_LONGS];
            assertEquals(Status.OK, LifetimesNatives.kindStats(handle, 0, counts));
            assertArrayEquals(new long[] {0, 0, 2, 32, 0, 0}, counts);
        }
    }

    @Test
    void kindsThatCHasDefinedAreKnown() {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            long handle = lifetimes.nativeHandle();
            for (int round = 0; round < 2; round++) {
                assertThrows(IllegalArgumentException.class, () -> lifetimes.decide("late"));
            }
            assertEquals(0, LifetimesNatives.kind(handle, utf8("late"), LifetimePolicy.Rule.PROCESS.ordinal()));
            assertEquals(Lifetime.PROCESS, lifetimes.decide("late"));
            lifetimes.allocate("late", 40);
            assertEquals(Map.of(Lifetime.PROCESS, new LifetimesStats.Count(1, 40), Lifetime.UNIT,
                    new LifetimesStats.Count(0, 0), Lifetime.UNKNOWN, new LifetimesStats.Count(0, 0)),
                    lifetimes.counts("late"));
            for (String none : List.of("", "lat", "late\0", "late\0r", "later than any name of a kind")) {
                assertThrows(IllegalArgumentException.class, () -> lifetimes.decide(none));
            }
            assertEquals(0, LifetimesNatives.kindNamed(handle, utf8("late")));
            lifetimes.define("late", LifetimePolicy.Rule.PROCESS);
            assertEquals(1, lifetimes.stats().kinds());
        }
    }

    @Test
    void lifetimesThatCHasDestroyedAreRefused() {
        Lifetimes lifetimes = Lifetimes.builder().policy(LifetimePolicy.builder().unknown("entry").build()).build();
        long word = lifetimes.intern("word");
        assertEquals(Status.OK, LifetimesNatives.destroy(lifetimes.nativeHandle()));
        List<Executable> uses = List.of(lifetimes::nativeHandle, () -> lifetimes.intern("word"),
                () -> lifetimes.intern("other"), () -> lifetimes.text(word), () -> lifetimes.allocate("entry", 8),
                () -> lifetimes.allocate(Lifetime.UNIT, 8), () -> lifetimes.decide("entry"),
                () -> lifetimes.counts("entry"), () -> lifetimes.define("new", LifetimePolicy.Rule.UNIT),
                () -> lifetimes.context(Lifetime.UNIT), lifetimes::endUnit, lifetimes::stats, lifetimes::report);
        for (Executable use : uses) {
            String message = assertThrows(IllegalStateException.class, use).getMessage();
            assertTrue(message.contains("lifetimes=lifetimes"), message);
        }
        lifetimes.close();
        assertTrue(lifetimes.isClosed());
    }

    @Test
    void aUnitDuringWhichCTakesTheirPlaceIsNotCountedForOthers() {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            long handle = lifetimes.nativeHandle();
            long pool = PoolHandles.of(lifetimes.pool());
            long[] other = new long[1];
            lifetimes.unit().onRelease(() -> {
                assertEquals(Status.OK, LifetimesNatives.destroy(handle));
                other[0] = LifetimesNatives.create(pool, utf8("other"), lifetimes.process().nativeHandle(),
                        lifetimes.unit().nativeHandle());
            });
            lifetimes.allocate(Lifetime.UNIT, 100);
            lifetimes.endUnit();
            assertEquals(handle, other[0], "the place is used again");
            long[] values = new long[LifetimesNatives.STATS_LONGS];
            assertEquals(Status.OK, LifetimesNatives.stats(handle, values));
            assertEquals(0, LifetimesStats.of(values).units());
            assertEquals(0, LifetimesStats.of(values).unit().bytes());
        }
    }

    @Test
    void handleOfLifetimesIsTheOwnersWhileTheyAreOpen() throws Exception {
        Lifetimes lifetimes = Lifetimes.create();
        assertEquals(lifetimes.nativeHandle(), lifetimes.nativeHandle());
        OtherThread.assertRefused(lifetimes.process(), OtherThread.thrownBy(lifetimes::nativeHandle));
        lifetimes.close();
        assertThrows(IllegalStateException.class, lifetimes::nativeHandle);
    }

    // --- MappedArena

    @Test
    void handleOfASealedFileIsForAnyThreadWhileItIsOpen(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("list.arena");
        MappedFiles.seal(file, 7, 100);
        for (MappedMode mode : MappedMode.values()) {
            MappedArena mapped = MappedArena.open(file, mode);
            long handle = mapped.nativeHandle();
            assertEquals(handle, OtherThread.call(mapped::nativeHandle));
            assertEquals(Status.OK, MappedNatives.check(handle, new byte[MappedNatives.MESSAGE_BYTES]));
            mapped.close();
            String message = assertThrows(IllegalStateException.class, mapped::nativeHandle).getMessage();
            assertTrue(message.contains("file=" + file), message);
        }
    }

    // --- ArenaRecycler

    private static long[] numbers(long recycler) {
        long[] stats = new long[ArenaRecyclerNatives.STATS_LONGS];
        assertEquals(Status.OK, ArenaRecyclerNatives.stats(recycler, stats));
        return stats;
    }

    private static void use(long recycler, int bytes) {
        long arena = ArenaRecyclerNatives.borrow(recycler);
        assertTrue(!Failures.isStatus(arena), () -> Status.name((int) -arena));
        assertTrue(ArenaNatives.allocate(arena, bytes, 1) != 0);
        assertEquals(Status.OK, ArenaRecyclerNatives.giveBack(recycler, arena) & 0xFF);
    }

    @Test
    void arenasThatWaitInJavaAreCsOnceItHasTheHandle() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            for (int i = 0; i < 5; i++) {
                try (NativeArena arena = recycler.borrow()) {
                    arena.allocateRef(100);
                }
            }
            long handle = recycler.nativeHandle();
            assertEquals("hits=4 misses=1 returned=5 borrowed=0 kept=1", told(numbers(handle)));
            use(handle, 200);
            assertEquals("hits=5 misses=1 returned=6 borrowed=0 kept=1", told(numbers(handle)));
            NativeArena arena = recycler.borrow();
            assertEquals("hits=6 misses=1 returned=6 borrowed=1 kept=0", told(numbers(handle)));
            arena.allocateRef(300);
            arena.close();
            assertEquals("hits=6 misses=1 returned=7 borrowed=0 kept=1", told(numbers(handle)));
            assertEquals(4096, ArenaRecyclerNatives.trim(handle, 0));
            recycler.borrow().close();
            assertEquals("hits=6 misses=2 returned=8 borrowed=0 kept=1", told(numbers(handle)));
            assertEquals(handle, recycler.nativeHandle());
            assertEquals(Status.OK, Recyclers.check(recycler));
        }
    }

    private static String told(long[] stats) {
        RecyclerStats named = RecyclerStats.of(stats);
        return "hits=" + named.hits() + " misses=" + named.misses() + " returned=" + named.returned() + " borrowed="
                + named.borrowed() + " kept=" + named.kept();
    }

    @Test
    void arenasThatAreBorrowedWhenCGetsTheHandleGoBackToC() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            recycler.borrow().close();
            NativeArena revived = recycler.borrow();
            NativeArena made = recycler.borrow();
            long ref = revived.allocateRef(16);
            long handle = recycler.nativeHandle();
            assertEquals("hits=1 misses=2 returned=1 borrowed=2 kept=0", told(numbers(handle)));
            revived.putLong(ref, 8, 1);
            revived.close();
            made.close();
            assertEquals("hits=1 misses=2 returned=3 borrowed=0 kept=2", told(numbers(handle)));
            assertEquals(Status.OK, Recyclers.check(recycler));
        }
    }

    @Test
    void handleOfARecyclerIsForAnyThreadWhileItIsOpen() throws Exception {
        MemoryPool pool = MemoryPool.create();
        ArenaRecycler recycler = ArenaRecycler.create(pool);
        ArenaRecycler other = ArenaRecycler.create(pool);
        assertEquals(OtherThread.call(recycler::nativeHandle), recycler.nativeHandle());
        recycler.close();
        assertThrows(IllegalStateException.class, recycler::nativeHandle);
        pool.close();
        assertThrows(IllegalStateException.class, other::nativeHandle);
    }

    @Test
    void cGetsTheHandleWhileThreadsBorrow() throws Exception {
        for (int round = 0; round < 20; round++) {
            try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
                Crew.run(4, member -> {
                    for (int k = 0; k < 100; k++) {
                        if (member == 0) {
                            use(recycler.nativeHandle(), 64);
                        } else {
                            try (NativeArena arena = recycler.borrow()) {
                                arena.putInt(arena.allocateRef(64), 0, k);
                            }
                        }
                    }
                });
                RecyclerStats stats = recycler.stats();
                assertEquals(400, stats.returned());
                assertEquals(400, stats.hits() + stats.misses());
                assertEquals(0, stats.borrowed());
                assertEquals(Status.OK, Recyclers.check(recycler));
            }
        }
    }
}
