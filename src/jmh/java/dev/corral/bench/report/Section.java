// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import java.util.List;

/**
 * A part of a report.
 *
 * @param title its heading
 * @param text what is said before the table; may be empty
 * @param table rows of cells, the first row is the head; may be empty
 * @param svg a picture, or null
 */
record Section(String title, String text, List<List<String>> table, String svg) {
    /** A name for files and links. */
    String slug() {
        return title.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    }
}
