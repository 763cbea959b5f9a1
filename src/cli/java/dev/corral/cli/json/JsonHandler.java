// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

/**
 * Receives one JSON document as a series of events: from {@link JsonParser} it builds a tree, from a tree that
 * replays itself it formats text.
 *
 * <p>Text arrives as UTF-8 bytes, already unescaped and valid, in an array that belongs to the caller and
 * may be read until the method returns. No event creates an object.
 *
 * <p>A class and not an interface: a call site that sees several builders is then dispatched by vtable, which costs
 * about half of an interface call.
 */
public abstract class JsonHandler {

    /** An object begins; {@link #name} and a value follow for each member, then {@link #endObject}. */
    public abstract void startObject();

    /** The innermost open object ends. */
    public abstract void endObject();

    /** An array begins; its values follow, then {@link #endArray}. */
    public abstract void startArray();

    /** The innermost open array ends. */
    public abstract void endArray();

    /**
     * The name of the member whose value is the next event. Names come in the order of the document, repeated ones too.
     *
     * @param text array that holds the unescaped characters in UTF-8
     * @param from index of the first byte
     * @param length number of bytes, 0 for the empty name
     */
    public abstract void name(byte[] text, int from, int length);

    /**
     * A string value.
     *
     * @param text array that holds the unescaped characters in UTF-8
     * @param from index of the first byte
     * @param length number of bytes
     */
    public abstract void string(byte[] text, int from, int length);

    /**
     * A number, as its text in the document: no digit is lost.
     *
     * @param text array that holds the number
     * @param from index of the first byte
     * @param length number of bytes, at least 1
     */
    public abstract void number(byte[] text, int from, int length);

    /**
     * One of {@code true}, {@code false} and {@code null}.
     *
     * @param literal which one
     */
    public abstract void literal(JsonLiteral literal);
}
