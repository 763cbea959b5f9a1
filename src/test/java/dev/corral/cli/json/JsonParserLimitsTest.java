// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The parser at its limits: depth, long tokens, far positions. */
class JsonParserLimitsTest {

    @Test
    void depthOf1000IsParsed() throws Exception {
        assertEquals(2_000, EventRecorder.parse(nested("[", 1_000, "]")).size());
        // 1,000 times { and }, 999 names.
        assertEquals(2_999, EventRecorder.parse(nested("{\"a\":", 999, "{}", "}")).size());
    }

    @Test
    void depthOf1001IsRefusedAtTheBracket() {
        final JsonSyntaxException error = refused(nested("[", 1_001, "]"));
        assertEquals("expected at most 1000 open arrays and objects, found one more", error.getMessage());
        assertEquals(1, error.line());
        assertEquals(1_001, error.column());
    }

    @Test
    void depthOfObjectsIsLimitedToo() {
        final JsonSyntaxException error = refused(nested("{\"a\":\n", 1_000, "[]", "}"));
        assertEquals("expected at most 1000 open arrays and objects, found one more", error.getMessage());
        assertEquals(1_001, error.line());
        assertEquals(1, error.column());
    }

    @Test
    void depthOfAMillionIsAnErrorAndNoStackOverflow() {
        assertEquals(1_001, refused("[".repeat(1_000_000).getBytes(StandardCharsets.US_ASCII)).column());
    }

    @Test
    void closedContainersDoNotCountAsDepth() throws Exception {
        final String wide = "[" + "[],".repeat(5_000) + "{}]";
        assertEquals(10_004, EventRecorder.parse(bytes(wide)).size());
    }

    @Test
    void errorIsFoundFarToTheRight() {
        final JsonSyntaxException error = refused(bytes("[" + "1,".repeat(500_000) + "x]"));
        assertEquals(1, error.line());
        assertEquals(1_000_002, error.column());
    }

    @Test
    void errorIsFoundFarDown() {
        final JsonSyntaxException error = refused(bytes("\r\n".repeat(700_000) + "  \u00e9\u00e9"));
        assertEquals(700_001, error.line());
        assertEquals(3, error.column());
        assertEquals("expected a value, found '\u00e9' (U+00E9)", error.getMessage());
    }

    @Test
    void longTokensAreKeptWhole() throws Exception {
        final String digits = "9".repeat(100_000);
        final String text = "\u00e9".repeat(70_000);
        assertEquals(List.of("{", "name " + text + "\n", "number " + digits, "}"),
                EventRecorder.parse(bytes("{\"" + text + "\\n\":" + digits + "}")));
    }

    private static byte[] nested(final String open, final int depth, final String close) {
        return nested(open, depth, "", close);
    }

    private static byte[] nested(final String open, final int depth, final String inside, final String close) {
        return bytes(open.repeat(depth) + inside + close.repeat(depth));
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static JsonSyntaxException refused(final byte[] document) {
        return assertThrows(JsonSyntaxException.class, () -> EventRecorder.parse(document));
    }
}
