// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** Reads a shared file whose pages are taken away, by every accessor. To be run in a JVM of its own. */
public final class LosesPages {
    private static final int PAGE = 4096;
    private static final int BYTES = 48 * PAGE; // of the one block, which begins somewhere in the first pages
    private static final byte[] PATTERN = new byte[PAGE + 200];
    private static final List<Accessor> ACCESSORS = new ArrayList<>();

    /** Reads at an offset of the root; whether it found what was written there. */
    @FunctionalInterface
    private interface Accessor {
        boolean read(MappedArena mapped, long ref, int offset);
    }

    private LosesPages() {
    }

    static {
        java.util.Arrays.fill(PATTERN, (byte) 0x41);
        String text = new String(PATTERN, StandardCharsets.US_ASCII);
        ACCESSORS.add((mapped, ref, at) -> mapped.getByte(ref, at) == 0x41);
        ACCESSORS.add((mapped, ref, at) -> mapped.getShort(ref, at) == 0x4141);
        ACCESSORS.add((mapped, ref, at) -> mapped.getInt(ref, at) == 0x41414141);
        ACCESSORS.add((mapped, ref, at) -> mapped.getLong(ref, at) == 0x4141414141414141L);
        ACCESSORS.add((mapped, ref, at) -> mapped.getFloat(ref, at) == Float.intBitsToFloat(0x41414141));
        ACCESSORS.add((mapped, ref, at) -> mapped.getDouble(ref, at)
                == Double.longBitsToDouble(0x4141414141414141L));
        for (int length : new int[] {1, 13, 56, 57, 200, PAGE + 100}) {
            ACCESSORS.add((mapped, ref, at) -> mapped.matches(ref, at, PATTERN, 3, length));
            ACCESSORS.add((mapped, ref, at) -> {
                byte[] copy = new byte[length + 2];
                mapped.copyOut(ref, at, copy, 1, length);
                return java.util.Arrays.equals(copy, 1, length + 1, PATTERN, 0, length) && copy[0] == 0
                        && copy[length + 1] == 0;
            });
            ACCESSORS.add((mapped, ref, at) -> mapped.getUtf8(ref, at, length).equals(text.substring(0, length)));
            ACCESSORS.add((mapped, ref, at) -> mapped.view(ref + at, length).get(length - 1) == 0x41);
        }
    }

    private static void seal(Path file) {
        try (MappedArena.Builder builder = MappedArena.builder(file)) {
            long root = builder.arena().allocateRef(BYTES);
            for (int at = 0; at < BYTES; at += PAGE) {
                builder.arena().copyIn(root, at, PATTERN, 0, PAGE);
            }
            builder.root(root).seal();
        }
    }

    private static void setLength(Path file, long bytes) throws Exception {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(bytes);
        }
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    /** How many accessors were refused at an offset; the others found what was written. */
    private static int refusedAt(MappedArena mapped, int at, Path file) {
        int refused = 0;
        for (int i = 0; i < ACCESSORS.size(); i++) {
            try {
                require(ACCESSORS.get(i).read(mapped, mapped.root(), at), "accessor " + i + " at " + at);
            } catch (UncheckedIOException e) {
                require(e.getMessage().startsWith("read: file=" + file + ": bytes=")
                        && e.getMessage().contains("FILE_DAMAGED"), e.getMessage());
                refused++;
            }
        }
        return refused;
    }

    /** Before, half cut, and nothing left: each accessor reads what is there and throws where nothing is. */
    private static void cut(Path file, int warmUp, int step) throws Exception {
        seal(file);
        try (MappedArena mapped = MappedArena.open(file)) {
            require(mapped.mode() == MappedMode.SHARED, mapped.toString());
            for (int round = 0; round < warmUp; round++) {
                require(refusedAt(mapped, round * 97 % (BYTES - PATTERN.length), file) == 0, "nothing is lost");
            }
            mapped.check();
            setLength(file, BYTES / 2);
            int last = BYTES - PATTERN.length;
            for (int at = 0; at < last; at += step) {
                int refused = refusedAt(mapped, at, file);
                require(at > BYTES / 2 - 4 * PAGE || refused == 0, "refused at " + at);
                require(at < BYTES / 2 || refused == ACCESSORS.size(), refused + " refused at " + at);
            }
            setLength(file, 0);
            require(refusedAt(mapped, 0, file) == ACCESSORS.size(), "all is lost");
            try {
                mapped.check();
                throw new AssertionError("check() says that it is whole");
            } catch (UncheckedIOException e) {
                require(e.getMessage().startsWith("check: file=" + file + ": bytes=0, but it had "), e.getMessage());
            }
        }
    }

    /** Reads while somebody cuts and restores the file: what comes is a right value, zeros or an exception of ours. */
    private static void race(Path file, int rounds) throws Exception {
        seal(file);
        byte[] whole = Files.readAllBytes(file);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicBoolean done = new AtomicBoolean();
        List<Thread> readers = new ArrayList<>();
        MappedArena mapped = MappedArena.open(file);
        for (int i = 0; i < 3; i++) {
            int first = i * 1000;
            readers.add(new Thread(() -> {
                try {
                    for (int at = first; !done.get(); at = (at + 61) % (BYTES - PATTERN.length)) {
                        for (Accessor accessor : ACCESSORS) {
                            try {
                                accessor.read(mapped, mapped.root(), at);
                            } catch (UncheckedIOException lost) {
                                require(lost.getMessage().startsWith("read: file=" + file), lost.getMessage());
                            }
                        }
                    }
                } catch (Throwable e) {
                    failure.set(e);
                }
            }));
        }
        readers.forEach(Thread::start);
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            for (int round = 0; round < rounds; round++) {
                bytes.setLength((long) (round * 7 % 50) * PAGE);
                bytes.seek(0);
                bytes.write(whole);
            }
        }
        done.set(true);
        for (Thread reader : readers) {
            reader.join();
        }
        mapped.close();
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
    }

    /** Arguments: a file that does not exist yet, rounds to warm up, rounds of the race. */
    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        int warmUp = Integer.parseInt(args[1]);
        cut(file, warmUp, warmUp > 100 ? 61 : 1021); // the interpreter takes its time
        race(file, Integer.parseInt(args[2]));
        System.gc(); // late errors would come out of what follows
        System.out.println("survived with " + ACCESSORS.size() + " accessors");
    }
}
