// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import java.nio.charset.StandardCharsets;

/** One word of a line; an operation marks those that it understands. */
final class Word {
    /** Of an option {@code key=value}, else empty. */
    final String key;
    /** Of an option: {@code =}, {@code <} (at most) or {@code >} (at least). */
    final char relation;
    /** An option's value; a string's bytes, which need not be UTF-8. */
    final byte[] bytes;
    /** Written as {@code "..."}. */
    final boolean quoted;
    boolean used;

    Word(String key, char relation, byte[] bytes, boolean quoted) {
        this.key = key;
        this.relation = relation;
        this.bytes = bytes;
        this.quoted = quoted;
    }

    String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Whether this is the bare word {@code null}. */
    boolean isNull() {
        return !quoted && text().equals("null");
    }

    @Override
    public String toString() {
        return key.isEmpty() ? text() : key + (relation == '=' ? "=" : relation + "=") + text();
    }
}
