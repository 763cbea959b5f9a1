// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import java.util.List;

/** Tables and pictures for the page of the documentation. */
final class Markdown {
    private Markdown() {
    }

    static String table(List<List<String>> rows) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows.size(); i++) {
            text.append("| ").append(String.join(" | ", rows.get(i))).append(" |\n");
            if (i == 0) {
                text.append("|---".repeat(rows.get(0).size())).append("|\n");
            }
        }
        return text.toString();
    }

    static String sections(List<Section> sections, String pictures) {
        StringBuilder text = new StringBuilder();
        for (Section section : sections) {
            text.append("\n### ").append(section.title()).append("\n\n");
            if (section.svg() != null) {
                text.append("![").append(section.title()).append("](").append(pictures).append('/')
                        .append(section.slug()).append(".svg)\n");
            }
            text.append(table(section.table()));
        }
        return text.toString().strip();
    }
}
