// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;

/** The text that the formatter writes. */
@DisabledInNativeImage // the documents are files of the build, not of an image
class JsonFormatterTest {
    private final JsonParser parser = new JsonParser();
    private final JsonFormatter formatter = new JsonFormatter();

    @Test
    void oneElementALineTwoSpacesALevel() throws Exception {
        assertEquals("""
                {
                  "a": 1,
                  "b": [
                    true,
                    {
                      "c": null
                    }
                  ],
                  "a": "x"
                }
                """, format("{\"a\":1,\"b\":[true,{\"c\":null}],\"a\":\"x\"}"));
    }

    @Test
    void emptyContainersStayOnOneLine() throws Exception {
        assertEquals("[\n  [],\n  {},\n  {\n    \"\": []\n  }\n]\n", format("[ [ ] , { } , { \"\" : [\n] } ]"));
        assertEquals("{}\n", format("{}"));
        assertEquals("[]\n", format(" [ ] "));
    }

    @Test
    void scalarMayBeTheDocument() throws Exception {
        assertEquals("1.50e+2\n", format(" 1.50e+2 "));
        assertEquals("\"\"\n", format("\"\""));
        assertEquals("null\n", format("null"));
    }

    @Test
    void onlyWhatMustBeIsEscaped() throws Exception {
        assertEquals("\"\\\" \\\\ / \\b \\f \\n \\r \\t \\u0000 \\u001f \u007f \u00e9 \u2028 \ud83d\udc0e\"\n",
                format("\"\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0000 \\u001F \\u007f \\u00E9 \\u2028 \\ud83d\\udc0e\""));
    }

    @Test
    void formattedTextFormatsToItself() throws Exception {
        for (final Case example : Case.all()) {
            if (example.isValid()) {
                final String once = format(new String(example.document(), StandardCharsets.UTF_8));
                assertEquals(once, format(once), example.name());
            }
        }
    }

    @Test
    void blocksAreFullExceptTheLast() throws Exception {
        final List<Integer> sizes = new ArrayList<>();
        for (final int extra : new int[] {0, 1, 2, 1_000}) {
            sizes.clear();
            // Quotes and the line feed make the text three bytes longer than the string.
            final String document = "\"" + "x".repeat(3 * TextSink.BLOCK - 3 + extra) + "\"";
            formatter.start((source, length) -> sizes.add(length));
            parser.parse(document.getBytes(StandardCharsets.UTF_8), formatter);
            formatter.finish();
            assertEquals(3 * TextSink.BLOCK + extra, sizes.stream().mapToInt(size -> size).sum());
            assertEquals(extra == 0 ? 3 : 4, sizes.size());
            assertEquals(List.of(TextSink.BLOCK, TextSink.BLOCK, TextSink.BLOCK), sizes.subList(0, 3));
        }
    }

    @Test
    void startForgetsAnUnfinishedDocument() throws Exception {
        formatter.start((source, length) -> { });
        formatter.startObject();
        formatter.name(new byte[] {'a'}, 0, 1);
        assertEquals("[\n  1\n]\n", format("[1]"));
    }

    private String format(final String document) throws JsonSyntaxException {
        final ByteArrayOutputStream text = new ByteArrayOutputStream();
        formatter.start((source, length) -> text.write(source, 0, length));
        parser.parse(document.getBytes(StandardCharsets.UTF_8), formatter);
        formatter.finish();
        return text.toString(StandardCharsets.UTF_8);
    }
}
