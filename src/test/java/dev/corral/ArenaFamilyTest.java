// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Children: who ends with whom, and who may do so. */
@NoNativeLeaks
class ArenaFamilyTest {
    private static final int DEEP = 100_000;

    /** What ends the children of an arena. */
    enum Ending {
        RESET, CLEAR, CLOSE;

        void of(NativeArena arena) {
            switch (this) {
                case RESET -> arena.reset();
                case CLEAR -> arena.clear();
                default -> arena.close();
            }
        }
    }

    private static void assertClosed(NativeArena arena) {
        assertTrue(arena.isClosed());
        assertFalse(arena.isOwnedByCurrentThread());
        String message = assertThrows(IllegalStateException.class, () -> arena.allocateRef(8)).getMessage();
        assertEquals("arena=" + arena.name() + ": the arena is closed", message);
        assertDoesNotThrow(arena::close);
    }

    @ParameterizedTest
    @EnumSource(Ending.class)
    void childEndsWithItsParent(Ending ending) {
        try (NativeArena parent = NativeArena.create()) {
            NativeArena child = parent.newChild();
            NativeArena grandchild = child.newChild();
            NativeArena newest = parent.newChild();
            ByteBuffer view = grandchild.allocate(5_000);
            long ref = grandchild.allocateRef(8);
            assertEquals(3, parent.stats().children());
            ending.of(parent);
            List.of(child, grandchild, newest).forEach(ArenaFamilyTest::assertClosed);
            assertThrows(IllegalStateException.class, () -> grandchild.getLong(ref, 0));
            if (child.viewSafety() == ViewSafety.CHECKED) {
                assertThrows(IllegalStateException.class, () -> view.get(0));
            }
            assertEquals(ending == Ending.CLOSE ? 0 : 1, MemoryPool.shared().stats().openArenas());
        }
    }

    @Test
    void aParentGoesOnWithoutItsChildren() {
        try (NativeArena parent = NativeArena.create()) {
            NativeArena first = parent.newChild();
            NativeArena second = parent.newChild();
            NativeArena third = parent.newChild();
            second.close();
            assertEquals(2, parent.stats().children());
            third.close();
            first.close();
            assertEquals(0, parent.stats().children());
            assertDoesNotThrow(() -> parent.newChild().allocate(10));
            parent.reset();
            assertEquals(0, parent.stats().children());
            Blocks.assertSound(parent);
        }
    }

    @Test
    void rewindAndScopesKeepTheChildren() {
        try (NativeArena parent = NativeArena.create()) {
            Mark mark = parent.mark();
            NativeArena child = parent.newChild();
            ByteBuffer view = child.allocate(100);
            Blocks.fill(view, 3);
            parent.rewind(mark);
            Scope scope = parent.openScope();
            parent.allocateRef(100);
            scope.close();
            Blocks.assertFilled(view, 3);
            assertEquals(1, parent.stats().children());
        }
    }

    @Test
    void childHasNameAndPoolOfItsParent() {
        try (MemoryPool pool = MemoryPool.create();
             NativeArena parent = NativeArena.builder().pool(pool).name("parser").zeroed(true).build()) {
            assertEquals("parser", parent.newChild().name());
            assertSame(pool, parent.newChild(4096).pool());
            NativeArena other = NativeArena.builder().parent(parent).name("lexer").alignment(8).build();
            assertEquals("lexer", other.name());
            other.allocateRef(1);
            assertEquals(8, Blocks.offset(other.allocateRef(1)));
            assertEquals(4, pool.stats().openArenas());
        }
    }

    @Test
    void childOfAnotherPoolRefused() {
        try (MemoryPool pool = MemoryPool.builder().name("mine").build(); NativeArena parent = NativeArena.create()) {
            String message = assertThrows(IllegalArgumentException.class,
                    () -> NativeArena.builder().pool(pool).parent(parent).build()).getMessage();
            assertEquals("pool=mine parent.pool=shared: a child takes its chunks from its parent's pool, do not set "
                    + "another", message);
            assertThrows(NullPointerException.class, () -> NativeArena.builder().parent(null));
        }
    }

    @Test
    void anotherThreadCannotMakeAChild() throws Exception {
        try (NativeArena parent = NativeArena.create()) {
            NativeArena child = parent.newChild();
            OtherThread.assertRefused(parent, OtherThread.thrownBy(parent::newChild));
            OtherThread.assertRefused(parent,
                    OtherThread.thrownBy(() -> NativeArena.builder().parent(parent).build()));
            OtherThread.assertRefused(child, OtherThread.thrownBy(child::close));
            assertEquals(1, parent.stats().children());
        }
    }

    /** A recursion would need some megabytes of stack for this. */
    @Test
    void familiesMayBeDeep() {
        try (MemoryPool pool = MemoryPool.create();
             NativeArena top = NativeArena.builder().pool(pool).initialChunkSize(64).maxChunkSize(64).build()) {
            for (Ending ending : new Ending[] {Ending.RESET, Ending.CLEAR}) {
                NativeArena deepest = top;
                for (int i = 0; i < DEEP; i++) {
                    deepest = deepest.newChild();
                }
                assertEquals(DEEP, top.stats().children());
                ending.of(top);
                assertClosed(deepest);
                assertEquals(1, pool.stats().openArenas());
            }
        }
    }

    // --- release actions and observers

    @Test
    void actionsOfChildrenRunFirst() {
        List<String> order = new ArrayList<>();
        try (NativeArena parent = NativeArena.create()) {
            NativeArena older = parent.newChild();
            NativeArena below = older.newChild();
            NativeArena newer = parent.newChild();
            parent.onRelease(() -> order.add("parent"));
            older.onRelease(() -> order.add("older"));
            below.onRelease(() -> order.add("below " + below.stats().used()));
            newer.onRelease(() -> order.add("newer"));
            below.allocateRef(16);
            parent.reset();
            assertEquals(List.of("newer", "below 16", "older", "parent"), order);
        }
    }

