// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
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
                        assertEquals(round * 100L + i, dev.corral.internal.PoolNatives.wrap(address, 8)
                                .order(java.nio.ByteOrder.nativeOrder()).getLong(0));
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

    @Test
    void sharedViewsAreSharedForEachBorrower() throws Exception {
        try (MemoryPool pool = MemoryPool.create();
                ArenaRecycler recycler = ArenaRecycler.builder().pool(pool).sharedViews(true).build()) {
            for (int i = 0; i < 3; i++) {
                try (NativeArena arena = recycler.borrow()) {
                    ByteBuffer view = arena.allocate(8).putLong(0, 42);
                    assertEquals(42, OtherThread.<Long>call(() -> view.getLong(0)));
                }
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
            assertTrue(executor.awaitTermination(60, TimeUnit.SECONDS));
            assertEquals(2500, recycler.stats().returned());
            assertSound(recycler);
        }
    }
}
