// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

/**
 * A document is not JSON. The message says what was expected and what was found; line and column, both from 1, say
 * where. A line ends with LF, CR or CR LF; a column counts characters (code points), not bytes.
 */
public final class JsonSyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    private JsonSyntaxException(final int line, final int column, final String what) {
        super(what);
        this.line = line;
        this.column = column;
    }

    /**
     * Makes the error for an offset. The position is counted only now, so that the parser need not count lines.
     *
     * @param document the document's bytes, valid UTF-8 in front of the offset
     * @param offset index of the offending byte, or the document's length
     * @param what what was expected and what was found
     * @return the error, to be thrown by the caller
     */
    static JsonSyntaxException at(final byte[] document, final int offset, final String what) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < offset; i++) {
            final byte b = document[i];
            if (b == '\n' || (b == '\r' && (i + 1 == offset || document[i + 1] != '\n'))) {
                line++;
                column = 1;
            } else if (b != '\r' && (b & 0xC0) != 0x80) {
                column++;
            }
        }
        return new JsonSyntaxException(line, column, what);
    }

    /**
     * The line of the error.
     *
     * @return line number, from 1
     */
    public int line() {
        return line;
    }

    /**
     * The column of the error.
     *
     * @return position in the line in characters, from 1
     */
    public int column() {
        return column;
    }
}
