// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.SlotNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random lives of a slot pool, used by Java and from some point on by C as well, beside a map that says the same. */
@NoNativeLeaks
class SlotModelTest {
    private static final int LIVES = 16;
    private static final int STEPS = 1500;

    /** What a handle stands for. */
    private record Value(byte[] bytes, SlotRegion region) {
    }

    /** One slot pool, and what it should hold. */
    private static final class Life {
        private final Random random;
        private final MemoryPool pool = MemoryPool.create();
        private final NativeArena top = NativeArena.builder().pool(pool).build();
        private final NativeArena parent = top.newChild();
        private final SlotPool slots = SlotPool.builder().parent(parent).build();
        private final Map<Long, Value> values = new LinkedHashMap<>();
        private final List<Long> handles = new ArrayList<>();
        private final List<Long> gone = new ArrayList<>();
        private final List<SlotRegion> regions = new ArrayList<>();
        private long address; // 0: C does not have it
        private long peak;

        Life(Random random) {
            this.random = random;
        }

        private byte[] bytes() {
            byte[] bytes = new byte[random.nextInt(6) == 0 ? random.nextInt(300) : random.nextInt(17)];
            random.nextBytes(bytes);
            return bytes;
        }

        private boolean inC() {
            return address != 0 && random.nextBoolean();
        }

        private static byte[] bytesOf(long number) {
            return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(0, number).array();
        }

        void step() {
            int choice = random.nextInt(1000);
            if (choice < 400 || handles.isEmpty()) {
                put();
            } else if (choice < 750) {
                remove();
            } else if (choice < 850) {
                replace();
            } else if (choice < 940) {
                refuseOthers();
            } else if (choice < 960) {
                changeRegions();
            } else if (choice < 964) {
                walk();
            } else if (choice < 970) {
                check();
            } else if (choice == 970) {
                address = slots.nativeHandle();
            } else if (choice == 971) {
                top.nativeHandle();
            }
        }

        private void put() {
            SlotRegion region = regions.isEmpty() || random.nextBoolean() ? null
                    : regions.get(random.nextInt(regions.size()));
            SlotValues in = region == null ? slots : region;
            byte[] bytes = bytes();
            long handle;
            if (inC()) {
                handle = SlotNatives.put(address, in.region, bytes, 0, bytes.length);
            } else if (random.nextBoolean()) {
                bytes = bytesOf(random.nextLong());
                handle = in.putLong(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getLong());
            } else {
                handle = in.putBytes(bytes);
            }
            assertFalse(values.containsKey(handle) || handle == 0, () -> Long.toHexString(handle));
            values.put(handle, new Value(bytes, region));
            handles.add(handle);
            peak = Math.max(peak, values.size());
        }

        private long any() {
            return handles.get(random.nextInt(handles.size()));
        }

        private void forget(long handle) {
            values.remove(handle);
            handles.remove(handle);
            gone.add(handle);
        }

        private void remove() {
            long handle = any();
            assertArrayEquals(values.get(handle).bytes, slots.getBytes(handle));
            if (inC()) {
                assertEquals(Status.OK, SlotNatives.remove(address, handle));
            } else {
                slots.remove(handle);
            }
            forget(handle);
        }

        private void replace() {
            long handle = any();
            byte[] bytes = bytes();
            if (inC()) {
                assertEquals(Status.OK, SlotNatives.set(address, handle, bytes, 0, bytes.length));
            } else if (random.nextBoolean()) {
                bytes = bytesOf(random.nextLong());
                slots.setLong(handle, ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getLong());
            } else {
                slots.setBytes(handle, bytes);
            }
            values.put(handle, new Value(bytes, values.get(handle).region));
            assertArrayEquals(bytes, slots.getBytes(handle));
        }

        private void refuseOthers() {
            refuse(random.nextLong());
            refuse(any() ^ 1L << random.nextInt(Long.SIZE));
            if (!gone.isEmpty()) {
                refuse(gone.get(random.nextInt(gone.size())));
            }
        }

        private void refuse(long handle) {
            if (!values.containsKey(handle)) {
                assertFalse(slots.contains(handle));
                assertThrows(IllegalStateException.class, () -> slots.remove(handle));
                assertThrows(IllegalStateException.class, () -> slots.getLong(handle));
                assertThrows(IllegalStateException.class, () -> slots.setLong(handle, 1));
            }
        }

        private void changeRegions() {
            if (regions.size() < 5) {
                regions.add(slots.newRegion());
            } else {
                SlotRegion ended = regions.remove(random.nextInt(regions.size()));
                ended.close();
                assertThrows(IllegalStateException.class, () -> ended.putLong(1));
                List.copyOf(handles).stream().filter(handle -> values.get(handle).region == ended)
                        .forEach(this::forget);
            }
        }

        private void walk() {
            Set<Long> met = new HashSet<>();
            slots.forEach(handle -> assertTrue(met.add(handle)));
            assertEquals(values.keySet(), met);
            for (SlotRegion region : regions) {
                region.forEach(handle -> assertEquals(region, values.get(handle).region));
            }
        }

        private void check() {
            assertEquals(Status.OK, SlotNatives.check(slots.memory.toC()));
            SlotPoolStats stats = slots.stats();
            assertEquals(values.size(), stats.live(), stats::toString);
            assertEquals(peak, stats.peak(), stats::toString);
            assertEquals(values.values().stream().filter(value -> value.bytes.length > 16).count(), stats.largeLive());
        }

        /** However it ends, another slot pool has its memory when it is used again. */
        void end(int way) {
            switch (way) {
                case 0 -> slots.close();
                case 1 -> top.reset();
                case 2 -> parent.close();
                case 3 -> assertEquals(Status.OK, ArenaNatives.clear(top.nativeHandle()));
                default -> assertEquals(Status.OK, ArenaNatives.reset(parent.nativeHandle()));
            }
            try (SlotPool next = SlotPool.create(pool)) {
                long own = next.putLong(1);
                assertTrue(slots.isClosed());
                for (long handle : List.of(own, handles.isEmpty() ? own : any())) {
                    assertThrows(IllegalStateException.class, () -> slots.remove(handle));
                    assertThrows(IllegalStateException.class, () -> slots.getLong(handle));
                }
                assertThrows(IllegalStateException.class, () -> slots.putLong(2));
                assertThrows(IllegalStateException.class, slots::stats);
                regions.forEach(region -> assertThrows(IllegalStateException.class, () -> region.putLong(3)));
                regions.forEach(SlotRegion::close);
                slots.close();
                assertEquals(Status.OK, SlotNatives.check(next.memory.toC()));
                assertEquals(1, next.stats().live());
            }
            pool.close();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void slotsAreWhatAMapIs(long seed) {
        for (int number = 0; number < LIVES; number++) {
            Life life = new Life(new Random(seed * LIVES + number));
            for (int step = 0; step < STEPS; step++) {
                life.step();
            }
            life.walk();
            life.check();
            life.end(number % 5);
        }
    }
}
