// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.bench.report.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs benchmarks by JMH with times of its own, and leaves the results in a directory. */
public final class Comparison {
    /** Milliseconds of an iteration that is just long enough to see a factor of two. */
    static final int QUICK = 100;

    /** Programs that take milliseconds need longer iterations. */
    private static final int LONGER = 4;
    private static final int WARM_UPS = 4;
    private static final int ITERATIONS = 5;

    /** Benchmarks that say themselves how long they take: single shots, and with work between the invocations. */
    private static final List<String> OWN_TIMES = List.of("GlobalAllocation", "BulkRelease", "LiveMemory",
            "ManyArenas");
    private static final List<String> PROGRAMS = List.of("JsonRoundTrip", "JsonParse", "SalesSums", "SyntaxTrees",
            "ListWalk", "TreeWalk", "DictionaryLookup");
    private static final List<String> NOT_SHORT = List.of("Views", "ManyArenas", "LiveMemory",
            "RequestCycleTwoThreads", "ReleaseAll", "RefReads", "Utf8", "Utf8Decoding", "ArenaLife", "InternedStrings",
            "DictionaryLookup", "SalesSums", "SyntaxTrees", "TreeWalk");

    /** One setting of each parameter. */
    private static final Map<String, String[]> SHORT = Map.of("size", new String[] {"64"},
            "mix", new String[] {"small"}, "nodes", new String[] {"1000000"}, "order", new String[] {"allocated"},
            "reads", new String[] {"random"}, "text", new String[] {"ascii"});

    private final Path directory;
    private final int forks;
    private final int millis;

    Comparison(Path directory, int forks, int millis) {
        this.directory = directory;
        this.forks = forks;
        this.millis = millis;
    }

    /** Where the results are. */
    public Path directory() {
        return directory;
    }

    /** Runs everything, or one setting of most, of what matches. */
    void run(boolean full, String only) throws IOException, RunnerException {
        prepare();
        part("own", only, OWN_TIMES, full ? List.of() : NOT_SHORT, options(full));
        part("programs", only, PROGRAMS, full ? List.of() : NOT_SHORT, timed(options(full), LONGER * millis));
        part("blocks", only, List.of("\\w+"), join(full ? OWN_TIMES : join(NOT_SHORT, OWN_TIMES), PROGRAMS),
                timed(options(full), millis));
    }

    /**
     * Runs some benchmarks in their short settings.
     *
     * @param ids "Group.name" of each
     * @throws IOException if the directory cannot be written
     * @throws RunnerException if a benchmark fails
     */
    public void run(List<String> ids) throws IOException, RunnerException {
        prepare();
        ChainedOptionsBuilder options = timed(options(false), millis).param("orders", "50");
        // The JIT compiles at once, not when the machine has time for it: short runs would measure the interpreter.
        options.shouldFailOnError(true).jvmArgsAppend("-Xbatch");
        ids.forEach(id -> options.include(pattern(".", List.of(id.replace(".", "(Ffm)?\\.") + '$'), "")));
        run("quick", options);
    }

    private void prepare() throws IOException {
        Files.createDirectories(directory);
        Machine.write(directory, "JDK-" + Runtime.version().feature());
    }

    private ChainedOptionsBuilder options(boolean full) {
        ChainedOptionsBuilder options = new OptionsBuilder().forks(forks).addProfiler(GCProfiler.class)
                .addProfiler(ProcessProfiler.class).resultFormat(ResultFormatType.JSON)
                .jvmArgsPrepend(Jvm.options().toArray(String[]::new));
        if (!full) {
            SHORT.forEach(options::param);
        }
        Jvm.excluded().forEach(options::exclude);
        return options;
    }

    private static ChainedOptionsBuilder timed(ChainedOptionsBuilder options, int length) {
        return options.warmupIterations(WARM_UPS).warmupTime(TimeValue.milliseconds(length))
                .measurementIterations(ITERATIONS).measurementTime(TimeValue.milliseconds(length));
    }

    private void part(String name, String only, List<String> groups, List<String> without,
            ChainedOptionsBuilder options) throws RunnerException {
        if (!without.isEmpty()) {
            options.exclude(pattern(".", without, "(Ffm)?\\."));
        }
        run(name, options.include(pattern(only, groups, "(Ffm)?\\.")));
    }

    /** Matches names of benchmarks that are in one of the groups and that match {@code only} anywhere. */
    private static String pattern(String only, List<String> groups, String end) {
        return "^(?=.*" + only + ")dev\\.corral\\.bench\\.(ffm\\.)?(" + String.join("|", groups) + ')' + end;
    }

    private void run(String name, ChainedOptionsBuilder options) throws RunnerException {
        String file = "jmh-" + Runtime.version().feature() + '-' + name + ".json";
        options.result(directory.resolve(file).toString());
        try {
            new Runner(options.build(), new Progress(System.out)).run();
        } catch (NoBenchmarksException nothingMatches) {
            System.out.println(name + ": nothing matches");
        }
    }

    private static List<String> join(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
