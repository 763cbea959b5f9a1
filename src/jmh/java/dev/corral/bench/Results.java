// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;

/**
 * Files of results, in JMH's JSON, and of what has none. They are whole after each result: what was measured stays
 * measured, whatever comes next. A result replaces the one of the same benchmark with the same parameters.
 */
final class Results {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final Path failed;
    private final Map<String, JsonNode> results = new LinkedHashMap<>();
    private final Map<String, String> failures = new LinkedHashMap<>();

    private Results(Path directory, String runtime) {
        file = directory.resolve("jmh-" + runtime + ".json");
        failed = directory.resolve("failures-" + runtime + ".json");
    }

    /** Files that are not there yet, or are replaced. */
    static Results anew(Path directory, String runtime) throws IOException {
        Results results = new Results(directory, runtime);
        Files.deleteIfExists(results.file);
        Files.deleteIfExists(results.failed);
        return results;
    }

    /** Files that others are added to. */
    static Results of(Path directory, String runtime) throws IOException {
        Results results = new Results(directory, runtime);
        if (Files.exists(results.file)) {
            JSON.readTree(Files.readAllBytes(results.file)).forEach(results::put);
        }
        if (Files.exists(results.failed)) {
            results.failures.putAll(JSON.readValue(results.failed.toFile(),
                    new TypeReference<Map<String, String>>() { }));
        }
        return results;
    }

    /** Why benchmarks have no result, by their names. */
    Map<String, String> failures() {
        return failures;
    }

    /** A benchmark has no result. */
    void fail(String name, String reason) throws IOException {
        failures.put(name, reason);
        write(failed, failures);
    }

    /** A benchmark has a result after all. */
    void succeed(String name) throws IOException {
        if (failures.remove(name) != null) {
            write(failed, failures);
        }
    }

    /** Adds what a benchmark has measured and writes the file. */
    void add(BenchmarkResult result) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, out)
                    .writeOut(List.of(new RunResult(result.getParams(), List.of(result))));
        }
        add(JSON.readTree(bytes.toByteArray()));
    }

    /** Adds an array of results. */
    void add(JsonNode more) throws IOException {
        more.forEach(this::put);
        write(file, new ArrayList<>(results.values()));
    }

    private static void write(Path file, Object content) throws IOException {
        Path whole = file.resolveSibling(file.getFileName() + ".new");
        JSON.writerWithDefaultPrettyPrinter().writeValue(whole.toFile(), content);
        Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private void put(JsonNode result) {
        results.put(result.path("benchmark").asText() + result.path("params"), result);
    }
}
