// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.SlotLayout;
import dev.corral.internal.SlotNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a {@link SlotPool} keeps in Java until somebody calls C is what C would have. */
@NoNativeLeaks
class KeptSlotsTest {
    private static void assertSound(SlotPool slots, long live, long peak) {
        assertEquals(Status.OK, SlotNatives.check(slots.memory.toC()));
        SlotPoolStats stats = slots.stats();
        assertEquals(live, stats.live(), stats::toString);
        assertEquals(peak, stats.peak(), stats::toString);
    }

    /** A value and where it was put. */
    private record Value(long handle, long number, SlotRegion region) {
    }

    /** Regions by turns, and all that C does by turns with what Java does. */
    @Test
    void countsAndFreeListsAreRightWheneverCIsAsked() {
        Random random = new Random(5);
        try (SlotPool slots = SlotPool.create()) {
            List<SlotRegion> regions = new ArrayList<>();
            List<Value> values = new ArrayList<>();
            long peak = 0;
            for (int step = 0; step < 60_000; step++) {
                int choice = random.nextInt(100);
                if (choice < 52) {
                    SlotRegion in = regions.isEmpty() || random.nextBoolean() ? null : pick(random, regions);
                    long handle = in == null ? slots.putLong(step) : in.putLong(step);
                    values.add(new Value(handle, step, in));
                    peak = Math.max(peak, values.size());
                } else if (choice < 97 && !values.isEmpty()) {
                    Value gone = values.remove(random.nextInt(values.size()));
                    assertEquals(gone.number, slots.getLong(gone.handle));
                    slots.remove(gone.handle);
                    assertThrows(IllegalStateException.class, () -> slots.remove(gone.handle));
                } else if (choice == 97) {
                    slots.remove(slots.putBytes(new byte[100]));
                    peak = Math.max(peak, values.size() + 1);
                } else if (choice == 98 && regions.size() < 6) {
                    regions.add(slots.newRegion());
                } else if (random.nextInt(50) == 0 && !regions.isEmpty()) {
                    SlotRegion ended = regions.remove(random.nextInt(regions.size()));
                    ended.close();
                    values.removeIf(value -> value.region == ended);
                }
                if (step % 500 == 0) {
                    assertSound(slots, values.size(), peak);
                }
            }
            for (Value value : values) {
                assertEquals(value.number, slots.getLong(value.handle));
                slots.remove(value.handle);
            }
            assertSound(slots, 0, peak);
        }
    }

    private static SlotRegion pick(Random random, List<SlotRegion> regions) {
        return regions.get(random.nextInt(regions.size()));
    }

