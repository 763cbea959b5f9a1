// SPDX-License-Identifier: Apache-2.0
package dev.corral.workloads;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;

/** A file of comma-separated sales: date, region, product, quantity, price with two decimals. */
public final class Sales {
    private static final String[] REGIONS = {"north", "east", "south", "west", "overseas", "online"};
    private static final int PRODUCTS = 250;

    private Sales() {
    }

    /**
     * Generates a file.
     *
     * @param rows how many lines; the same number gives the same file
     * @return its bytes, a line feed at the end of each line
     */
    public static byte[] file(int rows) {
        Random random = new Random(rows);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows; i++) {
            int day = random.nextInt(28) + 1;
            text.append("2026-0").append(1 + random.nextInt(9)).append('-')
                    .append(day < 10 ? "0" : "").append(day).append(',')
                    .append(REGIONS[random.nextInt(REGIONS.length)]).append(",product-")
                    .append(random.nextInt(PRODUCTS)).append(',').append(1 + random.nextInt(40)).append(',')
                    .append(random.nextInt(900)).append(String.format(Locale.ROOT, ".%02d", random.nextInt(100)))
                    .append('\n');
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
