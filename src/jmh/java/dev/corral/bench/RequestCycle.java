// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.bench.peers.ArenaState;
import dev.corral.bench.peers.ArrowState;
import dev.corral.bench.peers.LwjglStack;
import dev.corral.bench.peers.NettyState;
import dev.corral.bench.peers.Rpmalloc;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
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
 * One request: get what allocates (create, borrow or push), make sixteen blocks of different sizes, write the first and
 * the last byte of each, read them back when all are there, give everything back. The figure is the time of a request.
 */
@State(Scope.Thread)
public class RequestCycle extends Nanoseconds {
    private static final int BLOCKS = Mixes.BLOCKS;

    private final long[] addresses = new long[BLOCKS];
    private final ByteBuffer[] views = new ByteBuffer[BLOCKS];
    private final ByteBuf[] netty = new ByteBuf[BLOCKS];
    private final ArrowBuf[] arrow = new ArrowBuf[BLOCKS];
    private int[] sizes;

    /** Takes the sizes over. */
    @Setup
    public void prepare(Mixes mixes) {
        sizes = mixes.sizes;
    }

    private int useRefs(NativeArena arena) {
        for (int i = 0; i < BLOCKS; i++) {
            long ref = arena.allocateRef(sizes[i]);
            arena.putByte(ref, 0, (byte) i);
            arena.putByte(ref, sizes[i] - 1, (byte) i);
            addresses[i] = ref;
        }
        int sum = 0;
        for (int i = 0; i < BLOCKS; i++) {
            sum += arena.getByte(addresses[i], 0) + arena.getByte(addresses[i], sizes[i] - 1);
        }
        return sum;
    }

    private int useViews(NativeArena arena) {
        for (int i = 0; i < BLOCKS; i++) {
            views[i] = write(arena.allocate(sizes[i]), i);
        }
        return read();
    }

    private ByteBuffer write(ByteBuffer block, int i) {
        return block.put(0, (byte) i).put(sizes[i] - 1, (byte) i);
    }

    private int read() {
        int sum = 0;
        for (int i = 0; i < BLOCKS; i++) {
            sum += views[i].get(0) + views[i].get(sizes[i] - 1);
        }
        return sum;
    }

    private void write(long address, int i) {
        MemoryUtil.memPutByte(address, (byte) i);
        MemoryUtil.memPutByte(address + sizes[i] - 1, (byte) i);
        addresses[i] = address;
    }

    private int readAddresses() {
        int sum = 0;
        for (int i = 0; i < BLOCKS; i++) {
            sum += MemoryUtil.memGetByte(addresses[i]) + MemoryUtil.memGetByte(addresses[i] + sizes[i] - 1);
        }
        return sum;
    }

    private int useNetty(ByteBufAllocator allocator) {
        for (int i = 0; i < BLOCKS; i++) {
            netty[i] = allocator.directBuffer(sizes[i]).setByte(0, i).setByte(sizes[i] - 1, i);
        }
        int sum = 0;
        for (int i = 0; i < BLOCKS; i++) {
            sum += netty[i].getByte(0) + netty[i].getByte(sizes[i] - 1);
            netty[i].release();
        }
        return sum;
    }

    /** A new arena, references. */
    @Benchmark
    public int arenaRefs(ArenaState state) {
        try (NativeArena arena = NativeArena.create(state.pool)) {
            return useRefs(arena);
        }
    }

    /** A new arena, views. */
    @Benchmark
    public int arenaViews(ArenaState state) {
        try (NativeArena arena = NativeArena.create(state.pool)) {
            return useViews(arena);
        }
    }

    /** An arena of the recycler, references. */
    @Benchmark
    public int arenaBorrowedRefs(ArenaState state) {
        try (NativeArena arena = state.recycler.borrow()) {
            return useRefs(arena);
        }
    }

    /** An arena of the recycler, views. */
    @Benchmark
    public int arenaBorrowedViews(ArenaState state) {
        try (NativeArena arena = state.recycler.borrow()) {
            return useViews(arena);
        }
    }

    /** An arena that is kept and reset, references. */
    @Benchmark
    public int arenaResetRefs(ArenaState state) {
        int sum = useRefs(state.arena);
        state.arena.reset();
        return sum;
    }

