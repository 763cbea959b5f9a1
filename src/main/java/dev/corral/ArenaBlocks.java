// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Objects;

/** Allocation as views, as text and as references: the part of {@link NativeArena} that hands out blocks. */
abstract class ArenaBlocks extends ArenaAccess {
    private static final byte[] ZEROS = new byte[4096];

    ArenaBlocks(PoolState pool, long handle, String name) {
        super(pool, handle, name);
    }

    // --- blocks as views

    /**
     * Allocates a block. No JNI call while the current chunk has room.
     *
     * @param size size (in bytes), 0 to 1 GiB
     * @return a direct buffer in native byte order, position 0, limit and capacity {@code size}
     * @throws IllegalArgumentException if {@code size} is negative or above 1 GiB
     * @throws ArenaExhaustedException  if a limit is reached, a fixed arena is full or the system has no memory
     * @throws IllegalStateException    if the arena is closed, or before JDK 19 if this is not its owner's thread
     *                                  (later: {@code WrongThreadException})
     */
    public ByteBuffer allocate(int size) {
        return viewOf(bump(size), size);
    }

    /** As {@link #allocate(int)}, at a multiple of {@code alignment}: a power of two up to 1 MiB. Costs a JNI call. */
    public ByteBuffer allocate(int size, int alignment) {
        return viewOf(allocateSlowly(size, alignment), size);
    }

    /** As {@link #allocate(int)}, filled with zeros. */
    public ByteBuffer allocateZeroed(int size) {
        ByteBuffer view = allocate(size);
        for (int at = 0; at < size; at += ZEROS.length) {
            view.put(at, ZEROS, 0, Math.min(ZEROS.length, size - at));
        }
        return view;
    }

    // --- text

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

    /** The UTF-8 text of {@code String.format(Locale.ROOT, format, args)}, in a block of exactly its size. */
    public ByteBuffer format(String format, Object... args) {
        requireUsable();
        return allocateUtf8(String.format(Locale.ROOT, format, args));
    }

    // --- blocks as references

    /**
     * Allocates a block and returns its reference. About 4 ns, no garbage, no JNI call while the current chunk has
     * room.
     *
     * @param size size (in bytes), 0 to 1 GiB
     * @return never 0
     * @throws IllegalArgumentException if {@code size} is negative or above 1 GiB; otherwise as {@link #allocate(int)}
     */
    public long allocateRef(int size) {
        return bump(size);
    }

    /**
     * As {@link #allocateRef(int)}, at a multiple of {@code alignment}: a power of two up to 1 MiB. Costs a JNI call.
     */
    public long allocateRef(int size, int alignment) {
        return allocateSlowly(size, alignment);
    }

    /**
     * A view of {@code size} bytes from a reference on.
     *
     * @throws IllegalStateException     if the reference is null or stale, or the arena is closed
     * @throws IndexOutOfBoundsException if the size is negative or leads out of the reference's chunk
     */
    public ByteBuffer view(long ref, int size) {
        return viewOf(ref, size);
    }
}
