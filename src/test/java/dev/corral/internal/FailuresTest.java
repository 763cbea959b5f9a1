// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.ArenaExhaustedException;
import dev.corral.MemoryDamageException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The one place where a status becomes an exception. */
class FailuresTest {
    @ParameterizedTest
    @CsvSource({"10,INVALID_ARGUMENT", "11,BAD_ALIGNMENT", "12,SIZE_LIMIT", "33,FOREIGN_POINTER"})
    void theCallersArgumentIsAnIllegalArgument(int status, String name) {
        assertFailure(IllegalArgumentException.class, status, name);
    }

    @ParameterizedTest
    @CsvSource({"20,NO_MEMORY", "21,LIMIT_REACHED", "22,ARENA_FULL", "23,CHUNK_LIMIT", "28,STACK_FULL"})
    void aResourceThatRanOutIsExhaustion(int status, String name) {
        assertFailure(ArenaExhaustedException.class, status, name);
    }

    @ParameterizedTest
    @CsvSource({"30,INVALID_ARENA", "31,INVALID_POOL", "32,STALE_REF", "35,STALE_MARK",
        "34,DOUBLE_FREE", "36,RELEASING", "37,STALE_STRING", "38,OBSERVING", "50,NOT_TOP",
        "40,CORRUPTED"})
    void whatIsNotValidAnyMoreIsAnIllegalState(int status, String name) {
        assertFailure(IllegalStateException.class, status, name);
    }

    @Test
    void whatTheMachineLacksIsUnsupported() {
        assertFailure(UnsupportedOperationException.class, 24, "NOT_SUPPORTED");
        assertFailure(UncheckedIOException.class, 25, "FILE_REFUSED");
        assertFailure(UncheckedIOException.class, 26, "FILE_FOREIGN");
        assertFailure(UncheckedIOException.class, 27, "FILE_NEWER");
        assertFailure(UncheckedIOException.class, 42, "FILE_DAMAGED");
    }

    @Test
    void damageIsAnIllegalStateOfItsOwn() {
        assertFailure(MemoryDamageException.class, 41, "DAMAGED");
        assertEquals("reset: arena=a status=DAMAGED: the report",
                Failures.damaged("reset: arena=a", "the report").getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 99, -1, Integer.MAX_VALUE})
    void anUnknownStatusIsAnIllegalState(int status) {
        assertFailure(IllegalStateException.class, status, "UNKNOWN");
    }

    private static void assertFailure(Class<?> type, int status, String name) {
        RuntimeException failure = Failures.of(status, "allocate: size=8 arena=a");
        assertEquals(type, failure.getClass());
        String head = "allocate: size=8 arena=a status=" + name + ": ";
        assertTrue(failure.getMessage().startsWith(head), failure.getMessage());
        assertTrue(failure.getMessage().length() > head.length() + 10, "it says what to do: " + failure.getMessage());
    }

    @Test
    @DisabledInNativeImage // lists fields by reflection
    void everyStatusHasTheNameOfItsConstant() throws ReflectiveOperationException {
        int seen = 0;
        for (Field field : Status.class.getDeclaredFields()) {
            if (field.getType() == int.class && !field.isSynthetic()) {
                assertEquals(field.getName(), Status.name(field.getInt(null)));
                assertTrue(Failures.isStatus(-field.getInt(null)));
                seen++;
            }
        }
        assertEquals(27, seen);
        assertEquals("UNKNOWN", Status.name(99));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -10, -34, -40, -255})
    void smallNegativeNumbersAreStatuses(long result) {
        assertTrue(Failures.isStatus(result));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 64, 0x7F0000000000L, Long.MAX_VALUE, -256, -4096, Long.MIN_VALUE, 0xB400007000000000L})
    void addressesAreNoStatuses(long result) {
        assertFalse(Failures.isStatus(result), "a tagged pointer may be negative");
    }

    @Test
    void theWrongThreadIsNamed() {
        RuntimeException failure = Failures.wrongThread("a", new Thread("owner-1"));
        assertEquals("arena=a owner=owner-1 caller=" + Thread.currentThread().getName()
                + ": an arena may be used by its owner thread only", failure.getMessage());
        boolean hasOwnType = Runtime.version().feature() >= 19;
        assertEquals("java.lang." + (hasOwnType ? "WrongThreadException" : "IllegalStateException"),
                failure.getClass().getName());
        Thread unnamed = new Thread("");
        String message = Failures.wrongThread("a", unnamed).getMessage();
        assertTrue(message.startsWith("arena=a owner=#" + unnamed.getId() + " "), message);
    }
}
