// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pools on every page source, and what is said where a machine lacks one. */
@NoNativeLeaks
class PageSourceTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    static Stream<PageSource> sources() {
        return Stream.of(PageSource.operatingSystem(), PageSource.hugePages(), PageSource.transparentHugePages(),
                PageSource.numaNode(0), PageSource.numaInterleaved(), PageSource.guarded(),
                PageSource.file(Path.of(System.getProperty("java.io.tmpdir"))),
                PageSource.of(ByteBuffer.allocateDirect(8 * MIB)));
    }

    private static void use(PageSource source) {
        try (MemoryPool pool = MemoryPool.builder().pages(source).build();
             NativeArena arena = NativeArena.create(pool)) {
            for (int size = 1; size < MIB; size *= 3) {
                ByteBuffer block = pool.allocate(size);
                ByteBuffer view = arena.allocate(size);
                block.put(size - 1, (byte) size);
                view.put(size - 1, (byte) (size + 1));
                assertEquals((byte) size, block.get(size - 1));
                pool.free(block);
            }
            assertTrue(pool.stats().peakInUse() > MIB / 3);
        }
    }

    @ParameterizedTest
    @MethodSource("sources")
    @EnabledOnOs(OS.LINUX)
    void everySourceServesAPool(PageSource source) {
        use(source);
        use(source);
    }

    @Test
    void theOperatingSystemIsTheDefault() {
        assertEquals("PageSource[operatingSystem]", PageSource.operatingSystem().toString());
        use(PageSource.operatingSystem());
        assertThrows(NullPointerException.class, () -> MemoryPool.builder().pages(null));
    }

    // --- what a machine lacks

    @Test
    void aNodeThatIsNotThereIsUnsupported() {
        MemoryPool.Builder builder = MemoryPool.builder().name("far").pages(PageSource.numaNode(900));
        String message = assertThrows(UnsupportedOperationException.class, builder::build).getMessage();
        assertTrue(message.startsWith("create: pool=far node=900 "), message);
        assertTrue(message.contains("status=NOT_SUPPORTED"), message);
        assertThrows(IllegalArgumentException.class, () -> PageSource.numaNode(-1));
    }

    /** Which of the two it is depends on the machine; both are an answer. */
    @Test
    void requiredHugePagesAreThereOrUnsupported() {
        MemoryPool.Builder builder = MemoryPool.builder().name("huge").pages(PageSource.requiredHugePages());
        try (MemoryPool pool = builder.build()) {
            assertEquals("huge", pool.name());
        } catch (UnsupportedOperationException e) {
            assertTrue(e.getMessage().startsWith("create: pool=huge huge"), e.getMessage());
        }
    }

    // --- files

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFileHasNoNameWhileItIsInUse() throws IOException {
        Path name = directory.resolve("m\u00e9moire");
        try (MemoryPool pool = MemoryPool.builder().pages(PageSource.file(name)).build()) {
            pool.allocate(5000).put(0, (byte) 1);
            assertFalse(Files.exists(name));
        }
        try (Stream<Path> left = Files.list(directory)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFileThatExistsIsRefusedAndKept() throws IOException {
        Path precious = Files.writeString(directory.resolve("precious"), "text");
        MemoryPool.Builder builder = MemoryPool.builder().name("f").pages(PageSource.file(precious));
        UncheckedIOException failure = assertThrows(UncheckedIOException.class, builder::build);
        assertTrue(failure.getMessage().startsWith("create: pool=f file=" + precious + " errno=17"),
                failure.getMessage());
        assertNotNull(failure.getCause().getMessage());
        assertEquals("text", Files.readString(precious));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aDirectoryThatIsNotThereIsRefused() {
        MemoryPool.Builder builder = MemoryPool.builder().pages(PageSource.file(directory.resolve("no/file")));
        assertThrows(UncheckedIOException.class, builder::build);
    }

    @Test
    void aPathOfAnotherFileSystemIsRefused() throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(directory.resolve("a.zip"), Map.of("create", "true"))) {
            assertThrows(IllegalArgumentException.class, () -> PageSource.file(zip.getPath("/a")));
        }
    }

    // --- buffers

    @Test
    void blocksLieInTheBuffer() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(MIB);
        try (MemoryPool pool = MemoryPool.builder().pages(PageSource.of(buffer)).build()) {
            ByteBuffer block = pool.allocate(64);
            byte[] mark = "a mark that nobody else writes".getBytes(StandardCharsets.US_ASCII);
            block.put(mark);
            assertTrue(contains(buffer, mark));
        }
    }

    private static boolean contains(ByteBuffer buffer, byte[] bytes) {
        for (int at = 0; at <= buffer.capacity() - bytes.length; at++) {
            if (buffer.slice(at, bytes.length).equals(ByteBuffer.wrap(bytes))) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aFullBufferIsExhaustionAndStaysUsable() {
        PageSource source = PageSource.of(ByteBuffer.allocateDirect(MIB));
        try (MemoryPool pool = MemoryPool.builder().pages(source).build()) {
            assertThrows(ArenaExhaustedException.class, () -> pool.allocate(2 * MIB));
            ByteBuffer most = pool.allocate(MIB / 2);
            assertThrows(ArenaExhaustedException.class, () -> pool.allocate(MIB / 2));
            pool.free(most);
            pool.free(pool.allocate(MIB / 2));
        }
    }

    /** The owner of the buffer may write to all of it at any time: the pool keeps nothing there that it needs. */
    @Test
    void whoOverwritesTheBufferCannotMisleadThePool() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(4 * MIB);
        byte[] noise = new byte[4 * MIB];
        try (MemoryPool pool = MemoryPool.builder().pages(PageSource.of(buffer)).build();
             NativeArena arena = NativeArena.create(pool)) {
            for (int round = 0; round < 50; round++) {
                Arrays.fill(noise, (byte) (round * 37));
                ByteBuffer block = pool.allocate(1000 * round);
                arena.allocate(777 * round);
                buffer.put(0, noise);
                pool.free(block);
                buffer.put(0, noise);
                arena.reset();
            }
            assertEquals(0, pool.stats().refusedFrees());
        }
    }

    @Test
    void oneBufferServesOnePoolAtATime() {
        PageSource source = PageSource.of(ByteBuffer.allocateDirect(MIB));
        MemoryPool.Builder second = MemoryPool.builder().name("second").pages(source);
        try (MemoryPool first = MemoryPool.builder().name("first").pages(source).build()) {
            first.allocate(100);
            String message = assertThrows(IllegalStateException.class, second::build).getMessage();
            assertTrue(message.startsWith("pool=second pages=buffer of"), message);
        }
        second.build().close(); // the view of the first is garbage, which is looked for
    }

    @Test
    void aBufferThatCannotServeIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> PageSource.of(ByteBuffer.allocate(MIB)));
        ByteBuffer direct = ByteBuffer.allocateDirect(MIB);
        assertThrows(IllegalArgumentException.class, () -> PageSource.of(direct.asReadOnlyBuffer()));
        PageSource small = PageSource.of(direct.limit(1000));
        MemoryPool.Builder builder = MemoryPool.builder().pages(small);
        for (int attempt = 0; attempt < 2; attempt++) {
            String message = assertThrows(IllegalArgumentException.class, builder::build).getMessage();
            assertTrue(message.contains("bytes=1000"), message);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aMappedFileIsRefused() throws IOException {
        Path file = directory.resolve("mapped");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, MIB);
            MemoryPool.Builder builder = MemoryPool.builder().pages(PageSource.of(mapped.slice(MIB / 2, MIB / 2)));
            String message = assertThrows(IllegalArgumentException.class, builder::build).getMessage();
            assertTrue(message.contains("mapped file"), message);
        }
    }

    @Test
    @DisabledInNativeImage // calls the foreign memory API by reflection
    @EnabledForJreRange(min = JRE.JAVA_22)
    void memoryThatAnArenaCanFreeIsRefused() throws ReflectiveOperationException {
        Class<?> arenas = Class.forName("java.lang.foreign.Arena");
        for (String kind : new String[] {"ofShared", "ofConfined", "ofAuto"}) {
            MemoryPool.Builder builder = MemoryPool.builder().pages(PageSource.of(foreign(arenas, kind)));
            String message = assertThrows(IllegalArgumentException.class, builder::build).getMessage();
            assertTrue(message.contains("java.lang.foreign.Arena"), message);
        }
        MemoryPool.builder().pages(PageSource.of(foreign(arenas, "global"))).build().close();
    }

    private static ByteBuffer foreign(Class<?> arenas, String kind) throws ReflectiveOperationException {
        Object arena = arenas.getMethod(kind).invoke(null);
        Object segment = arenas.getMethod("allocate", long.class, long.class).invoke(arena, MIB, 8);
        Method asByteBuffer = Class.forName("java.lang.foreign.MemorySegment").getMethod("asByteBuffer");
        return (ByteBuffer) asByteBuffer.invoke(segment);
    }

    // --- how long a buffer stays reachable

    /** A view of a pool on a buffer that nobody else refers to. */
    private static ByteBuffer viewOfAClosedPool(WeakReference<?>[] buffer) {
        ByteBuffer memory = ByteBuffer.allocateDirect(MIB);
        buffer[0] = new WeakReference<>(memory);
        try (MemoryPool pool = MemoryPool.builder().pages(PageSource.of(memory)).build()) {
            ByteBuffer view = pool.allocate(100);
            view.put(0, (byte) 42);
            return view;
        }
    }

    @Test
    void aViewKeepsTheBuffersMemoryAlsoAfterClose() {
        WeakReference<?>[] buffer = new WeakReference<?>[1];
        ByteBuffer view = viewOfAClosedPool(buffer);
        for (int i = 0; i < 3; i++) {
            System.gc();
            ByteBuffer.allocateDirect(MIB).put(0, (byte) 1); // would reuse memory that was freed
        }
        view.put(99, (byte) 7);
        assertEquals(7, view.get(99));
        view = null;
        Await.collected("the buffer goes", () -> buffer[0].get() == null, () -> "it is reachable");
    }
}
