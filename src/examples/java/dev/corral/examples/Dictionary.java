// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import dev.corral.MappedArena;
import dev.corral.NativeArena;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Scanner;
import java.util.stream.Stream;

/**
 * The words of a text with their counts, in a file that is built once and looked up from any number of JVMs.
 *
 * <pre>{@code
 * Dictionary build /usr/share/dict/words words.arena
 * Dictionary look words.arena corral arena
 * }</pre>
 */
public final class Dictionary implements AutoCloseable {
    /* The root is a hash table: [mask (long) | reference of the first entry, for each bucket].
     * An entry: [next in its bucket (long) | count (int) | length (int) | UTF-8 bytes]. */
    private static final int TAG = 0xD1C71; // what these files hold, in this layout
    private static final int COUNT = 8;
    private static final int LENGTH = 12;
    private static final int BYTES = 16;

    private final MappedArena words;
    private final long mask;

    /** Opens a file that {@link #build} has made. */
    public Dictionary(Path file) {
        words = MappedArena.open(file);
        if (words.tag() != TAG) {
            words.close();
            throw new IllegalArgumentException("file=" + file + " tag=" + words.tag() + ": it is no dictionary");
        }
        mask = words.getLong(words.root(), 0);
    }

    private static int bucket(byte[] word, long mask) {
        long hash = 0xCBF29CE484222325L; // FNV-1a
        for (byte b : word) {
            hash = (hash ^ b & 0xFF) * 0x100000001B3L;
        }
        return 8 + (int) ((hash ^ hash >>> 32) & mask) * 8;
    }

    /** Writes the words of a text to a file; returns how many different ones there are. */
    public static int build(Path text, Path file) {
        try (MappedArena.Builder builder = MappedArena.builder(file); Scanner scanner = new Scanner(text);
                Stream<String> lines = Files.lines(text)) {
            NativeArena arena = builder.arena();
            long mask = Long.highestOneBit(Math.max(64, Math.min(lines.count(), 1 << 22))) * 2 - 1;
            long table = arena.allocateRef(8 + 8 * ((int) mask + 1)); // the arena is zeroed: no bucket has an entry
            arena.putLong(table, 0, mask);
            int different = 0;
            scanner.useDelimiter("[^\\p{L}\\p{N}_-]+");
            while (scanner.hasNext()) {
                byte[] word = scanner.next().getBytes(StandardCharsets.UTF_8);
                different += count(arena, table, bucket(word, mask), word);
            }
            builder.root(table).tag(TAG).seal();
            return different;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Counts a word; 1 when it is a new one. */
    private static int count(NativeArena arena, long table, int bucket, byte[] word) {
        long first = arena.getLong(table, bucket);
        byte[] other = new byte[word.length];
        for (long entry = first; entry != 0; entry = arena.getLong(entry, 0)) {
            if (arena.getInt(entry, LENGTH) == word.length) {
                arena.copyOut(entry, BYTES, other, 0, word.length);
                if (Arrays.equals(word, other)) {
                    arena.putInt(entry, COUNT, arena.getInt(entry, COUNT) + 1);
                    return 0;
                }
            }
        }
        long entry = arena.allocateRef(BYTES + word.length);
        arena.putLong(entry, 0, first);
        arena.putInt(entry, COUNT, 1);
        arena.putInt(entry, LENGTH, word.length);
        arena.copyIn(entry, BYTES, word, 0, word.length);
        arena.putLong(table, bucket, entry);
        return 1;
    }

    /** How often the text had the word. No garbage but the word's bytes, no JNI call; any thread. */
    public int count(String word) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        long entry = words.getLong(words.root(), bucket(bytes, mask));
        while (entry != 0) {
            if (words.getInt(entry, LENGTH) == bytes.length && words.matches(entry, BYTES, bytes, 0, bytes.length)) {
                return words.getInt(entry, COUNT);
            }
            entry = words.getLong(entry, 0);
        }
        return 0;
    }

    @Override
    public void close() {
        words.close();
    }

    /** Arguments: {@code build TEXT FILE}, or {@code look FILE WORD..}. */
    public static void main(String[] args) {
        List<String> arguments = new ArrayList<>(List.of(args));
        if (arguments.size() == 3 && arguments.get(0).equals("build")) {
            System.out.println("words=" + build(Path.of(arguments.get(1)), Path.of(arguments.get(2))));
        } else if (arguments.size() > 2 && arguments.get(0).equals("look")) {
            try (Dictionary dictionary = new Dictionary(Path.of(arguments.get(1)))) {
                arguments.subList(2, arguments.size()).forEach(word ->
                        System.out.println(word + "=" + dictionary.count(word)));
            }
        } else {
            System.out.println("usage: Dictionary build TEXT FILE, or Dictionary look FILE WORD..");
        }
    }
}
