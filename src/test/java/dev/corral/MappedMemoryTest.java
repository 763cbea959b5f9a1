// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.corral.internal.NativeLibrary;
import org.junit.jupiter.api.Test;

/** Files that are too large for a test: what shows them is looked at, and not what it shows. */
class MappedMemoryTest {
    private static final long GIB = 1L << 30;

    @Test
    void eachChunkOfALargeFileLiesInTheWindowInWhichItBegins() {
        NativeLibrary.load();
        for (long bytes : new long[] {GIB, 2 * GIB - 64, 2 * GIB, 5 * GIB + 4096}) {
            MappedMemory memory = new MappedMemory();
            memory.show(0, 1L << 40, bytes); // nothing is there, and nobody reads it
            assertEquals((bytes + GIB - 1) / GIB, memory.windows().length);
            for (int i = 0; i < memory.windows().length; i++) {
                long lastChunk = Math.min((i + 1) * GIB - 64, bytes); // the last place where one begins
                long end = Math.min(lastChunk + GIB, bytes);
                assertEquals(end - i * GIB, memory.windows()[i].capacity(), "bytes=" + bytes + " window=" + i);
            }
            memory.close();
        }
    }
}
