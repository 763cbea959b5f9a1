// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import java.util.List;
import java.util.stream.Collectors;

/** Tables and pictures for the page of the documentation. */
final class Markdown {
    private Markdown() {
    }

    static String table(List<List<String>> rows) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows.size(); i++) {
            text.append("| ").append(rows.get(i).stream().map(Markdown::escape).collect(Collectors.joining(" | ")))
                    .append(" |\n");
            if (i == 0) {
                text.append("|---".repeat(rows.get(0).size())).append("|\n");
            }
        }
        return text.toString();
    }

    /** Text as it is, wherever it stands: bars end cells, and angle brackets begin elements. */
    static String escape(String raw) {
        return raw.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "\\|")
                .replace("[", "\\[").replace("]", "\\]").replace("*", "\\*").replace("_", "\\_").replace("\n", " ");
    }

    /** What does not hold, one item of a list each. */
    static String misses(List<Miss> misses) {
        if (misses.isEmpty()) {
            return "All that was measured holds.";
        }
        StringBuilder text = new StringBuilder();
        for (Miss miss : misses) {
            text.append("- **").append(escape(miss.target().what())).append("**: ").append(escape(miss.measured()))
                    .append(".\n  - *Cause:* ").append(escape(miss.cause().cause())).append("\n  - *Tried:* ")
                    .append(escape(miss.cause().tried())).append('\n');
        }
        return text.toString().strip();
    }

    /** Reasons, one item of a list each; the first row is the head. */
    static String list(List<List<String>> rows) {
        return rows.stream().skip(1).map(row -> "- **" + escape(row.get(0)) + "**: " + escape(row.get(1)))
                .collect(Collectors.joining("\n"));
    }

    static String sections(List<Section> sections, String pictures) {
        StringBuilder text = new StringBuilder();
        for (Section section : sections) {
            if (!section.title().isEmpty()) {
                text.append("\n### ").append(escape(section.title())).append('\n');
            }
            if (!section.text().isEmpty()) {
                text.append('\n').append(escape(section.text())).append('\n');
            }
            if (section.svg() != null) {
                text.append("\n![").append(escape(section.title())).append("](").append(pictures).append('/')
                        .append(section.slug()).append(".svg)\n");
            }
            text.append('\n').append(table(section.table()));
        }
        return text.toString().replaceAll("\n{3,}", "\n\n").strip();
    }
}
