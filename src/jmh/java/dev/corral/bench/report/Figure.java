// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import java.util.List;
import java.util.Map;

/**
 * One measured number.
 *
 * @param runtime what ran it, such as "JDK 25" or "C"
 * @param group what is compared with each other: the benchmark class, without its suffix Ffm
 * @param name one of the compared
 * @param params the benchmark's parameters, sorted by name
 * @param unit of score and error; less is better
 * @param score the mean, of sampled benchmarks the lowest sample
 * @param error half of the 99.9 % confidence interval, NaN if there is none
 * @param best the lowest measurement
 * @param others further numbers by their names, such as garbage
 */
record Figure(String runtime, String group, String name, Map<String, String> params, String unit, double score,
        double error, double best, Map<String, Double> others) {

    /** Bytes of garbage per operation, among {@link #others}. */
    static final String GARBAGE = "garbage";
    /** Peak resident memory in MiB, among {@link #others}. */
    static final String PEAK = "peak";
    /** Longest collector pause in ms, among {@link #others}. */
    static final String PAUSE = "pause";

    /** Names of this library's contestants begin so. */
    private static final List<String> OURS = List.of("arena", "pool", "corral");

    boolean isOurs() {
        return OURS.stream().anyMatch(name::startsWith);
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
