// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.StackNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that Java pushes by itself are the same frames to C, whenever it looks. */
@NoNativeLeaks
class QuickFramesTest {
    private static void assertStatus(int status, Runnable call) {
        Throwable thrown = assertThrows(RuntimeException.class, call::run);
        assertTrue(thrown.getMessage().contains("status=" + Status.name(status)), thrown::getMessage);
    }

    private static void assertSound(StackAllocator stack) {
        assertEquals(Status.OK, ArenaNatives.check(stack.arena().handle));
    }

    /** Whoever keeps a stack's state tells it without a call. */
    private static boolean isKept(StackAllocator stack) {
        return isKept(stack.arena());
    }

    private static boolean isKept(NativeArena arena) {
        return arena.owner == null;
    }

    @Test
    void theStateIsKeptFromTheFirstFrameOn() {
        try (StackAllocator stack = StackAllocator.create()) {
            assertFalse(isKept(stack));
            try (StackAllocator.Frame outer = stack.push()) {
                assertTrue(isKept(stack));
                try (StackAllocator.Frame inner = stack.push()) {
                    long ref = inner.allocateRef(8);
                    stack.arena().putLong(ref, 0, 42);
                    assertEquals(42, stack.arena().getLong(ref, 0));
                    assertStatus(Status.NOT_TOP, () -> outer.allocateRef(8));
                    assertEquals(2, stack.depth());
                    assertEquals(65536 - 16, stack.room());
                }
                assertTrue(isKept(stack));
                assertEquals(0, stack.arena().stats().used()); // C has looked
                assertFalse(isKept(stack));
                assertNotEquals(0, outer.allocateRef(8));
                assertFalse(isKept(stack));
            }
            assertEquals(0, stack.arena().stats().used());
            assertSound(stack);
        }
    }

