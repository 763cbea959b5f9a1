// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The parser on the corpus of valid and invalid documents. */
@DisabledInNativeImage // the documents are files of the build, not of an image
class JsonParserCasesTest {

    static List<Case> cases() {
        return Case.all();
    }

    static Stream<Case> validCases() {
        return cases().stream().filter(Case::isValid);
    }

    @Test
    void corpusIsLarge() {
        assertTrue(cases().size() >= 240, () -> "cases=" + cases().size());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void parserMeetsExpectation(final Case example) {
        assertEquals(example.expectation(), verdict(example.document()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void jacksonAgreesExceptWhereTheRfcLeavesItOpen(final Case example) {
        final boolean disputed = example.name().startsWith("i_");
        assertEquals(example.isValid() != disputed, Jackson.accepts(example.document()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void nameSaysWhatIsExpected(final Case example) {
        assertEquals(example.isValid(), example.name().startsWith("y_"));
    }

    @ParameterizedTest
    @MethodSource("validCases")
    void eventsAreJacksonsTokens(final Case example) throws Exception {
        assertEquals(Jackson.events(example.document()), EventRecorder.parse(example.document()));
    }

    // Every cut of a document that is longer than one value is an error, never a crash; no byte behind it is read.
    @ParameterizedTest
    @MethodSource("validCases")
    void everyPrefixIsParsedOrRefused(final Case example) {
        for (int length = 0; length < example.document().length; length++) {
            final byte[] prefix = Arrays.copyOf(example.document(), length);
            assertEquals(Jackson.accepts(prefix), verdict(prefix).equals("ok"), () -> "length=" + prefix.length);
        }
    }

    @Test
    void parserIsReusableAfterAnError() throws Exception {
        final JsonParser parser = new JsonParser();
        for (final Case example : cases()) {
            if (!example.isValid()) {
                assertThrows(JsonSyntaxException.class, () -> parser.parse(example.document(), new EventRecorder()));
            }
            final EventRecorder recorder = new EventRecorder();
            parser.parse(new byte[] {'[', '1', ']'}, recorder);
            assertEquals(List.of("[", "number 1", "]"), recorder.events());
        }
    }

    private static String verdict(final byte[] document) {
        try {
            EventRecorder.parse(document);
            return "ok";
        } catch (JsonSyntaxException error) {
            return error.line() + ":" + error.column() + " " + error.getMessage();
        }
    }
}
