// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

class ReportTest {
    private static final String SIZE = "\"size\": \"64\"";

    @TempDir
    Path results;
    @TempDir
    Path docs;

    @BeforeEach
    void measure() throws IOException {
        Sample.write(results, "jmh-JDK-25.json", Sample.jmh("25", "SingleAllocation.arenaRef", SIZE, 4),
                Sample.jmh("25", "SingleAllocation.newByteArray", SIZE, 10),
                Sample.jmh("25", "SingleAllocation.arenaView", SIZE, 15),
                Sample.jmh("25", "SingleAllocation.heapBuffer", SIZE, 10));
        Sample.write(results, "jmh-JDK-17.json", Sample.jmh("17", "SingleAllocation.arenaView", SIZE, 8),
                Sample.jmh("17", "SingleAllocation.heapBuffer", SIZE, 10));
        Files.writeString(results.resolve("machine-JDK-25.json"), "{\"system\": \"Linux <5> & more\"}");
    }

    private String html() throws IOException {
        Path file = results.resolve("report.html");
        new Report(results).writeHtml(file);
        return Files.readString(file);
    }

    private String page() throws IOException {
        Path file = docs.resolve("BENCHMARKS.md");
        new Report(results).writeDocs(file);
        return Files.readString(file);
    }

    @Test
    void theHtmlNeedsNothingElse() throws IOException {
        String html = html();
        assertTrue(html.contains("<svg"), "no picture");
        for (String loads : List.of("src=", "<link", "@import", "<script", "<iframe", "<object", "<image", "href=")) {
            assertFalse(html.contains(loads), loads);
        }
        Matcher address = Pattern.compile("(\\w+(?::\\w+)?)=\"(?:https?:)?//").matcher(html);
        while (address.find()) { // names of namespaces are not loaded
            assertTrue(address.group(1).startsWith("xmlns"), address.group());
        }
        assertFalse(Pattern.compile("url\\((?!#)").matcher(html).find(), "url()");
    }

