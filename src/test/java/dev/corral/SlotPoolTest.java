// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.SlotNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link SlotPool} and {@link SlotRegion} do; what they refuse, {@link SlotMisuseTest} shows. */
@NoNativeLeaks
class SlotPoolTest {
    private SlotPool slots;

    @BeforeEach
    void open() {
        slots = SlotPool.create();
    }

    @AfterEach
    void closeAndCheck() {
        if (!slots.isClosed()) {
            assertEquals(Status.OK, SlotNatives.check(slots.nativeHandle()));
        }
        slots.close();
    }

    private static byte[] pattern(int size, int seed) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (seed * 31 + i);
        }
        return bytes;
    }

    @Test
    void typedValuesComeBack() {
        assertEquals(-1, slots.getByte(slots.putByte((byte) -1)));
        assertEquals(Short.MIN_VALUE, slots.getShort(slots.putShort(Short.MIN_VALUE)));
        assertEquals(Integer.MIN_VALUE, slots.getInt(slots.putInt(Integer.MIN_VALUE)));
        assertEquals(Long.MIN_VALUE + 1, slots.getLong(slots.putLong(Long.MIN_VALUE + 1)));
        assertEquals(1.5f, slots.getFloat(slots.putFloat(1.5f)));
        assertEquals(Double.MIN_VALUE, slots.getDouble(slots.putDouble(Double.MIN_VALUE)));
        long handle = slots.putLong(1);
        slots.setByte(handle, (byte) -2);
        assertEquals(-2, slots.getByte(handle));
        slots.setShort(handle, (short) -3);
        assertEquals(-3, slots.getShort(handle));
        slots.setInt(handle, -4);
        assertEquals(-4, slots.getInt(handle));
        slots.setLong(handle, -5);
        assertEquals(-5, slots.getLong(handle));
        slots.setFloat(handle, -6);
        assertEquals(-6, slots.getFloat(handle));
        slots.setDouble(handle, -7);
        assertEquals(-7, slots.getDouble(handle));
        assertEquals(8, slots.size(handle));
    }

    @Test
    void textOfAnyLengthComesBack() {
        for (String text : List.of("", "a", "sixteen bytes ok", "seventeen bytes !", "Zürich",
                "\uD83D\uDE00".repeat(4), "x".repeat(100_000))) {
            long handle = slots.putUtf8(text);
            assertEquals(text, slots.getUtf8(handle));
            slots.setUtf8(handle, text + "!");
            assertEquals(text + "!", slots.getUtf8(handle));
            slots.setUtf8(handle, text);
            assertEquals(text, slots.getUtf8(handle));
        }
        assertEquals("?", slots.getUtf8(slots.putUtf8("\uD83D")));
    }

    @Test
    void valueGrowsAndShrinksUnderItsHandle() {
        int[] sizes = {0, 1, 8, 15, 16, 17, 32, 33, 128, 129, 1000, 70_000};
        for (int from : sizes) {
            for (int to : sizes) {
                long handle = slots.putBytes(pattern(from, 1));
                long beside = slots.putBytes(pattern(from, 2));
                slots.setBytes(handle, pattern(to, 3));
                assertArrayEquals(pattern(to, 3), slots.getBytes(handle));
                assertArrayEquals(pattern(from, 2), slots.getBytes(beside));
                slots.setInt(handle, 42);
                assertEquals(42, slots.getInt(handle));
                slots.remove(handle);
                slots.remove(beside);
            }
        }
        assertEquals(0, slots.stats().live());
        assertEquals(2, slots.stats().peak());
    }

    @Test
    void partsOfArraysAreCopied() {
        byte[] bytes = pattern(100, 1);
        long small = slots.putBytes(bytes, 10, 16);
        long large = slots.putBytes(bytes, 10, 17);
        byte[] out = new byte[40];
        assertEquals(16, slots.copyOut(small, out, 1));
        assertEquals(17, slots.copyOut(large, out, 17));
        assertArrayEquals(Arrays.copyOfRange(bytes, 10, 26), Arrays.copyOfRange(out, 1, 17));
        assertArrayEquals(Arrays.copyOfRange(bytes, 10, 27), Arrays.copyOfRange(out, 17, 34));
        assertEquals(0, out[34]);
    }

    @Test
    void removedHandleRefused() {
        long first = slots.putInt(1);
        slots.remove(first);
        long second = slots.putInt(2);
        assertEquals((int) first, (int) second, "the same slot");
        assertNotEquals(first, second);
        assertFalse(slots.contains(first));
        assertThrows(IllegalStateException.class, () -> slots.getInt(first));
        assertEquals(2, slots.getInt(second));
    }

    @Test
    void chunkIsUsedAgainByItsSizeClass() {
        long first = slots.putBytes(pattern(1000, 1));
        slots.putBytes(pattern(1000, 2));
        slots.remove(first);
        assertEquals(1024, slots.stats().freeBytes());
        slots.putBytes(pattern(970, 3));
        SlotPoolStats stats = slots.stats();
        assertEquals(0, stats.freeBytes());
        assertEquals(1, stats.reused());
        assertEquals(1 / 3.0, stats.reuseRate());
        assertTrue(stats.toString().contains("reused=1"), stats.toString());
    }

    @Test
    void regionEndsWithAllItsValues() {
        long own = slots.putInt(1);
        List<Long> handles = new ArrayList<>();
        try (SlotRegion region = slots.newRegion()) {
            for (int i = 0; i < 10_000; i++) {
                handles.add(i % 10 == 0 ? region.putBytes(pattern(50, i)) : region.putInt(i));
            }
            int[] met = {0};
            region.forEach(handle -> assertEquals(handles.get(met[0]++), handle));
            assertEquals(10_000, met[0]);
            assertEquals(1, slots.stats().regions());
        }
        handles.forEach(handle -> assertFalse(slots.contains(handle)));
        assertEquals(1, slots.getInt(own));
        assertEquals(1, slots.stats().live());
        assertEquals(10_001, slots.stats().peak());
        assertEquals(own, slots.next(0));
        assertEquals(0, slots.next(own));
    }

    @Test
    void manyRegionsAtTheSameTime() {
        List<SlotRegion> regions = new ArrayList<>();
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            regions.add(slots.newRegion());
            handles.add(regions.get(i).putInt(i));
        }
        for (int i = 0; i < 200; i++) {
            assertEquals(i, slots.getInt(handles.get(i)));
            assertEquals(handles.get(i), regions.get(i).next(0));
            assertEquals(0, regions.get(i).next(handles.get(i)));
            regions.get(i).close();
            regions.get(i).close();
            assertTrue(regions.get(i).isClosed());
            assertFalse(slots.contains(handles.get(i)));
        }
        assertEquals(200, slots.stats().freeBlocks());
    }

    @Test
    void valuesAreMetInSlotOrder() {
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 6000; i++) {
            handles.add(slots.putInt(i));
        }
        for (int i = 5997; i >= 0; i -= 3) {
            slots.remove(handles.remove(i));
        }
        List<Long> met = new ArrayList<>();
        slots.forEach(met::add);
        assertEquals(handles, met);
        slots.forEach(slots::remove);
        assertEquals(0, slots.next(0));
    }

    /** C sees what Java did, and the other way round: puts and removes by turns, and C's own check in between. */
    @Test
    void javaAndCShareOneState() {
        long pool = slots.nativeHandle();
        byte[] number = {1, 2, 3, 4};
        for (int i = 0; i < 3000; i++) {
            long byC = SlotNatives.put(pool, 0, number, 0, 4);
            long byJava = slots.putBytes(number);
            assertArrayEquals(number, slots.getBytes(byC));
            byte[] read = new byte[4];
            assertEquals(Status.OK, SlotNatives.read(pool, byJava, read, 0, 4));
            assertArrayEquals(number, read);
            if (i % 2 == 0) {
                slots.remove(byC);
                assertEquals(Status.OK, SlotNatives.remove(pool, byJava));
                assertEquals(Status.STALE_HANDLE, SlotNatives.remove(pool, byC));
                assertFalse(slots.contains(byJava));
            }
            if (i % 500 == 0) {
                assertEquals(Status.OK, SlotNatives.check(pool));
            }
        }
        assertEquals(3000, slots.stats().live());
        assertEquals(3000, slots.stats().peak());
    }

    @Test
    void randomUseAgreesWithAModel() {
        Map<Long, byte[]> model = new HashMap<>();
        List<Long> handles = new ArrayList<>();
        Random random = new Random(1);
        for (int step = 0; step < 30_000; step++) {
            int size = random.nextInt(4) == 0 ? random.nextInt(3000) : random.nextInt(24);
            byte[] bytes = pattern(size, step);
            int choice = random.nextInt(5);
            if (choice < 2 || handles.isEmpty()) {
                long handle = slots.putBytes(bytes);
                handles.add(handle);
                model.put(handle, bytes);
            } else {
                int at = random.nextInt(handles.size());
                long handle = handles.get(at);
                assertArrayEquals(model.get(handle), slots.getBytes(handle));
                if (choice == 2) {
                    slots.setBytes(handle, bytes);
                    model.put(handle, bytes);
                } else {
                    slots.remove(handle);
                    model.remove(handle);
                    handles.set(at, handles.get(handles.size() - 1));
                    handles.remove(handles.size() - 1);
                    assertFalse(slots.contains(handle));
                }
            }
            if (step % 5000 == 0) {
                assertEquals(Status.OK, SlotNatives.check(slots.nativeHandle()));
            }
        }
        model.forEach((handle, bytes) -> assertArrayEquals(bytes, slots.getBytes(handle)));
        SlotPoolStats stats = slots.stats();
        assertEquals(model.size(), stats.live());
        assertEquals(model.values().stream().filter(bytes -> bytes.length > 16).count(), stats.largeLive());
        assertEquals(model.values().stream().filter(bytes -> bytes.length > 16).mapToLong(bytes -> bytes.length).sum(),
                stats.largeBytes());
    }
}
