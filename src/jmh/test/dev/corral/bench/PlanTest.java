// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.corral.bench.report.Asked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

class PlanTest {
    private static final double MINUTE = 60;

    @TempDir
    Path directory;

    private static Collection<BenchmarkListEntry> all() {
        return BenchmarkList.defaultList().getAll(
                OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of());
    }

    private static double seconds(List<Part> parts) {
        return parts.stream().mapToDouble(part -> part.settings(all(), ".", List.of()) * part.secondsOfSetting()).sum();
    }

    @Test
    void theFullSetOfTwoJdksTakesAboutHalfAnHour() {
        double seconds = seconds(Plan.full(Plan.FORKS, Plan.MILLIS, all()));
        assertTrue(2 * seconds < 35 * MINUTE, "seconds=" + seconds);
    }

    @Test
    void theShortSetTakesLessThanFiveMinutes() {
        double seconds = seconds(Plan.brief(Plan.FORKS, Plan.MILLIS));
        assertTrue(seconds < 4 * MINUTE, "seconds=" + seconds);
    }

    @Test
    void theFullSetHasEveryBenchmark() {
        List<Part> parts = Plan.full(Plan.FORKS, Plan.MILLIS, all());
        assertFalse(all().isEmpty());
        for (BenchmarkListEntry entry : all()) {
            assertTrue(parts.stream().anyMatch(part -> part.settings(List.of(entry), ".", List.of()) > 0),
                    entry.getUsername());
        }
    }

    @Test
    void noSettingIsMeasuredTwice() {
        List<Part> parts = Plan.full(Plan.FORKS, Plan.MILLIS, all());
        for (BenchmarkListEntry entry : all()) {
            Set<String> settings = new HashSet<>();
            for (Part part : parts) {
                if (part.settings(List.of(entry), ".", List.of()) > 0) {
                    for (String setting : settings(entry, part)) {
                        assertTrue(settings.add(setting), () -> entry.getUsername() + ' ' + setting);
                    }
                }
            }
        }
    }

    private static List<String> settings(BenchmarkListEntry entry, Part part) {
        List<String> settings = List.of("");
        for (Map.Entry<String, String[]> param : entry.getParams().orElse(Map.of()).entrySet()) {
            List<String> values = part.params().getOrDefault(param.getKey(), List.of(param.getValue()));
            settings = settings.stream().flatMap(setting -> values.stream()
                    .map(value -> setting + param.getKey() + '=' + value + ' ')).toList();
        }
        return settings;
    }

    @Test
    void onlyProgramsHaveTheHeapOfTheJvmsChoice() {
        for (Part part : Plan.full(Plan.FORKS, Plan.MILLIS, all())) {
            boolean isProgram = part.groups().stream().anyMatch(Set.of("JsonParse", "SalesSums", "LiveMemory",
                    "DictionaryLookup", "ListWalk", "BulkRelease", "LiveRelease")::contains);
            assertEquals(isProgram, !part.jvmOptions().contains("-XX:+AlwaysPreTouch"), () -> "" + part.groups());
        }
    }

    @Test
    void shortIterationsDoNotShortenTheWarmUp() {
        Part part = new Part(List.of("Utf8"), Map.of(), 1, 4, 6, 20);
        assertEquals(150, part.options(".").build().getWarmupTime().get().convertTo(TimeUnit.MILLISECONDS));
        assertEquals(20, part.options(".").build().getMeasurementTime().get().convertTo(TimeUnit.MILLISECONDS));
        Part longer = new Part(List.of("Utf8"), Map.of(), 1, 4, 6, 400);
        assertEquals(4.0, longer.secondsOfFork() - part.secondsOfFork() + 4 * 0.15 + 6 * 0.02, 1e-9);
    }

    @Test
    void partsMatchWholeNamesOfGroups() {
        Part part = new Part(List.of("Utf8"), Map.of(), 1, 1, 1, 1);
        assertTrue("dev.corral.bench.Utf8.arena".matches(part.pattern(".") + ".*"));
        assertTrue("dev.corral.bench.ffm.Utf8Ffm.ffmSlicing".matches(part.pattern("Slic") + ".*"));
        assertFalse("dev.corral.bench.Utf8Decoding.arenaRef".matches(part.pattern(".") + ".*"));
        assertFalse("dev.corral.bench.Utf8.arena".matches(part.pattern("Frames|getBytes") + ".*"));
        assertTrue("dev.corral.bench.Utf8.getBytes".matches(part.pattern("Frames|getBytes") + ".*"));
    }

