// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.cli.json.Case;
import dev.corral.cli.json.Jackson;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All kinds of trees hold what Jackson reads, on real documents and on the corpus. */
@DisabledInNativeImage // the documents are files of the build, not of an image
class TreeAgainstJacksonTest {
    private final Trees trees = new Trees();

    /** A document with a name for the test's report. */
    private record Named(String name, byte[] document) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Named> documents() throws IOException, URISyntaxException {
        final List<Named> documents = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(
                JsonTree.class.getResourceAsStream("/dev/corral/cli/mime-db/db.json"))) {
            documents.add(new Named("mime-db/db.json", in.readAllBytes()));
        }
        final Path real = Path.of(Objects.requireNonNull(
                TreeAgainstJacksonTest.class.getResource("/json/real/README.md")).toURI()).getParent();
        try (Stream<Path> files = Files.walk(real)) {
            for (final Path file : files.filter(path -> path.toString().endsWith(".json")).sorted().toList()) {
                documents.add(new Named(real.relativize(file).toString(), Files.readAllBytes(file)));
            }
        }
        Case.all().stream().filter(Case::isValid)
                .forEach(example -> documents.add(new Named(example.name(), example.document())));
        return documents;
    }

    @AfterEach
    void close() {
        trees.close();
    }

    @Test
    void realDocumentsAreThere() throws Exception {
        assertTrue(documents().stream().filter(document -> document.name().endsWith(".json")).count() >= 12);
    }

    @ParameterizedTest
    @MethodSource("documents")
    void treeHoldsWhatJacksonReads(final Named named) throws Exception {
        final List<String> expected = Jackson.events(named.document());
        for (final JsonTree tree : trees.all()) {
            tree.build(named.document());
            assertEquals(expected, Trees.events(tree), tree.getClass().getSimpleName());
            tree.release();
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void formattedTextIsTheSameTreeForJackson(final Named named) throws Exception {
        final JsonNode expected = Jackson.tree(named.document());
        final List<String> expectedEvents = Jackson.events(named.document());
        byte[] first = null;
        for (final JsonTree tree : trees.all()) {
            tree.build(named.document());
            final byte[] text = Trees.text(tree);
            assertEquals(expected, Jackson.tree(text));
            assertEquals(expectedEvents, Jackson.events(text));
            first = first == null ? text : first;
            assertArrayEquals(first, text);
            tree.release();
        }
    }
}
