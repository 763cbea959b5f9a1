// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.NativeArena;
import dev.corral.bench.peers.ArenaState;
import dev.corral.bench.peers.NettyState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * {@link RequestCycle} without its accesses: get what allocates, make sixteen blocks, keep what refers to them, give
 * all back. What an access costs is the same in a borrowed arena and in any other.
 */
@State(Scope.Thread)
public class BorrowedBlocks extends Nanoseconds {
    private static final int BLOCKS = Mixes.BLOCKS;

    private final long[] refs = new long[BLOCKS];
    private final ByteBuf[] buffers = new ByteBuf[BLOCKS];
    private int[] sizes;

    /** Takes the sizes over. */
    @Setup
    public void prepare(Mixes mixes) {
        sizes = mixes.sizes;
    }

    private long[] allocate(NativeArena arena) {
        for (int i = 0; i < BLOCKS; i++) {
            refs[i] = arena.allocateRef(sizes[i]);
        }
        return refs;
    }

    private ByteBuf[] allocate(ByteBufAllocator allocator) {
        for (int i = 0; i < BLOCKS; i++) {
            buffers[i] = allocator.directBuffer(sizes[i]);
        }
        for (int i = 0; i < BLOCKS; i++) {
            buffers[i].release();
        }
        return buffers;
    }

    /** An arena of the recycler. */
    @Benchmark
    public long[] arenaBorrowed(ArenaState state) {
        try (NativeArena arena = state.recycler.borrow()) {
            return allocate(arena);
        }
    }

    /** A new arena. */
    @Benchmark
    public long[] arenaNew(ArenaState state) {
        try (NativeArena arena = NativeArena.create(state.pool)) {
            return allocate(arena);
        }
    }

    /** Netty's pooled allocator. */
    @Benchmark
    public ByteBuf[] nettyPooled(NettyState state) {
        return allocate(state.pooled);
    }

    /** Netty's adaptive allocator. */
    @Benchmark
    public ByteBuf[] nettyAdaptive(NettyState state) {
        return allocate(state.adaptive);
    }
}
