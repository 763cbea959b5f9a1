// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.bench.Comparison;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.annotations.Benchmark;

class TargetTest {
    private static final Target TARGET = new Target("id", "what", "G.arena", "G.peer", Map.of("size", "64"), null, null,
            null, 0.5, 1, null);

    @TempDir
    Path directory;

    private Optional<Ratio> measure(Target target, boolean best, String... results) throws IOException {
        Sample.write(directory, "jmh-JDK-25.json", results);
        return target.measured(Figures.read(directory), "JDK 25", best);
    }

    private static String result(String name, double median, double error) {
        return Sample.jmh("25", name, "\"size\": \"64\"", 1000, 77,
                "[" + (median - error) + ", " + median + ", " + (median + error) + "]");
    }

    @Test
    void aRatioIsThatOfTheMedians() throws IOException {
        Ratio ratio = measure(TARGET, false, result("G.arena", 3, 0.3), result("G.peer", 12, 0)).orElseThrow();
        assertEquals(0.25, ratio.value(), 1e-12);
        assertEquals(0.025, ratio.error(), 1e-12);
    }

    @Test
    void errorsOfBothSidesAddUpAsSquares() {
        assertEquals(new Ratio(0.5, 0.5 * 0.05), Ratio.of(10, 0.3, 20, 0.8));
        assertTrue(Double.isNaN(Ratio.of(10, Double.NaN, 20, 0.8).error()));
        assertEquals("0.50 ± 0.0250", Ratio.of(10, 0.3, 20, 0.8).toString());
        assertEquals("0.50", Ratio.of(10, Double.NaN, 20, 0.8).toString());
    }

    @Test
    void theFastestIterationsAreAskedForByTheCheck() throws IOException {
        Ratio ratio = measure(TARGET, true, result("G.arena", 3, 0.3), result("G.peer", 12, 0)).orElseThrow();
        assertEquals(1, ratio.value()); // of 0.5 and 0.5, the lowest percentiles
    }

    @Test
    void aPeerThatIsMissingLeavesNoRatio() throws IOException {
        assertTrue(measure(TARGET, false, result("G.arena", 3, 0)).isEmpty());
        assertTrue(measure(TARGET, false, result("G.peer", 3, 0)).isEmpty());
        assertTrue(measure(TARGET, false).isEmpty());
    }

    @Test
    void otherSettingsAreNotTaken() throws IOException {
        assertTrue(measure(TARGET, false, Sample.jmh("25", "G.arena", "\"size\": \"5\"", 3), result("G.peer", 12, 0))
                .isEmpty());
        assertTrue(measure(TARGET, false, Sample.jmh("17", "G.arena", "\"size\": \"64\"", 3), result("G.peer", 12, 0))
                .isEmpty());
    }

    @Test
    void aBenchmarkIsComparedWithItselfInAnotherSetting() throws IOException {
        Target target = new Target("id", "what", "G.arena", "G.arena", null, Map.of("mib", "8192"), Map.of("mib", "1"),
                null, 1.3, 0, null);
        Ratio ratio = measure(target, false, Sample.jmh("25", "G.arena", "\"mib\": \"8192\"", 6),
                Sample.jmh("25", "G.arena", "\"mib\": \"1\"", 5)).orElseThrow();
        assertEquals(1.2, ratio.value(), 1e-12);
        assertTrue(target.holds(ratio.value()));
        assertFalse(target.holds(1.31));
    }

    @Test
    void garbageIsComparedAsItIs() throws IOException {
        Target target = new Target("id", "what", "G.arena", null, null, null, null, Figure.GARBAGE, 0, 1, null);
        assertEquals(64.5, measure(target, false, Sample.jmh("25", "G.arena", "", 6)).orElseThrow().value());
        assertFalse(target.holds(64.5));
        assertTrue(target.holds(0.9)); // JMH's own, spread over the operations
    }

    @Test
    void twiceTheUsualRatioFailsTheCheckAndTheUsualOneDoesNot() throws IOException {
        for (Target target : Target.all()) {
            if (target.check() > 0 && target.metric().equals(Target.TIME)) {
                assertTrue(target.passesCheck(target.check() / 2), target.id());
                assertFalse(target.passesCheck(target.check() * 2), target.id());
                assertTrue(target.check() <= 4 * target.atMost(), () -> target.id() + " is checked too generously");
            }
        }
    }

