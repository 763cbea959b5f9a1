// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Frames over one block: order, overflow, views, threads, and what is refused. */
@NoNativeLeaks
@SuppressWarnings("try") // a frame is opened for its end
class StackAllocatorTest {
    private static void assertStatus(int status, Executable call) {
        RuntimeException refused = assertThrows(RuntimeException.class, call);
        assertTrue(refused.getMessage().contains("status=" + Status.name(status)), refused::getMessage);
    }

    // --- frames

    @Test
    void poppedFrameGivesItsMemoryToTheNext() {
        try (StackAllocator stack = StackAllocator.builder().size(4096).build()) {
            try (StackAllocator.Frame outer = stack.push()) {
                outer.allocateRef(100);
                long first;
                try (StackAllocator.Frame inner = stack.push()) {
                    first = inner.allocateRef(40);
                    assertEquals(2, stack.depth());
                    assertEquals(4096 - 112 - 48, stack.room());
                }
                try (StackAllocator.Frame inner = stack.push()) {
                    assertEquals(first, inner.allocateRef(8));
                }
            }
            assertEquals(0, stack.depth());
            assertEquals(4096, stack.room());
        }
    }

    @Test
    void alignmentIsKept() {
        try (StackAllocator stack = StackAllocator.create(); StackAllocator.Frame frame = stack.push()) {
            for (int alignment = 1; alignment <= 1024; alignment *= 2) {
                assertEquals(0, frame.allocate(24, alignment).alignmentOffset(0, Math.max(alignment, 16)));
            }
            assertStatus(Status.BAD_ALIGNMENT, () -> frame.allocateRef(8, 3));
            assertThrows(IllegalArgumentException.class, () -> frame.allocateRef(-1));
            assertThrows(IllegalArgumentException.class, () -> frame.allocate(8, 0));
        }
    }

    @Test
    void framesMayBeDeep() {
        try (StackAllocator stack = StackAllocator.create()) {
            for (int round = 0; round < 3; round++) {
                deeper(stack, 100);
                assertEquals(65536, stack.room());
            }
            assertEquals(0, stack.arena().stats().used());
            assertFalse(stack.arena().hasSpilled(), "frames need no call again");
        }
    }

    private static void deeper(StackAllocator stack, int levels) {
        try (StackAllocator.Frame frame = stack.push()) {
            long ref = frame.allocateRef(64);
            frame.arena().putInt(ref, 0, levels);
            if (levels > 0) {
                deeper(stack, levels - 1);
            }
            assertEquals(levels, frame.arena().getInt(ref, 0));
        }
    }

    @Test
    void viewsEndWithTheirFrame() {
        try (StackAllocator stack = StackAllocator.create()) {
            ByteBuffer view;
            try (StackAllocator.Frame frame = stack.push()) {
                view = frame.allocate(16);
                view.putInt(0, 42);
            }
            if (stack.arena().viewSafety() == ViewSafety.CHECKED) {
                assertThrows(IllegalStateException.class, () -> view.getInt(0));
            } else {
                view.getInt(0);
            }
        }
    }

    // --- overflow

    @Test
    void whatFellBackBeforeAllFramesOutlivesThem() {
        try (StackAllocator stack = StackAllocator.builder().size(4096).overflow(OnExhausted.FALL_BACK).build()) {
            long outside = stack.arena().allocateRef(100_000);
            stack.arena().putInt(outside, 99_996, 42);
            stack.push().close();
            assertEquals(42, stack.arena().getInt(outside, 99_996));
            assertEquals(2, stack.arena().stats().chunks());
            stack.arena().clear();
            assertEquals(1, stack.arena().stats().chunks());
        }
    }

    @Test
    void overflowIsAClearError() {
        try (StackAllocator stack = StackAllocator.builder().size(1024).name("small").build();
                StackAllocator.Frame frame = stack.push()) {
            frame.allocateRef(1000);
            RuntimeException overflow = assertThrows(ArenaExhaustedException.class, () -> frame.allocateRef(32));
            assertEquals("allocate: size=32 room=16 depth=1 stack=small status=STACK_FULL: use a larger size, another "
                    + "overflow, or pop frames first", overflow.getMessage());
            assertThrows(ArenaExhaustedException.class, () -> frame.allocate(32));
            assertThrows(ArenaExhaustedException.class, () -> frame.allocateRef(8, 512));
            frame.allocateRef(16);
        }
    }

    @Test
    void growingStackKeepsItsBlocks() {
        try (StackAllocator stack = StackAllocator.builder().size(1024).overflow(OnExhausted.GROW).build()) {
            for (int round = 0; round < 2; round++) {
                try (StackAllocator.Frame frame = stack.push()) {
                    for (int i = 0; i < 5; i++) {
                        frame.allocateRef(1000);
                    }
                }
                assertEquals(5 * 1024, stack.arena().stats().allocated());
            }
        }
    }

