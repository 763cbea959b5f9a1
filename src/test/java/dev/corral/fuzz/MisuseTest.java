// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.corral.ChildJvm;
import dev.corral.LeakDetection;
import dev.corral.junit.NoNativeLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A few seeds here, and for as long as {@code -Dcorral.fuzz.seconds} says in a JVM of its own. */
@NoNativeLeaks
class MisuseTest {
    @TempDir
    Path directory;

    private final LeakDetection.Level before = LeakDetection.level();

    /** Arenas are dropped on purpose, and by the hundred. */
    @BeforeEach
    void reportNothing() {
        LeakDetection.level(LeakDetection.Level.OFF);
    }

    @AfterEach
    void reportAsBefore() {
        LeakDetection.level(before);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void randomUseAndMisuseIsHarmless(long seed) throws Exception {
        Misuse.run(seed);
    }

    @Test
    @DisabledInNativeImage
    void randomMisuseDoesNotCrash() throws Exception {
        int seconds = Integer.getInteger("corral.fuzz.seconds", 5);
        ChildJvm.Result result = new ChildJvm(directory).with("-Xmx256m", "-Dcorral.leaks=off").within(seconds + 300)
                .run(Misuse.class, Integer.toString(seconds), "1000").succeeded();
        assertEquals(1, result.lines("seeds=1000..").size(), result.output());
    }
}
