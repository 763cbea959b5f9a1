// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.SlotPool;
import dev.corral.SlotPoolStats;
import dev.corral.SlotRegion;
import dev.corral.SlotRegions;
import dev.corral.internal.SlotNatives;
import dev.corral.internal.Status;
import dev.corral.vectors.Things.Arena;
import dev.corral.vectors.Things.Pool;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** Slot pools, their regions and values. Handles and regions are numbers. */
final class SlotOperations {
    private static final int VALUE_MAX = 1 << 30;
    private static final Map<String, Function<SlotPoolStats, Long>> FIELDS = fields();

    private final Run run;

    /**
     * A slot pool; {@code slots} is null for {@code null} and {@code foreign}, which only native methods take.
     *
     * @param regions by their numbers in vectors, which are C's
     */
    private record Slots(SlotPool slots, long handle, Map<Long, SlotRegion> regions) {
    }

    /** A value as the grammar writes it. */
    private record Value(String type, Word word) {
        int size(Run run) {
            return type.equals("bytes") ? (int) run.number(word.text()) : bytes(run).length;
        }

        byte[] bytes(Run run) {
            byte[] bytes = type.equals("bytes") ? new byte[size(run)] : word.bytes;
            for (int i = 0; type.equals("bytes") && i < bytes.length; i++) {
                bytes[i] = (byte) (bytes.length + i);
            }
            return bytes;
        }

        long whole() {
            return Long.decode(word.text());
        }

        double real() {
            return Double.parseDouble(word.text());
        }
    }

    SlotOperations(Run run) {
        this.run = run;
    }

    private static Map<String, Function<SlotPoolStats, Long>> fields() {
        Map<String, Function<SlotPoolStats, Long>> fields = new HashMap<>();
        fields.put("live", SlotPoolStats::live);
        fields.put("peak", SlotPoolStats::peak);
        fields.put("inline_live", SlotPoolStats::inlineLive);
        fields.put("large_live", SlotPoolStats::largeLive);
        fields.put("large_bytes", SlotPoolStats::largeBytes);
        fields.put("chunk_bytes", SlotPoolStats::chunkBytes);
        fields.put("free_bytes", SlotPoolStats::freeBytes);
        fields.put("large_puts", SlotPoolStats::largePuts);
        fields.put("reused", SlotPoolStats::reused);
        fields.put("arena_bytes", SlotPoolStats::arenaBytes);
        fields.put("slot_blocks", SlotPoolStats::slotBlocks);
        fields.put("free_blocks", SlotPoolStats::freeBlocks);
        fields.put("regions", SlotPoolStats::regions);
        return fields;
    }

    void addTo(Map<String, Function<Line, Outcome>> table) {
        table.put("slots", this::create);
        table.put("end_slots", this::end);
        table.put("region", this::region);
        table.put("end_region", this::endRegion);
        table.put("slot_put", this::put);
        table.put("slot_set", this::set);
        table.put("slot_get", this::get);
        table.put("slot_remove", this::remove);
        table.put("slot_next", this::next);
        table.put("slot_expect", this::expect);
    }

    private Slots slots(Line line) {
        String name = Run.word(line).text();
        if (name.equals("null") || name.equals("foreign")) {
            return new Slots(null, name.equals("null") ? 0 : run.foreign(), null);
        }
        return run.named(name, Slots.class);
    }

    private static Value value(Line line) {
        return new Value(Run.word(line).text(), Run.word(line));
    }

    // --- life

    private Outcome create(Line line) {
        String name = Run.word(line).text();
        Word poolName = line.option("pool");
        Word parentName = line.option("parent");
        SlotPool.Builder builder = SlotPool.builder().name(name);
        Word limit = line.option("limit");
        if (limit != null) {
            builder.limit(run.number(limit.text()));
        }
        Run.ready(line);
        if (poolName != null) {
            Pool pool = run.pool(poolName.text());
            if (pool.pool == null) {
                throw new Refused(Status.INVALID_POOL); // there is no object that could be passed
            }
            builder.pool(pool.pool);
        }
        if (parentName != null) {
            if (parentName.text().equals("null") || parentName.text().equals("foreign")) {
                throw new Refused((int) -SlotNatives.open(parentName.text().equals("null") ? 0 : run.foreign()));
            }
            builder.parent(run.named(parentName.text(), Arena.class).arena);
        }
        SlotPool slots = builder.build();
        run.bind(name, new Slots(slots, slots.nativeHandle(), new HashMap<>()));
        return Outcome.NOTHING;
    }

