// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.corral.junit.NoNativeLeaks;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random parts of random views through the JDK's own users of buffers, beside the same bytes on the heap. */
@NoNativeLeaks
class RandomInputOutputTest {
    private static final int ROUNDS = 60;

    @TempDir
    Path directory;

    private FileChannel file;
    private ServerSocketChannel server;
    private SocketChannel out;
    private SocketChannel in;

    /** Something with bytes, and the same bytes on the heap. */
    private record Pair(ByteBuffer view, ByteBuffer heap) {
        byte[] bytes() {
            byte[] bytes = new byte[heap.remaining()];
            heap.duplicate().get(bytes);
            return bytes;
        }
    }

    @BeforeEach
    void open() throws Exception {
        file = FileChannel.open(directory.resolve("file"), StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        out = SocketChannel.open(server.getLocalAddress());
        in = server.accept();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : new AutoCloseable[] {file, server, out, in}) {
            each.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"1,false", "2,false", "3,true", "4,true"})
    void partsOfViewsBehaveAsTheHeap(long seed, boolean sharedViews) throws Exception {
        Random random = new Random(seed);
        try (MemoryPool pool = MemoryPool.create()) {
            NativeArena arena = NativeArena.builder().pool(pool).sharedViews(sharedViews).build();
            for (int round = 0; round < ROUNDS; round++) {
                Pair pair = part(arena, random);
                checksums(pair);
                coders(pair);
                fileChannel(arena, pair, random.nextInt(1000));
                socketChannel(arena, pair);
                deflate(arena, pair);
                if (random.nextInt(4) == 0) {
                    arena.reset();
                }
            }
        }
    }

    private static Pair part(NativeArena arena, Random random) {
        byte[] bytes = new byte[1 + random.nextInt(6_000)];
        random.nextBytes(bytes);
        ByteBuffer view = arena.allocate(bytes.length);
        view.put(0, bytes);
        int from = random.nextInt(bytes.length);
        int to = from + random.nextInt(bytes.length - from + 1);
        ByteBuffer part = switch (random.nextInt(4)) {
            case 0 -> view.slice(from, to - from);
            case 1 -> view.duplicate().position(from).limit(to).asReadOnlyBuffer();
            case 2 -> view.position(from).slice().limit(to - from);
            default -> view.limit(to).position(from);
        };
        return new Pair(part, ByteBuffer.wrap(bytes, from, to - from));
    }

    private static void checksums(Pair pair) throws Exception {
        CRC32 ofView = new CRC32();
        ofView.update(pair.view.duplicate());
        CRC32 ofHeap = new CRC32();
        ofHeap.update(pair.heap.duplicate());
        assertEquals(ofHeap.getValue(), ofView.getValue());
        MessageDigest digest = MessageDigest.getInstance("SHA-1");
        digest.update(pair.view.duplicate());
        assertArrayEquals(MessageDigest.getInstance("SHA-1").digest(pair.bytes()), digest.digest());
        assertEquals(pair.heap, pair.view);
        assertEquals(pair.heap.hashCode(), pair.view.hashCode());
    }

    /** Of bytes that are no text for the most part. */
    private static void coders(Pair pair) throws Exception {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
        CharBuffer ofHeap = decoder.decode(pair.heap.duplicate());
        assertEquals(ofHeap, decoder.decode(pair.view.duplicate()));
        assertEquals(StandardCharsets.ISO_8859_1.decode(pair.heap.duplicate()),
                StandardCharsets.ISO_8859_1.decode(pair.view.duplicate()));
    }

    private void fileChannel(NativeArena arena, Pair pair, long position) throws Exception {
        int length = pair.heap.remaining();
        assertEquals(length, file.write(pair.view.duplicate(), position));
        ByteBuffer[] read = {arena.allocate(length / 3), arena.allocate(length - length / 3)};
        file.position(position);
        assertEquals(length, length == 0 ? 0 : file.read(read));
        assertArrayEquals(pair.bytes(), concatenated(read));
    }

    private static byte[] concatenated(ByteBuffer[] parts) {
        ByteBuffer all = ByteBuffer.allocate(parts[0].capacity() + parts[1].capacity());
        return all.put(parts[0].rewind()).put(parts[1].rewind()).array();
    }

    private void socketChannel(NativeArena arena, Pair pair) throws Exception {
        ByteBuffer sent = pair.view.duplicate(); // less than a socket's buffer
        while (sent.hasRemaining()) {
            out.write(sent);
        }
        ByteBuffer received = arena.allocate(pair.heap.remaining());
        while (received.hasRemaining()) {
            in.read(received);
        }
        assertEquals(pair.heap, received.flip());
    }

    private static void deflate(NativeArena arena, Pair pair) throws Exception {
        Deflater deflater = new Deflater();
        Inflater inflater = new Inflater();
        try {
            deflater.setInput(pair.view.duplicate());
            deflater.finish();
            ByteBuffer packed = arena.allocate(pair.heap.remaining() + 100);
            deflater.deflate(packed);
            inflater.setInput(packed.flip());
            ByteBuffer unpacked = arena.allocate(pair.heap.remaining());
            inflater.inflate(unpacked);
            assertEquals(pair.heap, unpacked.flip());
        } finally {
            deflater.end();
            inflater.end();
        }
    }
}
