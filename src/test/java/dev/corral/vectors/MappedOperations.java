// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.MappedArena;
import dev.corral.MappedMode;
import dev.corral.internal.MappedNatives;
import dev.corral.internal.Status;
import dev.corral.vectors.Things.Arena;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** Arenas that are sealed in files, in a directory that exists while the vector runs. */
final class MappedOperations {
    private final Run run;
    private Path directory; // null: none yet

    MappedOperations(Run run) {
        this.run = run;
    }

    void addTo(Map<String, Function<Line, Outcome>> table) {
        table.put("seal", this::seal);
        table.put("open_file", this::open);
        table.put("read_file", this::read);
        table.put("file", this::numbers);
        table.put("check_file", this::check);
        table.put("close_file", this::close);
        table.put("cut", this::cut);
        table.put("flip", this::flip);
    }

    private Path file(Line line) {
        try {
            directory = directory == null ? Files.createTempDirectory("corral-vector-") : directory;
            return directory.resolve(Run.word(line).text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MappedArena mapped(Line line) {
        return run.named(Run.word(line).text(), MappedArena.class);
    }

    private Outcome seal(Line line) {
        Arena arena = run.arena(line);
        Path file = file(line);
        Word root = line.option("root");
        long tag = run.option(line, "tag", 0);
        Run.ready(line);
        long ref = root == null ? 0 : run.ref(root.text(), arena);
        if (arena.arena != null) {
            MappedArena.seal(arena.arena, ref, tag, file);
            return Outcome.NOTHING;
        }
        byte[] path = (file + "\0").getBytes(StandardCharsets.UTF_8);
        throw new Refused(MappedNatives.seal(arena.handle, ref, tag, path, new byte[MappedNatives.MESSAGE_BYTES]));
    }

    private Outcome open(Line line) {
        String name = Run.word(line).text();
        Path file = file(line);
        MappedMode mode = run.option(line, "loaded", 0) != 0 ? MappedMode.LOADED : MappedMode.SHARED;
        Run.ready(line);
        run.bind(name, MappedArena.open(file, mode));
        return Outcome.NOTHING;
    }

    private Outcome check(Line line) {
        MappedArena mapped = mapped(line);
        Run.ready(line);
        requireOpen(mapped);
        mapped.check();
        return Outcome.NOTHING;
    }

    private Outcome close(Line line) {
        MappedArena mapped = mapped(line);
        Run.ready(line);
        requireOpen(mapped); // closing again does nothing in Java
        mapped.close();
        return Outcome.NOTHING;
    }

    private static void requireOpen(MappedArena mapped) {
        if (mapped.isClosed()) {
            throw new Refused(Status.INVALID_ARENA);
        }
    }

    private long ref(MappedArena mapped, String text) {
        return text.equals("root") ? mapped.root() : run.ref(text, null);
    }

    private Outcome read(Line line) {
        MappedArena mapped = mapped(line);
        long ref = ref(mapped, Run.word(line).text());
        String type = Run.word(line).text();
        int offset = (int) run.number(line);
        boolean refused = line.arrow < line.words.size() && line.words.get(line.arrow).text().startsWith("!");
        Word expected = refused ? null : line.result();
        Run.ready(line);
        requireOpen(mapped);
        try {
            long actual = switch (type) {
                case "byte" -> mapped.getByte(ref, offset);
                case "short" -> mapped.getShort(ref, offset);
                case "int" -> mapped.getInt(ref, offset);
                case "long", "ref" -> mapped.getLong(ref, offset);
                default -> throw new VectorFailure("unknown type: " + type);
            };
            if (expected != null && actual
                    != (type.equals("ref") ? ref(mapped, expected.text()) : run.number(expected.text()))) {
                throw new VectorFailure(type + ": expected " + expected + ", actual " + actual);
            }
        } catch (IllegalStateException | IndexOutOfBoundsException e) {
            throw new Refused(Status.STALE_REF);
        }
        return Outcome.NOTHING;
    }

    private Outcome numbers(Line line) {
        MappedArena mapped = mapped(line);
        for (Word word = line.anyOption(); word != null; word = line.anyOption()) {
            long actual = switch (word.key) {
                case "bytes" -> mapped.bytes();
                case "used" -> mapped.used();
                case "count" -> mapped.count();
                case "tag" -> mapped.tag();
                case "chunks" -> run.number(word.text()); // Java does not say
                default -> throw new VectorFailure("unknown number: " + word);
            };
            if (actual != run.number(word.text())) {
                throw new VectorFailure(word.key + ": expected " + word.text() + ", actual " + actual);
            }
        }
        return Outcome.NOTHING;
    }

    private Outcome cut(Line line) {
        Path file = file(line);
        long bytes = run.number(line);
        Run.ready(line);
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Outcome.NOTHING;
    }

    private Outcome flip(Line line) {
        Path file = file(line);
        long offset = run.number(line);
        Run.ready(line);
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.seek(offset);
            int value = opened.read();
            opened.seek(offset);
            opened.write(value ^ 0x80);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Outcome.NOTHING;
    }

    /** Closes what is open and removes all files of the vector. */
    void finish() {
        run.names.values().stream().filter(MappedArena.class::isInstance)
                .forEach(mapped -> ((MappedArena) mapped).close());
        if (directory == null) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
            directory = null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
