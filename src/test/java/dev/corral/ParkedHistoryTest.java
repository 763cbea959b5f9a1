// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ReleaseNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Arenas that are parked although more has happened in them: C makes them new, or ends them. */
@NoNativeLeaks
class ParkedHistoryTest {
    /** What makes an arena differ from a new one by more than what Java can undo: one call of C does. */
    private enum Event {
        RESET(NativeArena::reset), CLEAR(NativeArena::clear), GROWTH(arena -> arena.allocate(5000)),
        MUCH_GROWTH(arena -> {
            for (int i = 0; i < 200; i++) {
                arena.allocate(i * 50);
            }
        }), TRIM(arena -> {
            arena.allocate(100_000);
            arena.reset();
            arena.trim(0);
        }),
        GROWTH_TAKEN_BACK(arena -> {
            Mark mark = arena.mark();
            arena.allocate(5000);
            arena.rewind(mark);
        }), DEEP_MARKS(arena -> {
            for (int i = 0; i < 20; i++) {
                arena.allocate(1);
                arena.mark();
            }
        }), CHILD(arena -> arena.newChild().close()), OPEN_CHILD(NativeArena::newChild),
        ACTION(arena -> arena.onRelease(() -> { })),
        C_RESET(arena -> ArenaNatives.reset(arena.nativeHandle()));

        private final Consumer<NativeArena> what;

        Event(Consumer<NativeArena> what) {
            this.what = what;
        }
    }

    @ParameterizedTest
    @EnumSource
    void anArenaWithAHistoryLooksNewWhenItIsTakenOver(Event event) {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena arena = NativeArena.create(pool);
            ArenaStats fresh = arena.stats();
            String table = arena.statsTable();
            long handle = arena.nativeHandle();
            event.what.accept(arena);
            arena.close();
            for (int round = 0; round < 2; round++) {
                try (NativeArena next = NativeArena.create(pool)) {
                    assertEquals(handle, next.nativeHandle());
                    assertTrue(ParkedArenasTest.isRevived(next));
                    assertEquals(fresh, next.stats());
                    assertEquals(table, next.statsTable());
                    Blocks.assertSound(next);
                    event.what.accept(next);
                    Blocks.assertSound(next);
                }
            }
            Blocks.assertSound(pool);
            assertEquals(0, pool.stats().liveBlocks());
        }
    }

    @Test
    void chunksOfAGrownArenaGoBackToThePoolWhenItIsParked() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena other = NativeArena.create(pool)) {
            NativeArena grown = NativeArena.create(pool);
            long handle = grown.nativeHandle();
            long stale = grown.allocateRef(50_000);
            grown.putByte(stale, 49_999, (byte) 1);
            grown.close();
            assertThrows(IllegalStateException.class, () -> grown.getByte(stale, 0));
            long taken = other.allocateRef(50_000); // perhaps the chunk that was given back
            other.putByte(taken, 49_999, (byte) 2);
            try (NativeArena next = NativeArena.create(pool)) {
                assertEquals(handle, next.nativeHandle());
                assertThrows(IllegalStateException.class, () -> next.getByte(stale, 0));
                next.putByte(next.allocateRef(50_000), 49_999, (byte) 3);
                assertEquals(2, other.getByte(taken, 49_999));
            }
        }
    }

    /** Else the memory of a closed arena's views would stay mapped for as long as the next one is open. */
    @Test
    void aParkedArenaDoesNotKeepTheBuffersOfChunksThatItGaveBack() {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena grown = NativeArena.create(pool);
            grown.putByte(grown.allocateRef(16), 0, (byte) 1);
            grown.putByte(grown.allocateRef(50_000), 0, (byte) 1);
            grown.close();
            try (NativeArena next = NativeArena.create(pool)) {
                assertTrue(ParkedArenasTest.isRevived(next));
                next.putByte(next.allocateRef(16), 0, (byte) 1);
                Await.collected("the buffer is gone", () -> pool.stats().retained() == 0, pool::stats);
            }
        }
    }

    /** Chunks go from arena to arena; what each knows of its chunks is left by an earlier one. */
    @Test
    void arenasThatTakeEachOthersChunksFindTheirOwnBlocks() {
        Random random = new Random(0x5EED);
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            for (int round = 0; round < 300; round++) {
                try (NativeArena one = NativeArena.create(pool); NativeArena two = recycler.borrow();
                        NativeArena three = NativeArena.create(pool)) {
                    NativeArena[] arenas = {one, two, three};
                    long[][] refs = new long[arenas.length][20];
                    for (int block = 0; block < 20; block++) {
                        for (int of = 0; of < arenas.length; of++) {
                            if (random.nextInt(40) == 0) {
                                refs[of] = new long[20];
                                arenas[of].reset();
                            }
                            int size = 1 + random.nextInt(random.nextInt(8) == 0 ? 20_000 : 800);
                            long ref = arenas[of].allocateRef(size);
                            arenas[of].putByte(ref, size - 1, (byte) (block * 3 + of));
                            arenas[of].putByte(ref, 0, (byte) (block * 3 + of));
                            refs[of][block] = ref;
                        }
                    }
                    for (int block = 0; block < 20; block++) {
                        for (int of = 0; of < arenas.length; of++) {
                            long ref = refs[of][block];
                            assertTrue(ref == 0 || arenas[of].getByte(ref, 0) == (byte) (block * 3 + of));
                        }
                    }
                }
            }
            assertEquals(Status.OK, recycler.state().check());
            Blocks.assertSound(pool);
        }
    }

    /** A hold, as a growing string has one, stands for all that C would have to release. */
    @Test
    void anArenaWithSomethingToReleaseIsNotParked() {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena arena = NativeArena.create(pool);
            arena.allocate(5000);
            assertEquals(Status.OK, ReleaseNatives.add(arena.nativeHandle(), 1));
            arena.close();
            try (NativeArena next = NativeArena.create(pool)) {
                assertFalse(ParkedArenasTest.isRevived(next));
                Blocks.assertSound(next);
            }
        }
    }
}
