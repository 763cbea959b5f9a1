// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.SlotNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every method of slot pools and regions in every state, forged handles, other threads: refused, and never a crash. */
@NoNativeLeaks
class SlotMisuseTest {
    @Test
    void everyPublicMethodIsTried() {
        SlotCalls.assertComplete();
    }

    static List<String> all() {
        return new ArrayList<>(SlotCalls.ALL.keySet());
    }

    static List<String> withHandle() {
        return new ArrayList<>(SlotCalls.WITH_HANDLE.keySet());
    }

    /**
     * A slot pool below a parent, with a region, an inline and a large value; then `end`, and every call is refused.
     */
    private static void refusedAfter(String call, BiConsumer<NativeArena, SlotPool> end) {
        try (NativeArena parent = NativeArena.create()) {
            SlotPool slots = SlotPool.builder().parent(parent).name("ended").build();
            SlotRegion region = slots.newRegion();
            long large = region.putBytes(new byte[100]);
            long small = slots.putInt(1);
            end.accept(parent, slots);
            try (NativeArena other = NativeArena.create(); SlotPool next = SlotPool.create()) {
                other.allocate(100);
                next.putInt(1); // what may take the place of the one that has ended
                next.putBytes(new byte[100]);
                assertThrows(IllegalStateException.class, () -> SlotCalls.ALL.get(call).on(slots, region, small));
                assertThrows(IllegalStateException.class, () -> SlotCalls.ALL.get(call).on(slots, region, large));
                assertEquals(2, next.stats().live());
                assertEquals(Status.OK, SlotNatives.check(next.nativeHandle()));
            }
            assertTrue(slots.isClosed() && region.isClosed());
            region.close();
            slots.close();
            slots.close();
            assertEquals("SlotPool[name=ended pool=shared closed]", slots.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void closedSlotPoolRefusesEveryMethod(String call) {
        refusedAfter(call, (parent, slots) -> slots.close());
    }

    @ParameterizedTest
    @MethodSource("all")
    void slotPoolThatEndedWithItsParentRefusesEveryMethod(String call) {
        refusedAfter(call, (parent, slots) -> parent.reset());
        refusedAfter(call, (parent, slots) -> parent.clear());
        refusedAfter(call, (parent, slots) -> parent.close());
    }

    @ParameterizedTest
    @MethodSource("all")
    void slotPoolThatCHasDestroyedRefusesEveryMethod(String call) {
        refusedAfter(call, (parent, slots) -> ArenaNatives.reset(parent.nativeHandle()));
        refusedAfter(call, (parent, slots) -> ArenaNatives.clear(parent.nativeHandle()));
    }

    @ParameterizedTest
    @MethodSource("all")
    void otherThreadsAreRefused(String call) throws Exception {
        try (SlotPool slots = SlotPool.create()) {
            SlotRegion region = slots.newRegion();
            long handle = slots.putInt(1);
            Throwable thrown = OtherThread.thrownBy(() -> SlotCalls.ALL.get(call).on(slots, region, handle));
            assertNotNull(thrown);
            assertTrue(thrown.getMessage().contains("caller=" + OtherThread.NAME), thrown.toString());
            assertNotNull(OtherThread.thrownBy(slots::close));
            assertNotNull(OtherThread.thrownBy(region::close));
            assertNull(OtherThread.thrownBy(slots::toString));
            assertEquals(1, slots.stats().live());
        }
    }

    @ParameterizedTest
    @MethodSource("withHandle")
    void forgedHandlesRefused(String call) {
        try (SlotPool slots = SlotPool.create()) {
            List<Long> live = List.of(slots.putInt(1), slots.putBytes(new byte[50]));
            long removed = slots.putInt(2);
            slots.remove(removed);
            long chunk = slots.putBytes(new byte[60]);
            slots.remove(chunk);
            SlotRegion closed = slots.newRegion();
            long ended = closed.putInt(1);
            closed.close();
            List<Long> forged = new ArrayList<>(List.of(0L, -1L, Long.MIN_VALUE, removed, chunk, ended));
            for (long bit = 1; bit != 0; bit <<= 1) {
                forged.add(bit);
                forged.add(live.get(0) ^ bit);
                forged.add(live.get(1) ^ bit);
                forged.add(removed + (1L << 32) ^ bit & 0xFFFF_FFFF_0000_0000L);
            }
            Random random = new Random(7);
            random.longs(2_000).forEach(forged::add);
            random.longs(2_000, 0, 4L << 32).forEach(forged::add);
            forged.removeAll(live);
            for (long handle : forged) {
                IllegalStateException refused = assertThrows(IllegalStateException.class,
                        () -> SlotCalls.ALL.get(call).on(slots, closed, handle), () -> Long.toHexString(handle));
                assertTrue(refused.getMessage().contains("STALE_HANDLE"), refused.getMessage());
                assertFalse(slots.contains(handle));
                slots.next(handle);
            }
            assertEquals(2, slots.stats().live());
            assertEquals(Status.OK, SlotNatives.check(slots.nativeHandle()));
        }
    }

    @Test
    void closedRegionRefuses() {
        try (SlotPool slots = SlotPool.create()) {
            SlotRegion region = slots.newRegion();
            region.close();
            SlotRegion next = slots.newRegion(); // in its entry
            next.putInt(1);
            for (String call : SlotCalls.ALL.keySet()) {
                if (call.startsWith("region.")) {
                    assertThrows(IllegalStateException.class, () -> SlotCalls.ALL.get(call).on(slots, region, 0), call);
                }
            }
            region.close();
            assertEquals(1, slots.stats().live());
        }
    }

    @Test
    void valueOfAnotherSizeRefused() {
        try (SlotPool slots = SlotPool.create()) {
            long number = slots.putInt(7);
            long large = slots.putBytes(new byte[50]);
            assertThrows(IllegalArgumentException.class, () -> slots.getLong(number));
            assertThrows(IllegalArgumentException.class, () -> slots.getByte(number));
            IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> slots.getInt(large));
            assertTrue(refused.getMessage().contains("size=50 expected=4"), refused.getMessage());
            assertThrows(IndexOutOfBoundsException.class, () -> slots.copyOut(large, new byte[60], 11));
            assertThrows(IndexOutOfBoundsException.class, () -> slots.copyOut(number, new byte[60], -1));
            assertThrows(IndexOutOfBoundsException.class, () -> slots.putBytes(new byte[60], 50, 11));
            assertThrows(IndexOutOfBoundsException.class, () -> slots.putBytes(new byte[60], -1, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> slots.setBytes(number, new byte[60], 1, -1));
            assertThrows(NullPointerException.class, () -> slots.putUtf8(null));
            assertThrows(NullPointerException.class, () -> slots.putBytes(null));
            assertThrows(NullPointerException.class, () -> slots.setBytes(number, null));
            assertThrows(NullPointerException.class, () -> slots.forEach(null));
            assertEquals(7, slots.getInt(number));
            assertEquals(2, slots.stats().live());
        }
    }

    @Test
    void limitRefusesAndLeavesTheSlotPoolUsable() {
        try (SlotPool slots = SlotPool.builder().limit(100_000).build()) {
            long first = slots.putBytes(new byte[40_000]);
            assertThrows(ArenaExhaustedException.class, () -> slots.putBytes(new byte[90_000]));
            assertThrows(ArenaExhaustedException.class, () -> slots.setBytes(first, new byte[90_000]));
            assertEquals(40_000, slots.size(first));
            assertEquals(1, slots.getInt(slots.putInt(1)));
            assertEquals(Status.OK, SlotNatives.check(slots.nativeHandle()));
        }
        assertThrows(IllegalArgumentException.class, () -> SlotPool.builder().limit(0));
        assertThrows(IllegalArgumentException.class, () -> SlotPool.builder().limit(-1));
    }

    @Test
    void slotLimitsSmallerThanABlock() {
        try (SlotPool slots = SlotPool.builder().limit(1024).build()) {
            long first = slots.putBytes(new byte[1024]);
            assertEquals(1024, slots.stats().arenaBytes());
            assertThrows(ArenaExhaustedException.class, () -> slots.putBytes(new byte[17]));
            assertEquals(1024, slots.size(first));
        }
        SlotPool.builder().limit(Long.MAX_VALUE).build().close();
        try (SlotPool slots = SlotPool.builder().limit(1).build()) {
            assertEquals(1, slots.getInt(slots.putInt(1)));
            assertThrows(ArenaExhaustedException.class, () -> slots.putBytes(new byte[17]));
        }
    }

    @Test
    void slotPoolIsClosedWithItsPool() {
        MemoryPool pool = MemoryPool.create();
        SlotPool slots = SlotPool.create(pool);
        slots.putInt(1);
        SlotRegion region = slots.newRegion();
        region.putBytes(new byte[100]);
        pool.close();
        assertTrue(slots.isClosed() && region.isClosed());
        assertThrows(IllegalStateException.class, () -> slots.putInt(1));
        assertThrows(IllegalStateException.class, () -> region.putInt(1));
        slots.close();
        region.close();
        assertThrows(IllegalStateException.class, () -> SlotPool.create(pool));
    }

    /** A view whose memory chunks are made of now can spoil values, and nothing that the slot pool relies on. */
    @Test
    void staleViewReachesNoBookkeeping() {
        try (MemoryPool pool = MemoryPool.create()) {
            List<ByteBuffer> views = new ArrayList<>();
            try (NativeArena arena = NativeArena.builder().pool(pool).sharedViews(true).build()) {
                for (int i = 0; i < 40; i++) {
                    views.add(arena.allocate(65536));
                }
            }
            try (SlotPool slots = SlotPool.create(pool)) {
                Random random = new Random(3);
                List<Long> handles = new ArrayList<>();
                for (int step = 0; step < 20_000; step++) {
                    if (step % 1000 == 0) {
                        views.forEach(view -> view.put(0, new byte[65536]));
                        views.forEach(view -> view.put(random.nextInt(65536), (byte) -1));
                    }
                    if (handles.size() < 500) {
                        handles.add(slots.putBytes(new byte[random.nextInt(2000)]));
                    } else {
                        slots.remove(handles.remove(random.nextInt(handles.size())));
                    }
                }
                assertEquals(Status.OK, SlotNatives.check(slots.nativeHandle()));
                assertEquals(handles.size(), slots.stats().live());
            }
        }
    }

    /** Where the stack ends in the midst of an operation, a slot may be lost, and nothing else. */
    @Test
    void stackOverflowLosesSlotsAtMost() throws Exception {
        OtherThread.call(() -> {
            try (SlotPool slots = SlotPool.create()) {
                for (int round = 0; round < 50; round++) {
                    int rest = round;
                    assertThrows(StackOverflowError.class, () -> overflow(slots, rest));
                }
                for (int i = 0; i < 10_000; i++) {
                    long handle = slots.putInt(i);
                    assertEquals(i, slots.getInt(handle));
                    if (i % 3 == 0) {
                        slots.remove(handle);
                        assertFalse(slots.contains(handle));
                    }
                }
                slots.forEach(slots::remove);
                assertEquals(0, slots.next(0));
            }
            return null;
        });
    }

    private static int overflow(SlotPool slots, int rest) {
        long handle = slots.putLong(rest);
        slots.setUtf8(handle, "more than sixteen bytes");
        slots.putInt(rest);
        slots.remove(handle);
        return 1 + overflow(slots, rest + 1);
    }

    @Test
    void slotPoolOfAnEndedThreadCanBeClosed() throws Exception {
        SlotPool slots = OtherThread.call(() -> {
            SlotPool made = SlotPool.create();
            made.putInt(1);
            return made;
        });
        assertThrows(RuntimeException.class, () -> slots.putInt(1));
        slots.close();
        assertTrue(slots.isClosed());
    }

    @Test
    void droppedSlotPoolIsReportedAndFreed() {
        Reports reports = new Reports();
        reports.attach();
        try (MemoryPool pool = MemoryPool.create()) {
            drop(pool);
            Await.collected("the slot pool is freed", () -> pool.stats().droppedArenas() == 1
                    && pool.stats().liveBlocks() == 0, pool::stats);
            Await.collected("its report", () -> !reports.naming("arena=forgotten ").isEmpty(), reports::all);
            String text = reports.naming("arena=forgotten ").get(0).getMessage();
            assertTrue(text.contains("SlotMisuseTest"), text);
        } finally {
            reports.detach();
        }
    }

    private static void drop(MemoryPool pool) {
        LeakDetection.Level before = LeakDetection.level();
        LeakDetection.level(LeakDetection.Level.ALL);
        SlotPool slots = SlotPool.builder().pool(pool).name("forgotten").build();
        slots.putInt(1);
        slots.newRegion().putBytes(new byte[100]);
        LeakDetection.level(before);
    }
}
