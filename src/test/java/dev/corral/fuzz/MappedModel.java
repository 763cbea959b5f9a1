// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.MappedArena;
import dev.corral.ViewSafety;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** A {@link MappedArena}: what was sealed, read through references and views, right and wrong ones. */
final class MappedModel extends StructureModel {
    private static final int NODES = 500;
    private static final int SIZE = 24;

    private final MappedArena mapped;
    private final long seed;
    private ByteBuffer view;

    MappedModel(Random random, boolean writesWhereItMayNot) throws IOException {
        super(random, writesWhereItMayNot);
        this.seed = random.nextLong();
        Path file = Files.createTempFile("corral-fuzz-", ".sealed");
        try {
            seal(file);
            this.mapped = MappedArena.open(file);
        } finally {
            Files.delete(file); // which changes nothing for a reader
        }
    }

    private void seal(Path file) {
        try (MappedArena.Builder builder = MappedArena.builder(file)) {
            long next = 0;
            for (int i = 0; i < NODES; i++) {
                long node = builder.arena().allocateRef(SIZE + random.nextInt(100));
                builder.arena().putLong(node, 0, next);
                builder.arena().putLong(node, 8, seed + i);
                next = node;
            }
            builder.root(next).tag(seed).seal();
        }
    }

    private long node(int steps) {
        long at = mapped.root();
        for (int i = 0; i < steps; i++) {
            at = mapped.getLong(at, 0);
        }
        return at;
    }

    @Override
    void useRightly() {
        int steps = random.nextInt(NODES);
        long node = node(steps);
        long expected = seed + NODES - 1 - steps;
        view = mapped.view(node, SIZE);
        if (mapped.tag() != seed || mapped.getLong(node, 8) != expected || view.getLong(8) != expected) {
            throw new AssertionError("a node of a sealed file has changed: " + mapped); // nobody can write there
        }
    }

    @Override
    void misuse() {
        long wild = random.nextBoolean() ? random.nextLong() : mapped.root() + (1L << random.nextInt(64));
        Misuse.tolerateRefusal(() -> mapped.getLong(wild, random.nextInt()));
        Misuse.tolerateRefusal(() -> mapped.getUtf8(wild, 0, random.nextInt(1000)));
        Misuse.tolerateRefusal(() -> mapped.copyOut(wild, 0, new byte[64], 0, random.nextInt(100)));
        Misuse.tolerateRefusal(() -> mapped.view(wild, random.nextInt(1 << random.nextInt(31))).get(0));
        Misuse.expectRefusal(() -> mapped.getLong(0, 0), "the null reference");
        if (view != null && !view.isReadOnly()) {
            throw new AssertionError("a view of a sealed file can be written to");
        }
    }

    @Override
    boolean isClosed() {
        return mapped.isClosed();
    }

    @Override
    void close() {
        mapped.close();
    }

    @Override
    void useClosed() {
        Misuse.expectRefusal(() -> mapped.getLong(mapped.root(), 0), "a read of a closed file");
        Misuse.expectRefusal(() -> mapped.view(1, 1), "a view of a closed file");
        if (view != null && mapped.viewSafety() == ViewSafety.CHECKED) {
            Misuse.expectRefusal(() -> view.get(0), "a stale view of a closed file");
        } else if (view != null) {
            view.getLong(8);
        }
        mapped.close(); // does nothing
    }
}
