// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An owner who takes memory back while others use what they should not; and threads of which there are many. */
@NoNativeLeaks
class RacingUseTest {
    private static final int OTHERS = 5;
    private static final int ROUNDS = 1_000;

    /** What the owner last gave to the others. */
    private static final class Target {
        volatile NativeArena arena;
        volatile long ref;
        volatile ByteBuffer view;
        volatile boolean done;
    }

    /** Others read and write through views, and call everything; only exceptions come of it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void useWhileTheOwnerTakesBackNeverCrashes(boolean sharedViews) throws Exception {
        Target target = new Target();
        try (MemoryPool pool = MemoryPool.builder().retain(0).build()) {
            Crew.run(1 + OTHERS, member -> {
                if (member == 0) {
                    try {
                        own(pool, target, sharedViews);
                    } finally {
                        target.done = true;
                    }
                } else {
                    intrude(target, sharedViews, new Random(member));
                }
            });
            Blocks.assertSound(pool);
        }
    }

    private static void own(MemoryPool pool, Target target, boolean sharedViews) {
        Random random = new Random(7);
        for (int round = 0; round < ROUNDS; round++) {
            try (NativeArena arena = NativeArena.builder().pool(pool).sharedViews(sharedViews).build()) {
                target.arena = arena;
                for (int i = 0; i < 5; i++) {
                    Scope scope = arena.openScope();
                    target.ref = arena.allocateRef(random.nextInt(20_000));
                    target.view = arena.allocate(1 + random.nextInt(random.nextInt(10) == 0 ? 300_000 : 500));
                    target.view.put(0, (byte) 1);
                    if (i == 3) {
                        arena.clear();
                    } else if (i % 2 == 0) {
                        scope.close();
                    }
                }
            }
        }
    }

    private static void intrude(Target target, boolean sharedViews, Random random) {
        boolean checked = NativeArenas.viewSafety() == ViewSafety.CHECKED && !sharedViews;
        while (!target.done) {
            ByteBuffer view = target.view;
            NativeArena arena = target.arena;
            if (view != null && arena != null) {
                int at = random.nextInt(view.capacity());
                assertEquals(checked, isRefused(() -> view.put(at, (byte) (view.get(at) + 1))));
                assertTrue(isRefused(() -> arena.allocate(8)));
                assertTrue(isRefused(() -> arena.getByte(target.ref, 0)));
                assertTrue(isRefused(arena::reset));
                assertTrue(isRefused(arena::openScope));
                assertTrue(isRefused(arena::stats));
            }
        }
    }

    /** By an exception that a caller may expect: the arena is closed, or belongs to another thread. */
    private static boolean isRefused(Runnable call) {
        try {
            call.run();
            return false;
        } catch (RuntimeException e) {
            String type = e.getClass().getSimpleName();
            assertTrue(type.equals("IllegalStateException") || type.equals("WrongThreadException"), e::toString);
            return true;
        }
    }

    /** Blocks are freed by others than those who use them, while views of them are in use. */
    @Test
    void blocksThatAreFreedWhileInUseNeverCrash() throws Exception {
        AtomicReference<ByteBuffer> latest = new AtomicReference<>();
        try (MemoryPool pool = MemoryPool.builder().retain(0).build()) {
            Crew.run(4, member -> {
                Random random = new Random(member);
                for (int i = 0; i < 20_000; i++) {
                    if (member == 0) {
                        ByteBuffer block = pool.allocate(1 + random.nextInt(i % 50 == 0 ? 2 << 20 : 3_000));
                        ByteBuffer before = latest.getAndSet(block);
                        if (before != null) {
                            pool.free(before);
                        }
                    } else {
                        ByteBuffer block = latest.get();
                        if (block != null) {
                            block.put(block.capacity() - 1, (byte) i);
                        }
                    }
                }
            });
            pool.free(latest.get());
            Blocks.assertSound(pool);
        }
    }

    private static void useSharedPool(int number) {
        try (NativeArena arena = NativeArena.create(MemoryPool.shared())) {
            List<ByteBuffer> views = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                ByteBuffer view = arena.allocate(10 + (number + i) * 37 % 5_000);
                Blocks.fill(view, number + i);
                views.add(view);
                Thread.yield();
            }
            for (int i = 0; i < views.size(); i++) {
                Blocks.assertFilled(views.get(i), number + i);
            }
        }
    }

    private static void runMany(ThreadFactory factory, int count) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            Thread thread = factory.newThread(() -> {
                try {
                    useSharedPool(number);
                } catch (RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
    }

    @Test
    void hundredsOfThreadsUseTheSharedPool() throws Exception {
        runMany(Thread::new, 200);
    }

    /** By reflection: the tests are compiled for JDK 17. */
    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void aThousandVirtualThreadsUseTheSharedPool() throws Exception {
        Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
        ThreadFactory factory = (ThreadFactory) Class.forName("java.lang.Thread$Builder").getMethod("factory")
                .invoke(builder);
        runMany(factory, 1_000);
    }
}
