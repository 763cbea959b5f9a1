// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.PoolFields;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.Status;
import dev.corral.vectors.Things.Arena;
import dev.corral.vectors.Things.Block;
import dev.corral.vectors.Things.Pool;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One run of one vector: its names, its blocks and their bytes, and the arguments of its operations. */
final class Run implements AutoCloseable {
    /** Which of the two ways to allocate {@code alloc} stands for. */
    enum Variant {
        /** {@code allocateRef(size)}; blocks of pools by {@code PoolNatives}. */
        REFS,
        /** {@code allocate(size)}; blocks of pools by {@code MemoryPool.allocate(size)}. */
        VIEWS
    }

    private static final int FOREIGN_BYTES = 4096;

    final Variant variant;
    final Map<String, Object> names = new HashMap<>();
    final List<Block> watched = new ArrayList<>();
    /** Operations of which Java has no counterpart, so that the runner only keeps count. */
    int emulated;
    private final long foreignPool;
    private final long foreign;
    private int made;
    /** What a debug arena has reported last. */
    String report = "";

    Run(Variant variant) {
        this.variant = variant;
        foreignPool = PoolNatives.create(PoolFields.of(-1, -1), null);
        foreign = PoolNatives.allocate(foreignPool, FOREIGN_BYTES);
        foreignMemory().put(new byte[FOREIGN_BYTES]);
    }

    private ByteBuffer foreignMemory() {
        return PoolNatives.wrap(foreign, FOREIGN_BYTES);
    }

    /** Memory of nobody, in which no marker stands. */
    long foreign() {
        return foreign;
    }

    void verifyForeign() {
        for (ByteBuffer memory = foreignMemory(); memory.hasRemaining();) {
            if (memory.get() != 0) {
                throw new VectorFailure("memory that belongs to no arena was written to");
            }
        }
    }

    @Override
    public void close() {
        PoolNatives.destroy(foreignPool);
    }

    // --- names and arguments

    void bind(String name, Object thing) {
        Object older = names.get(name);
        boolean inUse = older instanceof Arena arena && arena.live || older instanceof Pool pool && pool.live;
        if (inUse || name.equals("null") || name.equals("foreign")) {
            throw new VectorFailure("cannot be a name, or is in use: " + name);
        }
        names.put(name, thing);
    }

    static Word word(Line line) {
        Word word = line.next();
        if (word == null) {
            throw new VectorFailure("an argument is missing");
        }
        return word;
    }

    <T> T named(String name, Class<T> type) {
        Object thing = names.get(name);
        if (!type.isInstance(thing)) {
            throw new VectorFailure("not what this operation works on: " + name);
        }
        return type.cast(thing);
    }

    /** The address of {@code null} or {@code foreign}; -1 for any other text. */
    private long reserved(String text) {
        return text.equals("null") ? 0 : text.equals("foreign") ? foreign : -1;
    }

    Arena arena(Line line) {
        String text = word(line).text();
        long address = reserved(text);
        return address >= 0 ? new Arena(null, null, address) : named(text, Arena.class);
    }

    Pool pool(String text) {
        long address = reserved(text);
        return address >= 0 ? new Pool(null, address) : named(text, Pool.class);
    }

    /** Whether the next argument names a pool. */
    boolean targetsPool(Line line) {
        Word next = line.unused(true);
        return next != null && names.get(next.text()) instanceof Pool;
    }

    /** An address with the block that it lies in: {@code name+N}, {@code null} or {@code foreign}. */
    Block pointer(Line line) {
        String[] parts = word(line).text().split("\\+", 2);
        long address = reserved(parts[0]);
        Block base = address >= 0 ? new Block(null, 0, null) : named(parts[0], Block.class);
        if (parts.length == 1 && address < 0) {
            return base;
        }
        Block moved = new Block(base.owner, base.size, base.view);
        long distance = parts.length == 1 ? 0 : number(parts[1]);
        moved.address = address >= 0 ? address + distance : base.address == 0 ? 0 : base.address + distance;
        moved.ref = base.ref == 0 ? 0 : base.ref + distance;
        return moved;
    }

    long ref(Line line, Arena arena) {
        return ref(word(line).text(), arena);
    }

    /** A reference by name, {@code null}, a number, or {@code @chunk:offset} in the arena's present generation. */
    long ref(String text, Arena arena) {
        if (text.startsWith("@")) {
            return place(text, arena);
        }
        if (text.equals("null") || Character.isDigit(text.charAt(0))) {
            return text.equals("null") ? 0 : number(text);
        }
        String[] parts = text.split("\\+", 2);
        Block block = named(parts[0], Block.class);
        if (block.ref == 0) {
            throw new VectorFailure("no reference is known of " + parts[0] + ": use ref or alloc_ref first");
        }
        return block.ref + (parts.length == 1 ? 0 : number(parts[1]));
    }

