// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.SlotPool;
import dev.corral.SlotRegion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A number that comes and goes while {@value #LIVE} others are there: put and removed in slots, in a {@code
 * HashMap<Integer, Integer>}, in a list of boxed numbers whose free places are known, in a deque of them. With {@code
 * -prof gc} slots show 0 B per operation.
 */
@State(Scope.Thread)
public class SlotValues extends Nanoseconds {
    private static final int LIVE = 10_000;
    private static final int REGION = 10_000;

    private final long[] handles = new long[LIVE];
    private final Map<Integer, Integer> map = new HashMap<>();
    private final List<Integer> list = new ArrayList<>();
    private final int[] places = new int[LIVE];
    private final int[] free = new int[LIVE];
    private final ArrayDeque<Integer> deque = new ArrayDeque<>();
    private SlotPool slots;
    private int frees;
    private int next;

    /** Puts the values that are there. */
    @Setup(Level.Trial)
    public void open() {
        slots = SlotPool.create();
        for (next = 0; next < LIVE; next++) {
            handles[next] = slots.putInt(next);
            map.put(next, next + 1_000);
            list.add(next + 1_000);
            places[next] = next;
            deque.add(next + 1_000);
        }
    }

    /** Gives everything back. */
    @TearDown(Level.Trial)
    public void close() {
        slots.close();
    }

    /** The place of the oldest value, by turns; what comes is not in the cache of boxed numbers. */
    private int turn() {
        next = next + 1 == 2 * LIVE ? LIVE : next + 1;
        return next - LIVE;
    }

    /** The oldest value goes, a new one comes. */
    @Benchmark
    public long slotPutAndRemove() {
        int at = turn();
        slots.remove(handles[at]);
        handles[at] = slots.putInt(next);
        return handles[at];
    }

    /** The same by keys that rise. */
    @Benchmark
    public Integer mapPutAndRemove() {
        int key = next++;
        map.remove(key - LIVE);
        return map.put(key, key + 1_000);
    }

    /** The same by places in a list; what is free is taken again, the last one first. */
    @Benchmark
    public Integer listPutAndRemove() {
        int at = turn();
        Integer gone = list.set(places[at], null);
        free[frees++] = places[at];
        places[at] = free[--frees];
        list.set(places[at], next);
        return gone;
    }

    /** The same in the order of their age, which is all that a deque can do. */
    @Benchmark
    public Integer dequePutAndRemove() {
        deque.addLast(next++ + 1_000);
        return deque.removeFirst();
    }

    /** Reads a value. */
    @Benchmark
    public int slotGet() {
        return slots.getInt(handles[turn()]);
    }

    /** Reads a value by its key. */
    @Benchmark
    public int mapGet() {
        Integer found = map.get(turn());
        return found == null ? 0 : found;
    }

    /** Many values come one by one and go together; per value. */
    @Benchmark
    @OperationsPerInvocation(REGION)
    public long slotRegion() {
        long sum = 0;
        try (SlotRegion region = slots.newRegion()) {
            for (int i = 0; i < REGION; i++) {
                sum += region.putInt(i);
            }
        }
        return sum;
    }

    /** The same, left to the collector. */
    @Benchmark
    @OperationsPerInvocation(REGION)
    public int mapOfRequest() {
        Map<Integer, Integer> request = new HashMap<>();
        for (int i = 0; i < REGION; i++) {
            request.put(i, i + 1_000);
        }
        return request.size();
    }
}
