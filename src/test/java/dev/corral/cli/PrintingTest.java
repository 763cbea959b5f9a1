// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Tables, numbers and the progress bar. */
class PrintingTest {
    private final StringWriter err = new StringWriter();

    @Test
    void numbersAreAlignedRight() {
        assertEquals("""
                tree            ms   heap
                arena            1      0
                \ud83d\udc0e objects   12,345     77
                """.replace("\n", System.lineSeparator()),
                new TextTable().row("tree", "ms", "heap").row("arena", "1", "0")
                        .row("\ud83d\udc0e objects", "12,345", "77").toString());
    }

    @Test
    void leftColumnsLeaveNoSpaceAtTheEnd() {
        assertEquals("""
                a     b
                ccc
                """.replace("\n", System.lineSeparator()),
                new TextTable().leftColumns(2).row("a", "b").row("ccc", "").toString());
    }

    @Test
    void rowsOfDifferentLengthsAreRefused() {
        final TextTable table = new TextTable().row("a", "b");
        assertEquals("cells=1 columns=2",
                assertThrows(IllegalArgumentException.class, () -> table.row("a")).getMessage());
    }

    @Test
    void emptyTableIsEmpty() {
        assertEquals("", new TextTable().toString());
    }

    @Test
    void numbersAreTheSameInEveryLocale() {
        final Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertEquals("1,234,567", Numbers.whole(1_234_567));
            assertEquals("1,234.50", Numbers.decimal(1_234.5, 2));
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void sizesAreInTheLargestWholeUnit() {
        assertEquals("4 KiB", Numbers.size(4_096));
        assertEquals("1 MiB", Numbers.size(1 << 20));
        assertEquals("1,025 KiB", Numbers.size(1_025 << 10));
        assertEquals("51,201 bytes", Numbers.size(51_201));
        assertEquals("0 bytes", Numbers.size(0));
    }

    @Test
    void medianIsTheMiddle() {
        assertEquals(2, Numbers.median(new long[] {9, 1, 2}));
        assertEquals(2.5, Numbers.median(new long[] {9, 1, 2, 3}));
        assertEquals(7, Numbers.median(new long[] {7}));
    }

    @Test
    void barFillsAndIsTakenAway() {
        final ProgressBar bar = new ProgressBar(new PrintWriter(err), true);
        bar.update("measuring", 0.5);
        assertEquals("\r\u001B[Kmeasuring  [" + "#".repeat(20) + " ".repeat(20) + "]  50 %", err.toString());
        bar.clear();
        assertTrue(err.toString().endsWith("\r\u001B[K"));
        bar.update("measuring", 7);
        assertTrue(err.toString().endsWith("[" + "#".repeat(40) + "] 100 %"));
    }

    @Test
    void barIsNotDrawnMoreOftenThanItCanBeSeen() {
        final ProgressBar bar = new ProgressBar(new PrintWriter(err), true);
        for (int i = 0; i < 1_000; i++) {
            bar.update("reading", i / 1_000.0);
        }
        assertTrue(err.toString().split("\r").length < 100, err::toString);
    }

    @Test
    void barIsSilentWhereNobodyWatches() {
        final ProgressBar bar = new ProgressBar(new PrintWriter(err), false);
        bar.update("measuring", 0.5);
        bar.clear();
        assertEquals("", err.toString());
    }
}
