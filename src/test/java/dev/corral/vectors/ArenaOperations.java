// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.NativeArena;
import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ConfigFields;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.Status;
import dev.corral.vectors.Run.Variant;
import dev.corral.vectors.Things.Arena;
import dev.corral.vectors.Things.Block;
import dev.corral.vectors.Things.Pool;
import java.nio.ByteBuffer;

/** What the grammar's verbs do with arenas: the public API where it can say the same, else the native methods. */
final class ArenaOperations {
    private final Run run;

    ArenaOperations(Run run) {
        this.run = run;
    }

    // --- life

    Outcome create(Line line) {
        String name = Run.word(line).text();
        Word poolName = line.option("pool");
        NativeArena.Builder builder = NativeArena.builder().name(name);
        Arena parent = FamilyOperations.configure(run, line, builder);
        if (poolName == null && parent == null) {
            throw new VectorFailure("pool= or parent= is missing");
        }
        Pool pool = poolName == null ? parent.pool : run.pool(poolName.text());
        Word fixed = line.option("fixed");
        Word initial = line.option("initial");
        Word maximum = line.option("max");
        Word alignment = line.option("align");
        boolean zeroed = run.option(line, "zeroed", 0) != 0;
        boolean debug = run.option(line, "debug", 0) != 0;
        boolean observed = run.option(line, "observe", 0) != 0;
        Run.ready(line);
        if (pool.pool == null) {
            throw new Refused((int) -ArenaNatives.create(pool.handle, ConfigFields.of(4096, 65536, 16, false), null));
        }
        builder.pool(pool.pool).zeroed(zeroed).debug(debug);
        if (fixed != null) {
            builder.fixedSize(run.number(fixed.text()));
        }
        if (initial != null) {
            builder.initialChunkSize(run.number(initial.text()));
        }
        if (maximum != null) {
            builder.maxChunkSize(run.number(maximum.text()));
        }
        if (alignment != null) {
            builder.alignment((int) run.number(alignment.text()));
        }
        ObserverOperations.Recorder recorder = observed ? new ObserverOperations.Recorder() : null;
        if (observed) {
            builder.observer(recorder);
        }
        NativeArena arena = builder.build();
        Arena made = new Arena(arena, pool, arena.nativeHandle());
        made.parent = parent;
        made.zeroed = zeroed || parent != null && parent.zeroed;
        made.recorder = recorder;
        run.bind(name, made);
        return Outcome.NOTHING;
    }

    Outcome reset(Line line) {
        Arena arena = run.arena(line);
        Run.ready(line);
        run.endFamily(arena, false);
        run.end(arena);
        if (arena.arena == null) {
            throw new Refused(ArenaNatives.reset(arena.handle));
        }
        arena.arena.reset();
        return Outcome.NOTHING;
    }

    Outcome clear(Line line) {
        Arena arena = run.arena(line);
        Run.ready(line);
        run.endFamily(arena, false);
        run.end(arena);
        if (arena.arena == null) {
            throw new Refused(ArenaNatives.clear(arena.handle));
        }
        arena.arena.clear();
        return Outcome.NOTHING;
    }

    /** Closing twice does nothing in Java; that C refuses it is asked of the native method. */
    Outcome destroy(Line line) {
        Arena arena = run.arena(line);
        Run.ready(line);
        boolean live = arena.live;
        if (arena.arena != null) {
            run.endFamily(arena, true); // also when it is damaged
            arena.arena.close();
        }
        if (!live) {
            throw new Refused(ArenaNatives.destroy(arena.handle));
        }
        return Outcome.NOTHING;
    }

    // --- blocks

    static boolean isInt(long unsigned) {
        return 0 <= unsigned && unsigned <= Integer.MAX_VALUE;
    }

    /** A block of an arena by reference; {@code alignment} null: the default. */
    Block byRef(Arena arena, long size, Long alignment) {
        long ref;
        if (arena.arena != null && isInt(size) && (alignment == null || isInt(alignment))) {
            ref = alignment == null ? arena.arena.allocateRef((int) size)
                    : arena.arena.allocateRef((int) size, alignment.intValue());
        } else {
            ref = ArenaNatives.allocate(arena.handle, size, alignment == null ? 1 : alignment);
            if (ref == 0) {
                throw new Refused(Run.lastStatus(arena));
            }
        }
        Block block = new Block(arena, size, arena.arena.view(ref, (int) size));
        block.ref = ref;
        block.address = ArenaNatives.resolve(arena.handle, ref);
        return block;
    }

    private static Block asView(Arena arena, long size, Long alignment) {
        ByteBuffer view = alignment == null ? arena.arena.allocate((int) size)
                : arena.arena.allocate((int) size, alignment.intValue());
        return new Block(arena, size, view);
    }

    /** A view does not tell its reference: where the line names the block, it has to state the place as well. */
    private static boolean needsReference(Line line) {
        boolean named = false;
        boolean placed = false;
        for (Word word : line.words.subList(line.arrow, line.words.size())) {
            named |= Character.isLowerCase(word.text().charAt(0));
            placed |= word.text().startsWith("@");
        }
        return named && !placed;
    }

    Outcome allocate(Line line) {
        Arena arena = run.arena(line);
        long size = run.number(line);
        Word option = line.option("align");
        boolean keep = run.option(line, "keep", 0) != 0;
        Run.ready(line);
        Long alignment = option == null ? null : Long.valueOf(run.number(option.text()));
        boolean expressible = arena.arena != null && isInt(size) && (alignment == null || isInt(alignment));
        boolean byRef = run.variant == Variant.REFS || !expressible || needsReference(line);
        Block block = byRef ? byRef(arena, size, alignment) : asView(arena, size, alignment);
        block.keepBytes = keep;
        return Outcome.made(block);
    }

