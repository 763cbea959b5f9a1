// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.ArenaExhaustedException;
import dev.corral.MemoryPool;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Random use and misuse of the public API beside a model, from fixed seeds: each run of a seed makes the same calls. A
 * program as well: {@code Misuse <seconds> [first seed]}.
 */
public final class Misuse {
    private static final int STEPS = 3_000; // of one seed
    private static final int POOLS = 3;
    private static final int ARENAS = 6;

    private final Random random;
    private final boolean writesWhereItMayNot;
    private final List<MemoryPool> pools = new ArrayList<>();
    private final List<MemoryPool> closedPools = new ArrayList<>();
    private final List<ArenaModel> arenas = new ArrayList<>();
    private final List<ArenaModel> closed = new ArrayList<>();
    private final List<ByteBuffer> blocks = new ArrayList<>();
    private final List<MemoryPool> blockOwners = new ArrayList<>();
    private final List<ByteBuffer> freed = new ArrayList<>();

    /** What may be refused. */
    interface Call {
        void run() throws Exception;
    }

    private Misuse(long seed) {
        this.random = new Random(seed);
        this.writesWhereItMayNot = seed % 3 == 0;
    }

    /** Runs seeds until the time is up; prints what was done. */
    public static void main(String[] args) throws Exception {
        long seconds = Long.parseLong(args[0]);
        long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long first = seed;
        do {
            run(seed++);
        } while (System.nanoTime() < end);
        System.out.println("seeds=" + first + ".." + (seed - 1) + " steps=" + (seed - first) * STEPS);
    }

    static void run(long seed) throws Exception {
        Misuse misuse = new Misuse(seed);
        int step = 0;
        try {
            for (; step < STEPS; step++) {
                misuse.step();
            }
            misuse.closeAll();
        } catch (RuntimeException | Error e) {
            throw new AssertionError("seed=" + seed + " step=" + step, e);
        }
    }

    static void expectRefusal(Call call, String what) {
        if (!isRefused(call)) {
            throw new AssertionError("not refused: " + what);
        }
    }

    static void tolerateRefusal(Call call) {
        isRefused(call);
    }

    private static boolean isRefused(Call call) {
        try {
            call.run();
            return false;
        } catch (IllegalStateException | IllegalArgumentException | IndexOutOfBoundsException
                | ArenaExhaustedException e) {
            return true;
        } catch (Exception e) {
            if (e.getClass().getName().equals("java.lang.WrongThreadException")) {
                return true;
            }
            throw new AssertionError("refused with an exception that is not documented", e);
        }
    }

    private void step() throws Exception {
        int choice = random.nextInt(1000);
        if (arenas.isEmpty() || choice < 12 && arenas.size() < ARENAS) {
            ArenaModel parent = arenas.isEmpty() || random.nextBoolean() ? null : any(arenas);
            arenas.add(new ArenaModel(anyPool(), parent, random, writesWhereItMayNot));
        } else if (choice < 700) {
            use(any(arenas));
        } else if (choice < 850) {
            misuse(any(arenas));
        } else if (choice < 930) {
            useBlocks();
        } else if (choice < 980) {
            useTheClosed();
        } else {
            close(choice);
        }
    }

