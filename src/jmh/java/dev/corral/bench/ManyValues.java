// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.SlotPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What {@link SlotValues} measures, with so many numbers that the boxed ones keep the collector busy: half a million in
 * a map are a third of the heap that the benchmarks have, and are old when they go.
 */
@State(Scope.Thread)
public class ManyValues extends Nanoseconds {
    /** How many there are, and whose turn it is. */
    @State(Scope.Thread)
    public static class Live extends Turns {
        @Param({"500000"})
        int live;

        int turn() {
            return turn(live);
        }
    }

    /** Slots. */
    @State(Scope.Thread)
    public static class Slots {
        private SlotPool slots;
        private long[] handles;

        /** Puts what is live. */
        @Setup(Level.Trial)
        public void open(Live live) {
            slots = SlotPool.create();
            handles = new long[live.live];
            for (int i = 0; i < handles.length; i++) {
                handles[i] = slots.putInt(i);
            }
        }

        /** Gives everything back. */
        @TearDown(Level.Trial)
        public void close() {
            slots.close();
        }
    }

    /** A map; its keys rise. */
    @State(Scope.Thread)
    public static class Mapped {
        private final Map<Integer, Integer> map = new HashMap<>();
        private int next;

        /** Puts what is live. */
        @Setup(Level.Trial)
        public void open(Live live) {
            for (next = 0; next < live.live; next++) {
                map.put(next, next + 1_000);
            }
        }
    }

    /** A list, and the places in it that are free. */
    @State(Scope.Thread)
    public static class Listed {
        private final List<Integer> list = new ArrayList<>();
        private int[] places;
        private int[] free;
        private int frees;

        /** Puts what is live. */
        @Setup(Level.Trial)
        public void open(Live live) {
            places = new int[live.live];
            free = new int[live.live];
            for (int i = 0; i < places.length; i++) {
                list.add(i + 1_000);
                places[i] = i;
            }
        }
    }

    /** The oldest value goes, a new one comes. */
    @Benchmark
    public long slotPutAndRemove(Live live, Slots state) {
        int at = live.turn();
        state.slots.remove(state.handles[at]);
        state.handles[at] = state.slots.putInt(at);
        return state.handles[at];
    }

    /** The same by keys. */
    @Benchmark
    public Integer mapPutAndRemove(Live live, Mapped state) {
        int key = state.next++;
        state.map.remove(key - live.live);
        return state.map.put(key, key + 1_000);
    }

    /** The same by places. */
    @Benchmark
    public Integer listPutAndRemove(Live live, Listed state) {
        int at = live.turn();
        Integer gone = state.list.set(state.places[at], null);
        state.free[state.frees++] = state.places[at];
        state.places[at] = state.free[--state.frees];
        state.list.set(state.places[at], at + 1_000);
        return gone;
    }
}
