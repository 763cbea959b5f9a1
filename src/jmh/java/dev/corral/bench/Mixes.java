// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The sixteen blocks of a request. */
@State(Scope.Benchmark)
public class Mixes {
    /** Blocks of one request. */
    public static final int BLOCKS = 16;

    /**
     * {@code small}: 1.1 KiB in all, as a request that decodes a message needs; {@code mixed}: all sizes of the JDK's
     * own benchmarks, 11.5 KiB in all, most blocks small and one of 8,000 bytes.
     */
    @Param({"small", "mixed"})
    public String mix;

    /** Bytes of each block. */
    public int[] sizes;

    /** Bytes of all blocks. */
    public int total;

    /** Chooses the sizes. */
    @Setup
    public void choose() {
        sizes = mix.equals("small")
                ? new int[] {16, 64, 24, 128, 32, 48, 256, 20, 16, 100, 64, 40, 200, 8, 24, 80}
                : new int[] {5, 100, 20, 500, 5, 100, 20, 2000, 5, 100, 20, 500, 5, 8000, 20, 100};
        if (sizes.length != BLOCKS) {
            throw new IllegalStateException("blocks=" + sizes.length);
        }
        total = 0;
        for (int size : sizes) {
            total += size;
        }
    }
}
