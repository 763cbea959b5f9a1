// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Main class of a child: uses views after everything behind them is gone, in threads, while the collector runs. */
final class UseAfterClose {
    private static final int THREADS = 4;
    private static final int ROUNDS = 40;

    private static boolean retained;
    private static volatile Object garbage;
    private static volatile Throwable failure;

    private UseAfterClose() {
    }

    public static void main(String[] args) throws InterruptedException {
        retained = args[0].equals("retained");
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int seed = i;
            Thread thread = new Thread(() -> run(new Random(seed)));
            thread.setUncaughtExceptionHandler((dead, e) -> failure = e);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (failure != null) {
            failure.printStackTrace();
            System.exit(1);
        }
        System.out.println("survived");
    }

    private static void run(Random random) {
        List<ByteBuffer> stale = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            stale.addAll(viewsOfTheClosed(random));
            storm(round);
            for (ByteBuffer view : stale) {
                touch(view, random);
            }
            stale.removeIf(view -> random.nextInt(3) == 0);
        }
    }

    /** Views of which nothing is open any more, and some of what was merely dropped. */
    private static List<ByteBuffer> viewsOfTheClosed(Random random) {
        List<ByteBuffer> views = new ArrayList<>();
        List<ByteBuffer> ended = new ArrayList<>();
        MemoryPool pool = MemoryPool.builder().retain(random.nextBoolean() ? 0 : 1 << 20).build();
        NativeArena closed = NativeArena.builder().pool(pool).sharedViews(retained).build();
        NativeArena dropped = NativeArena.builder().pool(MemoryPool.create()).sharedViews(retained).build();
        for (int size : new int[] {1, 100, 5_000, 70_000, 3 << 20}) {
            ended.add(closed.allocate(size).slice());
            views.add(dropped.allocate(size));
            ByteBuffer block = pool.allocate(size);
            views.add(block.duplicate());
            pool.free(block);
        }
        long ref = closed.allocateRef(64);
        closed.clear();
        expectIllegalState(() -> closed.getLong(ref, 0));
        closed.close();
        pool.trim();
        expectIllegalState(() -> closed.view(ref, 8));
        pool.close();
        expectIllegalState(() -> pool.allocate(1));
        if (closed.viewSafety() == ViewSafety.RETAINED) {
            views.addAll(ended);
        } else {
            ended.forEach(view -> expectIllegalState(() -> view.put(0, (byte) 1)));
        }
        return views;
    }

    private static void expectIllegalState(Runnable call) {
        try {
            call.run();
        } catch (IllegalStateException e) {
            return;
        }
        throw new AssertionError("not refused");
    }

    private static void storm(int round) {
        for (int i = 0; i < 200; i++) {
            garbage = new byte[100_000];
        }
        if (round % 8 == 0) {
            System.gc();
        }
    }

    private static void touch(ByteBuffer view, Random random) {
        for (int i = 0; i < 64; i++) {
            int at = random.nextInt(view.capacity());
            view.put(at, (byte) (view.get(at) + 1));
        }
        view.put(view.capacity() - 1, (byte) 1);
    }
}
