// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.ArenaCalls.Call;
import dev.corral.junit.NoNativeLeaks;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may call what: every public method on a closed arena, from another thread, and with invalid references. */
@NoNativeLeaks
class ArenaAccessRulesTest {
    static Stream<String> owners() {
        return ArenaCalls.OWNERS.keySet().stream();
    }

    static Stream<String> everybodys() {
        return ArenaCalls.EVERYBODYS.keySet().stream();
    }

    static Stream<String> withReference() {
        return ArenaCalls.withReference().keySet().stream();
    }

    private static void run(Call call, NativeArena arena, long ref) {
        call.on(arena, ref);
    }

    @Test
    @DisabledInNativeImage // lists methods by reflection
    void everyPublicMethodIsCovered() {
        Set<String> declared = new TreeSet<>();
        for (Method method : NativeArena.class.getMethods()) {
            if (!Modifier.isStatic(method.getModifiers()) && method.getDeclaringClass() != Object.class) {
                declared.add(method.getName() + Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName)
                        .collect(Collectors.joining(",", "(", ")")));
            }
        }
        Set<String> covered = new TreeSet<>(ArenaCalls.OWNERS.keySet());
        covered.addAll(ArenaCalls.EVERYBODYS.keySet());
        covered.add("close()");
        assertEquals(covered, declared, "add new methods to ArenaCalls");
    }

    @ParameterizedTest
    @MethodSource("owners")
    void everyMethodWorksForTheOwnerOfAnOpenArena(String signature) {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(8);
            assertDoesNotThrow(() -> run(ArenaCalls.OWNERS.get(signature), arena, ref));
        }
    }

    @ParameterizedTest
    @MethodSource("owners")
    void aClosedArenaRefusesEveryMethod(String signature) {
        NativeArena arena = NativeArena.builder().name("closed-one").build();
        long ref = arena.allocateRef(8);
        arena.close();
        IllegalStateException thrown = assertThrows(IllegalStateException.class,
                () -> run(ArenaCalls.OWNERS.get(signature), arena, ref));
        assertEquals("arena=closed-one: the arena is closed", thrown.getMessage());
    }

    @ParameterizedTest
    @MethodSource("owners")
    void closingThePoolClosesTheArenaForEveryMethod(String signature) {
        MemoryPool pool = MemoryPool.create();
        try (NativeArena arena = NativeArena.create(pool)) {
            long ref = arena.allocateRef(8);
            pool.close();
            IllegalStateException thrown = assertThrows(IllegalStateException.class,
                    () -> run(ArenaCalls.OWNERS.get(signature), arena, ref));
            assertEquals("arena=arena: the arena is closed", thrown.getMessage());
        }
    }

    @ParameterizedTest
    @MethodSource("owners")
    void anotherThreadIsRefusedByEveryMethod(String signature) throws Exception {
        try (NativeArena arena = NativeArena.builder().name("mine").build()) {
            long ref = arena.allocateRef(8);
            ArenaStats before = arena.stats();
            Call call = ArenaCalls.OWNERS.get(signature);
            OtherThread.assertRefused(arena, OtherThread.thrownBy(() -> run(call, arena, ref)));
            assertEquals(before, arena.stats(), "a refused call changes nothing");
        }
    }

    @ParameterizedTest
    @MethodSource("everybodys")
    void whatSaysAnyThreadWorksInAnotherThreadAndAfterClose(String signature) throws Exception {
        Call call = ArenaCalls.EVERYBODYS.get(signature);
        NativeArena arena = NativeArena.create();
        try (arena) {
            assertNull(OtherThread.thrownBy(() -> run(call, arena, 0)));
        }
        assertDoesNotThrow(() -> run(call, arena, 0));
        assertNull(OtherThread.thrownBy(() -> run(call, arena, 0)));
    }

    @Test
    void closeFromAnotherThreadIsRefusedAndTheArenaStaysOpen() throws Exception {
        try (NativeArena arena = NativeArena.create()) {
            OtherThread.assertRefused(arena, OtherThread.thrownBy(arena::close));
            assertFalse(arena.isClosed());
            assertEquals(8, arena.allocate(8).capacity());
        }
    }

    @Test
    void closingTwiceDoesNothing() {
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena arena = NativeArena.create(pool);
            arena.close();
            assertTrue(arena.isClosed());
            assertDoesNotThrow(arena::close);
            assertEquals(0, pool.stats().openArenas());
        }
    }

    @Test
    void closingAClosedArenaFromAnotherThreadDoesNothing() throws Exception {
        NativeArena arena = NativeArena.create();
        arena.close();
        assertNull(OtherThread.thrownBy(arena::close));
    }

    @Test
    void onlyTheOwnerOwnsAnOpenArena() throws Exception {
        NativeArena arena = NativeArena.create();
        try (arena) {
            assertTrue(arena.isOwnedByCurrentThread());
            assertFalse(OtherThread.call(arena::isOwnedByCurrentThread));
        }
        assertFalse(arena.isOwnedByCurrentThread());
    }

    @Test
    void theCreatingThreadOwnsTheArena() throws Exception {
        try (MemoryPool pool = MemoryPool.create()) {
            assertEquals(42L, OtherThread.call(() -> {
                try (NativeArena arena = NativeArena.create(pool)) {
                    long ref = arena.allocateRef(8);
                    arena.putLong(ref, 0, 42);
                    return arena.getLong(ref, 0);
                }
            }));
        }
    }

    // --- references

    private static void assertStale(NativeArena arena, long ref, Throwable thrown) {
        assertEquals(IllegalStateException.class, thrown.getClass());
        String message = thrown.getMessage();
        String start = "ref=0x" + Long.toHexString(ref) + " generation=" + (ref >>> 50) + " current=";
        assertTrue(message.startsWith(start), message);
        assertTrue(message.endsWith(" arena=" + arena.name()
                + ": the reference is null, of another arena, or was taken back by a reset, clear or rewind"), message);
    }

    @ParameterizedTest
    @MethodSource("withReference")
    void theNullReferenceIsRefused(String signature) {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(8);
            assertStale(arena, 0, assertThrows(IllegalStateException.class,
                    () -> run(ArenaCalls.OWNERS.get(signature), arena, 0)));
        }
    }

    @ParameterizedTest
    @MethodSource("withReference")
    void aReferenceFromBeforeAResetIsRefused(String signature) {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(8);
            arena.putLong(ref, 0, 1);
            arena.reset();
            long fresh = arena.allocateRef(8);
            assertStale(arena, ref, assertThrows(IllegalStateException.class,
                    () -> run(ArenaCalls.OWNERS.get(signature), arena, ref)));
            assertDoesNotThrow(() -> run(ArenaCalls.OWNERS.get(signature), arena, fresh));
        }
    }

    @ParameterizedTest
    @MethodSource("withReference")
    void aReferenceFromBeforeAClearIsRefused(String signature) {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(4096);
            long ref = arena.allocateRef(8); // in the second chunk, which clear gives back
            arena.putLong(ref, 0, 1);
            arena.clear();
            assertStale(arena, ref, assertThrows(IllegalStateException.class,
                    () -> run(ArenaCalls.OWNERS.get(signature), arena, ref)));
        }
    }

    @ParameterizedTest
    @MethodSource("withReference")
    void aReferenceToAChunkThatDoesNotExistIsRefused(String signature) {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(8) | 7L << 30;
            assertStale(arena, ref, assertThrows(IllegalStateException.class,
                    () -> run(ArenaCalls.OWNERS.get(signature), arena, ref)));
        }
    }

    @ParameterizedTest
    @MethodSource("withReference")
    void aReferenceBehindItsChunksEndIsOutOfBounds(String signature) {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(8) + 4096;
            assertThrows(IndexOutOfBoundsException.class, () -> run(ArenaCalls.OWNERS.get(signature), arena, ref));
        }
    }

    @ParameterizedTest
    @MethodSource("withReference")
    void aReferenceOfAnotherArenaWithMoreResetsIsRefused(String signature) {
        try (NativeArena arena = NativeArena.create(); NativeArena other = NativeArena.create()) {
            arena.allocateRef(8);
            other.reset();
            long ref = other.allocateRef(8);
            assertStale(arena, ref, assertThrows(IllegalStateException.class,
                    () -> run(ArenaCalls.OWNERS.get(signature), arena, ref)));
        }
    }

    @Test
    void aReferenceOfAnotherArenaNeverReachesThatArenasMemory() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool);
                NativeArena other = NativeArena.create(pool)) {
            long mine = arena.allocateRef(8);
            long foreign = other.allocateRef(8);
            assertEquals(mine, foreign, "both are the first block of a first generation");
            other.putLong(foreign, 0, 77);
            arena.putLong(foreign, 0, 42);
            assertEquals(77, other.getLong(foreign, 0));
            assertEquals(42, arena.getLong(mine, 0));
        }
    }

    @Test
    void nullArraysAreRefused() {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(8);
            assertEquals("source", assertThrows(NullPointerException.class,
                    () -> arena.copyIn(ref, 0, null, 0, 0)).getMessage());
            assertEquals("target", assertThrows(NullPointerException.class,
                    () -> arena.copyOut(ref, 0, null, 0, 0)).getMessage());
        }
    }

    @Test
    void poolAndNameAreThoseOfTheBuilder() {
        try (MemoryPool pool = MemoryPool.create();
                NativeArena arena = NativeArena.builder().pool(pool).name("named").build()) {
            assertSame(pool, arena.pool());
            assertEquals("named", arena.name());
        }
    }
}
