// SPDX-License-Identifier: Apache-2.0
package dev.corral.workloads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.NativeArena;
import dev.corral.junit.NoNativeLeaks;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;

/** What the benchmarks of whole programs compare does the same work: the results are equal. */
@NoNativeLeaks
class WorkloadsTest {
    private static final int ROWS = 20_000;
    private static final int ORDERS = 30;

    @Test
    void jsonIsTheSameFromAllTrees() throws Exception {
        try (JsonWorkload workload = new JsonWorkload()) {
            for (byte[] document : JsonDocuments.set(ORDERS)) {
                ByteArrayOutputStream arena = new ByteArrayOutputStream();
                workload.inArena(document, Channels.newChannel(arena));
                ByteArrayOutputStream objects = new ByteArrayOutputStream();
                workload.inObjects(document, Channels.newChannel(objects));
                ByteArrayOutputStream jackson = new ByteArrayOutputStream();
                workload.inJackson(document, jackson);
                String text = arena.toString(StandardCharsets.UTF_8);
                assertEquals(text, objects.toString(StandardCharsets.UTF_8));
                assertTrue(workload.isSame(text, jackson.toString(StandardCharsets.UTF_8)), text);
            }
        }
    }

    @Test
    void salesSumUpToTheSame() {
        byte[] file = Sales.file(ROWS);
        Map<String, String> expected = SalesInObjects.sums(file);
        assertTrue(expected.size() > 1_000, () -> "groups=" + expected.size());
        try (NativeArena arena = NativeArena.create()) {
            assertEquals(expected, SalesInArena.sums(file, arena));
            assertEquals(expected, SalesInArena.sums(file, arena), "after the reset");
        }
    }

    @Test
    @DisabledInNativeImage // its sources are not there
    void syntaxTreesAreTheSame() throws Exception {
        List<byte[]> files = SourceFiles.read(Path.of(System.getProperty("corral.basedir", "."), "src"));
        SyntaxSummary expected = SyntaxInObjects.of(files);
        assertTrue(expected.nodes() > 100_000 && expected.depth() > 20, expected::toString);
        try (NativeArena arena = NativeArena.create()) {
            assertEquals(expected, SyntaxInArena.of(files, arena));
            assertEquals(expected, SyntaxInArena.of(files, arena), "after the reset");
        }
    }

    @Test
    void bracketsThatDoNotMatchAreTakenAlike() {
        List<byte[]> files = List.of(")}a;{b(c]d;}".getBytes(StandardCharsets.US_ASCII),
                "x\"unclosed\ny 'z\\''/* never ends".getBytes(StandardCharsets.US_ASCII));
        try (NativeArena arena = NativeArena.create()) {
            assertEquals(SyntaxInObjects.of(files), SyntaxInArena.of(files, arena));
        }
    }
}
