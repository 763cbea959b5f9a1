// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.ArenaExhaustedException;
import dev.corral.MemoryPool;
import dev.corral.PageSource;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Random use and misuse of the public API beside a model, from fixed seeds: each run of a seed makes the same calls. A
 * program as well: {@code Misuse <seconds> [first seed]}.
 */
public final class Misuse {
    private static final int STEPS = 3_000; // of one seed
    private static final int POOLS = 3;
    private static final int ARENAS = 6;
    private static final LongAdder STEPS_MADE = new LongAdder();
    private static final LongAdder REFUSED = new LongAdder();

    private final Random random;
    private final boolean writesWhereItMayNot;
    private final List<MemoryPool> pools = new ArrayList<>();
    private final List<MemoryPool> closedPools = new ArrayList<>();
    private final List<ArenaMisuse> arenas = new ArrayList<>();
    private final List<ArenaMisuse> closed = new ArrayList<>();
    private final List<MemoryPool> quarantines = new ArrayList<>();
    private final Map<ArenaModel.View, MemoryPool> orphans = new IdentityHashMap<>(); // views of dropped arenas
    private final Crowd crowd;
    private final BlocksModel blocks;
    private final Structures structures;

    /** What may be refused. */
    interface Call {
        void run() throws Exception;
    }

    private Misuse(long seed, Crowd crowd, boolean writesWhereItMayNot) {
        this.random = new Random(seed);
        this.crowd = crowd;
        this.writesWhereItMayNot = writesWhereItMayNot;
        this.blocks = new BlocksModel(random, writesWhereItMayNot, crowd);
        this.structures = new Structures(random, writesWhereItMayNot, crowd);
    }

    /** Runs seeds until the time is up, every fourth by several threads at once; prints what was done. */
    public static void main(String[] args) throws Exception {
        long seconds = Long.parseLong(args[0]);
        long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        Logger.getLogger("dev.corral").setLevel(Level.OFF); // debug pools tell of blocks that were not freed
        long first = seed;
        do {
            if (seed % 4 == 0) {
                Crowd.run(seed++);
            } else {
                run(seed++);
            }
        } while (System.nanoTime() < end);
        System.out.println("seeds=" + first + ".." + (seed - 1) + " steps=" + STEPS_MADE + " refused=" + REFUSED);
    }

    /** Alone, with calls that depend on nothing but the seed. */
    static void run(long seed) throws Exception {
        run(seed, Crowd.none(), seed % 3 == 0);
    }

    static void run(long seed, Crowd crowd, boolean writesWhereItMayNot) throws Exception {
        Misuse misuse = new Misuse(seed, crowd, writesWhereItMayNot);
        int step = 0;
        try {
            for (; step < STEPS; step++) {
                misuse.step();
            }
            misuse.closeAll();
        } catch (RuntimeException | Error e) {
            throw new AssertionError("seed=" + seed + " step=" + step, e);
        } finally {
            STEPS_MADE.add(step);
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
            REFUSED.increment();
            return true;
        } catch (Exception e) {
            if (e.getClass().getName().equals("java.lang.WrongThreadException")) {
                REFUSED.increment();
                return true;
            }
            throw new AssertionError("refused with an exception that is not documented", e);
        }
    }

    private void step() throws Exception {
        int choice = random.nextInt(1000);
        if (arenas.isEmpty() || choice < 12 && arenas.size() < ARENAS) {
            open();
        } else if (choice < 550) {
            use(any(arenas));
        } else if (choice < 650) {
            misuse(any(arenas));
        } else if (choice < 850) {
            MemoryPool pool = anyPool();
            boolean below = random.nextInt(3) == 0;
            structures.step(pool, isQuarantine(pool), below ? any(arenas).arena : null);
            endTheClosed();
        } else if (choice < 930) {
            MemoryPool pool = anyPool();
            blocks.use(pool, isQuarantine(pool));
        } else if (choice < 980) {
            useTheClosed();
        } else {
            close(choice);
        }
    }

    private boolean isQuarantine(MemoryPool pool) {
        return quarantines.contains(pool) || crowd.isQuarantine(pool);
    }

