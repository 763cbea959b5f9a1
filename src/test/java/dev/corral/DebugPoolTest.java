// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.PageSourceNatives;
import dev.corral.internal.PoolNatives;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Debug pools: what is wrong with single blocks is thrown by the operation that finds it. */
@NoNativeLeaks
class DebugPoolTest {
    private static MemoryPool open() {
        return MemoryPool.builder().name("watched").debug(true).build();
    }

    /** Writes where no view leads, as C code could. */
    private static void scribble(ByteBuffer block, int offset, int value) {
        PoolNatives.wrap(PageSourceNatives.addressOf(block) + offset, 1).put((byte) value);
    }

    private static void assertDamage(Runnable operation, String... parts) {
        MemoryDamageException damage = assertThrows(MemoryDamageException.class, operation::run);
        for (String part : parts) {
            assertTrue(damage.getMessage().contains(part), () -> "expected \"" + part + "\" in: " + damage);
        }
    }

    @Test
    void poolOverrunFoundByFree() {
        try (MemoryPool pool = open()) {
            ByteBuffer block = pool.allocate(40);
            scribble(block, 40, 'x');
            assertDamage(() -> pool.free(block), "free: pool=watched status=DAMAGED: ",
                    "kind=write-behind-block", "size=40 written=40..40 bytes=78",
                    "allocated=DebugPoolTest.poolOverrunFoundByFree:", "freed=no");
            assertEquals(0, pool.stats().liveBlocks());
            assertThrows(IllegalArgumentException.class, () -> pool.free(block));
        }
    }

    @Test
    void staleViewFoundByTrim() {
        try (MemoryPool pool = open()) {
            ByteBuffer block = pool.allocate(100);
            pool.free(block);
            block.put(7, (byte) 1);
            assertDamage(pool::trim, "trim: pool=watched", "kind=write-after-free", "written=7..7 bytes=01",
                    "allocated=DebugPoolTest.staleViewFoundByTrim:", "freed=DebugPoolTest.staleViewFoundByTrim:");
            pool.trim();
        }
    }

    @Test
    void staleViewFoundByClose() {
        MemoryPool pool = open();
        ByteBuffer block = pool.allocate(100);
        pool.free(block);
        block.putLong(8, 1);
        assertDamage(pool::close, "close: pool=watched", "kind=write-after-free");
        assertTrue(pool.isClosed());
        pool.close();
    }

    @Test
    void blocksThatWereNotFreedAreLoggedAndNothingElse() {
        Reports reports = new Reports();
        reports.attach();
        try {
            MemoryPool pool = open();
            pool.allocate(10);
            pool.allocate(20);
            NativeArena.create(pool).allocate(100);
            pool.close();
        } finally {
            reports.detach();
        }
        List<String> all = reports.all();
        assertEquals(1, all.size(), all::toString);
        assertTrue(all.get(0).startsWith("a debug pool was closed: corral: not freed: blocks=1 "), all::toString);
        String first = "blocks=1 bytes=10 allocated=DebugPoolTest.blocksThatWereNotFreedAreLoggedAndNothingElse:";
        assertTrue(all.get(0).contains(first), all::toString);
        assertTrue(all.get(0).contains("blocks=1 bytes=20 allocated="), all::toString);
        assertFalse(all.get(0).contains("allocated=arena"), all::toString);
    }

    @Test
    void debugBlocksAreWhatWasAskedFor() {
        try (MemoryPool pool = open()) {
            for (int size : new int[] {0, 1, 15, 16, 1000, 40_000, 3 << 20}) {
                ByteBuffer block = pool.allocate(size);
                assertEquals(size, block.capacity());
                for (int i = 0; i < size; i += 97) {
                    assertEquals((byte) 0xCD, block.get(i));
                }
                pool.free(block);
            }
            assertThrows(IllegalArgumentException.class, () -> pool.allocate(-1));
        }
    }

    @Test
    void aLimitSaysThatItIsOne() {
        try (MemoryPool pool = MemoryPool.builder().limit(1 << 20).debug(true).build()) {
            ArenaExhaustedException refused = assertThrows(ArenaExhaustedException.class, () -> pool.allocate(2 << 20));
            assertTrue(refused.getMessage().contains("status=LIMIT_REACHED"), refused::getMessage);
        }
    }

    @Test
    void soundUseIsNotReported() {
        Reports reports = new Reports();
        reports.attach();
        try (MemoryPool pool = MemoryPool.builder().debug(true).quarantine(true).build()) {
            Random random = new Random(5);
            List<ByteBuffer> blocks = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                if (blocks.size() < 50 || random.nextBoolean()) {
                    ByteBuffer block = pool.allocate(random.nextInt(3000));
                    block.put(new byte[block.capacity()]);
                    blocks.add(block);
                } else {
                    pool.free(blocks.remove(random.nextInt(blocks.size())));
                }
                if (i % 100 == 0) {
                    try (NativeArena arena = NativeArena.create(pool)) {
                        arena.allocate(10_000).put(new byte[10_000]);
                    }
                }
            }
            blocks.forEach(pool::free);
            assertEquals(0, PoolNatives.check(pool.state().handle));
        } finally {
            reports.detach();
        }
        assertEquals(List.of(), reports.all());
    }
}