    Outcome allocateRef(Line line) {
        Arena arena = run.arena(line);
        long size = run.number(line);
        Word option = line.option("align");
        Run.ready(line);
        return Outcome.made(byRef(arena, size, option == null ? null : Long.valueOf(run.number(option.text()))));
    }

    /** The product, or the largest unsigned number where it does not fit. */
    static long product(long count, long size) {
        return count == 0 || Long.compareUnsigned(size, Long.divideUnsigned(-1, count)) <= 0 ? count * size : -1;
    }

    Outcome allocateZeroed(Line line) {
        Arena arena = run.arena(line);
        long size = product(run.number(line), run.number(line));
        Run.ready(line);
        if (arena.arena == null || !isInt(size)) {
            return Outcome.made(byRef(arena, size, null));
        }
        Block block = new Block(arena, size, arena.arena.allocateZeroed((int) size));
        for (byte value : block.bytes()) {
            if (value != 0) {
                throw new VectorFailure("zeroed memory holds " + value);
            }
        }
        block.keepBytes = true;
        return Outcome.made(block);
    }

    // --- references

    Outcome ref(Line line) {
        Arena arena = run.arena(line);
        Block target = run.pointer(line);
        Run.ready(line);
        if (arena.arena != null) {
            arena.arena.stats(); // throws when the arena is closed
        }
        long address = run.address(target);
        long ref = ArenaNatives.ref(arena.handle, address);
        if (ref == 0) {
            throw new Refused(Run.lastStatus(arena));
        }
        Block found = new Block(arena, target.size, null);
        found.ref = ref;
        found.address = address;
        return Outcome.found(found);
    }

    /** C's answer; that Java refuses a reference of another generation as well is asked of the public method. */
    Outcome resolve(Line line) {
        Arena arena = run.arena(line);
        long ref = run.ref(line, arena);
        Run.ready(line);
        long address = ArenaNatives.resolve(arena.handle, ref);
        if (arena.live && ref >>> ControlBlock.REF_GENERATION_SHIFT
                != Run.control(arena).getInt(ControlBlock.GENERATION)) {
            try {
                arena.arena.view(ref, 1);
                throw new VectorFailure("a view of a stale reference was made: 0x" + Long.toHexString(ref));
            } catch (IllegalStateException expected) {
                // as it should be
            }
        }
        if (address == 0) {
            throw new Refused(Run.lastStatus(arena));
        }
        Block found = new Block(arena, 0, null);
        found.ref = ref;
        found.address = address;
        return Outcome.found(found);
    }

    /** What Java says of a reference that is stale, null or out of range. */
    private static RuntimeException refusedReference(Arena arena, RuntimeException failure) {
        boolean refused = failure instanceof IllegalStateException || failure instanceof IndexOutOfBoundsException;
        return refused && arena.live ? new Refused(Status.STALE_REF) : failure;
    }

    Outcome put(Line line) {
        Arena arena = run.arena(line);
        long ref = run.ref(line, arena);
        String type = Run.word(line).text();
        int offset = (int) run.number(line);
        String value = Run.word(line).text();
        Run.ready(line);
        try {
            switch (type) {
                case "byte" -> arena.arena.putByte(ref, offset, Byte.parseByte(value));
                case "short" -> arena.arena.putShort(ref, offset, Short.parseShort(value));
                case "int" -> arena.arena.putInt(ref, offset, Integer.parseInt(value));
                case "long" -> arena.arena.putLong(ref, offset, Long.parseLong(value));
                case "float" -> arena.arena.putFloat(ref, offset, Float.parseFloat(value));
                case "double" -> arena.arena.putDouble(ref, offset, Double.parseDouble(value));
                case "ref" -> arena.arena.putLong(ref, offset, run.ref(value, arena));
                default -> throw new VectorFailure("unknown type: " + type);
            }
        } catch (IllegalStateException | IndexOutOfBoundsException e) {
            throw refusedReference(arena, e);
        }
        run.written(ref + offset, 1);
        return Outcome.NOTHING;
    }

    private boolean holds(Arena arena, long ref, String type, int offset, String value) {
        return switch (type) {
            case "byte" -> arena.arena.getByte(ref, offset) == Byte.parseByte(value);
            case "short" -> arena.arena.getShort(ref, offset) == Short.parseShort(value);
            case "int" -> arena.arena.getInt(ref, offset) == Integer.parseInt(value);
            case "long" -> arena.arena.getLong(ref, offset) == Long.parseLong(value);
            case "float" -> arena.arena.getFloat(ref, offset) == Float.parseFloat(value);
            case "double" -> arena.arena.getDouble(ref, offset) == Double.parseDouble(value);
            case "ref" -> arena.arena.getLong(ref, offset) == run.ref(value, arena);
            default -> throw new VectorFailure("unknown type: " + type);
        };
    }

    Outcome get(Line line) {
        Arena arena = run.arena(line);
        long ref = run.ref(line, arena);
        String type = Run.word(line).text();
        int offset = (int) run.number(line);
        Run.ready(line);
        boolean refused = line.arrow < line.words.size() && line.words.get(line.arrow).text().startsWith("!");
        Word expected = refused ? null : line.result();
        try {
            String value = expected == null ? type.equals("ref") ? "null" : "0" : expected.text();
            if (!holds(arena, ref, type, offset, value) && !refused) {
                throw new VectorFailure(type + ": expected " + expected);
            }
        } catch (IllegalStateException | IndexOutOfBoundsException e) {
            throw refusedReference(arena, e);
        }
        return Outcome.NOTHING;
    }
}
