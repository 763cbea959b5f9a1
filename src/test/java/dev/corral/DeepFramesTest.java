// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that are deeper than an arena has room for marks are kept by Java as well, and are the same frames to C. */
@NoNativeLeaks
class DeepFramesTest {
    private static final int DEEP = 50;
    private static final int BLOCK = 16;

    private static boolean isKept(StackAllocator stack) {
        return stack.arena().owner == null;
    }

    /** Pushes frames with a block each. */
    private static List<StackAllocator.Frame> dive(StackAllocator stack, int frames) {
        List<StackAllocator.Frame> pushed = new ArrayList<>();
        for (int i = 0; i < frames; i++) {
            StackAllocator.Frame frame = stack.push();
            pushed.add(frame);
            stack.arena().putInt(frame.allocateRef(BLOCK), 0, i);
        }
        return pushed;
    }

    private static void surface(List<StackAllocator.Frame> frames) {
        for (int i = frames.size() - 1; i >= 0; i--) {
            frames.get(i).close();
        }
    }

    private static void pushUntilKept(StackAllocator stack) {
        for (int i = 0; i < 5000 && !isKept(stack); i++) {
            stack.push().close();
        }
        assertTrue(isKept(stack));
    }

    private static void assertSound(StackAllocator stack, int depth) {
        assertSound(stack, depth, depth);
    }

    private static void assertSound(StackAllocator stack, int depth, int blocks) {
        assertEquals(blocks * BLOCK, stack.arena().stats().used());
        assertFalse(isKept(stack), "C has looked");
        assertEquals(depth, stack.depth());
        assertEquals(Status.OK, ArenaNatives.check(stack.arena().handle));
    }

    @Test
    void theStateOfDeepFramesIsKept() {
        try (StackAllocator stack = StackAllocator.create()) {
            for (int round = 0; round < 3; round++) {
                List<StackAllocator.Frame> frames = dive(stack, DEEP);
                assertTrue(isKept(stack));
                assertEquals(DEEP, stack.depth());
                assertEquals(65536 - DEEP * BLOCK, stack.room());
                assertTrue(assertThrows(IllegalStateException.class, () -> frames.get(DEEP - 2).allocateRef(1))
                        .getMessage().contains("NOT_TOP"));
                surface(frames);
                assertTrue(isKept(stack));
            }
            assertSound(stack, 0);
        }
    }

    @Test
    void deepFramesAreTheSameToC() {
        for (int left = 0; left <= DEEP; left++) {
            try (StackAllocator stack = StackAllocator.create()) {
                List<StackAllocator.Frame> frames = dive(stack, DEEP);
                surface(frames.subList(left, DEEP));
                assertTrue(isKept(stack));
                assertSound(stack, left);
                assertEquals(left > ControlBlock.INLINE_MARKS_ROOM, stack.arena().hasSpilled());
                for (int i = left - 1; i >= 0; i--) {
                    frames.get(i).allocateRef(BLOCK);
                    frames.get(i).close();
                    assertSound(stack, i);
                }
                assertFalse(stack.arena().hasSpilled());
            }
        }
    }

    /** What tied the arena goes when C looks, so that no later frame takes the whole arena back. */
    @Test
    void blocksOutsideFramesOutliveDeepFrames() {
        try (StackAllocator stack = StackAllocator.create()) {
            NativeArena arena = stack.arena();
            pushUntilKept(stack);
            long outside = arena.allocateRef(BLOCK);
            arena.putInt(outside, 0, 42);
            surface(dive(stack, DEEP));
            assertEquals(BLOCK, arena.stats().used()); // C has looked
            assertFalse(arena.hasSpilled());
            stack.push().close();
            assertEquals(42, arena.getInt(outside, 0));
        }
    }

