// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that Java pushes by itself are the same frames to C, whenever it looks. */
@NoNativeLeaks
class QuickFramesTest {
    private static void assertStatus(int status, Runnable call) {
        Throwable thrown = assertThrows(IllegalStateException.class, call::run);
        assertTrue(thrown.getMessage().contains("status=" + Status.name(status)), thrown::getMessage);
    }

    private static void assertSound(StackAllocator stack) {
        assertEquals(Status.OK, ArenaNatives.check(stack.arena().handle));
    }

    @Test
    void framesAreQuickFromTheFirstOneOn() {
        try (StackAllocator stack = StackAllocator.create(); StackAllocator.Frame outer = stack.push()) {
            assertTrue(stack.isQuick(outer.id));
            try (StackAllocator.Frame inner = stack.push()) {
                assertTrue(stack.isQuick(inner.id));
                assertFalse(stack.isQuick(outer.id));
            }
            assertTrue(stack.isQuick(outer.id));
            assertEquals(1, stack.depth()); // C has looked
            assertFalse(stack.isQuick(outer.id));
            assertNotEquals(0, outer.allocateRef(8));
            try (StackAllocator.Frame inner = stack.push()) {
                assertTrue(stack.isQuick(inner.id));
                assertSound(stack);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void whatCDoesInsideIsSeen(int what) {
        try (StackAllocator stack = StackAllocator.create()) {
            StackAllocator.Frame frame = stack.push();
            frame.allocateRef(100);
            NativeArena arena = stack.arena();
            switch (what) {
                case 0 -> ArenaNatives.openScope(arena.handle);
                case 1 -> ArenaNatives.mark(arena.handle);
                case 2 -> ArenaNatives.reset(arena.handle);
                case 3 -> ArenaNatives.allocate(arena.handle, 100, 1);
                default -> ArenaNatives.closeScope(arena.handle, ArenaNatives.openScope(arena.handle));
            }
            assertSound(stack);
            if (what == 0 || what == 1) {
                assertStatus(Status.NOT_TOP, () -> frame.allocateRef(8));
                assertStatus(Status.NOT_TOP, frame::close);
            } else if (what == 2) {
                assertStatus(Status.STALE_MARK, () -> frame.allocateRef(8));
            } else {
                assertNotEquals(0, frame.allocateRef(8));
            }
            frame.close();
            assertEquals(0, stack.depth());
            assertEquals(0, arena.stats().used());
            assertEquals(0, arena.stats().count());
            try (StackAllocator.Frame next = stack.push()) {
                assertTrue(stack.isQuick(next.id));
            }
        }
    }

    /** Builders of strings and others rely on it. */
    @Test
    void eachPopIsSeenAsTakingBack() {
        Random random = new Random(42);
        Set<Long> seen = new HashSet<>();
        Deque<StackAllocator.Frame> open = new ArrayDeque<>();
        try (StackAllocator stack = StackAllocator.create()) {
            for (int i = 0; i < 20_000; i++) {
                if (open.isEmpty() || open.size() < 9 && random.nextBoolean()) {
                    open.push(stack.push());
                } else {
                    seen.add(stack.arena().takeBacks());
                    open.pop().close();
                    assertTrue(seen.add(stack.arena().takeBacks()), "step=" + i);
                }
                if (random.nextInt(50) == 0) {
                    assertEquals(open.size(), stack.depth());
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
    void viewsEndWithTheirFrame() {
        try (StackAllocator stack = StackAllocator.create()) {
            ByteBuffer before = stack.arena().allocate(8);
            ByteBuffer inside;
            try (StackAllocator.Frame frame = stack.push()) {
                inside = frame.allocate(8);
                assertTrue(stack.isQuick(frame.id));
                inside.putLong(0, 42);
            }
            before.putLong(0, 43);
            if (stack.arena().viewSafety() == ViewSafety.CHECKED) {
                assertThrows(IllegalStateException.class, () -> inside.getLong(0));
            }
            assertEquals(43, before.getLong(0));
        }
    }

    @Test
    void thePeakIsThatOfAllFrames() {
        try (StackAllocator stack = StackAllocator.create()) {
            for (int size : new int[] {64, 6400, 640}) {
                try (StackAllocator.Frame frame = stack.push()) {
                    frame.allocateRef(size);
                    assertTrue(stack.isQuick(frame.id));
                }
            }
            assertEquals(6400, stack.arena().stats().peakUsed());
            assertEquals(0, stack.arena().stats().used());
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

    /** A thread that asks often, then others: each has its own. */
    @Test
    void threadsThatAskOftenGetTheirOwnStack() throws InterruptedException {
        StackAllocator own = StackAllocator.ofCurrentThread();
        for (int i = 0; i < 2000; i++) {
            assertEquals(own, StackAllocator.ofCurrentThread());
        }
        Set<StackAllocator> others = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            Thread other = new Thread(() -> {
                StackAllocator its = StackAllocator.ofCurrentThread();
                for (int again = 0; again < 2000; again++) {
                    others.add(StackAllocator.ofCurrentThread());
                }
                assertTrue(its.arena().isOwnedByCurrentThread());
            });
            other.start();
            other.join();
        }
        assertFalse(others.contains(own));
        assertTrue(others.size() <= 3, "stacks=" + others.size());
        assertEquals(own, StackAllocator.ofCurrentThread());
    }
}
