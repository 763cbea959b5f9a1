// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The example runs, and says what it should. */
class ObjectEventsTest {
    @Test
    void eventsComeAndGo() {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            ObjectEvents.main(new String[0]);
        } finally {
            System.setOut(out);
        }
        assertEquals("fired=1240 live=50 peak=200", printed.toString(StandardCharsets.UTF_8).strip());
    }
}
