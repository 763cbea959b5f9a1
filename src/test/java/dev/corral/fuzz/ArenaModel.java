// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.ArenaExhaustedException;
import dev.corral.ArenaObserver;
import dev.corral.Mark;
import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.OnExhausted;
import dev.corral.Scope;
import dev.corral.ViewSafety;
import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Status;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * An arena beside what is known of it: which blocks are alive and what they hold, which views, marks, scopes and
 * release actions there are, and what has ended. Every method makes one call or a few and throws {@link AssertionError}
 * when the arena does not behave as the model says.
 */
class ArenaModel {
    private static final int ENDED_KEPT = 64;

    /** A block; its bytes depend on its number. */
    record Block(long ref, int size, int number) {
        byte at(int offset) {
            return (byte) (number * 31 + offset);
        }
    }

    /** A view of a block, or of bytes that have no reference that we know; null: not to be used any more. */
    record View(ByteBuffer bytes, Block block, byte[] content) {
        /** Every byte is its own. */
        void verify() {
            for (int at = 0; bytes != null && at < bytes.limit(); at += 37) {
                byte expected = block != null ? block.at(at) : content[at];
                if (bytes.get(at) != expected) {
                    throw new AssertionError(this + " at=" + at + " expected=" + expected + " found=" + bytes.get(at));
                }
            }
        }
    }

    /** A mark or an open scope, and what there was when it was taken. */
    record Point(Mark mark, Scope scope, int blocks, int views, int actions) {
    }

    final NativeArena arena;
    final Random random;
    final boolean checked;
    final boolean writesWhereItMayNot; // somebody does, so no byte of the pool can be relied on
    final boolean zeroed;
    final boolean isChild;
    final List<Block> blocks = new ArrayList<>();
    final List<View> views = new ArrayList<>();
    final List<Point> points = new ArrayList<>();
    final List<View> endedViews = new ArrayList<>();
    final List<Block> endedBlocks = new ArrayList<>();
    final List<Point> endedPoints = new ArrayList<>();
    int numbers;
    int takeBacks;
    private final List<Integer> actions = new ArrayList<>(); // registered, oldest first
    private final List<Integer> ran = new ArrayList<>();
    private int observedEnds;
    private final boolean observed;

    /** In a pool, or below another arena. */
    ArenaModel(MemoryPool pool, ArenaModel parent, Random random, boolean writesWhereItMayNot) {
        this.random = random;
        this.writesWhereItMayNot = writesWhereItMayNot;
        this.zeroed = random.nextInt(4) == 0;
        this.isChild = parent != null;
        this.observed = random.nextInt(8) == 0;
        this.arena = build(pool, parent);
        this.checked = arena.viewSafety() == ViewSafety.CHECKED;
    }

    private NativeArena build(MemoryPool pool, ArenaModel parent) {
        if (parent != null && !zeroed && !observed && random.nextBoolean()) {
            return random.nextBoolean() ? parent.arena.newChild() : parent.arena.newChild(1 << 20);
        }
        NativeArena.Builder builder = NativeArena.builder().name("model");
        if (parent == null) {
            builder.pool(pool);
        } else {
            builder.parent(parent.arena);
        }
        builder.sharedViews(random.nextInt(4) == 0).zeroed(zeroed).alignment(random.nextBoolean() ? 8 : 16)
                .debug(!writesWhereItMayNot && random.nextInt(8) == 0);
        if (random.nextInt(6) == 0) {
            builder.fixedSize(1 + random.nextInt(8192));
        } else {
            builder.initialChunkSize(64L << random.nextInt(7)).maxChunkSize(4096L << random.nextInt(6));
        }
        if (random.nextInt(4) == 0) {
            builder.retain(random.nextInt(100_000));
        }
        if (random.nextInt(4) == 0) {
            builder.limit(16_384 + random.nextInt(1 << 20)).onExhausted(any(List.of(OnExhausted.values())));
        }
        if (observed) {
            builder.observer(new Witness());
        }
        return builder.build();
    }

