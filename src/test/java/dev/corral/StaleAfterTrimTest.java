// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** References and views of chunks that hold nothing any more, and of threads that have ended. */
@NoNativeLeaks
class StaleAfterTrimTest {
    private static final int LARGE = 100_000;

    @Test
    void aReferenceIntoAChunkThatHoldsNothingHasNoView() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool);
                NativeArena other = NativeArena.create(pool)) {
            arena.allocateRef(16);
            Mark mark = arena.mark();
            long ref = arena.allocateRef(LARGE);
            arena.putLong(ref, 0, 1);
            arena.rewind(mark);
            assertThrows(IllegalStateException.class, () -> arena.view(ref, 8));
            arena.trim(0);
            other.putLong(other.allocateRef(LARGE), 0, 0x5EC7E7);
            assertThrows(IllegalStateException.class, () -> arena.view(ref, 8));
            assertThrows(IllegalStateException.class, () -> arena.getLong(ref, 0));
        }
    }

    @Test
    void anAccessThatFailsLeavesNothingNear() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            long first = arena.allocateRef(16);
            arena.putLong(first, 0, 7);
            long large = arena.allocateRef(LARGE);
            arena.putLong(large, 0, 8);
            assertThrows(IllegalStateException.class, () -> arena.getLong(large + (1L << 40), 0));
            assertEquals(8, arena.getLong(large, 0));
            assertEquals(7, arena.getLong(first, 0));
        }
    }

    @Test
    void whoAdoptsAFamilyMakesViewsOfItsOwn() throws Exception {
        try (MemoryPool pool = MemoryPool.create()) {
            AtomicReference<NativeArena> parent = new AtomicReference<>();
            AtomicReference<NativeArena> child = new AtomicReference<>();
            Thread owner = new Thread(() -> {
                NativeArena arena = NativeArena.create(pool);
                arena.allocate(16).putLong(0, 1);
                child.set(arena.newChild());
                parent.set(arena);
            });
            owner.start();
            owner.join();
            child.get().close();
            assertTrue(parent.get().isOwnedByCurrentThread());
            parent.get().allocate(16).putLong(0, 2);
            parent.get().close();
        }
    }
}
