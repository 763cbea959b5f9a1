// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

import java.util.Arrays;
import java.util.Locale;

/**
 * Reads one string token. A string without escapes is left where it is in the document; only one with escapes is
 * unescaped into a buffer of the scanner, which is reused, so scanning makes no garbage.
 */
final class StringScanner {
    private static final int LARGEST_ESCAPED_CHARACTER = 4;

    // The last string's content: text[from .. from + length).
    byte[] text;
    int from;
    int length;

    private byte[] unescaped = new byte[256];
    private int used;

    /**
     * Reads the string whose opening quote is at {@code open}.
     *
     * @return offset of the byte after the closing quote
     */
    int scan(final byte[] document, final int open, final int end) throws JsonSyntaxException {
        int i = open + 1;
        while (i <= end - Words.SIZE) {
            final long special = Words.special(Words.at(document, i));
            if (special != 0) {
                i += Words.first(special);
                if (document[i] == '"') {
                    return inPlace(document, open + 1, i);
                }
                break;
            }
            i += Words.SIZE;
        }
        return scanBeyondAscii(document, open, i, end);
    }

    private int inPlace(final byte[] document, final int start, final int close) {
        // Storing a reference costs a fence when the collector has moved the two objects apart; comparing does not.
        if (text != document) {
            text = document;
        }
        from = start;
        length = close - start;
        return close + 1;
    }

    private int scanBeyondAscii(final byte[] document, final int open, final int at, final int end)
            throws JsonSyntaxException {
        int i = plainEnd(document, at, end);
        if (i < end && document[i] == '"') {
            return inPlace(document, open + 1, i);
        }
        used = 0;
        int run = open + 1;
        while (i < end && document[i] != '"') {
            append(document, run, i - run);
            i = escape(document, i, end);
            run = i;
            i = plainEnd(document, i, end);
        }
        if (i >= end) {
            throw JsonSyntaxException.at(document, end, "expected '\"' to end the string, found end of document");
        }
        append(document, run, i - run);
        text = unescaped;
        from = 0;
        length = used;
        return i + 1;
    }

    /** Steps over characters that stand for themselves, to the next quote or backslash or the document's end. */
    private static int plainEnd(final byte[] document, final int at, final int end) throws JsonSyntaxException {
        int i = at;
        while (i < end) {
            final byte b = document[i];
            if (b == '"' || b == '\\') {
                return i;
            }
            if (b < 0) {
                i = Utf8.skip(document, i, end);
            } else if (b < ' ') {
                throw JsonSyntaxException.at(document, i, String.format(Locale.ROOT,
                        "expected control characters to be escaped, found control character U+%04X", b));
            } else {
                i++;
            }
        }
        return i;
    }

    private void append(final byte[] source, final int start, final int count) {
        if (unescaped.length - used < count + LARGEST_ESCAPED_CHARACTER) {
            // Doubling in long: a string may have up to half of the largest array.
            final long wanted = Math.max(2L * unescaped.length, (long) used + count + LARGEST_ESCAPED_CHARACTER);
            unescaped = Arrays.copyOf(unescaped, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
        }
        System.arraycopy(source, start, unescaped, used, count);
        used += count;
    }

    /** Appends the character of the escape at {@code at} and returns the offset after it. */
    private int escape(final byte[] document, final int at, final int end) throws JsonSyntaxException {
        final int c = at + 1 < end ? document[at + 1] : -1;
        final int plain = switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> -1;
            default -> throw JsonSyntaxException.at(document, Math.min(at + 1, end),
                    "expected one of \" \\ / b f n r t u after '\\', found " + Utf8.describe(document, at + 1, end));
        };
        if (plain >= 0) {
            unescaped[used++] = (byte) plain;
            return at + 2;
        }
        return unicodeEscape(document, at, end);
    }

    // RFC 8259 section 8.2 leaves open what a lone surrogate means. It is no character and has no UTF-8, so keeping
    // it would make text that other strict readers refuse: it is an error here.
    private int unicodeEscape(final byte[] document, final int at, final int end) throws JsonSyntaxException {
        final int first = fourDigits(document, at + 2, end);
        int codePoint = first;
        int next = at + 6;
        if (Character.isSurrogate((char) first)) {
            final boolean pairs = Character.isHighSurrogate((char) first)
                    && next + 1 < end && document[next] == '\\' && document[next + 1] == 'u';
            final int second = pairs ? fourDigits(document, next + 2, end) : 0;
            if (!Character.isLowSurrogate((char) second)) {
                throw JsonSyntaxException.at(document, at, String.format(Locale.ROOT,
                        "expected a pair of surrogates, found a lone \\u%04X", first));
            }
            codePoint = Character.toCodePoint((char) first, (char) second);
            next += 6;
        }
        used = Utf8.encode(codePoint, unescaped, used);
        return next;
    }

    private static int fourDigits(final byte[] document, final int at, final int end) throws JsonSyntaxException {
        int value = 0;
        for (int i = at; i < at + 4; i++) {
            final int digit = i < end ? hexDigit(document[i]) : -1;
            if (digit < 0) {
                throw JsonSyntaxException.at(document, Math.min(i, end), "expected four hexadecimal digits after "
                        + "'\\u', found " + Utf8.describe(document, i, end));
            }
            value = value << 4 | digit;
        }
        return value;
    }

    // Not Character.digit, which also takes digits of other scripts.
    private static int hexDigit(final byte b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        final int lower = b | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }
}
