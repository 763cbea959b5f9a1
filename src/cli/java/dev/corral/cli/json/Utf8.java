// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Well-formed UTF-8 (Unicode, table 3-7), and characters described for error messages. */
final class Utf8 {
    private Utf8() {
    }

    /**
     * Checks the multi-byte character at {@code at} and steps over it.
     *
     * @param at offset of a byte that is not ASCII
     * @param end the document's length
     * @return offset of the byte after the character
     * @throws JsonSyntaxException if the bytes are no character: overlong, a surrogate, above U+10FFFF, cut short
     */
    static int skip(final byte[] document, final int at, final int end) throws JsonSyntaxException {
        final int lead = document[at] & 0xFF;
        final int length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
        if (length == 0 || at + length > end) {
            throw invalid(document, at, end);
        }
        final int second = document[at + 1] & 0xFF;
        if (second < lowestSecond(lead) || second > highestSecond(lead)) {
            throw invalid(document, at, end);
        }
        for (int i = at + 2; i < at + length; i++) {
            if ((document[i] & 0xC0) != 0x80) {
                throw invalid(document, at, end);
            }
        }
        return at + length;
    }

    // A second byte below this would make an overlong form.
    private static int lowestSecond(final int lead) {
        return lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    }

    // A second byte above this would make a surrogate (after ED) or a number above U+10FFFF (after F4).
    private static int highestSecond(final int lead) {
        return lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    }

    private static JsonSyntaxException invalid(final byte[] document, final int at, final int end) {
        final int lead = document[at] & 0xFF;
        if (lead < 0xC0) {
            return invalid(document, at, 1, "stray continuation byte");
        }
        if (lead < 0xC2) {
            return invalid(document, at, 1, "overlong encoding");
        }
        if (lead > 0xF4) {
            return invalid(document, at, 1, "never part of UTF-8");
        }
        final int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        for (int i = 1; i < length; i++) {
            if (at + i >= end) {
                return invalid(document, at, i, "cut short by the end of the document");
            }
            final int b = document[at + i] & 0xFF;
            if ((b & 0xC0) != 0x80) {
                return invalid(document, at, i + 1, "continuation byte missing");
            }
            if (i == 1 && b < lowestSecond(lead)) {
                return invalid(document, at, 2, "overlong encoding");
            }
            if (i == 1 && b > highestSecond(lead)) {
                return invalid(document, at, 2, lead == 0xED ? "surrogate" : "above U+10FFFF");
            }
        }
        throw new IllegalArgumentException("valid UTF-8 at=" + at);
    }

    private static JsonSyntaxException invalid(final byte[] document, final int at, final int bytes, final String why) {
        final StringBuilder what = new StringBuilder("expected valid UTF-8, found");
        for (int i = 0; i < bytes; i++) {
            what.append(String.format(Locale.ROOT, " 0x%02X", document[at + i] & 0xFF));
        }
        return JsonSyntaxException.at(document, at, what.append(" (").append(why).append(')').toString());
    }

    /**
     * Names the character at an offset for a message.
     *
     * @return {@code 'x'}, {@code control character U+0007}, {@code 'é' (U+00E9)}, {@code byte 0xFF} where the bytes
     *         are not UTF-8, or {@code end of document}
     */
    static String describe(final byte[] document, final int at, final int end) {
        if (at >= end) {
            return "end of document";
        }
        final byte b = document[at];
        if (b >= 0x20 && b < 0x7F) {
            return "'" + (char) b + "'";
        }
        if (b >= 0) {
            return String.format(Locale.ROOT, "control character U+%04X", b);
        }
        try {
            final int next = skip(document, at, end);
            final String text = new String(document, at, next - at, StandardCharsets.UTF_8);
            if (text.codePointAt(0) == 0xFEFF) {
                return "byte order mark (U+FEFF)";
            }
            return String.format(Locale.ROOT, "'%s' (U+%04X)", text, text.codePointAt(0));
        } catch (JsonSyntaxException notUtf8) {
            return String.format(Locale.ROOT, "byte 0x%02X", b & 0xFF);
        }
    }

    /**
     * Appends a character in UTF-8.
     *
     * @param codePoint any code point that is not a surrogate
     * @return index after the last byte written, at most {@code at + 4}
     */
    static int encode(final int codePoint, final byte[] target, final int at) {
        int i = at;
        if (codePoint < 0x80) {
            target[i++] = (byte) codePoint;
            return i;
        }
        if (codePoint < 0x800) {
            target[i++] = (byte) (0xC0 | codePoint >> 6);
        } else {
            if (codePoint < 0x10000) {
                target[i++] = (byte) (0xE0 | codePoint >> 12);
            } else {
                target[i++] = (byte) (0xF0 | codePoint >> 18);
                target[i++] = (byte) (0x80 | codePoint >> 12 & 0x3F);
            }
            target[i++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
        }
        target[i++] = (byte) (0x80 | codePoint & 0x3F);
        return i;
    }
}
