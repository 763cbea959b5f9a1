// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.io.TempDir;

/** The demo's documents, messages and exit codes. */
@DisabledInNativeImage // picocli reads the commands by reflection, and no image contains them
class DemoCommandTest {
    @TempDir
    private Path directory;
    private Path good;

    @BeforeEach
    void writeGoodDocument() throws IOException {
        good = write("good.json", "{\"a\": [1, 2]}");
    }

    @Test
    void bundledDocumentIsMeasuredWithoutArguments() {
        final String out = Run.demo().expect(0).out();
        assertTrue(out.contains("mime-db 1.54.0 db.json (bundled), 203,840 bytes"), out);
        assertMatches("refs in one arena +1 +0\\.204 +[\\d,.]+ +[\\d,.]+ +[\\d.]+x +[\\d,]+\\R", out);
        assertMatches("Java objects +1 +0\\.204 +[\\d,.]+ +[\\d,.]+ +1\\.00x +[\\d,]+\\R", out);
        assertMatches("one pool block per node +1 +0\\.204 +[\\d,.]+ +[\\d,.]+ +[\\d.]+x +[\\d,]+\\R", out);
        assertMatches("allocated +used +waste +chunks +allocations +peak used +peak allocated +resets\\R", out);
        assertMatches("growth: 1 x 4 KiB, 1 x 8 KiB, 1 x 16 KiB, 1 x 32 KiB, \\d+ x 64 KiB\\R", out);
        assertMatches("The arena parses at [\\d.]+ times the speed of the objects and makes [\\d.]+ % of their", out);
    }

    @Test
    void arenaStatisticsAddUp() {
        final String out = Run.demo(good).expect(0).out();
        final String[] lines = out.split("\\R");
        int header = 0;
        while (!lines[header].trim().startsWith("allocated")) {
            header++;
        }
        final String[] values = lines[header + 1].replace(",", "").trim().split(" +");
        assertEquals(Long.parseLong(values[0]), Long.parseLong(values[1]) + Long.parseLong(values[2]), out);
        assertEquals(1, Integer.parseInt(values[3]));
        // The array around the document, the object, the array, one block of text.
        assertEquals(4, Integer.parseInt(values[4]));
    }

    @Test
    void invalidDocumentIsReportedAndTheOthersGoOn() throws IOException {
        final Path first = write("1.json", "[1,\n  2 3]");
        final Path second = write("2.json", "\"\u00e9\u00e9\n\"");
        final Run run = Run.demo(first, good, second).expect(1,
                first + ":2:5: expected ',' or ']', found '3'",
                second + ":1:4: expected control characters to be escaped, found control character U+000A");
        assertTrue(run.out().contains(good + ", 13 bytes"), run.out());
    }

    @Test
    void onlyInvalidDocumentsPrintNoTable() throws IOException {
        final Path empty = write("empty.json", "");
        assertEquals("", Run.demo(empty).expect(1, empty + ":1:1: expected a value, found end of document").out());
    }

    @Test
    void errorFarAwayIsReportedWithItsPosition() throws IOException {
        final Path right = write("right.json", "[" + "\"\ud83d\udc0e\",".repeat(100_000) + "?]");
        final Path down = write("down.json", "[" + "\n".repeat(300_000) + "?]");
        Run.demo(right, down).expect(1,
                right + ":1:400002: expected a value, found '?'",
                down + ":300001:1: expected a value or ']', found '?'");
    }

    @Test
    void missingFileIsReportedAndTheOthersGoOn() {
        final Path missing = directory.resolve("missing.json");
        assertTrue(Run.demo(missing, good).expect(1, missing + ": no such file").out().contains("13 bytes"));
    }

