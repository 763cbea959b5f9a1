// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Release actions: their order, what they may do, what they throw, and what C owes. */
@NoNativeLeaks
@SuppressWarnings("try") // scopes are closed early, and by nobody who names them
class ReleaseTest extends ReleaseLog {
    // --- order

    @Test
    void actionsRunLastInFirstOut() {
        NativeArena arena = NativeArena.create();
        register(arena, "a", "b");
        assertEquals("", ran());
        arena.reset();
        assertEquals("b a", ran());
        arena.reset();
        register(arena, "c", "d");
        arena.clear();
        assertEquals("d c", ran());
        register(arena, "e", "f");
        arena.close();
        assertEquals("f e", ran());
        arena.close();
        assertEquals("", ran());
    }

    @Test
    void rewindRunsWhatWasRegisteredSince() {
        try (NativeArena arena = NativeArena.create()) {
            register(arena, "a");
            Mark mark = arena.mark();
            register(arena, "b", "c");
            arena.rewind(mark);
            assertEquals("c b", ran());
            arena.rewind(mark);
            assertEquals("", ran());
            register(arena, "d");
            arena.rewind(mark);
            assertEquals("d", ran());
        }
        assertEquals("a", ran());
    }

    @Test
    void closingAScopeRunsItsActions() {
        try (NativeArena arena = NativeArena.create()) {
            try (Scope outer = arena.openScope()) {
                register(arena, "a");
                try (Scope inner = arena.openScope()) {
                    register(arena, "b", "c");
                    arena.allocateRef(8);
                }
                assertEquals("c b", ran());
                outer.close();
                assertEquals("a", ran());
            }
        }
        assertEquals("", ran());
    }

    @Test
    void aRefusedRewindRunsNoAction() {
        try (NativeArena arena = NativeArena.create(); NativeArena other = NativeArena.create()) {
            Mark outer = arena.mark();
            arena.allocateRef(8);
            Mark inner = arena.mark();
            arena.rewind(outer);
            register(arena, "a");
            assertThrows(IllegalStateException.class, () -> arena.rewind(inner));
            Mark theirs = other.mark();
            assertThrows(IllegalStateException.class, () -> arena.rewind(theirs));
            assertEquals("", ran());
        }
        assertEquals("a", ran());
    }

    @Test
    void manyActions() {
        int[] runs = {0};
        try (NativeArena arena = NativeArena.create()) {
            for (int i = 0; i < 10_000; i++) {
                int number = i;
                arena.onRelease(() -> assertEquals(10_000 - ++runs[0], number));
            }
        }
        assertEquals(10_000, runs[0]);
    }

    // --- what actions may do

    @Test
    void actionsStillSeeTheMemory() {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(8);
            arena.putLong(ref, 0, 42);
            var view = arena.allocate(8).putLong(0, 43);
            arena.onRelease(() -> log.add(arena.getLong(ref, 0) + "," + view.getLong(0)));
            arena.reset();
            assertEquals("42,43", ran());
        }
    }

    @Test
    void whatAnActionAllocatesIsTakenBack() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(16);
            Mark mark = arena.mark();
            arena.onRelease(() -> arena.allocate(100_000).put(0, (byte) 1));
            arena.rewind(mark);
            assertEquals(16, arena.stats().used());
            assertEquals(100_016, arena.stats().peakUsed());
        }
    }

    @Test
    void bulkOperationsInAnActionRefused() {
        try (NativeArena arena = NativeArena.create()) {
            Mark mark = arena.mark();
            Scope scope = arena.openScope();
            List<Consumer<NativeArena>> operations = List.of(NativeArena::reset, NativeArena::clear,
                    a -> a.rewind(mark), a -> scope.close(), NativeArena::close, a -> a.onRelease(note("never")));
            for (int i = 0; i < operations.size(); i++) {
                Consumer<NativeArena> operation = operations.get(i);
                var view = arena.allocate(8);
                arena.onRelease(() -> {
                    RuntimeException refused = assertThrows(IllegalStateException.class, () -> operation.accept(arena));
                    assertTrue(refused.getMessage().contains("status=RELEASING"), refused.getMessage());
                    view.putLong(0, 1); // has not ended
                    log.add("refused");
                });
            }
            scope.close();
            assertEquals("refused ".repeat(operations.size()).trim(), ran());
            assertEquals(0, arena.stats().used());
            assertFalse(arena.isClosed());
        }
        assertEquals("", ran());
    }

    @Test
    void closingThePoolInAnActionRefused() {
        MemoryPool pool = MemoryPool.create();
        NativeArena arena = NativeArena.create(pool);
        arena.onRelease(() -> {
            RuntimeException refused = assertThrows(IllegalStateException.class, pool::close);
            assertTrue(refused.getMessage().contains("status=RELEASING"), refused.getMessage());
            log.add("refused");
        });
        arena.reset();
        assertEquals("refused", ran());
        arena.allocate(8).putLong(0, 1);
        pool.close();
        assertTrue(arena.isClosed());
    }

    @Test
    void wrongRegistrationsRefused() throws Exception {
        NativeArena arena = NativeArena.create();
        assertThrows(NullPointerException.class, () -> arena.onRelease(null));
        OtherThread.assertRefused(arena, OtherThread.thrownBy(() -> arena.onRelease(note("never"))));
        arena.close();
        assertThrows(IllegalStateException.class, () -> arena.onRelease(note("never")));
        assertEquals("", ran());
    }

    // --- exceptions

    @Test
    void anActionThatThrowsStopsNothing() {
        RuntimeException first = new RuntimeException("first");
        Error second = new AssertionError("second");
        try (NativeArena arena = NativeArena.create()) {
            register(arena, "a");
            arena.onRelease(() -> {
                throw second;
            });
            register(arena, "b");
            arena.onRelease(() -> {
                throw first;
            });
            arena.onRelease(() -> {
                throw Thrown.<RuntimeException>unchecked(first); // the same once more
            });
            long ref = arena.allocateRef(64);
            assertSame(first, assertThrows(RuntimeException.class, arena::reset));
            assertEquals(List.of(second), List.of(first.getSuppressed()));
            assertEquals("b a", ran());
            assertEquals(0, arena.stats().used());
            assertThrows(IllegalStateException.class, () -> arena.getByte(ref, 0));
            arena.reset();
        }
        assertEquals("", ran());
    }

    @Test
    void closeThrowsWhenAllIsDone() {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena arena = NativeArena.create(pool);
            Exception checked = new Exception("undeclared");
            arena.onRelease(() -> {
                throw Thrown.<RuntimeException>unchecked(checked);
            });
            assertSame(checked, assertThrows(Exception.class, arena::close));
            assertTrue(arena.isClosed());
            assertEquals(0, pool.stats().inUse());
        }
    }

    @Test
    void aScopeWhoseActionThrowsIsOver() {
        RuntimeException thrown = new RuntimeException("thrown");
        try (NativeArena arena = NativeArena.create()) {
            Scope scope = arena.openScope();
            arena.allocateRef(64);
            arena.onRelease(() -> {
                throw thrown;
            });
            assertSame(thrown, assertThrows(RuntimeException.class, scope::close));
            assertEquals(0, arena.stats().used());
            arena.allocateRef(16);
            scope.close();
            assertEquals(16, arena.stats().used());
        }
    }
}
