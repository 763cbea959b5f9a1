// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.StackAllocator.Frame;
import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Frames, scopes and marks of a stack, step by step beside a list of what is open. */
@NoNativeLeaks
class StackModelTest {
    private static final int SIZE = 4096; // bytes of the stack
    private static final int STEPS = 200; // of a stack, as one that is looked at often does not keep its state for long
    private static final int MOST = 30;   // frames, scopes and marks; for 6 C has room from the beginning
    private static final int REMEMBERED = 8; // of each kind, that are over

    /** A frame, scope or mark, and what the stack held when it began. */
    private static final class Entry {
        final AutoCloseable opened; // null: a mark
        final long used;
        final long count;

        Entry(AutoCloseable opened, long used, long count) {
            this.opened = opened;
            this.used = used;
            this.count = count;
        }

        boolean isFrame() {
            return opened instanceof Frame;
        }

        boolean isScope() {
            return opened instanceof Scope;
        }
    }

    /** A mark may stand for the entry before it; what it takes the stack back to is its own. */
    private record Taken(Mark mark, Entry entry, long used, long count) {
    }

    /** One stack beside what it must be. */
    private static final class Model {
        private final StackAllocator stack;
        private final NativeArena arena;
        private final Random random;
        private final OnExhausted overflow;
        private final List<Entry> open = new ArrayList<>();
        private final List<Taken> marks = new ArrayList<>();
        private final List<Frame> oldFrames = new ArrayList<>();
        private final List<Scope> oldScopes = new ArrayList<>();
        private long used;
        private long count;
        private long peak;
        private long kept; // steps after which the state was kept
        private String last = "";

        Model(MemoryPool pool, OnExhausted overflow, Random random) {
            this.stack = StackAllocator.builder().pool(pool).size(SIZE).overflow(overflow).build();
            this.arena = stack.arena();
            this.overflow = overflow;
            this.random = random;
        }

        // --- steps

        void step(int looks) {
            int what = random.nextInt(100);
            if (what < looks) {
                look();
            } else if (what < 45) {
                allocate();
            } else if (what < 70) {
                push(random.nextInt(12) == 0 ? random.nextInt(MOST) : 1);
            } else if (what < 73) {
                flutter();
            } else {
                pop();
            }
            peak = Math.max(peak, used);
            kept += arena.owner == null ? 1 : 0;
        }

        private void push(int frames) {
            last = "push frames=" + frames;
            for (int pushed = 0; pushed < frames && open.size() < MOST; pushed++) {
                Frame frame = stack.push();
                remember(oldFrames, frame);
                open.add(new Entry(frame, used, count));
            }
        }

        /** As a loop does, after which the state is kept again. */
        private void flutter() {
            last = "flutter";
            for (int frames = random.nextInt(20); frames > 0 && open.size() < MOST; frames--) {
                Frame frame = stack.push();
                if (used + 16 <= SIZE) {
                    frame.allocateRef(16);
                    peak = Math.max(peak, used + 16);
                }
                frame.close();
                remember(oldFrames, frame);
            }
        }

        private void allocate() {
            Entry top = top();
            if (top == null || !top.isFrame() || random.nextInt(20) == 0) {
                allocateWrongly();
                return;
            }
            Frame frame = (Frame) top.opened;
            int size = random.nextInt(50) == 0 ? random.nextInt(SIZE) : random.nextInt(100);
            boolean fits = overflow != OnExhausted.FAIL || used + rounded(size) <= SIZE;
            int how = random.nextInt(20);
            last = "allocate size=" + size + " how=" + how;
            if (!fits) {
                assertStatus(Status.STACK_FULL, () -> frame.allocateRef(size));
                return;
            }
            if (how == 0) {
                frame.allocate(size, 16);
            } else if (how == 1) {
                assertNotEquals(0, arena.allocateRef(size));
            } else {
                long ref = frame.allocateRef(size);
                if (size > 0) {
                    arena.putByte(ref, size - 1, (byte) size);
                }
            }
            used += rounded(size);
            count++;
        }

        /** By a frame that is not the innermost, or is over, or of no size that there is. */
        private void allocateWrongly() {
            Frame frame = any(oldFrames);
            if (frame == null) {
                return;
            }
            int at = indexOf(frame);
            last = "wrong allocate at=" + at;
            if (at < 0) {
                assertStatus(Status.STALE_MARK, () -> frame.allocateRef(8));
            } else if (at < open.size() - 1) {
                assertStatus(Status.NOT_TOP, () -> frame.allocateRef(8));
            } else {
                assertThrows(IllegalArgumentException.class, () -> frame.allocateRef(-1 - random.nextInt(99)));
                assertThrows(RuntimeException.class, () -> frame.allocateRef(Integer.MAX_VALUE));
            }
        }

        private void pop() {
            Entry top = top();
            Frame frame = top != null && top.isFrame() && random.nextInt(12) != 0 ? (Frame) top.opened : any(oldFrames);
            if (frame == null) {
                return;
            }
            int at = indexOf(frame);
            int inside = open.size() - at - 1;
            last = "pop at=" + at + " inside=" + inside;
            if (at >= 0 && inside != 0) {
                Throwable thrown = assertStatus(Status.NOT_TOP, frame::close);
                assertTrue(thrown.getMessage().contains("endedInside=" + inside + " "), thrown::getMessage);
            } else {
                frame.close();
            }
            if (at >= 0) {
                backTo(at, open.get(at).used, open.get(at).count);
            }
        }

