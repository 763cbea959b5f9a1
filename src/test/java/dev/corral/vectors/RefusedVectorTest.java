// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.MemoryPool;
import dev.corral.junit.NoNativeLeaks;
import dev.corral.vectors.Run.Variant;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The runner has to fail: on lines that it does not understand, and on expectations that do not hold. */
@NoNativeLeaks
class RefusedVectorTest {
    @BeforeAll
    static void load() {
        MemoryPool.shared();
    }

    private static void run(Variant variant, String line) {
        try (Run run = new Run(variant)) {
            Engine engine = new Engine(run);
            List<String> lines = new ArrayList<>(List.of("# v1 x: a pool and an arena", "pool p", "arena a pool=p"));
            lines.addAll(List.of(line.split(" ; ")));
            try {
                engine.runAll("x", lines);
            } finally {
                engine.abandon();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"frobnicate a", "reset", "reset a b", "reset a -> x", "reset a -> X", "reset b", "reset p",
        "alloc a 12x", "alloc a 16 size=3", "alloc a 16 -> @0:0 ?", "alloc a 16 -> \"\"", "arena null pool=p",
        "arena a pool=p", "arena b", "strdup a \"x", "strdup a \"x\"y", "strdup a \"\\q\"", "strdup a \"\\xZ0\"",
        "strdup a \"x\"*0", "repeat a reset a", "repeat 0 reset a", "expect a", "expect a foo=1", "measure p foo",
        "resolve a x", "get a 1 int 0", "alloc a 16 -> x ; put a x word 0 1", "alloc a 16 -> !NOPE",
        "destroy p ; alloc a 16"})
    void scriptThatMakesNoSense(String line) {
        for (Variant variant : Variant.values()) {
            VectorFailure failure = assertThrows(VectorFailure.class, () -> run(variant, line));
            assertTrue(failure.getMessage().startsWith("x.vec:"), failure.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"alloc a 16 -> @0:16", "alloc a 16 -> @1:0", "alloc a 16 -> !SIZE_LIMIT",
        "alloc a 1073741825", "alloc a 1073741825 -> !ARENA_FULL", "alloc a 8 -> @0:0 ; alloc a 8 -> %32",
        "expect a used=16", "expect a used>=1", "expect p live_blocks<=0", "alloc a 16 -> x @0:0 ; holds x 0",
        "strdup a \"x\" -> x @0:0 ; holds x \"y\"", "alloc_ref a 8 -> r ; put a r int 0 1 ; get a r int 0 -> 2",
        "alloc_ref a 8 -> r ; resolve a r -> !STALE_REF", "alloc_ref a 8 -> r ; reset a ; resolve a r",
        "alloc a 8 -> x @0:0 ; alloc a 8 -> y @0:16 ; ref a x -> r ; resolve a r -> =y",
        "alloc a 8 -> x @0:0 ; ref a x -> @0:8", "status a -> SIZE_LIMIT", "chunk a 0 capacity=8",
        "alloc p 8 -> x ; free p x ; free p x", "check a -> !CORRUPTED"})
    void expectationThatDoesNotHold(String line) {
        for (Variant variant : Variant.values()) {
            assertThrows(VectorFailure.class, () -> run(variant, line));
        }
    }

    @Test
    void wordsOfALine() {
        Line line = LineParser.parse("verb  a key=7 low>=1 high<=0x10 \"\\x41\\u{E9}\\\"\\n#\"*2 -> x @0:0 # comment");
        assertEquals(List.of("verb", "a", "key=7", "low>=1", "high<=0x10", "A\u00E9\"\n#A\u00E9\"\n#", "x", "@0:0"),
                line.words.stream().map(Word::toString).toList());
        assertEquals(6, line.arrow);
        assertArrayEquals(new byte[] {(byte) 0xFF}, LineParser.parse("\"\\xFF\"").words.get(0).bytes);
        assertEquals("\uD83D\uDE00\u00E4", new String(LineParser.parse("\"\\u{1F600}\u00E4\"").words.get(0).bytes,
                StandardCharsets.UTF_8));
        assertEquals(0, LineParser.parse("  # nothing").words.size());
    }

    @Test
    void overlappingBlocksAreSeen() {
        VectorFailure failure = assertThrows(VectorFailure.class, () -> run(Variant.REFS,
                "alloc_ref a 16 -> x ; alloc_ref a 16 -> y ; put a x long 12 -1 ; check a"));
        assertTrue(failure.getMessage().contains("was changed"), failure.getMessage());
    }
}
