// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.cli.json.EventRecorder;
import dev.corral.cli.json.Jackson;
import dev.corral.cli.json.JsonSyntaxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Random documents, however they are spelt: parsed, formatted and read by Jackson they are what they were. */
class RandomTreePropertyTest {
    private static Trees trees;

    @BeforeContainer
    static void open() {
        trees = new Trees();
    }

    @AfterContainer
    static void close() {
        trees.close();
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void everyTreeHoldsTheDocument(@ForAll("documents") final String text) throws Exception {
        final byte[] document = text.getBytes(StandardCharsets.UTF_8);
        final List<String> events = Jackson.events(document);
        final JsonNode expected = Jackson.tree(document);
        byte[] first = null;
        for (final JsonTree tree : trees.all()) {
            tree.build(document);
            assertEquals(events, Trees.events(tree));
            final byte[] formatted = Trees.text(tree);
            assertEquals(expected, Jackson.tree(formatted));
            first = first == null ? formatted : first;
            assertArrayEquals(first, formatted);
            tree.release();
        }
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void damagedDocumentIsRefusedWhereJacksonRefusesIt(@ForAll("documents") final String text,
            @ForAll("damage") final Damage damage) throws IOException {
        final byte[] document = damage.apply(text.getBytes(StandardCharsets.UTF_8));
        final boolean expected = Jackson.accepts(document);
        try {
            final List<String> events = EventRecorder.parse(document);
            assertTrue(expected, () -> "Jackson refuses " + Arrays.toString(document));
            assertEquals(Jackson.events(document), events);
        } catch (JsonSyntaxException refused) {
            // A lone surrogate is the one thing that Jackson may take and this parser does not.
            assertTrue(!expected || refused.getMessage().contains("a lone"), refused::getMessage);
        }
    }

    /**
     * A byte of a document that is changed.
     *
     * @param place which one, as a part of the document's length
     * @param value what it becomes; negative to drop it
     */
    record Damage(double place, int value) {
        byte[] apply(final byte[] document) {
            if (document.length == 0) {
                return document;
            }
            final int at = (int) (place * (document.length - 1));
            if (value < 0) {
                final byte[] shorter = Arrays.copyOf(document, document.length - 1);
                System.arraycopy(document, at + 1, shorter, at, shorter.length - at);
                return shorter;
            }
            final byte[] changed = document.clone();
            changed[at] = (byte) value;
            return changed;
        }
    }

    @Provide
    Arbitrary<Damage> damage() {
        final Arbitrary<Integer> value = Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.of("{}[],:\"\\0-+.eEtfnu/ \n".chars().boxed().toList())),
                Tuple.of(2, Arbitraries.integers().between(0, 255)),
                Tuple.of(1, Arbitraries.just(-1)));
        return Combinators.combine(Arbitraries.doubles().between(0, 1), value).as(Damage::new);
    }

    @Provide
    Arbitrary<String> documents() {
        return Combinators.combine(spaces(), value(4), spaces()).as((before, value, after) -> before + value + after);
    }

    private Arbitrary<String> value(final int depth) {
        final Arbitrary<String> scalar = Arbitraries.oneOf(string(), number(), Arbitraries.of("true", "false", "null"));
        if (depth == 0) {
            return scalar;
        }
        return Arbitraries.frequencyOf(Tuple.of(2, scalar),
                Tuple.of(1, Arbitraries.lazy(() -> array(depth - 1))),
                Tuple.of(2, Arbitraries.lazy(() -> object(depth - 1))));
    }

    private Arbitrary<String> array(final int depth) {
        return Combinators.combine(spaced(value(depth)).list().ofMaxSize(6), spaces())
                .as((elements, space) -> "[" + (elements.isEmpty() ? space : String.join(",", elements)) + "]");
    }

    private Arbitrary<String> object(final int depth) {
        final Arbitrary<String> member = Combinators.combine(spaced(string()), spaced(value(depth)))
                .as((name, value) -> name + ":" + value);
        return Combinators.combine(member.list().ofMaxSize(6), spaces())
                .as((members, space) -> "{" + (members.isEmpty() ? space : String.join(",", members)) + "}");
    }

    private static Arbitrary<String> spaced(final Arbitrary<String> token) {
        return Combinators.combine(spaces(), token, spaces()).as((before, text, after) -> before + text + after);
    }

    private static Arbitrary<String> spaces() {
        return Arbitraries.of("", "", "", " ", "\n", "\r\n  ", "\t", "            ");
    }

    private static Arbitrary<String> number() {
        final Arbitrary<String> whole = Arbitraries.oneOf(Arbitraries.of("0", "7"),
                Arbitraries.strings().numeric().ofMinLength(0).ofMaxLength(40).map(digits -> "1" + digits));
        final Arbitrary<String> fraction = Arbitraries.oneOf(Arbitraries.just(""),
                Arbitraries.strings().numeric().ofMinLength(1).ofMaxLength(40).map(digits -> "." + digits));
        // Jackson's tree refuses exponents beyond what a BigDecimal holds; the corpus has larger ones.
        final Arbitrary<String> exponent = Arbitraries.oneOf(Arbitraries.just(""), Combinators.combine(
                Arbitraries.of("e", "E"), Arbitraries.of("", "+", "-"), Arbitraries.integers().between(0, 999))
                .as((letter, sign, power) -> letter + sign + power));
        return Combinators.combine(Arbitraries.of("", "-"), whole, fraction, exponent)
                .as((sign, digits, part, power) -> sign + digits + part + power);
    }

    private static Arbitrary<String> string() {
        final Arbitrary<String> ascii = Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(40)
                .map(text -> text.chars().mapToObj(c -> c == '"' || c == '\\' ? "\\" + (char) c : "" + (char) c)
                        .collect(Collectors.joining()));
        final Arbitrary<String> character = Arbitraries.integers().between(0, Character.MAX_CODE_POINT)
                .filter(point -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
                .flatMap(RandomTreePropertyTest::spellings);
        return Arbitraries.oneOf(ascii, character.list().ofMaxSize(12).map(list -> String.join("", list)))
                .map(content -> '"' + content + '"');
    }

    /** The ways to write a character in a string: as itself where allowed, or escaped in either case. */
    private static Arbitrary<String> spellings(final int point) {
        final String itself = Character.toString(point);
        final String escaped = itself.chars().mapToObj(unit -> String.format("\\u%04x", unit))
                .collect(Collectors.joining());
        final String upper = itself.chars().mapToObj(unit -> String.format("\\u%04X", unit))
                .collect(Collectors.joining());
        final boolean plain = point >= ' ' && point != '"' && point != '\\';
        return Arbitraries.of(plain ? itself : escaped, escaped, upper);
    }
}
