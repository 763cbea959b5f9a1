// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.io.TempDir;

/** What the JIT is meant to make of scopes and of references, as far as the compiled class shows it. */
@DisabledInNativeImage
class ScopeCodeTest {
    private static final int INLINED_BYTES = 325; // HotSpot's FreqInlineSize
    private static final Pattern INSTRUCTION = Pattern.compile("(?m)^ +(\\d+): ");

    @TempDir
    Path directory;

    @Test
    void stepIsTooLargeToBeInlined() throws IOException {
        assertTrue(lastInstruction(ArenaScopes.class, "step") > INLINED_BYTES,
                "a scope costs garbage where step() is inlined");
    }

    @Test
    void openAndCloseAreSmallEnoughToBeInlined() throws IOException {
        assertTrue(lastInstruction(ArenaScopes.class, "openScope") < 35, "openScope");
        assertTrue(lastInstruction(ArenaScopes.class, "closeScope") < INLINED_BYTES, "closeScope");
    }

    @Test
    void findPlaceIsTooLargeToBeInlined() throws IOException {
        assertTrue(lastInstruction(ArenaRoots.class, "findPlace") > INLINED_BYTES,
                "where findPlace() is inlined, what reads and writes references is not");
    }

    /** Where the last instruction of a method begins: less than its bytes. */
    private int lastInstruction(Class<?> type, String method) throws IOException {
        Path file = directory.resolve("Some.class");
        try (InputStream code = type.getResourceAsStream(type.getSimpleName() + ".class")) {
            Files.write(file, code.readAllBytes());
        }
        StringWriter text = new StringWriter();
        int status = ToolProvider.findFirst("javap").orElseThrow()
                .run(new PrintWriter(text), new PrintWriter(text), "-c", "-p", file.toString());
        assertEquals(0, status, text::toString);
        Matcher body = Pattern.compile(" " + method + "\\(.*?\\n\\n", Pattern.DOTALL).matcher(text.toString());
        assertTrue(body.find(), method);
        int last = -1;
        for (Matcher at = INSTRUCTION.matcher(body.group()); at.find();) {
            last = Integer.parseInt(at.group(1));
        }
        assertTrue(last > 0, method);
        return last;
    }
}
