// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of use of a view after everything that ends views: checked views throw, retained ones do not crash. */
@NoNativeLeaks
class StaleViewsTest {
    private static final int WARM = 12_000; // so that C2 has compiled the use

    @TempDir
    Path directory;

    static Stream<Arguments> combinations() {
        return StaleUses.USES.keySet().stream().flatMap(use -> StaleUses.ENDINGS.keySet().stream()
                .map(ending -> Arguments.of(use, ending)));
    }

    @Test
    void thereAreEnoughCombinations() {
        assertTrue(combinations().count() >= 150, () -> "combinations=" + combinations().count());
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void aStaleViewThrowsOrIsHarmless(String useName, String endingName) throws Exception {
        StaleUses.Use use = StaleUses.USES.get(useName);
        requireNoReport(StaleUses.COPIES.contains(useName));
        try (StaleUses.Fixture fixture = new StaleUses.Fixture()) {
            use.of(fixture.view);
            ByteBuffer derivedBefore = fixture.view.slice();
            StaleUses.ENDINGS.get(endingName).end(fixture);
            assertStale(fixture, use, fixture.view);
            assertStale(fixture, use, derivedBefore);
            if (endingName.equals("rewind") || endingName.equals("closeScope")) {
                use.of(fixture.older); // from before the mark: alive
            } else {
                assertStale(fixture, use, fixture.older);
            }
        }
    }

    static Stream<Arguments> derivations() {
        return StaleUses.DERIVATIONS.keySet().stream().flatMap(derivation -> StaleUses.ENDINGS.keySet().stream()
                .map(ending -> Arguments.of(derivation, ending)));
    }

    @ParameterizedTest
    @MethodSource("derivations")
    void whatWasDerivedBeforeTheEndIsStaleToo(String derivation, String ending) throws Exception {
        try (StaleUses.Fixture fixture = new StaleUses.Fixture()) {
            Callable<Object> alive = StaleUses.DERIVATIONS.get(derivation).from(fixture.view);
            Callable<Object> stale = StaleUses.DERIVATIONS.get(derivation).from(fixture.view);
            alive.call();
            StaleUses.ENDINGS.get(ending).end(fixture);
            if (fixture.arena.viewSafety() == ViewSafety.CHECKED) {
                assertThrows(IllegalStateException.class, stale::call);
            } else {
                requireNoReport(derivation.equals("MemorySegment.ofBuffer")); // its bytes are copied
                stale.call();
            }
        }
    }

    /**
     * Copying freed bytes through a retained view is harmless, but AddressSanitizer ends the process for it. It is told
     * to let the JVM's copies pass in the JVMs of {@link #noCombinationCrashesInAJvmOfItsOwn} alone: here it would miss
     * the library's own.
     */
    private static void requireNoReport(boolean copies) {
        assumeTrue(!copies || !ChildJvm.isAddressSanitized() || NativeArenas.viewSafety() == ViewSafety.CHECKED,
                "AddressSanitizer stops copies of freed bytes; JVMs of their own run these combinations");
    }

    private static void assertStale(StaleUses.Fixture fixture, StaleUses.Use use, ByteBuffer view) throws Exception {
        if (fixture.arena.viewSafety() == ViewSafety.CHECKED) {
            assertThrows(IllegalStateException.class, () -> use.of(view));
        } else {
            use.of(view);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"get(int)", "putLong", "asIntBuffer", "a chain", "get(byte[])", "VarHandle.get"})
    void compiledCodeNoticesToo(String useName) throws Exception {
        StaleUses.Use use = StaleUses.USES.get(useName);
        requireNoReport(StaleUses.COPIES.contains(useName));
        try (StaleUses.Fixture fixture = new StaleUses.Fixture()) {
            for (int i = 0; i < WARM; i++) {
                use.of(fixture.view);
            }
            fixture.arena.reset();
            assertStale(fixture, use, fixture.view);
        }
    }

    /** A loop in which the JIT may move the check out, and a reset in the middle of it. */
    @Test
    void aCompiledLoopNoticesAResetInItsMiddle() {
        try (NativeArena arena = NativeArena.create()) {
            for (int round = 0; round < 200; round++) {
                ByteBuffer view = arena.allocate(1024);
                assertEquals(1024, sum(view, arena, -1));
                if (arena.viewSafety() == ViewSafety.CHECKED) {
                    assertThrows(IllegalStateException.class, () -> sum(view, arena, 512));
                } else {
                    sum(view, arena, 512);
                }
            }
        }
    }

    private static int sum(ByteBuffer view, NativeArena arena, int resetAt) {
        int sum = 0;
        for (int at = 0; at < 1024; at++) {
            view.put(at, (byte) 1);
            if (at == resetAt) {
                arena.reset();
            }
            sum += view.get(at);
        }
        return sum;
    }

    @ParameterizedTest
    @DisabledInNativeImage
    @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=1", "-XX:-TieredCompilation", "-Dcorral.views=retained"})
    void noCombinationCrashesInAJvmOfItsOwn(String option) throws Exception {
        ChildJvm.Result result = new ChildJvm(directory).with(option, "-Xcheck:jni").thatCopiesStaleBytes()
                .run(UseStaleViews.class).succeeded();
        boolean checked = !option.contains("retained") && NativeArenas.viewSafety() == ViewSafety.CHECKED;
        long all = combinations().count() * UseStaleViews.ROUNDS;
        assertEquals(List.of("used=" + all + " refused=" + (checked ? all : 0)), result.output().lines().toList());
    }
}
