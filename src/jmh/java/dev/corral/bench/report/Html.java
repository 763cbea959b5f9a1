// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import java.util.List;

/** A report as one HTML file that needs nothing else: no script, no style sheet, no picture from elsewhere. */
final class Html {
    private static final String STYLE = """
            body { font: 15px/1.45 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222 }
            table { border-collapse: collapse; margin: .7em 0 1.6em } th { text-align: left }
            td, th { padding: .15em .8em .15em 0; border-bottom: 1px solid #ddd; vertical-align: top }
            td + td { font-variant-numeric: tabular-nums } h2 { margin-top: 2em } h3 { margin-bottom: .2em }
            svg { max-width: 100%; height: auto } .no { color: #b00020; font-weight: bold }
            """;

    private final StringBuilder text = new StringBuilder();

    Html(String title) {
        text.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>").append(escape(title))
                .append("</title>\n<style>\n").append(STYLE).append("</style></head>\n<body><h1>").append(escape(title))
                .append("</h1>\n");
    }

    Html add(int level, Section section) {
        text.append("<h").append(level).append('>').append(escape(section.title())).append("</h").append(level)
                .append(">\n");
        if (!section.text().isEmpty()) {
            for (String paragraph : section.text().split("\n\n")) {
                text.append("<p>").append(escape(paragraph)).append("</p>\n");
            }
        }
        if (section.svg() != null) {
            text.append(section.svg()).append('\n');
        }
        if (!section.table().isEmpty()) {
            table(section.table());
        }
        return this;
    }

    private void table(List<List<String>> rows) {
        text.append("<table>\n");
        String tag = "th";
        for (List<String> row : rows) {
            text.append("<tr>");
            for (String cell : row) {
                text.append('<').append(tag).append(cell.matches("NO\\b.*") ? " class=\"no\">" : ">")
                        .append(escape(cell)).append("</").append(tag).append('>');
            }
            text.append("</tr>\n");
            tag = "td";
        }
        text.append("</table>\n");
    }

    String end() {
        return text.append("</body></html>\n").toString();
    }

    private static String escape(String raw) {
        return raw.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
