// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.StackAllocator.Frame;
import dev.corral.internal.ArenaNatives;
import dev.corral.internal.StackNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens while a stack keeps its state, or between two such times: it is what it would be without. */
@NoNativeLeaks
class KeptStateTest {
    private static boolean isKept(StackAllocator stack) {
        return stack.arena().owner == null;
    }

    private static void keepAgain(StackAllocator stack) {
        for (int i = 0; i < 5000 && !isKept(stack); i++) {
            stack.push().close();
        }
        assertTrue(isKept(stack));
    }

    private static void assertEmpty(StackAllocator stack) {
        assertEquals(0, stack.depth());
        assertEquals(0, stack.arena().stats().used());
        assertEquals(0, stack.arena().stats().count());
        assertEquals(Status.OK, ArenaNatives.check(stack.arena().handle));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void aFrameThatIsAMarkEndsWhileFramesAreKeptAboveIt(int depth) {
        try (StackAllocator stack = StackAllocator.create()) {
            Frame[] frames = new Frame[depth];
            for (int at = 0; at < depth; at++) {
                frames[at] = stack.push();
                frames[at].allocateRef(16);
            }
            assertEquals(16L * depth, stack.arena().stats().used());
            keepAgain(stack);
            for (int at = depth - 1; at >= 0; at--) {
                frames[at].close();
                assertEquals(at, stack.depth());
                assertEquals(16L * at, stack.arena().stats().used());
            }
            assertEmpty(stack);
        }
    }

    @Test
    void aFrameThatIsOverDoesNotEndTheMarkInItsPlace() {
        try (StackAllocator stack = StackAllocator.create()) {
            Frame over = stack.push();
            over.close();
            Scope scope = stack.arena().openScope();
            keepAgain(stack);
            over.close();
            assertThrows(IllegalStateException.class, () -> over.allocateRef(16));
            assertEquals(1, stack.depth());
            scope.close();
            assertEmpty(stack);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void framesThatAChildsActionHasPushedGoWithTheRest(boolean clears) {
        try (StackAllocator stack = StackAllocator.create()) {
            NativeArena arena = stack.arena();
            arena.allocateRef(1000);
            Frame[] pushed = new Frame[1];
            arena.newChild().onRelease(() -> {
                pushed[0] = stack.push();
                pushed[0].allocateRef(100);
            });
            if (clears) {
                arena.clear();
            } else {
                arena.reset();
            }
            assertEmpty(stack);
            assertThrows(IllegalStateException.class, () -> pushed[0].allocateRef(8));
            pushed[0].close();
            try (Frame frame = stack.push()) {
                arena.putByte(frame.allocateRef(8), 7, (byte) 1);
            }
        }
    }

    @Test
    void framesThatAChildsObserverHasPushedGoWithTheRest() {
        try (StackAllocator stack = StackAllocator.create()) {
            NativeArena arena = stack.arena();
            arena.allocateRef(1000);
            NativeArena.builder().parent(arena).observer(new ArenaObserver() {
                @Override
                public void onDestroy(NativeArena child) {
                    stack.push().allocateRef(100);
                }
            }).build();
            arena.reset();
            assertEmpty(stack);
        }
    }

    /** A mark in a frame does not move when the frame's end is refused. */
    @Test
    void aMarkInAFrameStaysWhereItIs() {
        try (StackAllocator stack = StackAllocator.create()) {
            NativeArena arena = stack.arena();
            Frame frame = stack.push();
            frame.allocateRef(16);
            Mark mark = arena.mark();
            boolean[] refused = new boolean[1];
            arena.onRelease(() -> refused[0] = assertThrows(IllegalStateException.class, frame::close) != null);
            arena.allocateRef(16);
            arena.rewind(mark);
            assertTrue(refused[0]);
            assertEquals(16, arena.stats().used());
        }
    }

    /** Whether the state was kept until then does not show. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMarkInAFrameComesAfterIt(boolean kept) {
        try (StackAllocator stack = StackAllocator.create()) {
            if (!kept) {
                assertNotEquals(0, stack.arena().nativeHandle());
            }
            Frame frame = stack.push();
            frame.allocateRef(16);
            assertEquals(kept, isKept(stack));
            stack.arena().mark();
            assertEquals(2, stack.depth());
            assertThrows(IllegalStateException.class, () -> frame.allocateRef(16));
        }
    }

    @Test
    void moreFramesThanThereIsRoomForAreRefused() {
        try (StackAllocator stack = StackAllocator.create()) {
            for (int frames : new int[] {-1, 7, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                assertEquals(0, StackNatives.settle(stack.arena().handle, 0, 0, frames));
            }
            assertFalse(isKept(stack));
            assertEmpty(stack);
        }
    }

    private static void assertEnded(NativeArena arena, ByteBuffer view) {
        if (arena.viewSafety() == ViewSafety.CHECKED) {
            assertThrows(IllegalStateException.class, () -> view.getLong(0));
        }
    }

    /** Whether or not C looks while there are views. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void viewsEndWithTheirFrame(boolean cLooks) {
        try (StackAllocator stack = StackAllocator.create()) {
            NativeArena arena = stack.arena();
            ByteBuffer before = arena.allocate(8);
            Frame outer = stack.push();
            ByteBuffer ofOuter = arena.allocate(8);
            for (int round = 0; round < 3; round++) {
                Frame inner = stack.push();
                Frame innermost = stack.push();
                ByteBuffer deep = innermost.allocate(8);
                assertTrue(cLooks || isKept(stack));
                assertEquals(48, cLooks ? arena.stats().used() : 48);
                innermost.close();
                assertEnded(arena, deep);
                ByteBuffer shallow = arena.view(arena.allocateRef(8), 8);
                inner.close();
                assertEnded(arena, shallow);
                ofOuter.putLong(0, round);
            }
            assertEquals(2, ofOuter.getLong(0));
            outer.close();
            assertEnded(arena, ofOuter);
            assertEquals(42, before.putLong(0, 42).getLong(0));
            assertEquals(16, arena.stats().used());
        }
    }

    @Test
    void viewsOfFramesThatEndTogetherEnd() {
        try (StackAllocator stack = StackAllocator.create()) {
            Frame outer = stack.push();
            Frame middle = stack.push();
            ByteBuffer ofMiddle = middle.allocate(8);
            ByteBuffer ofInner = stack.push().allocate(8);
            assertThrows(IllegalStateException.class, () -> middle.allocateRef(8));
            assertTrue(isKept(stack));
            assertThrows(IllegalStateException.class, outer::close);
            assertEnded(stack.arena(), ofMiddle);
            assertEnded(stack.arena(), ofInner);
            Frame next = stack.push();
            assertNotEquals(0, next.allocateRef(8));
            ByteBuffer view = next.allocate(8);
            assertEquals(7, view.putLong(0, 7).getLong(0));
            next.close();
            assertTrue(isKept(stack));
            assertEmpty(stack);
        }
    }

    @Test
    void alignedBlocksLieWhereTheyShould() {
        try (StackAllocator stack = StackAllocator.builder().size(1 << 20).build(); Frame frame = stack.push()) {
            long base = ArenaNatives.chunkBase(stack.arena().handle, 0);
            long end = 0;
            for (int alignment = 1; alignment <= 1 << 17; alignment *= 2) {
                long ref = (alignment & 0x5555) != 0 ? frame.allocateRef(10, alignment)
                        : stack.arena().allocateRef(10, alignment);
                int offset = ArenaMemory.offset(ref);
                assertEquals(0, (base + offset) % alignment, "alignment=" + alignment);
                assertTrue(offset >= end && offset - end < Math.max(alignment, 16), "alignment=" + alignment);
                end = offset + 16;
                stack.arena().putByte(ref, 9, (byte) 1);
            }
            assertTrue(isKept(stack));
            for (int alignment : new int[] {0, -1, 3, 48, 1 << 21, Integer.MIN_VALUE}) {
                assertThrows(IllegalArgumentException.class, () -> frame.allocateRef(10, alignment));
            }
            assertEquals(18, stack.arena().stats().count());
            assertEquals(end, stack.arena().stats().used());
            assertEquals(Status.OK, ArenaNatives.check(stack.arena().handle));
        }
    }
}
