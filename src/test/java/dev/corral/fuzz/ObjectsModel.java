// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.ObjectPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** An {@link ObjectPool}: every object is its acquirer's alone until it is released. */
final class ObjectsModel extends StructureModel {
    private record Held(long ref, int number) {
    }

    private final ObjectPool objects;
    private final int size;
    private final List<Held> held = new ArrayList<>();
    private int numbers;
    private long released;

    ObjectsModel(MemoryPool pool, NativeArena parent, Random random, boolean writesWhereItMayNot) {
        super(random, writesWhereItMayNot);
        this.size = 4 + random.nextInt(300);
        ObjectPool.Builder builder = ObjectPool.builder(size).zeroed(random.nextBoolean()).largestBlock(65_536);
        this.objects = (parent == null ? builder.pool(pool) : builder.parent(parent)).build();
    }

    @Override
    void useRightly() throws Exception {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> make(() -> acquire(1 + random.nextInt(200)));
            case 3, 4 -> make(() -> release(random.nextInt(100)));
            case 5 -> {
                make(() -> require(count() == held.size(), "a walk meets " + count() + " of " + held.size()));
                make(objects::check);
            }
            case 6 -> objects.trim(random.nextInt(100_000));
            default -> {
                if (random.nextInt(10) == 0) {
                    objects.clear();
                    held.clear();
                }
            }
        }
        verify();
    }

    private void acquire(int count) {
        for (int i = 0; i < count; i++) {
            Held one = new Held(objects.acquire(), numbers++);
            objects.arena().putInt(one.ref, 0, one.number);
            objects.arena().putByte(one.ref, size - 1, (byte) (one.number >> 24)); // the first one's, if they overlap
            held.add(one);
        }
    }

    private void release(int count) {
        for (int i = 0; i < count && !held.isEmpty(); i++) {
            released = held.remove(random.nextInt(held.size())).ref;
            objects.release(released);
        }
    }

    private long count() {
        long[] count = new long[1];
        objects.forEach(ref -> count[0]++);
        return count[0];
    }

    private void verify() {
        for (int i = 0; i < 10 && !held.isEmpty(); i++) {
            Held one = any(held);
            require(objects.arena().getInt(one.ref, 0) == one.number, "an object has changed");
            require(writesWhereItMayNot || objects.isLive(one.ref), "an object is not live");
        }
    }

    @Override
    void misuse() {
        if (held.stream().noneMatch(one -> one.ref == released)) {
            Misuse.expectRefusal(() -> objects.release(released), "a second release");
        }
        Misuse.expectRefusal(() -> objects.release(0), "the release of null");
        long wild = held.isEmpty() ? random.nextLong() : any(held).ref + (1L << random.nextInt(64));
        if (held.stream().noneMatch(one -> one.ref == wild)) {
            Misuse.expectRefusal(() -> objects.release(wild), "the release of what is no object");
            objects.isLive(wild);
            Misuse.tolerateRefusal(() -> objects.next(wild));
        }
    }

    @Override
    boolean isClosed() {
        return objects.isClosed();
    }

    @Override
    void close() {
        objects.close();
    }

    @Override
    void useClosed() {
        Misuse.expectRefusal(objects::acquire, "acquire of a closed pool of objects");
        Misuse.expectRefusal(() -> objects.release(released), "release to a closed pool of objects");
        Misuse.expectRefusal(objects::clear, "clear of a closed pool of objects");
        objects.close(); // does nothing
    }
}
