// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Some benchmarks that are measured alike.
 *
 * @param groups simple names of benchmark classes, without their suffix Ffm
 * @param params values instead of the benchmarks' own; parameters that a benchmark does not have do not matter
 * @param which a regular expression that matches, before the whole name, those of their benchmarks that are meant
 * @param forks JVMs for each setting
 * @param warmUps iterations that are not counted, in each JVM
 * @param iterations iterations that are counted, in each JVM
 * @param millis length of an iteration; 0: it lasts one invocation
 * @param more seconds of a JVM that are spent otherwise: making what is measured, invocations that take longer
 */
record Part(List<String> groups, Map<String, List<String>> params, String which, int forks, int warmUps,
        int iterations, int millis, double more) {
    /** Of a JVM, until its first iteration and after its last. */
    private static final double START = 0.6;
    /** To touch all of the heap. */
    private static final double TOUCH = 0.15;
    /** Milliseconds of a warm-up at least: the JIT needs its time, however short the rest is. */
    private static final int LEAST_WARM_UP = 150;
    /** A JVM that takes this much longer than it should hangs. */
    private static final int PATIENCE = 10;
    private static final double LEAST_PATIENCE = 300;

    Part(List<String> groups, Map<String, List<String>> params, int forks, int warmUps, int iterations, int millis) {
        this(groups, params, forks, warmUps, iterations, millis, 0);
    }

    Part(List<String> groups, Map<String, List<String>> params, int forks, int warmUps, int iterations, int millis,
            double more) {
        this(groups, params, "", forks, warmUps, iterations, millis, more);
    }

    /** Only these benchmarks of it, "Group.method" each. */
    Part only(List<String> names) {
        return with("(?=" + anyOf(names) + ")");
    }

    /** All but these. */
    Part without(List<String> names) {
        return with("(?!" + anyOf(names) + ")");
    }

    private Part with(String newWhich) {
        return new Part(groups, params, newWhich, forks, warmUps, iterations, millis, more);
    }

    private static String anyOf(List<String> names) {
        return ".*\\.(" + String.join("|", names).replace(".", "(Ffm)?\\.") + ")$";
    }

    /** Matches the names of the benchmarks in it that match {@code only} anywhere. */
    String pattern(String only) {
        return "^" + which + "(?=.*(?:" + only + "))dev\\.corral\\.bench\\.(ffm\\.)?(" + String.join("|", groups)
                + ")(Ffm)?\\.";
    }

    /** Whole programs show what memory they take, and large lists need it. */
    private boolean isSmall() {
        return groups.stream().noneMatch(Plan.LARGE::contains);
    }

    /** What its JVMs are started with. */
    List<String> jvmOptions() {
        return isSmall() ? Jvm.optionsWithHeap() : Jvm.options();
    }

    private int warmUpMillis() {
        return Math.max(millis, LEAST_WARM_UP);
    }

    /** Seconds that one JVM should take. */
    double secondsOfFork() {
        double measuring = millis == 0 ? 0 : (warmUps * warmUpMillis() + iterations * millis) / 1e3;
        return START + more + (isSmall() ? TOUCH : 0) + measuring;
    }

    /** Seconds that one benchmark in one setting should take. */
    double secondsOfSetting() {
        return forks * secondsOfFork();
    }

    /** Seconds after which a JVM is ended. */
    double limitOfFork() {
        return LEAST_PATIENCE + PATIENCE * secondsOfFork();
    }

    /** How many settings there are of the benchmarks in it. */
    int settings(Collection<BenchmarkListEntry> all, String only, List<String> excluded) {
        Pattern included = Pattern.compile(pattern(only));
        List<Pattern> without = excluded.stream().map(Pattern::compile).toList();
        return all.stream().filter(entry -> included.matcher(entry.getUsername()).find())
                .filter(entry -> without.stream().noneMatch(pattern -> pattern.matcher(entry.getUsername()).find()))
                .mapToInt(this::settings).sum();
    }

    private int settings(BenchmarkListEntry entry) {
        int product = 1;
        for (Map.Entry<String, String[]> param : entry.getParams().orElse(Map.of()).entrySet()) {
            List<String> own = params.get(param.getKey());
            product *= own == null ? param.getValue().length : own.size();
        }
        return product;
    }

    ChainedOptionsBuilder options(String only) {
        ChainedOptionsBuilder options = new OptionsBuilder().include(pattern(only)).forks(forks)
                .warmupIterations(warmUps).measurementIterations(iterations);
        if (millis > 0) {
            options.warmupTime(TimeValue.milliseconds(warmUpMillis())).measurementTime(TimeValue.milliseconds(millis));
        }
        params.forEach((name, values) -> options.param(name, values.toArray(String[]::new)));
        return options;
    }
}
