// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.FamilyNatives;
import dev.corral.internal.PoolNatives;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Main class of a child: threads of one pool make families, and use their arenas whether they are open, closed, or
 * destroyed by C; C takes back and destroys what Java holds. Nothing but an exception may come of it.
 */
final class RandomFamilies {
    private static final int THREADS = 4;
    private static final int STEPS = 30_000;
    private static final int KEPT = 24;

    private static volatile Throwable failure;
    private final MemoryPool pool;
    private final Random random;
    private final List<NativeArena> arenas = new ArrayList<>();
    private final List<Long> refs = new ArrayList<>();
    private final List<ByteBuffer> views = new ArrayList<>();
    private int refused;

    private RandomFamilies(MemoryPool pool, int seed) {
        this.pool = pool;
        this.random = new Random(seed);
    }

    public static void main(String[] args) throws InterruptedException {
        MemoryPool pool = MemoryPool.builder().retain(1 << 20).build();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            RandomFamilies families = new RandomFamilies(pool, i);
            Thread thread = new Thread(families::run);
            thread.setUncaughtExceptionHandler((dead, e) -> failure = e);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (failure == null && PoolNatives.check(pool.state().handle) != 0) {
            failure = new AssertionError("pool_check has found damage");
        }
        if (failure != null) {
            failure.printStackTrace();
            System.exit(1);
        }
        new RandomFamilies(pool, 0).attempt(pool::close); // actions of arenas that are still open may throw
        System.out.println(pool.isClosed() ? "survived" : "the pool is open");
    }

    private void run() {
        for (int step = 0; step < STEPS; step++) {
            attempt(() -> step(random.nextInt(24), any()));
            if (step % 5_000 == 0) {
                System.gc();
            }
        }
        if (refused == 0 || refused > STEPS / 5 * 4) {
            throw new AssertionError("refused=" + refused + " of " + STEPS);
        }
        arenas.forEach(arena -> attempt(arena::close));
    }

    private void attempt(Runnable call) {
        try {
            call.run();
        } catch (IllegalStateException | IllegalArgumentException | IndexOutOfBoundsException e) {
            refused++;
        } catch (ArenaExhaustedException e) {
            refused++;
        } catch (RuntimeException e) {
            if (!e.getClass().getSimpleName().equals("WrongThreadException")) { // which JDK 17 does not have
                throw e;
            }
            refused++; // an action of an ended thread's arena has used that thread's views
        }
    }

    private NativeArena any() {
        if (arenas.isEmpty()) {
            return add(NativeArena.create(pool));
        }
        int index = random.nextInt(arenas.size());
        NativeArena arena = arenas.get(index);
        if (arena.isClosed() && random.nextInt(4) == 0) {
            arenas.remove(index);
        }
        return arena;
    }

    /** Keeps an arena, and forgets another one; what is forgotten is dropped with its family or ends with it. */
    private NativeArena add(NativeArena arena) {
        if (arenas.size() == KEPT) {
            arenas.set(random.nextInt(KEPT), arena);
        } else {
            arenas.add(arena);
        }
        return arena;
    }

    private void step(int choice, NativeArena arena) {
        switch (choice) {
            case 0, 1, 2, 3 -> add(arena.newChild());
            case 4 -> add(arena.newChild(1 + random.nextInt(100_000)));
            case 5 -> add(NativeArena.builder().parent(arena).retain(random.nextInt(20_000)).initialChunkSize(512)
                    .onExhausted(OnExhausted.FALL_BACK).limit(1024 + random.nextInt(8192)).build());
            case 6 -> add(NativeArena.create(pool));
            case 7 -> arena.reset();
            case 8 -> arena.clear();
            case 9 -> arena.close();
            case 10 -> arena.trim(random.nextInt(50_000));
            case 11 -> behindItsBack(arena);
            case 12 -> arena.onRelease(() -> use(arena));
            case 13 -> scope(arena);
            case 14 -> arena.rewind(arena.mark());
            default -> use(arena);
        }
    }

    private void behindItsBack(NativeArena arena) {
        long handle = arena.nativeHandle();
        switch (random.nextInt(5)) {
            case 0 -> ArenaNatives.reset(handle);
            case 1 -> ArenaNatives.clear(handle);
            case 2 -> FamilyNatives.trim(handle, random.nextInt(10_000));
            case 3 -> PoolNatives.check(arena.pool().state().handle);
            default -> ArenaNatives.reset(handle);
        }
    }

    private void scope(NativeArena arena) {
        Scope scope = arena.openScope();
        use(arena);
        scope.close();
    }

    private void use(NativeArena arena) {
        long ref = arena.allocateRef(random.nextInt(random.nextInt(8) == 0 ? 70_000 : 200) + 8);
        arena.putLong(ref, 0, ref);
        if (arena.getLong(ref, 0) != ref) {
            throw new AssertionError("a block of its own was changed");
        }
        refs.add(ref);
        views.add(arena.allocate(16));
        if (refs.size() > 100) {
            refs.remove(random.nextInt(refs.size()));
            views.remove(random.nextInt(views.size()));
        }
        views.get(random.nextInt(views.size())).putLong(0, -1);
        arena.getLong(refs.get(random.nextInt(refs.size())), 0);
    }
}
