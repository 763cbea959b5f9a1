// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.bench.peers.ArenaState;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/**
 * A unit of work: {@value #BLOCKS} blocks in the same loop on both sides, each given to the blackhole; the arena's side
 * ends with the reset. The figure is the time of a block. The JIT may move checks out of such a loop, as it may in any
 * loop of a program.
 */
@State(Scope.Thread)
public class UnitAllocation extends Nanoseconds {
    private static final int BLOCKS = 16_384;

    /** References into the arena. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void arenaRef(ArenaState state, Sizes sizes, Blackhole sink) {
        for (int i = 0; i < BLOCKS; i++) {
            sink.consume(state.arena.allocateRef(sizes.size));
        }
        state.arena.reset();
    }

    /** Views of the arena. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void arenaView(ArenaState state, Sizes sizes, Blackhole sink) {
        for (int i = 0; i < BLOCKS; i++) {
            sink.consume(state.arena.allocate(sizes.size));
        }
        state.arena.reset();
    }

    /** Java arrays. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void newByteArray(Sizes sizes, Blackhole sink) {
        for (int i = 0; i < BLOCKS; i++) {
            sink.consume(new byte[sizes.size]);
        }
    }

    /** Heap buffers. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void heapBuffer(Sizes sizes, Blackhole sink) {
        for (int i = 0; i < BLOCKS; i++) {
            sink.consume(ByteBuffer.allocate(sizes.size));
        }
    }
}
