// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import java.util.List;

/**
 * The words of one line. The parser knows words, not operations: an operation takes the words that it understands, and
 * whoever runs the line refuses it when a word is left over.
 */
final class Line {
    final List<Word> words;
    /** Index of the first word after {@code ->}; the number of words when there is none. */
    final int arrow;

    Line(List<Word> words, int arrow) {
        this.words = words;
        this.arrow = arrow;
    }

    private Word find(int from, int to, String key) {
        for (Word word : words.subList(from, to)) {
            if (!word.used && (key == null || word.key.equals(key))) {
                return word;
            }
        }
        return null;
    }

    private static Word take(Word word) {
        if (word != null) {
            word.used = true;
        }
        return word;
    }

    /** The next unused word before the arrow that is no option, or null. */
    Word next() {
        return take(find(0, arrow, ""));
    }

    /** The option before the arrow, or null. */
    Word option(String key) {
        return take(find(0, arrow, key));
    }

    /** The next unused option before the arrow, whatever its key, or null. */
    Word anyOption() {
        Word word = find(0, arrow, null);
        return word == null || word.key.isEmpty() ? null : take(word);
    }

    /** The next unused word after the arrow, or null. */
    Word result() {
        return take(find(arrow, words.size(), null));
    }

    /** The first unused word, or null. */
    Word unused(boolean argumentsOnly) {
        return find(0, argumentsOnly ? arrow : words.size(), null);
    }

    /** Forgets which words from {@code first} on were used. */
    void unuse(int first) {
        words.subList(first, words.size()).forEach(word -> word.used = false);
    }
}
