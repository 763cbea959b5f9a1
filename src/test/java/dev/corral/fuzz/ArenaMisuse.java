// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.Mark;
import dev.corral.MemoryPool;
import java.nio.ByteBuffer;
import java.util.Random;

/** The calls that are wrong, and what they may do: be refused, or read what they like. */
final class ArenaMisuse extends ArenaUse {
    ArenaMisuse(MemoryPool pool, ArenaModel parent, Random random, boolean writesWhereItMayNot) {
        super(pool, parent, random, writesWhereItMayNot);
    }

    /** A checked view throws; a retained one reads what it reads. */
    void useEndedView() {
        if (endedViews.isEmpty()) {
            return;
        }
        ByteBuffer stale = any(endedViews).bytes();
        if (stale == null || stale.capacity() == 0) {
            return;
        }
        int at = random.nextInt(stale.capacity());
        ByteBuffer derived = random.nextBoolean() ? stale : stale.slice(at, 1);
        int index = derived == stale ? at : 0;
        if (checked) {
            Misuse.expectRefusal(() -> derived.get(index), "a read through a stale view");
            Misuse.expectRefusal(() -> derived.put(index, (byte) 1), "a write through a stale view");
            Misuse.expectRefusal(() -> arena.resize(stale, 8), "the resizing of a stale view");
        } else if (writesWhereItMayNot) {
            derived.put(index, (byte) (derived.get(index) + 1));
        } else {
            derived.get(index);
        }
    }

    /** Anything but a crash, and no exception that is not documented. */
    void useWildReference() {
        long ref = switch (random.nextInt(4)) {
            case 0 -> random.nextLong();
            case 1 -> endedBlocks.isEmpty() ? 0 : any(endedBlocks).ref();
            case 2 -> blocks.isEmpty() ? 0 : any(blocks).ref() + (1L << random.nextInt(64));
            default -> arena.allocateRef(0) ^ (1L << random.nextInt(64));
        };
        Misuse.tolerateRefusal(() -> arena.getLong(ref, random.nextInt()));
        Misuse.tolerateRefusal(() -> arena.copyOut(ref, random.nextInt(64), new byte[16], 0, random.nextInt(32)));
        Misuse.tolerateRefusal(() -> readAll(arena.view(ref, random.nextInt(1 << random.nextInt(31)))));
        if (writesWhereItMayNot) {
            Misuse.tolerateRefusal(() -> arena.putLong(ref, random.nextInt(64), 1));
        }
    }

    private void readAll(ByteBuffer view) {
        for (int at = 0; at < view.capacity(); at += 1 + view.capacity() / 8) {
            view.get(at);
        }
    }

    void useEndedPoint(ArenaModel other) {
        if (!endedPoints.isEmpty()) {
            Point point = any(endedPoints);
            if (point.scope() != null) {
                point.scope().close(); // does nothing
            } else {
                Misuse.expectRefusal(() -> arena.rewind(point.mark()), "a rewind to a stale mark");
            }
        }
        if (other != this && !other.points.isEmpty() && any(other.points).mark() != null) {
            Mark foreign = other.points.stream().filter(each -> each.mark() != null).findFirst().orElseThrow().mark();
            Misuse.expectRefusal(() -> arena.rewind(foreign), "a rewind to a mark of another arena");
        }
    }

    void useWrongSizes() {
        Misuse.expectRefusal(() -> arena.allocate(-1 - random.nextInt(Integer.MAX_VALUE)), "a negative size");
        Misuse.expectRefusal(() -> arena.allocate(8, random.nextInt(1 << 20) * 2 + 3), "an alignment");
        Misuse.expectRefusal(() -> arena.allocate(Integer.MAX_VALUE), "more than 1 GiB");
        Misuse.expectRefusal(() -> arena.allocateRef(1 + (1 << 30)), "more than 1 GiB by reference");
        Misuse.expectRefusal(() -> arena.resize(ByteBuffer.allocate(8), 16), "the resizing of a heap buffer");
        Misuse.expectRefusal(() -> arena.resize(ByteBuffer.allocateDirect(8), 16), "the resizing of foreign memory");
        Misuse.expectRefusal(() -> arena.trim(-1), "a negative rest");
        Misuse.expectRefusal(() -> arena.newChild(0), "a child without room");
        Misuse.expectRefusal(() -> arena.view(0, 0), "the null reference");
        Misuse.expectRefusal(() -> arena.allocateCString("a\0b"), "a C string with a NUL");
    }
}
