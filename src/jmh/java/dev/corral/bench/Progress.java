// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/** Prints one line for each benchmark that is done. */
final class Progress implements OutputFormat {
    private final PrintStream out;
    private final ByteArrayOutputStream forked = new ByteArrayOutputStream(); // what the benchmarked JVM printed
    private int done;

    Progress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void endBenchmark(BenchmarkResult result) {
        done++;
        if (result == null) {
            return;
        }
        BenchmarkParams params = result.getParams();
        String[] names = params.getBenchmark().split("\\.");
        Collection<String> keys = params.getParamsKeys();
        Map<String, String> values = keys.stream().collect(Collectors.toMap(key -> key, params::getParam));
        Result<?> score = result.getPrimaryResult();
        out.printf("%4d %-40s %-36s %12.2f %s%n", done, names[names.length - 2] + '.' + names[names.length - 1],
                values.isEmpty() ? "" : values, score.getScore(), score.getScoreUnit());
    }

    @Override
    public void println(String line) {
        if (line.contains("<failure>")) {
            out.println(forked.toString(StandardCharsets.UTF_8));
        }
    }

    @Override
    public void verbosePrintln(String line) {
        // Nobody asked.
    }

    @Override
    public void print(String text) {
        // What JMH prints in the course of a benchmark.
    }

    @Override
    public void write(int b) {
        forked.write(b);
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        forked.write(bytes);
    }

    @Override
    public void flush() {
        out.flush();
    }

    @Override
    public void close() {
        out.flush();
    }

    @Override
    public void startRun() {
        // Nothing to say.
    }

    @Override
    public void endRun(Collection<RunResult> results) {
        // Nothing to say.
    }

    @Override
    public void startBenchmark(BenchmarkParams params) {
        forked.reset();
    }

    @Override
    public void iteration(BenchmarkParams params, IterationParams iteration, int number) {
        // Nothing to say.
    }

    @Override
    public void iterationResult(BenchmarkParams params, IterationParams iteration, int number, IterationResult data) {
        // Nothing to say.
    }
}
