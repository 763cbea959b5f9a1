// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

/**
 * What came of a target: a figure divided by another one, or the figure itself.
 *
 * @param value the quotient
 * @param error half the width of what it may be, NaN if unknown
 */
record Ratio(double value, double error) {
    /** The errors of both sides are independent of each other: their squares add up, relative to the sides. */
    static Ratio of(double ours, double oursError, double peer, double peerError) {
        double value = ours / peer;
        return new Ratio(value, value * Math.hypot(oursError / ours, peerError / peer));
    }

    @Override
    public String toString() {
        boolean isExact = Double.isNaN(error) || Double.isInfinite(error);
        return Findings.number(value) + (isExact ? "" : " ± " + Findings.number(error));
    }
}
