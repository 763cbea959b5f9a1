// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Input, output and the library of the JDK on live views, with the same results as on arrays. */
@NoNativeLeaks
class ViewInputOutputTest {
    private static final String TEXT = "native memory, \u00e4\u20ac\ud83d\ude00 ".repeat(500);
    private static final byte[] BYTES = TEXT.getBytes(StandardCharsets.UTF_8);

    private final NativeArena arena = NativeArena.create();

    @TempDir
    Path directory;

    @AfterEach
    void close() {
        arena.close();
    }

    private ByteBuffer filled() {
        return arena.allocateUtf8(TEXT);
    }

    private static byte[] bytesOf(ByteBuffer view) {
        byte[] bytes = new byte[view.capacity()];
        view.get(0, bytes);
        return bytes;
    }

    @Test
    void fileChannel() throws Exception {
        try (FileChannel channel = FileChannel.open(directory.resolve("file"), StandardOpenOption.CREATE,
                StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            assertEquals(BYTES.length, channel.write(filled(), 0));
            ByteBuffer[] parts = {arena.allocate(100), arena.allocate(BYTES.length - 100)};
            assertEquals(BYTES.length, channel.read(parts));
            assertArrayEquals(BYTES, concatenated(bytesOf(parts[0]), bytesOf(parts[1])));
        }
    }

    private static byte[] concatenated(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
    }

    @Test
    void socketChannel() throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel out = SocketChannel.open(server.getLocalAddress());
                SocketChannel in = server.accept()) {
            ByteBuffer source = arena.allocateUtf8(TEXT.substring(0, 4_000)); // less than a socket's buffer
            byte[] expected = bytesOf(source);
            while (source.hasRemaining()) {
                out.write(source);
            }
            ByteBuffer target = arena.allocate(expected.length);
            while (target.hasRemaining()) {
                in.read(target);
            }
            assertArrayEquals(expected, bytesOf(target));
        }
    }

    /** The JDK's streams take arrays; its raw deflater and checksum make the same file from a view, in a view. */
    @Test
    void gzip() throws Exception {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        ByteBuffer stored = arena.allocate(BYTES.length).order(ByteOrder.LITTLE_ENDIAN);
        stored.putShort((short) GZIPInputStream.GZIP_MAGIC).put((byte) Deflater.DEFLATED).put(new byte[7]);
        try {
            deflater.setInput(filled());
            deflater.finish();
            deflater.deflate(stored);
            assertTrue(deflater.finished());
        } finally {
            deflater.end();
        }
        CRC32 sum = new CRC32();
        sum.update(filled());
        stored.putInt((int) sum.getValue()).putInt(BYTES.length).flip();
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytesOf(stored.slice())))) {
            ByteBuffer target = arena.allocate(BYTES.length);
            assertEquals(BYTES.length, Channels.newChannel(in).read(target));
            assertArrayEquals(BYTES, bytesOf(target));
        }
    }

    @Test
    void deflaterAndInflater() throws Exception {
        Deflater deflater = new Deflater();
        Inflater inflater = new Inflater();
        try {
            deflater.setInput(filled());
            deflater.finish();
            ByteBuffer packed = arena.allocate(BYTES.length);
            deflater.deflate(packed);
            inflater.setInput(packed.flip());
            ByteBuffer unpacked = arena.allocate(BYTES.length);
            inflater.inflate(unpacked);
            assertArrayEquals(BYTES, bytesOf(unpacked));
        } finally {
            deflater.end();
            inflater.end();
        }
    }

    @Test
    void checksumsAndDigests() throws Exception {
        CRC32 expected = new CRC32();
        expected.update(BYTES);
        CRC32 sum = new CRC32();
        sum.update(filled());
        assertEquals(expected.getValue(), sum.getValue());
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(filled());
        assertArrayEquals(MessageDigest.getInstance("SHA-256").digest(BYTES), digest.digest());
    }

    @Test
    void charsets() {
        assertEquals(TEXT, StandardCharsets.UTF_8.decode(filled()).toString());
        ByteBuffer encoded = arena.allocate(BYTES.length);
        StandardCharsets.UTF_8.newEncoder().encode(java.nio.CharBuffer.wrap(TEXT), encoded, true);
        assertArrayEquals(BYTES, bytesOf(encoded));
    }

    /** What the JDK does on threads of its own needs views that any thread may use; a checked one is refused. */
    @Test
    void asynchronousChannelsNeedSharedViews() throws Exception {
        try (AsynchronousServerSocketChannel server = AsynchronousServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                AsynchronousSocketChannel out = AsynchronousSocketChannel.open();
                NativeArena shared = NativeArena.builder().sharedViews(true).build()) {
            Future<AsynchronousSocketChannel> accepted = server.accept();
            out.connect(server.getLocalAddress()).get(120, TimeUnit.SECONDS);
            try (AsynchronousSocketChannel in = accepted.get(120, TimeUnit.SECONDS)) {
                if (arena.viewSafety() == ViewSafety.CHECKED) {
                    assertThrows(Exception.class, () -> out.write(filled()).get(120, TimeUnit.SECONDS));
                }
                ByteBuffer source = shared.allocate(16).putInt(0, 42);
                assertEquals(16, out.write(source).get(120, TimeUnit.SECONDS));
                ByteBuffer target = shared.allocate(16);
                assertEquals(16, in.read(target).get(120, TimeUnit.SECONDS));
                assertEquals(42, target.getInt(0));
            }
        }
    }

    @Test
    void asynchronousFilesWorkWithSharedViews() throws Exception {
        try (NativeArena shared = NativeArena.builder().sharedViews(true).build();
                AsynchronousFileChannel channel = AsynchronousFileChannel.open(directory.resolve("async"),
                        StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            assertEquals(BYTES.length, channel.write(shared.allocateUtf8(TEXT), 0).get(120, TimeUnit.SECONDS));
            ByteBuffer target = shared.allocate(BYTES.length);
            assertEquals(BYTES.length, channel.read(target, 0).get(120, TimeUnit.SECONDS));
            assertArrayEquals(BYTES, bytesOf(target));
        }
    }
}