    @Test
    void theHtmlIsWellFormed() throws Exception {
        String document = html().replace("<!DOCTYPE html>", "").replace("<meta charset=\"utf-8\">", "");
        DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new ByteArrayInputStream(document.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void textIsEscaped() throws IOException {
        assertTrue(html().contains("Linux &lt;5&gt; &amp; more"));
        assertTrue(page().contains("Linux &lt;5&gt; &amp; more"));
        assertEquals("| a \\| b |\n|---|\n| \\*c\\* \\_d\\_ \\[e\\] &lt;f&gt; g |\n",
                Markdown.table(List.of(List.of("a | b"), List.of("*c* _d_ [e] <f>\ng"))));
    }

    @Test
    void picturesEscapeWhatTheyShow() throws Exception {
        Figure odd = Sample.figure("arena<&>\"", 2, Double.NaN);
        String svg = Chart.svg(List.of(odd, Sample.figure("peer", 1, 5)), Sample.figure("peer", 1, 5));
        assertTrue(svg.contains("&lt;&amp;&gt;"), svg);
        assertTrue(svg.contains("\"  2.00"), "no ratio beside the name: " + svg);
        DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void everyRowOfTheTableSaysWhetherItHolds() throws IOException {
        List<List<String>> rows = new Findings(Figures.read(results)).targets(null);
        assertEquals(List.of("what", "at most", "JDK 17", "JDK 25", "holds"), rows.get(0));
        Map<String, List<String>> byName = rows.stream()
                .collect(java.util.stream.Collectors.toMap(row -> row.get(0), row -> row));
        assertEquals(List.of("allocateRef(64) / new byte[64]", "0.45", "", "0.40 ± 0.0566", "yes, barely"),
                byName.get("allocateRef(64) / new byte[64]"));
        assertEquals(List.of("allocate(64) / ByteBuffer.allocate(64)", "0.85", "0.80 ± 0.11", "1.50 ± 0.21",
                "NO on JDK 25"), byName.get("allocate(64) / ByteBuffer.allocate(64)"));
        assertEquals("not measured", byName.get("JSON parsed / Jackson").get(4));
    }

    @Test
    void everyRowStandsInOneOfTheTables() throws IOException {
        List<String> shown = new ArrayList<>();
        for (String topic : new String[] {null, Target.STRUCTURES}) {
            List<List<String>> rows = new Findings(Figures.read(results)).targets(topic);
            rows.stream().skip(1).forEach(row -> shown.add(row.get(0)));
            for (List<String> row : rows) {
                assertTrue(page().contains("| " + Markdown.escape(row.get(0)) + " | " + row.get(1) + " |"), row.get(0));
            }
        }
        assertEquals(Target.all().stream().map(Target::what).sorted().toList(), shown.stream().sorted().toList());
    }

    @Test
    void whatTheNextRunMayDecideOtherwiseIsCalledBare() throws IOException {
        assertEquals("yes", verdictOf(6)); // 0.60 +- 0.085
        assertEquals("yes, barely", verdictOf(8));
        assertEquals("NO, barely", verdictOf(9));
        assertEquals("NO", verdictOf(11));
    }

    /** Of a bound of 0.85, on one JDK. */
    private String verdictOf(double view) throws IOException {
        Sample.write(results, "jmh-JDK-17.json");
        Sample.write(results, "jmh-JDK-25.json", Sample.jmh("25", "SingleAllocation.arenaView", SIZE, view),
                Sample.jmh("25", "SingleAllocation.heapBuffer", SIZE, 10));
        List<List<String>> rows = new Findings(Figures.read(results)).targets(null);
        return rows.stream().filter(row -> row.get(0).equals("allocate(64) / ByteBuffer.allocate(64)"))
                .map(row -> row.get(row.size() - 1)).findFirst().orElseThrow();
    }

    @Test
    void whatDoesNotHoldIsThereWithItsCause() throws IOException {
        String cause = Cause.all().get("view-heap").cause();
        String page = page();
        assertTrue(page.contains("1.50 ± 0.21 on JDK 25, should be at most 0.85"), page);
        assertTrue(page.contains(Markdown.escape(cause)), page);
        assertTrue(html().contains("1.50 ± 0.21 on JDK 25, should be at most 0.85"));
        List<Miss> misses = new Findings(Figures.read(results)).misses();
        assertEquals(List.of("ref-garbage", "view-heap"), misses.stream().map(miss -> miss.target().id()).toList());
    }

    @Test
    void aSentenceCountsWhatHolds() throws IOException {
        int rows = Target.all().size();
        assertEquals("Of 3 rows 1 hold and 2 do not; 1 of them are decided by less than their error (*barely*): the "
                + "next run may say otherwise. " + (rows - 3) + " were not measured.",
                new Findings(Figures.read(results)).summary());
        assertTrue(page().contains("Of 3 rows 1 hold"));
        assertTrue(html().contains("Of 3 rows 1 hold"));
    }

    @Test
    void everyGroupSaysWhatItIs() throws IOException {
        Words words = Words.read();
        List<String> groups = new ArrayList<>();
        for (BenchmarkListEntry entry : BenchmarkList.defaultList().getAll(
                OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())) {
            String[] names = entry.getUsername().split("\\.");
            groups.add(Figures.group(names[names.length - 2], names[names.length - 1]));
        }
        Matcher rows = Pattern.compile("_BENCH,\\s*\"(\\w+)\"").matcher(
                Files.readString(Path.of("../../native/bench/compare_rows.c")));
        while (rows.find()) {
            groups.add("native " + rows.group(1));
        }
        assertTrue(groups.contains("native pair2") && groups.contains("Utf8Decoding"), groups::toString);
        groups.forEach(group -> assertFalse(words.of(group).isBlank(), group));
        words.groups().keySet().forEach(group -> assertTrue(groups.contains(group), () -> group + " is gone"));
        words.losses().keySet().forEach(group -> assertTrue(groups.contains(group), () -> group + " is gone"));
    }

    @Test
    void everyGroupWithPeersHasAReasonForTheDayThatOneIsFaster() throws IOException {
        Words words = Words.read();
        Map<String, Set<Boolean>> kinds = new java.util.TreeMap<>(); // this library's, or a peer's
        for (BenchmarkListEntry entry : BenchmarkList.defaultList().getAll(
                OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())) {
            String[] names = entry.getUsername().split("\\.");
            String name = names[names.length - 1];
            kinds.computeIfAbsent(Figures.group(names[names.length - 2], name), group -> new HashSet<>())
                    .add(Sample.figure(name, 1, 0).isOurs());
        }
        kinds.values().removeIf(kind -> kind.size() < 2);
        assertTrue(kinds.containsKey("RequestCycle") && !kinds.containsKey("LiveRelease"), kinds::toString);
        kinds.keySet().forEach(group -> assertTrue(words.losses().containsKey(group), group));
    }

    @Test
    void whatAGroupIsStandsBesideItsFigures() throws IOException {
        String meaning = Words.read().of("SingleAllocation");
        assertTrue(page().contains("| SingleAllocation | " + Markdown.escape(meaning) + " |"));
        assertTrue(page().contains("\n### SingleAllocation\n\n" + Markdown.escape(meaning)
                + "\n\nJDK 17, ns/op:\n\n| "));
        assertTrue(html().contains("<p>" + meaning + "</p>"));
    }

    @Test
    void lossesAreSaidWithTheirReason() throws IOException {
        Sample.write(results, "jmh-JDK-25.json", Sample.jmh("25", "TreeWalk.arena", "", 6),
                Sample.jmh("25", "TreeWalk.objects", "", 3));
        String reason = Words.read().lossIn("TreeWalk");
        assertFalse(reason.startsWith("Not yet"));
        assertTrue(page().contains("- **TreeWalk**: " + reason), page());
        assertFalse(page().contains("- **Utf8**"));
        assertTrue(html().contains("<td>TreeWalk</td><td>" + reason + "</td>"));
    }

    @Test
    void memoryIsSaidInGibibytes() {
        assertEquals("23.5 GiB", Machine.gibibytes("24684092 kB"));
        assertEquals("unknown", Machine.gibibytes("unknown"));
    }

    @Test
    void lossesAreSaidWithTheFasterPeer() throws IOException {
        Sample.write(results, "jmh-JDK-25.json", Sample.jmh("25", "Frames.stackFrameRef", SIZE, 6),
                Sample.jmh("25", "Frames.lwjglStack", SIZE, 3), Sample.jmh("25", "Frames.arenaScopeRef", SIZE, 9));
        Sample.write(results, "jmh-JDK-17.json");
        List<List<String>> losses = new Findings(Figures.read(results)).losses();
        assertEquals(List.of(losses.get(0), List.of("Frames", "JDK 25", "size 64", "lwjglStack", "2.00",
                "stackFrameRef 6.00 ns/op, lwjglStack 3.00 ns/op")), losses);
    }

    @Test
    void thePageHasItsPicturesAndNoOldOnes() throws IOException {
        Path old = docs.resolve("benchmarks/of-a-group-that-is-gone.svg");
        Files.createDirectories(old.getParent());
        Files.writeString(old, "");
        Matcher links = Pattern.compile("\\]\\((benchmarks/[^)]*)\\)").matcher(page());
        int count = 0;
        while (links.find()) {
            assertTrue(Files.exists(docs.resolve(links.group(1))), links.group(1));
            count++;
        }
        try (Stream<Path> pictures = Files.list(old.getParent())) {
            assertEquals(count, pictures.count());
        }
        assertTrue(count > 0, "no picture");
    }

    @Test
    void thePageIsTheSameWhenItIsWrittenAgain() throws IOException {
        String first = page();
        Map<String, String> pictures = pictures();
        assertEquals(first, page());
        assertEquals(pictures, pictures());
    }

    private Map<String, String> pictures() throws IOException {
        Map<String, String> pictures = new java.util.TreeMap<>();
        try (Stream<Path> files = Files.list(docs.resolve("benchmarks"))) {
            for (Path file : files.toList()) {
                pictures.put(file.toString(), Files.readString(file));
            }
        }
        return pictures;
    }

    @Test
    void programsAreShownWithWhatElseTheyNeed() throws IOException {
        Sample.write(results, "jmh-JDK-17.json", Sample.jmh("17", "JsonParse.arena", "\"orders\": \"1000\"", 100));
        List<List<String>> rows = new Findings(Figures.read(results)).programs();
        assertEquals(List.of("JsonParse", "JDK 17", "arena", "100", "10.0", "0.0001", "100", "7.00"), rows.get(1));
        assertEquals(2, rows.size());
    }

    @Test
    void aBusyMachineIsNamed() throws IOException {
        assertTrue(page().contains("The machine did nothing else"));
        Files.writeString(results.resolve("machine-JDK-17.json"), "{\"system\": \"Linux\", \"JVM\": \"17\", "
                + "\"busy with something else\": \"yes\"}");
        assertTrue(page().contains("**The machine was busy with something else while this was measured (JDK 17)"));
        assertTrue(page().contains("| system (JDK 17) | Linux |"));
        assertTrue(page().contains("| JVM | 17 |"));
        assertTrue(html().contains("was busy"));
    }

    @Test
    void nothingIsLeftToFillIn() throws IOException {
        assertFalse(page().contains("@@"));
    }

    @Test
    void whatCouldNotBeMeasuredIsNamed() throws IOException {
        assertTrue(page().contains("All benchmarks could be measured."));
        assertFalse(html().contains("What could not be measured"));
        Files.writeString(results.resolve("failures-JDK-25.json"), "{\"G.arena {size=5}\": \"took more than 130 s\"}");
        assertTrue(page().contains("| G.arena {size=5} | JDK 25 | took more than 130 s |"));
        assertTrue(html().contains("<td>G.arena {size=5}</td><td>JDK 25</td><td>took more than 130 s</td>"));
    }

    @Test
    void aReportOfNothingSaysThatNothingWasMeasured(@TempDir Path empty) throws IOException {
        List<List<String>> rows = new Findings(Figures.read(empty)).targets(null);
        assertTrue(rows.stream().skip(1).allMatch(row -> row.get(row.size() - 1).equals("not measured")));
        new Report(empty).writeHtml(empty.resolve("report.html"));
    }
}
