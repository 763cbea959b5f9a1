// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Borrowed arenas whose views any thread may use. */
@NoNativeLeaks
class ArenaRecyclerSharedViewsTest {
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
}
