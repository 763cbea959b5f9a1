// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

/**
 * A strict parser for RFC 8259 that reports a document as events to a {@link JsonHandler}.
 *
 * <p>What the RFC leaves to the parser: the document is UTF-8 without a byte order mark; at most
 * {@value #MAX_DEPTH} arrays and objects are open at once; an escaped surrogate without its partner is an error;
 * repeated names are kept, in order; numbers have any length and are handed on as text. Any value may be the document.
 *
 * <p>A parser is reused for any number of documents, by one thread at a time. It does not recurse, and once its buffer
 * has grown to the longest escaped string it makes no garbage.
 */
public final class JsonParser {
    /** The most arrays and objects that may be open at once. */
    public static final int MAX_DEPTH = 1_000;

    /*
     * pos is the offset of the next byte to read. In front of it the document is valid, which is what lets an error
     * count characters. isObject[d] tells what the container at depth d is; depth 0 is outside of all containers.
     */
    private final boolean[] isObject = new boolean[MAX_DEPTH + 1];
    private final StringScanner strings = new StringScanner();
    private JsonHandler handler;
    private byte[] document;
    private int end;
    private int pos;
    private int depth;

    /** Makes a parser. */
    public JsonParser() {
    }

    /**
     * Parses a whole document.
     *
     * @param bytes the document, not changed
     * @param target receives the events; after an error it has seen the part in front of it
     * @throws JsonSyntaxException if the bytes are not one JSON document
     */
    public void parse(final byte[] bytes, final JsonHandler target) throws JsonSyntaxException {
        document = bytes;
        end = bytes.length;
        handler = target;
        pos = 0;
        depth = 0;
        refuseByteOrderMark();
        do {
            if (value()) {
                while (depth > 0 && !nextValue()) {
                    // A container was closed; what follows belongs to the one around it.
                }
            }
        } while (depth > 0);
        if (skipSpace() < end) {
            throw expected("the end of the document");
        }
    }

    private void refuseByteOrderMark() throws JsonSyntaxException {
        if (end >= 3 && document[0] == (byte) 0xEF && document[1] == (byte) 0xBB && document[2] == (byte) 0xBF) {
            throw JsonSyntaxException.at(document, 0,
                    "expected a value, found a byte order mark (U+FEFF), which JSON does not allow");
        }
    }

    /** Reads a value and returns true, or opens a container that has content and returns false. */
    private boolean value() throws JsonSyntaxException {
        final int c = skipSpace() < end ? document[pos] : -1;
        switch (c) {
            case '"':
                pos = strings.scan(document, pos, end);
                handler.string(strings.text, strings.from, strings.length);
                return true;
            case '{':
                return openObject();
            case '[':
                return openArray();
            case 't':
                return literal(JsonLiteral.TRUE);
            case 'f':
                return literal(JsonLiteral.FALSE);
            case 'n':
                return literal(JsonLiteral.NULL);
            default:
                if (c == '-' || isDigit(c)) {
                    return number();
                }
                throw expected(isFirstInArray() ? "a value or ']'" : "a value");
        }
    }

    /** After a value in a container: true if another value follows, false if the container is closed. */
    private boolean nextValue() throws JsonSyntaxException {
        final int c = skipSpace() < end ? document[pos] : -1;
        final boolean object = isObject[depth];
        if (c == ',') {
            pos++;
            if (object) {
                memberName("a member name");
            }
            return true;
        }
        if (c != (object ? '}' : ']')) {
            throw expected(object ? "',' or '}'" : "',' or ']'");
        }
        pos++;
        depth--;
        if (object) {
            handler.endObject();
        } else {
            handler.endArray();
        }
        return false;
    }

    private boolean openObject() throws JsonSyntaxException {
        open(true);
        handler.startObject();
        if (skipSpace() < end && document[pos] == '}') {
            pos++;
            depth--;
            handler.endObject();
            return true;
        }
        memberName("a member name or '}'");
        return false;
    }

    private boolean openArray() throws JsonSyntaxException {
        open(false);
        handler.startArray();
        if (skipSpace() < end && document[pos] == ']') {
            pos++;
            depth--;
            handler.endArray();
            return true;
        }
        return false;
    }

    private void open(final boolean object) throws JsonSyntaxException {
        if (depth == MAX_DEPTH) {
            throw JsonSyntaxException.at(document, pos,
                    "expected at most " + MAX_DEPTH + " open arrays and objects, found one more");
        }
        isObject[++depth] = object;
        pos++;
    }

    private void memberName(final String what) throws JsonSyntaxException {
        if (skipSpace() >= end || document[pos] != '"') {
            throw expected(what);
        }
        pos = strings.scan(document, pos, end);
        handler.name(strings.text, strings.from, strings.length);
        // The colon mostly comes at once; only then is the search for white space worth avoiding.
        if ((pos >= end || document[pos] != ':') && (skipSpace() >= end || document[pos] != ':')) {
            throw expected("':' after the member name");
        }
        pos++;
    }

    private boolean literal(final JsonLiteral literal) throws JsonSyntaxException {
        final byte[] word = literal.text;
        for (int i = 0; i < word.length; i++, pos++) {
            if (pos >= end || document[pos] != word[i]) {
                throw expected("'" + (char) word[i] + "' of '" + literal + "'");
            }
        }
        handler.literal(literal);
        return true;
    }

    private boolean number() throws JsonSyntaxException {
        final int start = pos;
        if (document[pos] == '-') {
            pos++;
        }
        if (peek() == '0') {
            pos++;
            if (isDigit(peek())) {
                throw expected("no digit after a leading zero");
            }
        } else {
            digits("a digit after '-'");
        }
        if (peek() == '.') {
            pos++;
            digits("a digit after '.'");
        }
        if ((peek() | 0x20) == 'e') {
            pos++;
            if (peek() == '+' || peek() == '-') {
                pos++;
            }
            digits("a digit in the exponent");
        }
        handler.number(document, start, pos - start);
        return true;
    }

    private void digits(final String what) throws JsonSyntaxException {
        if (!isDigit(peek())) {
            throw expected(what);
        }
        int i = pos + 1;
        while (i < end && isDigit(document[i])) {
            i++;
        }
        pos = i;
    }

    private int peek() {
        return pos < end ? document[pos] : -1;
    }

    private static boolean isDigit(final int c) {
        return c >= '0' && c <= '9';
    }

    /** Steps over white space and returns the new position. */
    private int skipSpace() {
        final byte[] bytes = document;
        final int last = end - 1 - Words.SIZE;
        int i = pos;
        while (i < end && bytes[i] <= ' ') {
            if (!isSpace(bytes[i])) {
                break;
            }
            // A line break is followed by its indentation.
            i += bytes[i] == '\n' && i <= last ? 1 + Words.leadingSpaces(Words.at(bytes, i + 1)) : 1;
        }
        pos = i;
        return i;
    }

    private static boolean isSpace(final byte c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    private boolean isFirstInArray() {
        int i = pos - 1;
        while (i >= 0 && isSpace(document[i])) {
            i--;
        }
        return depth > 0 && !isObject[depth] && document[i] == '[';
    }

    private JsonSyntaxException expected(final String what) {
        return JsonSyntaxException.at(document, pos,
                "expected " + what + ", found " + Utf8.describe(document, pos, end));
    }
}
