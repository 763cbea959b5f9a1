// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.Utf8Builder;
import dev.corral.internal.Status;
import dev.corral.vectors.Things.Arena;
import dev.corral.vectors.Things.Block;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Text that grows in an arena: {@code Utf8Builder}. */
final class BuilderOperations {
    private final Run run;

    /** A string of a vector; C's is over once it is finished, Java's builder would start anew. */
    private static final class Text {
        final Arena arena;
        final Utf8Builder builder;
        final StringBuilder expected = new StringBuilder();
        boolean over;

        Text(Arena arena) {
            this.arena = arena;
            this.builder = arena.arena == null || !arena.live ? null : arena.arena.utf8Builder();
        }
    }

    BuilderOperations(Run run) {
        this.run = run;
    }

    void addTo(Map<String, Function<Line, Outcome>> table) {
        table.put("string", this::begin);
        table.put("append", this::append);
        table.put("append_format", this::appendFormat);
        table.put("finish", this::finish);
        table.put("discard", this::discard);
    }

    private Outcome begin(Line line) {
        String name = Run.word(line).text();
        Arena arena = run.arena(line);
        Run.ready(line);
        run.bind(name, new Text(arena));
        return Outcome.NOTHING;
    }

    private Text text(Line line) {
        return run.named(Run.word(line).text(), Text.class);
    }

    private static void requireUsable(Text text) {
        if (text.over || text.builder == null) {
            throw new Refused(Status.INVALID_ARENA);
        }
    }

    private static Outcome appended(Text text, String more) {
        text.expected.append(more);
        int length = text.expected.toString().getBytes(StandardCharsets.UTF_8).length;
        if (text.builder.length() != length) {
            throw new VectorFailure("length: expected " + length + ", actual " + text.builder.length());
        }
        return Outcome.NOTHING;
    }

    private Outcome append(Line line) {
        Text text = text(line);
        String more = Run.word(line).text();
        Run.ready(line);
        requireUsable(text);
        if (run.variant == Run.Variant.REFS) {
            text.builder.append(more);
        } else {
            text.builder.append(new StringBuilder(more), 0, more.length());
        }
        return appended(text, more);
    }

    private Outcome appendFormat(Line line) {
        Text text = text(line);
        String format = Run.word(line).text();
        List<Object> arguments = new ArrayList<>();
        for (Word word = line.next(); word != null; word = line.next()) {
            arguments.add(Integer.valueOf(word.text()));
        }
        Run.ready(line);
        requireUsable(text);
        new Formatter(text.builder, Locale.ROOT).format(format, arguments.toArray());
        return appended(text, String.format(Locale.ROOT, format, arguments.toArray()));
    }

    private Outcome finish(Line line) {
        Text text = text(line);
        Run.ready(line);
        requireUsable(text);
        byte[] expected = text.expected.toString().getBytes(StandardCharsets.UTF_8);
        Block block = new Block(text.arena, expected.length + 1L, text.builder.finishCString());
        block.keepBytes = true;
        TextOperations.expect(block, expected);
        text.over = true;
        return Outcome.made(block);
    }

    private Outcome discard(Line line) {
        Text text = text(line);
        Run.ready(line);
        if (text.builder != null) {
            text.builder.discard();
        }
        text.over = true;
        return Outcome.NOTHING;
    }
}
