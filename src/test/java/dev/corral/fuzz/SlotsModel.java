// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.SlotPool;
import dev.corral.SlotRegion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A {@link SlotPool}: every handle names its value until that is removed or its region closed, and none after. */
final class SlotsModel extends StructureModel {
    private static final int ENDED_KEPT = 100;

    /** A value: a number, or bytes. */
    private record Value(long handle, long number, byte[] bytes, SlotRegion region) {
    }

    private final SlotPool slots;
    private final List<Value> values = new ArrayList<>();
    private final List<Long> ended = new ArrayList<>();
    private final List<SlotRegion> regions = new ArrayList<>();

    SlotsModel(MemoryPool pool, NativeArena parent, Random random, boolean writesWhereItMayNot) {
        super(random, writesWhereItMayNot);
        this.slots = (parent == null ? SlotPool.builder().pool(pool) : SlotPool.builder().parent(parent)).build();
    }

    @Override
    void useRightly() {
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> put();
            case 3, 4 -> remove(1 + random.nextInt(30));
            case 5 -> set();
            case 6 -> regions.add(slots.newRegion());
            case 7 -> closeRegion();
            default -> require(slots.stats().live() == values.size(), slots.stats() + " but " + values.size());
        }
        for (int i = 0; i < 10 && !values.isEmpty(); i++) {
            verify(any(values));
        }
    }

    private void put() {
        SlotRegion region = regions.isEmpty() || random.nextBoolean() ? null : any(regions);
        for (int count = random.nextInt(50); count > 0; count--) {
            if (random.nextInt(4) == 0) {
                byte[] bytes = new byte[random.nextInt(random.nextInt(8) == 0 ? 5000 : 40)];
                random.nextBytes(bytes);
                long handle = region == null ? slots.putBytes(bytes) : region.putBytes(bytes);
                values.add(new Value(handle, 0, bytes, region));
            } else {
                long number = random.nextLong();
                long handle = region == null ? slots.putLong(number) : region.putLong(number);
                values.add(new Value(handle, number, null, region));
            }
        }
    }

    private void remove(int count) {
        for (int i = 0; i < count && !values.isEmpty(); i++) {
            Value value = values.remove(random.nextInt(values.size()));
            slots.remove(value.handle);
            end(value);
        }
    }

    private void end(Value value) {
        if (ended.size() == ENDED_KEPT) {
            ended.remove(random.nextInt(ENDED_KEPT));
        }
        ended.add(value.handle);
    }

    private void set() {
        if (values.isEmpty()) {
            return;
        }
        int at = random.nextInt(values.size());
        Value old = values.get(at);
        byte[] bytes = new byte[random.nextInt(60)];
        random.nextBytes(bytes);
        slots.setBytes(old.handle, bytes);
        values.set(at, new Value(old.handle, 0, bytes, old.region));
    }

    private void closeRegion() {
        if (!regions.isEmpty()) {
            SlotRegion region = regions.remove(random.nextInt(regions.size()));
            region.close();
            values.stream().filter(value -> value.region == region).forEach(this::end);
            values.removeIf(value -> value.region == region);
            Misuse.expectRefusal(() -> region.putLong(1), "a put into a closed region");
        }
    }

    private void verify(Value value) {
        if (value.bytes == null) {
            require(slots.getLong(value.handle) == value.number, "a number has changed");
        } else {
            require(Arrays.equals(slots.getBytes(value.handle), value.bytes), "bytes have changed");
        }
    }

    @Override
    void misuse() {
        if (!ended.isEmpty()) {
            long stale = any(ended);
            require(!slots.contains(stale), "a stale handle is good");
            Misuse.expectRefusal(() -> slots.getBytes(stale), "a read by a stale handle");
            Misuse.expectRefusal(() -> slots.setBytes(stale, new byte[20]), "a write by a stale handle");
            Misuse.expectRefusal(() -> slots.remove(stale), "a second removal");
        }
        long wild = values.isEmpty() ? random.nextLong() : any(values).handle ^ 1L << random.nextInt(64);
        Misuse.tolerateRefusal(() -> slots.getLong(wild));
        Misuse.tolerateRefusal(() -> slots.getBytes(wild));
        Misuse.tolerateRefusal(() -> slots.next(wild));
        if (!slots.contains(wild)) {
            Misuse.expectRefusal(() -> slots.remove(wild), "the removal of what is no value");
        }
    }

    @Override
    boolean isClosed() {
        return slots.isClosed();
    }

    @Override
    void close() {
        slots.close();
    }

    @Override
    void useClosed() {
        long handle = ended.isEmpty() ? random.nextLong() : any(ended);
        Misuse.expectRefusal(() -> slots.putLong(1), "a put into closed slots");
        Misuse.expectRefusal(() -> slots.getLong(handle), "a read of closed slots");
        Misuse.expectRefusal(() -> slots.remove(handle), "a removal from closed slots");
        slots.close(); // does nothing
    }
}
