// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import dev.corral.bench.Comparison;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.openjdk.jmh.runner.RunnerException;

/**
 * The quick check of the ratios. Each side is represented by the iteration that took the least processor time, which
 * other programs on the machine disturb least, and what fails is measured again, longer, twice at most: a regression
 * fails each time.
 */
public final class Check {
    private static final int RETRIES = 2;
    /** A busy machine gives an iteration a part of its time only, in which the JIT may not be done. */
    private static final int LONGER = 4;

    private Check() {
    }

    /** Measures benchmarks, "Group.name" each, in iterations that are so many times longer. */
    interface Measure {
        List<Figure> of(List<String> ids, int longer) throws IOException, RunnerException;
    }

    /**
     * Runs the check and prints each ratio.
     *
     * @param comparison runs the benchmarks
     * @return whether all ratios that this JDK can measure are within their bounds
     * @throws IOException if results cannot be written or read
     * @throws RunnerException if a benchmark fails
     */
    public static boolean run(Comparison comparison) throws IOException, RunnerException {
        return run((ids, longer) -> {
            comparison.run(ids, longer);
            return Figures.read(comparison.directory());
        }, Target.all().stream().filter(target -> target.check() > 0).toList());
    }

    static boolean run(Measure measure, List<Target> targets) throws IOException, RunnerException {
        List<Target> failed = measure(measure, targets, 1);
        int longer = 1;
        for (int again = 0; again < RETRIES && !failed.isEmpty(); again++) {
            System.out.println("measuring again what is out of bounds");
            longer *= LONGER;
            failed = measure(measure, failed, longer);
        }
        return failed.isEmpty();
    }

    private static List<Target> measure(Measure measure, List<Target> targets, int longer)
            throws IOException, RunnerException {
        List<Figure> figures = measure.of(
                targets.stream().flatMap(target -> target.benchmarks().stream()).distinct().toList(), longer);
        String runtime = "JDK " + Runtime.version().feature();
        int measured = 0;
        List<Target> failed = targets.stream().filter(target -> !passes(target, figures, runtime))
                .collect(Collectors.toList());
        for (Target target : targets) {
            measured += target.measured(figures, runtime, true).isPresent() ? 1 : 0;
        }
        if (measured == 0) {
            throw new IllegalStateException("no ratio was measured");
        }
        return failed;
    }

    /** What this JDK cannot measure passes, and is not mentioned. */
    private static boolean passes(Target target, List<Figure> figures, String runtime) {
        Optional<Ratio> measured = target.measured(figures, runtime, true);
        if (measured.isEmpty()) {
            return true;
        }
        boolean passes = target.passesCheck(measured.get().value());
        System.out.printf("%-8s %s: %s, at most %s%n", passes ? "ok" : "TOO MUCH", target.what(),
                Findings.number(measured.get().value()), Findings.number(target.check()));
        return passes;
    }
}