    /** Closing again does nothing: C's refusal is asked of another native method. */
    private Outcome end(Line line) {
        Slots of = slots(line);
        Run.ready(line);
        if (of.slots == null || of.slots.isClosed()) {
            throw new Refused(SlotNatives.check(of.handle));
        }
        of.slots.close();
        return Outcome.NOTHING;
    }

    private Outcome region(Line line) {
        Slots of = slots(line);
        Run.ready(line);
        if (of.slots == null) {
            throw refused(SlotNatives.createRegion(of.handle), of.handle);
        }
        SlotRegion region = of.slots.newRegion();
        long number = SlotRegions.number(region);
        of.regions.put(number, region);
        return Outcome.of(number);
    }

    private static Refused refused(long made, long handle) {
        return new Refused(made == 0 ? SlotNatives.lastStatus(handle) : Status.OK);
    }

    private Outcome endRegion(Line line) {
        Slots of = slots(line);
        long number = run.number(line);
        Run.ready(line);
        SlotRegion region = of.regions == null ? null : of.regions.get(number);
        if (region == null || region.isClosed()) { // closing again does nothing
            throw new Refused(SlotNatives.destroyRegion(of.handle, number));
        }
        region.close();
        return Outcome.NOTHING;
    }

    // --- values

    private Outcome put(Line line) {
        Slots of = slots(line);
        Value value = value(line);
        long number = run.option(line, "in", 0);
        Run.ready(line);
        SlotRegion region = of.regions == null ? null : of.regions.get(number);
        boolean tooLarge = Integer.compareUnsigned(value.size(run), VALUE_MAX) > 0; // for an array here, too
        if (of.slots == null || tooLarge || number != 0 && region == null) {
            byte[] bytes = tooLarge ? null : value.bytes(run);
            throw refused(SlotNatives.put(of.handle, number, bytes, 0, value.size(run)), of.handle);
        }
        return Outcome.of(region == null ? put(of.slots, value) : put(region, value));
    }

    private long put(SlotPool slots, Value value) {
        return switch (value.type) {
            case "byte" -> slots.putByte((byte) value.whole());
            case "short" -> slots.putShort((short) value.whole());
            case "int" -> slots.putInt((int) value.whole());
            case "long" -> slots.putLong(value.whole());
            case "float" -> slots.putFloat((float) value.real());
            case "double" -> slots.putDouble(value.real());
            case "utf8" -> slots.putUtf8(value.word.text());
            case "bytes" -> slots.putBytes(value.bytes(run));
            default -> throw new VectorFailure("unknown type: " + value.type);
        };
    }

    private long put(SlotRegion region, Value value) {
        return switch (value.type) {
            case "int" -> region.putInt((int) value.whole());
            case "bytes" -> region.putBytes(value.bytes(run));
            default -> throw new VectorFailure("not in a region: " + value.type);
        };
    }

    private Outcome set(Line line) {
        Slots of = slots(line);
        long handle = run.number(line);
        Value value = value(line);
        Run.ready(line);
        boolean tooLarge = Integer.compareUnsigned(value.size(run), VALUE_MAX) > 0;
        if (of.slots == null || tooLarge) {
            byte[] bytes = tooLarge ? null : value.bytes(run);
            throw new Refused(SlotNatives.set(of.handle, handle, bytes, 0, value.size(run)));
        }
        switch (value.type) {
            case "byte" -> of.slots.setByte(handle, (byte) value.whole());
            case "short" -> of.slots.setShort(handle, (short) value.whole());
            case "int" -> of.slots.setInt(handle, (int) value.whole());
            case "long" -> of.slots.setLong(handle, value.whole());
            case "float" -> of.slots.setFloat(handle, (float) value.real());
            case "double" -> of.slots.setDouble(handle, value.real());
            case "utf8" -> of.slots.setUtf8(handle, value.word.text());
            case "bytes" -> of.slots.setBytes(handle, value.bytes(run));
            default -> throw new VectorFailure("unknown type: " + value.type);
        }
        return Outcome.NOTHING;
    }

