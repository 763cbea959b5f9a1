// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * One line of {@code json/cases.txt}.
 *
 * @param name begins with y_, n_ or i_
 * @param expectation {@code ok}, or line, column and message
 * @param document the document's bytes
 */
public record Case(String name, String expectation, byte[] document) {

    /**
     * Reads the corpus.
     *
     * @return all cases in the order of the file
     */
    public static List<Case> all() {
        try (InputStream in = Objects.requireNonNull(Case.class.getResourceAsStream("/json/cases.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#")).map(Case::of).toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Case of(final String line) {
        final String[] columns = line.split(" \\| ", 3);
        if (columns.length != 3) {
            throw new IllegalArgumentException("columns=" + columns.length + " line=" + line);
        }
        return new Case(columns[0], new String(bytes(columns[1]), StandardCharsets.UTF_8), bytes(columns[2]));
    }

    private static byte[] bytes(final String text) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int at = 0;
        while (at < text.length()) {
            if (text.charAt(at) == '<') {
                bytes.write(Integer.parseInt(text.substring(at + 1, at + 3), 16));
                at += 4;
            } else {
                final int next = text.offsetByCodePoints(at, 1);
                bytes.writeBytes(text.substring(at, next).getBytes(StandardCharsets.UTF_8));
                at = next;
            }
        }
        return bytes.toByteArray();
    }

    /**
     * Whether this is a document that the parser takes.
     *
     * @return true if the expectation is ok
     */
    public boolean isValid() {
        return expectation.equals("ok");
    }

    @Override
    public String toString() {
        return name;
    }
}
