// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When a pool gives memory back to the system. */
@NoNativeLeaks
class PoolGiveBackTest {
    private static void useMemory(MemoryPool pool, int bytes) {
        try (NativeArena arena = NativeArena.create(pool)) {
            arena.allocateRef(bytes); // a view would keep its memory mapped
        }
    }

    @Test
    void unusedMemoryGoesBackAfterItsTime() {
        try (MemoryPool pool = MemoryPool.builder().decay(Duration.ofMillis(20)).build();
                MemoryPool lasting = MemoryPool.builder().decay(Duration.ofSeconds(Long.MAX_VALUE)).build()) {
            useMemory(pool, 8 << 20);
            useMemory(lasting, 8 << 20);
            Await.collected("the memory goes back", () -> {
                useMemory(pool, 100_000); // more than a thread's cache has
                return pool.stats().reserved() < 8 << 20;
            }, pool::stats);
            useMemory(lasting, 100_000);
            assertTrue(lasting.stats().reserved() > 8 << 20, lasting.stats()::toString);
        }
    }

    @Test
    void decayMustNotBeNegative() {
        String message = assertThrows(IllegalArgumentException.class,
                () -> MemoryPool.builder().decay(Duration.ofNanos(-1))).getMessage();
        assertEquals("decay=PT-0.000000001S: pass a duration of 0 or more", message);
    }

    @Test
    void trimGivesFreeMemoryBack() {
        try (MemoryPool pool = MemoryPool.builder().decay(Duration.ofDays(1)).build()) {
            long reserved = pool.stats().reserved();
            pool.free(pool.allocate(8 << 20));
            Await.collected("no view pins the block", () -> pool.stats().pinnedRegions() == 0, pool::stats);
            assertTrue(pool.stats().reserved() >= 8 << 20, "kept for the next user");
            assertTrue(pool.trim() >= 8 << 20);
            assertTrue(pool.stats().reserved() - reserved < 1 << 20, () -> pool.stats().toString());
            assertEquals(0, pool.trim());
            Blocks.assertSound(pool);
        }
    }

    @Test
    void retainZeroKeepsNothing() {
        try (MemoryPool pool = MemoryPool.builder().retain(0).build()) {
            pool.free(pool.allocate(8 << 20));
            Await.collected("the block's region goes back", () -> pool.stats().reserved() < 1 << 20, pool::stats);
            assertEquals(0, pool.stats().regions());
        }
    }
}