    private Outcome get(Line line) {
        Slots of = slots(line);
        long handle = run.number(line);
        Value value = value(line);
        Run.ready(line);
        if (of.slots == null) {
            throw new Refused(SlotNatives.read(of.handle, handle, new byte[1], 0, 1));
        }
        if (!holds(of.slots, handle, value)) {
            throw new VectorFailure("the value has other bytes");
        }
        return Outcome.NOTHING;
    }

    private boolean holds(SlotPool slots, long handle, Value value) {
        return switch (value.type) {
            case "byte" -> slots.getByte(handle) == value.whole();
            case "short" -> slots.getShort(handle) == value.whole();
            case "int" -> slots.getInt(handle) == value.whole();
            case "long" -> slots.getLong(handle) == value.whole();
            case "float" -> Float.compare(slots.getFloat(handle), (float) value.real()) == 0;
            case "double" -> Double.compare(slots.getDouble(handle), value.real()) == 0;
            case "utf8" -> slots.getUtf8(handle).equals(value.word.text());
            case "bytes" -> holdsBytes(slots, handle, value.bytes(run));
            default -> throw new VectorFailure("unknown type: " + value.type);
        };
    }

    /** Java has no read of bytes that insists on a size. */
    private static boolean holdsBytes(SlotPool slots, long handle, byte[] expected) {
        if (slots.size(handle) != expected.length) {
            throw new Refused(SlotNatives.read(slots.nativeHandle(), handle, expected, 0, expected.length));
        }
        return Arrays.equals(expected, slots.getBytes(handle));
    }

    private Outcome remove(Line line) {
        Slots of = slots(line);
        long handle = run.number(line);
        Run.ready(line);
        if (of.slots == null) {
            throw new Refused(SlotNatives.remove(of.handle, handle));
        }
        of.slots.remove(handle);
        return Outcome.NOTHING;
    }

    private Outcome next(Line line) {
        Slots of = slots(line);
        long after = run.number(line);
        Word region = line.option("in");
        long in = region == null ? 0 : run.number(region.text());
        Run.ready(line);
        if (region == null) {
            return Outcome.of(of.slots.next(after));
        }
        return Outcome.of(in == 0 ? SlotRegions.nextOfOwn(of.slots, after) : of.regions.get(in).next(after));
    }

    private Outcome expect(Line line) {
        Slots of = slots(line);
        if (of.slots == null) {
            line.anyOption();
            throw new Refused(SlotNatives.stats(of.handle, new long[FIELDS.size()]));
        }
        SlotPoolStats stats = of.slots.stats();
        for (Word word = line.anyOption(); word != null; word = line.anyOption()) {
            if (!FIELDS.containsKey(word.key)) {
                throw new VectorFailure("unknown statistic: " + word);
            }
            long actual = FIELDS.get(word.key).apply(stats);
            if (!StatisticsOperations.holds(word.relation, actual, run.number(word.text()))) {
                throw new VectorFailure("expected " + word + ", actual " + stats);
            }
        }
        Run.ready(line);
        return Outcome.NOTHING;
    }

    // --- around every line

    /** Checks the open ones. */
    void audit() {
        for (Object thing : run.names.values()) {
            boolean open = thing instanceof Slots of && !of.slots.isClosed();
            int status = open ? SlotNatives.check(((Slots) thing).handle) : Status.OK;
            if (status != Status.OK) {
                throw new VectorFailure(thing + ": check says " + Status.name(status));
            }
        }
    }

    /** Before the arenas. */
    void closeAll() {
        for (Object thing : run.names.values()) {
            if (thing instanceof Slots of) {
                of.slots.close();
            }
        }
    }
}
