// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Encodes text into native memory without garbage. An unpaired surrogate becomes a question mark, as in
 * {@link String#getBytes(java.nio.charset.Charset)}.
 */
final class Utf8 {
    private Utf8() {
    }

    /**
     * Bytes that the text takes.
     *
     * @throws IllegalArgumentException if they are more than {@link Integer#MAX_VALUE}
     */
    static int length(CharSequence text) {
        return text instanceof String string && isAscii(string) ? string.length() : lengthOfAny(text);
    }

    /* All chars of a string, whatever they are: a loop without an exit is unrolled, and few strings are not ASCII. */
    private static boolean isAscii(String text) {
        int bits = 0;
        for (int i = 0; i < text.length(); i++) {
            bits |= text.charAt(i);
        }
        return bits < 0x80;
    }

    private static int lengthOfAny(CharSequence text) {
        int chars = text.length();
        long bytes = chars;
        for (int i = 0; i < chars; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                if (c < 0x800) {
                    bytes++;
                } else if (!Character.isSurrogate(c)) {
                    bytes += 2;
                } else if (isPair(text, i)) {
                    bytes += 2; // four bytes for two chars
                    i++;
                }
            }
        }
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("chars=" + chars + " utf8Bytes=" + bytes
                    + ": the text is too long for one block");
        }
        return (int) bytes;
    }

    /** Writes exactly {@link #length} bytes into {@code out}, from index 0 on. */
    static void encode(CharSequence text, ByteBuffer out) {
        encode(text, out, 0);
    }

    /** The same from index {@code start} on. */
    static void encode(CharSequence text, ByteBuffer out, int start) {
        int ascii = text instanceof String string ? encodeAscii(string, out, start) : 0;
        encodeAny(text, ascii, out, start + ascii);
    }

    /** Writes eight chars at a time, as long as they are ASCII; returns how many it has written. */
    private static int encodeAscii(String text, ByteBuffer out, int start) {
        int at = 0;
        for (; at <= text.length() - Long.BYTES; at += Long.BYTES) {
            int bits = 0;
            long eight = 0;
            for (int i = 0; i < Long.BYTES; i++) {
                char c = text.charAt(at + i);
                bits |= c;
                eight |= (long) c << Byte.SIZE * i;
            }
            if (bits >= 0x80) {
                break;
            }
            out.putLong(start + at, out.order() == ByteOrder.LITTLE_ENDIAN ? eight : Long.reverseBytes(eight));
        }
        return at;
    }

    private static void encodeAny(CharSequence text, int from, ByteBuffer out, int start) {
        int chars = text.length();
        int at = start;
        for (int i = from; i < chars; i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && isPair(text, i)) {
                at = encodePair(Character.toCodePoint(c, text.charAt(++i)), out, at);
            } else {
                at = encodeChar(c, out, at);
            }
        }
    }

    /** Bytes of a char that is no part of a pair. */
    static int length(char c) {
        return c < 0x80 || Character.isSurrogate(c) ? 1 : c < 0x800 ? 2 : 3;
    }

    /** Writes a char that is no part of a pair; returns the index behind it. */
    static int encodeChar(char c, ByteBuffer out, int at) {
        if (c < 0x80) {
            out.put(at, (byte) c);
            return at + 1;
        }
        if (Character.isSurrogate(c)) {
            out.put(at, (byte) '?');
            return at + 1;
        }
        if (c < 0x800) {
            out.put(at, (byte) (0xC0 | c >> 6));
            out.put(at + 1, (byte) (0x80 | c & 0x3F));
            return at + 2;
        }
        out.put(at, (byte) (0xE0 | c >> 12));
        out.put(at + 1, (byte) (0x80 | c >> 6 & 0x3F));
        out.put(at + 2, (byte) (0x80 | c & 0x3F));
        return at + 3;
    }

    /** Writes four bytes; returns the index behind them. */
    static int encodePair(int codePoint, ByteBuffer out, int at) {
        out.put(at, (byte) (0xF0 | codePoint >> 18));
        out.put(at + 1, (byte) (0x80 | codePoint >> 12 & 0x3F));
        out.put(at + 2, (byte) (0x80 | codePoint >> 6 & 0x3F));
        out.put(at + 3, (byte) (0x80 | codePoint & 0x3F));
        return at + 4;
    }

    private static boolean isPair(CharSequence text, int i) {
        return Character.isHighSurrogate(text.charAt(i)) && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
    }
}
