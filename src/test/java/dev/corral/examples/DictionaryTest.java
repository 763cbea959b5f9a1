// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.ChildJvm;
import dev.corral.MappedArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.io.TempDir;

/** The dictionary of a real text, built here and looked up here and in another JVM. */
class DictionaryTest {
    private static final Path BASE = Path.of(System.getProperty("corral.basedir", "."));

    @TempDir
    Path directory;

    /** The machine's word list, or the document that comes with the command line. */
    private static Path text() {
        Path list = Path.of("/usr/share/dict/words");
        return Files.exists(list) ? list : BASE.resolve("src/cli/resources/dev/corral/cli/mime-db/db.json");
    }

    private static Map<String, Integer> countOnTheHeap(Path text) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        for (String word : Files.readString(text).split("[^\\p{L}\\p{N}_-]+")) {
            if (!word.isEmpty()) {
                counts.merge(word, 1, Integer::sum);
            }
        }
        return counts;
    }

    @Test
    void everyWordHasItsCount() throws IOException {
        Path file = directory.resolve("words.arena");
        Map<String, Integer> expected = countOnTheHeap(text());
        assertEquals(expected.size(), Dictionary.build(text(), file));
        assertTrue(expected.size() > 3000, "words=" + expected.size());
        try (Dictionary dictionary = new Dictionary(file)) {
            expected.forEach((word, count) -> assertEquals(count, dictionary.count(word), word));
            assertEquals(0, dictionary.count("no-such-word-anywhere"));
            assertEquals(0, dictionary.count(""));
        }
    }

    @DisabledInNativeImage
    @Test
    void anotherJvmLooksItUp() throws Exception {
        Path file = directory.resolve("words.arena");
        Map<String, Integer> expected = countOnTheHeap(text());
        Dictionary.main(new String[] {"build", text().toString(), file.toString()});
        List<String> arguments = new ArrayList<>(List.of("look", file.toString(), "no-such-word-anywhere"));
        List<String> lines = new ArrayList<>(List.of("no-such-word-anywhere=0"));
        expected.entrySet().stream().filter(entry -> entry.getKey().matches("\\w+")).limit(500).forEach(entry -> {
            arguments.add(entry.getKey());
            lines.add(entry.getKey() + "=" + entry.getValue());
        });
        ChildJvm.Result result = new ChildJvm(directory)
                .run(Dictionary.class, arguments.toArray(new String[0])).succeeded();
        assertEquals(lines, result.lines("="));
    }

    @Test
    void anotherKindOfFileIsRefused() {
        Path file = directory.resolve("other.arena");
        try (MappedArena.Builder builder = MappedArena.builder(file)) {
            builder.tag(5).seal();
        }
        assertThrows(IllegalArgumentException.class, () -> new Dictionary(file));
    }
}
