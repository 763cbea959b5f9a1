// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.Arrays;

/**
 * Strings that were interned lately, with their references: a table in which each has two places, side by side, and
 * takes the first when both are others'. A table that is full there doubles, up to {@value #MOST_ROOM} strings.
 */
final class KnownTexts {
    private static final int FIRST_ROOM = 64;
    private static final int MOST_ROOM = 4096;
    private static final int SPREAD = 0x9E3779B9; // 2^32 / the golden ratio: names that are alike lie far apart
    private static final int LONGEST = 128; // chars: what is kept here is not collected

    private String[] texts = new String[FIRST_ROOM];
    private long[] refs = new long[FIRST_ROOM];
    private boolean empty = true;

    /** The reference of an equal string; 0: none is known. */
    long find(String text) {
        final String[] known = texts;
        int at = place(text, known.length);
        if (text.equals(known[at])) {
            return refs[at];
        }
        return text.equals(known[at ^ 1]) ? refs[at ^ 1] : 0;
    }

    private static int place(String text, int room) {
        return text.hashCode() * SPREAD >>> Integer.numberOfLeadingZeros(room - 1);
    }

    /** Adds a string that is not known. */
    void add(String text, long ref) {
        if (text.length() > LONGEST) {
            return;
        }
        int at = place(text, texts.length);
        if (texts[at] != null && texts[at ^ 1] != null && texts.length < MOST_ROOM) {
            grow();
        }
        put(texts, refs, text, ref);
        empty = false;
    }

    private static void put(String[] texts, long[] refs, String text, long ref) {
        int first = place(text, texts.length);
        int at = texts[first] == null || texts[first ^ 1] != null ? first : first ^ 1;
        refs[at] = ref;
        texts[at] = text;
    }

    private void grow() {
        String[] more = new String[texts.length * 2];
        long[] moreRefs = new long[more.length];
        for (int at = 0; at < texts.length; at++) {
            if (texts[at] != null) {
                put(more, moreRefs, texts[at], refs[at]);
            }
        }
        texts = more;
        refs = moreRefs;
    }

    void forgetAll() {
        if (!empty) {
            Arrays.fill(texts, null);
            empty = true;
        }
    }
}
