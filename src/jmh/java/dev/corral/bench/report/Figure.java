// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import java.util.Map;
import java.util.regex.Pattern;

/**
 * One measured number.
 *
 * @param runtime what ran it, such as "JDK 25" or "C"
 * @param group what is compared with each other: the benchmark class, without its suffix Ffm
 * @param name one of the compared
 * @param params the benchmark's parameters, sorted by name
 * @param unit of score and error; less is better
 * @param score the median of the iterations, of sampled benchmarks the lowest sample
 * @param error how far the true score may lie from it, see {@link Ranks#error}; NaN if there is none
 * @param best the lowest measurement: of processor time where that was measured
 * @param others further numbers by their names, such as garbage
 */
record Figure(String runtime, String group, String name, Map<String, String> params, String unit, double score,
        double error, double best, Map<String, Double> others) {

    /** Bytes of garbage per operation, among {@link #others}. */
    static final String GARBAGE = "garbage";
    /** Peak resident memory in MiB, among {@link #others}. */
    static final String PEAK = "peak";
    /** Least processor time of an iteration in ns per operation, the collector's included, among {@link #others}. */
    static final String CPU = "cpu";
    /** Longest collector pause in ms, among {@link #others}. */
    static final String PAUSE = "pause";

    /** Names of this library's contestants. */
    private static final Pattern OURS = Pattern.compile(
            "(arena|pool|corral|slot|stack[A-Z]|lifetimes).*|.*(Mapped|Pool)");

    boolean isOurs() {
        return OURS.matcher(name).matches();
    }

    /** "Group.name". */
    String id() {
        return group + '.' + name;
    }

    /** The parameters in words. */
    String setting() {
        StringBuilder text = new StringBuilder();
        params.forEach((param, value) ->
                text.append(text.isEmpty() ? "" : ", ").append(param).append(' ').append(value));
        return text.toString();
    }

    boolean has(Map<String, String> wanted) {
        return wanted.entrySet().stream().allMatch(want -> want.getValue().equals(params.get(want.getKey())));
    }
}
