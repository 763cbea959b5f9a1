// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the figures were measured on, kept in a file beside them. */
public final class Machine {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "machine-";

    private Machine() {
    }

    /** Describes this machine and this JVM. */
    static Map<String, String> describe() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("processor", Runtime.getRuntime().availableProcessors() + " of "
                + first(Path.of("/proc/cpuinfo"), "model name"));
        facts.put("memory", first(Path.of("/proc/meminfo"), "MemTotal"));
        facts.put("system", System.getProperty("os.name") + ' ' + System.getProperty("os.version"));
        facts.put("JVM", System.getProperty("java.vm.name") + ' ' + System.getProperty("java.runtime.version"));
        facts.put("collector", ManagementFactory.getGarbageCollectorMXBeans().stream()
                .map(GarbageCollectorMXBean::getName).collect(Collectors.joining(", ")));
        facts.put("load before", String.valueOf(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
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

    /** The jars beside this one. */
    private static String peers() {
        try {
            Path jar = Path.of(Machine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            try (Stream<Path> jars = Files.list(jar.resolveSibling("benchmarks-lib"))) {
                return jars.map(path -> path.getFileName().toString().replace(".jar", ""))
                        .filter(name -> !name.contains("natives")).sorted().collect(Collectors.joining(", "));
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

    /** The tables of all files; the rows are facts. */
    static List<List<String>> read(Path directory) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", ""));
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(path -> path.getFileName().toString().startsWith(FILE)).sorted().toList()) {
                Map<String, String> facts = JSON.readValue(file.toFile(), new TypeReference<>() { });
                facts.forEach((name, value) -> {
                    if (!rows.contains(List.of(name, value))) {
                        rows.add(List.of(name, value));
                    }
                });
            }
        }
        return rows;
    }
}
