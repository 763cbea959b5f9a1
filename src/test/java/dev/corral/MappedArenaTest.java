// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.corral.junit.NoNativeLeaks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NoNativeLeaks
class MappedArenaTest {
    @TempDir
    Path directory;
    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("list.arena");
    }

    // --- what a file keeps

    @Test
    void mappedListIsFoundAgain() {
        MappedFiles.seal(file, 7, 50_000);
        try (MappedArena mapped = MappedArena.open(file)) {
            assertEquals(50_000, MappedFiles.length(mapped, 7));
            assertEquals(7, mapped.tag());
            assertEquals(50_000, mapped.count());
            assertEquals(800_000, mapped.used());
            assertEquals(mapped.bytes(), file.toFile().length());
            assertTrue(mapped.toString().contains("file=" + file + " bytes=" + mapped.bytes() + " used=800000"),
                    mapped.toString());
        }
    }

    @Test
    void aFileThatIsReplacedKeepsItsPermissions() throws IOException {
        assumeTrue(Files.getFileStore(directory).supportsFileAttributeView("posix"), "no permissions of this kind");
        for (String permissions : List.of("rw-------", "rw-rw-rw-")) {
            MappedFiles.seal(file, 7, 10);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
            MappedFiles.seal(file, 7, 20);
            assertEquals(permissions, PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        }
    }

    @Test
    void whatIsNoFileIsNotReplaced() throws IOException {
        Files.createDirectory(file);
        assertThrows(UncheckedIOException.class, () -> MappedFiles.seal(file, 7, 10));
        assertTrue(Files.isDirectory(file));
        try (Stream<Path> left = Files.list(directory)) {
            assertEquals(List.of(file), left.toList());
        }
    }

    @Test
    void everyTypeIsReadBack() {
        byte[] text = "na\u00efve \u20ac \ud83d\udc0e".getBytes(StandardCharsets.UTF_8);
        long ref;
        try (MappedArena.Builder builder = MappedArena.builder(file)) {
            NativeArena arena = builder.arena();
            ref = arena.allocateRef(64);
            arena.putByte(ref, 0, (byte) -3);
            arena.putShort(ref, 1, (short) -300); // not aligned
            arena.putInt(ref, 3, 0xCAFEBABE);
            arena.putLong(ref, 7, Long.MIN_VALUE + 5);
            arena.putFloat(ref, 15, 1.5f);
            arena.putDouble(ref, 19, -Math.PI);
            arena.copyIn(ref, 27, text, 0, text.length);
            builder.root(ref).seal();
        }
        for (MappedMode mode : MappedMode.values()) {
            assertTypes(ref, text, mode);
        }
    }

    private void assertTypes(long ref, byte[] text, MappedMode mode) {
        try (MappedArena mapped = MappedArena.open(file, mode)) {
            assertEquals(ref, mapped.root());
            assertEquals(-3, mapped.getByte(ref, 0));
            assertEquals(-300, mapped.getShort(ref, 1));
            assertEquals(0xCAFEBABE, mapped.getInt(ref, 3));
            assertEquals(Long.MIN_VALUE + 5, mapped.getLong(ref, 7));
            assertEquals(1.5f, mapped.getFloat(ref, 15));
            assertEquals(-Math.PI, mapped.getDouble(ref, 19));
            assertEquals(new String(text, StandardCharsets.UTF_8), mapped.getUtf8(ref, 27, text.length));
            byte[] copy = new byte[text.length + 2];
            mapped.copyOut(ref, 27, copy, 1, text.length);
            assertTrue(mapped.matches(ref, 27, copy, 1, text.length));
            for (int i = 1; i <= text.length; i++) {
                copy[i] ^= 1;
                assertFalse(mapped.matches(ref, 27, copy, 1, text.length), "byte " + i);
                copy[i] ^= 1;
            }
            assertTrue(mapped.matches(ref, 0, copy, 0, 0));
            ByteBuffer view = mapped.view(ref, 64);
            assertEquals(64, view.capacity());
            assertEquals(ByteOrder.nativeOrder(), view.order());
            assertEquals(0xCAFEBABE, view.getInt(3));
            assertEquals(mode == MappedMode.LOADED, view.isDirect()); // else a copy
            assertThrows(ReadOnlyBufferException.class, () -> view.put(0, (byte) 1));
        }
    }

    @Test
    void aNewerFileLeavesTheOlderOneOpen() {
        MappedFiles.seal(file, 1, 10);
        try (MappedArena older = MappedArena.open(file)) {
            MappedFiles.seal(file, 100, 20_000);
            try (MappedArena newer = MappedArena.open(file)) {
                assertEquals(10, MappedFiles.length(older, 1));
                assertEquals(20_000, MappedFiles.length(newer, 100));
            }
        }
        assertArrayEquals(new String[] {"list.arena"}, directory.toFile().list());
    }

    @Test
    void anyArenaCanBeSealed() {
        try (MemoryPool pool = MemoryPool.create();
                NativeArena arena = NativeArena.builder().pool(pool).debug(true).maxChunkSize(4096).build()) {
            arena.allocate(64);
            arena.reset();
            long head = MappedFiles.addList(arena, 5, 1000);
            MappedArena.seal(arena, head, 9, file);
            assertEquals(1000, arena.stats().count());
            try (MappedArena mapped = MappedArena.open(file)) {
                assertEquals(1000, MappedFiles.length(mapped, 5));
                assertEquals(9, mapped.tag());
            }
        }
    }

    @Test
    void aBuilderUsesItsPoolAndCanSealAgain() {
        try (MemoryPool pool = MemoryPool.builder().name("p").build();
                MappedArena.Builder builder = MappedArena.builder(file).pool(pool)) {
            builder.root(MappedFiles.addList(builder.arena(), 1, 3)).seal();
            assertEquals(1, pool.stats().openArenas());
            assertThrows(IllegalStateException.class, () -> builder.pool(pool));
            builder.root(MappedFiles.addList(builder.arena(), 1, 4)).seal();
            try (MappedArena mapped = MappedArena.open(file)) {
                assertEquals(4, MappedFiles.length(mapped, 1));
                assertEquals(7, mapped.count());
            }
        }
    }

    // --- wrong use

    @Test
    void whatIsNotThereIsRefused() {
        MappedFiles.seal(file, 1, 4); // 64 bytes, the root last
        try (MappedArena mapped = MappedArena.open(file)) {
            long root = mapped.root();
            byte[] bytes = new byte[8];
            for (int offset : new int[] {-1, 9, 16, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                assertThrows(IndexOutOfBoundsException.class, () -> mapped.getLong(root, offset));
                assertThrows(IndexOutOfBoundsException.class, () -> mapped.copyOut(root, offset, bytes, 0, 8));
                assertThrows(IndexOutOfBoundsException.class, () -> mapped.matches(root, offset, bytes, 0, 8));
                assertThrows(IndexOutOfBoundsException.class, () -> mapped.getUtf8(root, offset, 8));
            }
            assertThrows(IndexOutOfBoundsException.class, () -> mapped.view(root, 17));
            assertThrows(IndexOutOfBoundsException.class, () -> mapped.view(root, Integer.MAX_VALUE));
            assertThrows(IndexOutOfBoundsException.class, () -> mapped.getUtf8(root, 0, Integer.MAX_VALUE));
            assertThrows(IndexOutOfBoundsException.class, () -> mapped.getUtf8(root, 0, -1));
            assertThrows(IndexOutOfBoundsException.class, () -> mapped.copyOut(root, 0, bytes, 1, 8));
            assertThrows(IndexOutOfBoundsException.class, () -> mapped.matches(root, 0, bytes, -1, 8));
            assertThrows(IllegalArgumentException.class, () -> mapped.view(root, -1));
            assertEquals(0, mapped.view(root + 16, 0).capacity());
            for (long ref : new long[] {0, root + (1L << 30), root + (1L << 50), -1, Long.MIN_VALUE}) {
                assertThrows(IllegalStateException.class, () -> mapped.getByte(ref, 0), "0x" + Long.toHexString(ref));
                assertThrows(IllegalStateException.class, () -> mapped.view(ref, 0));
            }
        }
    }

    @Test
    void wrongRootsAndArenasAreRefused() throws Exception {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(8);
            arena.reset();
            IllegalStateException stale =
                    assertThrows(IllegalStateException.class, () -> MappedArena.seal(arena, ref, 0, file));
            assertTrue(stale.getMessage().contains("status=STALE_REF"), stale.getMessage());
            assertThrows(NullPointerException.class, () -> MappedArena.seal(arena, 0, 0, null));
            assertThrows(NullPointerException.class, () -> MappedArena.seal(null, 0, 0, file));
            OtherThread.assertRefused(arena, OtherThread.thrownBy(() -> MappedArena.seal(arena, 0, 0, file)));
        }
        NativeArena closed = NativeArena.create();
        closed.close();
        assertThrows(IllegalStateException.class, () -> MappedArena.seal(closed, 0, 0, file));
        assertFalse(Files.exists(file));
        assertThrows(NullPointerException.class, () -> MappedArena.builder(null));
        assertThrows(NullPointerException.class, () -> MappedArena.open(null));
    }

    @Test
    void afterCloseEveryCallThrows() {
        MappedFiles.seal(file, 1, 4);
        MappedArena mapped = MappedArena.open(file);
        long root = mapped.root();
        mapped.close();
        mapped.close();
        assertTrue(mapped.isClosed());
        List<Runnable> uses = List.of(() -> mapped.getByte(root, 0), () -> mapped.getShort(root, 0),
                () -> mapped.getInt(root, 0), () -> mapped.getLong(root, 0), () -> mapped.getFloat(root, 0),
                () -> mapped.getDouble(root, 0), () -> mapped.view(root, 8), () -> mapped.getUtf8(root, 0, 8),
                () -> mapped.copyOut(root, 0, new byte[8], 0, 8), () -> mapped.matches(root, 0, new byte[8], 0, 8));
        for (Runnable use : uses) {
            IllegalStateException closed = assertThrows(IllegalStateException.class, use::run);
            assertEquals("file=" + file + ": the mapped arena is closed", closed.getMessage());
        }
        assertEquals(1, mapped.tag());
        assertTrue(mapped.toString().endsWith("closed=true]"));
    }

    // --- views and lifetime

    @Test
    void aStaleViewThrowsOrKeepsItsBytes() throws Exception {
        MappedFiles.seal(file, 42, 4);
        ByteBuffer view;
        ViewSafety safety;
        try (MappedArena mapped = MappedArena.open(file, MappedMode.LOADED)) {
            view = mapped.view(mapped.root(), 16);
            safety = mapped.viewSafety();
            assertEquals(42, view.getLong(8));
            ByteBuffer shown = view;
            assertEquals(42, OtherThread.call(() -> shown.getLong(8)));
        }
        ByteBuffer slice = null;
        if (safety == ViewSafety.CHECKED) {
            ByteBuffer stale = view;
            assertThrows(IllegalStateException.class, () -> stale.getLong(8));
            assertThrows(IllegalStateException.class, () -> stale.duplicate().asLongBuffer().get(1));
        } else {
            slice = view.slice(8, 8).order(ByteOrder.nativeOrder());
            view = null;
            System.gc();
            assertEquals(42, slice.getLong(0));
        }
        try (NativeArena arena = NativeArena.create()) {
            assertEquals(arena.viewSafety(), safety);
        }
    }

    /** Bytes of address space. */
    private static long addressSpace() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmSize:")).mapToLong(line ->
                    Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void openAndDrop() {
        assertEquals(1, MappedFiles.length(MappedArena.open(file, MappedMode.LOADED), 1));
    }

    @Test
    void whatIsDroppedOrClosedIsFreed() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/status")), "needs /proc");
        try (MappedArena.Builder builder = MappedArena.builder(file)) {
            builder.arena().allocate(200 << 20);
            builder.root(MappedFiles.addList(builder.arena(), 1, 1)).seal();
        }
        MemoryPool.shared().trim();
        long before = addressSpace();
        List<MappedArena> closed = new ArrayList<>(); // who keeps one keeps no memory
        for (int i = 0; i < 20; i++) {
            if (i % 2 == 0) {
                openAndDrop();
            } else {
                closed.add(MappedArena.open(file, MappedMode.values()[i / 2 % 2]));
                closed.get(i / 2).close();
            }
            Await.collected("the memory is given back", () -> addressSpace() < before + (150 << 20),
                    MappedArenaTest::addressSpace);
        }
        closed.forEach(mapped -> assertTrue(mapped.isClosed()));
    }

    @Test
    void readersOfAllThreadsSurviveAClose() throws Exception {
        MappedFiles.seal(file, 1, 2000);
        ExecutorService readers = Executors.newFixedThreadPool(3);
        try {
            for (int round = 0; round < 60; round++) {
                MappedArena mapped = MappedArena.open(file, MappedMode.values()[round % 2]);
                List<Future<Integer>> walks = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    walks.add(readers.submit(() -> {
                        int walked = 0;
                        try {
                            while (true) {
                                walked += MappedFiles.length(mapped, 1);
                                ByteBuffer view = mapped.view(mapped.root(), 16);
                                assertEquals(1, view.getLong(8));
                            }
                        } catch (IllegalStateException closed) {
                            return walked;
                        }
                    }));
                }
                TimeUnit.MICROSECONDS.sleep(round * 50L);
                mapped.close();
                for (Future<Integer> walk : walks) {
                    assertEquals(0, walk.get(120, TimeUnit.SECONDS) % 2000);
                }
            }
        } finally {
            readers.shutdown();
            assertTrue(readers.awaitTermination(120, TimeUnit.SECONDS));
        }
    }
}
