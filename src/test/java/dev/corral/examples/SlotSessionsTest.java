// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The example runs, and says what it should. */
class SlotSessionsTest {
    @Test
    void sessionsOutliveTheirRequests() {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            SlotSessions.main(new String[0]);
        } finally {
            System.setOut(out);
        }
        assertEquals("live=1999 large=99 peak=7000 removed=true", printed.toString(StandardCharsets.UTF_8).strip());
    }
}
