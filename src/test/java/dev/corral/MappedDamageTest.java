// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that were damaged, cut or made by others, before they are opened and while they are open. */
class MappedDamageTest {
    private static final int PAGE = 4096;

    @TempDir
    Path directory;
    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("list.arena");
    }

    private void assertRefused(String status, String cause) {
        for (MappedMode mode : MappedMode.values()) {
            String message =
                    assertThrows(UncheckedIOException.class, () -> MappedArena.open(file, mode).close()).getMessage();
            assertTrue(message.startsWith("open: file=" + file) && message.contains("status=" + status)
                    && message.contains(cause), message);
        }
    }

    @Test
    void everyFlippedHeaderByteIsFound() throws IOException {
        MappedFiles.seal(file, 1, 10);
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            for (int at = 0; at < PAGE; at++) {
                bytes.seek(at);
                int value = bytes.read();
                bytes.seek(at);
                bytes.write(value ^ 0x80);
                assertRefused(at >= 12 && at < 16 ? "FILE_NEWER" : at < 24 ? "FILE_FOREIGN" : "FILE_DAMAGED", "");
                bytes.seek(at);
                bytes.write(value);
            }
        }
        MappedArena.open(file).close();
    }

    @Test
    void everyTruncationIsFound() throws IOException {
        MappedFiles.seal(file, 1, 5000);
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            for (long kept = bytes.length() - PAGE; kept > 0; kept -= PAGE) {
                bytes.setLength(kept);
                assertRefused("FILE_DAMAGED", "it is truncated");
            }
            bytes.setLength(0);
            assertRefused("FILE_FOREIGN", "bytes=0");
        }
    }

    @Test
    void whatIsNoSealedFileIsRefused() throws IOException {
        assertRefused("FILE_REFUSED", "errno=2 ");
        Files.createDirectory(file);
        assertRefused("FILE_REFUSED", "no regular file");
        Files.delete(file);
        Files.writeString(file, "words\n".repeat(1000));
        assertRefused("FILE_FOREIGN", "it does not begin with CORRALMA");
    }

    @Test
    void aRefusedDirectoryLeavesNothing() throws IOException {
        Path none = directory.resolve("none").resolve("list.arena");
        UncheckedIOException refused =
                assertThrows(UncheckedIOException.class, () -> MappedFiles.seal(none, 1, 1));
        assertTrue(refused.getMessage().startsWith("seal: file=" + none + ": the system does not create")
                && refused.getMessage().contains("status=FILE_REFUSED"), refused.getMessage());
        Files.createDirectory(file);
        assertThrows(UncheckedIOException.class, () -> MappedFiles.seal(file, 1, 1)); // a directory has the name
        assertArrayEquals(new String[] {"list.arena"}, directory.toFile().list());
    }

    // --- while it is open

    @Test
    void whatIsDoneToALoadedFileHasNoEffect() throws IOException, DataFormatException {
        MappedFiles.seal(file, 1, 5000);
        try (MappedArena mapped = MappedArena.open(file, MappedMode.LOADED);
                RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            CRC32 before = new CRC32();
            before.update(mapped.view(mapped.root(), 16));
            bytes.seek(0);
            bytes.write(new byte[(int) bytes.length()]);
            bytes.setLength(PAGE + 100);
            assertEquals(5000, MappedFiles.length(mapped, 1));
            bytes.setLength(0);
            Files.delete(file);
            assertEquals(5000, MappedFiles.length(mapped, 1));
            CRC32 after = new CRC32(); // native code and stubs of the JVM, too
            after.update(mapped.view(mapped.root(), 16));
            assertEquals(before.getValue(), after.getValue());
            Inflater inflater = new Inflater();
            inflater.setInput(mapped.view(mapped.root(), 16));
            assertThrows(DataFormatException.class, () -> inflater.inflate(new byte[100]));
            inflater.end();
        }
    }

    @Test
    void aFileThatIsCutWhileItIsOpenedIsRefusedOrWhole() throws Exception {
        MappedFiles.seal(file, 1, 200_000);
        byte[] whole = Files.readAllBytes(file);
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        Crew.run(2, member -> {
            try (RandomAccessFile bytes = member == 0 ? null : new RandomAccessFile(file.toFile(), "rw")) {
                for (int round = 0; member == 0 && round < 150; round++) {
                    try (MappedArena mapped = MappedArena.open(file, MappedMode.LOADED)) {
                        assertEquals(200_000, MappedFiles.length(mapped, 1));
                    } catch (UncheckedIOException e) {
                        refused.incrementAndGet();
                    }
                }
                done.set(done.get() || member == 0);
                for (int round = 0; member == 1 && !done.get(); round++) {
                    bytes.setLength((long) (round % 700) * PAGE);
                    bytes.seek(0);
                    bytes.write(whole);
                }
            }
        });
        assertTrue(refused.get() > 0);
    }
}
