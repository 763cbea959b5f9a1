// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.ArenaExhaustedException;
import dev.corral.Mark;
import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.Scope;
import dev.corral.ViewSafety;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * An arena beside what is known of it: which blocks are alive and what they hold, which views, marks and scopes are
 * good, and what has ended. Every method makes one call or a few, right or wrong, and throws {@link AssertionError}
 * when the arena does not behave as the model says.
 */
final class ArenaModel {
    private static final int ENDED_KEPT = 64;

    /** A block; its bytes depend on its number. */
    private record Block(long ref, int size, int number) {
    }

    /** A view of a block, and how many blocks and points there were when it was made. */
    private record View(ByteBuffer bytes, Block block) {
    }

    /** A mark or an open scope, and what there was when it was taken. */
    private record Point(Mark mark, Scope scope, int blocks, int views) {
    }

    final NativeArena arena;
    private final Random random;
    private final boolean checked;
    private final boolean writesWhereItMayNot; // somebody does, so no byte of the pool can be relied on
    private final List<Block> blocks = new ArrayList<>();
    private final List<View> views = new ArrayList<>();
    private final List<Point> points = new ArrayList<>();
    private final List<View> endedViews = new ArrayList<>();
    private final List<Block> endedBlocks = new ArrayList<>();
    private final List<Point> endedPoints = new ArrayList<>();
    private int numbers;

    /** In a pool, or below another arena. */
    ArenaModel(MemoryPool pool, ArenaModel parent, Random random, boolean writesWhereItMayNot) {
        this.random = random;
        NativeArena.Builder builder = NativeArena.builder();
        if (parent == null) {
            builder.pool(pool);
        } else {
            builder.parent(parent.arena);
        }
        builder.sharedViews(random.nextInt(4) == 0)
                .zeroed(random.nextInt(4) == 0).alignment(random.nextBoolean() ? 8 : 16);
        if (random.nextInt(6) == 0) {
            builder.fixedSize(1 + random.nextInt(8192));
        } else {
            builder.initialChunkSize(64L << random.nextInt(7)).maxChunkSize(4096L << random.nextInt(6));
        }
        this.arena = builder.build();
        this.checked = arena.viewSafety() == ViewSafety.CHECKED;
        this.writesWhereItMayNot = writesWhereItMayNot;
    }

    // --- what is allowed

    void allocate() {
        int size = size();
        int number = numbers++;
        try {
            long ref;
            View view = null;
            switch (random.nextInt(4)) {
                case 0 -> ref = arena.allocateRef(size);
                case 1 -> ref = arena.allocateRef(size, 1 << random.nextInt(13));
                default -> {
                    long before = arena.allocateRef(0);
                    ref = before == 0 ? 0 : arena.allocateRef(size);
                }
            }
            Block block = new Block(ref, size, number);
            if (random.nextBoolean()) {
                view = new View(arena.view(ref, size), block);
                views.add(view);
            }
            blocks.add(block);
            fill(block, view);
        } catch (ArenaExhaustedException e) {
            return; // a fixed arena, or the pool's limit: nothing changed
        }
    }

