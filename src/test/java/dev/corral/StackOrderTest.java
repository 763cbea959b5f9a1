// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ControlBlock;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Frames end last in first out, and what a frame was forgotten in ends it. */
@NoNativeLeaks
@SuppressWarnings("try") // a frame is opened for its end
class StackOrderTest {
    private static void assertStatus(int status, Executable call) {
        RuntimeException refused = assertThrows(RuntimeException.class, call);
        assertTrue(refused.getMessage().contains("status=" + Status.name(status)), refused::getMessage);
    }

    @Test
    void onlyTheTopFrameMayBeUsed() {
        try (StackAllocator stack = StackAllocator.create()) {
            StackAllocator.Frame outer = stack.push();
            StackAllocator.Frame inner = stack.push();
            assertStatus(Status.NOT_TOP, () -> outer.allocateRef(8));
            assertStatus(Status.NOT_TOP, () -> outer.allocate(8));
            assertEquals(2, stack.depth());
            inner.close();
            inner.close();
            assertEquals(1, stack.depth());
            assertStatus(Status.STALE_MARK, () -> inner.allocateRef(8));
            StackAllocator.Frame again = stack.push();
            inner.close();
            assertStatus(Status.STALE_MARK, () -> inner.allocateRef(8));
            assertEquals(2, stack.depth());
            again.close();
            assertNotEquals(0, outer.allocateRef(8));
            outer.close();
        }
    }

    @Test
    void popOfAnOuterFrameEndsTheInnerOnes() {
        try (StackAllocator stack = StackAllocator.builder().overflow(OnExhausted.FALL_BACK).build()) {
            StackAllocator.Frame bottom = stack.push();
            bottom.allocateRef(16);
            for (int forgotten : new int[] {1, 3, 20}) {
                StackAllocator.Frame outer = stack.push();
                StackAllocator.Frame inner = outer;
                ByteBuffer view = null;
                for (int i = 0; i < forgotten; i++) {
                    inner = stack.push();
                    view = inner.allocate(100_000);
                }
                RuntimeException told = assertThrows(IllegalStateException.class, outer::close);
                assertEquals("pop: endedInside=" + forgotten + " stack=stack status=NOT_TOP: a frame that was pushed "
                        + "after this one was still open, use and close the innermost one first", told.getMessage());
                assertEquals(1, stack.depth());
                assertEquals(65536 - 16, stack.room());
                StackAllocator.Frame over = inner;
                assertStatus(Status.STALE_MARK, () -> over.allocateRef(8));
                over.close();
                outer.close();
                ByteBuffer stale = view;
                if (stack.arena().viewSafety() == ViewSafety.CHECKED) {
                    assertThrows(IllegalStateException.class, () -> stale.getInt(0));
                }
            }
            stack.push().allocateRef(100_000);
            assertStatus(Status.NOT_TOP, bottom::close);
            assertEquals(0, stack.depth());
            assertEquals(65536, stack.arena().stats().allocated());
            assertTrue(!stack.arena().hasSpilled(), "frames need no call again");
        }
    }

    @Test
    void scopesAndMarksOfAFrameEndWithIt() {
        try (StackAllocator stack = StackAllocator.create()) {
            StackAllocator.Frame frame = stack.push();
            Scope scope = stack.arena().openScope();
            Mark mark = stack.arena().mark();
            assertStatus(Status.NOT_TOP, frame::close);
            assertEquals(0, stack.depth());
            scope.close();
            assertStatus(Status.STALE_MARK, () -> stack.arena().rewind(mark));
            try (Scope next = stack.arena().openScope()) {
                stack.arena().allocateRef(8);
            }
            assertEquals(0, stack.depth());
        }
    }

    @Test
    void scopeBelowAFrameDoesNotClose() {
        try (StackAllocator stack = StackAllocator.create()) {
            for (int deep : new int[] {1, 4, 12}) {
                Scope scope = stack.arena().openScope();
                List<StackAllocator.Frame> frames = new ArrayList<>();
                for (int i = 0; i < deep; i++) {
                    frames.add(stack.push());
                }
                long kept = frames.get(deep - 1).allocateRef(64);
                IllegalStateException refused = assertThrows(IllegalStateException.class, scope::close);
                assertTrue(refused.getMessage().contains("close the inner frame first"), refused::getMessage);
                assertEquals(deep + 1, stack.depth());
                stack.arena().putInt(kept, 0, 42);
                for (int i = deep; i-- > 0;) {
                    assertThrows(IllegalStateException.class, scope::close);
                    frames.get(i).close();
                }
                stack.arena().mark(); // no frame: it ends with the scope
                scope.close();
                assertEquals(0, stack.depth());
            }
        }
    }

    /** Which an hour of frames reaches. */
    @Test
    void marksAreCountedBeyond32Bits() {
        try (StackAllocator stack = StackAllocator.create()) {
            ByteBuffer control = PoolNatives.wrap(stack.arena().nativeHandle(), ControlBlock.NEXT_MARK + 8)
                    .order(ByteOrder.nativeOrder());
            for (long reached : new long[] {1L << 31, 1L << 32, 1L << 40}) {
                assertEquals(0, stack.depth()); // from here on the number of the next frame is that
                control.putLong(ControlBlock.NEXT_MARK, reached - 20);
                for (int i = 0; i < 40; i++) {
                    try (StackAllocator.Frame outer = stack.push(); StackAllocator.Frame inner = stack.push()) {
                        assertNotEquals(0, inner.allocateRef(8));
                    }
                }
            }
            assertEquals(0, stack.depth());
        }
    }
}
