// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.internal.Status;
import dev.corral.vectors.Things.Arena;
import dev.corral.vectors.Things.Block;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Strings in arenas, and the bytes of blocks. */
final class TextOperations {
    private static final int ALIGNMENT = 8; // the smallest that an arena can have

    private final Run run;
    private final ArenaOperations arenas;

    TextOperations(Run run, ArenaOperations arenas) {
        this.run = run;
        this.arenas = arenas;
    }

    /** The bytes up to the first NUL, at most {@code length}. */
    static byte[] cut(byte[] text, long length) {
        int end = 0;
        while (end < text.length && end < length && text[end] != 0) {
            end++;
        }
        return Arrays.copyOf(text, end);
    }

    /** The text that these bytes encode in UTF-8; null when they do not. */
    private static String decoded(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** A C string: {@code allocateCString} where the bytes are text, else a block that is copied into. */
    private Outcome copy(Arena arena, byte[] bytes) {
        String text = decoded(bytes);
        Block block;
        if (arena.arena == null || text == null) {
            block = arenas.byRef(arena, bytes.length + 1L, null);
            arena.arena.copyIn(block.ref, 0, bytes, 0, bytes.length);
            arena.arena.putByte(block.ref, bytes.length, (byte) 0);
        } else {
            block = new Block(arena, bytes.length + 1L, arena.arena.allocateCString(text));
        }
        block.keepBytes = true;
        expect(block, bytes);
        return Outcome.made(block);
    }

    /** A null argument is a NullPointerException; what is no arena is refused for that first. */
    private static void refuseNull(Arena arena, Runnable call) {
        if (arena.arena == null) {
            throw new Refused(Run.lastStatus(arena));
        }
        try {
            call.run();
        } catch (NullPointerException expected) {
            throw new Refused(Status.INVALID_ARGUMENT);
        }
    }

    Outcome strdup(Line line) {
        Arena arena = run.arena(line);
        Word text = Run.word(line);
        Run.ready(line);
        if (text.isNull()) {
            refuseNull(arena, () -> arena.arena.allocateCString(null));
        }
        return copy(arena, cut(text.bytes, text.bytes.length));
    }

    Outcome strndup(Line line) {
        Arena arena = run.arena(line);
        Word text = Run.word(line);
        long length = run.number(line);
        Run.ready(line);
        if (text.isNull()) {
            refuseNull(arena, () -> arena.arena.allocateCString(null));
        }
        return copy(arena, cut(text.bytes, length));
    }

    /** {@code format} where its block, which has no NUL, takes as much room as C's; else as a C string. */
    Outcome format(Line line) {
        Arena arena = run.arena(line);
        Word format = Run.word(line);
        List<Object> arguments = new ArrayList<>();
        for (Word word = line.next(); word != null; word = line.next()) {
            arguments.add(word.quoted ? word.text() : (Object) Integer.valueOf(word.text()));
        }
        Run.ready(line);
        if (format.isNull()) {
            refuseNull(arena, () -> arena.arena.format(null));
        }
        byte[] bytes = String.format(Locale.ROOT, format.text(), arguments.toArray()).getBytes(StandardCharsets.UTF_8);
        if (arena.arena == null || bytes.length % ALIGNMENT == 0) {
            return copy(arena, bytes);
        }
        Block block = new Block(arena, bytes.length, arena.arena.format(format.text(), arguments.toArray()));
        block.keepBytes = true;
        block.unterminated = true;
        expect(block, bytes);
        return Outcome.made(block);
    }

    /** The block holds these bytes and a NUL, or in Java only these bytes. */
    static void expect(Block block, byte[] text) {
        byte[] expected = Arrays.copyOf(text, text.length + (block.unterminated ? 0 : 1));
        if (!Arrays.equals(expected, block.bytes())) {
            throw new VectorFailure("text: expected \"" + new String(text, StandardCharsets.UTF_8) + "\", actual \""
                    + new String(block.bytes(), StandardCharsets.UTF_8) + "\"");
        }
    }

    Outcome fill(Line line) {
        Block block = run.named(Run.word(line).text(), Block.class);
        int value = (int) run.number(line);
        Run.ready(line);
        Run.fill(block, value);
        block.copy = block.bytes();
        return Outcome.NOTHING;
    }

    Outcome holds(Line line) {
        Block block = run.named(Run.word(line).text(), Block.class);
        Word word = Run.word(line);
        Run.ready(line);
        if (word.quoted) {
            expect(block, word.bytes);
            return Outcome.NOTHING;
        }
        byte[] expected = new byte[block.view.capacity()];
        Arrays.fill(expected, (byte) run.number(word.text()));
        if (!Arrays.equals(expected, block.bytes())) {
            throw new VectorFailure("byte " + Arrays.mismatch(expected, block.bytes()) + " differs");
        }
        return Outcome.NOTHING;
    }
}
