// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.HeapEdge.HeapScene;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The operations of structures that {@link HeapEdge} lets run out of heap. */
final class StructureHeapScenes {
    private StructureHeapScenes() {
    }

    static void addTo(Map<String, Supplier<HeapScene>> scenes) {
        scenes.put("objects", Objects::new);
        scenes.put("slots", Slots::new);
        scenes.put("frames", Frames::new);
        scenes.put("recycler", Recycler::new);
        scenes.put("lifetimes", Units::new);
    }

    private static final class Objects extends HeapScene {
        private final long[] refs = new long[3000];
        private ObjectPool objects;
        private int acquired;

        @Override
        void begin() {
            super.begin();
            objects = ObjectPool.create(arena, 64);
        }

        @Override
        void act() {
            while (acquired < refs.length) {
                long ref = objects.acquire();
                refs[acquired++] = ref;
            }
        }

        @Override
        void verify(boolean done) throws Exception {
            super.verify(done);
            while (acquired < refs.length) {
                refs[acquired++] = objects.acquire();
            }
            for (int i = 0; i < refs.length; i++) {
                objects.arena().putInt(refs[i], 60, i);
            }
            objects.check();
            for (int i = 0; i < refs.length; i++) {
                require(objects.arena().getInt(refs[i], 60) == i, "an object has two owners");
                objects.release(refs[i]);
            }
            objects.close();
        }
    }

    private static final class Slots extends HeapScene {
        private final long[] handles = new long[2000];
        private SlotPool slots;
        private int put;

        @Override
        void begin() {
            super.begin();
            slots = SlotPool.create(pool);
        }

        @Override
        void act() {
            while (put < handles.length) {
                long handle = put % 10 == 0 ? slots.putUtf8("the value number " + put) : slots.putInt(put);
                handles[put++] = handle;
            }
            slots.newRegion().putLong(1);
        }

        @Override
        void verify(boolean done) throws Exception {
            super.verify(done);
            while (put < handles.length) {
                handles[put] = put % 10 == 0 ? slots.putUtf8("the value number " + put) : slots.putInt(put);
                put++;
            }
            for (int i = 0; i < handles.length; i++) {
                require(i % 10 == 0 ? slots.getUtf8(handles[i]).equals("the value number " + i)
                        : slots.getInt(handles[i]) == i, "a value is another's");
                slots.remove(handles[i]);
            }
            slots.close();
        }
    }

    /** Frames end in order, also after one that could not begin. */
    private static final class Frames extends HeapScene {
        private StackAllocator stack;
        private StackAllocator.Frame outer;

        @Override
        void begin() {
            super.begin();
            stack = StackAllocator.builder().pool(pool).build();
            outer = stack.push();
            outer.allocateRef(16);
        }

        @Override
        void act() {
            nest(80);
        }

        /** It ends with those above it whose own close has run out of heap, and says so. */
        private void closeOuter() {
            try {
                outer.close();
            } catch (IllegalStateException e) {
                require(e.getMessage().contains("NOT_TOP"), e.toString());
            }
        }

        private void nest(int depth) {
            try (StackAllocator.Frame frame = stack.push()) {
                frame.allocateRef(16);
                if (depth % 10 == 0) {
                    frame.allocate(16);
                }
                if (depth > 1) {
                    nest(depth - 1);
                }
            }
        }

        @Override
        void verify(boolean done) throws Exception {
            super.verify(done);
            if (done) {
                outer.close();
            } else {
                closeOuter();
            }
            require(stack.depth() == 0, "depth=" + stack.depth());
            nest(3);
            stack.close();
        }
    }

    /** Arenas that were borrowed have one borrower each. */
    private static final class Recycler extends HeapScene {
        private ArenaRecycler recycler;
        private final List<NativeArena> borrowed = new ArrayList<>(10);

        @Override
        void begin() {
            super.begin();
            recycler = ArenaRecycler.create(pool);
            recycler.borrow().close();
        }

        @Override
        void act() {
            for (int i = 0; i < 4; i++) {
                NativeArena one = recycler.borrow();
                borrowed.add(one);
                one.allocate(16);
            }
            borrowed.get(0).close();
        }

        @Override
        void verify(boolean done) throws Exception {
            super.verify(done);
            borrowed.add(recycler.borrow());
            borrowed.add(recycler.borrow());
            borrowed.removeIf(NativeArena::isClosed);
            long distinct = borrowed.stream().mapToLong(NativeArena::nativeHandle).distinct().count();
            require(distinct == borrowed.size(), "an arena has two borrowers");
            borrowed.forEach(NativeArena::close);
            recycler.close();
        }
    }

    private static final class Units extends HeapScene {
        private Lifetimes lifetimes;
        private long known;

        @Override
        void begin() {
            super.begin();
            lifetimes = Lifetimes.create();
            known = lifetimes.intern("known");
        }

        @Override
        void act() {
            lifetimes.allocate(Lifetime.UNIT, 100).put(0, (byte) 1);
            ByteBuffer block = lifetimes.allocate(Lifetime.UNKNOWN, 100);
            lifetimes.free(block);
            lifetimes.intern("other");
            lifetimes.endUnit();
        }

        @Override
        void verify(boolean done) throws Exception {
            super.verify(done);
            require(lifetimes.intern("known") == known && lifetimes.text(known).equals("known"), "another text");
            lifetimes.endUnit();
            requireOk(lifetimes.check(), "lifetimes");
            lifetimes.close();
        }
    }
}
