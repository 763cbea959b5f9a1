// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each thread has a stack, whose memory goes when the thread has ended. */
@NoNativeLeaks
@SuppressWarnings("try") // a frame is opened for its end
class ThreadStacksTest {
    @Test
    void eachThreadHasItsOwnStack() throws Exception {
        StackAllocator own = StackAllocator.ofCurrentThread();
        assertSame(own, StackAllocator.ofCurrentThread());
        assertThrows(IllegalStateException.class, own::close);
        assertNotSame(own, OtherThread.call(() -> {
            StackAllocator other = StackAllocator.ofCurrentThread();
            try (StackAllocator.Frame frame = other.push()) {
                frame.allocateRef(100);
            }
            return other;
        }));
        own.arena().close();
        try (StackAllocator.Frame frame = StackAllocator.ofCurrentThread().push()) {
            frame.allocateRef(100);
        }
    }

    @Test
    void stackOfAnEndedThreadServesTheNext() throws Exception {
        long before = MemoryPool.shared().stats().openArenas();
        StackAllocator.Frame[] left = new StackAllocator.Frame[1];
        ByteBuffer[] view = new ByteBuffer[1];
        for (int i = 0; i < 300; i++) {
            OtherThread.call(() -> {
                left[0] = StackAllocator.ofCurrentThread().push(); // the thread ends with its frame open
                view[0] = left[0].allocate(16);
                left[0].allocateRef(100_000);
                return null;
            });
            assertThrows(RuntimeException.class, () -> left[0].allocateRef(8));
        }
        long more = MemoryPool.shared().stats().openArenas() - before;
        assertTrue(more < 100, "arenas of ended threads: " + more);
    }

    /** Runs code in as many new threads, virtual ones where there are any, until all have ended. */
    private static void inThreads(int count, Runnable code) throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (i % 2 == 0 && Runtime.version().feature() >= 21) {
                threads.add((Thread) Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, code));
            } else {
                threads.add(new Thread(code));
                threads.get(i).start();
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** The view keeps nothing from ending; the frame stays open. */
    private static void leaveAFrame(List<StackAllocator> stacks) {
        StackAllocator stack = StackAllocator.ofCurrentThread();
        stacks.add(stack);
        stack.push().allocate(16);
        stack.push().allocateRef(100_000);
    }

    @Test
    void stacksOfEndedThreadsAreFreedBeforeAnAllocationFails() throws Exception {
        List<StackAllocator> stacks = Collections.synchronizedList(new ArrayList<>()); // no collection finds them
        inThreads(40, () -> leaveAFrame(stacks));
        StackAllocator own = StackAllocator.ofCurrentThread();
        try (StackAllocator.Frame frame = own.push()) {
            MemoryPressure.mayEase(Status.NO_MEMORY, own.arena().pool);
            assertTrue(stacks.stream().allMatch(stack -> stack == own || stack.isClosed()), "at once");
            frame.allocateRef(8); // its thread has not ended
        }
    }

    @Test
    void stacksOfEndedThreadsAreFreedWithoutACollection() throws Exception {
        List<StackAllocator> stacks = Collections.synchronizedList(new ArrayList<>());
        inThreads(40, () -> leaveAFrame(stacks));
        Await.until("stacks of ended threads are freed", () -> stacks.stream().allMatch(StackAllocator::isClosed),
                () -> stacks);
        StackAllocator own = StackAllocator.ofCurrentThread();
        assertTrue(!own.isClosed() && !stacks.contains(own), "a thread that has not ended keeps its stack");
    }

    @Test
    void actionsOfAnEndedThreadAreNotRunByAnother() throws Exception {
        for (int i = 0; i < 10; i++) {
            OtherThread.call(() -> {
                StackAllocator.ofCurrentThread().arena().onRelease(() -> {
                    throw new IllegalArgumentException("of a thread that has ended");
                });
                return null;
            });
            OtherThread.call(() -> { // needs a stack, and looks at that of the ended thread first
                StackAllocator.ofCurrentThread().push().close();
                return null;
            });
        }
    }

    @Test
    void stackOfAnEndedThreadIsNoLeak() throws Exception {
        List<String> leaks = new ArrayList<>();
        try (LeakDetection.Subscription subscription = LeakDetection.onLeak(leak -> leaks.add(leak.toString()))) {
            long before = MemoryPool.shared().stats().openArenas();
            for (int i = 0; i < 20; i++) {
                OtherThread.call(() -> {
                    StackAllocator.newOfThread().push();
                    return null;
                });
            }
            Await.collected("stacks of ended threads are freed",
                    () -> MemoryPool.shared().stats().openArenas() <= before, () -> MemoryPool.shared().stats());
        }
        assertEquals(List.of(), leaks.stream().filter(leak -> leak.contains("arena=stack ")).toList());
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
