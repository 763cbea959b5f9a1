// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.ArenaExhaustedException;
import dev.corral.ArenaStats;
import dev.corral.MemoryPool;
import dev.corral.Utf8Builder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;

/** The calls that are allowed, each of which may fail for want of memory and change nothing then. */
class ArenaUse extends ArenaModel {
    private Utf8Builder builder;
    private final StringBuilder text = new StringBuilder(); // what is in the builder
    private int textBegun; // `takeBacks` when it was empty

    ArenaUse(MemoryPool pool, ArenaModel parent, Random random, boolean writesWhereItMayNot) {
        super(pool, parent, random, writesWhereItMayNot);
    }

    void allocate() {
        int size = size();
        int number = numbers++;
        try {
            long ref = random.nextBoolean() ? arena.allocateRef(size)
                    : arena.allocateRef(size, 1 << random.nextInt(13));
            requireZero(ref, size);
            Block block = new Block(ref, size, number);
            View view = null;
            if (random.nextBoolean()) {
                view = new View(arena.view(ref, size), block, null);
                views.add(view);
            }
            blocks.add(block);
            fill(block, view);
        } catch (ArenaExhaustedException e) {
            return; // a fixed arena, or a limit: nothing changed
        }
    }

    private int size() {
        return switch (random.nextInt(12)) {
            case 0 -> 0;
            case 1 -> random.nextInt(200_000);
            case 2, 3 -> random.nextInt(5_000);
            default -> random.nextInt(100);
        };
    }

    private void requireZero(long ref, int size) {
        for (int at = 0; zeroed && !writesWhereItMayNot && at < size; at += 41) {
            if (arena.getByte(ref, at) != 0) {
                throw new AssertionError("a zeroed arena's block is not zero: at=" + at + " size=" + size);
            }
        }
    }

