// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import dev.corral.cli.json.JsonFormatter;
import dev.corral.cli.json.JsonHandler;
import dev.corral.cli.json.JsonParser;
import dev.corral.cli.json.JsonSyntaxException;

/**
 * A tree that holds one JSON document at a time, and the document's text once it is formatted. How the nodes are
 * stored is what the kinds differ in; the parser, the formatter and their events are the same for all.
 *
 * <p>One document's life is {@link #build}, {@link #format} if wanted, {@link #release}. One thread at a time.
 */
public abstract class JsonTree implements AutoCloseable {
    /** The longest document in bytes: what a native node can describe. */
    public static final int MAX_DOCUMENT = NodeDescriptor.MAX_TEXT;

    private final JsonParser parser = new JsonParser();
    private final JsonFormatter formatter = new JsonFormatter();

    /**
     * Parses a document into this tree, which holds nothing before.
     *
     * @param document the document's bytes
     * @throws JsonSyntaxException if the document is not JSON; {@link #release} then takes back what was built
     */
    public final void build(final byte[] document) throws JsonSyntaxException {
        if (document.length > MAX_DOCUMENT) {
            throw new IllegalArgumentException("length=" + document.length + " limit=" + MAX_DOCUMENT);
        }
        parser.parse(document, startDocument());
        finishDocument();
    }

    /**
     * Formats the tree.
     *
     * @return the text, which lives until {@link #release}
     */
    public final JsonText format() {
        final JsonText text = newText();
        replay(formatter.start(text));
        formatter.finish();
        return text;
    }

    /**
     * Reports the tree as the events that built it.
     *
     * @param handler receives the events
     */
    public abstract void replay(JsonHandler handler);

    /** Takes back the tree and its text; the next document may follow. */
    public abstract void release();

    @Override
    public abstract void close();

    /** Forgets the document before; returns the handler that builds the next one. */
    abstract JsonHandler startDocument();

    /** Completes the tree after the last event. */
    abstract void finishDocument();

    /** An empty text in the kind of memory that the nodes are in. */
    abstract JsonText newText();
}
