// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.nio.ByteBuffer;
import java.util.Formatter;
import java.util.Locale;
import java.util.Objects;

/** Text in the arena: the part of {@link NativeArena} that encodes and formats. */
abstract class ArenaText extends ArenaBlocks {
    ArenaText(PoolState pool, long handle, String name) {
        super(pool, handle, name);
    }

    /**
     * Encodes text as UTF-8 into a block of exactly its size; an unpaired surrogate becomes a question mark. No garbage
     * but the view.
     *
     * @throws NullPointerException if {@code text} is null; otherwise as {@link #allocate(int)}
     */
    public ByteBuffer allocateUtf8(CharSequence text) {
        ByteBuffer view = allocate(Utf8.length(Objects.requireNonNull(text, "text")));
        Utf8.encode(text, view);
        return view;
    }

    /**
     * As {@link #allocateUtf8}, followed by a NUL byte, which belongs to the view: what C calls a string.
     *
     * @throws IllegalArgumentException if the text contains a NUL character, which would end the string early
     */
    public ByteBuffer allocateCString(CharSequence text) {
        int length = Utf8.length(Objects.requireNonNull(text, "text"));
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == 0) {
                throw new IllegalArgumentException("index=" + i + " arena=" + name
                        + ": a C string cannot contain a NUL character");
            }
        }
        ByteBuffer view = allocate((int) Math.min(length + 1L, Integer.MAX_VALUE)); // the largest is refused
        Utf8.encode(text, view);
        view.put(length, (byte) 0);
        return view;
    }

    /**
     * The UTF-8 text of {@code String.format(Locale.ROOT, format, args)}, written to its place while it is formatted.
     *
     * @throws java.util.IllegalFormatException if the format or an argument does not fit; nothing stays allocated then,
     *                                          unless an argument's own methods have allocated; otherwise as {@link
     *                                          #allocate(int)}
     */
    public ByteBuffer format(String format, Object... args) {
        requireUsable();
        Objects.requireNonNull(format, "format");
        Utf8Builder text = utf8Builder();
        boolean done = false;
        try {
            new Formatter(text, Locale.ROOT).format(format, args);
            ByteBuffer view = text.finish();
            done = true;
            return view;
        } finally {
            if (!done) {
                text.discard();
            }
        }
    }

    /** A builder of text in this arena, which holds no memory until something is appended; it can be used again. */
    public Utf8Builder utf8Builder() {
        requireAlive();
        return new Utf8Builder(this);
    }
}