    @Test
    void aPartHasSomeBenchmarksOfAGroupOrTheOthers() {
        Part part = new Part(List.of("Utf8", "Frames"), Map.of(), 1, 1, 1, 1);
        Part only = part.only(List.of("Utf8.arena", "Utf8.ffmSlicing"));
        Part others = part.without(List.of("Utf8.arena", "Utf8.ffmSlicing"));
        for (String meant : List.of("Utf8.arena", "ffm.Utf8Ffm.ffmSlicing")) {
            assertTrue(Pattern.compile(only.pattern(".")).matcher("dev.corral.bench." + meant).find(), meant);
            assertFalse(Pattern.compile(others.pattern(".")).matcher("dev.corral.bench." + meant).find(), meant);
        }
        for (String other : List.of("Utf8.arenaView", "ffm.Utf8Ffm.ffmConfined", "Frames.arena")) {
            assertFalse(Pattern.compile(only.pattern(".")).matcher("dev.corral.bench." + other).find(), other);
            assertTrue(Pattern.compile(others.pattern(".")).matcher("dev.corral.bench." + other).find(), other);
        }
    }

    @Test
    void whatMustHoldGetsMoreJvmsOrMoreTimeThanTheRest() throws IOException {
        List<Part> parts = Plan.full(Plan.FORKS, Plan.MILLIS, all());
        int least = parts.stream().mapToInt(Part::forks).min().orElseThrow();
        for (String asked : Asked.benchmarks()) {
            List<Part> own = parts.stream().filter(part -> all().stream().anyMatch(entry -> entry.getUsername()
                    .replace("Ffm.", ".").endsWith('.' + asked) && part.settings(List.of(entry), ".", List.of()) > 0))
                    .toList();
            assertTrue(own.stream().anyMatch(part -> part.forks() > least || part.secondsOfFork() > 3), asked);
        }
    }

    @Test
    void aResultReplacesTheEarlierOneOfTheSameSetting() throws IOException {
        ObjectMapper json = new ObjectMapper();
        Results.anew(directory, "JDK-25").add(json.readTree("""
                [{"benchmark": "a", "params": {"size": "5"}, "n": 1},
                 {"benchmark": "a", "params": {"size": "64"}, "n": 2}]
                """));
        Results later = Results.of(directory, "JDK-25");
        later.add(json.readTree("[{\"benchmark\": \"a\", \"params\": {\"size\": \"5\"}, \"n\": 3}]"));
        assertEquals(json.readTree("""
                [{"benchmark": "a", "params": {"size": "5"}, "n": 3},
                 {"benchmark": "a", "params": {"size": "64"}, "n": 2}]
                """), json.readTree(directory.resolve("jmh-JDK-25.json").toFile()));
        Results.anew(directory, "JDK-25");
        assertFalse(Files.exists(directory.resolve("jmh-JDK-25.json")));
    }

    @Test
    void aFailureIsKeptUntilThereIsAResult() throws IOException {
        Results.anew(directory, "JDK-25").fail("G.arena {}", "failed");
        Results later = Results.of(directory, "JDK-25");
        assertEquals(Map.of("G.arena {}", "failed"), later.failures());
        later.succeed("G.arena {}");
        assertEquals(Map.of(), Results.of(directory, "JDK-25").failures());
    }

    /** A program without an end. */
    static final class Hangs {
        public static void main(String[] args) throws InterruptedException {
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    @Test
    void aProcessThatTakesTooLongIsEnded() throws Exception {
        Path classes = Path.of(PlanTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Process hangs = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", classes.toString(), Hangs.class.getName()).inheritIO().start();
        try (Watch watch = new Watch()) {
            assertFalse(watch.hasEnded());
            watch.start(0.1);
            assertTrue(hangs.waitFor(2, TimeUnit.MINUTES), "still runs");
            assertNotEquals(1, hangs.exitValue(), "it ended by itself"); // as java does that finds no class
            assertTrue(watch.hasEnded());
            assertFalse(watch.hasEnded());
        } finally {
            hangs.destroyForcibly();
        }
    }
}