        // --- steps for which C has to know

        private void look() {
            switch (random.nextInt(12)) {
                case 0, 1 -> mark();
                case 2 -> rewind();
                case 3, 4 -> openScope();
                case 5, 6 -> closeScope();
                case 7 -> other();
                case 8 -> {
                    last = "room";
                    if (overflow == OnExhausted.FAIL) {
                        assertEquals(SIZE - used, stack.room());
                    }
                    assertEquals(open.size(), stack.depth());
                }
                default -> verify();
            }
        }

        private void mark() {
            last = "mark";
            Entry top = top();
            if (open.size() >= MOST) {
                return;
            }
            Mark mark = arena.mark();
            if (top == null || top.isFrame() || top.used != used || top.count != count) {
                open.add(new Entry(null, used, count));
            }
            remember(marks, new Taken(mark, top(), used, count));
        }

        private void rewind() {
            Taken taken = any(marks);
            if (taken == null) {
                return;
            }
            int at = open.indexOf(taken.entry);
            last = "rewind at=" + at;
            if (at < 0) {
                assertStatus(Status.STALE_MARK, () -> arena.rewind(taken.mark));
            } else {
                arena.rewind(taken.mark);
                backTo(at + 1, taken.used, taken.count);
            }
        }

        private void openScope() {
            last = "openScope";
            if (open.size() < MOST) {
                Scope scope = arena.openScope();
                remember(oldScopes, scope);
                open.add(new Entry(scope, used, count));
            }
        }

        private void closeScope() {
            Scope scope = any(oldScopes);
            int at = indexOf(scope);
            boolean refused = at >= 0 && open.subList(at + 1, open.size()).stream().anyMatch(e -> e.opened != null);
            last = "closeScope at=" + at + " refused=" + refused;
            if (refused) {
                assertThrows(IllegalStateException.class, scope::close);
            } else if (scope != null) {
                scope.close();
            }
            if (at >= 0 && !refused) {
                backTo(at, open.get(at).used, open.get(at).count);
            }
        }

        private void other() {
            int what = random.nextInt(6);
            last = "other what=" + what;
            switch (what) {
                case 0 -> arena.trim(0);
                case 1 -> arena.newChild().close();
                case 2 -> assertEquals(0, arena.utf8Builder().length());
                case 3 -> assertNotNull(arena.statsTable());
                case 4 -> arena.reset();
                default -> arena.clear();
            }
            if (what >= 4) {
                backTo(0, 0, 0);
            }
        }

        void verify() {
            ArenaStats stats = arena.stats();
            assertEquals(used, stats.used(), "used");
            assertEquals(count, stats.count(), "count");
            assertEquals(peak, stats.peakUsed(), "peak");
            assertEquals(open.size(), stack.depth());
            assertEquals(Status.OK, ArenaNatives.check(arena.handle));
        }

        // --- the model

        private Entry top() {
            return open.isEmpty() ? null : open.get(open.size() - 1);
        }

        private int indexOf(AutoCloseable opened) {
            for (int at = open.size() - 1; at >= 0; at--) {
                if (opened != null && open.get(at).opened == opened) {
                    return at;
                }
            }
            return -1;
        }

        private void backTo(int size, long toUsed, long toCount) {
            open.subList(size, open.size()).clear();
            used = toUsed;
            count = toCount;
        }

        private <T> void remember(List<T> known, T what) {
            if (known.size() == 2 * MOST + REMEMBERED) {
                known.remove(random.nextInt(REMEMBERED));
            }
            known.add(what);
        }

        private <T> T any(List<T> known) {
            return known.isEmpty() ? null : known.get(random.nextInt(known.size()));
        }

        private static long rounded(int size) {
            return size + 15 & -16;
        }

        private static Throwable assertStatus(int status, Runnable call) {
            Throwable thrown = assertThrows(RuntimeException.class, call::run);
            assertTrue(thrown.getMessage().contains("status=" + Status.name(status)), thrown::getMessage);
            return thrown;
        }
    }

    @ParameterizedTest
    @CsvSource({"FAIL,1", "FAIL,4", "FAIL,16", "GROW,1", "GROW,4", "GROW,16", "FALL_BACK,1", "FALL_BACK,4",
        "FALL_BACK,16"})
    void aStackIsWhatTheModelSays(OnExhausted overflow, int looks) {
        long kept = 0;
        int stacks = Integer.getInteger("corral.model.stacks", 40);
        try (MemoryPool pool = MemoryPool.create()) {
            for (int seed = 0; seed < stacks; seed++) {
                Model model = new Model(pool, overflow, new Random(seed));
                try (StackAllocator stack = model.stack) {
                    for (int step = 0; step < STEPS; step++) {
                        try {
                            model.step(looks);
                        } catch (RuntimeException | AssertionError e) {
                            throw new AssertionError("seed=" + seed + " step=" + step + " " + model.last + " kept="
                                    + (stack.arena().owner == null), e);
                        }
                    }
                    model.verify();
                    kept += model.kept;
                }
            }
        }
        assertTrue(kept > stacks * STEPS / 50, "kept=" + kept);
    }
}
