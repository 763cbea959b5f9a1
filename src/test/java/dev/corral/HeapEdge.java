// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.Status;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Main class of a child with a small heap: makes each operation run out of it, with no byte left and then with more and
 * more until it succeeds. What it leaves behind has to be sound either way.
 */
final class HeapEdge {
    private static final int[] ROOM = {0, 16, 40, 64, 112, 192, 384, 1024};
    private static final Map<String, Supplier<HeapScene>> SCENES = new LinkedHashMap<>();

    static {
        HeapScenes.addTo(SCENES);
    }

    private static Object kept;
    private static Object spare;

    private HeapEdge() {
    }

    public static void main(String[] args) throws Exception {
        for (Map.Entry<String, Supplier<HeapScene>> scene : SCENES.entrySet()) {
            for (int warm = 0; warm < 2; warm++) { // nothing is initialized on the edge
                play(scene.getValue().get(), -1);
            }
            int failures = 0;
            for (int room : ROOM) {
                failures += play(scene.getValue().get(), room) ? 0 : 1;
            }
            System.out.println(scene.getKey() + (failures == 0 ? " never" : " sometimes") + " ran out of heap");
        }
        System.out.println("done");
    }

    /** Whether the operation succeeds with that much room; a negative number means a lot. */
    private static boolean play(HeapScene scene, int room) throws Exception {
        boolean done = true;
        scene.begin();
        if (room >= 0) {
            spare = new byte[room];
            fill(1 << 16);
            fill(1 << 8);
            fill(0);
            spare = null;
        }
        try {
            scene.act();
        } catch (OutOfMemoryError | ArenaExhaustedException e) {
            done = false;
        } catch (IllegalArgumentException e) { // try-with-resources adds the one error that the JVM keeps to itself
            kept = null; // before the message is made
            scene.require(e.getCause() instanceof OutOfMemoryError, e.toString());
            done = false;
        } finally {
            kept = null;
        }
        scene.verify(done);
        scene.end();
        return done;
    }

    /** Leaves no room for an array of that many bytes, or for anything at all. */
    private static void fill(int bytes) {
        try {
            while (true) {
                Object[] next = new Object[bytes / 4 + 1];
                next[0] = kept;
                kept = next;
            }
        } catch (OutOfMemoryError e) {
            return; // that is what it is for
        }
    }

    // --- what scenes share

    /** An operation on a pool and an arena that holds a block. */
    abstract static class HeapScene {
        static final long WORD = 0x0123_4567_89AB_CDEFL;

        MemoryPool pool;
        NativeArena arena;
        private long ref;

        void begin() {
            pool = MemoryPool.create();
            arena = NativeArena.builder().pool(pool).initialChunkSize(256).maxChunkSize(1 << 16).build();
            ref = arena.allocateRef(8);
            arena.putLong(ref, 0, WORD);
        }

        /** Runs out of heap anywhere. */
        abstract void act() throws Exception;

        /** With heap again. */
        void verify(boolean done) throws Exception {
            require(arena.getLong(ref, 0) == WORD, "the word is another");
            requireOk(ArenaNatives.check(arena.handle), "arena");
            List<Long> refs = new ArrayList<>();
            for (long i = 0; i < 100; i++) {
                refs.add(arena.allocateRef(40));
                arena.putLong(refs.get((int) i), 32, i);
            }
            for (int i = 0; i < 100; i++) {
                require(arena.getLong(refs.get(i), 32) == i, "a new word is another");
            }
            require(arena.allocate(8).putLong(0, WORD).getLong(0) == WORD, "a view does not work");
        }

        void end() throws Exception {
            requireOk(ArenaNatives.check(arena.handle), "arena");
            arena.close();
            requireOk(PoolNatives.check(pool.state().handle), "pool");
            PoolStats stats = pool.stats();
            require(stats.openArenas() == 0 && stats.inUse() == 0, stats.toString());
            pool.close();
        }

        final void require(boolean holds, String what) {
            if (!holds) {
                throw new AssertionError(getClass().getSimpleName() + ": " + what);
            }
        }

        final void requireOk(int status, String what) {
            require(status == Status.OK, what + " " + Status.name(status));
        }
    }
}