    long place(String text, Arena arena) {
        if (!text.matches("@[0-9]{1,7}:[0-9]{1,10}")) {
            throw new VectorFailure("not a place: " + text);
        }
        int colon = text.indexOf(':');
        long chunk = Long.parseLong(text.substring(1, colon));
        long offset = Long.parseLong(text.substring(colon + 1));
        long generation = arena.live ? control(arena).getInt(ControlBlock.GENERATION) : 0;
        return generation << ControlBlock.REF_GENERATION_SHIFT | chunk << ControlBlock.REF_CHUNK_SHIFT | offset;
    }

    /** An unsigned number, or a measured one. */
    long number(String text) {
        if (!Character.isDigit(text.charAt(0))) {
            return named(text, Long.class);
        }
        return text.startsWith("0x") ? Long.parseUnsignedLong(text.substring(2), 16) : Long.parseUnsignedLong(text);
    }

    long number(Line line) {
        return number(word(line).text());
    }

    /** The value of an option; {@code absent} when it is not there. */
    long option(Line line, String key, long absent) {
        Word word = line.option(key);
        return word == null ? absent : number(word.text());
    }

    /** Refuses the line when the operation has left an argument. */
    static void ready(Line line) {
        Word unused = line.unused(true);
        if (unused != null) {
            throw new VectorFailure("not understood: " + unused);
        }
    }

    // --- the control block

    /** The 64 bytes that C and Java share; to be read while the pool lives. */
    static ByteBuffer control(Arena arena) {
        return PoolNatives.wrap(arena.handle, ControlBlock.SIZE).order(ByteOrder.nativeOrder());
    }

    /** What {@code arena_last_status()} would say. */
    static String lastStatus(Arena arena) {
        if (arena.handle == 0 || control(arena).getInt(ControlBlock.MAGIC) != ControlBlock.MAGIC_VALUE) {
            return Status.name(Status.INVALID_ARENA);
        }
        return Status.name(control(arena).getShort(ControlBlock.STATUS));
    }

    // --- blocks and their bytes

    /** The address of a block; what is not known lies in the memory of nobody. */
    long address(Block block) {
        if (block.address == 0 && block.ref != 0 && block.owner instanceof Arena arena) {
            return ArenaNatives.resolve(arena.handle, block.ref);
        }
        return block.address == 0 && block.view != null ? foreign : block.address;
    }

    /** Fills a new block with a byte of its own, and watches it. */
    void adopt(Block block) {
        made++;
        if (!block.keepBytes) {
            verifyZeroed(block);
            fill(block, made % 250 + 1);
        }
        block.copy = block.bytes();
        block.number = made;
        watched.add(block);
    }

    private static void verifyZeroed(Block block) {
        if (block.owner instanceof Arena arena && arena.zeroed) {
            for (byte value : block.bytes()) {
                if (value != 0) {
                    throw new VectorFailure("a block of a zeroed arena holds " + value);
                }
            }
        }
    }

    static void fill(Block block, int value) {
        byte[] bytes = new byte[block.view.capacity()];
        Arrays.fill(bytes, (byte) value);
        block.view.put(0, bytes);
    }

    /** Takes over what the vector has written behind a reference. */
    void written(long ref, int bytes) {
        for (Block block : watched) {
            if (block.ref != 0 && block.ref <= ref && ref + bytes <= block.ref + block.size) {
                block.copy = block.bytes();
            }
        }
    }

    /** Compares the blocks of {@code owner}, or all for null. */
    void verify(Object owner) {
        for (Block block : watched) {
            if ((owner == null || block.owner == owner) && !Arrays.equals(block.copy, block.bytes())) {
                throw new VectorFailure("a block of " + block.size + " bytes was changed at byte "
                        + Arrays.mismatch(block.copy, block.bytes()));
            }
        }
    }

    /** Blocks made so far. */
    int made() {
        return made;
    }

    /** Forgets the blocks of {@code owner} that were made after the first {@code kept} of the run. */
    void forgetSince(Object owner, int kept) {
        watched.removeIf(block -> block.owner == owner && block.number > kept);
    }

    /** Compares and forgets the blocks of the live arenas below this one, whose names stay for wrong use. */
    void endFamily(Arena top, boolean itself) {
        for (Object thing : List.copyOf(names.values())) {
            if (thing instanceof Arena arena && arena.live && (isBelow(arena, top) || itself && arena == top)) {
                end(arena);
                arena.live = false;
            }
        }
    }

    private static boolean isBelow(Arena arena, Arena top) {
        Arena above = arena.parent;
        while (above != null && above != top) {
            above = above.parent;
        }
        return above != null;
    }

    /** Compares and forgets. */
    void end(Object owner) {
        verify(owner);
        watched.removeIf(block -> block.owner == owner);
    }
}
