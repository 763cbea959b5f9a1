// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Results as JMH and the native benchmarks write them. */
final class Sample {
    private Sample() {
    }

    /** One result of JMH; the iterations are those of all JVMs, "a, b" of the first and so on in brackets. */
    static String jmh(String jdk, String benchmark, String params, double mean, double error, String iterations) {
        return """
                {"jmhVersion": "1.37", "benchmark": "dev.corral.bench.%s", "mode": "avgt", "jdkVersion": "%s",
                 "params": {%s}, "primaryMetric": {"score": %s, "scoreError": %s, "scoreUnit": "ns/op",
                  "scorePercentiles": {"0.0": 0.5}, "rawData": [%s]},
                 "secondaryMetrics": {"gc.alloc.rate.norm": {"score": 64.5}, "rss.peak": {"score": 100.25},
                  "pause.max": {"score": 7.0}, "gc.count": {"score": 3.0}}}
                """.formatted(benchmark, jdk, params, mean, Double.isNaN(error) ? "\"NaN\"" : error, iterations);
    }

    /** The same without anything unusual: the error is a tenth of the score. */
    static String jmh(String jdk, String benchmark, String params, double score) {
        return jmh(jdk, benchmark, params, score, score / 10,
                "[" + score * 0.9 + ", " + score + ", " + score * 1.1 + "]");
    }

    static void write(Path directory, String name, String... results) throws IOException {
        Files.writeString(directory.resolve(name), "[" + String.join(",", results) + "]");
    }

    static Figure figure(String name, double score, double error) {
        return new Figure("JDK 25", "Group", name, java.util.Map.of(), "ns/op", score, error, score,
                java.util.Map.of());
    }
}
