// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import dev.corral.ArenaStats;
import dev.corral.Corral;
import dev.corral.cli.Variant.Cost;
import dev.corral.cli.Variant.Result;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Prints what {@code demo} has measured. */
final class DemoReport {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double BYTES_PER_MB = 1e6;

    private final PrintWriter out;
    private final List<Document> documents;
    private final Measurement measurement;
    private final List<Result> results;
    private final Result arena;
    private final Result objects;

    /**
     * Makes a report.
     *
     * @param measurement has measured the arena tree first, the object tree second, then others
     */
    DemoReport(final PrintWriter out, final List<Document> documents, final Measurement measurement) {
        this.out = out;
        this.documents = documents;
        this.measurement = measurement;
        results = measurement.results();
        arena = results.get(0);
        objects = results.get(1);
    }

    /**
     * Prints all parts.
     *
     * @param stats what the arena held with the document that filled it most
     * @param fullest the name of that document
     */
    void print(final ArenaStats stats, final String fullest) {
        final int rounds = measurement.rounds();
        out.println("Corral " + Corral.version() + " on " + Corral.platform() + ", JDK " + Runtime.version());
        out.println(documents.size() == 1 ? documents.get(0).input().name() + ", "
                + Numbers.whole(inputBytes()) + " bytes" : Numbers.whole(documents.size()) + " documents, "
                + Numbers.whole(inputBytes()) + " bytes");
        out.println("Medians of " + Numbers.whole(rounds) + (rounds == 1 ? " round" : " rounds") + " after "
                + Numbers.decimal(measurement.warmedUpSeconds(), 1) + " s of warm-up. 1 MB is 1,000,000 bytes.");
        out.println();
        out.print(buildTable());
        out.println();
        out.print(formatTable());
        out.println();
        printArena(stats, fullest);
        out.println();
        out.println(summary());
    }

    private long inputBytes() {
        return documents.stream().mapToLong(document -> document.bytes().length).sum();
    }

    private TextTable buildTable() {
        final TextTable table = new TextTable();
        table.row("parse, build, release", "documents", "MB", "ms", "MB/s", "speed", "heap bytes/document");
        for (final Result result : results) {
            row(table, result.name(), inputBytes(), result.build(), objects.build());
        }
        return table;
    }

    private TextTable formatTable() {
        final TextTable table = new TextTable();
        table.row("format as text", "documents", "MB", "ms", "MB/s", "speed", "heap bytes/document");
        for (final Result result : results) {
            row(table, result.name(), result.textBytes(), result.format(), objects.format());
        }
        return table;
    }

    private void row(final TextTable table, final String name, final long bytes, final Cost cost, final Cost base) {
        table.row(name, Numbers.whole(documents.size()), Numbers.decimal(bytes / BYTES_PER_MB, 3),
                Numbers.decimal(cost.nanos() / NANOS_PER_MILLI, 3),
                Numbers.decimal(bytes / BYTES_PER_MB * 1e9 / cost.nanos(), 1),
                Numbers.decimal(base.nanos() / cost.nanos(), 2) + "x",
                Variant.countsHeapBytes() ? Numbers.whole(Math.round(cost.heapBytes() / documents.size())) : "unknown");
    }

    private void printArena(final ArenaStats stats, final String fullest) {
        final TextTable table = new TextTable().leftColumns(0);
        table.row("allocated", "used", "waste", "chunks", "allocations", "peak used", "peak allocated", "resets");
        table.row(Numbers.whole(stats.allocated()), Numbers.whole(stats.used()), Numbers.whole(stats.waste()),
                Numbers.whole(stats.chunks()), Numbers.whole(stats.count()), Numbers.whole(stats.peakUsed()),
                Numbers.whole(stats.peakAllocated()), Numbers.whole(stats.resets()));
        out.println("The arena in bytes, holding tree and text of " + fullest);
        out.print(table);
        out.println("growth: " + growth(stats.growth()));
    }

    private static String growth(final Map<Long, Long> chunksBySize) {
        return chunksBySize.entrySet().stream()
                .map(entry -> Numbers.whole(entry.getValue()) + " x " + Numbers.size(entry.getKey()))
                .collect(Collectors.joining(", "));
    }

    private String summary() {
        final double ratio = objects.build().nanos() / arena.build().nanos();
        final String speed = "The arena parses at " + Numbers.decimal(ratio, 2) + " times the speed of the objects";
        if (!Variant.countsHeapBytes() || objects.build().heapBytes() == 0) {
            return speed + ".";
        }
        return speed + " and makes "
                + Numbers.decimal(100 * arena.build().heapBytes() / objects.build().heapBytes(), 2)
                + " % of their heap bytes.";
    }
}