    @Test
    void whatFellBackGoesWithTheLastFrame() {
        try (StackAllocator stack = StackAllocator.builder().size(1024).overflow(OnExhausted.FALL_BACK).build()) {
            try (StackAllocator.Frame outer = stack.push()) {
                try (StackAllocator.Frame inner = stack.push()) {
                    long large = inner.allocateRef(100_000);
                    inner.arena().putInt(large, 99_996, 42);
                    inner.allocate(200_000);
                }
                assertTrue(stack.arena().stats().allocated() > 300_000);
                outer.allocateRef(16);
            }
            assertEquals(1024, stack.arena().stats().allocated());
            assertEquals(1024, stack.room());
        }
    }

    // --- refused

    private static List<Executable> calls(StackAllocator stack, StackAllocator.Frame frame) {
        return List.of(stack::push, stack::depth, stack::room, () -> frame.allocateRef(8), () -> frame.allocate(8),
                () -> frame.allocateRef(8, 8), () -> frame.allocate(8, 8),
                () -> frame.allocateRef(Integer.MAX_VALUE));
    }

    @Test
    void everyCallOfAClosedStackIsRefused() {
        try (NativeArena parent = NativeArena.create()) {
            List<Runnable> ends = List.of(parent::reset, parent::clear,
                    () -> ArenaNatives.reset(parent.nativeHandle()), () -> { });
            for (Runnable end : ends) {
                StackAllocator stack = StackAllocator.builder().parent(parent).build();
                StackAllocator.Frame frame = stack.push();
                end.run();
                if (!stack.isClosed()) {
                    stack.close();
                }
                calls(stack, frame).forEach(call -> assertThrows(IllegalStateException.class, call));
                frame.close();
                stack.close();
            }
        }
    }

    @Test
    void everyCallOfAnotherThreadIsRefused() throws Exception {
        try (StackAllocator stack = StackAllocator.create(); StackAllocator.Frame frame = stack.push()) {
            List<Executable> calls = new ArrayList<>(calls(stack, frame));
            calls.add(frame::close);
            calls.add(stack::close);
            for (Executable call : calls) {
                OtherThread.assertRefused(stack.arena(), OtherThread.thrownBy(call::execute));
            }
            frame.allocateRef(8);
        }
    }

    @Test
    void itsArenaMayBeMisused() {
        try (StackAllocator stack = StackAllocator.builder().size(4096).build()) {
            NativeArena inside = stack.arena();
            Mark mark = inside.mark();
            StackAllocator.Frame frame = stack.push();
            Scope scope = inside.openScope();
            assertStatus(Status.NOT_TOP, () -> frame.allocateRef(8));
            scope.close();
            inside.rewind(mark);
            assertStatus(Status.STALE_MARK, () -> frame.allocateRef(8));
            frame.close();
            StackAllocator.Frame lost = stack.push();
            inside.reset();
            assertStatus(Status.STALE_MARK, () -> lost.allocateRef(8));
            lost.close();
            inside.onRelease(() -> assertThrows(IllegalStateException.class, inside::clear));
            stack.push().close();
            assertEquals(0, stack.depth());
        }
    }

    @Test
    void sizesOutOfRangeAreRefused() {
        for (long size : new long[] {0, -1, 1L << 30, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> StackAllocator.builder().size(size).build());
        }
    }

    // --- cost

    @Test
    @DisabledInNativeImage // has no such counter
    void framesMakeAtMostOneSmallObject() {
        try (StackAllocator stack = StackAllocator.create()) {
            long bytes = RunFrames.bytes(stack);
            assertTrue(bytes <= 100_000L * 48 + 10_000, "bytes=" + bytes);
        }
    }

    /** AddressSanitizer's arenas are C's, and so are the frames in them. */
    @Test
    @DisabledInNativeImage // starts a JVM
    void compiledFramesMakeNoGarbage(@TempDir Path directory) throws Exception {
        assumeFalse(ChildJvm.isAddressSanitized(), "skipped: an instrumented library sees every allocation");
        String output = new ChildJvm(directory).with("-Xbatch").run(RunFrames.class).succeeded().output();
        long bytes = Long.parseLong(output.lines().filter(line -> line.startsWith("bytes=")).findFirst().orElseThrow()
                .substring(6));
        assertTrue(bytes < 10_000, output);
    }

    @Test
    void sizesOutOfRangeAreNamed() {
        for (long size : new long[] {Long.MIN_VALUE, -1, 0, (1 << 30) - 15, 1L << 40}) {
            Exception refused = assertThrows(IllegalArgumentException.class,
                    () -> StackAllocator.builder().size(size).build());
            assertEquals("size=" + size + " stack=stack: pass 1 to 1073741808 bytes", refused.getMessage());
        }
    }
}
