// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.corral.junit.NoNativeLeaks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Where an arena is while it is built, and under which names it can be sealed. */
@NoNativeLeaks
class MappedBuilderTest {
    @TempDir
    Path directory;
    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("list.arena");
    }

    private String[] left() {
        return directory.toFile().list();
    }

    @Test
    void anArenaIsBuiltInAFileThatGrows() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "page sources in files");
        try (MappedArena.Builder builder = MappedArena.builder(file).inFile()) {
            long head = MappedFiles.addList(builder.arena(), 5, 30_000);
            assertTrue(builder.arena().pool() != MemoryPool.shared());
            assertEquals(0, left().length, "it has no name");
            assertThrows(IllegalStateException.class, builder::inFile);
            builder.root(head).seal();
        }
        try (MappedArena mapped = MappedArena.open(file, MappedMode.LOADED)) {
            assertEquals(30_000, MappedFiles.length(mapped, 5));
        }
        assertArrayEquals(new String[] {"list.arena"}, left());
    }

    @Test
    void aDirectoryThatIsNotThereCannotHoldIt() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "page sources in files");
        try (MappedArena.Builder builder = MappedArena.builder(directory.resolve("none/list.arena")).inFile()) {
            String message = assertThrows(UncheckedIOException.class, builder::arena).getMessage();
            assertTrue(message.contains("status=FILE_REFUSED"), message);
        }
        try (MemoryPool pool = MemoryPool.create();
                MappedArena.Builder builder = MappedArena.builder(file).pool(pool)) {
            assertThrows(IllegalStateException.class, builder::inFile);
        }
        try (MappedArena.Builder builder = MappedArena.builder(file).inFile()) {
            assertThrows(IllegalStateException.class, () -> builder.pool(MemoryPool.shared()));
            assertTrue(builder.arena().pool() != MemoryPool.shared());
        }
    }

    @Test
    void aClosedBuilderMakesNoArena() {
        MappedArena.Builder builder = MappedArena.builder(file);
        builder.close();
        for (Executable call : List.<Executable>of(builder::arena, builder::seal)) {
            String message = assertThrows(IllegalStateException.class, call).getMessage();
            assertEquals("file=" + file + ": the builder is closed, start another one", message);
        }
        builder.close();
        assertEquals(0, left().length);
    }

    @Test
    void longestNameCanBeSealed() {
        Path longest = directory.resolve("n".repeat(255));
        MappedFiles.seal(longest, 1, 10);
        try (MappedArena mapped = MappedArena.open(longest)) {
            assertEquals(10, MappedFiles.length(mapped, 1));
        }
        assertThrows(UncheckedIOException.class, () -> MappedFiles.seal(directory.resolve("n".repeat(256)), 1, 1));
        assertEquals(1, left().length);
    }

    @Test
    void linksAreFollowed() throws IOException {
        Path link = directory.resolve("link");
        Files.createSymbolicLink(link, Path.of("list.arena")); // where nothing is yet
        for (int count = 10; count <= 20; count += 10) {
            MappedFiles.seal(link, 1, count);
            assertTrue(Files.isSymbolicLink(link));
            try (MappedArena mapped = MappedArena.open(file)) {
                assertEquals(count, MappedFiles.length(mapped, 1));
            }
        }
        Files.delete(link);
    }

    @Test
    void emptyNamesDevicesAndOtherFileSystemsAreRefused() {
        for (String name : new String[] {"", "/", "/dev/null", "/dev/zero", "/proc/self/status/none"}) {
            assertThrows(UncheckedIOException.class, () -> MappedFiles.seal(Path.of(name), 1, 1), name);
            assertThrows(UncheckedIOException.class, () -> MappedArena.open(Path.of(name)), name);
        }
    }
}
