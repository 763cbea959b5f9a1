// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.Failures;
import dev.corral.internal.Status;
import dev.corral.internal.TextNatives;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * Builds UTF-8 text in an arena, without garbage: what is appended is encoded at its place. The text grows at the
 * arena's end without being copied while nothing else is allocated there; else it moves, and doubles its room.
 *
 * <table>
 * <caption>Properties</caption>
 * <tr><th>threads</th><td>the arena's owner</td></tr>
 * <tr><th>between two calls</th><td>anything may be allocated; a reset, clear or rewind that takes the text back makes
 * it stale: every call throws then, until {@link #discard}</td></tr>
 * <tr><th>failures</th><td>what an append that throws has been given is not in the text</td></tr>
 * <tr><th>surrogates</th><td>the halves of a pair may come in two calls; one without its other half becomes a question
 * mark</td></tr>
 * <tr><th>reuse</th><td>a finished or discarded builder is empty, and builds the next text</td></tr>
 * </table>
 *
 * {@snippet :
 * Utf8Builder line = arena.utf8Builder();
 * line.append("user=").append(name).append(" bytes=").append(42);
 * ByteBuffer text = line.finish();
 * }
 */
public final class Utf8Builder implements Appendable {
    /* C keeps the block as it keeps an ArenaString; `string` holds its fields. What is cached here of them is good as
     * long as the arena's count of take-backs is what it was: nothing can have been taken back then. Bytes go through
     * the chunk's root, and never beyond the room.
     *
     * Foreign code (charAt) runs while characters are copied to `chars`, and never between the reservation of room and
     * the encoding into it, so that it may do with the arena what it likes.
     */
    private static final int CHARS = 256;
    private static final int LONGEST = 3; // bytes for one char; a pair has four for two

    private final ArenaText arena;
    private final long[] string = new long[TextNatives.LENGTH_OF_ARRAY];
    private final char[] chars = new char[CHARS];
    private ByteBuffer root; // of the text's chunk
    private int start;       // of the text in the chunk
    private int length;
    private int room;
    private long takeBacks;
    private char high; // the first half of a pair, 0: none
    private int texts; // that have ended

    Utf8Builder(ArenaText arena) {
        this.arena = arena;
    }

    // --- appending

    /**
     * Appends text; null as {@code "null"}.
     *
     * @throws IllegalArgumentException if the text has more than 1 GiB
     * @throws ArenaExhaustedException  if a limit is reached, a fixed arena is full or the system has no memory
     * @throws IllegalStateException    if the text has been taken back, the arena is closed, or before JDK 19 if this
     *                                  is not its owner's thread (later: {@code WrongThreadException})
     */
    @Override
    public Utf8Builder append(CharSequence text) {
        CharSequence given = text == null ? "null" : text;
        return append(given, 0, given.length());
    }

    /**
     * As {@link #append(CharSequence)}, the characters from {@code from} to before {@code to}.
     *
     * @throws IndexOutOfBoundsException if there are no such characters
     */
    @Override
    public Utf8Builder append(CharSequence text, int from, int to) {
        CharSequence given = text == null ? "null" : text;
        Objects.checkFromToIndex(from, to, given.length());
        int textBefore = texts;
        int lengthBefore = length;
        char highBefore = high;
        boolean done = false;
        try {
            for (int at = from; at < to; at += CHARS) {
                int count = Math.min(CHARS, to - at);
                copy(given, at, count);
                appendChars(0, count);
            }
            done = true;
        } finally {
            if (!done && texts == textBefore) { // else the text itself is gone
                length = lengthBefore;
                high = highBefore;
            }
        }
        return this;
    }

    /** Appends a character, or a half of one; as {@link #append(CharSequence)}. */
    @Override
    public Utf8Builder append(char c) {
        if (c < 0x80 && high == 0 && length < room && takeBacks == arena.takeBacks()) {
            arena.requireUsable();
            root.put(start + length, (byte) c);
            length++;
            Reference.reachabilityFence(arena);
        } else {
            chars[0] = c;
            appendChars(0, 1);
        }
        return this;
    }

    /** Appends decimal digits, without garbage; as {@link #append(CharSequence)}. */
    public Utf8Builder append(long number) {
        int at = CHARS;
        long rest = number;
        do {
            chars[--at] = (char) ('0' + Math.abs(rest % 10));
            rest /= 10;
        } while (rest != 0);
        if (number < 0) {
            chars[--at] = '-';
        }
        appendChars(at, CHARS - at);
        return this;
    }

    /** Appends what {@link Double#toString(double)} makes, which is garbage; as {@link #append(CharSequence)}. */
    public Utf8Builder append(double number) {
        return append(Double.toString(number));
    }

    /** Appends what {@link Float#toString(float)} makes, which is garbage; as {@link #append(CharSequence)}. */
    public Utf8Builder append(float number) {
        return append(Float.toString(number));
    }

    /** Appends {@code true} or {@code false}; as {@link #append(CharSequence)}. */
    public Utf8Builder append(boolean value) {
        return append(value ? "true" : "false");
    }

    // --- finishing

    /** Bytes that {@link #finish} would bring now. */
    public int length() {
        return high == 0 ? length : length + 1;
    }

    /**
     * Ends the text: a view of it, in a block of exactly its size unless something was allocated behind it.
     *
     * @throws ArenaExhaustedException if there is no memory for the text's last character or a view; it is kept then
     * @throws IllegalStateException   as {@link #append(CharSequence)}
     */
    public ByteBuffer finish() {
        prepare(0);
        int size = length;
        long ref = ref();
        ByteBuffer view = arena.viewOfNew(ref, size);
        end();
        return view;
    }

    /**
     * As {@link #finish()}, with a NUL byte at its end, which belongs to the view: what C calls a string.
     *
     * @throws IllegalArgumentException if the text contains a NUL character, which would end the string early; it is
     *                                  kept
     */
    public ByteBuffer finishCString() {
        prepare(1);
        for (int at = 0; at < length; at++) {
            if (root.get(start + at) == 0) {
                throw new IllegalArgumentException("byte=" + at + " arena=" + arena.name
                        + ": a C string cannot contain a NUL character");
            }
        }
        root.put(start + length, (byte) 0);
        ByteBuffer view = arena.viewOfNew(ref(), length + 1);
        length++;
        end();
        return view;
    }

    /** As {@link #finish()}, the reference of the text, whose {@link #length} should be asked before. No garbage. */
    public long finishRef() {
        prepare(0);
        long ref = ref();
        end();
        return ref;
    }

    /** Drops the text and gives its room back if it is the arena's last block; the builder is empty then. */
    public void discard() {
        if (!arena.isClosed()) {
            arena.requireUsable();
            TextNatives.discard(arena.handle, string);
            Reference.reachabilityFence(arena);
        }
        forget();
    }

    /** The size of the text; callable from any thread. */
    @Override
    public String toString() {
        return "Utf8Builder[arena=" + arena.name + " length=" + length() + "]";
    }

    // --- the block

    /** Verifies the text, encodes a half that has stayed alone, and makes room for {@code more} bytes. */
    private void prepare(int more) {
        if (high == 0) {
            reserve(more);
        } else {
            reserve(1 + more);
            high = 0;
            root.put(start + length++, (byte) '?');
        }
    }

    private long ref() {
        return string[TextNatives.REF] != 0 ? string[TextNatives.REF] : arena.bump(0);
    }

    private void end() {
        string[TextNatives.LENGTH] = length;
        int status = TextNatives.finish(arena.handle, string);
        Reference.reachabilityFence(arena);
        requireOk(status, 0);
        forget();
    }

    private void forget() {
        Arrays.fill(string, 0);
        root = null;
        start = 0;
        length = 0;
        room = 0;
        high = 0;
        texts++;
    }

    /** Room for {@code more} bytes in a text that is there. */
    private void reserve(int more) {
        arena.requireUsable();
        if (takeBacks != arena.takeBacks() || more > room - length) {
            reserveSlowly(more);
        }
    }

    private void reserveSlowly(int more) {
        arena.requireNotTelling();
        arena.beforeAllocating();
        string[TextNatives.LENGTH] = length;
        int status = TextNatives.reserve(arena.handle, string, more);
        if (status == Status.NO_MEMORY) {
            MemoryPressure.relieve();
            status = TextNatives.reserve(arena.handle, string, more);
        }
        requireOk(status, more);
        room = 0; // whatever fails from here on: the text may have moved
        takeBacks = arena.takeBacks();
        long ref = string[TextNatives.REF];
        if (ref != 0) {
            root = arena.root(ref);
            start = ArenaMemory.offset(ref);
            room = (int) string[TextNatives.ROOM];
        }
        Reference.reachabilityFence(arena);
        arena.afterAllocating("append", more);
    }

    private void requireOk(int status, int more) {
        if (status != Status.OK) {
            throw Failures.of(status, "append: bytes=" + more + " length=" + length + " arena=" + arena.name);
        }
    }

    // --- encoding

    private void copy(CharSequence text, int from, int count) {
        if (text instanceof String string) {
            string.getChars(from, from + count, chars, 0);
        } else {
            for (int i = 0; i < count; i++) {
                chars[i] = text.charAt(from + i);
            }
        }
    }

    /** Appends {@code chars[from .. from + count)}: all of it, or nothing. */
    private void appendChars(int from, int count) {
        boolean fits = count * LONGEST + LONGEST <= room - length; // as cached, which reserve() verifies
        reserve(fits ? 0 : bytes(from, count));
        int at = start + length;
        char first = high;
        for (int i = from; i < from + count; i++) {
            char c = chars[i];
            if (first != 0) {
                if (Character.isLowSurrogate(c)) {
                    at = Utf8.encodePair(Character.toCodePoint(first, c), root, at);
                    first = 0;
                    continue;
                }
                root.put(at++, (byte) '?');
                first = 0;
            }
            if (Character.isHighSurrogate(c)) {
                first = c;
            } else {
                at = Utf8.encodeChar(c, root, at);
            }
        }
        high = first;
        length = at - start;
    }

    /** Bytes that these characters add. */
    private int bytes(int from, int count) {
        int bytes = 0;
        char first = high;
        for (int i = from; i < from + count; i++) {
            char c = chars[i];
            if (first != 0 && Character.isLowSurrogate(c)) {
                bytes += 4;
                first = 0;
                continue;
            }
            bytes += first != 0 ? 1 : 0;
            first = Character.isHighSurrogate(c) ? c : 0;
            bytes += first != 0 ? 0 : Utf8.length(c);
        }
        return bytes;
    }
}
