// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the figures were measured on, kept in a file beside them. */
public final class Machine {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "machine-";
    private static final Pattern NAME = Pattern.compile(FILE + "(.*)\\.json");
    private static final String BUSY = "busy with something else";
    private static final String YES = "yes";
    private static final double KIB_OF_GIB = 1 << 20;
    private static final Pattern TOOLS = Pattern.compile(
            "^(VectorGraphics2D|jfreechart|commons-math3|jopt-simple|slf4j|jackson-annotations)-");
    /** Of a processor: what was measured just before this leaves less. */
    private static final double MOST_LOAD = 1.5;

    private Machine() {
    }

    /** Describes this machine and this JVM. */
    static Map<String, String> describe() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("processor", Runtime.getRuntime().availableProcessors() + " of "
                + first(Path.of("/proc/cpuinfo"), "model name"));
        facts.put("memory", gibibytes(first(Path.of("/proc/meminfo"), "MemTotal")));
        facts.put("system", System.getProperty("os.name") + ' ' + System.getProperty("os.version"));
        facts.put("JVM", System.getProperty("java.vm.name") + ' ' + System.getProperty("java.runtime.version"));
        facts.put("collector", ManagementFactory.getGarbageCollectorMXBeans().stream()
                .map(GarbageCollectorMXBean::getName).collect(Collectors.joining(", ")));
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        facts.put("load before", String.format(Locale.ROOT, "%.1f", load));
        facts.put(BUSY, load > MOST_LOAD * Runtime.getRuntime().availableProcessors() ? YES : "no");
        facts.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        facts.put("peers", peers());
        return facts;
    }

    private static String first(Path file, String key) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(key)).map(line -> line.replaceFirst("^[^:]*:\\s*", ""))
                    .findFirst().orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** Of "4096 kB". */
    static String gibibytes(String memory) {
        Matcher kib = Pattern.compile("(\\d+) kB").matcher(memory);
        return kib.matches()
                ? String.format(Locale.ROOT, "%.1f GiB", Long.parseLong(kib.group(1)) / KIB_OF_GIB) : memory;
    }

    /** The jars beside this one, but for those that measure or draw. */
    private static String peers() {
        try {
            Path jar = Path.of(Machine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            try (Stream<Path> jars = Files.list(jar.resolveSibling("benchmarks-lib"))) {
                return jars.map(path -> path.getFileName().toString().replace(".jar", ""))
                        .filter(name -> !name.contains("natives") && !TOOLS.matcher(name).find()).sorted()
                        .collect(Collectors.joining(", "));
            }
        } catch (IOException | java.net.URISyntaxException e) {
            return "unknown: " + e.getMessage();
        }
    }

    /**
     * Describes this machine and this JVM in a file.
     *
     * @param directory where to
     * @param runtime part of its name
     * @param settings how long is measured
     * @throws IOException if that fails
     */
    public static void write(Path directory, String runtime, String settings) throws IOException {
        Map<String, String> facts = describe();
        facts.put("settings", settings);
        JSON.writerWithDefaultPrettyPrinter().writeValue(directory.resolve(FILE + runtime + ".json").toFile(), facts);
    }

    /** What is known of each runtime, such as "JDK 25" or "C". */
    private static Map<String, Map<String, String>> facts(Path directory) throws IOException {
        Map<String, Map<String, String>> facts = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                Matcher name = NAME.matcher(file.getFileName().toString());
                if (name.matches()) {
                    facts.put(name.group(1).replace('-', ' '),
                            JSON.readValue(file.toFile(), new TypeReference<LinkedHashMap<String, String>>() { }));
                }
            }
        }
        return facts;
    }

    /** A table of all files; the rows are facts, those that differ have one for each runtime. */
    static List<List<String>> read(Path directory) throws IOException {
        Map<String, Map<String, String>> all = facts(directory);
        Map<String, Map<String, String>> byFact = new LinkedHashMap<>();
        all.forEach((runtime, facts) -> facts.forEach((fact, value) ->
                byFact.computeIfAbsent(fact, same -> new TreeMap<>()).put(runtime, value)));
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", ""));
        byFact.forEach((fact, values) -> {
            if (Set.copyOf(values.values()).size() == 1) {
                rows.add(List.of(fact, values.values().iterator().next()));
            } else {
                values.forEach((runtime, value) -> rows.add(List.of(fact + " (" + runtime + ")", value)));
            }
        });
        return rows;
    }

    /** The runtimes that were measured while the machine did something else. */
    static List<String> disturbed(Path directory) throws IOException {
        return facts(directory).entrySet().stream().filter(entry -> YES.equals(entry.getValue().get(BUSY)))
                .map(Map.Entry::getKey).toList();
    }
}