    private void fill(Block block, View view) {
        if (random.nextInt(4) == 0) {
            byte[] bytes = new byte[block.size()];
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] = block.at(at);
            }
            arena.copyIn(block.ref(), 0, bytes, 0, bytes.length);
            return;
        }
        for (int at = 0; at < block.size(); at += 37) {
            if (view != null && random.nextBoolean()) {
                view.bytes().put(at, block.at(at));
            } else {
                arena.putByte(block.ref(), at, block.at(at));
            }
        }
    }

    /** Through methods whose block has no reference that we know. */
    void allocateView() {
        String some = "text \u00fc\u20ac " + numbers++;
        try {
            switch (random.nextInt(6)) {
                case 0 -> add(arena.allocateUtf8(some), some);
                case 1 -> add(arena.allocateCString(some), some + "\0");
                case 2 -> add(arena.format("%s %5d", some, 7), String.format(Locale.ROOT, "%s %5d", some, 7));
                case 3 -> {
                    ByteBuffer bytes = arena.allocateZeroed(size());
                    views.add(new View(bytes, null, new byte[bytes.capacity()]));
                }
                default -> {
                    int size = size();
                    write(random.nextBoolean() ? arena.allocate(size) : arena.allocate(size, 1 << random.nextInt(13)));
                }
            }
        } catch (ArenaExhaustedException e) {
            return;
        }
    }

    private void add(ByteBuffer bytes, String expected) {
        byte[] content = expected.getBytes(StandardCharsets.UTF_8);
        if (!writesWhereItMayNot && !bytes.duplicate().equals(ByteBuffer.wrap(content))) {
            throw new AssertionError("not the text: " + expected);
        }
        views.add(new View(bytes, null, content));
    }

    private void write(ByteBuffer bytes) {
        byte[] content = new byte[bytes.capacity()];
        random.nextBytes(content);
        bytes.duplicate().put(content);
        views.add(new View(bytes, null, content));
    }

    void view() {
        if (!blocks.isEmpty()) {
            Block block = any(blocks);
            views.add(new View(arena.view(block.ref(), block.size()), block, null));
        }
    }

    /** A block of {@code allocate} that grows or shrinks: its first bytes are the same. */
    void resize() {
        int at = views.isEmpty() ? 0 : random.nextInt(views.size());
        View old = views.isEmpty() ? null : views.get(at);
        if (old == null || old.content() == null || old.content().length == 0) {
            return;
        }
        try {
            ByteBuffer moved = arena.resize(old.bytes(), size());
            views.set(at, new View(null, null, null));
            byte[] begin = new byte[Math.min(old.content().length, moved.capacity())];
            moved.duplicate().get(begin);
            ByteBuffer expected = ByteBuffer.wrap(old.content(), 0, begin.length);
            if (!writesWhereItMayNot && !expected.equals(ByteBuffer.wrap(begin))) {
                throw new AssertionError("a block that was resized has other bytes");
            }
            write(moved);
        } catch (ArenaExhaustedException e) {
            return;
        }
    }

    /** Each kind of access by reference, and the bytes as before. */
    void access() {
        Block block = blocks.isEmpty() ? null : any(blocks);
        if (block == null || block.size() < Long.BYTES) {
            return;
        }
        int at = random.nextInt(block.size() - Long.BYTES + 1);
        byte[] before = new byte[Long.BYTES];
        arena.copyOut(block.ref(), at, before, 0, before.length);
        long value = random.nextLong();
        long found = switch (random.nextInt(6)) {
            case 0 -> {
                arena.putShort(block.ref(), at, (short) value);
                yield arena.getShort(block.ref(), at) - (short) value;
            }
            case 1 -> {
                arena.putInt(block.ref(), at, (int) value);
                yield arena.getInt(block.ref(), at) - (int) value;
            }
            case 2 -> {
                arena.putFloat(block.ref(), at, value);
                yield Float.compare(arena.getFloat(block.ref(), at), value);
            }
            case 3 -> {
                arena.putDouble(block.ref(), at, value);
                yield Double.compare(arena.getDouble(block.ref(), at), value);
            }
            default -> {
                arena.putLong(block.ref(), at, value);
                yield arena.getLong(block.ref(), at) - value;
            }
        };
        arena.copyIn(block.ref(), at, before, 0, before.length);
        if (found != 0 && !writesWhereItMayNot) {
            throw new AssertionError("what was written is not what is read");
        }
    }

    /** Text that grows over many calls; a take-back in between may have ended it. */
    void build() {
        if (builder == null) {
            builder = arena.utf8Builder();
        }
        if (text.length() == 0) {
            textBegun = takeBacks;
        }
        try {
            switch (random.nextInt(8)) {
                case 0 -> finish();
                case 1 -> discard();
                case 2 -> {
                    builder.append(numbers).append(numbers % 2 == 0);
                    text.append(numbers).append(numbers % 2 == 0);
                }
                case 3 -> {
                    builder.append("long \u20ac ".repeat(40), 1, 200);
                    text.append("long \u20ac ".repeat(40), 1, 200);
                }
                default -> {
                    char c = (char) ('a' + random.nextInt(random.nextBoolean() ? 20 : 20_000));
                    builder.append(c);
                    text.append(c);
                }
            }
        } catch (ArenaExhaustedException e) {
            discard();
        } catch (IllegalStateException e) {
            if (textBegun == takeBacks) {
                throw new AssertionError("a text is refused that nobody has taken back", e);
            }
            discard();
        }
    }

    private void finish() {
        String expected = text.toString();
        boolean asView = text.length() == 0 || random.nextBoolean();
        add(asView ? builder.finish() : arena.view(builder.finishRef(), length(expected)), expected);
        text.setLength(0);
    }

    private static int length(String expected) {
        return expected.getBytes(StandardCharsets.UTF_8).length;
    }

    private void discard() {
        builder.discard();
        text.setLength(0);
    }

    /** What changes nothing that we know of. */
    void look() {
        ArenaStats stats = arena.stats();
        if (stats.used() > stats.allocated() || stats.chunks() < 1) {
            throw new AssertionError(stats.toString());
        }
        switch (random.nextInt(6)) {
            case 0 -> arena.trim(random.nextInt(100_000));
            case 1 -> arena.statsTable();
            case 2 -> arena.debugReport();
            case 3 -> arena.nativeHandle();
            case 4 -> arena.pool().stats();
            default -> arena.toString();
        }
    }
}