    @Test
    void unreadableFileIsReportedAndTheOthersGoOn() throws IOException {
        final Path secret = write("secret.json", "1");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(secret), "root reads every file");
        assertTrue(Run.demo(secret, good).expect(1, secret + ": permission denied").out().contains("13 bytes"));
    }

    @Test
    void linkThatLeadsNowhereIsReportedAndTheOthersGoOn() throws IOException {
        final Path link = Files.createSymbolicLink(directory.resolve("circle.json"), Path.of("circle.json"));
        final Run run = Run.demo(link, good);
        assertMatches("^" + Pattern.quote(link + ": ") + "[^\\n]+\\R$", run.err());
        assertEquals(1, run.exitCode());
        assertTrue(run.out().contains("13 bytes"), run.out());
    }

    @Test
    void directoryIsWalkedInOrder() throws IOException {
        final Path data = Files.createDirectories(directory.resolve("data/b/c"));
        write("data/z.json", "z");
        write("data/b/c/y.json", "y");
        write("data/a.json", "a");
        write("data/fine.json", "[]");
        write("data/note.txt", "not JSON");
        final Path root = data.getParent().getParent();
        final Run run = Run.demo(root).expect(1,
                root.resolve("a.json") + ":1:1: expected a value, found 'a'",
                root.resolve("b/c/y.json") + ":1:1: expected a value, found 'y'",
                root.resolve("z.json") + ":1:1: expected a value, found 'z'");
        assertTrue(run.out().contains(root.resolve("fine.json") + ", 2 bytes"), run.out());
    }

    @Test
    void onlyRegularFilesOfADirectoryAreTaken() throws Exception {
        final Path data = Files.createDirectories(directory.resolve("data/directory.json")).getParent();
        write("data/fine.json", "[]");
        Files.createSymbolicLink(data.resolve("link.json"), good);
        Files.createSymbolicLink(data.resolve("circle.json"), data);
        assumeTrue(new ProcessBuilder("mkfifo", data.resolve("pipe.json").toString()).start().waitFor() == 0);
        assertTrue(Run.demo(data).expect(0).out().contains("2 documents, 15 bytes"));
    }

    @Test
    void fileIsTakenWhateverItsName() throws IOException {
        assertTrue(Run.demo(write("data.txt", "[1]")).expect(0).out().contains("3 bytes"));
    }

    @Test
    void directoryWithoutJsonIsAProblem() throws IOException {
        final Path empty = Files.createDirectory(directory.resolve("empty"));
        assertEquals("", Run.demo(empty).expect(1, empty + ": no file in it is named *.json").out());
    }

    @Test
    void severalDocumentsAreCountedTogether() throws IOException {
        final String out = Run.demo(good, write("more.json", "[" + "0,".repeat(4_999) + "0]")).expect(0).out();
        assertTrue(out.contains("2 documents, 10,014 bytes"), out);
        assertTrue(out.contains("holding tree and text of " + directory.resolve("more.json")), out);
    }

    @Test
    void deepDocumentIsMeasuredAndATooDeepOneReported() throws IOException {
        final Path deep = write("deep.json", "[".repeat(1_000) + "]".repeat(1_000));
        final Path deeper = write("deeper.json", "[".repeat(1_001) + "]".repeat(1_001));
        Run.demo(deep, deeper).expect(1,
                deeper + ":1:1001: expected at most 1000 open arrays and objects, found one more");
    }

    @Test
    void roundsAreCountedAsGiven() {
        final String out = Run.of("demo", "--rounds=7", "--warm-up=0", good.toString()).expect(0).out();
        assertMatches("Medians of 7 rounds after [0-9.]+ s of warm-up\\.", out);
    }

    @Test
    void wrongUsageIsExitCode2() {
        for (final String[] args : new String[][] {{"demo", "--rounds", "0"}, {"demo", "--rounds", "-1"},
            {"demo", "--rounds", "many"}, {"demo", "--warm-up", "-1"}, {"demo", "--warm-up", "NaN"},
            {"demo", "--format"}, {"demo", "--unknown"}, {"unknown"}, {}}) {
            final Run run = Run.of(args);
            assertEquals(2, run.exitCode(), String.join(" ", args));
            assertEquals("", run.out());
            assertTrue(run.err().contains("Usage: corral-cli"), run.err());
        }
    }

    @Test
    void helpTellsOptionsAndExitCodes() {
        final String out = Run.of("demo", "--help").expect(0).out();
        for (final String part : List.of("--rounds", "--format", "--warm-up", "--version", "FILE|DIR", "Exit code")) {
            assertTrue(out.contains(part), out);
        }
    }

    @Test
    void nothingIsDrawnWhereNobodyWatches() {
        assertFalse(Run.demo(good).out().contains("\u001B"));
        assertEquals("", Run.demo(good).err());
    }

    private Path write(final String name, final String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private static void assertMatches(final String pattern, final String text) {
        assertTrue(Pattern.compile(pattern).matcher(text).find(), () -> pattern + " in " + text);
    }
}