    @Test
    void anActionThatThrowsStopsNothing() {
        List<String> order = new ArrayList<>();
        try (NativeArena parent = NativeArena.create()) {
            NativeArena older = parent.newChild();
            NativeArena newer = parent.newChild();
            parent.onRelease(() -> order.add("parent"));
            older.onRelease(() -> order.add("older"));
            newer.onRelease(() -> {
                throw new IllegalArgumentException("mine");
            });
            parent.allocateRef(16);
            assertEquals("mine", assertThrows(IllegalArgumentException.class, parent::reset).getMessage());
            assertEquals(List.of("older", "parent"), order);
            assertTrue(newer.isClosed() && older.isClosed());
            assertEquals(0, parent.stats().used());
        }
    }

    /** What a child's action may not do to its parent. */
    @ParameterizedTest
    @EnumSource(Ending.class)
    void parentWaitsForAChildThatIsReleasing(Ending ending) {
        List<Throwable> thrown = new ArrayList<>();
        try (NativeArena parent = NativeArena.create()) {
            NativeArena child = parent.newChild();
            NativeArena sibling = parent.newChild();
            child.onRelease(() -> thrown.add(assertThrows(IllegalStateException.class, () -> ending.of(parent))));
            child.reset();
            assertTrue(thrown.get(0).getMessage().contains("status=RELEASING"), thrown.get(0).getMessage());
            assertFalse(child.isClosed() || sibling.isClosed() || parent.isClosed());
            child.onRelease(() -> thrown.add(assertThrows(IllegalStateException.class, () -> ending.of(parent))));
            parent.reset();
            assertEquals(2, thrown.size());
        }
    }

    @Test
    void observerOfAChildIsToldItsEnd() {
        List<String> told = new ArrayList<>();
        ArenaObserver observer = new ArenaObserver() {
            @Override
            public void onDestroy(NativeArena arena) {
                told.add(arena.name() + " closed=" + arena.isClosed());
            }
        };
        try (NativeArena parent = NativeArena.create()) {
            NativeArena.builder().parent(parent).name("watched").observer(observer).build();
            parent.clear();
            assertEquals(List.of("watched closed=true"), told);
        }
    }

    // --- threads and pools

    @Test
    void familyOfAnEndedThreadIsClosedByAnother() throws Exception {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena[] family = OtherThread.call(() -> {
                NativeArena parent = NativeArena.create(pool);
                return new NativeArena[] {parent, parent.newChild(), parent.newChild()};
            });
            family[1].close();
            assertTrue(family[0].isOwnedByCurrentThread(), "whoever closes one takes over all");
            assertNotNull(OtherThread.thrownBy(family[0]::close));
            family[0].close();
            assertTrue(family[2].isClosed());
            assertEquals(0, pool.stats().openArenas());
        }
    }

    @Test
    void closingThePoolClosesFamilies() {
        MemoryPool pool = MemoryPool.create();
        NativeArena parent = NativeArena.create(pool);
        NativeArena child = parent.newChild();
        List<String> order = new ArrayList<>();
        child.onRelease(() -> order.add("child"));
        parent.onRelease(() -> order.add("parent"));
        pool.close();
        assertEquals(List.of("child", "parent"), order);
        assertClosed(child);
        assertClosed(parent);
    }

    // --- dropped

    private static NativeArena dropParent(MemoryPool pool) {
        return NativeArena.builder().pool(pool).name("lost").build().newChild();
    }

    private static ByteBuffer dropFamily(MemoryPool pool) {
        NativeArena child = dropParent(pool);
        child.newChild().allocateRef(10_000);
        ByteBuffer view = child.allocate(100);
        Blocks.fill(view, 9);
        return view;
    }

    @Test
    void aChildKeepsItsParent() {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena child = dropParent(pool);
            Await.reaped();
            assertEquals(2, pool.stats().openArenas());
            child.allocateRef(100_000);
            assertEquals(0, pool.stats().droppedArenas());
        }
    }

    @Test
    void aDroppedFamilyIsFreedOnceNoViewIsLeft() {
        try (MemoryPool pool = MemoryPool.create()) {
            ByteBuffer view = dropFamily(pool);
            Await.collected("the family is found", () -> pool.stats().openArenas() == 0, pool::stats);
            assertEquals(1, pool.stats().droppedArenas(), "of a family the one on top counts");
            Blocks.assertFilled(view, 9);
            assertTrue(pool.stats().inUse() >= 8192, "the child and its parent stay");
            view = null;
            Await.collected("the family is freed", () -> pool.stats().inUse() == 0, pool::stats);
            Blocks.assertSound(pool);
        }
    }

    /** The place of a closed arena is another's at once. */
    @Test
    void resetOfAnArenaThatAChildsObserverHasClosedIsRefused() {
        NativeArena[] other = new NativeArena[1];
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena parent = NativeArena.builder().pool(pool).build();
            NativeArena.builder().parent(parent).observer(new ArenaObserver() {
                @Override
                public void onDestroy(NativeArena child) {
                    parent.close();
                    while (other[0] == null || other[0].handle != parent.handle) {
                        other[0] = NativeArena.builder().pool(pool).build();
                    }
                    other[0].allocateRef(100);
                }
            }).build();
            assertThrows(IllegalStateException.class, parent::reset);
            assertEquals(112, other[0].stats().used());
            assertEquals(0, other[0].stats().resets());
        }
    }
}