    @Test
    void everyBlockIsUsedAgain() {
        try (SlotPool slots = SlotPool.create()) {
            long[] handles = new long[10_000];
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i < handles.length; i++) {
                    handles[i] = slots.putInt(i);
                }
                assertSound(slots, handles.length, handles.length);
                for (int i = 0; i < handles.length; i++) {
                    assertEquals(i, slots.getInt(handles[i]));
                    slots.remove(handles[i]);
                    assertFalse(slots.contains(handles[i]));
                }
                assertSound(slots, 0, handles.length);
                assertEquals(4, slots.stats().slotBlocks());
            }
        }
    }

    /** The address comes late: C finds what Java has done, and Java what C does from then on. */
    @Test
    void nothingIsKeptOnceCHasTheAddress() {
        byte[] number = {1, 2, 3, 4};
        try (SlotPool slots = SlotPool.create(); SlotRegion region = slots.newRegion()) {
            long own = slots.putBytes(number);
            long other = region.putBytes(number);
            slots.remove(region.putInt(1));
            long address = slots.nativeHandle();
            byte[] read = new byte[4];
            for (long handle : new long[] {own, other}) {
                assertEquals(Status.OK, SlotNatives.read(address, handle, read, 0, 4));
                assertArrayEquals(number, read);
            }
            for (int i = 0; i < 1000; i++) {
                long byJava = i % 2 == 0 ? slots.putBytes(number) : region.putBytes(number);
                assertEquals(Status.OK, SlotNatives.check(address));
                long byC = SlotNatives.put(address, i % 3 == 0 ? region.region : 0, number, 0, 4);
                slots.remove(byC);
                assertEquals(Status.OK, SlotNatives.remove(address, byJava));
                assertFalse(slots.contains(byJava));
                assertEquals(Status.OK, SlotNatives.check(address));
            }
            assertSound(slots, 2, 4);
        }
    }

    /** C has the address of the parent only. Nothing is written to the books of what it has ended. */
    @Test
    void parentThatCTakesBackEndsAKeptSlotPool() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena parent = NativeArena.create(pool)) {
            SlotPool slots = SlotPool.builder().parent(parent).build();
            long first = slots.putInt(1);
            long second = slots.putInt(2);
            long address = parent.nativeHandle();
            slots.remove(first);
            assertSound(slots, 1, 2);
            slots.putInt(3);
            assertEquals(Status.OK, ArenaNatives.reset(address));
            try (SlotPool next = SlotPool.create(pool)) { // in the same books
                long handle = next.putInt(4);
                assertThrows(IllegalStateException.class, () -> slots.putInt(5));
                assertThrows(IllegalStateException.class, () -> slots.remove(second));
                assertThrows(IllegalStateException.class, slots::stats);
                assertTrue(slots.isClosed());
                assertEquals(4, next.getInt(handle));
                assertSound(next, 1, 1);
            }
            slots.close();
        }
    }

    /** The same, and Java has not used the slot pool since the parent's address was asked for. */
    @Test
    void parentThatCTakesBackAtOnceEndsAKeptSlotPool() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena parent = NativeArena.create(pool)) {
            SlotPool slots = SlotPool.builder().parent(parent).build();
            long handle = slots.putInt(1);
            slots.remove(slots.putInt(2));
            assertEquals(Status.OK, ArenaNatives.reset(parent.nativeHandle()));
            try (SlotPool next = SlotPool.create(pool)) {
                assertEquals(handle, next.putInt(3), "by chance it names a value there");
                next.remove(next.putInt(4));
                assertThrows(IllegalStateException.class, slots.memory::toC);
                assertThrows(IllegalStateException.class, () -> slots.remove(handle));
                assertThrows(IllegalStateException.class, () -> slots.putInt(4));
                assertThrows(IllegalStateException.class, () -> slots.getInt(handle));
                assertSound(next, 1, 2);
            }
            slots.close();
        }
    }

    @Test
    void anotherThreadIsRefusedWhileSlotsAreKept() throws Exception {
        try (SlotPool slots = SlotPool.create()) {
            long handle = slots.putInt(1);
            slots.remove(slots.putInt(2)); // which leaves a free slot, and makes a generation known
            OtherThread.call(() -> {
                assertThrows(RuntimeException.class, () -> slots.putInt(2));
                assertThrows(RuntimeException.class, () -> slots.remove(handle));
                return null;
            });
            assertSound(slots, 1, 2);
        }
    }

    /** As if it had been used four thousand million times. */
    @Test
    void slotOfTheLastGenerationIsNotUsedAgain() {
        try (SlotPool slots = SlotPool.create()) {
            long first = slots.putInt(7);
            long last = first | QuickSlots.GENERATION;
            long block = slots.memory.block(first);
            int state = SlotBooks.slotOf(first) + SlotLayout.STATE;
            slots.memory.putLong(block, state, slots.memory.getLong(block, state) | QuickSlots.GENERATION);
            slots.memory.putInt(block, SlotLayout.NEWEST, -1);
            assertEquals(7, slots.getInt(last));
            slots.remove(last);
            assertFalse(slots.contains(last));
            assertThrows(IllegalStateException.class, () -> slots.remove(last));
            for (int i = 0; i < 1000; i++) {
                assertNotEquals((int) first, (int) slots.putInt(i));
            }
            assertSound(slots, 1000, 1000);
        }
    }
}
