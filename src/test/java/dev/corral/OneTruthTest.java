// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Java and C on one arena: what either does through the control block, the other sees. */
@NoNativeLeaks
class OneTruthTest {
    private static long allocateInC(NativeArena arena, int size) {
        long ref = ArenaNatives.allocate(arena.nativeHandle(), size, 1);
        assertNotEquals(0, ref);
        return ref;
    }

    private static void resetInC(NativeArena arena) {
        assertEquals(Status.OK, ArenaNatives.reset(arena.nativeHandle()));
    }

    private static void clearInC(NativeArena arena) {
        assertEquals(Status.OK, ArenaNatives.clear(arena.nativeHandle()));
    }

    @Test
    void allocationsFromJavaAndCFollowEachOther() {
        try (NativeArena arena = NativeArena.create()) {
            for (int pair = 0; pair < 10; pair++) {
                assertEquals(pair * 64, Blocks.offset(arena.allocateRef(17)));
                assertEquals(pair * 64 + 32, Blocks.offset(allocateInC(arena, 31)));
                assertEquals(2 * pair + 2, arena.stats().count());
                assertEquals(64 * (pair + 1), arena.stats().used());
                Blocks.assertSound(arena);
            }
        }
    }

    @Test
    void bothSidesFindAReferenceAtTheSameAddress() {
        try (NativeArena arena = NativeArena.create()) {
            long ours = arena.allocateRef(16);
            long theirs = allocateInC(arena, 16);
            arena.putLong(ours, 0, 11);
            Blocks.asC(arena, theirs, 8).putLong(0, 22);
            assertEquals(11, Blocks.asC(arena, ours, 8).getLong(0));
            assertEquals(22, arena.getLong(theirs, 0));
            assertEquals(ours, ArenaNatives.ref(arena.nativeHandle(), Blocks.address(arena, ours)));
            assertEquals(theirs, ArenaNatives.ref(arena.nativeHandle(), Blocks.address(arena, theirs)));
        }
    }