    /** An arena that is kept and reset, views. */
    @Benchmark
    public int arenaResetViews(ArenaState state) {
        int sum = useViews(state.arena);
        state.arena.reset();
        return sum;
    }

    /** Blocks of the pool, freed one by one. */
    @Benchmark
    public int poolBlocks(ArenaState state) {
        MemoryPool pool = state.pool;
        for (int i = 0; i < BLOCKS; i++) {
            views[i] = write(pool.allocate(sizes[i]), i);
        }
        int sum = read();
        for (int i = 0; i < BLOCKS; i++) {
            pool.free(views[i]);
        }
        return sum;
    }

    /** Java arrays. */
    @Benchmark
    public int newByteArrays() {
        byte[][] blocks = new byte[BLOCKS][];
        for (int i = 0; i < BLOCKS; i++) {
            byte[] block = new byte[sizes[i]];
            block[0] = (byte) i;
            block[sizes[i] - 1] = (byte) i;
            blocks[i] = block;
        }
        int sum = 0;
        for (int i = 0; i < BLOCKS; i++) {
            sum += blocks[i][0] + blocks[i][sizes[i] - 1];
        }
        return sum;
    }

    /** Heap buffers. */
    @Benchmark
    public int heapBuffers() {
        for (int i = 0; i < BLOCKS; i++) {
            views[i] = write(ByteBuffer.allocate(sizes[i]), i);
        }
        return read();
    }

    /** Direct buffers. */
    @Benchmark
    public int directBuffers() {
        for (int i = 0; i < BLOCKS; i++) {
            views[i] = write(ByteBuffer.allocateDirect(sizes[i]), i);
        }
        return read();
    }

    /** Netty's pooled allocator. */
    @Benchmark
    public int nettyPooled(NettyState state) {
        return useNetty(state.pooled);
    }

    /** Netty's adaptive allocator. */
    @Benchmark
    public int nettyAdaptive(NettyState state) {
        return useNetty(state.adaptive);
    }

    /** A frame of LWJGL's stack, addresses. */
    @Benchmark
    public int lwjglStack(LwjglStack lwjgl) {
        try (MemoryStack frame = lwjgl.stack.push()) {
            for (int i = 0; i < BLOCKS; i++) {
                write(frame.nmalloc(sizes[i]), i);
            }
            return readAddresses();
        }
    }

    /** A frame of LWJGL's stack, buffers. */
    @Benchmark
    public int lwjglStackViews(LwjglStack lwjgl) {
        try (MemoryStack frame = lwjgl.stack.push()) {
            for (int i = 0; i < BLOCKS; i++) {
                views[i] = write(frame.malloc(sizes[i]), i);
            }
            return read();
        }
    }

    /** rpmalloc by LWJGL. */
    @Benchmark
    public int lwjglRpmalloc(Rpmalloc prepared) {
        for (int i = 0; i < BLOCKS; i++) {
            write(RPmalloc.nrpmalloc(sizes[i]), i);
        }
        int sum = readAddresses();
        for (int i = 0; i < BLOCKS; i++) {
            RPmalloc.nrpfree(addresses[i]);
        }
        return sum;
    }

    /** jemalloc by LWJGL. */
    @Benchmark
    public int lwjglJemalloc() {
        for (int i = 0; i < BLOCKS; i++) {
            write(JEmalloc.nje_malloc(sizes[i]), i);
        }
        int sum = readAddresses();
        for (int i = 0; i < BLOCKS; i++) {
            JEmalloc.nje_free(addresses[i]);
        }
        return sum;
    }

    /** Arrow's allocator. */
    @Benchmark
    public int arrow(ArrowState state) {
        for (int i = 0; i < BLOCKS; i++) {
            arrow[i] = state.allocator.buffer(sizes[i]);
            arrow[i].setByte(0, i);
            arrow[i].setByte(sizes[i] - 1, i);
        }
        int sum = 0;
        for (int i = 0; i < BLOCKS; i++) {
            sum += arrow[i].getByte(0) + arrow[i].getByte(sizes[i] - 1);
            arrow[i].close();
        }
        return sum;
    }
}
