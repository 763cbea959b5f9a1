// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.ffm;

import dev.corral.bench.AtOnce;
import java.lang.foreign.Arena;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The JDK's confined arenas beside {@code ManyArenas}. */
@State(Scope.Thread)
public class ManyArenasFfm extends AtOnce {
    private static final int ALIGNMENT = 16;

    private Arena[] all;

    /** Makes room for them. */
    @Setup
    public void open() {
        all = new Arena[arenas];
    }

    /** Confined arenas. */
    @Benchmark
    public long ffmConfined() {
        long sum = 0;
        for (int i = 0; i < arenas; i++) {
            all[i] = Arena.ofConfined();
            for (int block = 0; block < BLOCKS; block++) {
                sum += all[i].allocate(SIZE, ALIGNMENT).address();
            }
        }
        for (Arena arena : all) {
            arena.close();
        }
        return sum;
    }
}
