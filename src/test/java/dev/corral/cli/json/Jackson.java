// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What Jackson, the independent judge, makes of a document. */
public final class Jackson {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.USE_BIG_INTEGER_FOR_INTS,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private Jackson() {
    }

    /**
     * Jackson's tokens in the words of {@link EventRecorder}: repeated names and the exact text of numbers included.
     *
     * @param document the document's bytes
     * @return one line for each token
     * @throws IOException if Jackson refuses the document, or if it is not one value
     */
    public static List<String> events(final byte[] document) throws IOException {
        final List<String> events = new ArrayList<>();
        int depth = 0;
        int values = 0;
        try (com.fasterxml.jackson.core.JsonParser parser = FACTORY.createParser(decode(document))) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                events.add(switch (token) {
                    case FIELD_NAME -> "name " + parser.currentName();
                    case VALUE_STRING -> "string " + parser.getText();
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "number " + parser.getText();
                    default -> parser.getText();
                });
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                values += depth == 0 ? 1 : 0;
            }
        }
        if (values != 1) {
            throw new IOException("values=" + values);
        }
        return events;
    }

    /**
     * Jackson's tree, with numbers as they are written.
     *
     * @param document the document's bytes
     * @return the tree
     * @throws IOException if Jackson refuses the document, or a number whose exponent a BigDecimal does not hold
     */
    public static JsonNode tree(final byte[] document) throws IOException {
        return MAPPER.readTree(decode(document));
    }

    /**
     * Whether Jackson takes these bytes for one JSON document, both as bytes and as text: its reader of bytes lets
     * ill-formed UTF-8 pass, and its reader of text takes some characters of other scripts for hexadecimal digits.
     *
     * @param document the document's bytes
     * @return false if it refuses them
     */
    public static boolean accepts(final byte[] document) {
        try {
            events(document);
            try (com.fasterxml.jackson.core.JsonParser parser = FACTORY.createParser(document)) {
                while (parser.nextToken() != null) {
                    parser.getText();
                }
            }
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    // The JDK's decoder is the judge of UTF-8.
    private static String decode(final byte[] document) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(document)).toString();
    }
}
