// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Children that C destroys, which Java's objects learn at their next call. */
@NoNativeLeaks
class ArenaFamilyInCTest {
    /** The places of all arenas are looked at by C only once Java has let them go. */
    private static void fillPlaces(NativeArena top) {
        for (int i = 0; i < 300; i++) {
            top.newChild();
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void childThatCHasDestroyedRefusesEveryMethod(String signature) {
        try (NativeArena parent = NativeArena.create(); NativeArena other = NativeArena.create()) {
            NativeArena child = parent.newChild();
            long ref = child.allocateRef(64);
            long handle = child.nativeHandle();
            assertEquals(Status.OK, ArenaNatives.reset(parent.nativeHandle()));
            fillPlaces(other);
            assertThrows(IllegalStateException.class, () -> ArenaCalls.OWNERS.get(signature).on(child, ref));
            assertTrue(child.isClosed());
            assertEquals(Status.INVALID_ARENA, ArenaNatives.check(handle));
            assertEquals(300, other.stats().children());
        }
    }

    static List<String> calls() {
        return new ArrayList<>(ArenaCalls.OWNERS.keySet());
    }

    /** Java looks at the generation at each access from when C has the address of the arena, or of one above. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void childThatCHasDestroyedRefusesReferencesItHasJustUsed(boolean wholeFamily) {
        try (NativeArena top = NativeArena.create(); NativeArena parent = top.newChild()) {
            NativeArena early = parent.newChild();
            long before = early.allocateRef(64);
            early.putLong(before, 0, 1);
            long address = wholeFamily ? top.nativeHandle() : parent.nativeHandle();
            NativeArena late = parent.newChild();
            long after = late.allocateRef(64);
            late.putLong(after, 0, 2);
            assertEquals(3, early.getLong(before, 0) + late.getLong(after, 0));
            assertEquals(Status.OK, ArenaNatives.reset(address));
            assertThrows(IllegalStateException.class, () -> early.getLong(before, 0));
            assertThrows(IllegalStateException.class, () -> late.putLong(after, 0, 3));
        }
    }

    @Test
    void childThatCHasDestroyedIsLetGoByClose() {
        try (NativeArena parent = NativeArena.create(); NativeArena other = NativeArena.create()) {
            NativeArena child = parent.newChild();
            long handle = child.nativeHandle();
            ArenaNatives.clear(parent.nativeHandle());
            assertNotEquals(handle, other.newChild().nativeHandle());
            child.close();
            child.close();
            assertEquals(handle, other.newChild().nativeHandle(), "the place is used again");
            assertTrue(child.isClosed());
        }
    }

    @Test
    void childrenThatCHasDestroyedDoNotPileUp() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena parent = NativeArena.create(pool)) {
            for (int i = 0; i < 100; i++) {
                parent.newChild();
                parent.newChild();
                ArenaNatives.reset(parent.nativeHandle());
            }
            assertEquals(3, pool.stats().openArenas(), "the parent and the last two");
            parent.newChild();
            assertEquals(2, pool.stats().openArenas());
        }
    }

    @Test
    void anArenaThatCHasDestroyedClosesItsChildren() {
        NativeArena parent = NativeArena.create();
        NativeArena child = parent.newChild();
        ArenaNatives.destroy(parent.nativeHandle());
        assertTrue(parent.isClosed());
        assertTrue(child.isClosed());
        assertThrows(IllegalStateException.class, parent::newChild);
        parent.close();
        assertDoesNotThrow(child::close);
    }

    /** The memory that the text lay in may be another arena's by then. */
    @Test
    void textInAnArenaThatCHasDestroyedEnds() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena parent = NativeArena.create(pool)) {
            List<Utf8Builder> texts = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                texts.add(parent.newChild().utf8Builder().append("x"));
            }
            ArenaNatives.reset(parent.nativeHandle());
            for (Utf8Builder text : texts) {
                try (NativeArena next = NativeArena.builder().pool(pool).zeroed(true).build()) {
                    ByteBuffer block = next.allocate(4000);
                    assertThrows(IllegalStateException.class, () -> text.append('Z'));
                    assertThrows(IllegalStateException.class, () -> text.append(12_345L));
                    assertThrows(IllegalStateException.class, () -> text.append("text"));
                    assertEquals(-1, block.mismatch(ByteBuffer.allocate(4000)));
                }
            }
        }
    }
}
