// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.junit.NoNativeLeaks;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Observers of arenas that have parents and children. */
@NoNativeLeaks
class ObservedFamilyTest {
    /** Writes down what ends, by the arena's name. */
    private static final class Ends implements ArenaObserver {
        final List<String> told = new ArrayList<>();

        @Override
        public void onReset(NativeArena arena, TakeBack by) {
            told.add(arena.name() + " " + by);
        }

        @Override
        public void onDestroy(NativeArena arena) {
            told.add(arena.name() + " destroy");
            assertTrue(arena.isClosed());
        }
    }

    private static NativeArena child(NativeArena parent, String name, ArenaObserver observer) {
        return NativeArena.builder().parent(parent).name(name).observer(observer).build();
    }

    @Test
    void observerOfAChild() {
        Ends ends = new Ends();
        try (NativeArena parent = NativeArena.builder().name("parent").observer(ends).build()) {
            NativeArena first = child(parent, "first", ends);
            child(parent, "second", ends);
            child(first, "grandchild", ends);
            parent.newChild().allocateRef(8); // observed by nobody
            parent.reset();
            assertEquals(List.of("second destroy", "grandchild destroy", "first destroy", "parent RESET"), ends.told);
            assertTrue(first.isClosed());
            child(parent, "last", ends);
            ends.told.clear();
        }
        assertEquals(List.of("last destroy", "parent destroy"), ends.told);
    }

    /** C has ended it long before anybody in Java hears of it. */
    @Test
    void observerOfAChildThatCodeInCEnds() {
        Ends ends = new Ends();
        try (NativeArena parent = NativeArena.builder().name("parent").observer(ends).build()) {
            child(parent, "child", ends).allocateRef(8);
            ArenaNatives.reset(parent.nativeHandle());
            parent.allocateRef(16);
            parent.reset();
            assertTrue(ends.told.contains("child destroy"), ends.told::toString);
            assertEquals(2, ends.told.stream().filter("parent RESET"::equals).count());
        }
    }

    @Test
    void observerOfAChildCannotEndItsParent() {
        try (NativeArena parent = NativeArena.create()) {
            ArenaObserver observer = new ArenaObserver() {
                @Override
                public void onAllocate(NativeArena arena, long ref, long size) {
                    assertThrows(IllegalStateException.class, parent::reset);
                    assertThrows(IllegalStateException.class, parent::close);
                    assertThrows(IllegalStateException.class, () -> arena.newChild());
                }
            };
            NativeArena child = child(parent, "child", observer);
            child.allocateRef(100);
            assertFalse(child.isClosed());
            Blocks.assertSound(parent);
            Blocks.assertSound(child);
        }
    }

    /** What observers throw stops neither the other arenas nor the release. */
    @Test
    void familyEndsAlthoughItsObserversThrow() {
        ArenaObserver observer = new ArenaObserver() {
            @Override
            public void onDestroy(NativeArena arena) {
                throw new IllegalArgumentException(arena.name());
            }
        };
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena parent = NativeArena.builder().pool(pool).name("parent").observer(observer).build();
            NativeArena child = child(parent, "child", observer);
            IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, parent::close);
            assertEquals("child", thrown.getMessage());
            assertEquals("parent", thrown.getSuppressed()[0].getMessage());
            assertTrue(parent.isClosed() && child.isClosed());
            assertEquals(0, pool.stats().liveBlocks());
        }
    }

    @Test
    void zeroedChildLeavesNothingBehind() {
        try (MemoryPool pool = MemoryPool.create();
                NativeArena parent = NativeArena.builder().pool(pool).zeroed(true).build()) {
            NativeArena child = parent.newChild();
            for (int at = 0; at < 256; at++) {
                child.allocate(16).putLong(0, -1);
            }
            child.close();
            try (NativeArena other = NativeArena.builder().pool(pool).fixedSize(4096).build()) {
                for (int at = 0; at < 256; at++) {
                    assertEquals(0, other.allocate(16).getLong(0));
                }
            }
        }
    }
}
