// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which views end when, and which live on. */
@NoNativeLeaks
@SuppressWarnings("try") // a scope is there for its end
class ViewLifeTest {
    private final MemoryPool pool = MemoryPool.create();
    private final NativeArena arena = NativeArena.create(pool);
    private final boolean checked = arena.viewSafety() == ViewSafety.CHECKED;

    @AfterEach
    void close() {
        Blocks.assertSound(pool);
        pool.close();
    }

    private static void assertAlive(ByteBuffer... views) {
        for (ByteBuffer view : views) {
            view.put(0, (byte) (view.get(0) + 1));
        }
    }

    /** Retained views have nothing to end: they must merely be harmless. */
    private void assertEnded(ByteBuffer... views) {
        for (ByteBuffer view : views) {
            if (checked) {
                assertThrows(IllegalStateException.class, () -> view.get(0));
                assertThrows(IllegalStateException.class, () -> view.put(0, (byte) 1));
            } else {
                assertAlive(view);
            }
        }
    }

    @Test
    void viewsFromBeforeAMarkOutliveARewindToIt() {
        ByteBuffer before = arena.allocate(16);
        Mark mark = arena.mark();
        ByteBuffer after = arena.allocate(16);
        arena.rewind(mark);
        assertAlive(before);
        assertEnded(after);
        ByteBuffer again = arena.allocate(16);
        assertAlive(before, again);
        arena.rewind(mark);
        assertAlive(before);
        assertEnded(after, again);
    }

    @Test
    void eachMarkEndsWhatCameAfterIt() {
        List<Mark> marks = new ArrayList<>();
        List<ByteBuffer> views = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            marks.add(arena.mark());
            views.add(arena.allocate(3_000)); // enters chunks, too
        }
        for (int i = 39; i >= 0; i -= 3) {
            arena.rewind(marks.get(i));
            for (int j = 0; j < 40; j++) {
                if (j < i) {
                    assertAlive(views.get(j));
                } else {
                    assertEnded(views.get(j));
                }
            }
        }
    }

    @Test
    void scopesEndTheirOwnViews() {
        ByteBuffer outside = arena.allocate(16);
        ByteBuffer inOuter;
        ByteBuffer inInner;
        try (Scope outer = arena.openScope()) {
            inOuter = arena.allocate(16);
            try (Scope inner = arena.openScope()) {
                inInner = arena.allocate(16);
                assertAlive(outside, inOuter, inInner);
            }
            assertEnded(inInner);
            assertAlive(outside, inOuter);
            ByteBuffer later = arena.allocate(16);
            assertAlive(later);
            inInner = later;
        }
        assertEnded(inInner, inOuter);
        assertAlive(outside, arena.allocate(16));
    }

    @Test
    void aViewOfAnOlderBlockEndsWithTheScopeInWhichItWasMade() {
        long ref = arena.allocateRef(16);
        ByteBuffer outside = arena.view(ref, 16);
        ByteBuffer inside;
        try (Scope scope = arena.openScope()) {
            inside = arena.view(ref, 16);
            assertAlive(inside, outside);
        }
        assertEnded(inside);
        assertAlive(outside, arena.view(ref, 16));
    }

    @Test
    void aMarkInAScopeEndsWithIt() {
        ByteBuffer view;
        try (Scope scope = arena.openScope()) {
            Mark mark = arena.mark();
            view = arena.allocate(16);
            arena.rewind(mark);
            assertEnded(view);
            view = arena.allocate(16);
        }
        assertEnded(view);
    }

    @Test
    void aRefusedRewindEndsNothing() {
        Mark mark = arena.mark();
        arena.allocateRef(16);
        Mark later = arena.mark();
        arena.rewind(mark);
        ByteBuffer view = arena.allocate(16);
        assertThrows(IllegalStateException.class, () -> arena.rewind(later));
        assertAlive(view);
    }

    @Test
    void aScopeThatIsClosedOutOfOrderEndsNothing() {
        Scope outer = arena.openScope();
        ByteBuffer inOuter = arena.allocate(16);
        Scope inner = arena.openScope();
        ByteBuffer inInner = arena.allocate(16);
        assertThrows(IllegalStateException.class, outer::close);
        assertAlive(inOuter, inInner);
        inner.close();
        outer.close();
        assertEnded(inOuter, inInner);
    }

    @Test
    void memoryIsReusedAtOnce() {
        ByteBuffer first = arena.allocate(64);
        long used = arena.stats().allocated();
        for (int i = 0; i < 1_000; i++) {
            arena.reset();
            ByteBuffer next = arena.allocate(64);
            next.putLong(0, i);
            assertEnded(first);
            first = next;
        }
        assertEquals(used, arena.stats().allocated());
    }

    @Test
    void referencesAloneNeedNoSession() {
        for (int i = 0; i < 10; i++) {
            try (Scope scope = arena.openScope()) {
                arena.putInt(arena.allocateRef(5_000), 0, i);
                arena.mark();
                assertFalse(arena.hasViewsSince(0));
            }
        }
        arena.allocate(1);
        assertEquals(checked, arena.hasViewsSince(0));
        arena.reset();
        assertFalse(arena.hasViewsSince(0));
    }

    @Test
    void aResetInCEndsViewsAtTheNextView() {
        ByteBuffer view = arena.allocate(16);
        try (Scope scope = arena.openScope()) {
            ByteBuffer scoped = arena.allocate(16);
            ArenaNatives.reset(arena.nativeHandle());
            assertAlive(view, scoped); // Java does not know yet: bytes of this arena
            ByteBuffer fresh = arena.allocate(16);
            assertEnded(view, scoped);
            assertAlive(fresh);
        }
        assertAlive(arena.allocate(16));
    }

    @Test
    void viewsAfterARewindInCAreSound() {
        long handle = arena.nativeHandle();
        ByteBuffer before = arena.allocate(16);
        long mark = ArenaNatives.mark(handle);
        ByteBuffer after = arena.allocate(16);
        ArenaNatives.rewind(handle, mark);
        assertAlive(before, after, arena.allocate(16));
        arena.reset();
        assertEnded(before, after);
    }

    @Test
    void aViewOfAnotherThreadIsRefusedUnlessShared() throws Exception {
        ByteBuffer view = arena.allocate(16);
        ByteBuffer shared;
        try (NativeArena sharing = NativeArena.builder().pool(pool).sharedViews(true).build()) {
            assertEquals(ViewSafety.RETAINED, sharing.viewSafety());
            shared = sharing.allocate(16);
            OtherThread.call(() -> shared.putInt(0, 7));
            assertEquals(7, shared.getInt(0));
        }
        shared.putInt(0, 8);
        if (checked) {
            Throwable refused = OtherThread.call(() -> assertThrows(RuntimeException.class, () -> view.getInt(0)));
            assertEquals("java.lang.WrongThreadException", refused.getClass().getName());
        } else {
            OtherThread.call(() -> view.putInt(0, 7));
        }
    }

    @Test
    void anArenaOfAnEndedThreadIsClosedByAnother() throws Exception {
        ByteBuffer[] view = new ByteBuffer[1];
        NativeArena orphan = OtherThread.call(() -> {
            NativeArena made = NativeArena.create(pool);
            view[0] = made.allocate(16);
            return made;
        });
        orphan.close();
        assertTrue(orphan.isClosed());
        if (checked) {
            assertThrows(RuntimeException.class, () -> view[0].get(0));
        } else {
            assertAlive(view[0]);
        }
    }
}
