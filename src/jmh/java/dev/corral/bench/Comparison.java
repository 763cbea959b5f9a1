// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.bench.report.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs benchmarks by JMH as a {@link Plan} says, and leaves the results in a directory. */
public final class Comparison {
    /** Milliseconds of an iteration that is just long enough to see a factor of two. */
    static final int QUICK = 100;
    private static final int ITERATIONS = 5;

    private final Path directory;
    private final int forks;
    private final int millis;
    private final List<String> excluded = Jvm.excluded();

    Comparison(Path directory, int forks, int millis) {
        this.directory = directory;
        this.forks = forks;
        this.millis = millis;
    }

    /** Where the results are. */
    public Path directory() {
        return directory;
    }

    /**
     * Runs everything, or one setting of what must hold, of what matches; earlier results of this JDK are replaced, or
     * joined by those that match. Returns whether all of that could be measured.
     */
    boolean run(boolean full, String only) throws IOException, RunnerException {
        Files.createDirectories(directory);
        Collection<BenchmarkListEntry> all = BenchmarkList.defaultList().getAll(
                OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of());
        List<Part> parts = full ? Plan.full(forks, millis, all) : Plan.brief(forks, millis);
        int settings = 0;
        double seconds = 0;
        for (Part part : parts) {
            int own = part.settings(all, only, excluded);
            settings += own;
            seconds += own * part.secondsOfSetting();
        }
        System.out.printf("%d settings of benchmarks, about %s%n", settings, Progress.minutes(seconds));
        boolean isAll = only.equals(Commands.EVERYTHING);
        Machine.write(directory, jdk(), settings(full, isAll));
        Results results = isAll ? Results.anew(directory, jdk()) : Results.of(directory, jdk());
        Progress progress = new Progress(System.out, results, seconds);
        for (Part part : parts) {
            run(part, part.options(only), progress);
        }
        progress.end();
        results.failures().forEach((name, reason) -> System.out.println("not measured: " + name + ": " + reason));
        return results.failures().isEmpty();
    }

    private String settings(boolean full, boolean isAll) {
        return "compare" + (full ? " --full" : "") + (isAll ? "" : ", in parts") + " --forks " + forks + " --millis "
                + millis;
    }

    /**
     * Runs some benchmarks in their short settings.
     *
     * @param ids "Group.name" of each
     * @param longer how many times longer the iterations are
     * @throws IOException if the directory cannot be written
     * @throws RunnerException if a benchmark fails
     */
    public void run(List<String> ids, int longer) throws IOException, RunnerException {
        Files.createDirectories(directory);
        Results results = Results.anew(directory, jdk());
        Progress progress = new Progress(System.out, results, 0);
        List<String> names = new ArrayList<>();
        ids.forEach(id -> names.add(id.replace(".", "(Ffm)?\\.") + '$'));
        Part part = new Part(List.of(), Plan.SHORT, forks, Plan.MORE_WARM_UPS, ITERATIONS, longer * millis);
        ChainedOptionsBuilder options = part.options(Commands.EVERYTHING).param("orders", "50");
        names.forEach(name -> options.include("^dev\\.corral\\.bench\\.(ffm\\.)?" + name));
        run(part, options, progress);
        progress.end();
        if (!results.failures().isEmpty()) {
            throw new RunnerException("not measured: " + results.failures());
        }
    }

    private void run(Part part, ChainedOptionsBuilder options, Progress progress) throws RunnerException {
        options.shouldFailOnError(false).addProfiler(GCProfiler.class).addProfiler(ProcessProfiler.class)
                .jvmArgsPrepend(part.jvmOptions().toArray(String[]::new));
        excluded.forEach(options::exclude);
        progress.enter(part);
        try {
            new Runner(options.build(), progress).run();
        } catch (NoBenchmarksException e) {
            return; // only some are wanted, or this JDK has none of these
        }
    }

    private static String jdk() {
        return "JDK-" + Runtime.version().feature();
    }
}
