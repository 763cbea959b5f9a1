// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.corral.internal.ArenaNatives;
import dev.corral.junit.NoNativeLeaks;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Scopes: blocks that die before their arena does. */
@NoNativeLeaks
@SuppressWarnings("try") // a scope is opened for its end, nothing in the body needs to name it
class ScopeTest {
    /** Fewer in the interpreter, where they take a minute. */
    private static final int SCOPES = System.getProperty("java.vm.info").contains("interpreted") ? 50_000 : 1_000_000;

    @Test
    void closeTakesBackWhatTheScopeAllocated() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(16);
            try (Scope scope = arena.openScope()) {
                arena.allocateRef(100);
                arena.allocateRef(50_000);
                assertEquals(3, arena.stats().count());
            }
            assertEquals(16, arena.stats().used());
            assertEquals(1, arena.stats().count());
            assertEquals(2, arena.stats().chunks());
            Blocks.assertSound(arena);
        }
    }

    @Test
    void scopesNest() {
        try (NativeArena arena = NativeArena.create()) {
            try (Scope outer = arena.openScope()) {
                arena.allocateRef(16);
                for (int i = 0; i < 3; i++) {
                    try (Scope inner = arena.openScope()) {
                        arena.allocateRef(5_000);
                        try (Scope innermost = arena.openScope()) {
                            arena.allocateRef(50_000);
                        }
                        assertEquals(5_024, arena.stats().used());
                    }
                    assertEquals(16, arena.stats().used());
                }
                arena.allocateRef(16);
            }
            assertEquals(0, arena.stats().used());
        }
    }

    @Test
    void closingTheOuterScopeFirstIsRefused() {
        try (NativeArena arena = NativeArena.create()) {
            Scope outer = arena.openScope();
            arena.allocateRef(16);
            Scope inner = arena.openScope();
            arena.allocateRef(32);
            ArenaStats before = arena.stats();
            for (int i = 0; i < 2; i++) {
                IllegalStateException thrown = assertThrows(IllegalStateException.class, outer::close);
                assertEquals("arena=arena: another scope was opened inside this one and is still open, "
                        + "close the inner scope first", thrown.getMessage());
                assertEquals(before, arena.stats());
            }
            inner.close();
            assertEquals(16, arena.stats().used());
            outer.close();
            assertEquals(0, arena.stats().used());
        }
    }

    @Test
    void closingOutOfOrderIsRefusedAlsoWithoutAllocations() {
        try (NativeArena arena = NativeArena.create()) {
            Scope outer = arena.openScope();
            Scope inner = arena.openScope();
            assertThrows(IllegalStateException.class, outer::close);
            arena.allocateRef(16);
            inner.close();
            assertEquals(0, arena.stats().used());
            arena.allocateRef(16);
            outer.close();
            assertEquals(0, arena.stats().used());
        }
    }

    @Test
    void closingTwiceDoesNothing() {
        try (NativeArena arena = NativeArena.create()) {
            Scope scope = arena.openScope();
            arena.allocateRef(16);
            scope.close();
            arena.allocateRef(32);
            Scope later = arena.openScope();
            arena.allocateRef(64);
            scope.close();
            assertEquals(96, arena.stats().used());
            later.close();
            scope.close();
            later.close();
            assertEquals(32, arena.stats().used());
        }
    }

    /** What ends a scope that was opened after the mark. */
    static Stream<Consumer<Mark>> endings() {
        return Stream.of(mark -> mark.arena.reset(), mark -> mark.arena.clear(), mark -> mark.arena.rewind(mark),
                mark -> ArenaNatives.reset(mark.arena.handle), mark -> ArenaNatives.clear(mark.arena.handle),
                mark -> ArenaNatives.rewind(mark.arena.handle, mark.id));
    }

    @ParameterizedTest
    @MethodSource("endings")
    void aScopeThatIsOverTakesNothingBack(Consumer<Mark> ending) {
        try (NativeArena arena = NativeArena.create()) {
            for (int size : new int[] {0, 16, 5_000}) { // 0: nothing was allocated between the mark and the scopes
                arena.clear();
                Mark mark = arena.mark();
                for (int i = 0; i < size; i += 16) {
                    arena.allocateRef(16);
                }
                Scope outer = arena.openScope();
                Scope inner = arena.openScope();
                arena.allocateRef(5_000);
                ending.accept(mark);
                long ref = arena.allocateRef(48);
                arena.putLong(ref, 0, 42);
                inner.close();
                outer.close();
                assertEquals(48, arena.stats().used());
                assertEquals(42, arena.getLong(ref, 0));
                try (Scope next = arena.openScope()) {
                    arena.allocateRef(16);
                }
                assertEquals(48, arena.stats().used());
                Blocks.assertSound(arena);
            }
        }
    }

    @Test
    void rewindingToAMarkInsideAScopeLeavesItOpen() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(16);
            Scope scope = arena.openScope();
            Mark atItsStart = arena.mark();
            arena.allocateRef(16);
            Mark inside = arena.mark();
            Scope inner = arena.openScope();
            arena.allocateRef(16);
            arena.rewind(inside);
            inner.close();
            arena.allocateRef(32);
            assertEquals(64, arena.stats().used());
            arena.rewind(atItsStart);
            arena.allocateRef(32);
            scope.close();
            assertEquals(16, arena.stats().used());
            assertThrows(IllegalStateException.class, () -> arena.rewind(atItsStart), "closing took it back");
            assertThrows(IllegalStateException.class, () -> arena.rewind(inside));
        }
    }

    @Test
    void aMarkFromBeforeAScopeStaysValid() {
        try (NativeArena arena = NativeArena.create()) {
            Mark mark = arena.mark();
            arena.openScope().close();
            try (Scope scope = arena.openScope()) {
                arena.allocateRef(16);
            }
            arena.allocateRef(16);
            arena.rewind(mark);
            assertEquals(0, arena.stats().used());
        }
    }

    @Test
    void closingTheArenaOrItsPoolEndsItsScopes() throws Exception {
        MemoryPool pool = MemoryPool.create();
        NativeArena arena = NativeArena.create(pool);
        Scope outer = arena.openScope();
        Scope inner = arena.openScope();
        arena.close();
        assertDoesNotThrow(outer::close);
        assertDoesNotThrow(inner::close);
        assertNull(OtherThread.thrownBy(outer::close));
        try (NativeArena next = NativeArena.create(pool)) { // in the same control block
            Scope scope = next.openScope();
            next.allocateRef(16);
            outer.close();
            assertEquals(16, next.stats().used());
            pool.close();
            assertDoesNotThrow(scope::close);
        }
    }

    @Test
    void anotherThreadCannotCloseAScope() throws Exception {
        try (NativeArena arena = NativeArena.create()) {
            Scope scope = arena.openScope();
            arena.allocateRef(16);
            OtherThread.assertRefused(arena, OtherThread.thrownBy(scope::close));
            assertEquals(16, arena.stats().used());
            scope.close();
            assertEquals(0, arena.stats().used());
            assertNull(OtherThread.thrownBy(scope::close), "it is over");
        }
    }

    @Test
    void anExceptionInsideAScopeTakesItsBlocksBack() {
        try (NativeArena arena = NativeArena.builder().fixedSize(1_024).build()) {
            arena.allocateRef(16);
            ArenaExhaustedException thrown = assertThrows(ArenaExhaustedException.class, () -> {
                try (Scope outer = arena.openScope(); Scope inner = arena.openScope()) {
                    arena.allocateRef(512);
                    arena.allocateRef(512);
                }
            });
            assertEquals(0, thrown.getSuppressed().length);
            assertEquals(16, arena.stats().used());
            arena.openScope().close();
        }
    }

    @Test
    void aScopeThatWasLeftOpenIsReportedAndDoesNotHideTheException() {
        try (NativeArena arena = NativeArena.create()) {
            Scope[] left = new Scope[1];
            IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, () -> {
                try (Scope scope = arena.openScope()) {
                    left[0] = arena.openScope();
                    throw new IllegalArgumentException("first");
                }
            });
            assertEquals("first", thrown.getMessage());
            assertEquals(IllegalStateException.class, thrown.getSuppressed()[0].getClass());
            left[0].close();
            arena.reset();
        }
    }

    @Test
    void viewsAndReferencesFromBeforeAScopeStayValid() {
        try (NativeArena arena = NativeArena.create()) {
            ByteBuffer view = arena.allocate(3_000);
            Blocks.fill(view, 1);
            long ref = arena.allocateRef(16);
            arena.putLong(ref, 0, 42);
            for (int i = 0; i < 10; i++) {
                try (Scope scope = arena.openScope()) {
                    Blocks.fill(arena.allocate(8_192), 2);
                    Blocks.fill(arena.allocate(500), 3);
                }
            }
            Blocks.assertFilled(view, 1);
            assertEquals(42, arena.getLong(ref, 0));
        }
    }

    @Test
    void referencesIntoChunksOfAScopeAreRefusedAfterIt() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(4_000);
            long inner;
            try (Scope scope = arena.openScope()) {
                inner = arena.allocateRef(4_096);
                arena.putLong(inner, 0, 1);
            }
            long ref = inner;
            assertThrows(IllegalStateException.class, () -> arena.getLong(ref, 0));
            assertThrows(IllegalStateException.class, () -> arena.view(ref, 8));
        }
    }

    @Test
    void aMillionScopesNeedTheRoomOfOne() {
        try (MemoryPool pool = MemoryPool.create();
                NativeArena arena = NativeArena.builder().pool(pool).initialChunkSize(64 << 20).build()) {
            arena.openScope().close();
            PoolStats before = pool.stats();
            for (int i = 0; i < SCOPES + 100_000; i++) { // more than there can be marks, but in the interpreter
                arena.allocateRef(16);
                try (Scope scope = arena.openScope()) {
                    arena.putInt(arena.allocateRef(64), 0, i);
                }
            }
            assertEquals((SCOPES + 100_000L) * 16, arena.stats().used());
            PoolStats after = pool.stats();
            assertEquals(before.inUse(), after.inUse());
            assertEquals(before.reserved(), after.reserved());
            assertEquals(before.allocations(), after.allocations());
        }
    }

    @Test
    @DisabledInNativeImage // has no such counter
    void scopesMakeBoundedGarbage() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            arena.allocateRef(4_000);
            useScopes(arena, 10_000);
            PoolStats before = pool.stats();
            long bytes = threads.getCurrentThreadAllocatedBytes();
            useScopes(arena, SCOPES);
            bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
            assertTrue(bytes <= 400L * SCOPES, "bytes=" + bytes + " per scope=" + bytes / SCOPES);
            assertEquals(before.inUse(), pool.stats().inUse());
            assertEquals(before.reserved(), pool.stats().reserved());
        }
    }

    /** Each enters another chunk, of which it needs the root. */
    private static void useScopes(NativeArena arena, int count) {
        for (int i = 0; i < count; i++) {
            try (Scope scope = arena.openScope()) {
                arena.putInt(arena.allocateRef(4_096), 0, i);
            }
        }
    }
}