    @Test
    void aChunkThatCAddedIsUsedByJavasFastPath() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(4080);
            long inC = allocateInC(arena, 100);
            assertEquals(1, Blocks.chunk(inC));
            long inJava = arena.allocateRef(16);
            assertEquals(1, Blocks.chunk(inJava));
            assertEquals(112, Blocks.offset(inJava));
            arena.putInt(inC, 96, 5);
            assertEquals(5, Blocks.asC(arena, inC, 100).getInt(96));
            Blocks.assertSound(arena);
        }
    }

    @Test
    void randomInterleavingsKeepEveryBlock() {
        long seed = 0x5EED0004L;
        Random random = new Random(seed);
        try (NativeArena arena = NativeArena.create()) {
            for (int round = 0; round < 20; round++) {
                List<Long> refs = new ArrayList<>();
                for (int i = 0; i < 1_000; i++) {
                    int size = 8 + random.nextInt(random.nextInt(20) == 0 ? 20_000 : 200);
                    long ref = random.nextBoolean() ? arena.allocateRef(size) : allocateInC(arena, size);
                    arena.putInt(ref, 0, i);
                    refs.add(ref);
                }
                for (int i = 0; i < refs.size(); i++) {
                    assertEquals(i, Blocks.asC(arena, refs.get(i), 4).getInt(0), "seed=" + seed + " round=" + round);
                }
                assertEquals(refs.size(), arena.stats().count());
                Blocks.assertSound(arena);
                resetInC(arena);
            }
        }
    }

    @Test
    void aResetInCMakesJavasReferencesStale() {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(16);
            arena.putLong(ref, 0, 1);
            resetInC(arena);
            assertThrows(IllegalStateException.class, () -> arena.getLong(ref, 0));
            assertThrows(IllegalStateException.class, () -> arena.view(ref, 16));
            assertEquals(0, arena.stats().count());
            long fresh = arena.allocateRef(16);
            assertEquals(0, Blocks.offset(fresh));
            arena.putLong(fresh, 0, 2);
            assertEquals(2, Blocks.asC(arena, fresh, 8).getLong(0));
        }
    }

    @Test
    void aResetInJavaMakesReferencesStaleInC() {
        try (NativeArena arena = NativeArena.create()) {
            long ref = allocateInC(arena, 16);
            assertNotEquals(0, Blocks.address(arena, ref));
            arena.reset();
            assertEquals(0, Blocks.address(arena, ref));
            assertEquals(0, ArenaNatives.resolve(arena.nativeHandle(), 0));
        }
    }

    @Test
    void aClearInCMakesJavasReferencesStaleInEveryChunk() {
        try (NativeArena arena = NativeArena.create()) {
            long first = arena.allocateRef(4096);
            long second = arena.allocateRef(8192);
            arena.putLong(first, 0, 1);
            arena.putLong(second, 0, 2);
            clearInC(arena);
            assertThrows(IllegalStateException.class, () -> arena.getLong(first, 0));
            assertThrows(IllegalStateException.class, () -> arena.putLong(second, 0, 3));
            assertEquals(1, arena.stats().chunks());
            Blocks.assertSound(arena);
        }
    }

    /** An arena whose second chunk has moved behind Java's back, and a bystander that has taken its place. */
    private static ByteBuffer moveSecondChunkInC(MemoryPool pool, NativeArena arena) {
        arena.allocateRef(4096);
        long old = arena.allocateRef(8192);
        arena.putLong(old, 0, 1); // Java knows the root of chunk 1 now
        long oldAddress = Blocks.address(arena, old);
        clearInC(arena);
        ByteBuffer bystander = pool.allocate(8192);
        Blocks.fill(bystander, 8);
        allocateInC(arena, 4096);
        long moved = Blocks.address(arena, allocateInC(arena, 8192));
        assertNotEquals(oldAddress, moved, "the test needs chunk 1 elsewhere");
        return bystander;
    }

    @Test
    void rootsAreLookedUpAgainAfterClearAndRegrowthInC() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            ByteBuffer bystander = moveSecondChunkInC(pool, arena);
            long ref = ArenaNatives.ref(arena.nativeHandle(), ArenaNatives.chunkBase(arena.nativeHandle(), 1));
            arena.putLong(ref, 0, 77);
            assertEquals(77, Blocks.asC(arena, ref, 8).getLong(0));
            Blocks.assertFilled(bystander, 8);
        }
    }

    @Test
    void aResetInJavaAfterAClearInCUsesNoStaleRoot() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            ByteBuffer bystander = moveSecondChunkInC(pool, arena);
            arena.reset();
            arena.allocateRef(4096);
            long ref = arena.allocateRef(8192);
            assertEquals(1, Blocks.chunk(ref));
            arena.putLong(ref, 0, 77);
            Blocks.assertFilled(bystander, 8);
            assertEquals(77, Blocks.asC(arena, ref, 8).getLong(0));
        }
    }

    @Test
    void aClearInJavaAfterAClearInCUsesNoStaleRoot() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            ByteBuffer bystander = moveSecondChunkInC(pool, arena);
            arena.clear();
            arena.allocateRef(4096);
            long ref = arena.allocateRef(8192);
            arena.putLong(ref, 0, 77);
            Blocks.assertFilled(bystander, 8);
            assertEquals(77, Blocks.asC(arena, ref, 8).getLong(0));
        }
    }

    @Test
    void aFailureInCLeavesJavaUsable() {
        try (NativeArena arena = NativeArena.builder().fixedSize(64).build()) {
            assertEquals(0, ArenaNatives.allocate(arena.nativeHandle(), 65, 1));
            assertEquals(0, ArenaNatives.allocate(arena.nativeHandle(), -1, 1));
            assertEquals(0, ArenaNatives.allocate(arena.nativeHandle(), 1, 3));
            assertEquals(64, arena.allocate(64).capacity());
            Blocks.assertSound(arena);
        }
    }

    @Test
    void theHandleIsTheControlBlock() {
        try (NativeArena arena = NativeArena.create()) {
            assertTrue(arena.nativeHandle() % 64 == 0);
            assertEquals(arena.nativeHandle(), arena.nativeHandle());
            assertEquals(Status.OK, ArenaNatives.check(arena.nativeHandle()));
        }
    }

    @Test
    void aClosedArenasHandleIsRefusedByCWhileItsPoolLives() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena keepsTheSlab = NativeArena.create(pool)) {
            NativeArena arena = NativeArena.create(pool);
            long handle = arena.nativeHandle();
            arena.close();
            assertEquals("INVALID_ARENA", Status.name(ArenaNatives.check(handle)));
            assertEquals("INVALID_ARENA", Status.name(ArenaNatives.reset(handle)));
            assertEquals("INVALID_ARENA", Status.name(ArenaNatives.clear(handle)));
            assertEquals("INVALID_ARENA", Status.name(ArenaNatives.destroy(handle)));
            assertEquals(0, ArenaNatives.allocate(handle, 8, 1));
            assertEquals(0, ArenaNatives.chunkBase(handle, 0));
            assertEquals(0, ArenaNatives.chunkCapacity(handle, 0));
            Blocks.assertSound(keepsTheSlab);
        }
    }

    @Test
    void chunksBehindTheLastOneDoNotExist() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(4096);
            arena.allocateRef(1);
            assertEquals(8192, ArenaNatives.chunkCapacity(arena.nativeHandle(), 1));
            for (int chunk : new int[] {2, 1 << 20, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
                assertEquals(0, ArenaNatives.chunkBase(arena.nativeHandle(), chunk));
                assertEquals(0, ArenaNatives.chunkCapacity(arena.nativeHandle(), chunk));
            }
        }
    }
}
