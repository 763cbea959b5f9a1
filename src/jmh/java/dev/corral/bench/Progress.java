// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/** Keeps each result as soon as there is one, and prints a line for it that says how long the rest will take. */
final class Progress implements OutputFormat, AutoCloseable {
    private static final double NANOS = 1e9;
    private static final int MINUTE = 60;
    private static final int MEDIAN = 50;

    private final PrintStream out;
    private final Results results;
    private final Watch watch = new Watch();
    private final ByteArrayOutputStream forked = new ByteArrayOutputStream(); // what the benchmarked JVM printed
    private final long begun = System.nanoTime();
    private final double expected;
    private double expectedSoFar;
    private Part part;
    private String current = "";
    private int done;

    /** For benchmarks that should take so many seconds in all; 0: unknown. */
    Progress(PrintStream out, Results results, double expected) {
        this.out = out;
        this.results = results;
        this.expected = expected;
    }

    /** What follows belongs to this part. */
    void enter(Part next) {
        part = next;
    }

    @Override
    public void startBenchmark(BenchmarkParams params) {
        forked.reset();
        current = name(params);
        watch.start(part.limitOfFork());
    }

    @Override
    public void endBenchmark(BenchmarkResult result) {
        watch.stop();
        done++;
        expectedSoFar += part.secondsOfSetting();
        boolean isLate = watch.hasEnded();
        try {
            if (result == null || isLate) {
                String reason = isLate ? "took more than " + Math.round(part.limitOfFork()) + " s" : "failed";
                results.fail(current, reason);
                out.printf("%4d %s: %s%n", done, current, reason);
            } else {
                results.add(result);
                results.succeed(current);
                print(result.getPrimaryResult());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void print(Result<?> score) {
        out.printf("%4d %-76s %12.2f %-6s  %s%n", done, current, score.getStatistics().getPercentile(MEDIAN),
                score.getScoreUnit(), expected > 0 ? minutes(remaining()) + " to go" : "");
    }

    private static String name(BenchmarkParams params) {
        String[] names = params.getBenchmark().split("\\.");
        Map<String, String> values = new TreeMap<>();
        params.getParamsKeys().forEach(key -> values.put(key, params.getParam(key)));
        return names[names.length - 2] + '.' + names[names.length - 1] + (values.isEmpty() ? "" : " " + values);
    }

    /** Seconds, by what was expected and by how long it took in fact. */
    private double remaining() {
        double taken = (System.nanoTime() - begun) / NANOS;
        double pace = expectedSoFar > MINUTE / 2.0 ? taken / expectedSoFar : 1;
        return Math.max(0, (expected - expectedSoFar) * pace);
    }

    /** A time in words. */
    static String minutes(double seconds) {
        long whole = Math.round(seconds);
        return whole < 2 * MINUTE ? whole + " s" : (whole + MINUTE / 2) / MINUTE + " min";
    }

    @Override
    public void println(String line) {
        if (line.startsWith("# Fork:")) {
            watch.start(part.limitOfFork());
        } else if (line.contains("<failure>")) {
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
        watch.stop();
        out.flush();
    }

    /** Ends the watch, too; JMH closes its output after each part. */
    void end() {
        watch.close();
    }

    @Override
    public void startRun() {
        // Nothing to say.
    }

    @Override
    public void endRun(Collection<RunResult> all) {
        // Nothing to say.
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
