// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

/** Where {@link JsonFormatter} puts the text it has made. */
public interface TextSink {

    /** Blocks are at most this long, and all but the last of a document are exactly this long. */
    int BLOCK = 8_176;

    /**
     * Takes the next block of text.
     *
     * @param source array that holds the text; the formatter writes over it after the call
     * @param length number of bytes from index 0, 1 to {@link #BLOCK}
     */
    void append(byte[] source, int length);
}
