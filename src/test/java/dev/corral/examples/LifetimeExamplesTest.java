// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.corral.junit.NoNativeLeaks;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The examples run, and say what they should. */
@NoNativeLeaks
class LifetimeExamplesTest {
    interface Main {
        void run(String... args) throws Exception;
    }

    private static String printed(Main main, String... args) throws Exception {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            main.run(args);
        } finally {
            System.setOut(out);
        }
        return printed.toString(StandardCharsets.UTF_8).replace("\r", "").strip();
    }

    @Test
    void expressionsAreCompiledAndRun() throws Exception {
        assertEquals("""
                width = 4  ->  4.0
                area = 3 * width * (2 + 1)  ->  36.0
                half = area / 2 - width  ->  14.0
                area = area + 2 * 3 * 4  ->  60.0
                constants=1/8 variables=3/24
                names=4 lines=4 folded=3 peak=352""", printed(ExpressionCompiler::main));
        assertEquals("circle = 2*pi*(1+1)  ->  " + 2 * Math.PI * 2,
                printed(ExpressionCompiler::main, "circle = 2*pi*(1+1)").lines().findFirst().orElseThrow());
        assertThrows(IllegalArgumentException.class, () -> printed(ExpressionCompiler::main, "x = y"));
        assertThrows(IllegalArgumentException.class, () -> printed(ExpressionCompiler::main, "x = 1 +"));
    }

    @Test
    void everyRequestIsAnsweredRight() throws Exception {
        assertEquals("right=200 borrows=202 idle<=3: true typical<=64KiB: true", printed(SortingServer::main, "100"));
    }
}
