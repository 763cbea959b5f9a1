// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import java.util.ArrayList;
import java.util.List;

/** Text in aligned columns: the first ones to the left, the others, which are numbers, to the right. */
final class TextTable {
    private static final String GAP = "   ";

    private final List<String[]> rows = new ArrayList<>();
    private int leftColumns = 1;

    TextTable() {
    }

    /** Sets how many columns from the first on are aligned to the left; 1 by default. */
    TextTable leftColumns(final int count) {
        leftColumns = count;
        return this;
    }

    /** Adds a row; all rows have the same number of cells. */
    TextTable row(final String... cells) {
        if (!rows.isEmpty() && rows.get(0).length != cells.length) {
            throw new IllegalArgumentException("cells=" + cells.length + " columns=" + rows.get(0).length);
        }
        rows.add(cells.clone());
        return this;
    }

    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder();
        final int[] widths = widths();
        for (final String[] row : rows) {
            final StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.length; column++) {
                final String padding = " ".repeat(widths[column] - width(row[column]));
                line.append(column == 0 ? "" : GAP)
                        .append(column < leftColumns ? row[column] + padding : padding + row[column]);
            }
            text.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }

    private int[] widths() {
        final int[] widths = new int[rows.isEmpty() ? 0 : rows.get(0).length];
        for (final String[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                widths[column] = Math.max(widths[column], width(row[column]));
            }
        }
        return widths;
    }

    private static int width(final String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
