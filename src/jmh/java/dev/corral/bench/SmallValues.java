// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MemoryPool;
import dev.corral.SlotPool;
import java.util.HashMap;
import java.util.Map;
import org.lwjgl.system.MemoryUtil;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** An {@code int} that is stored, read and removed while {@value #LIVE} others live: the oldest is replaced. */
@State(Scope.Thread)
public class SmallValues extends Nanoseconds {
    private static final int LIVE = 4_096;

    private int next;
    private int key;

    private int advance() {
        next = next + 1 & LIVE - 1;
        return next;
    }

    /** Slots with values. */
    @State(Scope.Thread)
    public static class Slots {
        private final long[] handles = new long[LIVE];
        private MemoryPool pool;
        private SlotPool slots;

        /** Fills them. */
        @Setup
        public void open() {
            pool = MemoryPool.create();
            slots = SlotPool.create(pool);
            for (int i = 0; i < LIVE; i++) {
                handles[i] = slots.putInt(i);
            }
        }

        /** Closes them. */
        @TearDown
        public void close() {
            slots.close();
            pool.close();
        }
    }

    /** A map with values. */
    @State(Scope.Thread)
    public static class Boxes {
        private final Map<Integer, Integer> map = new HashMap<>();

        /** Fills it. */
        @Setup
        public void open() {
            for (int i = 0; i < LIVE; i++) {
                map.put(i, i);
            }
        }
    }

    /** Native memory with values. */
    @State(Scope.Thread)
    public static class Blocks {
        private final long[] addresses = new long[LIVE];

        /** Allocates them. */
        @Setup
        public void open() {
            for (int i = 0; i < LIVE; i++) {
                addresses[i] = MemoryUtil.nmemAlloc(Integer.BYTES);
            }
        }
    }

    /** A slot pool. */
    @Benchmark
    public int corralSlots(Slots state) {
        int i = advance();
        int old = state.slots.getInt(state.handles[i]);
        state.slots.remove(state.handles[i]);
        state.handles[i] = state.slots.putInt(old + 1);
        return old;
    }

    /** A map of boxed integers. */
    @Benchmark
    public int hashMap(Boxes boxes) {
        key++;
        int old = boxes.map.remove(key - 1);
        boxes.map.put(key - 1 + LIVE, old + 1);
        return old;
    }

    /** malloc and free by LWJGL. */
    @Benchmark
    public int lwjglMalloc(Blocks blocks) {
        int i = advance();
        int old = MemoryUtil.memGetInt(blocks.addresses[i]);
        MemoryUtil.nmemFree(blocks.addresses[i]);
        blocks.addresses[i] = MemoryUtil.nmemAlloc(Integer.BYTES);
        MemoryUtil.memPutInt(blocks.addresses[i], old + 1);
        return old;
    }
}
