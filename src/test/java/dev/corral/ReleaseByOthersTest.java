// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ReleaseNatives;
import dev.corral.junit.NoNativeLeaks;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Release actions when somebody else takes the memory back: the pool, C, the reaper. */
@NoNativeLeaks
@SuppressWarnings("try") // scopes are closed by nobody who names them
class ReleaseByOthersTest extends ReleaseLog {
    // --- pools

    @Test
    void closingAPoolRunsTheActionsOfItsArenas() {
        RuntimeException thrown = new RuntimeException("thrown");
        MemoryPool pool = MemoryPool.create();
        NativeArena older = NativeArena.create(pool);
        register(older, "a", "b");
        NativeArena newer = NativeArena.create(pool);
        register(newer, "c");
        newer.onRelease(() -> {
            throw thrown;
        });
        var block = pool.allocate(64);
        older.onRelease(() -> pool.free(block));
        older.onRelease(() -> {
            assertThrows(IllegalStateException.class, () -> NativeArena.create(pool));
            older.allocate(8).putLong(0, 1);
        });
        assertSame(thrown, assertThrows(RuntimeException.class, pool::close));
        assertEquals("c b a", ran());
        assertEquals(0, thrown.getSuppressed().length);
        assertTrue(pool.isClosed() && older.isClosed() && newer.isClosed());
        pool.close();
    }

    @Test
    void aPoolThatCannotBeClosedRunsNoAction() throws Exception {
        try (MemoryPool pool = MemoryPool.create(); NativeArena mine = NativeArena.create(pool)) {
            register(mine, "a");
            Throwable thrown = OtherThread.thrownBy(() -> {
                register(NativeArena.create(pool), "b");
                pool.close();
            });
            assertTrue(thrown instanceof IllegalStateException, String.valueOf(thrown));
            assertEquals("", ran());
            NativeArena.create(pool).close(); // it is as open as before
            pool.close();
            assertEquals("b a", ran());
        }
    }

    @Test
    void whoClosesAnArenaOfAnEndedThreadRunsItsActions() throws Exception {
        NativeArena theirs = OtherThread.call(() -> {
            NativeArena arena = NativeArena.create();
            register(arena, "a");
            return arena;
        });
        theirs.close();
        assertEquals("a", ran());
    }

    // --- C takes memory back

    @Test
    void actionsAreOwedAfterAResetInC() {
        try (NativeArena arena = NativeArena.create()) {
            Mark mark = arena.mark();
            register(arena, "a", "b");
            ArenaNatives.reset(arena.nativeHandle());
            register(arena, "c");
            Mark second = arena.mark();
            register(arena, "d");
            assertThrows(IllegalStateException.class, () -> arena.rewind(mark));
            assertEquals("", ran());
            arena.rewind(second);
            assertEquals("b a d", ran());
            ArenaNatives.reset(arena.nativeHandle());
        }
        assertEquals("c", ran());
    }

    @Test
    void closingAScopeThatCHasTakenBackRunsWhatIsOwed() {
        try (NativeArena arena = NativeArena.create()) {
            register(arena, "a");
            Mark mark = arena.mark();
            arena.allocateRef(8);
            try (Scope scope = arena.openScope()) {
                register(arena, "b");
                ArenaNatives.rewind(arena.nativeHandle(), mark.id);
                register(arena, "c");
            }
            assertEquals("b", ran());
        }
        assertEquals("c a", ran());
    }

    @Test
    void actionsOfAnArenaThatCHasDestroyedRunAtClose() {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena arena = NativeArena.create(pool);
            register(arena, "a", "b", "c");
            ArenaNatives.destroy(arena.nativeHandle());
            arena.close();
            assertEquals("c b a", ran());
        }
    }

    @Test
    void aCallbackOfCThatIsRunningRefuses() {
        try (NativeArena arena = NativeArena.create()) {
            arena.onRelease(note("a"));
            assertEquals(0, ReleaseNatives.begin(arena.nativeHandle(), ReleaseNatives.ALL)); // as a callback sees it
            var view = arena.allocate(8);
            assertThrows(IllegalStateException.class, arena::reset);
            assertThrows(IllegalStateException.class, arena::clear);
            assertThrows(IllegalStateException.class, arena::close);
            view.putLong(0, 1);
            ReleaseNatives.end(arena.nativeHandle());
            assertEquals("", ran());
        }
        assertEquals("a", ran());
    }

    // --- dropped

    /** The action refers to the arena, which must be found all the same. */
    private static void drop(MemoryPool pool, List<String> log) {
        NativeArena arena = NativeArena.builder().pool(pool).name("dropped-with-actions").build();
        arena.onRelease(() -> log.add(arena.name()));
        arena.onRelease(() -> log.add(arena.name()));
    }

    @Test
    void actionsOfADroppedArenaDoNotKeepItAndDoNotRun() {
        Reports reports = new Reports();
        reports.attach();
        try (MemoryPool pool = MemoryPool.create()) {
            drop(pool, log);
            Await.collected("the arena is freed", () -> pool.stats().inUse() == 0, pool::stats);
            Await.collected("its report", () -> !reports.naming("arena=dropped-with-actions ").isEmpty(), reports::all);
            String report = reports.naming("arena=dropped-with-actions ").get(0).getMessage();
            assertTrue(report.contains("releaseActionsNotRun=2"), report);
        } finally {
            reports.detach();
        }
        assertEquals("", ran());
    }
}
