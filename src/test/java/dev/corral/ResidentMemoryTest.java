// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * What the statistics say is what the operating system counts: resident memory grows and shrinks with them. The JVM
 * itself takes and gives memory meanwhile, so the pool's part is made large, and the numbers may differ by {@link
 * #TOLERANCE}.
 */
@NoNativeLeaks
class ResidentMemoryTest {
    private static final long MIB = 1 << 20;
    private static final long TOLERANCE = 48 * MIB;
    private static final int BYTES = 256 << 20;

    /** Anonymous memory that is resident, in bytes, as {@code /proc/self/status} has it. */
    private static long resident() throws IOException {
        Path status = Path.of("/proc/self/status");
        Assumptions.assumeTrue(Files.isReadable(status), "skipped: this system has no /proc");
        return Files.readAllLines(status).stream().filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10).findFirst().orElseThrow();
    }

    private static void assertNear(long expected, long actual, MemoryPool pool) {
        assertTrue(Math.abs(actual - expected) < TOLERANCE, () -> "expected " + expected / MIB + " MiB, actual "
                + actual / MIB + " MiB: " + pool.stats());
    }

    private static void fill(NativeArena arena) {
        for (int chunk = 0; chunk < BYTES / (1 << 20); chunk++) {
            long ref = arena.allocateRef(1 << 20);
            for (int offset = 0; offset < 1 << 20; offset += 4096) {
                arena.putByte(ref, offset, (byte) 1);
            }
        }
    }

    @Test
    void residentMemoryIsWhatStatisticsSay() throws IOException {
        Assumptions.assumeFalse(ChildJvm.isAddressSanitized(), "AddressSanitizer's shadow is resident as well");
        try (MemoryPool pool = MemoryPool.builder().retain(96 * MIB).build()) {
            long before = resident();
            try (NativeArena arena = NativeArena.create(pool)) {
                fill(arena);
                assertTrue(pool.stats().inUse() >= BYTES);
                assertNear(pool.stats().inUse(), resident() - before, pool);
            }
            // what passes `retain` has gone back, although the roots of its chunks keep the addresses
            assertNear(96 * MIB, resident() - before, pool);
            assertEquals(0, pool.stats().inUse());
            pool.trim();
            assertNear(0, resident() - before, pool);
        }
    }

    /** The addresses stay for the view; the memory behind them does not. */
    @Test
    void memoryThatOnlyAViewKeepsIsNotResident() throws IOException {
        try (MemoryPool pool = MemoryPool.create()) {
            long before = resident();
            ByteBuffer block = pool.allocate(BYTES);
            for (int offset = 0; offset < BYTES; offset += 4096) {
                block.put(offset, (byte) 1);
            }
            assertNear(BYTES, resident() - before, pool);
            pool.free(block);
            pool.trim();
            assertNear(0, resident() - before, pool);
            assertEquals(0, block.get(0));
            assertTrue(pool.stats().pinnedBytes() >= BYTES, pool.stats()::toString);
        }
    }
}