    private void use(ArenaModel model) {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> model.allocate();
            case 6, 7, 8 -> model.allocateView();
            case 9, 10 -> model.view();
            case 11, 12, 13 -> model.verify();
            case 14 -> model.mark();
            case 15, 16 -> model.openScope();
            case 17, 18 -> model.takeBackToPoint();
            default -> {
                if (random.nextInt(4) == 0) {
                    model.takeBackAll();
                    endTheClosed();
                }
            }
        }
    }

    private void misuse(ArenaModel model) throws InterruptedException {
        switch (random.nextInt(6)) {
            case 0, 1 -> model.useEndedView();
            case 2 -> model.useWildReference();
            case 3 -> model.useEndedPoint(any(arenas));
            case 4 -> model.useWrongSizes();
            default -> useFromAnotherThread(model);
        }
    }

    private void useFromAnotherThread(ArenaModel model) throws InterruptedException {
        if (random.nextInt(8) != 0) {
            return;
        }
        Throwable[] failure = new Throwable[1];
        Thread thread = new Thread(() -> {
            expectRefusal(() -> model.arena.allocate(8), "another thread's allocate");
            expectRefusal(model.arena::reset, "another thread's reset");
            expectRefusal(model.arena::close, "another thread's close");
            expectRefusal(() -> model.arena.getInt(1, 0), "another thread's getInt");
        });
        thread.setUncaughtExceptionHandler((dead, e) -> failure[0] = e);
        thread.start();
        thread.join();
        if (failure[0] != null) {
            throw new AssertionError("in the other thread", failure[0]);
        }
    }

    private MemoryPool anyPool() {
        if (pools.isEmpty() || random.nextInt(20) == 0 && pools.size() < POOLS) {
            pools.add(MemoryPool.builder().retain(random.nextBoolean() ? 0 : 1 << 20).build());
        }
        return any(pools);
    }

    private void useBlocks() {
        int choice = random.nextInt(6);
        if (choice < 3 || blocks.isEmpty()) {
            MemoryPool pool = anyPool();
            ByteBuffer block = pool.allocate(random.nextInt(10) == 0 ? random.nextInt(3 << 20) : random.nextInt(4096));
            if (block.capacity() > 0) {
                block.put(block.capacity() - 1, (byte) 7);
            }
            blocks.add(block);
            blockOwners.add(pool);
        } else if (choice < 5) {
            int at = random.nextInt(blocks.size());
            ByteBuffer block = blocks.remove(at);
            MemoryPool owner = blockOwners.remove(at);
            if (block.capacity() > 0 && !writesWhereItMayNot && block.get(block.capacity() - 1) != 7) {
                throw new AssertionError("a block of a pool has changed");
            }
            expectRefusal(() -> owner.free(block.duplicate()), "a duplicate of a block");
            owner.free(block);
            expectRefusal(() -> owner.free(block), "a second free");
            freed.add(block);
        } else {
            any(pools).trim();
        }
    }

    private void useTheClosed() {
        if (!closed.isEmpty()) {
            ArenaModel model = any(closed);
            model.useEndedView();
            expectRefusal(() -> model.arena.allocate(8), "allocate of a closed arena");
            expectRefusal(() -> model.arena.view(1L << 50, 8), "view of a closed arena");
            expectRefusal(model.arena::stats, "stats of a closed arena");
            model.arena.close(); // does nothing
        }
        if (!closedPools.isEmpty()) {
            MemoryPool pool = any(closedPools);
            expectRefusal(() -> pool.allocate(8), "allocate of a closed pool");
            expectRefusal(pool::trim, "trim of a closed pool");
            pool.close(); // does nothing
        }
        if (!freed.isEmpty()) {
            ByteBuffer block = freed.size() > 50 ? freed.remove(0) : any(freed);
            for (int at = 0; at < block.capacity(); at += 512) {
                byte found = block.get(at);
                if (writesWhereItMayNot) {
                    block.put(at, (byte) (found + 1));
                }
            }
        }
    }

    private void close(int choice) {
        if (choice < 993) {
            any(arenas).arena.close();
            endTheClosed();
        } else if (choice < 995) {
            closePool(any(pools));
        } else if (choice < 997) {
            arenas.remove(random.nextInt(arenas.size())); // dropped without close
        } else if (choice == 997) {
            System.gc();
        }
    }

    /** Arenas end with those above them. */
    private void endTheClosed() {
        for (int i = arenas.size(); i-- > 0;) {
            if (arenas.get(i).arena.isClosed()) {
                end(arenas.remove(i));
            }
        }
    }

    private void end(ArenaModel model) {
        model.endAll();
        closed.add(model);
        if (closed.size() > 20) {
            closed.remove(random.nextInt(closed.size()));
        }
    }

    private void closePool(MemoryPool pool) {
        pool.close();
        pools.remove(pool);
        closedPools.add(pool);
        endTheClosed();
        for (int i = blocks.size(); i-- > 0;) {
            if (blockOwners.get(i) == pool) {
                blockOwners.remove(i);
                freed.add(blocks.remove(i));
            }
        }
    }

    private void closeAll() {
        for (MemoryPool pool : List.copyOf(pools)) {
            closePool(pool);
        }
        useTheClosed();
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