    private void open() {
        ArenaMisuse parent = arenas.isEmpty() || random.nextBoolean() ? null : any(arenas);
        try {
            arenas.add(new ArenaMisuse(anyPool(), parent, random, writesWhereItMayNot));
        } catch (ArenaExhaustedException e) {
            return; // the limit of a pool or of an arena above
        }
    }

    private void use(ArenaMisuse model) {
        switch (random.nextInt(27)) {
            case 0, 1, 2, 3, 4, 5 -> model.allocate();
            case 6, 7, 8 -> model.allocateView();
            case 9, 10 -> model.view();
            case 11, 12, 13 -> model.verify();
            case 14 -> model.mark();
            case 15, 16 -> model.openScope();
            case 17, 18 -> model.takeBackToPoint();
            case 19 -> model.resize();
            case 20 -> model.access();
            case 21, 22, 23 -> model.build();
            case 24 -> model.look();
            case 25 -> model.onRelease();
            default -> {
                if (random.nextInt(4) == 0) {
                    model.takeBackAll();
                    endTheClosed();
                }
            }
        }
    }

    private void misuse(ArenaMisuse model) throws InterruptedException {
        switch (random.nextInt(6)) {
            case 0, 1 -> model.useEndedView();
            case 2 -> model.useWildReference();
            case 3 -> model.useEndedPoint(any(arenas));
            case 4 -> model.useWrongSizes();
            default -> useFromAnotherThread(model);
        }
    }

    private void useFromAnotherThread(ArenaMisuse model) throws InterruptedException {
        if (crowd.shared) {
            crowd.intrude(random, writesWhereItMayNot);
            crowd.show(random, model.arena, model.anyView());
            return;
        }
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
        if (crowd.shared && random.nextBoolean()) {
            return any(crowd.pools);
        }
        if (pools.isEmpty() || random.nextInt(20) == 0 && pools.size() < POOLS) {
            boolean quarantine = random.nextInt(4) == 0;
            MemoryPool.Builder builder = MemoryPool.builder().retain(random.nextBoolean() ? 0 : 1 << 20);
            boolean debug = !writesWhereItMayNot && random.nextInt(4) == 0;
            pools.add(builder.quarantine(quarantine).debug(debug).pages(pages()).build());
            if (quarantine) {
                quarantines.add(pools.get(pools.size() - 1));
            }
        }
        return any(pools);
    }

    /** With memory that stays when the pool goes, or that ends somewhere. */
    private PageSource pages() {
        return switch (random.nextInt(10)) {
            case 0 -> PageSource.of(ByteBuffer.allocateDirect(2 << 20));
            case 1 -> PageSource.file(Path.of(System.getProperty("java.io.tmpdir")));
            case 2 -> PageSource.guarded();
            default -> PageSource.operatingSystem();
        };
    }

    private void useTheClosed() {
        if (!closed.isEmpty()) {
            ArenaMisuse model = any(closed);
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
        blocks.useFreed();
        orphans.keySet().stream().limit(10).forEach(ArenaModel.View::verify);
    }

    private void close(int choice) {
        if (choice < 993) {
            any(arenas).arena.close();
            endTheClosed();
        } else if (choice < 995 && !pools.isEmpty()) {
            closePool(any(pools));
        } else if (choice < 997) {
            drop(arenas.remove(random.nextInt(arenas.size())));
        } else if (choice < 999) {
            System.gc();
        }
    }

    /** Without close: what nobody takes back keeps its bytes, until the pool is closed. */
    private void drop(ArenaMisuse model) {
        if (!model.isChild && !writesWhereItMayNot) {
            model.views.forEach(view -> orphans.put(view, model.arena.pool()));
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

    private void end(ArenaMisuse model) {
        model.endWithArena();
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
        blocks.endOf(pool);
        orphans.values().removeIf(owner -> owner == pool);
    }

    private void closeAll() throws Exception {
        structures.closeAll();
        for (MemoryPool pool : List.copyOf(pools)) {
            closePool(pool);
        }
        while (!arenas.isEmpty()) {
            arenas.get(0).arena.close();
            endTheClosed();
        }
        blocks.freeAll();
        useTheClosed();
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