    /** Each look costs two calls, so who looks often waits longer and longer, and who does not comes back soon. */
    @Test
    void whoeverLooksOftenIsAskedLessOften() {
        try (StackAllocator stack = StackAllocator.create()) {
            int kept = 0;
            for (int i = 0; i < 10_000; i++) {
                StackAllocator.Frame frame = stack.push();
                kept += isKept(stack) ? 1 : 0;
                stack.arena().stats();
                frame.close();
            }
            assertTrue(kept > 1 && kept < 30, "kept=" + kept);
            kept = 0;
            for (int i = 0; i < 10_000; i++) {
                StackAllocator.Frame frame = stack.push();
                kept += isKept(stack) ? 1 : 0;
                frame.close();
            }
            assertTrue(kept > 8_000, "kept=" + kept);
            stack.arena().stats();
            for (int i = 0; i < 10; i++) {
                stack.push().close();
            }
            assertTrue(isKept(stack));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void whatComesInsideIsSeen(int what) {
        try (StackAllocator stack = StackAllocator.create()) {
            StackAllocator.Frame frame = stack.push();
            frame.allocateRef(100);
            NativeArena arena = stack.arena();
            assertTrue(isKept(stack));
            Mark mark = null;
            switch (what) {
                case 0 -> arena.openScope();
                case 1 -> mark = arena.mark();
                case 2 -> arena.reset();
                case 3 -> arena.allocateRef(0);
                case 4 -> arena.openScope().close();
                case 5 -> arena.clear();
                case 6 -> arena.trim(0);
                default -> assertEquals(112, arena.stats().used());
            }
            assertFalse(isKept(stack));
            assertSound(stack);
            assertEquals(what == 2 || what == 5 ? 0 : 112, arena.stats().used());
            if (what == 1) {
                assertStatus(Status.NOT_TOP, () -> frame.allocateRef(8));
                arena.clear();
            } else if (what == 0) {
                assertStatus(Status.NOT_TOP, () -> frame.allocateRef(8));
                assertThrows(IllegalStateException.class, frame::close);
            } else if (what == 2 || what == 5) {
                assertStatus(Status.STALE_MARK, () -> frame.allocateRef(8));
            } else {
                assertNotEquals(0, frame.allocateRef(8));
            }
            if (what == 0) {
                arena.clear(); // the scope had to be closed first
            }
            frame.close();
            if (mark != null) {
                Mark stale = mark;
                assertStatus(Status.STALE_MARK, () -> arena.rewind(stale));
            }
            assertEquals(0, stack.depth());
            assertEquals(0, arena.stats().used());
            assertEquals(0, arena.stats().count());
        }
    }

    /** Frames that were open when C looked end where they began, in whatever order that comes. */
    @Test
    void framesThatCHasSeenEndWhereTheyBegan() {
        Random random = new Random(7);
        try (StackAllocator stack = StackAllocator.create()) {
            NativeArena arena = stack.arena();
            for (int round = 0; round < 3000; round++) {
                Deque<StackAllocator.Frame> open = new ArrayDeque<>();
                Deque<long[]> used = new ArrayDeque<>();
                long[] now = {0, 0};
                for (int step = random.nextInt(40); step > 0 || !open.isEmpty(); step--) {
                    int what = step > 0 ? random.nextInt(8) : 7;
                    if (what < 3 && open.size() < 9) {
                        open.push(stack.push());
                        used.push(now.clone());
                    } else if (what < 5 && !open.isEmpty()) {
                        int size = 1 + random.nextInt(200);
                        long ref = what == 3 ? open.peek().allocateRef(size) : open.peek().allocateRef(size, 16);
                        arena.putByte(ref, size - 1, (byte) 1);
                        now[0] += size + 15 & -16;
                        now[1]++;
                    } else if (what == 5 && random.nextInt(3) == 0) {
                        ArenaStats stats = arena.stats();
                        assertEquals(now[0], stats.used(), "round=" + round);
                        assertEquals(now[1], stats.count(), "round=" + round);
                        assertSound(stack);
                    } else if (what == 7 && !open.isEmpty()) {
                        open.pop().close();
                        now = used.pop();
                        assertEquals(open.size(), stack.depth());
                    }
                }
                assertEquals(0, arena.stats().used());
            }
        }
    }

    @Test
    void whoHasTheAddressSeesEveryFrame() {
        try (StackAllocator stack = StackAllocator.create()) {
            StackAllocator.Frame first = stack.push();
            first.allocateRef(16);
            long address = stack.arena().nativeHandle();
            for (int i = 0; i < 3000; i++) {
                try (StackAllocator.Frame frame = stack.push()) {
                    assertFalse(isKept(stack));
                    frame.allocateRef(16);
                    assertEquals(2, StackNatives.depth(address));
                    assertNotEquals(0, ArenaNatives.allocate(address, 16, 1));
                    assertEquals(48, stack.arena().stats().used());
                }
            }
            first.close();
            assertEquals(0, stack.depth());
        }
    }

    /** C destroys the arena of a child with its parent, of which Java is told nothing. */
    @Test
    void aStackThatCHasDestroyedIsRefused() {
        try (NativeArena parent = NativeArena.create()) {
            StackAllocator stack = StackAllocator.builder().parent(parent).build();
            StackAllocator.Frame frame = stack.push();
            long ref = frame.allocateRef(16);
            assertTrue(isKept(stack));
            assertEquals(Status.OK, ArenaNatives.reset(parent.nativeHandle()));
            assertThrows(IllegalStateException.class, () -> stack.arena().getLong(ref, 0));
            assertThrows(IllegalStateException.class, () -> stack.arena().allocateRef(16));
            assertThrows(IllegalStateException.class, () -> frame.allocateRef(16));
            assertThrows(IllegalStateException.class, stack::push);
            assertTrue(stack.isClosed());
            frame.close();
            parent.reset();
        }
    }

    /** Frames are refused for ever once they are over, however many came after them. */
    @Test
    void framesThatAreOverStayOver() {
        try (StackAllocator stack = StackAllocator.create()) {
            StackAllocator.Frame over = stack.push();
            over.close();
            for (int i = 0; i < 100; i++) {
                try (StackAllocator.Frame frame = stack.push()) {
                    over.close();
                    assertStatus(Status.STALE_MARK, () -> over.allocateRef(8));
                    assertEquals(1, stack.depth(), "i=" + i);
                    assertNotEquals(0, frame.allocateRef(8));
                    over.close();
                    assertEquals(16, stack.arena().stats().used());
                }
            }
        }
    }

    /** Builders of strings and others rely on it. */
    @Test
    void eachPopIsSeenAsTakingBack() {
        Random random = new Random(42);
        Deque<StackAllocator.Frame> open = new ArrayDeque<>();
        try (StackAllocator stack = StackAllocator.create()) {
            for (int i = 0; i < 20_000; i++) {
                if (open.isEmpty() || open.size() < 9 && random.nextBoolean()) {
                    open.push(stack.push());
                } else {
                    long before = random.nextBoolean() ? stack.arena().takeBacks() : -1;
                    open.pop().close();
                    assertNotEquals(before, stack.arena().takeBacks(), "step=" + i);
                }
                if (random.nextInt(500) == 0) {
                    open.clear();
                    stack.arena().reset();
                }
            }
            assertSound(stack);
        }
    }

    @Test
    void aTextInAFrameThatIsOverIsRefused() {
        try (StackAllocator stack = StackAllocator.create()) {
            StackAllocator.Frame frame = stack.push();
            Utf8Builder builder = new Utf8Builder(stack.arena());
            builder.append("abc");
            for (int i = 0; i < 20; i++) {
                stack.push().close();
            }
            frame.close();
            assertThrows(IllegalStateException.class, () -> builder.append('d'));
        }
    }

    @Test
    void thePeakIsThatOfAllFrames() {
        try (StackAllocator stack = StackAllocator.create()) {
            for (int size : new int[] {64, 6400, 640}) {
                try (StackAllocator.Frame frame = stack.push()) {
                    frame.allocateRef(size);
                    assertTrue(isKept(stack));
                }
            }
            assertEquals(6400, stack.arena().stats().peakUsed());
            assertEquals(0, stack.arena().stats().used());
        }
    }

    @Test
    void theLastByteOfTheBlockCanBeUsed() {
        try (StackAllocator stack = StackAllocator.builder().size(1024).build()) {
            for (int i = 0; i < 3; i++) {
                try (StackAllocator.Frame frame = stack.push()) {
                    frame.allocateRef(1000);
                    stack.arena().putByte(frame.allocateRef(16), 15, (byte) 1);
                    assertEquals(0, stack.room());
                    assertTrue(isKept(stack));
                    assertStatus(Status.STACK_FULL, () -> frame.allocateRef(1));
                    assertStatus(Status.STACK_FULL, () -> frame.allocateRef(Integer.MAX_VALUE / 2));
                    assertThrows(IllegalArgumentException.class, () -> frame.allocateRef(Integer.MIN_VALUE));
                    assertThrows(IllegalArgumentException.class, () -> frame.allocateRef(-1));
                    assertNotEquals(0, frame.allocateRef(0));
                }
                for (int wait = 0; wait < 50; wait++) {
                    stack.push().close();
                }
            }
        }
    }

    @Test
    void otherThreadsAreRefused() throws InterruptedException {
        try (StackAllocator stack = StackAllocator.create(); StackAllocator.Frame frame = stack.push()) {
            AtomicReference<Throwable> unexpected = new AtomicReference<>();
            Thread other = new Thread(() -> {
                assertThrows(RuntimeException.class, stack::push);
                assertThrows(RuntimeException.class, () -> frame.allocateRef(8));
                assertThrows(RuntimeException.class, frame::close);
            });
            other.setUncaughtExceptionHandler((thread, thrown) -> unexpected.set(thrown));
            other.start();
            other.join();
            assertEquals(null, unexpected.get());
            assertNotEquals(0, frame.allocateRef(8));
        }
    }
}
