// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Objects by how long they live: policy, strings, units, the report, and what is refused. */
@NoNativeLeaks
class LifetimesTest {
    private static final LifetimePolicy POLICY = LifetimePolicy.builder().known("symbol", Lifetime.PROCESS)
            .known("token", Lifetime.UNIT).byContext("node").unknown("entry").build();

    // --- objects

    @Test
    void blocksGoWhereTheirLifetimeSays() {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            lifetimes.allocate(Lifetime.PROCESS, 100).putInt(0, 1);
            lifetimes.allocate(Lifetime.UNIT, 200).putInt(0, 2);
            ByteBuffer object = lifetimes.allocate(Lifetime.UNKNOWN, 300).putInt(0, 3);
            assertEquals(112, lifetimes.process().stats().used());
            assertEquals(208, lifetimes.unit().stats().used());
            lifetimes.endUnit();
            assertEquals(112, lifetimes.process().stats().used());
            assertEquals(0, lifetimes.unit().stats().used());
            assertEquals(3, object.getInt(0));
            lifetimes.free(object);
            assertEquals("process=1/112 unit=1/208 unknown=1/300 freed=1 processAllocated=4096 unitAllocated=4096"
                    + " units=1 lastUnit=208 peakUnit=208 strings=0 found=0 kinds=0", lifetimes.stats().toString());
            assertEquals(Status.OK, lifetimes.check());
        }
    }

    @Test
    void freeingArenaMemoryIsRefused() {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            ByteBuffer constant = lifetimes.allocate(Lifetime.PROCESS, 64);
            ByteBuffer temporary = lifetimes.allocate(Lifetime.UNIT, 64);
            ByteBuffer object = lifetimes.allocate(Lifetime.UNKNOWN, 64);
            for (ByteBuffer wrong : List.of(constant, temporary, object.slice(), ByteBuffer.allocate(64),
                    ByteBuffer.allocateDirect(64))) {
                assertThrows(IllegalArgumentException.class, () -> lifetimes.free(wrong));
            }
            lifetimes.free(object);
            assertThrows(IllegalArgumentException.class, () -> lifetimes.free(object));
            assertThrows(NullPointerException.class, () -> lifetimes.free(null));
            assertEquals(1, lifetimes.stats().freed());
        }
    }

    @Test
    void unitMemoryIsRefusedAfterTheUnit() {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            ByteBuffer view = lifetimes.allocate(Lifetime.UNIT, 8);
            long ref = lifetimes.unit().allocateRef(8);
            Mark mark = lifetimes.unit().mark();
            lifetimes.endUnit();
            assertThrows(IllegalStateException.class, () -> lifetimes.unit().getLong(ref, 0));
            assertThrows(IllegalStateException.class, () -> lifetimes.unit().rewind(mark));
            if (lifetimes.unit().viewSafety() == ViewSafety.CHECKED) {
                assertThrows(IllegalStateException.class, () -> view.getLong(0));
            }
        }
    }

    @Test
    void anActionThatThrowsEndsTheUnitAllTheSame() {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            lifetimes.allocate(Lifetime.UNIT, 1000);
            List<Throwable> refused = new ArrayList<>();
            lifetimes.unit().onRelease(() -> {
                refused.add(assertThrows(IllegalStateException.class, lifetimes::endUnit));
                refused.add(assertThrows(IllegalStateException.class, lifetimes::close));
                throw new UnsupportedOperationException("an action's own");
            });
            assertThrows(UnsupportedOperationException.class, lifetimes::endUnit);
            assertEquals(2, refused.size());
            assertEquals(1, lifetimes.stats().units());
            assertEquals(1008, lifetimes.stats().lastUnit());
            assertEquals(0, lifetimes.unit().stats().used());
        }
    }

    // --- strings

    @Test
    void internedTextHasOneReference() {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            long print = lifetimes.intern("print");
            assertEquals(print, lifetimes.intern("pri" + new StringBuilder("nt")));
            assertEquals(ArenaNatives.resolve(lifetimes.process().nativeHandle(), print),
                    ArenaNatives.resolve(lifetimes.process().nativeHandle(), lifetimes.intern("print")));
            assertNotEquals(print, lifetimes.intern("printf"));
            assertEquals("print", lifetimes.text(print));
            lifetimes.endUnit();
            assertEquals(print, lifetimes.intern("print"));
            assertEquals(2, lifetimes.stats().strings());
            assertThrows(IllegalStateException.class, () -> lifetimes.text(0));
            assertThrows(NullPointerException.class, () -> lifetimes.intern(null));
        }
    }

    @Test
    void manyTextsAreToldApart() {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            Map<String, Long> known = new HashMap<>();
            for (int i = 0; i < 6000; i++) {
                String text = i % 2000 + "\u00E4\uD83D\uDE00".repeat(i % 2000 % 60);
                long ref = lifetimes.intern(text);
                assertEquals(ref, known.computeIfAbsent(text, unknown -> ref));
                assertEquals(text, lifetimes.text(ref));
            }
            assertEquals(2000, lifetimes.stats().strings());
            assertEquals(4000, lifetimes.stats().found());
            assertEquals(Status.OK, lifetimes.check());
        }
    }

    /** Whoever spoils the bytes of strings through a reference gets wrong strings, and nothing worse. */
    @Test
    void overwrittenTextsDoNoHarm() {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            long[] refs = new long[200];
            for (int i = 0; i < refs.length; i++) {
                refs[i] = lifetimes.intern("text number " + i);
            }
            for (long ref : refs) {
                for (int at = 0; at < 13; at++) {
                    lifetimes.process().putByte(ref, at, (byte) -1);
                }
            }
            for (int i = 0; i < 2 * refs.length; i++) {
                StringBuilder text = new StringBuilder("text number ").append(i); // no String: Java knows those
                assertEquals(text.toString(), lifetimes.text(lifetimes.intern(text)));
            }
        }
    }

    @Test
    void textsThatWereTakenBackAreInternedAnew() {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            long first = lifetimes.intern("name");
            lifetimes.process().reset();
            assertThrows(IllegalStateException.class, () -> lifetimes.text(first));
            long second = lifetimes.intern("name");
            assertNotEquals(first, second);
            assertEquals("name", lifetimes.text(second));
            try (Scope scope = lifetimes.process().openScope()) {
                assertTrue(scope != null);
                lifetimes.intern("inner");
            }
            lifetimes.process().allocate(16);
            assertEquals("inner", lifetimes.text(lifetimes.intern("inner")));
            assertEquals(Status.OK, lifetimes.check());
        }
    }

    // --- kinds

    @Test
    void thePolicyDecidesByTheTree() {
        try (Lifetimes lifetimes = Lifetimes.builder().policy(POLICY).build()) {
            assertEquals(Lifetime.PROCESS, lifetimes.decide("symbol"));
            assertEquals(Lifetime.UNIT, lifetimes.decide("token"));
            assertEquals(Lifetime.UNKNOWN, lifetimes.decide("entry"));
            assertEquals(Lifetime.UNIT, lifetimes.decide("node"));
            lifetimes.context(Lifetime.PROCESS);
            assertEquals(Lifetime.PROCESS, lifetimes.decide("node"));
            lifetimes.allocate("node", 40);
            lifetimes.context(Lifetime.UNIT);
            lifetimes.allocate("node", 24);
            lifetimes.free(lifetimes.allocate("entry", 10));
            assertEquals("{PROCESS=1/40, UNIT=1/24, UNKNOWN=0/0}", lifetimes.counts("node").toString());
            assertEquals("{PROCESS=0/0, UNIT=0/0, UNKNOWN=1/10}", lifetimes.counts("entry").toString());
            assertEquals(4, lifetimes.stats().kinds());
        }
        assertEquals("LifetimePolicy{symbol=PROCESS, token=UNIT, node=BY_CONTEXT, entry=UNKNOWN}", POLICY.toString());
    }

    @Test
    void wrongKindsAreRefused() {
        try (Lifetimes lifetimes = Lifetimes.builder().policy(POLICY).build()) {
            lifetimes.define("node", LifetimePolicy.Rule.BY_CONTEXT);
            for (String kind : List.of("", "a name of twenty-four cha", "nul\0", "x".repeat(5000))) {
                assertThrows(IllegalArgumentException.class,
                        () -> lifetimes.define(kind, LifetimePolicy.Rule.UNIT), kind);
            }
            assertThrows(IllegalArgumentException.class, () -> lifetimes.define("node", LifetimePolicy.Rule.UNIT));
            assertThrows(NullPointerException.class, () -> lifetimes.define(null, LifetimePolicy.Rule.UNIT));
            assertThrows(NullPointerException.class, () -> lifetimes.define("x", null));
            assertThrows(IllegalArgumentException.class, () -> lifetimes.allocate("nothing", 8));
            assertThrows(IllegalArgumentException.class, () -> lifetimes.decide("nothing"));
            assertThrows(IllegalArgumentException.class, () -> lifetimes.counts(null));
            assertThrows(IllegalArgumentException.class, () -> lifetimes.context(Lifetime.UNKNOWN));
            assertThrows(IllegalArgumentException.class, () -> lifetimes.allocate("token", -1));
            for (int i = 4; i < 64; i++) {
                lifetimes.define("kind " + i, LifetimePolicy.Rule.UNIT);
            }
            Exception full = assertThrows(ArenaExhaustedException.class,
                    () -> lifetimes.define("one more", LifetimePolicy.Rule.UNIT));
            assertEquals("define: kind=one more rule=UNIT lifetimes=lifetimes status=LIMIT_REACHED: there are 64 kinds "
                    + "at most, let several share one", full.getMessage());
            Exception refused = assertThrows(IllegalArgumentException.class,
                    () -> lifetimes.define("", LifetimePolicy.Rule.UNIT));
            assertTrue(refused.getMessage().endsWith("has 1 to 23 bytes of UTF-8 without NUL, and one rule for good"));
            assertEquals(Status.OK, lifetimes.check());
        }
        assertThrows(IllegalArgumentException.class, () -> Lifetimes.builder().policy(LifetimePolicy.builder()
                .unknown("").build()).build());
    }

    @Test
    void blocksOfThePoolAreFreedToo() {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            lifetimes.free(lifetimes.pool().allocate(100));
            assertEquals(1, lifetimes.stats().freed());
            assertEquals(0, lifetimes.stats().unknown().allocations());
            assertEquals(Status.OK, lifetimes.check());
        }
    }

    @Test
    void buildersAreLeftAsTheyAre() {
        NativeArena.Builder given = NativeArena.builder().name("mine").initialChunkSize(8192);
        try (Lifetimes lifetimes = Lifetimes.builder().process(given).unit(given).build();
                NativeArena other = given.build()) {
            assertEquals("process", lifetimes.process().name());
            assertEquals(8192, lifetimes.unit().stats().allocated());
            assertEquals("mine", other.name());
            assertEquals(8192, other.stats().allocated());
        }
    }

    // --- report

    @Test
    void theReportIsAsExpected() throws IOException {
        LifetimePolicy policy = LifetimePolicy.builder().byContext("node").unknown("entry")
                .known("never used", Lifetime.UNIT).build();
        try (Lifetimes lifetimes = Lifetimes.builder().policy(policy).build()) {
            assertEquals(lifetimes.intern("print"), lifetimes.intern("print"));
            lifetimes.allocate("node", 24);
            lifetimes.allocate(Lifetime.UNIT, 5000);
            lifetimes.endUnit();
            lifetimes.context(Lifetime.PROCESS);
            lifetimes.allocate("node", 40);
            lifetimes.free(lifetimes.allocate("entry", 100));
            Path tables = Path.of(System.getProperty("corral.basedir", ""), "src/test/resources/tables");
            assertEquals(Files.readString(tables.resolve("lifetimes.txt")), lifetimes.report());
        }
    }

    @Test
    void unitCountsWhatItsActionsAllocate() {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            lifetimes.unit().newChild().onRelease(() -> lifetimes.unit().allocateRef(100));
            lifetimes.unit().onRelease(() -> lifetimes.unit().allocateRef(1000));
            lifetimes.unit().allocateRef(16);
            lifetimes.endUnit();
            assertEquals(new LifetimesStats.Count(3, 16 + 112 + 1008), lifetimes.stats().unit());
            assertEquals(16 + 112 + 1008, lifetimes.stats().lastUnit());
        }
    }

    // --- ends

    @Test
    void everythingIsRefusedOnceItIsClosed() {
        Lifetimes lifetimes = Lifetimes.builder().policy(POLICY).name("gone").build();
        long text = lifetimes.intern("text");
        ByteBuffer object = lifetimes.allocate("entry", 8);
        lifetimes.close();
        lifetimes.close();
        assertTrue(lifetimes.isClosed());
        assertEquals("Lifetimes[name=gone closed]", lifetimes.toString());
        assertRefused(lifetimes, text, object);
        Exception refused = assertThrows(IllegalStateException.class, lifetimes::stats);
        assertEquals("lifetimes=gone: it is closed", refused.getMessage());
    }

    private static void assertRefused(Lifetimes lifetimes, long text, ByteBuffer object) {
        List<org.junit.jupiter.api.function.Executable> calls = List.of(() -> lifetimes.allocate(Lifetime.UNIT, 8),
                () -> lifetimes.allocate("node", 8), () -> lifetimes.free(object), lifetimes::endUnit,
                () -> lifetimes.intern("text"), () -> lifetimes.text(text), lifetimes::stats, lifetimes::report,
                () -> lifetimes.define("x", LifetimePolicy.Rule.UNIT), () -> lifetimes.context(Lifetime.UNIT),
                () -> lifetimes.decide("node"), () -> lifetimes.counts("node"));
        calls.forEach(call -> assertThrows(IllegalStateException.class, call));
    }

    /** Each part that somebody closes ends the whole, and the slot of an arena may be another's by then. */
    @Test
    void everythingIsRefusedOnceAPartIsClosed() {
        for (int part = 0; part < 3; part++) {
            try (Lifetimes lifetimes = Lifetimes.builder().policy(POLICY).build()) {
                long text = lifetimes.intern("text");
                ByteBuffer object = lifetimes.allocate("entry", 8);
                if (part == 2) {
                    lifetimes.pool().close();
                } else {
                    (part == 0 ? lifetimes.process() : lifetimes.unit()).close();
                    NativeArena other = NativeArena.create(lifetimes.pool());
                    assertFalse(other.isClosed());
                }
                assertRefused(lifetimes, text, object);
            }
        }
    }

    @Test
    void anotherThreadIsRefused() throws Exception {
        try (Lifetimes lifetimes = Lifetimes.builder().policy(POLICY).build()) {
            OtherThread.assertRefused(lifetimes.process(), OtherThread.thrownBy(() -> lifetimes.intern("x")));
            OtherThread.assertRefused(lifetimes.process(), OtherThread.thrownBy(lifetimes::endUnit));
            assertTrue(OtherThread.thrownBy(lifetimes::close) instanceof IllegalStateException);
            lifetimes.intern("x");
        }
    }

    @Test
    void limitsAndConfigurationsReachTheParts() {
        try (Lifetimes lifetimes = Lifetimes.builder().pool(MemoryPool.builder().limit(20_000))
                .process(NativeArena.builder().initialChunkSize(1024))
                .unit(NativeArena.builder().zeroed(true)).build()) {
            assertThrows(ArenaExhaustedException.class, () -> lifetimes.allocate(Lifetime.UNKNOWN, 30_000));
            assertThrows(ArenaExhaustedException.class, () -> lifetimes.intern("x".repeat(30_000)));
            assertEquals(1024, lifetimes.process().stats().allocated());
            lifetimes.allocate(Lifetime.UNIT, 8).putLong(0, -1);
            lifetimes.endUnit();
            assertEquals(0, lifetimes.allocate(Lifetime.UNIT, 8).getLong(0));
        }
        assertThrows(ArenaExhaustedException.class,
                () -> Lifetimes.builder().pool(MemoryPool.builder().limit(1000)).build());
    }
}
