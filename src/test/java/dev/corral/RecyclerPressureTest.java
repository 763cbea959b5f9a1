// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Idle arenas are kept to be quick: they go before a request of their pool fails for want of memory. */
@NoNativeLeaks
class RecyclerPressureTest {
    private static final int MIB = 1 << 20;

    private static MemoryPool small() {
        return MemoryPool.builder().pages(PageSource.of(ByteBuffer.allocateDirect(8 * MIB))).build();
    }

    private static ArenaRecycler warm(MemoryPool pool) {
        ArenaRecycler recycler = ArenaRecycler.builder().pool(pool).initialChunkSize(4 * MIB).maxChunkSize(4 * MIB)
                .build();
        recycler.borrow().close();
        return recycler;
    }

    @Test
    void idleArenasGoBeforeABlockIsRefused() {
        try (MemoryPool pool = small(); ArenaRecycler recycler = warm(pool)) {
            assertEquals(1, recycler.stats().kept());
            ByteBuffer block = pool.allocate(4 * MIB);
            assertEquals("kept=0 trimmed=1", "kept=" + recycler.stats().kept() + " trimmed="
                    + recycler.stats().trimmed());
            pool.free(block);
            recycler.borrow().close();
            assertEquals(1, recycler.stats().kept());
            assertEquals(Status.OK, Recyclers.check(recycler));
        }
    }

    @Test
    void idleArenasGoBeforeAnArenaIsRefused() {
        try (MemoryPool pool = small(); ArenaRecycler recycler = warm(pool);
                ArenaRecycler other = ArenaRecycler.create(pool)) {
            try (NativeArena arena = NativeArena.create(pool); NativeArena lent = other.borrow()) {
                lent.allocateRef(8);
                arena.allocateRef(4 * MIB);
                assertEquals(0, recycler.stats().kept());
                assertThrows(ArenaExhaustedException.class, () -> arena.allocateRef(4 * MIB));
            }
        }
    }
}
