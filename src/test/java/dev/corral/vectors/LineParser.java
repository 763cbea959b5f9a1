// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Splits a line into words; the grammar is in {@code src/test/resources/vectors/README.md}. */
final class LineParser {
    private static final int WORDS_MAX = 24;
    private static final int STRING_MAX = 4096;
    private static final String NAMES = "nt\"\\";
    private static final String CHARACTERS = "\n\t\"\\";

    private final List<Word> words = new ArrayList<>();
    private final String source;
    private int at;

    private LineParser(String source) {
        this.source = source;
    }

    /** A blank line or a comment has no words. */
    static Line parse(String source) {
        return new LineParser(source).line();
    }

    private Line line() {
        int arrow = -1;
        for (skipBlanks(); at < source.length() && source.charAt(at) != '#'; skipBlanks()) {
            if (source.startsWith("-> ", at) && arrow < 0) {
                arrow = words.size();
                at += 3;
            } else {
                words.add(source.charAt(at) == '"' ? string() : bare());
            }
        }
        if (words.size() > WORDS_MAX) {
            throw new VectorFailure("too many words");
        }
        return new Line(words, arrow < 0 ? words.size() : arrow);
    }

    private void skipBlanks() {
        while (at < source.length() && source.charAt(at) == ' ') {
            at++;
        }
    }

    /** A name, a number, or an option: key=value, key&lt;=value, key&gt;=value. */
    private Word bare() {
        int end = source.indexOf(' ', at);
        String text = source.substring(at, end < 0 ? source.length() : end);
        at += text.length();
        int sign = 0;
        while (sign < text.length() && "=<>".indexOf(text.charAt(sign)) < 0) {
            sign++;
        }
        int equals = sign < text.length() && text.charAt(sign) != '=' ? sign + 1 : sign;
        if (sign == 0 || equals >= text.length() || text.charAt(equals) != '=') {
            return new Word("", ' ', text.getBytes(StandardCharsets.UTF_8), false);
        }
        byte[] value = text.substring(equals + 1).getBytes(StandardCharsets.UTF_8);
        return new Word(text.substring(0, sign), text.charAt(sign), value, false);
    }

    /** "text" or "text"*count. */
    private Word string() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (at++; at < source.length() && source.charAt(at) != '"';) {
            int character = source.codePointAt(at);
            at += Character.charCount(character);
            if (character == '\\') {
                escape(out);
            } else {
                out.writeBytes(Character.toString(character).getBytes(StandardCharsets.UTF_8));
            }
        }
        at++;
        int end = source.indexOf(' ', at) < 0 ? source.length() : source.indexOf(' ', at);
        String rest = at > source.length() ? "?" : source.substring(at, end);
        at = end;
        if (!rest.matches("(\\*[1-9][0-9]{0,3})?")) {
            throw new VectorFailure("string without end, or repeated strangely");
        }
        byte[] once = out.toByteArray();
        for (int more = rest.isEmpty() ? 0 : Integer.parseInt(rest.substring(1)) - 1; more > 0; more--) {
            out.writeBytes(once);
        }
        if (!rest.isEmpty() && out.size() > STRING_MAX) {
            throw new VectorFailure("string cannot be repeated so often");
        }
        return new Word("", ' ', out.toByteArray(), true);
    }

    /** \n \t \" \\ \xHH \\u{H...}; the backslash has been read. */
    private void escape(ByteArrayOutputStream out) {
        int simple = at < source.length() ? NAMES.indexOf(source.charAt(at)) : -1;
        if (simple >= 0) {
            out.write(CHARACTERS.charAt(simple));
            at++;
        } else if (source.substring(at).matches("x[0-9a-fA-F]{2}.*")) {
            out.write(Integer.parseInt(source.substring(at + 1, at + 3), 16));
            at += 3;
        } else if (source.substring(at).matches("u\\{[0-9a-fA-F]{1,6}}.*")) {
            int end = source.indexOf('}', at);
            int code = Integer.parseInt(source.substring(at + 2, end), 16);
            out.writeBytes(Character.toString(code).getBytes(StandardCharsets.UTF_8));
            at = end + 1;
        } else {
            throw new VectorFailure("unknown escape");
        }
    }
}
