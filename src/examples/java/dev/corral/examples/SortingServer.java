// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import dev.corral.ArenaRecycler;
import dev.corral.NativeArena;
import dev.corral.RecyclerStats;
import dev.corral.Utf8Builder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A server that sorts the numbers it is sent. Each request borrows an arena for its bytes, its numbers and its answer;
 * the chunks are those of the requests before it. Requests of all threads share one recycler.
 */
public final class SortingServer implements AutoCloseable {
    private static final int REQUEST_MAX = 1 << 16;

    private final ArenaRecycler recycler = ArenaRecycler.builder().name("requests").keptArenas(8).build();
    private final ServerSocketChannel server = ServerSocketChannel.open();
    private final ExecutorService workers = Executors.newFixedThreadPool(3);

    private SortingServer() throws IOException {
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        workers.submit(this::accept);
    }

    /** Asks a server of its own, from two threads. */
    public static void main(String[] args) throws Exception {
        int requests = args.length != 0 ? Integer.parseInt(args[0]) : 200;
        try (SortingServer server = new SortingServer()) {
            ExecutorService clients = Executors.newFixedThreadPool(2);
            Future<Integer> first = clients.submit(() -> ask(server.server.getLocalAddress(), requests, 1));
            Future<Integer> second = clients.submit(() -> ask(server.server.getLocalAddress(), requests, 2));
            int right = first.get() + second.get();
            clients.shutdown();
            server.stop();
            RecyclerStats stats = server.recycler.stats();
            System.out.println("right=" + right + " borrows=" + stats.returned() + " idle<=3: " + (stats.kept() <= 3)
                    + " typical<=64KiB: " + (stats.typical() <= 1 << 16));
        }
    }

    /** Ends when all clients have hung up. */
    private void stop() throws IOException, InterruptedException {
        server.close();
        workers.shutdown();
        workers.awaitTermination(30, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        server.close();
        workers.shutdownNow();
        recycler.close();
    }

    // --- the server

    private Void accept() throws IOException {
        while (server.isOpen()) {
            SocketChannel client = server.accept();
            workers.submit(() -> serve(client));
        }
        return null;
    }

    private Void serve(SocketChannel client) throws IOException {
        try (client) {
            boolean open = true;
            while (open) {
                try (NativeArena arena = recycler.borrow()) {
                    open = answer(client, arena);
                } // whatever the request needed is there for the next one
            }
        }
        return null;
    }

    /** One line of numbers in, the same numbers in order out. False at the end of the connection. */
    private static boolean answer(SocketChannel client, NativeArena arena) throws IOException {
        ByteBuffer line = arena.allocate(256);
        while (line.position() == 0 || line.get(line.position() - 1) != '\n') {
            if (!line.hasRemaining()) {
                int position = line.position();
                if (position == REQUEST_MAX) {
                    return false;
                }
                line = arena.resize(line, 2 * position).position(position);
            }
            if (client.read(line) < 0) {
                return false;
            }
        }
        line.flip();
        long numbers = arena.allocateRef(Long.BYTES * line.limit());
        int count = parse(line, arena, numbers);
        Utf8Builder text = arena.utf8Builder();
        for (int i = 0; i < count; i++) {
            text.append(arena.getLong(numbers, i * Long.BYTES)).append(i + 1 < count ? ' ' : '\n');
        }
        ByteBuffer answer = text.finish();
        while (answer.hasRemaining()) {
            client.write(answer);
        }
        return true;
    }

    /** Each number goes where it belongs among those before it. */
    private static int parse(ByteBuffer line, NativeArena arena, long numbers) {
        int count = 0;
        while (line.hasRemaining()) {
            long number = 0;
            for (int digit; (digit = line.get() - '0') >= 0 && digit <= 9;) {
                number = number * 10 + digit;
            }
            int at = count++;
            while (at > 0 && arena.getLong(numbers, (at - 1) * Long.BYTES) > number) {
                arena.putLong(numbers, at * Long.BYTES, arena.getLong(numbers, (at - 1) * Long.BYTES));
                at--;
            }
            arena.putLong(numbers, at * Long.BYTES, number);
        }
        return count;
    }

    // --- a client

    /** How many answers were right. One request in fifty is large. */
    private static int ask(SocketAddress server, int requests, int seed) throws IOException {
        int right = 0;
        try (SocketChannel channel = SocketChannel.open(server);
                BufferedReader in = new BufferedReader(new InputStreamReader(
                        Channels.newInputStream(channel), StandardCharsets.US_ASCII))) {
            Random random = new Random(seed);
            for (int i = 0; i < requests; i++) {
                int[] numbers = random.ints(i % 50 == 49 ? 3000 : 20, 0, 1_000_000).toArray();
                byte[] line = (joined(numbers) + "\n").getBytes(StandardCharsets.US_ASCII);
                ByteBuffer out = ByteBuffer.wrap(line);
                while (out.hasRemaining()) {
                    channel.write(out);
                }
                Arrays.sort(numbers);
                right += joined(numbers).equals(in.readLine()) ? 1 : 0;
            }
        }
        return right;
    }

    private static String joined(int[] numbers) {
        return Arrays.stream(numbers).mapToObj(Integer::toString)
                .collect(Collectors.joining(" "));
    }
}
