// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;

/** The tests that docs/SAFETY.md names exist, and each row of its tables of guarantees names one. */
@DisabledInNativeImage // reads the sources
class SafetyPageTest {
    private static final Path ROOT = Path.of(System.getProperty("corral.basedir"));
    private static final Pattern NAME = Pattern.compile("`(\\w+Test)\\.(\\w+)`");

    private static String page() throws IOException {
        return Files.readString(ROOT.resolve("docs/SAFETY.md"));
    }

    @Test
    void theTestsExist() throws IOException {
        List<String> missing = new ArrayList<>();
        Matcher name = NAME.matcher(page());
        int named = 0;
        for (; name.find(); named++) {
            if (!source(name.group(1)).contains(" void " + name.group(2) + "(")) {
                missing.add(name.group());
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(named >= 20, "named=" + named);
    }

    private static String source(String test) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("src/test/java"))) {
            Path file = files.filter(each -> each.endsWith(test + ".java")).findFirst().orElse(null);
            return file == null ? "" : Files.readString(file);
        }
    }

    @Test
    void eachRowNamesOne() throws IOException {
        List<String> without = new ArrayList<>();
        boolean inTable = false;
        for (String line : page().lines().toList()) {
            boolean isRule = line.startsWith("|---");
            if (inTable && !isRule && line.startsWith("|") && !NAME.matcher(line).find()) {
                without.add(line);
            }
            inTable = line.endsWith("shown by |") || inTable && line.startsWith("|");
        }
        assertEquals(List.of(), without);
    }
}
