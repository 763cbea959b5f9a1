// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.bench.peers.ArenaState;
import dev.corral.bench.peers.NettyState;
import dev.corral.bench.peers.Rpmalloc;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.system.jemalloc.JEmalloc;
import org.lwjgl.system.rpmalloc.RPmalloc;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** {@value #BLOCKS} blocks that live together and are all given back; the figure is the time of one block. */
@State(Scope.Thread)
public class ReleaseAll extends Nanoseconds {
    private static final int BLOCKS = 1_000;

    private final long[] addresses = new long[BLOCKS];
    private final ByteBuffer[] views = new ByteBuffer[BLOCKS];
    private final ByteBuf[] netty = new ByteBuf[BLOCKS];
    private final byte[][] arrays = new byte[BLOCKS][];
    private int size;

    /** Keeps the size where each benchmark reads it alike. */
    @Setup
    public void prepare(Sizes sizes) {
        size = sizes.size;
    }

    /** An arena, references, reset. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public long arenaReset(ArenaState state) {
        for (int i = 0; i < BLOCKS; i++) {
            addresses[i] = state.arena.allocateRef(size);
        }
        state.arena.reset();
        return addresses[BLOCKS - 1];
    }

    /** An arena, references, clear: all chunks but the first go back to the pool. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public long arenaClear(ArenaState state) {
        for (int i = 0; i < BLOCKS; i++) {
            addresses[i] = state.arena.allocateRef(size);
        }
        state.arena.clear();
        return addresses[BLOCKS - 1];
    }

    /** Blocks of the pool. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void poolFree(ArenaState state) {
        for (int i = 0; i < BLOCKS; i++) {
            views[i] = state.pool.allocate(size);
        }
        for (int i = 0; i < BLOCKS; i++) {
            state.pool.free(views[i]);
        }
    }

    /** Java arrays, forgotten. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public byte[] newByteArrays() {
        for (int i = 0; i < BLOCKS; i++) {
            arrays[i] = new byte[size];
        }
        return arrays[BLOCKS - 1];
    }

    /** The system's malloc. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void lwjglMalloc() {
        for (int i = 0; i < BLOCKS; i++) {
            addresses[i] = MemoryUtil.nmemAlloc(size);
        }
        for (int i = 0; i < BLOCKS; i++) {
            MemoryUtil.nmemFree(addresses[i]);
        }
    }

    /** rpmalloc. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void lwjglRpmalloc(Rpmalloc prepared) {
        for (int i = 0; i < BLOCKS; i++) {
            addresses[i] = RPmalloc.nrpmalloc(size);
        }
        for (int i = 0; i < BLOCKS; i++) {
            RPmalloc.nrpfree(addresses[i]);
        }
    }

    /** jemalloc. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void lwjglJemalloc() {
        for (int i = 0; i < BLOCKS; i++) {
            addresses[i] = JEmalloc.nje_malloc(size);
        }
        for (int i = 0; i < BLOCKS; i++) {
            JEmalloc.nje_free(addresses[i]);
        }
    }

    /** Netty's pooled allocator. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void nettyPooled(NettyState state) {
        for (int i = 0; i < BLOCKS; i++) {
            netty[i] = state.pooled.directBuffer(size);
        }
        for (int i = 0; i < BLOCKS; i++) {
            netty[i].release();
        }
    }

    /** Netty's adaptive allocator. */
    @Benchmark
    @OperationsPerInvocation(BLOCKS)
    public void nettyAdaptive(NettyState state) {
        for (int i = 0; i < BLOCKS; i++) {
            netty[i] = state.adaptive.directBuffer(size);
        }
        for (int i = 0; i < BLOCKS; i++) {
            netty[i].release();
        }
    }
}
