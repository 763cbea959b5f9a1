// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ReleaseNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A thread that comes to the end of its own stack, anywhere in the life of a frame, leaves no frame behind. */
@NoNativeLeaks
@DisabledInNativeImage // which gives its threads other stacks
@SuppressWarnings("try") // a frame is opened for its end
class StackErrorsTest {
    private static final int ROUNDS = 60;
    private static final long JAVA_STACK = 256 * 1024;

    @TempDir
    Path directory;

    private static int deeper(StackAllocator stack, int level) {
        try (StackAllocator.Frame frame = stack.push()) {
            if (level % 16 == 0) {
                frame.allocateRef(8);
            }
            return deeper(stack, level + 1) + 1;
        }
    }

    private static void errors(StackAllocator stack, int level) {
        try {
            deeper(stack, level);
        } catch (StackOverflowError e) {
            return;
        }
        throw new AssertionError("endless recursion has ended");
    }

    private static void rounds() {
        try (StackAllocator stack = StackAllocator.builder().overflow(OnExhausted.FALL_BACK).build()) {
            for (int round = 0; round < ROUNDS; round++) {
                StackAllocator.Frame around = stack.push();
                errors(stack, round);
                try {
                    around.close();
                } catch (IllegalStateException e) { // the JIT may have left too little room to enter close at all
                    assertEquals(true, e.getMessage().contains("status=NOT_TOP"), e.getMessage());
                }
                assertEquals(0, stack.depth());
                assertEquals(65536, stack.room());
                assertEquals(65536, stack.arena().stats().allocated());
            }
        }
    }

    @Test
    void endOfTheThreadsStackLeavesNoFrames() throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(null, StackErrorsTest::rounds, "small", JAVA_STACK);
        thread.setUncaughtExceptionHandler((of, cause) -> thrown.set(cause));
        thread.start();
        thread.join();
        assertNull(thrown.get(), () -> String.valueOf(thrown.get()));
    }

    /** The interpreter has more places for it to end, the JIT other ones. */
    @ParameterizedTest
    @ValueSource(strings = {"-Xint", "-Xmixed"})
    void endOfTheThreadsStackInResetLeavesNoReference(String mode) throws Exception {
        ChildJvm.Result result = new ChildJvm(directory).with(mode).run(RunOutOfStackInArena.class).succeeded();
        assertEquals(List.of("what=0 read=0", "what=1 read=0", "what=2 read=0"), result.lines("read="),
                result.output());
        assertEquals(1, result.lines("what=2 taken back=true").size(), result.output());
        // Where reset or clear ends is a matter of how deep C's frames are, and of the library under AddressSanitizer.
        assertTrue(mode.equals("-Xmixed") || result.lines("taken back=true").size() > 1, result.output());
    }

    @Test
    void endOfTheThreadsStackInPushOrCloseLeavesNoFrame() throws Exception {
        ChildJvm.Result result = new ChildJvm(directory).with("-Xint").run(RunOutOfStack.class).succeeded();
        assertEquals(List.of("errors=600 left=0", "closes=600 left=0 taken back=true"), result.lines("left="),
                result.output());
    }

    /** An error between C's end of an arena and Java's leaves it registered. */
    @Test
    void whatIsDestroyedIsNotDestroyedAgain() {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena cut = NativeArena.builder().pool(pool).alignment(8).build();
            ArenaState state = pool.state().arenas.open.first;
            assertEquals(cut.handle, state.handle);
            assertEquals(Status.OK, state.destroy());
            NativeArena inItsPlace = NativeArena.builder().pool(pool).alignment(8).build();
            assertEquals(cut.handle, inItsPlace.handle);
            state.destroyDropped();
            assertEquals(Status.OK, state.destroy());
            assertFalse(inItsPlace.isClosed());
            inItsPlace.close();
        }
    }

    /** What a StackOverflowError leaves after C has begun to release and before Java has ended it. */
    private static void cutShort(NativeArena arena) {
        arena.onRelease(() -> { });
        assertEquals(Status.OK, ReleaseNatives.begin(arena.handle, ReleaseNatives.ALL));
        arena.begun = true;
        assertTrue(ReleaseNatives.isRunning(arena.handle));
    }

    @Test
    void aReleaseThatWasCutShortIsInTheWayOfNothing() {
        try (MemoryPool pool = MemoryPool.create()) {
            for (Consumer<NativeArena> use : List.<Consumer<NativeArena>>of(NativeArena::reset, NativeArena::clear,
                    NativeArena::newChild, arena -> arena.onRelease(() -> { }), NativeArena::close,
                    arena -> arena.pool().close())) {
                NativeArena arena = NativeArena.create(pool);
                cutShort(arena);
                use.accept(arena);
                arena.close();
            }
        }
    }

    @Test
    void aReleaseThatWasCutShortDoesNotKeepADroppedArena() {
        try (MemoryPool pool = MemoryPool.create()) {
            cutShort(NativeArena.create(pool));
            Await.collected("the arena is freed", () -> pool.stats().inUse() == 0, pool::stats);
        }
    }
}
