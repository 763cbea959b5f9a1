// SPDX-License-Identifier: Apache-2.0
package dev.corral.workloads;

/** Splits Java or C into tokens, without an object for any of them. Comments and white space are passed over. */
final class Tokenizer {
    static final int END = 0;
    static final int WORD = 1;
    static final int NUMBER = 2;
    static final int TEXT = 3;
    static final int OPEN = 4;
    static final int CLOSE = 5;
    static final int MARK = 6;
    static final int STATEMENT = 7;
    static final int KINDS = 8;

    private static final byte[] KIND_OF = kinds();

    private byte[] text;
    private int at;
    private int from;

    private static byte[] kinds() {
        byte[] kinds = new byte[256];
        java.util.Arrays.fill(kinds, (byte) MARK);
        for (int c = 0; c < kinds.length; c++) {
            if (c <= ' ') {
                kinds[c] = END; // white space
            } else if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c == '@' || c > '~') {
                kinds[c] = WORD;
            } else if (c >= '0' && c <= '9') {
                kinds[c] = NUMBER;
            }
        }
        kinds['"'] = TEXT;
        kinds['\''] = TEXT;
        for (byte c : "({[".getBytes(java.nio.charset.StandardCharsets.US_ASCII)) {
            kinds[c] = OPEN;
        }
        for (byte c : ")}]".getBytes(java.nio.charset.StandardCharsets.US_ASCII)) {
            kinds[c] = CLOSE;
        }
        return kinds;
    }

    void start(byte[] source) {
        text = source;
        at = 0;
    }

    /** Goes to the next token; returns its kind. */
    int next() {
        skip();
        from = at;
        if (at == text.length) {
            return END;
        }
        int kind = KIND_OF[text[at++] & 0xff];
        if (kind == WORD || kind == NUMBER) {
            while (at < text.length && isPartOfWord(KIND_OF[text[at] & 0xff])) {
                at++;
            }
        } else if (kind == TEXT) {
            skipText(text[from]);
        }
        return kind;
    }

    private static boolean isPartOfWord(int kind) {
        return kind == WORD || kind == NUMBER;
    }

    private void skip() {
        while (at < text.length) {
            if (KIND_OF[text[at] & 0xff] == END) {
                at++;
            } else if (starts('/', '/')) {
                skipTo('\n');
            } else if (starts('/', '*')) {
                at += 2;
                while (at < text.length && !starts('*', '/')) {
                    at++;
                }
                at = Math.min(at + 2, text.length);
            } else {
                return;
            }
        }
    }

    private boolean starts(char first, char second) {
        return text[at] == first && at + 1 < text.length && text[at + 1] == second;
    }

    private void skipTo(char end) {
        while (at < text.length && text[at] != end) {
            at++;
        }
    }

    /** To behind the closing quote, or to the line's end. */
    private void skipText(byte quote) {
        while (at < text.length && text[at] != quote && text[at] != '\n') {
            at += text[at] == '\\' && at + 1 < text.length ? 2 : 1;
        }
        at = Math.min(at + 1, text.length);
    }

    byte[] text() {
        return text;
    }

    int from() {
        return from;
    }

    int length() {
        return at - from;
    }

    byte first() {
        return text[from];
    }
}
