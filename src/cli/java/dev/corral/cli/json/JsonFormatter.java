// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the events of one document as text: two spaces a level, one member or element a line, only those characters
 * escaped that must be, numbers as they came, a line feed at the end.
 *
 * <p>A formatter is reused for any number of documents, by one thread at a time; it makes no garbage.
 */
public final class JsonFormatter extends JsonHandler {
    private static final byte[] SPACES = filled(2 * JsonParser.MAX_DEPTH);
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    // What follows the backslash for a byte below 0x60: the short escape, 'u' for a numeric one, 0 for none.
    private static final byte[] ESCAPES = escapes();

    /*
     * The text waits in block, which goes to the sink when it is full. isEmpty[d] is true until the container at
     * depth d has its first element; a value after a name stays on the name's line.
     */
    private final byte[] block = new byte[TextSink.BLOCK];
    private final boolean[] isEmpty = new boolean[JsonParser.MAX_DEPTH + 1];
    private TextSink sink;
    private int used;
    private int depth;
    private boolean afterName;

    /** Makes a formatter. */
    public JsonFormatter() {
    }

    private static byte[] filled(final int length) {
        final byte[] spaces = new byte[length];
        Arrays.fill(spaces, (byte) ' ');
        return spaces;
    }

    private static byte[] escapes() {
        final byte[] table = new byte[0x60];
        Arrays.fill(table, 0, ' ', (byte) 'u');
        table['\b'] = 'b';
        table['\t'] = 't';
        table['\n'] = 'n';
        table['\f'] = 'f';
        table['\r'] = 'r';
        table['"'] = '"';
        table['\\'] = '\\';
        return table;
    }

    /**
     * Begins a document. Whatever an earlier document left unfinished is forgotten.
     *
     * @param target receives the text
     * @return this formatter
     */
    public JsonFormatter start(final TextSink target) {
        sink = target;
        used = 0;
        depth = 0;
        afterName = false;
        return this;
    }

    /** Ends the document: the rest of the text goes to the sink. */
    public void finish() {
        write('\n');
        flush();
    }

    @Override
    public void startObject() {
        open('{');
    }

    @Override
    public void endObject() {
        close('}');
    }

    @Override
    public void startArray() {
        open('[');
    }

    @Override
    public void endArray() {
        close(']');
    }

    @Override
    public void name(final byte[] text, final int from, final int length) {
        newElement();
        quoted(text, from, length);
        write(':');
        write(' ');
        afterName = true;
    }

    @Override
    public void string(final byte[] text, final int from, final int length) {
        newElement();
        quoted(text, from, length);
    }

    @Override
    public void number(final byte[] text, final int from, final int length) {
        newElement();
        write(text, from, length);
    }

    @Override
    public void literal(final JsonLiteral literal) {
        newElement();
        write(literal.text, 0, literal.text.length);
    }

    private void open(final char bracket) {
        newElement();
        write(bracket);
        isEmpty[++depth] = true;
    }

    private void close(final char bracket) {
        if (!isEmpty[depth--]) {
            newLine();
        }
        write(bracket);
    }

    /** Writes what stands in front of a name or value: nothing after a name, else comma and line break. */
    private void newElement() {
        if (afterName) {
            afterName = false;
            return;
        }
        if (depth == 0) {
            return;
        }
        if (!isEmpty[depth]) {
            write(',');
        }
        isEmpty[depth] = false;
        newLine();
    }

    private void newLine() {
        write('\n');
        write(SPACES, 0, 2 * depth);
    }

    private void quoted(final byte[] text, final int from, final int length) {
        write('"');
        final int end = from + length;
        int run = from;
        for (int i = from; i < end; i++) {
            final byte b = text[i];
            if (b >= 0 && b < ESCAPES.length && ESCAPES[b] != 0) {
                write(text, run, i - run);
                escape(b);
                run = i + 1;
            }
        }
        write(text, run, end - run);
        write('"');
    }

    private void escape(final byte b) {
        write('\\');
        write((char) ESCAPES[b]);
        if (ESCAPES[b] == 'u') {
            write('0');
            write('0');
            write((char) HEX[b >> 4]);
            write((char) HEX[b & 0xF]);
        }
    }

    private void write(final char ascii) {
        if (used == block.length) {
            flush();
        }
        block[used++] = (byte) ascii;
    }

    private void write(final byte[] source, final int from, final int length) {
        int at = from;
        int left = length;
        while (left > block.length - used) {
            final int part = block.length - used;
            System.arraycopy(source, at, block, used, part);
            used = block.length;
            flush();
            at += part;
            left -= part;
        }
        System.arraycopy(source, at, block, used, left);
        used += left;
    }

    private void flush() {
        sink.append(block, used);
        used = 0;
    }
}
