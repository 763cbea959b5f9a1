// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.bench.report.Check;
import dev.corral.bench.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What the program does beside running JMH. */
@Command(name = "benchmarks", description = "Measures, reports and checks; any other first argument is JMH's.")
final class Commands {
    /** Matches the name of every benchmark. */
    static final String EVERYTHING = ".";

    @Option(names = "--results", defaultValue = "target/bench", paramLabel = "DIRECTORY", scope = ScopeType.INHERIT,
            description = "Where results are, or go to (default: ${DEFAULT-VALUE}).")
    private Path results;

    @Command(mixinStandardHelpOptions = true,
            description = "Measures beside the peers and writes report.html: the short set, or all of it.")
    int compare(
            @Option(names = "--full", description = "Everything, with all parameters.") boolean full,
            @Option(names = "--forks", defaultValue = "" + Plan.FORKS, paramLabel = "N",
                    description = "JVMs for what must hold in the full set (default: ${DEFAULT-VALUE}); half as many"
                            + " for programs and in the short set, a quarter for everything else; at least one.")
                    int forks,
            @Option(names = "--millis", defaultValue = "" + Plan.MILLIS, paramLabel = "MS",
                    description = "Length of an iteration (default: ${DEFAULT-VALUE}).") int millis,
            @Option(names = "--only", defaultValue = EVERYTHING, paramLabel = "REGEX",
                    description = "Of these, only what matches.") String only) throws IOException, RunnerException {
        boolean all = new Comparison(results, forks, millis).run(full, only);
        report(null);
        return all ? 0 : 1;
    }

    @Command(mixinStandardHelpOptions = true,
            description = "Writes report.html anew from what was measured, native results included.")
    int report(@Option(names = "--docs", paramLabel = "FILE",
            description = "Fills in this page of the documentation, too.") Path docs) throws IOException {
        Report report = new Report(results);
        Path html = results.resolve("report.html");
        report.writeHtml(html);
        System.out.println(html);
        if (docs != null) {
            report.writeDocs(docs);
            System.out.println(docs);
        }
        return 0;
    }

    @Command(mixinStandardHelpOptions = true,
            description = "Checks in two minutes that no ratio has become twice what it was.")
    int check() throws IOException, RunnerException {
        System.setProperty("jmh.ignoreLock", "true"); // a ratio stands the company of another benchmark
        return Check.run(new Comparison(results.resolve("check"), 1, Comparison.QUICK)) ? 0 : 1;
    }
}