    /** Through {@code allocate}, whose block has no reference that we know. */
    void allocateView() {
        try {
            ByteBuffer bytes = random.nextInt(5) == 0 ? arena.allocateUtf8("text " + numbers) : arena.allocate(size());
            for (int at = 0; at < bytes.limit(); at += 61) {
                bytes.put(at, (byte) at);
            }
            views.add(new View(bytes, null));
        } catch (ArenaExhaustedException e) {
            return;
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

    private void fill(Block block, View view) {
        for (int at = 0; at < block.size; at += 37) {
            byte value = (byte) (block.number * 31 + at);
            if (view != null && random.nextBoolean()) {
                view.bytes.put(at, value);
            } else {
                arena.putByte(block.ref, at, value);
            }
        }
    }

    void view() {
        if (!blocks.isEmpty()) {
            Block block = any(blocks);
            views.add(new View(arena.view(block.ref, block.size), block));
        }
    }

    /** Every byte of a live block is its own, by reference and by view. */
    void verify() {
        if (!blocks.isEmpty()) {
            Block block = any(blocks);
            for (int at = 0; at < block.size; at += 37) {
                expect(block, at, arena.getByte(block.ref, at));
            }
        }
        if (!views.isEmpty()) {
            View view = any(views);
            for (int at = 0; at < view.bytes.limit(); at += 37) {
                byte found = view.bytes.get(at);
                if (view.block != null) {
                    expect(view.block, at, found);
                }
            }
        }
    }

    private void expect(Block block, int at, byte found) {
        byte expected = (byte) (block.number * 31 + at);
        if (!writesWhereItMayNot && found != expected) {
            throw new AssertionError("block=" + block + " at=" + at + " expected=" + expected + " found=" + found
                    + " " + arena.stats());
        }
    }

    void mark() {
        arena.allocateRef(0); // two marks at one point are one mark, and their views end together
        points.add(new Point(arena.mark(), null, blocks.size(), views.size()));
    }

    void openScope() {
        points.add(new Point(null, arena.openScope(), blocks.size(), views.size()));
    }

    /** To a mark, or the end of a scope, which must be the innermost one. */
    void takeBackToPoint() {
        if (points.isEmpty()) {
            return;
        }
        int at = random.nextInt(points.size());
        Point point = points.get(at);
        if (point.scope == null) {
            arena.rewind(point.mark);
            endFrom(at + 1, point);
            return;
        }
        boolean innermost = points.subList(at + 1, points.size()).stream().allMatch(later -> later.scope == null);
        if (innermost) {
            point.scope.close();
            endFrom(at, point);
        } else {
            Misuse.expectRefusal(point.scope::close, "the close of an outer scope");
        }
    }

    private void endFrom(int firstPoint, Point point) {
        end(points, firstPoint, endedPoints);
        end(blocks, point.blocks, endedBlocks);
        end(views, point.views, endedViews);
    }

    private <T> void end(List<T> alive, int from, List<T> ended) {
        List<T> tail = alive.subList(from, alive.size());
        for (T each : tail) {
            if (ended.size() < ENDED_KEPT) {
                ended.add(each);
            } else {
                ended.set(random.nextInt(ENDED_KEPT), each);
            }
        }
        tail.clear();
    }

    void takeBackAll() {
        if (random.nextInt(3) == 0) {
            arena.clear();
        } else {
            arena.reset();
        }
        endAll();
    }

    /** After a close of the arena, or of its pool. */
    void endAll() {
        end(points, 0, endedPoints);
        end(blocks, 0, endedBlocks);
        end(views, 0, endedViews);
    }

    // --- what is not

    /** A checked view throws; a retained one reads what it reads. */
    void useEndedView() {
        if (endedViews.isEmpty()) {
            return;
        }
        ByteBuffer stale = any(endedViews).bytes;
        if (stale.capacity() == 0) {
            return;
        }
        int at = random.nextInt(stale.capacity());
        ByteBuffer derived = random.nextBoolean() ? stale : stale.slice(at, 1);
        int index = derived == stale ? at : 0;
        if (checked) {
            Misuse.expectRefusal(() -> derived.get(index), "a read through a stale view");
            Misuse.expectRefusal(() -> derived.put(index, (byte) 1), "a write through a stale view");
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
            case 1 -> endedBlocks.isEmpty() ? 0 : any(endedBlocks).ref;
            case 2 -> blocks.isEmpty() ? 0 : any(blocks).ref + (1L << random.nextInt(64));
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
            if (point.scope != null) {
                point.scope.close(); // does nothing
            } else {
                Misuse.expectRefusal(() -> arena.rewind(point.mark), "a rewind to a stale mark");
            }
        }
        if (other != this && !other.points.isEmpty() && any(other.points).mark != null) {
            Mark foreign = other.points.stream().filter(each -> each.mark != null).findFirst().orElseThrow().mark;
            Misuse.expectRefusal(() -> arena.rewind(foreign), "a rewind to a mark of another arena");
        }
    }

    void useWrongSizes() {
        Misuse.expectRefusal(() -> arena.allocate(-1 - random.nextInt(Integer.MAX_VALUE)), "a negative size");
        Misuse.expectRefusal(() -> arena.allocate(8, random.nextInt(1 << 20) * 2 + 3), "an alignment");
        Misuse.expectRefusal(() -> arena.allocate(Integer.MAX_VALUE), "more than 1 GiB");
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
