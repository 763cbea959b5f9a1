// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files whose own pages are used: that they are shared, and what happens when they are lost. */
@DisabledInNativeImage
class MappedSharedTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=1", "-XX:-TieredCompilation", "-XX:+TieredCompilation"})
    void lostPagesAreExceptionsInEveryAccessor(String compiler) throws Exception {
        boolean compiled = !compiler.equals("-Xint");
        new ChildJvm(directory).with(compiler, "-XX:CompileThreshold=500").within(300)
                .run(LosesPages.class, directory.resolve("lost.arena").toString(), compiled ? "3000" : "20",
                        compiled ? "300" : "20").succeeded();
    }

    // --- shared pages

    private record Usage(long resident, long proportional) {
    }

    /** What the kernel says of the pages of a file that a process has mapped, in KiB. */
    private static Usage usage(Process process, Path file) throws IOException {
        long resident = 0;
        long proportional = 0;
        boolean ours = false;
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                ours = line.endsWith(file.toString());
            } else if (ours && line.startsWith("Rss:")) {
                resident += Long.parseLong(line.replaceAll("[^0-9]", ""));
            } else if (ours && line.startsWith("Pss:")) {
                proportional += Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return new Usage(resident, proportional);
    }

    private static void awaitReady(Process process) throws IOException {
        BufferedReader output = process.inputReader();
        assertEquals("ready " + 8 * 255 * 7, output.readLine());
    }

    @Test
    void processesShareThePages() throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/self/smaps")), "needs /proc/self/smaps");
        Path file = directory.toRealPath().resolve("shared.arena");
        ReadsShared.seal(file, 8);
        long pages = 8 * 1024; // KiB
        List<Process> readers = new ArrayList<>();
        try {
            for (MappedMode mode : List.of(MappedMode.SHARED, MappedMode.SHARED, MappedMode.LOADED)) {
                readers.add(ReadsShared.start(file, mode));
            }
            for (Process reader : readers) {
                awaitReady(reader);
            }
            for (Process reader : readers.subList(0, 2)) {
                Usage usage = usage(reader, file);
                assertTrue(usage.resident >= pages, usage.toString());
                assertTrue(usage.proportional <= usage.resident / 2 + 64, usage + ": each has one half");
            }
            assertEquals(new Usage(0, 0), usage(readers.get(2), file));
        } finally {
            readers.forEach(Process::destroyForcibly);
        }
    }

    // --- what a user sees

    @Test
    void viewsOfASharedFileAreReadOnlyCopies() throws IOException {
        Path file = directory.resolve("list.arena");
        MappedFiles.seal(file, 42, 4);
        ByteBuffer view;
        try (MappedArena mapped = MappedArena.open(file)) {
            assertEquals(MappedMode.SHARED, mapped.mode());
            assertEquals(ViewSafety.RETAINED, mapped.viewSafety());
            view = mapped.view(mapped.root(), 16);
            assertTrue(view.isReadOnly());
            assertThrows(ReadOnlyBufferException.class, () -> mapped.view(mapped.root(), 16).putLong(0, 1));
            Files.write(file, new byte[(int) mapped.bytes()]); // it is overwritten
            assertEquals(42, view.getLong(8));
        }
        assertEquals(42, view.getLong(8));
    }

    /** Numbers at every offset, also those that lie across two words and look like nothing was read. */
    @Test
    void sharedAndLoadedFilesReadTheSame() {
        Path file = directory.resolve("bytes.arena");
        byte[] bytes = new byte[300];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 37 + (i >> 3));
        }
        try (MappedArena.Builder builder = MappedArena.builder(file)) {
            long root = builder.arena().allocateRef(bytes.length);
            builder.arena().copyIn(root, 0, bytes, 0, bytes.length);
            builder.arena().putLong(root, 64, 0x9E3779B97F4A7C15L);
            builder.arena().copyOut(root, 0, bytes, 0, bytes.length);
            builder.root(root).seal();
        }
        try (MappedArena shared = MappedArena.open(file, MappedMode.SHARED);
                MappedArena loaded = MappedArena.open(file, MappedMode.LOADED)) {
            long root = shared.root();
            for (int at = 0; at < bytes.length - 8; at++) {
                assertEquals(loaded.getByte(root, at), shared.getByte(root, at));
                assertEquals(loaded.getShort(root, at), shared.getShort(root, at));
                assertEquals(loaded.getInt(root, at), shared.getInt(root, at));
                assertEquals(loaded.getLong(root, at), shared.getLong(root, at));
                assertEquals(Float.floatToRawIntBits(loaded.getFloat(root, at)),
                        Float.floatToRawIntBits(shared.getFloat(root, at)));
                assertEquals(Double.doubleToRawLongBits(loaded.getDouble(root, at)),
                        Double.doubleToRawLongBits(shared.getDouble(root, at)));
                for (int length = 0; length <= bytes.length - at; length += 19) {
                    byte[] copy = new byte[length];
                    shared.copyOut(root, at, copy, 0, length);
                    assertTrue(Arrays.equals(copy, 0, length, bytes, at, at + length), at + " " + length);
                    assertTrue(shared.matches(root, at, bytes, at, length));
                    assertEquals(loaded.view(root + at, length), shared.view(root + at, length));
                    if (length > 0) {
                        copy[length - 1] ^= 1;
                        assertFalse(shared.matches(root, at, copy, 0, length));
                    }
                }
            }
        }
    }

    @Test
    void checkOfALoadedFileNeverFails() throws IOException {
        Path file = directory.resolve("list.arena");
        MappedFiles.seal(file, 1, 4);
        MappedArena loaded = MappedArena.open(file, MappedMode.LOADED);
        Files.delete(file);
        loaded.check();
        loaded.close();
        assertThrows(IllegalStateException.class, loaded::check);
        assertThrows(NullPointerException.class, () -> MappedArena.open(file, null));
    }
}
