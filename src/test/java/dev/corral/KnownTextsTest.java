// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.LifetimesNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Strings that Java knows to be interned: found without C, counted as C counts, and forgotten when C forgets. */
@NoNativeLeaks
class KnownTextsTest {
    // --- the table

    @Test
    void whatWasAddedIsFoundOrForgotten() {
        KnownTexts known = new KnownTexts();
        for (int i = 0; i < 20_000; i++) {
            known.add("text" + i, i + 1);
            assertEquals(i + 1, known.find("text" + i));
            assertEquals(0, known.find("text" + (i + 1)));
        }
        int found = 0;
        for (int i = 0; i < 20_000; i++) {
            long ref = known.find("text" + i);
            assertTrue(ref == 0 || ref == i + 1, "text" + i + " ref=" + ref);
            found += ref == 0 ? 0 : 1;
        }
        assertTrue(2000 < found && found <= 4096, "found=" + found);
        known.forgetAll();
        assertEquals(0, known.find("text19999"));
        known.add("text1", 7);
        assertEquals(7, known.find("text1"));
    }

    @Test
    void stringsOfOneHashAreToldApart() {
        KnownTexts known = new KnownTexts();
        assertEquals("Aa".hashCode(), "BB".hashCode());
        known.add("AaAa", 1);
        known.add("BBBB", 2);
        assertEquals(1, known.find("AaAa"));
        assertEquals(2, known.find("BBBB"));
        assertEquals(0, known.find("AaBB"));
        for (int i = 0; i < 20; i++) { // the table cannot grow for ever
            known.add("AaBB", 3);
            known.add("BBAa", 4);
        }
        assertEquals(4, known.find("BBAa"));
    }

    @Test
    void longStringsAreNotKept() {
        KnownTexts known = new KnownTexts();
        known.add("x".repeat(128), 1);
        known.add("y".repeat(129), 2);
        assertEquals(1, known.find("x".repeat(128)));
        assertEquals(0, known.find("y".repeat(129)));
    }

    // --- as intern() uses it

    @Test
    void everyFindIsCounted() {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            long ref = lifetimes.intern("print");
            for (int i = 0; i < 10; i++) {
                assertEquals(ref, lifetimes.intern(i % 2 == 0 ? "print" : new StringBuilder("print")));
            }
            assertEquals(10, lifetimes.stats().found());
            assertEquals(ref, LifetimesNatives.intern(lifetimes.nativeHandle(),
                    "print".getBytes(StandardCharsets.UTF_8)));
            assertEquals(11, lifetimes.stats().found());
            assertEquals(1, lifetimes.stats().strings());
            assertEquals(Status.OK, lifetimes.check());
        }
    }

    private static void assertForgottenAfter(Consumer<Lifetimes> taking) {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            lifetimes.process().allocateRef(64);
            for (int round = 0; round < 3; round++) {
                taking.accept(lifetimes);
                long before = lifetimes.stats().found();
                long ref = lifetimes.intern("name");
                assertEquals(before, lifetimes.stats().found(), "it was not found");
                assertEquals("name", lifetimes.text(ref));
                assertEquals(ref, lifetimes.intern("name"));
                assertEquals(before + 1, lifetimes.stats().found());
                long other = lifetimes.process().allocateRef(8);
                lifetimes.process().putLong(other, 0, -1);
                assertEquals("name", lifetimes.text(ref));
            }
            assertEquals(Status.OK, lifetimes.check());
        }
    }

    @Test
    void textsAreForgottenWhenTheProcessArenaIsTakenBack() {
        assertForgottenAfter(lifetimes -> lifetimes.process().reset());
        assertForgottenAfter(lifetimes -> lifetimes.process().clear());
        assertForgottenAfter(lifetimes -> ArenaNatives.reset(lifetimes.process().nativeHandle()));
        assertForgottenAfter(lifetimes -> {
            try (Scope scope = lifetimes.process().openScope()) {
                assertTrue(scope != null);
                lifetimes.intern("name");
                lifetimes.intern("name");
            }
        });
        assertForgottenAfter(lifetimes -> {
            Mark mark = lifetimes.process().mark();
            lifetimes.intern("name");
            lifetimes.intern("name");
            lifetimes.process().rewind(mark);
        });
    }

    @Test
    void knownTextsStayWhenAUnitEnds() {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            long ref = lifetimes.intern("name");
            lifetimes.allocate(Lifetime.UNIT, 100);
            lifetimes.endUnit();
            assertEquals(ref, lifetimes.intern("name"));
            assertEquals(1, lifetimes.stats().found());
        }
    }

    @Test
    void knownTextsAreRefusedAsAllOthers() throws Exception {
        Lifetimes lifetimes = Lifetimes.create();
        lifetimes.intern("name");
        OtherThread.assertRefused(lifetimes.process(), OtherThread.thrownBy(() -> lifetimes.intern("name")));
        assertEquals(0, lifetimes.stats().found());
        lifetimes.close();
        assertThrows(IllegalStateException.class, () -> lifetimes.intern("name"));
        Lifetimes destroyed = Lifetimes.create();
        destroyed.intern("name");
        ArenaNatives.destroy(destroyed.process().nativeHandle());
        assertThrows(IllegalStateException.class, () -> destroyed.intern("name"));
        destroyed.close();
    }

    @Test
    void randomTextsHaveOneReferenceOnBothSides() {
        Random random = new Random(42);
        try (Lifetimes lifetimes = Lifetimes.create()) {
            long handle = lifetimes.nativeHandle();
            for (int i = 0; i < 20_000; i++) {
                String text = "t" + random.nextInt(6000);
                if (random.nextInt(5000) == 0) {
                    lifetimes.process().reset();
                }
                long first = random.nextBoolean() ? lifetimes.intern(text)
                        : LifetimesNatives.intern(handle, text.getBytes(StandardCharsets.UTF_8));
                assertEquals(first, lifetimes.intern(text));
                assertEquals(first, LifetimesNatives.intern(handle, text.getBytes(StandardCharsets.UTF_8)));
                assertNotEquals(first, lifetimes.intern(text + "x"));
            }
            assertEquals(Status.OK, lifetimes.check());
        }
    }
}