    @Test
    void theCheckFailsWhatIsStillSlowWhenItIsMeasuredAgain() throws Exception {
        assertEquals(3, check(new double[] {2.01, 2.02, 2.03}, false));
        assertEquals(1, check(new double[] {1.99}, true));
        assertEquals(2, check(new double[] {2.01, 1.99}, true));
        assertEquals(3, check(new double[] {2.01, 2.5, 0.1}, true));
    }

    /** How often was measured, when the ratios were these one after the other, and the bound twice the target's. */
    private int check(double[] ratios, boolean passes) throws Exception {
        Target target = new Target("id", "what", "G.arena", "G.peer", null, null, null, null, 1, 2, null);
        int[] runs = {0};
        Check.Measure measure = (ids, longer) -> {
            assertEquals(1 << 2 * runs[0], longer);
            assertEquals(List.of("G.arena", "G.peer"), ids);
            Figure arena = figure("arena", ratios[runs[0]++]);
            return List.of(arena, figure("peer", 1));
        };
        assertEquals(passes, Check.run(measure, List.of(target)));
        return runs[0];
    }

    private static Figure figure(String name, double best) {
        return new Figure("JDK " + Runtime.version().feature(), "G", name, Map.of(), "ns/op", 1e6, 0, best, Map.of());
    }

    @Test
    void aCheckThatMeasuresNothingIsNoCheck() {
        Target target = new Target("id", "what", "G.arena", "G.peer", null, null, null, null, 1, 2, null);
        assertThrows(IllegalStateException.class, () -> Check.run((ids, longer) -> List.of(), List.of(target)));
    }

    @Test
    void targetsNameBenchmarksThatAreThere() throws Exception {
        Set<String> ids = new HashSet<>();
        for (Target target : Target.all()) {
            assertTrue(ids.add(target.id()), () -> target.id() + " is there twice");
            for (String name : target.benchmarks()) {
                assertTrue(name.startsWith("native ") ? isCompared(name) : exists(name), name);
            }
        }
    }

    /** Of "native row.peer", whether C's table has both. */
    private static boolean isCompared(String name) throws IOException {
        String[] names = name.substring("native ".length()).split("\\.");
        String table = Files.readString(Path.of("../../native/bench/compare_rows.c")).replaceAll("\\s+", "");
        return table.contains("_BENCH,\"" + names[0] + "\",") && table.contains("={\"" + names[1] + "\",");
    }

    @Test
    void aBenchmarkOfOneOfTheQuestionsOfItsClassIsFound() throws IOException {
        Target target = new Target("id", "what", "SlotValues.slotPutAndRemove", "SlotValues.mapPutAndRemove", null,
                null, null, null, 1, 0, null);
        assertEquals(2, measure(target, false, Sample.jmh("25", "SlotValues.slotPutAndRemove", "", 6),
                Sample.jmh("25", "SlotValues.mapPutAndRemove", "", 3)).orElseThrow().value(), 1e-12);
        assertTrue(target.isAbout("SlotValues PutAndRemove"));
        assertFalse(target.isAbout("SlotValues"));
        assertFalse(target.isAbout("SlotValues Get"));
    }

    private static boolean exists(String id) throws ClassNotFoundException {
        String[] names = id.split("\\.");
        if (names[1].startsWith("ffm")) {
            return Comparison.class.getResource("/dev/corral/bench/ffm/" + names[0] + "Ffm.class") != null
                    || Runtime.version().feature() < 22;
        }
        Class<?> type = Class.forName("dev.corral.bench." + names[0], false, TargetTest.class.getClassLoader());
        return java.util.Arrays.stream(type.getMethods()).filter(method -> method.isAnnotationPresent(Benchmark.class))
                .map(Method::getName).anyMatch(names[1]::equals);
    }

    @Test
    void everyTargetHasACauseForTheDayThatItDoesNotHold() throws IOException {
        assertEquals(Target.all().stream().map(Target::id).collect(Collectors.toSet()), Cause.all().keySet());
        Cause.all().forEach((id, cause) -> assertFalse(cause.cause().isBlank() || cause.tried().isBlank(), id));
    }
}
