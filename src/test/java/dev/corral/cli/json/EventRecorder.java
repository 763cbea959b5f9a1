// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes events down as text, for comparison. */
public final class EventRecorder extends JsonHandler {
    private final List<String> events = new ArrayList<>();

    /** Makes a recorder without events. */
    public EventRecorder() {
    }

    /**
     * The events of a document.
     *
     * @param document the document's bytes
     * @return one line for each event
     * @throws JsonSyntaxException if the document is not JSON
     */
    public static List<String> parse(final byte[] document) throws JsonSyntaxException {
        final EventRecorder recorder = new EventRecorder();
        new JsonParser().parse(document, recorder);
        return recorder.events();
    }

    /**
     * What was recorded.
     *
     * @return one line for each event
     */
    public List<String> events() {
        return events;
    }

    @Override
    public void startObject() {
        events.add("{");
    }

    @Override
    public void endObject() {
        events.add("}");
    }

    @Override
    public void startArray() {
        events.add("[");
    }

    @Override
    public void endArray() {
        events.add("]");
    }

    @Override
    public void name(final byte[] text, final int from, final int length) {
        add("name ", text, from, length);
    }

    @Override
    public void string(final byte[] text, final int from, final int length) {
        add("string ", text, from, length);
    }

    @Override
    public void number(final byte[] text, final int from, final int length) {
        add("number ", text, from, length);
    }

    @Override
    public void literal(final JsonLiteral literal) {
        events.add(literal.toString());
    }

    private void add(final String kind, final byte[] text, final int from, final int length) {
        events.add(kind + new String(text, from, length, StandardCharsets.UTF_8));
    }
}
