// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Writes reports of what was measured. */
public final class Report {
    private static final String CAVEATS = """
            These are ratios between programs on one machine. Another machine, another load, another heap give others. \
            Read docs/BENCHMARKS.md for what each benchmark does and for what it does not say.""";

    private static final Pattern FAILURES = Pattern.compile("failures-(.*)\\.json");

    private final Path results;
    private final Findings findings;

    /**
     * Reads the results.
     *
     * @param results directory with {@code jmh*.json}, {@code native*.json}, {@code machine*.json} and
     *     {@code failures*.json}
     * @throws IOException if a file cannot be read
     */
    public Report(Path results) throws IOException {
        this.results = results;
        findings = new Findings(Figures.read(results));
    }

    /**
     * Writes one HTML file.
     *
     * @param file where to
     * @throws IOException if that fails
     */
    public void writeHtml(Path file) throws IOException {
        Html html = new Html("Corral: benchmarks");
        html.add(2, new Section("Where", CAVEATS + "\n\n" + note().replace("*", ""), Machine.read(results), null));
        if (failures().size() > 1) {
            html.add(2, new Section("What could not be measured", "", failures(), null));
        }
        html.add(2, new Section("What must hold", "A ratio is this library's figure divided by the peer's. "
                + findings.summary().replace("*", ""), findings.targets(null), null));
        html.add(3, new Section("Structures", "What is built on arenas.", findings.targets(Target.STRUCTURES), null));
        html.add(3, new Section("Objects and the collector", "", findings.collected(), null));
        for (Miss miss : findings.misses()) {
            html.add(3, new Section(miss.target().what(), miss.measured() + ".\n\nCause: " + miss.cause().cause()
                    + "\n\nTried: " + miss.cause().tried(), List.of(), null));
        }
        html.add(2, new Section("Where a peer is faster", "", findings.losses(), null));
        html.add(3, new Section("Why", "", findings.reasons(), null));
        html.add(2, new Section("Whole programs", "", findings.programs(), null));
        html.add(2, new Section("All figures", "Less is better. Bars are times divided by the best peer's, on a "
                + "logarithmic axis; dark bars are this library's, lines are errors. A bar that ends left of 1 is "
                + "faster than the best peer.", List.of(), null));
        for (Section contest : drawn(findings::contests)) {
            html.add(3, contest);
        }
        Files.writeString(file, html.end());
    }

    /** A warning where it is due. */
    private String note() throws IOException {
        List<String> disturbed = Machine.disturbed(results);
        return disturbed.isEmpty() ? "The machine did nothing else, as far as its load says."
                : "**The machine was busy with something else while this was measured (" + String.join(", ", disturbed)
                + "): not even the ratios are to be quoted.**";
    }

    /** What has no figure, from {@code failures*.json}; a table of its head alone if everything has one. */
    private List<List<String>> failures() throws IOException {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("not measured", "runtime", "reason"));
        try (Stream<Path> files = Files.list(results)) {
            for (Path file : files.sorted().toList()) {
                Matcher name = FAILURES.matcher(file.getFileName().toString());
                if (name.matches()) {
                    new ObjectMapper().readTree(file.toFile()).properties().forEach(failure -> rows.add(
                            List.of(failure.getKey(), name.group(1).replace('-', ' '), failure.getValue().asText())));
                }
            }
        }
        return rows;
    }

    /** Sections, perhaps with pictures. */
    private interface Drawing {
        List<Section> sections(boolean pictures) throws IOException;
    }

    /** Without pictures where the JVM has no fonts to measure text with. */
    private static List<Section> drawn(Drawing drawing) throws IOException {
        try {
            return drawing.sections(true);
        } catch (LinkageError | InternalError | RuntimeException e) {
            System.err.println("No pictures: this JVM cannot draw text (" + e
                    + "). Install fonts, e.g.: apt-get install fontconfig fonts-dejavu-core");
            return drawing.sections(false);
        }
    }

    /**
     * Fills in the page of the documentation, with its pictures in a directory {@code benchmarks} beside it.
     *
     * @param file where to
     * @throws IOException if that fails
     */
    public void writeDocs(Path file) throws IOException {
        List<Section> pictures = drawn(draws -> draws ? findings.pictures() : List.of());
        Path directory = file.resolveSibling("benchmarks");
        Files.createDirectories(directory);
        try (Stream<Path> old = Files.list(directory)) {
            for (Path picture : old.filter(path -> path.toString().endsWith(".svg")).toList()) {
                Files.delete(picture);
            }
        }
        for (Section picture : pictures) {
            Files.writeString(directory.resolve(picture.slug() + ".svg"), picture.svg() + "\n");
        }
        Map<String, String> parts = Map.ofEntries(
                Map.entry("machine", Markdown.table(Machine.read(results))),
                Map.entry("targets", Markdown.table(findings.targets(null))),
                Map.entry("structures", Markdown.table(findings.targets(Target.STRUCTURES))),
                Map.entry("collected", Markdown.table(findings.collected())),
                Map.entry("summary", findings.summary()),
                Map.entry("note", note()),
                Map.entry("failures", failures().size() > 1 ? Markdown.table(failures())
                        : "All benchmarks could be measured."),
                Map.entry("misses", Markdown.misses(findings.misses())),
                Map.entry("meanings", Markdown.table(findings.meanings())),
                Map.entry("programs", Markdown.table(findings.programs())),
                Map.entry("losses", Markdown.table(findings.losses())),
                Map.entry("reasons", Markdown.list(findings.reasons())),
                Map.entry("pictures", Markdown.sections(pictures, "benchmarks")),
                Map.entry("tables", Markdown.sections(findings.groups(), "benchmarks")));
        Files.writeString(file, fill(template(), parts));
    }

    private static String template() throws IOException {
        try (InputStream in = Objects.requireNonNull(Report.class.getResourceAsStream("BENCHMARKS.md"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String fill(String template, Map<String, String> parts) {
        List<String> lines = new ArrayList<>();
        for (String line : template.split("\n")) {
            String name = line.startsWith("@@") ? line.substring(2) : null;
            lines.add(name == null ? line : Objects.requireNonNull(parts.get(name), name).strip());
        }
        return String.join("\n", lines) + "\n";
    }
}
