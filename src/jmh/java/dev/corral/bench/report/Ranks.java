// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

/**
 * The median of measurements, and what may be said of it whatever their distribution is: one of them that met page
 * faults, a collection or another program moves neither.
 */
final class Ranks {
    /** At most this much of the probability lies on each side of the interval. */
    private static final double TAIL = 0.025;

    private Ranks() {
    }

    /** Of measurements in their order, at least one. */
    static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /**
     * Half of the width of the interval in which the true median lies with a confidence of 95 %: from the k-th
     * measurement to the k-th last. That fewer than k of n lie below the median is as likely as that n coins show fewer
     * than k heads. With less than six measurements it is all of them, and the confidence is less.
     *
     * @return NaN if there is only one
     */
    static double error(double[] sorted) {
        int k = rank(sorted.length);
        return sorted.length < 2 ? Double.NaN : (sorted[sorted.length - 1 - k] - sorted[k]) / 2;
    }

    /** How many measurements at each end lie outside of the interval. */
    private static int rank(int count) {
        double exactly = Math.pow(0.5, count); // that exactly k lie below
        double fewer = exactly;
        int k = 0;
        while (2 * (k + 1) < count && fewer + exactly * (count - k) / (k + 1) <= TAIL) {
            exactly *= (double) (count - k) / (k + 1);
            fewer += exactly;
            k++;
        }
        return k;
    }
}
