// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.cli.json.Jackson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.io.TempDir;

/** What {@code demo --format} writes, and what it refuses to write. */
@DisabledInNativeImage // picocli reads the commands by reflection, and no image contains them
class DemoFormatTest {
    private static final String TEXT = "{\"b\":[1.0,\"\\u00e9\"]}";
    private static final String FORMATTED = "{\n  \"b\": [\n    1.0,\n    \"\u00e9\"\n  ]\n}\n";

    @TempDir
    private Path directory;
    private Path input;

    @BeforeEach
    void writeInput() throws IOException {
        input = Files.writeString(directory.resolve("in.json"), TEXT);
    }

    @Test
    void singleDocumentGoesToTheFile() throws IOException {
        final Path out = directory.resolve("new/dirs/out.json");
        Run.demo("--format", out, input).expect(0);
        assertEquals(FORMATTED, Files.readString(out));
        assertEquals(TEXT, Files.readString(input));
    }

    @Test
    void formattedDocumentFormatsToItself() throws IOException {
        final Path once = directory.resolve("once.json");
        final Path twice = directory.resolve("twice.json");
        Run.demo("--format", once).expect(0);
        Run.demo("--format", twice, once).expect(0);
        assertArrayEquals(Files.readAllBytes(once), Files.readAllBytes(twice));
        try (InputStream bundled = Input.class.getResourceAsStream("/dev/corral/cli/mime-db/db.json")) {
            assertEquals(Jackson.tree(bundled.readAllBytes()), Jackson.tree(Files.readAllBytes(once)));
        }
    }

    @Test
    void longerFileIsReplacedWhole() throws IOException {
        final Path out = Files.writeString(directory.resolve("out.json"), "x".repeat(1_000));
        Run.demo("--format", out, input).expect(0);
        assertEquals(FORMATTED, Files.readString(out));
    }

    @Test
    void singleDocumentGoesIntoAnExistingDirectory() throws IOException {
        final Path out = Files.createDirectory(directory.resolve("out"));
        Run.demo("--format", out, input).expect(0);
        assertEquals(FORMATTED, Files.readString(out.resolve("in.json")));
    }

    @Test
    void severalDocumentsGoIntoADirectoryWithTheirRelativePaths() throws IOException {
        final Path data = Files.createDirectories(directory.resolve("data/sub")).getParent();
        Files.writeString(data.resolve("1.json"), "1");
        Files.writeString(data.resolve("sub/2.json"), "[]");
        final Path out = directory.resolve("out");
        Run.demo("--format", out, data, input).expect(0);
        assertEquals("1\n", Files.readString(out.resolve("1.json")));
        assertEquals("[]\n", Files.readString(out.resolve("sub/2.json")));
        assertEquals(FORMATTED, Files.readString(out.resolve("in.json")));
    }

    @Test
    void invalidDocumentWritesNothing() throws IOException {
        final Path bad = Files.writeString(directory.resolve("bad.json"), "[");
        final Path out = directory.resolve("out");
        Run.demo("--format", out, bad, input).expect(1, bad + ":1:2: expected a value or ']', found end of document");
        assertFalse(Files.exists(out.resolve("bad.json")));
        assertEquals(FORMATTED, Files.readString(out.resolve("in.json")));
    }

    @Test
    void inputIsNeverOverwritten() throws IOException {
        final Path hardLink = Files.createLink(directory.resolve("hard.json"), input);
        final Path symbolicLink = Files.createSymbolicLink(directory.resolve("soft.json"), input);
        final Path detour = directory.resolve("x/../in.json");
        Files.createDirectory(directory.resolve("x"));
        for (final Path out : new Path[] {input, hardLink, symbolicLink, detour, directory}) {
            refused("--format: " + (out == directory ? input : out) + " is an input and would be overwritten",
                    Run.demo("--format", out, input));
            assertEquals(TEXT, Files.readString(input));
        }
    }

    @Test
    void inputOfAnotherArgumentIsNotOverwrittenEither() throws IOException {
        final Path other = Files.createDirectory(directory.resolve("other"));
        final Path second = Files.writeString(other.resolve("in.json"), "2");
        refused("--format: " + second + " is an input and would be overwritten",
                Run.demo("--format", other, input, second));
        assertEquals("2", Files.readString(second));
    }

    @Test
    void twoDocumentsForOneFileAreRefused() throws IOException {
        final Path other = Files.createDirectory(directory.resolve("other"));
        final Path second = Files.writeString(other.resolve("in.json"), "2");
        final Path out = directory.resolve("out");
        refused("--format: " + input + " and " + second + " would both be written to " + out.resolve("in.json"),
                Run.demo("--format", out, input, second));
        assertFalse(Files.exists(out));
    }

    @Test
    void severalDocumentsForAFileAreRefused() throws IOException {
        final Path out = Files.writeString(directory.resolve("out.json"), "kept");
        refused("--format: several documents need a directory, but " + out + " is a file",
                Run.demo("--format", out, directory));
        assertEquals("kept", Files.readString(out));
    }

    @Test
    void outputThatCannotBeWrittenIsReported() throws IOException {
        final Path out = input.resolve("below/a/file.json");
        final Path good = Files.writeString(directory.resolve("good.json"), "1");
        final Run run = Run.demo("--format", out, good);
        assertEquals(1, run.exitCode());
        assertTrue(run.err().startsWith(out + ": "), run.err());
        assertTrue(run.out().contains("refs in one arena"), run.out());
    }

    private static void refused(final String message, final Run run) {
        assertEquals(message, run.err().lines().findFirst().orElse(""));
        assertEquals(2, run.exitCode());
        assertEquals("", run.out());
    }
}
