// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ArenaRecyclerNatives;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Borrowing and giving back, and what a closed arena can do to the next borrower: nothing. */
@NoNativeLeaks
class ArenaRecyclerTest {
    private static void assertSound(ArenaRecycler recycler) {
        assertEquals(Status.OK, recycler.state().check());
        RecyclerStats stats = recycler.stats();
        assertEquals(stats.borrowed(), stats.hits() + stats.misses() - stats.returned(), stats::toString);
        assertEquals(stats.kept(), stats.returned() - stats.dropped() - stats.trimmed() - stats.hits(),
                stats::toString);
    }


    // --- borrowing and giving back

    @Test
    void closeGivesTheArenaBack() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            NativeArena first = recycler.borrow();
            long handle = first.nativeHandle();
            assertEquals(1, pool.stats().openArenas());
            first.allocate(100);
            first.close();
            assertEquals(0, pool.stats().openArenas());
            assertEquals(1, pool.stats().liveBlocks(), "its chunk is kept");
            try (NativeArena second = recycler.borrow()) {
                assertNotSame(first, second);
                assertEquals(handle, second.nativeHandle());
                assertEquals(0, second.stats().used());
                assertEquals(0, second.stats().peakUsed());
                assertEquals(0, second.stats().resets());
                assertTrue(first.isClosed());
                assertFalse(second.isClosed());
                assertEquals(1, recycler.stats().borrowed());
            }
            assertEquals(1, recycler.stats().hits());
            assertEquals(1, recycler.stats().misses());
            assertSound(recycler);
            first.close();
            assertEquals(1, recycler.stats().kept());
        }
    }

    @Test
    void blocksOfOneBorrowerDoNotOverlapThoseOfAnother() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            for (int round = 0; round < 300; round++) {
                try (NativeArena a = recycler.borrow(); NativeArena b = recycler.borrow()) {
                    List<ByteBuffer> blocks = new ArrayList<>();
                    for (int i = 0; i < 40; i++) {
                        NativeArena arena = i % 2 == 0 ? a : b;
                        ByteBuffer block = i % 3 == 0 ? arena.view(arena.allocateRef(97 * i + 1), 97 * i + 1)
                                : arena.allocate(97 * i + 1);
                        Blocks.fill(block, i);
                        blocks.add(block);
                        if (round % 7 == 3 && i == 9) {
                            blocks.clear();
                            a.clear();
                            b.reset();
                        }
                    }
                    int first = 40 - blocks.size();
                    for (int i = first; i < 40; i++) {
                        Blocks.assertFilled(blocks.get(i - first), i);
                    }
                }
                assertSound(recycler);
            }
            assertTrue(recycler.stats().hits() > 500, recycler.stats()::toString);
        }
    }

    /** Each view shows the bytes that C finds at the reference, whatever was cached of earlier borrowers. */
    @Test
    void viewsShowTheBorrowersOwnChunks() {
        try (MemoryPool pool = MemoryPool.create();
                ArenaRecycler recycler = ArenaRecycler.builder().pool(pool).retain(20_000).build()) {
            for (int round = 0; round < 200; round++) {
                try (NativeArena arena = recycler.borrow()) {
                    for (int i = 0; i < 12; i++) {
                        long ref = arena.allocateRef(1000 + 700 * (round % 11) * (i % 3));
                        arena.putLong(ref, 0, round * 100L + i);
                        long address = ArenaNatives.resolve(arena.nativeHandle(), ref);
                        assertEquals(round * 100L + i, PoolNatives.wrap(address, 8)
                                .order(ByteOrder.nativeOrder()).getLong(0));
                    }
                    if (round % 5 == 0) {
                        ArenaNatives.clear(arena.nativeHandle()); // behind Java's back
                    } else if (round % 5 == 1) {
                        ArenaNatives.reset(arena.nativeHandle());
                        arena.allocateRef(50_000);
                    }
                }
                if (round % 20 == 19) {
                    recycler.trim(0);
                }
            }
            assertSound(recycler);
        }
    }

    /** The slot of an idle arena that C has destroyed gets another arena, whose chunk lies elsewhere. */
    @Test
    void buffersOfADestroyedArenaAreNotTakenOver() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            NativeArena first = recycler.borrow();
            long handle = first.nativeHandle();
            first.putLong(first.allocateRef(8), 0, 1);
            first.close();
            assertEquals(4096, ArenaRecyclerNatives.trim(Recyclers.handle(recycler), 0));
            try (NativeArena other = NativeArena.builder().pool(pool).initialChunkSize(8192).build()) {
                assertEquals(handle, other.nativeHandle());
                long ref = other.allocateRef(8);
                other.putLong(ref, 0, 42);
                assertEquals(42, PoolNatives.wrap(ArenaNatives.resolve(handle, ref), 8).order(ByteOrder.nativeOrder())
                        .getLong(0));
            }
        }
    }

    // --- what an earlier borrower can do

    @Test
    void aClosedArenaStaysClosedWhileOthersUseItsMemory() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            NativeArena stale = recycler.borrow();
            long staleRef = stale.allocateRef(64);
            stale.putLong(staleRef, 0, -1);
            stale.close();
            try (NativeArena next = recycler.borrow()) {
                long ref = next.allocateRef(64);
                next.putLong(ref, 0, 4711);
                ArenaStats before = next.stats();
                for (Map.Entry<String, ArenaCalls.Call> call : ArenaCalls.OWNERS.entrySet()) {
                    IllegalStateException refused = assertThrows(IllegalStateException.class,
                            () -> call.getValue().on(stale, ref), call.getKey());
                    assertTrue(refused.getMessage().contains("the arena is closed"), refused.getMessage());
                }
                ArenaCalls.EVERYBODYS.values().forEach(call -> call.on(stale, ref));
                stale.close();
                assertEquals(before, next.stats());
                assertEquals(4711, next.getLong(ref, 0));
                assertNotEquals(staleRef, ref, "its generation is another");
                assertThrows(IllegalStateException.class, () -> next.getLong(staleRef, 0));
                assertThrows(IllegalStateException.class, () -> next.view(staleRef, 8));
            }
            assertSound(recycler);
        }
    }

    @Test
    void marksScopesAndTextsOfAnEarlierBorrowerAreOver() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            NativeArena stale = recycler.borrow();
            Mark mark = stale.mark();
            Scope scope = stale.openScope();
            Utf8Builder text = stale.utf8Builder().append("abc");
            NativeArena child = stale.newChild();
            stale.close();
            assertTrue(child.isClosed());
            try (NativeArena next = recycler.borrow()) {
                long ref = next.allocateRef(32);
                next.putLong(ref, 0, 1);
                assertThrows(IllegalStateException.class, () -> next.rewind(mark));
                assertThrows(IllegalStateException.class, () -> text.append("def"));
                scope.close(); // does nothing: it is over
                assertThrows(IllegalStateException.class, child::newChild);
                assertEquals(1, next.stats().count());
                assertEquals(1, next.getLong(ref, 0));
            }
        }
    }

    @Test
    void staleViewsFollowTheUsualRules() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            NativeArena stale = recycler.borrow();
            ByteBuffer view = stale.allocate(64);
            ByteBuffer slice = view.slice(8, 8);
            boolean checked = stale.viewSafety() == ViewSafety.CHECKED;
            stale.close();
            try (NativeArena next = recycler.borrow()) {
                ByteBuffer own = next.allocate(64);
                own.putLong(0, 1);
                if (checked) {
                    assertThrows(IllegalStateException.class, () -> view.putLong(0, 2));
                    assertThrows(IllegalStateException.class, () -> slice.get(0));
                    assertThrows(IllegalStateException.class, () -> next.resize(view, 8));
                    assertEquals(1, own.getLong(0));
                } else {
                    view.putLong(0, 2); // it shows the next borrower's bytes, and harms nothing else
                    assertEquals(2, own.getLong(0));
                }
                assertEquals(checked ? ViewSafety.CHECKED : ViewSafety.RETAINED, next.viewSafety());
            }
        }
    }

    // --- threads

    @Test
    void theBorrowerIsTheOwner() throws Exception {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            long handle = OtherThread.call(() -> {
                try (NativeArena arena = recycler.borrow()) {
                    arena.allocate(8);
                    return arena.nativeHandle();
                }
            });
            try (NativeArena arena = recycler.borrow()) {
                assertEquals(handle, arena.nativeHandle());
                arena.allocate(8).putLong(0, 1);
                OtherThread.assertRefused(arena, OtherThread.thrownBy(() -> arena.allocateRef(8)));
                OtherThread.assertRefused(arena, OtherThread.thrownBy(arena::close));
            }
            assertSound(recycler);
        }
    }

    @Test
    void anArenaOfAnEndedThreadCanBeGivenBack() throws Exception {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            NativeArena arena = OtherThread.call(recycler::borrow);
            arena.close();
            assertEquals(1, recycler.stats().kept());
        }
    }

    private static void borrowOften(ArenaRecycler recycler, int number, int rounds) {
        for (int i = 0; i < rounds; i++) {
            try (NativeArena arena = recycler.borrow()) {
                ByteBuffer[] blocks = new ByteBuffer[8];
                for (int k = 0; k < blocks.length; k++) {
                    blocks[k] = arena.allocate(8 + (i * 31 + k * 97) % (i % 64 == 0 ? 9000 : 400));
                    blocks[k].putInt(0, number);
                }
                for (ByteBuffer block : blocks) {
                    assertEquals(number, block.getInt(0));
                }
                assertEquals(blocks.length, arena.stats().count());
            }
            if (i % 200 == 0) {
                recycler.trim(8192);
            }
        }
    }

    @Test
    void threadsBorrowAtTheSameTime() throws Exception {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            Crew.run(4, member -> borrowOften(recycler, member + 1, 2000));
            assertEquals(8000, recycler.stats().returned());
            assertEquals(0, recycler.stats().borrowed());
            assertSound(recycler);
        }
    }

    /** Recyclers and pools that are closed, and idle arenas that are given up, while others borrow. */
    @Test
    void closingWhileOthersBorrowIsHarmless() throws Exception {
        for (int round = 0; round < 30; round++) {
            MemoryPool pool = MemoryPool.create();
            ArenaRecycler recycler = ArenaRecycler.builder().pool(pool).keptArenas(2).build();
            boolean closesPool = round % 2 == 0;
            Crew.run(4, member -> {
                try {
                    for (int i = 0; i < 400; i++) {
                        if (member == 3 && i % 50 == 49) {
                            recycler.trim(0);
                        }
                        if (member == 3 && i == 300) {
                            recycler.close();
                        }
                        try (NativeArena arena = recycler.borrow()) {
                            arena.allocate(100 + i * 7 % 5000).putInt(0, member);
                        }
                    }
                } catch (IllegalStateException closed) {
                    // A pool that somebody is closing refuses new arenas, also when that close is refused in the end.
                    assertTrue(recycler.isClosed() || closesPool && closed.getMessage().contains("is being closed"),
                            closed.toString());
                }
                if (closesPool) {
                    closeQuietly(pool);
                }
            });
            recycler.close();
            if (!closesPool) {
                assertEquals(0, pool.stats().inUse());
            }
            pool.close();
        }
    }

    /** Refused while a thread has an arena open, or is just getting it. */
    private static void closeQuietly(MemoryPool pool) {
        try {
            pool.close();
        } catch (IllegalStateException open) {
            assertTrue(open.getMessage().matches(".*: (an arena of another thread is open|another thread is creating an"
                    + " arena), close it first"), open.getMessage());
        }
    }

    @Test
    void virtualThreadsBorrow() throws Exception {
        if (Runtime.version().feature() < 21) {
            return; // there are none
        }
        ExecutorService executor = (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor")
                .invoke(null);
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            for (int i = 0; i < 500; i++) {
                int number = i;
                executor.submit(() -> borrowOften(recycler, number, 5));
            }
            executor.shutdown();
            assertTrue(executor.awaitTermination(120, TimeUnit.SECONDS));
            assertEquals(2500, recycler.stats().returned());
            assertSound(recycler);
        }
    }
}