    /** An observer that tries what it may not. */
    private final class Witness implements ArenaObserver {
        @Override
        public void onAllocate(NativeArena of, long ref, long size) {
            if (size % 16 == 3) {
                Misuse.expectRefusal(() -> of.allocate(1), "an observer's allocate");
                Misuse.expectRefusal(of::reset, "an observer's reset");
            }
        }

        @Override
        public void onDestroy(NativeArena of) {
            observedEnds++;
        }
    }

    // --- bytes

    /** Every byte of a live block is its own, by reference and by view. */
    void verify() {
        if (!blocks.isEmpty()) {
            Block block = any(blocks);
            for (int at = 0; at < block.size; at += 37) {
                expect(block.at(at), arena.getByte(block.ref, at), block);
            }
        }
        if (!views.isEmpty() && !writesWhereItMayNot) {
            any(views).verify();
        }
    }

    private void expect(byte expected, byte found, Object where) {
        if (!writesWhereItMayNot && found != expected) {
            throw new AssertionError("where=" + where + " expected=" + expected + " found=" + found + " "
                    + arena.stats());
        }
    }

    // --- what runs before memory is taken back

    void onRelease() {
        int number = numbers++;
        try {
            arena.onRelease(() -> {
                ran.add(number);
                if (number % 4 == 0) {
                    Misuse.expectRefusal(arena::reset, "a reset while an action is running");
                    Misuse.tolerateRefusal(() -> arena.allocateRef(number % 100));
                }
            });
            actions.add(number);
        } catch (ArenaExhaustedException e) {
            return; // the pool's limit
        }
    }

    private void expectRan(int from) {
        List<Integer> due = new ArrayList<>(actions.subList(from, actions.size()));
        Collections.reverse(due);
        if (!due.equals(ran)) {
            throw new AssertionError("release actions due=" + due + " ran=" + ran);
        }
        actions.subList(from, actions.size()).clear();
        ran.clear();
    }

    // --- taking back

    void mark() {
        arena.allocateRef(0); // two marks at one point are one mark, and their views end together
        points.add(new Point(arena.mark(), null, blocks.size(), views.size(),
                actions.size()));
    }

    void openScope() {
        points.add(new Point(null, arena.openScope(), blocks.size(), views.size(),
                actions.size()));
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
        expectRan(point.actions);
        takeBacks++;
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
        if (random.nextInt(4) == 0) {
            takeBackInC();
        }
        if (random.nextInt(3) == 0) {
            arena.clear();
        } else {
            arena.reset();
        }
        endAll();
    }

    /** Behind Java's back: what it knows of addresses is no good any more. Java does the same afterwards. */
    private void takeBackInC() {
        long handle = arena.nativeHandle();
        int status = random.nextBoolean() ? ArenaNatives.reset(handle) : ArenaNatives.clear(handle);
        if (status != Status.OK && status != ArenaNatives.REARRANGED) {
            throw new AssertionError("a reset in C: " + Status.name(status));
        }
        for (int i = 0; i < 3 && !blocks.isEmpty(); i++) {
            Block block = any(blocks);
            Misuse.expectRefusal(() -> arena.getByte(block.ref, 0), "a reference from before a reset in C");
            Misuse.expectRefusal(() -> arena.putLong(block.ref, 0, 1), "a write from before a reset in C");
        }
        try {
            long ref = arena.allocateRef(64);
            arena.putLong(ref, 56, handle);
            expect((byte) handle, (byte) arena.getLong(ref, 56), "after a reset in C");
        } catch (ArenaExhaustedException e) {
            return; // a small fixed arena, or a limit
        }
    }

    /** After a close of the arena, or of its pool. */
    void endWithArena() {
        endAll();
        if (observed && observedEnds != 1) {
            throw new AssertionError("the observer was told of " + observedEnds + " ends");
        }
    }

    private void endAll() {
        expectRan(0);
        takeBacks++;
        end(points, 0, endedPoints);
        end(blocks, 0, endedBlocks);
        end(views, 0, endedViews);
    }

    /** A view that is good now, or null. */
    ByteBuffer anyView() {
        return views.isEmpty() ? null : any(views).bytes;
    }

    <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
