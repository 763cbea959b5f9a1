// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import static dev.corral.bench.ProcessProfiler.UNKNOWN;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Reads what was measured: JMH's JSON, and the array that the native benchmarks write. */
final class Figures {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FFM = "Ffm";
    private static final int DIGITS = 12;
    private static final Map<String, Pattern> PARTS = Map.of("SlotValues", Pattern.compile("PutAndRemove|Get"),
            "DictionaryLookup", Pattern.compile("start|lookUp"));
    /** Classes of their own, since they are measured otherwise, that answer another one's question. */
    private static final Map<String, String> SAME = Map.of("GlobalAllocation", "SingleAllocation",
            "PooledBlocks", "Objects");
    private static final Map<String, String> OTHERS = Map.of("gc.alloc.rate.norm", Figure.GARBAGE,
            "rss.peak", Figure.PEAK, "pause.max", Figure.PAUSE, "cpu.least", Figure.CPU);

    private Figures() {
    }

    /** All results in a directory; a later file replaces an earlier one's figures. */
    static List<Figure> read(Path directory) throws IOException {
        Map<String, Figure> figures = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(Figures::isResult).sorted().toList()) {
                for (JsonNode result : JSON.readTree(Files.readAllBytes(file))) {
                    Figure figure = result.has("primaryMetric") ? ofJmh(result) : ofNative(result);
                    figures.put(figure.runtime() + ' ' + figure.id() + ' ' + figure.params(), figure);
                }
            }
        }
        return List.copyOf(figures.values());
    }

    private static boolean isResult(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".json") && (name.startsWith("jmh") || name.startsWith("native"));
    }

    private static Figure ofJmh(JsonNode result) {
        String[] names = result.get("benchmark").asText().split("\\.");
        String group = names[names.length - 2];
        JsonNode metric = result.get("primaryMetric");
        JsonNode samples = metric.path("scorePercentiles").path("0.0");
        boolean isSampled = "sample".equals(result.get("mode").asText());
        Map<String, Double> others = new HashMap<>();
        result.path("secondaryMetrics").properties().forEach(other -> {
            String name = OTHERS.get(other.getKey().replaceFirst("^\\W*", ""));
            if (name != null) {
                others.put(name, number(other.getValue().get("score")));
            }
        });
        double[] iterations = iterations(metric);
        double score = isSampled ? number(samples)
                : iterations.length == 0 ? number(metric.get("score")) : Ranks.median(iterations);
        String name = names[names.length - 1];
        String jdk = result.get("jdkVersion").asText().split("\\.")[0];
        return new Figure("JDK " + jdk, group(group, name), name,
                params(result), metric.get("scoreUnit").asText(), score,
                isSampled ? Double.NaN : Ranks.error(iterations),
                isSampled || others.getOrDefault(Figure.CPU, UNKNOWN) >= UNKNOWN ? Math.min(score, number(samples))
                        : others.get(Figure.CPU) / nanos(metric.get("scoreUnit").asText()), others);
    }

    /** In a unit such as "ms/op". */
    private static double nanos(String unit) {
        return unit.startsWith("ms") ? 1e6 : unit.startsWith("us") ? 1e3 : 1;
    }

    /** All iterations of all JVMs, the fastest first. */
    private static double[] iterations(JsonNode metric) {
        return StreamSupport.stream(metric.path("rawData").spliterator(), false)
                .flatMap(fork -> StreamSupport.stream(fork.spliterator(), false)).mapToDouble(JsonNode::asDouble)
                .sorted().toArray();
    }

    /** Only what does the same is compared: a few classes measure more than one thing. */
    static String group(String type, String name) {
        Pattern part = PARTS.get(type);
        if (part != null) {
            Matcher found = part.matcher(name);
            return found.find() ? type + ' ' + found.group() : type;
        }
        String own = type.endsWith(FFM) ? type.substring(0, type.length() - FFM.length()) : type;
        return SAME.getOrDefault(own, own);
    }

    /** What the figure of a benchmark "Class.method" is called. */
    static String id(String benchmark) {
        int dot = benchmark.lastIndexOf('.');
        String name = benchmark.substring(dot + 1);
        return group(benchmark.substring(0, dot), name) + '.' + name;
    }

    private static Figure ofNative(JsonNode result) {
        Map<String, String> params = params(result);
        String[] names = result.get("benchmark").asText().split("\\.");
        String peer = params.remove("peer");
        double score = number(result.get("score"));
        String name = names[names.length - 1];
        return new Figure("C", "native " + name, peer == null ? name : peer, params,
                result.get("unit").asText(), score, number(result.get("error")), score, Map.of());
    }

    private static Map<String, String> params(JsonNode result) {
        Map<String, String> params = new TreeMap<>();
        result.path("params").properties().forEach(param -> params.put(param.getKey(), param.getValue().asText()));
        return params;
    }

    /** JMH writes "NaN" as text. */
    private static double number(JsonNode node) {
        return node == null || !node.isNumber() ? Double.NaN : node.asDouble();
    }

    /** Those with the same runtime, group, parameters and unit, in the order of the first of each. */
    static List<List<Figure>> contests(List<Figure> figures) {
        Map<String, List<Figure>> contests = new TreeMap<>();
        for (Figure figure : figures) {
            String key = String.join("/", figure.group(), sortable(figure.setting()), figure.runtime(), figure.unit());
            contests.computeIfAbsent(key, same -> new ArrayList<>()).add(figure);
        }
        contests.values().forEach(contest -> contest.sort((a, b) -> Double.compare(a.score(), b.score())));
        return List.copyOf(contests.values());
    }

    static String sortable(String setting) {
        StringBuilder text = new StringBuilder();
        for (String word : setting.split(" ")) {
            text.append(word.matches("\\d+") ? "0".repeat(Math.max(0, DIGITS - word.length())) : "").append(word)
                    .append(' ');
        }
        return text.toString();
    }
}
