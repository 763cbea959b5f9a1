// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

import java.nio.charset.StandardCharsets;

/** The three values of JSON that are spelt as a word. */
public enum JsonLiteral {
    /** {@code true}. */
    TRUE("true"),
    /** {@code false}. */
    FALSE("false"),
    /** {@code null}. */
    NULL("null");

    final byte[] text;

    JsonLiteral(final String word) {
        text = word.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return new String(text, StandardCharsets.US_ASCII);
    }
}
