// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files whose writers were killed (SIGKILL). A JVM takes long to start, so each has many writers, which are amid
 * different steps when it is killed; in C, {@code mapped_killed_test} kills at each call of the system.
 */
@DisabledInNativeImage
class MappedKilledTest {
    private static final int PROCESSES = 14;
    private static final int FILES = 16;

    @TempDir
    Path directory;
    private final long[] newest = new long[FILES];

    /** However slow the machine is just now, each writer has sealed a file before its process is killed. */
    @Test
    void aKilledWriterLeavesTheOldOrTheNewFile() throws Exception {
        for (int i = 0; i < FILES; i++) {
            MappedFiles.seal(SealForEver.file(directory, i), 0, 1);
        }
        Random random = new Random(6);
        long unfinished = 0;
        for (int round = 0; round < PROCESSES; round++) {
            Process writers = SealForEver.start(directory, newest);
            try {
                for (int i = 0; i < FILES; i++) {
                    while (opened(i) <= newest[i]) {
                        assertTrue(writers.isAlive(), this::output);
                        TimeUnit.MILLISECONDS.sleep(1); // until it writes at all
                    }
                }
                TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
            } finally {
                writers.destroyForcibly();
            }
            assertTrue(writers.waitFor(120, TimeUnit.SECONDS));
            assertEquals(128 + 9, writers.exitValue(), this::output);
            for (int i = 0; i < FILES; i++) {
                long now = opened(i);
                assertTrue(now > newest[i], now + " after " + newest[i]);
                newest[i] = now;
            }
            unfinished += files().size() - FILES;
        }
        for (int i = 0; i < FILES; i++) {
            MappedFiles.seal(SealForEver.file(directory, i), 0, 1); // removes what the last one has left
        }
        assertEquals(IntStream.range(0, FILES).mapToObj(i -> "list" + i + ".arena").sorted().toList(), files());
        System.out.println("killed JVMs=" + PROCESSES + " writers=" + PROCESSES * FILES + " unfinished files="
                + unfinished);
    }

    /** The number of the file; its list is whole. */
    private long opened(int i) {
        try (MappedArena mapped = MappedArena.open(SealForEver.file(directory, i))) {
            assertEquals(SealForEver.length(mapped.tag()), MappedFiles.length(mapped, mapped.tag()));
            return mapped.tag();
        }
    }

    /** All names but that of the writers' output. */
    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(path -> path.getFileName().toString()).filter(name -> !name.endsWith(".txt")).sorted()
                    .collect(Collectors.toList());
        }
    }

    private String output() {
        try {
            return "it ended by itself: " + Files.readString(directory.resolve("writer.txt"));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
