// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.bench.peers.ArenaState;
import dev.corral.bench.peers.ArrowState;
import dev.corral.bench.peers.LwjglStack;
import dev.corral.bench.peers.NettyState;
import dev.corral.bench.peers.Rpmalloc;
import dev.corral.internal.ArenaNatives;
import dev.corral.internal.PoolNatives;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.arrow.memory.ArrowBuf;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.system.jemalloc.JEmalloc;
import org.lwjgl.system.rpmalloc.RPmalloc;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One block of {@code size} bytes and what giving it back costs: the arena is reset every {@value #BLOCKS} allocations,
 * and the reset is part of its figure, as are the chunk changes between resets; blocks that are freed one by one are
 * freed at once, which is the best case of such an allocator; arrays and heap buffers are left to the collector.
 * The arena's side also counts blocks to know when to reset, which the others need not; {@link UnitAllocation} is the
 * same without.
 */
@State(Scope.Thread)
public class SingleAllocation extends Nanoseconds {
    private static final int BLOCKS = 16_384;

    /** The parts of a reference, and more chunks than {@value #BLOCKS} of the largest blocks need. */
    private static final int CHUNK_SHIFT = 30;
    private static final int CHUNK_MASK = (1 << 20) - 1;
    private static final long OFFSET_MASK = (1L << CHUNK_SHIFT) - 1;
    private static final int CHUNKS = 1 << 13;

    private final long[] bases = new long[CHUNKS];
    private int blocks;
    private int size;

    /** Keeps the size where each benchmark reads it alike. */
    @Setup
    public void prepare(Sizes sizes) {
        size = sizes.size;
    }

    private void countBlock(ArenaState state) {
        if (++blocks == BLOCKS) {
            blocks = 0;
            state.arena.reset();
        }
    }

    /** A reference into the arena. */
    @Benchmark
    public long arenaRef(ArenaState state) {
        countBlock(state);
        return state.arena.allocateRef(size);
    }

    /** A view of the arena. */
    @Benchmark
    public ByteBuffer arenaView(ArenaState state) {
        countBlock(state);
        return state.arena.allocate(size);
    }

    /** A block of the pool, given back. */
    @Benchmark
    public int poolBlock(ArenaState state) {
        ByteBuffer block = state.pool.allocate(size);
        int limit = block.limit();
        state.pool.free(block);
        return limit;
    }

    /** A Java array. */
    @Benchmark
    public byte[] newByteArray() {
        return new byte[size];
    }

    /** A heap buffer. */
    @Benchmark
    public ByteBuffer heapBuffer() {
        return ByteBuffer.allocate(size);
    }

    /** A direct buffer, which the collector has to find before its memory is free. */
    @Benchmark
    public ByteBuffer directBuffer() {
        return ByteBuffer.allocateDirect(size);
    }

    /** Netty's pooled allocator, and release. */
    @Benchmark
    public boolean nettyPooled(NettyState netty) {
        ByteBuf block = netty.pooled.directBuffer(size);
        return block.release();
    }

    /** Netty's adaptive allocator, and release. */
    @Benchmark
    public boolean nettyAdaptive(NettyState netty) {
        ByteBuf block = netty.adaptive.directBuffer(size);
        return block.release();
    }

    /** LWJGL's stack: a frame with one address. Nobody writes there, so that the JIT leaves next to nothing of it. */
    @Benchmark
    public long lwjglStack(LwjglStack lwjgl) {
        MemoryStack frame = lwjgl.stack.push();
        long address = frame.nmalloc(size);
        frame.pop();
        return address;
    }

    /** The same in the way of LWJGL's guide, which looks up the thread's stack. */
    @Benchmark
    public long lwjglStackPush() {
        try (MemoryStack frame = MemoryStack.stackPush()) {
            return frame.nmalloc(size);
        }
    }

    /** LWJGL's stack: a frame with one buffer. */
    @Benchmark
    public ByteBuffer lwjglStackView(LwjglStack lwjgl) {
        MemoryStack frame = lwjgl.stack.push();
        ByteBuffer block = frame.malloc(size);
        frame.pop();
        return block;
    }

    /** The system's malloc by LWJGL, and free. */
    @Benchmark
    public long lwjglMalloc() {
        long address = MemoryUtil.nmemAlloc(size);
        MemoryUtil.nmemFree(address);
        return address;
    }

    /** rpmalloc by LWJGL, and free. */
    @Benchmark
    public long lwjglRpmalloc(Rpmalloc prepared) {
        long address = RPmalloc.nrpmalloc(size);
        RPmalloc.nrpfree(address);
        return address;
    }

    /** jemalloc by LWJGL, and free. */
    @Benchmark
    public long lwjglJemalloc() {
        long address = JEmalloc.nje_malloc(size);
        JEmalloc.nje_free(address);
        return address;
    }

    /** An Agrona buffer over a direct buffer. */
    @Benchmark
    public UnsafeBuffer agronaDirect() {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(size));
    }

    /** An Agrona buffer over an array. */
    @Benchmark
    public UnsafeBuffer agronaArray() {
        return new UnsafeBuffer(new byte[size]);
    }

    /** Arrow's allocator, and close. */
    @Benchmark
    public long arrow(ArrowState arrow) {
        try (ArrowBuf block = arrow.allocator.buffer(size)) {
            return block.memoryAddress();
        }
    }

    /** What a thin wrapper would do: one JNI call that allocates, one that makes the view. */
    @Benchmark
    public ByteBuffer jniView(ArenaState state) {
        countBlock(state);
        return PoolNatives.wrap(address(state, ArenaNatives.allocate(state.handle, size, 1)), size);
    }

    /** Of a reference, without a JNI call but for the first one into each chunk; a reset keeps the chunks. */
    private long address(ArenaState state, long ref) {
        int chunk = (int) (ref >>> CHUNK_SHIFT) & CHUNK_MASK;
        if (bases[chunk] == 0) {
            bases[chunk] = ArenaNatives.chunkBase(state.handle, chunk);
        }
        return bases[chunk] + (ref & OFFSET_MASK);
    }

    /** Allocation by one JNI call, without a view. */
    @Benchmark
    public long jniRef(ArenaState state) {
        countBlock(state);
        return ArenaNatives.allocate(state.handle, size, 1);
    }
}
