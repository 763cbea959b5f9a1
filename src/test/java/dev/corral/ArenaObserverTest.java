// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ControlBlock;
import dev.corral.junit.NoNativeLeaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What an observer is told, when, and what it may do. */
@NoNativeLeaks
class ArenaObserverTest {
    /** Writes down what it is told, and does something at each event. */
    private static final class Recorder implements ArenaObserver {
        final List<String> told = new ArrayList<>();
        Consumer<NativeArena> action = arena -> { };

        private void tell(NativeArena arena, String event) {
            told.add(event);
            action.accept(arena);
        }

        @Override
        public void onAllocate(NativeArena arena, long ref, long size) {
            tell(arena, "alloc " + size + " @" + Blocks.chunk(ref) + ":" + Blocks.offset(ref));
        }

        @Override
        public void onChunkAcquired(NativeArena arena, long bytes) {
            tell(arena, "acquired " + bytes);
        }

        @Override
        public void onChunkGivenBack(NativeArena arena, long bytes) {
            tell(arena, "given back " + bytes);
        }

        @Override
        public void onReset(NativeArena arena, TakeBack by) {
            tell(arena, by.toString());
        }

        @Override
        public void onDestroy(NativeArena arena) {
            tell(arena, "destroy");
        }

        @Override
        public void onMissed(NativeArena arena, long events) {
            tell(arena, "missed " + events);
        }

        /** What was told since the last call. */
        void assertTold(String... expected) {
            assertEquals(List.of(expected), told);
            told.clear();
        }
    }

    private static NativeArena observed(ArenaObserver observer) {
        return NativeArena.builder().observer(observer).build();
    }

    // --- what is told

    @Test
    void observerSeesAllocationsAndChunks() {
        Recorder recorder = new Recorder();
        try (NativeArena arena = observed(recorder)) {
            recorder.assertTold("acquired 4096");
            arena.allocate(100);
            arena.allocateRef(0);
            arena.allocate(10, 64);
            recorder.assertTold("alloc 100 @0:0", "alloc 0 @0:112", "alloc 10 @0:128");
            arena.allocateZeroed(50_000);
            arena.allocateCString("corral");
            recorder.assertTold("acquired 50000", "alloc 50000 @1:0", "alloc 7 @0:144");
        }
    }

    @Test
    void observerSeesWhatTakesBack() {
        Recorder recorder = new Recorder();
        try (NativeArena arena = observed(recorder)) {
            Mark mark = arena.mark();
            Scope scope = arena.openScope();
            arena.allocateRef(5000);
            recorder.assertTold("acquired 4096", "acquired 8192", "alloc 5000 @1:0");
            scope.close();
            arena.rewind(mark);
            arena.reset();
            recorder.assertTold("REWIND", "REWIND", "RESET");
            arena.clear();
            recorder.assertTold("given back 8192", "CLEAR");
        }
        recorder.assertTold("given back 4096", "destroy");
    }

    /** A block that moves is one more; one that changes its size where it is has been told already. */
    @Test
    void observerSeesBlocksThatMove() {
        Recorder recorder = new Recorder();
        try (NativeArena arena = observed(recorder)) {
            ByteBuffer block = arena.resize(arena.allocate(100), 200);
            recorder.assertTold("acquired 4096", "alloc 100 @0:0");
            arena.allocateRef(16);
            block = arena.resize(block, 300);
            recorder.assertTold("alloc 16 @0:208", "alloc 300 @0:224");
            arena.resize(block, 5000);
            recorder.assertTold("acquired 8192", "alloc 5000 @1:0");
        }
    }

    @Test
    void failedOperationTellsNothing() {
        Recorder recorder = new Recorder();
        try (NativeArena arena = NativeArena.builder().fixedSize(64).observer(recorder).build()) {
            Mark stale = arena.mark();
            arena.reset();
            recorder.assertTold("acquired 64", "RESET");
            assertThrows(ArenaExhaustedException.class, () -> arena.allocateRef(65));
            assertThrows(IllegalArgumentException.class, () -> arena.allocateRef(1, 3));
            assertThrows(IllegalStateException.class, () -> arena.rewind(stale));
            recorder.assertTold();
        }
    }

