// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import java.util.Arrays;
import java.util.Locale;

/** Numbers as a person reads them, the same in every locale. */
final class Numbers {
    private static final int KIB_SHIFT = 10;
    private static final int MIB_SHIFT = 20;

    private Numbers() {
    }

    static String whole(final long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    static String decimal(final double value, final int places) {
        return String.format(Locale.ROOT, "%,." + places + "f", value);
    }

    /** A size that is a whole number of KiB or MiB in that unit, others in bytes. */
    static String size(final long bytes) {
        if (bytes >= 1 << MIB_SHIFT && bytes % (1 << MIB_SHIFT) == 0) {
            return whole(bytes >> MIB_SHIFT) + " MiB";
        }
        if (bytes >= 1 << KIB_SHIFT && bytes % (1 << KIB_SHIFT) == 0) {
            return whole(bytes >> KIB_SHIFT) + " KiB";
        }
        return whole(bytes) + " bytes";
    }

    /** The middle value, the mean of the two middle ones where their number is even. */
    static double median(final long[] values) {
        final long[] sorted = values.clone();
        Arrays.sort(sorted);
        final int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2.0;
    }
}
