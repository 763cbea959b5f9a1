// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is built on arenas stands in tables of its own. */
class StructuresTest {
    @TempDir
    Path results;

    @TempDir
    Path docs;

    private String page() throws IOException {
        Path file = docs.resolve("BENCHMARKS.md");
        new Report(results).writeDocs(file);
        return Files.readString(file);
    }

    private static String region(String who, double score, double error) {
        return """
                {"benchmark": "native.slotRegion", "params": {"peer": "%s"}, "unit": "ns/int",
                 "score": %s, "error": %s}
                """.formatted(who, score, error);
    }

    @Test
    void structuresHaveATableOfTheirOwn() throws IOException {
        Sample.write(results, "native.json", region("slotPool", 0.03, 0.003), region("glibc", 6, 0));
        String row = "| C region of 1,000,000 ints destroyed / 1,000,000 calls of free | 0.0200 | 0.0050 ± 0.0005 "
                + "| yes |";
        String page = page();
        int table = page.indexOf("\n### Structures\n");
        assertTrue(table > page.indexOf("\n## What must hold\n") && table < page.indexOf("\n## What does not hold"));
        assertTrue(page.indexOf(row) > table, page);
        Path html = docs.resolve("report.html");
        new Report(results).writeHtml(html);
        assertTrue(Files.readString(html).contains("<h3>Structures</h3>"));
    }

    @Test
    void processorTimeThatNobodyCouldMeasureIsNoRatio() throws IOException {
        String pool = Sample.jmh("25", "Objects.objectPool", "\"live\": \"500000\"", 10);
        String heap = Sample.jmh("25", "Objects.newObject", "\"live\": \"500000\"", 40);
        assertEquals("0.25", processorRatio(timed(pool, "20"), timed(heap, "80")));
        assertEquals("", processorRatio(timed(pool, "1e18"), timed(heap, "80")));
        assertEquals("", processorRatio(timed(pool, "20"), timed(heap, "1e18")));
        List<List<String>> rows = new Findings(Figures.read(results)).collected();
        assertEquals(List.of("Objects", "objectPool", "JDK 25", "500000", "10.0", "1.00", "20.0", "64.5", "7.00"),
                rows.get(1));
        assertEquals(List.of("Objects", "newObject", "JDK 25", "500000", "40.0", "4.00", "", "64.5", "7.00"),
                rows.get(2));
        assertEquals(3, rows.size(), rows::toString);
        assertTrue(page().contains("| Objects | newObject | JDK 25 | 500000 | 40.0 | 4.00 |  | 64.5 | 7.00 |"), page());
    }

    private static String timed(String result, String nanos) {
        return result.replace("\"gc.count\"", "\"cpu.least\": {\"score\": " + nanos + "}, \"gc.count\"");
    }

    private String processorRatio(String pool, String heap) throws IOException {
        Sample.write(results, "jmh-JDK-25.json", pool, heap, Sample.jmh("25", "SlotValues.slotPutAndRemove", "", 3));
        String what = Target.all().stream().filter(target -> target.id().equals("object-new-processor"))
                .map(Target::what).findFirst().orElseThrow();
        List<List<String>> rows = new Findings(Figures.read(results)).targets(Target.STRUCTURES);
        int column = rows.get(0).indexOf("JDK 25");
        return rows.stream().filter(row -> row.get(0).equals(what)).map(row -> row.get(column)).findFirst()
                .orElseThrow();
    }
}