    @Test
    void destroyingAPoolEndsObservedArenas() {
        Recorder recorder = new Recorder();
        MemoryPool pool = MemoryPool.create();
        NativeArena arena = NativeArena.builder().pool(pool).observer(recorder).build();
        arena.allocateRef(8);
        pool.close();
        assertTrue(arena.isClosed());
        recorder.assertTold("acquired 4096", "alloc 8 @0:0", "given back 4096", "destroy");
    }

    /** One truth: C code that uses the arena is observed as well, in the order of what happened. */
    @Test
    void observerSeesWhatCodeInCDoes() {
        Recorder recorder = new Recorder();
        try (NativeArena arena = observed(recorder)) {
            long handle = arena.nativeHandle();
            recorder.assertTold("acquired 4096");
            ArenaNatives.allocate(handle, 24, 1);
            ArenaNatives.reset(handle);
            ArenaNatives.allocate(handle, 9000, 1);
            recorder.assertTold();
            arena.allocateRef(16);
            recorder.assertTold("alloc 24 @0:0", "RESET", "acquired 9008", "alloc 9000 @1:0", "alloc 16 @0:0");
            ArenaNatives.allocate(handle, 1, 1);
            arena.stats();
            recorder.assertTold("alloc 1 @0:16");
            ArenaNatives.allocate(handle, 2, 1);
        }
        recorder.assertTold("alloc 2 @0:32", "given back 4096", "given back 9008", "destroy");
    }

    @Test
    void eventsThatNobodyCameForAreCounted() {
        Recorder recorder = new Recorder();
        try (NativeArena arena = observed(recorder)) {
            recorder.assertTold("acquired 4096");
            for (int block = 0; block < (1 << 16) + 10; block++) {
                ArenaNatives.allocate(arena.nativeHandle(), 0, 1);
            }
            arena.stats();
            assertEquals((1 << 16) + 1, recorder.told.size());
            assertEquals("missed 10", recorder.told.get(1 << 16));
            recorder.told.clear();
            arena.allocateRef(8);
            recorder.assertTold("alloc 8 @0:0");
        }
    }

    @Test
    void everyMethodOfAnObserverDoesNothingByDefault() {
        try (NativeArena arena = observed(new ArenaObserver() { })) {
            arena.allocateRef(5000);
            arena.reset();
            arena.clear();
        }
    }

    // --- what it may do

    private static void assertRefused(NativeArena arena, Mark mark, ByteBuffer view) {
        List<Runnable> changes = List.of(() -> arena.allocate(8), () -> arena.allocateRef(8, 64), arena::reset,
                arena::clear, arena::mark, () -> arena.rewind(mark), arena::openScope, arena::close,
                () -> arena.resize(view, 64), () -> arena.format("%d", 1), () -> arena.onRelease(() -> { }),
                () -> arena.pool().close());
        for (Runnable change : changes) {
            IllegalStateException refused = assertThrows(IllegalStateException.class, change::run);
            assertTrue(refused.getMessage().contains("status=OBSERVING"), refused::getMessage);
        }
    }

    @Test
    void observerMayChangeNothing() {
        Recorder recorder = new Recorder();
        try (MemoryPool pool = MemoryPool.create();
                NativeArena arena = NativeArena.builder().pool(pool).observer(recorder).build()) {
            Mark mark = arena.mark();
            ByteBuffer view = arena.allocate(16);
            recorder.told.clear();
            recorder.action = observed -> {
                assertRefused(arena, mark, view);
                assertFalse(arena.isClosed());
                Blocks.assertSound(arena);
            };
            arena.allocateRef(5000);
            recorder.assertTold("acquired 8192", "alloc 5000 @1:0");
            view.putLong(0, 42); // none of the refused operations has ended it
            arena.rewind(mark);
            arena.clear();
            recorder.assertTold("REWIND", "given back 8192", "CLEAR");
            recorder.action = observed -> { };
        }
    }

