// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.NativeArena;
import dev.corral.StackAllocator;
import dev.corral.bench.peers.ArenaState;
import dev.corral.bench.peers.LwjglStack;
import java.nio.ByteBuffer;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A scope or frame with one block of {@code size} bytes, a long written to it and read again; then it ends. Where they
 * are nested, a method that calls itself has one in each call.
 */
@State(Scope.Thread)
public class Frames extends Nanoseconds {
    private static final int NESTED = 24; // frames; of 2,000 bytes as many fit into a stack of 64 KiB

    private int size;
    private long value;

    /** Keeps the size; eight bytes must fit. */
    @Setup
    public void prepare(Sizes sizes) {
        size = Math.max(sizes.size, Long.BYTES);
    }

    /** A stack of this library. */
    @State(Scope.Thread)
    public static class Stack {
        private StackAllocator stack;
        private NativeArena memory;

        /** Creates it. */
        @Setup
        public void open() {
            stack = StackAllocator.create();
            memory = stack.arena();
        }

        /** Closes it. */
        @TearDown
        public void close() {
            stack.close();
        }
    }

    /** A scope of an arena, a reference. */
    @Benchmark
    public long arenaScopeRef(ArenaState state) {
        NativeArena arena = state.arena;
        try (dev.corral.Scope scope = arena.openScope()) {
            long ref = arena.allocateRef(size);
            arena.putLong(ref, 0, ++value);
            return arena.getLong(ref, 0);
        }
    }

    /** A scope of an arena, a view. */
    @Benchmark
    public long arenaScopeView(ArenaState state) {
        NativeArena arena = state.arena;
        try (dev.corral.Scope scope = arena.openScope()) {
            ByteBuffer block = arena.allocate(size);
            block.putLong(0, ++value);
            return block.getLong(0);
        }
    }

    /** A frame of a stack of this library, a reference. */
    @Benchmark
    public long stackFrameRef(Stack state) {
        try (StackAllocator.Frame frame = state.stack.push()) {
            long ref = frame.allocateRef(size);
            state.memory.putLong(ref, 0, ++value);
            return state.memory.getLong(ref, 0);
        }
    }

    /** Frames of a stack of this library, references. */
    @Benchmark
    @OperationsPerInvocation(NESTED)
    public long stackFrameRefNested(Stack state) {
        return nest(state, NESTED);
    }

    private long nest(Stack state, int frames) {
        try (StackAllocator.Frame frame = state.stack.push()) {
            long ref = frame.allocateRef(size);
            state.memory.putLong(ref, 0, ++value);
            long inner = frames == 1 ? 0 : nest(state, frames - 1);
            return inner + state.memory.getLong(ref, 0);
        }
    }

    /** A frame of this library's stack of the thread, a reference. */
    @Benchmark
    public long stackFrameOfThread() {
        StackAllocator stack = StackAllocator.ofCurrentThread();
        try (StackAllocator.Frame frame = stack.push()) {
            long ref = frame.allocateRef(size);
            stack.arena().putLong(ref, 0, ++value);
            return stack.arena().getLong(ref, 0);
        }
    }

    /** A frame of this library, nobody writes to the block. */
    @Benchmark
    public long stackFrameRefUnwritten(Stack state) {
        try (StackAllocator.Frame frame = state.stack.push()) {
            return frame.allocateRef(size);
        }
    }

    /** A frame of this library's stack of the thread, nobody writes to the block. */
    @Benchmark
    public long stackFrameOfThreadUnwritten() {
        try (StackAllocator.Frame frame = StackAllocator.ofCurrentThread().push()) {
            return frame.allocateRef(size);
        }
    }

    /** A frame of LWJGL's stack that is in a field, nobody writes to the block. */
    @Benchmark
    public long lwjglStackUnwritten(LwjglStack lwjgl) {
        try (MemoryStack frame = lwjgl.stack.push()) {
            return frame.nmalloc(size);
        }
    }

    /** A frame of LWJGL's stack of the thread, nobody writes to the block. */
    @Benchmark
    public long lwjglStackPushUnwritten() {
        try (MemoryStack frame = MemoryStack.stackPush()) {
            return frame.nmalloc(size);
        }
    }

    /** A frame of LWJGL's stack that is in a field, an address. */
    @Benchmark
    public long lwjglStack(LwjglStack lwjgl) {
        try (MemoryStack frame = lwjgl.stack.push()) {
            long address = frame.nmalloc(size);
            MemoryUtil.memPutLong(address, ++value);
            return MemoryUtil.memGetLong(address);
        }
    }

    /** Frames of LWJGL's stack that is in a field, addresses. */
    @Benchmark
    @OperationsPerInvocation(NESTED)
    public long lwjglStackNested(LwjglStack lwjgl) {
        return nest(lwjgl.stack, NESTED);
    }

    private long nest(MemoryStack stack, int frames) {
        try (MemoryStack frame = stack.push()) {
            long address = frame.nmalloc(size);
            MemoryUtil.memPutLong(address, ++value);
            long inner = frames == 1 ? 0 : nest(stack, frames - 1);
            return inner + MemoryUtil.memGetLong(address);
        }
    }

    /** A frame of LWJGL's stack of the thread, an address. */
    @Benchmark
    public long lwjglStackPush() {
        try (MemoryStack frame = MemoryStack.stackPush()) {
            long address = frame.nmalloc(size);
            MemoryUtil.memPutLong(address, ++value);
            return MemoryUtil.memGetLong(address);
        }
    }

    /** A frame of LWJGL's stack of the thread, a buffer. */
    @Benchmark
    public long lwjglStackPushView() {
        try (MemoryStack frame = MemoryStack.stackPush()) {
            ByteBuffer block = frame.malloc(size);
            block.putLong(0, ++value);
            return block.getLong(0);
        }
    }
}
