// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.MappedArena;
import dev.corral.MappedMode;
import dev.corral.NativeArena;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A dictionary of words with numbers: ready to be used from a sealed file, against reading the words and building a
 * {@code HashMap} at each start; then looking up all words in both, in random order.
 */
public class DictionaryLookup extends Milliseconds {
    private static final int NEXT = 0;
    private static final int NUMBER = 8;
    private static final int LENGTH = 12;
    private static final int BYTES = 16;

    /** The words as text and as a sealed file, and both dictionaries over them. */
    @State(Scope.Benchmark)
    public static class Words {
        /** How many words. */
        @Param("200000")
        public int words;

        private Path text;
        private Path file;
        private byte[][] encoded;
        private String[] strings;
        private Map<String, Integer> map;
        private MappedArena mapped;
        private MappedArena shared;
        private long mask;

        /** Writes both files and opens them. */
        @Setup
        public void open() throws IOException {
            text = Files.createTempFile("corral-words", ".txt");
            file = Files.createTempFile("corral-words", ".arena");
            List<String> list = new ArrayList<>();
            Random random = new Random(words);
            for (int i = 0; i < words; i++) {
                list.add("word" + Long.toString(random.nextLong() >>> 20, 36));
            }
            Files.write(text, list);
            seal();
            map = readWords();
            mapped = MappedArena.open(file, MappedMode.LOADED);
            shared = MappedArena.open(file, MappedMode.SHARED);
            mask = mapped.getLong(mapped.root(), 0);
            Collections.shuffle(list, random);
            strings = list.toArray(new String[0]);
            encoded = list.stream().map(word -> word.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
        }

        private void seal() throws IOException {
            try (MappedArena.Builder builder = MappedArena.builder(file)) {
                NativeArena arena = builder.arena();
                long buckets = Long.highestOneBit(words) * 2;
                long table = arena.allocateRef(8 + 8 * (int) buckets);
                arena.putLong(table, 0, buckets - 1);
                int number = 0;
                for (String line : Files.readAllLines(text)) {
                    byte[] word = line.getBytes(StandardCharsets.UTF_8);
                    long entry = arena.allocateRef(BYTES + word.length);
                    int bucket = bucket(word, buckets - 1);
                    arena.putLong(entry, NEXT, arena.getLong(table, bucket));
                    arena.putInt(entry, NUMBER, number++);
                    arena.putInt(entry, LENGTH, word.length);
                    arena.copyIn(entry, BYTES, word, 0, word.length);
                    arena.putLong(table, bucket, entry);
                }
                builder.root(table).seal();
            }
        }

        private Map<String, Integer> readWords() throws IOException {
            Map<String, Integer> numbers = new HashMap<>();
            for (String word : Files.readAllLines(text)) {
                numbers.put(word, numbers.size());
            }
            return numbers;
        }

        /** Removes the files. */
        @TearDown
        public void close() throws IOException {
            mapped.close();
            shared.close();
            Files.delete(text);
            Files.delete(file);
        }
    }

    private static int bucket(byte[] word, long mask) {
        long hash = 0xCBF29CE484222325L; // FNV-1a
        for (byte b : word) {
            hash = (hash ^ b & 0xFF) * 0x100000001B3L;
        }
        return 8 + (int) ((hash ^ hash >>> 32) & mask) * 8;
    }

    private static int find(MappedArena words, long mask, byte[] word) {
        long entry = words.getLong(words.root(), bucket(word, mask));
        while (entry != 0) {
            if (words.getInt(entry, LENGTH) == word.length && words.matches(entry, BYTES, word, 0, word.length)) {
                return words.getInt(entry, NUMBER);
            }
            entry = words.getLong(entry, NEXT);
        }
        return -1;
    }

    /** A start with the sealed file: opened, verified, one word found. */
    @Benchmark
    public int startMapped(Words words) {
        try (MappedArena opened = MappedArena.open(words.file)) {
            return find(opened, opened.getLong(opened.root(), 0), words.encoded[0]);
        }
    }

    /** A start without: the words are read into a map, one is found. */
    @Benchmark
    public int startHashMap(Words words) throws IOException {
        return words.readWords().get(words.strings[0]);
    }

    /** All words, by bytes, in the file's own pages. */
    @Benchmark
    public long lookUpSharedMapped(Words words) {
        long sum = 0;
        for (byte[] word : words.encoded) {
            sum += find(words.shared, words.mask, word);
        }
        return sum;
    }

    /** All words, by bytes, in a copy of the file. */
    @Benchmark
    public long lookUpMapped(Words words) {
        long sum = 0;
        for (byte[] word : words.encoded) {
            sum += find(words.mapped, words.mask, word);
        }
        return sum;
    }

    /** All words, by strings whose hash is known. */
    @Benchmark
    public long lookUpHashMap(Words words) {
        long sum = 0;
        for (String word : words.strings) {
            sum += words.map.get(word);
        }
        return sum;
    }
}
