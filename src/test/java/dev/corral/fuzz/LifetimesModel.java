// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.Lifetime;
import dev.corral.LifetimePolicy;
import dev.corral.Lifetimes;
import dev.corral.MemoryPool;
import dev.corral.internal.LifetimesNatives;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** {@link Lifetimes}: what lives longer than a unit keeps its bytes, and one text has one reference. */
final class LifetimesModel extends StructureModel {
    private record Block(ByteBuffer bytes, int number) {
    }

    private final Lifetimes lifetimes;
    private final List<Block> ofProcess = new ArrayList<>();
    private final List<Block> ofUnit = new ArrayList<>();
    private final List<Block> single = new ArrayList<>();
    private final Map<String, Long> interned = new HashMap<>();
    private ByteBuffer freed;
    private ByteBuffer stale;
    private int numbers;

    LifetimesModel(Random random, boolean writesWhereItMayNot) {
        super(random, writesWhereItMayNot);
        LifetimePolicy policy = LifetimePolicy.builder().known("node", Lifetime.UNIT).unknown("buffer").build();
        this.lifetimes = Lifetimes.builder().policy(policy).pool(MemoryPool.builder().retain(0)
                .debug(!writesWhereItMayNot && random.nextBoolean())).build();
    }

    @Override
    void useRightly() {
        int size = 4 + random.nextInt(random.nextInt(10) == 0 ? 100_000 : 200);
        switch (random.nextInt(8)) {
            case 0 -> add(ofProcess, lifetimes.allocate(Lifetime.PROCESS, size));
            case 1 -> add(ofUnit, lifetimes.allocate(Lifetime.UNIT, size));
            case 2 -> add(ofUnit, lifetimes.allocate("node", size));
            case 3 -> add(single, lifetimes.allocate("buffer", size));
            case 4 -> free();
            case 5, 6 -> intern();
            default -> {
                lifetimes.endUnit();
                stale = ofUnit.isEmpty() ? stale : any(ofUnit).bytes;
                ofUnit.clear();
                require(lifetimes.report().length() > 10, "no report");
            }
        }
        for (List<Block> blocks : List.of(ofProcess, ofUnit, single)) {
            blocks.forEach(block -> require(block.bytes.getInt(0) == block.number, "a block has changed"));
        }
    }

    private void add(List<Block> blocks, ByteBuffer bytes) {
        bytes.putInt(0, numbers);
        blocks.add(new Block(bytes, numbers++));
    }

    private void free() {
        if (!single.isEmpty()) {
            freed = single.remove(random.nextInt(single.size())).bytes;
            lifetimes.free(freed);
        }
    }

    private void intern() {
        String text = "text " + random.nextInt(200) + " \u20ac";
        long ref = random.nextInt(4) != 0 ? lifetimes.intern(text)
                : LifetimesNatives.intern(lifetimes.nativeHandle(), text.getBytes(StandardCharsets.UTF_8));
        Long before = interned.putIfAbsent(text, ref);
        require(before == null || before == ref, "a text has two references");
        require(writesWhereItMayNot || lifetimes.text(ref).equals(text), "another text");
    }

    @Override
    void misuse() {
        if (freed != null) {
            Misuse.expectRefusal(() -> lifetimes.free(freed), "a second free");
        }
        if (!ofUnit.isEmpty()) {
            Misuse.expectRefusal(() -> lifetimes.free(any(ofUnit).bytes), "the free of a unit's block");
        }
        if (stale != null) {
            Misuse.tolerateRefusal(() -> stale.get(0));
            if (writesWhereItMayNot) {
                Misuse.tolerateRefusal(() -> stale.put(0, (byte) 3));
            }
        }
        Misuse.expectRefusal(() -> lifetimes.allocate("nothing known", 8), "a kind that is not there");
        Misuse.tolerateRefusal(() -> lifetimes.text(random.nextLong()));
        if (random.nextInt(50) == 0) {
            destroyInC();
        }
    }

    /** C code that destroys what is Java's: nothing is left but to close it. */
    private void destroyInC() {
        LifetimesNatives.destroy(lifetimes.nativeHandle());
        interned.keySet().forEach(text -> Misuse.expectRefusal(() -> lifetimes.intern(text), "a text of nobody's"));
        Misuse.expectRefusal(() -> lifetimes.allocate("node", 8), "an allocation for nobody");
        Misuse.expectRefusal(lifetimes::stats, "statistics of nobody");
        Misuse.expectRefusal(lifetimes::nativeHandle, "the handle of nobody");
        single.forEach(block -> lifetimes.pool().free(block.bytes));
        single.clear();
        lifetimes.close();
    }

    @Override
    boolean isClosed() {
        return lifetimes.isClosed();
    }

    @Override
    void close() {
        single.forEach(block -> lifetimes.free(block.bytes)); // a debug pool would tell of them
        single.clear();
        lifetimes.close();
    }

    @Override
    void useClosed() {
        Misuse.expectRefusal(() -> lifetimes.allocate(Lifetime.UNIT, 8), "an allocation after the end");
        Misuse.expectRefusal(() -> lifetimes.intern("text"), "a text after the end");
        Misuse.expectRefusal(lifetimes::endUnit, "the end of a unit after the end");
        lifetimes.close(); // does nothing
    }
}
