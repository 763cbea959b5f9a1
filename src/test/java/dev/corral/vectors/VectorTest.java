// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.MemoryPool;
import dev.corral.junit.NoNativeLeaks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Runs the vectors that C and Java share; {@code src/test/resources/vectors/README.md} has the grammar. */
@NoNativeLeaks
class VectorTest {
    private static final Path DIRECTORY = Path.of(System.getProperty("corral.basedir", "."),
            "src", "test", "resources", "vectors");
    private static final int LINES_MAX = 40;
    private static final int LINE_BYTES_MAX = 2048;

    private static int operations;
    private static int emulated;
    private static final Set<String> RUN = new HashSet<>();

    /** The names of INDEX, in order. */
    private static List<String> index() throws IOException {
        List<String> names = new ArrayList<>();
        for (String line : Files.readAllLines(DIRECTORY.resolve("INDEX"))) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                assertFalse(names.contains(line), line + " is listed twice");
                names.add(line);
            }
        }
        assertFalse(names.isEmpty(), "no vector");
        return names;
    }

    /** Loads the library, before natives are called. */
    @BeforeAll
    static void load() {
        MemoryPool.shared();
    }

    @AfterAll
    static void report() {
        System.out.println("vectors=" + RUN.size() + " operations=" + operations + " emulated=" + emulated);
    }

    @Test
    void indexListsEveryFile() throws IOException {
        Set<String> expected = new TreeSet<>(Set.of("INDEX", "README.md"));
        index().forEach(name -> expected.add(name + ".vec"));
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            Set<String> actual = new TreeSet<>();
            files.map(file -> file.getFileName().toString()).filter(name -> !name.startsWith(".")).forEach(actual::add);
            assertEquals(expected, actual);
        }
    }

    @TestFactory
    Stream<DynamicContainer> vectors() throws IOException {
        return index().stream().map(name -> DynamicContainer.dynamicContainer(camelCase(name),
                Stream.of(Run.Variant.values()).map(variant -> DynamicTest.dynamicTest(
                        camelCase(name) + "[" + variant + "]", () -> runVector(name, variant)))));
    }

    /** reset-keeps-every-chunk is resetKeepsEveryChunk. */
    private static String camelCase(String name) {
        StringBuilder camel = new StringBuilder();
        for (String part : name.split("-")) {
            camel.append(camel.isEmpty() ? part : part.substring(0, 1).toUpperCase(Locale.ROOT) + part.substring(1));
        }
        return camel.toString();
    }

    private static List<String> read(String name) throws IOException {
        List<String> lines = Files.readAllLines(DIRECTORY.resolve(name + ".vec"));
        assertTrue(lines.size() <= LINES_MAX, "lines=" + lines.size());
        assertTrue(lines.size() > 1 && lines.get(0).startsWith("# v1 " + name + ": "), "the first line is no header");
        for (String line : lines) {
            assertTrue(line.getBytes(StandardCharsets.UTF_8).length <= LINE_BYTES_MAX, "line too long");
        }
        return lines;
    }

    private static void runVector(String name, Run.Variant variant) throws IOException {
        try (Run run = new Run(variant)) {
            Engine engine = new Engine(run);
            try {
                engine.runAll(name, read(name));
            } finally {
                engine.abandon();
            }
            assertTrue(engine.operations > 0, "no operation");
            RUN.add(name);
            operations += engine.operations;
            emulated += run.emulated;
        }
    }
}
