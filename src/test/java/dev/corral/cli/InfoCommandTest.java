// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.Corral;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;

/** What {@code info} and {@code --version} tell. */
@DisabledInNativeImage // picocli reads the commands by reflection, and no image contains them
class InfoCommandTest {

    @Test
    void infoTellsEveryFact() {
        final String out = Run.of("info").expect(0).out();
        fact(out, "version", Corral.version());
        fact(out, "platform", Corral.platform());
        fact(out, "native library", Corral.libraryPath());
        fact(out, "page size", Numbers.whole(Corral.pageSize()) + " bytes");
        fact(out, "JDK", Runtime.version().toString());
        fact(out, "view safety", "");
        for (final String name : new String[] {"reserved", "in use", "free", "metadata", "live blocks", "limit"}) {
            fact(out, "  " + name, "");
        }
    }

    @Test
    void versionIsTheLibrarysVersion() {
        for (final String[] args : new String[][] {{"--version"}, {"demo", "--version"}, {"info", "-V"}}) {
            assertEquals("corral-cli " + Corral.version(), Run.of(args).expect(0).out().trim());
        }
    }

    @Test
    void helpNamesTheCommands() {
        final String out = Run.of("--help").expect(0).out();
        assertTrue(out.contains("demo") && out.contains("info"), out);
    }

    private static void fact(final String out, final String name, final String value) {
        assertTrue(out.lines().anyMatch(line -> line.startsWith(name + "  ") && line.contains(value)),
                () -> name + "=" + value + " in " + out);
    }
}
