// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.corral.StackAllocator;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The example runs, says what it should, and leaves no frame. */
class NearestWordsTest {
    @Test
    void wordsAreCorrected() {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            NearestWords.main(new String[] {"memmory", "aerna", "scop", "chunk", "stak"});
        } finally {
            System.setOut(out);
        }
        assertEquals(List.of("memmory -> memory", "aerna -> arena", "scop -> scope", "chunk -> chunk",
                "stak -> stack"), printed.toString(StandardCharsets.UTF_8).lines().toList());
        assertEquals(0, StackAllocator.ofCurrentThread().depth());
    }
}
