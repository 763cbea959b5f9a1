// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.HeapEdge.HeapScene;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The operations that {@link HeapEdge} lets run out of heap. */
final class HeapScenes {
    private HeapScenes() {
    }

    static void addTo(Map<String, Supplier<HeapScene>> scenes) {
        scenes.put("view", () -> of(arena -> arena.allocate(100)));
        scenes.put("view of a new chunk", () -> of(arena -> arena.allocate(300_000)));
        scenes.put("text", () -> of(arena -> {
            arena.allocateUtf8("text").get(0);
            arena.utf8Builder().append("more text, ").append(7).finish();
            arena.format("%s %d", "formatted", 7);
        }));
        scenes.put("scopes", () -> of(arena -> nest(arena, 12)));
        scenes.put("mark", () -> of(arena -> {
            Mark mark = arena.mark();
            arena.allocate(5000);
            arena.rewind(mark);
        }));
        scenes.put("many roots", () -> of(arena -> {
            for (int i = 0; i < 20; i++) {
                arena.putInt(arena.allocateRef(60_000), 0, i);
            }
        }));
        scenes.put("child", () -> of(arena -> {
            NativeArena child = arena.newChild();
            child.allocate(10).put(0, (byte) 1);
            child.newChild(1 << 16).allocateRef(10);
            child.close();
        }));
        scenes.put("block", () -> of(arena -> arena.pool().free(arena.pool().allocate(10_000))));
        scenes.put("arena", () -> of(arena -> NativeArena.builder().pool(arena.pool()).debug(true)
                .observer(new ArenaObserver() { }).build().close()));
        scenes.put("statistics", () -> of(arena -> (arena.stats().toString() + arena.pool().statsTable()).length()));
        scenes.put("release action", Releases::new);
        scenes.put("close", Close::new);
        scenes.put("close with the pool", ClosePool::new);
        scenes.put("drop", Drop::new);
        StructureHeapScenes.addTo(scenes);
    }

    private static HeapScene of(Consumer<NativeArena> action) {
        return new HeapScene() {
            @Override
            void act() {
                action.accept(arena);
            }
        };
    }

    @SuppressWarnings("try")
    private static void nest(NativeArena arena, int depth) {
        try (Scope scope = arena.openScope()) {
            arena.allocate(depth * 100);
            if (depth > 1) {
                nest(arena, depth - 1);
            }
        }
    }

    /** Actions run once, whatever was thrown meanwhile. */
    private static final class Releases extends HeapScene {
        private final int[] ran = new int[20];
        private int registered;

        @Override
        void act() {
            for (int i = 0; i < ran.length; i++) {
                int number = i;
                arena.onRelease(() -> ran[number]++);
                registered++;
            }
        }

        @Override
        void verify(boolean done) throws Exception {
            super.verify(done);
            arena.reset();
            for (int i = 0; i < ran.length; i++) {
                require(ran[i] == (i < registered ? 1 : 0), "action=" + i + " ran=" + ran[i]);
            }
        }
    }

    /** An arena that is closed, or open and whole. */
    private static final class Close extends HeapScene {
        private NativeArena closing;

        @Override
        void begin() {
            super.begin();
            closing = NativeArena.builder().pool(pool).observer(new ArenaObserver() { }).build();
            closing.newChild().onRelease(() -> { });
            closing.allocate(300_000);
            closing.onRelease(() -> { });
        }

        @Override
        void act() {
            closing.close();
        }

        @Override
        void end() throws Exception {
            closing.close();
            require(closing.isClosed(), "it is open");
            super.end();
        }
    }

    /** A pool that is closed, or open and whole. */
    private static final class ClosePool extends HeapScene {
        @Override
        void begin() {
            super.begin();
            arena.newChild().allocate(10);
            arena.onRelease(() -> { });
            pool.allocate(10);
        }

        @Override
        void act() {
            pool.close();
        }

        @Override
        void verify(boolean done) {
            require(!done || arena.isClosed(), "the arena is open");
        }

        @Override
        void end() {
            pool.close();
            require(arena.isClosed() && pool.isClosed(), "it is open");
        }
    }

    /** An arena that the reaper finds while there is no heap: the pool ends all the same. */
    private static final class Drop extends HeapScene {
        @Override
        void begin() {
            super.begin();
            ArenaRecycler.create(pool).borrow().allocate(8);
            for (int i = 0; i < 10; i++) {
                NativeArena.create(pool).allocate(8);
            }
        }

        @Override
        void act() {
            System.gc();
            throw new OutOfMemoryError("in the reaper's thread, perhaps");
        }

        @Override
        void end() throws Exception {
            arena.close();
            pool.close();
        }
    }
}