    /** A child, an action and a block that are in no frame do not end with frames, whatever those leave behind. */
    @Test
    void whatIsOutsideOfFramesOutlivesThem() {
        List<String> ran = new ArrayList<>();
        try (StackAllocator stack = StackAllocator.builder().overflow(OnExhausted.FALL_BACK).build()) {
            NativeArena child = stack.arena().newChild();
            stack.arena().onRelease(() -> ran.add("action"));
            long outside = stack.arena().allocateRef(BLOCK);
            for (int round = 0; round < 3; round++) {
                List<StackAllocator.Frame> frames = dive(stack, DEEP);
                frames.get(DEEP - 1).allocateRef(1 << 20);
                surface(frames);
                assertSound(stack, 0, 1);
                assertFalse(child.isClosed());
                assertEquals(List.of(), ran);
                stack.arena().putInt(outside, 0, round);
            }
            stack.arena().clear();
            assertTrue(child.isClosed());
            assertEquals(List.of("action"), ran);
            surface(dive(stack, 1));
            StackAllocator.Frame frame = stack.push();
            frame.allocateRef(1 << 20);
            frame.close();
            assertEquals(65536, stack.arena().stats().allocated());
        }
    }

    @Test
    void deepFramesThatAreOverStayOver() {
        try (StackAllocator stack = StackAllocator.create()) {
            List<StackAllocator.Frame> over = new ArrayList<>();
            for (int round = 0; round < 4; round++) {
                pushUntilKept(stack);
                List<StackAllocator.Frame> frames = dive(stack, DEEP >> round % 2);
                assertTrue(isKept(stack));
                for (StackAllocator.Frame old : over) {
                    assertTrue(assertThrows(IllegalStateException.class, () -> old.allocateRef(1)).getMessage()
                            .contains("STALE_MARK"));
                }
                over.forEach(StackAllocator.Frame::close);
                assertEquals(frames.size(), stack.depth());
                surface(frames);
                over.addAll(frames);
                assertSound(stack, 0); // the counts of deep frames are given up with the state
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void viewsEndWithTheirDeepFrames(boolean look) {
        try (StackAllocator stack = StackAllocator.create()) {
            List<StackAllocator.Frame> frames = dive(stack, DEEP);
            ByteBuffer outer = frames.get(DEEP - 1).allocate(BLOCK);
            frames.add(stack.push());
            frames.add(stack.push());
            ByteBuffer inner = frames.get(DEEP + 1).allocate(BLOCK);
            outer.putInt(0, 1);
            inner.putInt(0, 2);
            assertTrue(isKept(stack));
            surface(frames.subList(DEEP, DEEP + 2));
            assertEquals(1, outer.getInt(0));
            if (stack.arena().viewSafety() == ViewSafety.CHECKED) {
                assertThrows(IllegalStateException.class, () -> inner.getInt(0));
            }
            ByteBuffer later = frames.get(DEEP - 1).allocate(BLOCK);
            later.putInt(0, 3);
            if (look) {
                assertEquals((DEEP + 2) * BLOCK, stack.arena().stats().used());
                assertEquals(4, outer.getInt(0) + later.getInt(0));
            }
            frames.get(DEEP - 1).close();
            if (stack.arena().viewSafety() == ViewSafety.CHECKED) {
                assertThrows(IllegalStateException.class, () -> outer.getInt(0));
                assertThrows(IllegalStateException.class, () -> later.getInt(0));
            }
            surface(frames.subList(0, DEEP - 1));
        }
    }

    /** So are those for which C has no room: it is refused here at the same place. */
    @Test
    void deeperFramesThanJavaKeepsAreMarks() {
        try (StackAllocator stack = StackAllocator.create()) {
            List<StackAllocator.Frame> frames = new ArrayList<>();
            for (int i = 0; i < 1 << 15; i++) {
                frames.add(stack.push());
            }
            assertFalse(isKept(stack));
            assertEquals(1 << 15, stack.depth());
            surface(frames);
            assertSound(stack, 0);
            pushUntilKept(stack);
        }
    }
}
