// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import dev.corral.NativeArena;
import dev.corral.ObjectPool;
import dev.corral.StackAllocator;

/**
 * A queue of timers outside the heap: events come and go one by one from a pool of objects, and what one step needs
 * until it is done lies in a frame.
 */
final class ObjectEvents {
    private static final int EVENTS = 200;
    private static final int DUE = 0;
    private static final int PERIOD = 8; // 0: once
    private static final int NEXT = 16;
    private static final int EVENT_BYTES = 24;

    private final ObjectPool events;
    private final NativeArena memory;
    private long queue; // by DUE

    private ObjectEvents(ObjectPool events) {
        this.events = events;
        this.memory = events.arena();
    }

    private void schedule(long event) {
        long before = 0;
        long at = queue;
        while (at != 0 && memory.getLong(at, DUE) <= memory.getLong(event, DUE)) {
            before = at;
            at = memory.getLong(at, NEXT);
        }
        memory.putLong(event, NEXT, at);
        if (before == 0) {
            queue = event;
        } else {
            memory.putLong(before, NEXT, event);
        }
    }

    /** Fires what is due; how many that were. */
    private int step(long now, StackAllocator.Frame frame) {
        long due = frame.allocateRef(EVENTS * Long.BYTES); // as many as there can be; gone with the frame
        int count = 0;
        for (; queue != 0 && memory.getLong(queue, DUE) <= now; queue = memory.getLong(queue, NEXT)) {
            frame.arena().putLong(due, count++ * Long.BYTES, queue);
        }
        for (int i = 0; i < count; i++) {
            long event = frame.arena().getLong(due, i * Long.BYTES);
            long period = memory.getLong(event, PERIOD);
            if (period == 0) {
                events.release(event);
            } else {
                memory.putLong(event, DUE, memory.getLong(event, DUE) + period);
                schedule(event);
            }
        }
        return count;
    }

    public static void main(String[] args) {
        try (ObjectPool events = ObjectPool.builder(EVENT_BYTES).alignment(8).build()) {
            ObjectEvents timers = new ObjectEvents(events);
            for (int i = 1; i <= EVENTS; i++) {
                long event = events.acquire();
                events.arena().putLong(event, DUE, i * 37 % 101);
                events.arena().putLong(event, PERIOD, i % 4 == 0 ? i : 0);
                timers.schedule(event);
            }
            long fired = 0;
            for (long now = 0; now < 1_000; now++) {
                try (StackAllocator.Frame frame = StackAllocator.ofCurrentThread().push()) {
                    fired += timers.step(now, frame);
                }
            }
            System.out.println("fired=" + fired + " live=" + events.stats().live() + " peak="
                    + events.stats().peakLive());
        }
    }
}
