// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The README shows what is compiled and run. */
class ReadmeTest {
    private static final Path BASE = Path.of(System.getProperty("corral.basedir", "."));

    @ParameterizedTest
    @ValueSource(strings = {"src/examples/java/dev/corral/examples/WordCount.java", "native/examples/arena_words.c"})
    void showsTheExampleThatIsCompiled(String file) throws IOException {
        String readme = Files.readString(BASE.resolve("README.md"));
        Matcher shown = Pattern.compile("<!-- " + Pattern.quote(file)
                + " -->\n```\\w+\n(.*?)```\n", Pattern.DOTALL).matcher(readme);
        assertTrue(shown.find(), "no block in README.md for file=" + file);
        String source = Files.readString(BASE.resolve(file));
        assertEquals(withoutLicence(source), shown.group(1), "README.md differs from file=" + file);
    }

    @Test
    void wordCountKeepsEveryWord() {
        String text = "one three  five\nZürich\n";
        InputStream in = System.in;
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            WordCount.main(new String[0]);
        } finally {
            System.setIn(in);
            System.setOut(out);
        }
        assertEquals("words=4 bytes=19", printed.toString(StandardCharsets.UTF_8).strip());
    }

    private static String withoutLicence(String source) {
        return source.replaceFirst("^// SPDX.*\n", "").replaceFirst("^/\\* SPDX.*\n \\*", "/*");
    }
}