    @Test
    void observerMayReadAndUseAnotherArena() {
        Recorder recorder = new Recorder();
        try (NativeArena journal = NativeArena.create(); NativeArena arena = observed(recorder)) {
            recorder.action = observed -> {
                assertSame(arena, observed);
                journal.allocateUtf8(observed.stats().toString());
            };
            for (int block = 0; block < 100; block++) {
                arena.allocateRef(8);
            }
            assertEquals(100, journal.stats().count());
            recorder.action = observed -> { };
        }
    }

    // --- exceptions

    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** The rest is told all the same, and what was done stays done. */
    @Test
    void exceptionOfAnObserverComesOutOfTheCall() {
        Recorder recorder = new Recorder();
        try (NativeArena arena = observed(recorder)) {
            recorder.told.clear();
            recorder.action = observed -> {
                throw new Refusal();
            };
            Refusal first = assertThrows(Refusal.class, () -> arena.allocateRef(5000));
            assertEquals(1, first.getSuppressed().length);
            recorder.assertTold("acquired 8192", "alloc 5000 @1:0");
            assertEquals(1, arena.stats().count());
            assertThrows(Refusal.class, arena::reset);
            assertEquals(0, arena.stats().used());
            recorder.action = observed -> { };
            arena.allocateRef(8);
            recorder.assertTold("RESET", "alloc 8 @0:0");
        }
    }

    @Test
    void arenaIsClosedAlthoughItsObserverThrows() {
        Recorder recorder = new Recorder();
        NativeArena arena = observed(recorder);
        recorder.action = observed -> {
            throw new AssertionError("enough");
        };
        AssertionError thrown = assertThrows(AssertionError.class, arena::close);
        assertEquals(1, thrown.getSuppressed().length);
        assertTrue(arena.isClosed());
        recorder.assertTold("acquired 4096", "given back 4096", "destroy");
    }

    @Test
    void arenaWhoseObserverThrowsAtTheFirstChunkIsNotMade() {
        Recorder recorder = new Recorder();
        recorder.action = observed -> {
            throw new Refusal();
        };
        try (MemoryPool pool = MemoryPool.create()) {
            Refusal refusal = assertThrows(Refusal.class,
                    () -> NativeArena.builder().pool(pool).observer(recorder).build());
            assertEquals(1, refusal.getSuppressed().length); // of the end
            assertEquals(0, pool.stats().openArenas());
            assertEquals(0, pool.stats().liveBlocks());
        }
    }

    @Test
    void anObserverMayThrowWhatItDoesNotDeclare() {
        IOException thrown = new IOException("thrown");
        Recorder recorder = new Recorder();
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena arena = NativeArena.builder().pool(pool).observer(recorder).build();
            recorder.action = observed -> {
                throw Thrown.<RuntimeException>unchecked(thrown);
            };
            assertSame(thrown, assertThrows(IOException.class, () -> arena.allocate(8)));
            recorder.action = observed -> { };
            arena.allocate(8);
            arena.close();
        }
    }

    // --- cost

    @Test
    void onlyAnObservedArenaHasAClosedWindow() {
        try (NativeArena observed = observed(new Recorder()); NativeArena plain = NativeArena.create()) {
            assertEquals(limit(observed), Blocks.control(observed).getLong(ControlBlock.CURSOR));
            assertEquals(limit(plain), Blocks.control(plain).getLong(ControlBlock.CURSOR) + 4096);
        }
    }

    private static long limit(NativeArena arena) {
        return Blocks.control(arena).getLong(ControlBlock.LIMIT);
    }

    /** Log and arena go back to the pool, whatever number of them there was. */
    @Test
    void logsGoBackToThePool() {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena.builder().pool(pool).observer(new Recorder()).build().close();
            long metadata = pool.stats().metadata();
            for (int round = 0; round < 1000; round++) {
                try (NativeArena arena = NativeArena.builder().pool(pool).observer(new Recorder()).build()) {
                    arena.allocateRef(100);
                }
            }
            assertEquals(metadata, pool.stats().metadata());
            Blocks.assertSound(pool);
        }
    }
}
