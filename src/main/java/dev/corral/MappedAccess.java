// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ControlBlock;
import dev.corral.internal.Failures;
import dev.corral.internal.GuardedReads;
import dev.corral.internal.MappedNatives;
import dev.corral.internal.Status;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Access to a sealed file through references: the part of {@link MappedArena} that reads. */
abstract class MappedAccess {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    final String name; // of the file
    final MappedMemory memory;
    private final long handle;
    final boolean shared; // the windows show the file's own pages, which may be lost: only GuardedReads may touch them
    private final long generation;
    private final long[] places; // of the chunks in the file; 0: none
    private final int[] used;
    private volatile ByteBuffer[] windows; // null: closed

    MappedAccess(String name, MappedMemory memory, long handle, long[] info, boolean shared) {
        this.name = name;
        this.memory = memory;
        this.handle = handle;
        this.shared = shared;
        this.generation = info[MappedNatives.GENERATION];
        this.places = new long[(int) info[MappedNatives.CHUNKS]];
        this.used = new int[places.length];
        MappedNatives.chunks(handle, places, used);
        this.windows = memory.windows();
    }

    /**
     * The address of the C {@code MappedArena}, for native code that reads the same file, on any thread, as {@link
     * NativeArena#nativeHandle} says. Close is Java's alone; keep this object reachable and open meanwhile. Native code
     * that reads a page of a {@linkplain MappedMode#SHARED shared} file that somebody has truncated ends the JVM: give
     * it a {@linkplain MappedMode#LOADED loaded} one where that may happen.
     *
     * @throws IllegalStateException if this is closed
     */
    public long nativeHandle() {
        if (windows == null) {
            throw closed();
        }
        return handle;
    }

    // --- places

    private static int chunk(long ref) {
        return (int) (ref >>> ControlBlock.REF_CHUNK_SHIFT) & ControlBlock.REF_CHUNK_MASK;
    }

    private RuntimeException refused(long ref, int offset, long bytes) {
        if (windows == null) {
            return closed();
        }
        int chunk = chunk(ref);
        String what = "ref=0x" + Long.toHexString(ref) + " offset=" + offset + " bytes=" + bytes + " file=" + name;
        if (ref >>> ControlBlock.REF_GENERATION_SHIFT != generation || chunk >= used.length || places[chunk] == 0) {
            return new IllegalStateException(what + ": the reference is null or not of this file");
        }
        return new IndexOutOfBoundsException(what + " used=" + used[chunk] + ": it leads out of its chunk");
    }

    final IllegalStateException closed() {
        return new IllegalStateException("file=" + name + ": the mapped arena is closed");
    }

    /** Where in the file {@code bytes} bytes at the reference begin. */
    private long place(long ref, int offset, int bytes) {
        int chunk = chunk(ref);
        long at = (ref & ControlBlock.REF_OFFSET_MASK) + offset;
        if (ref >>> ControlBlock.REF_GENERATION_SHIFT != generation || chunk >= used.length
                || (offset | bytes) < 0 || at + bytes > used[chunk] || places[chunk] == 0) {
            throw refused(ref, offset, bytes);
        }
        return places[chunk] + at;
    }

    private ByteBuffer window(long place) {
        ByteBuffer[] open = windows;
        if (open == null) {
            throw closed();
        }
        return open[(int) (place >>> MappedMemory.WINDOW_SHIFT)];
    }

    /** What to throw where the JVM has found that a page is gone. */
    private RuntimeException lost(InternalError error) {
        if (!shared) {
            throw error; // late, from a mapped file of somebody else's
        }
        byte[] message = new byte[MappedNatives.MESSAGE_BYTES];
        int status = memory.check(message);
        String what = status != Status.OK ? SystemPaths.text(message) : "file=" + name + ": the JVM reports the loss "
                + "of a page, while the file has its size: it was cut for a moment, its device fails, or another "
                + "mapped file of this process has lost the page";
        RuntimeException failure = Failures.of(status != Status.OK ? status : Status.FILE_REFUSED, "read: " + what);
        failure.addSuppressed(error);
        return failure;
    }

    private static int index(long place) {
        return (int) (place & MappedMemory.WINDOW_MASK);
    }

    final boolean isOpen() {
        return windows != null;
    }

    /** From now on every read is refused. */
    final void forgetWindows() {
        windows = null;
    }

    /** After a close that was refused. */
    final void restoreWindows() {
        windows = memory.windows();
    }

    // --- numbers

    /**
     * Reads the byte at {@code ref + offset} (in bytes), aligned or not. No garbage, no JNI call.
     *
     * @throws IllegalStateException         if the reference is null or not of this file, or this is closed
     * @throws IndexOutOfBoundsException     if the offset is negative or leads out of the reference's chunk
     * @throws java.io.UncheckedIOException  if the file is shared and has lost the page; the message names file and
     *                                       cause, as {@code bytes=0, but it had 8192 when it was opened}
     */
    public byte getByte(long ref, int offset) {
        long place = place(ref, offset, Byte.BYTES);
        ByteBuffer window = window(place);
        int index = index(place);
        try {
            return shared ? GuardedReads.getByte(window, index) : window.get(index);
        } catch (InternalError e) {
            throw lost(e);
        }
    }

    /** Reads the short at {@code ref + offset}; as {@link #getByte}. */
    public short getShort(long ref, int offset) {
        long place = place(ref, offset, Short.BYTES);
        ByteBuffer window = window(place);
        int index = index(place);
        try {
            return shared ? GuardedReads.getShort(window, index) : window.getShort(index);
        } catch (InternalError e) {
            throw lost(e);
        }
    }

    /** Reads the int at {@code ref + offset}; as {@link #getByte}. */
    public int getInt(long ref, int offset) {
        long place = place(ref, offset, Integer.BYTES);
        ByteBuffer window = window(place);
        int index = index(place);
        try {
            return shared ? GuardedReads.getInt(window, index) : window.getInt(index);
        } catch (InternalError e) {
            throw lost(e);
        }
    }

    /** Reads the long at {@code ref + offset}; as {@link #getByte}. */
    public long getLong(long ref, int offset) {
        long place = place(ref, offset, Long.BYTES);
        ByteBuffer window = window(place);
        int index = index(place);
        try {
            return shared ? GuardedReads.getLong(window, index) : window.getLong(index);
        } catch (InternalError e) {
            throw lost(e);
        }
    }

    /** Reads the float at {@code ref + offset}; as {@link #getByte}. */
    public float getFloat(long ref, int offset) {
        return Float.intBitsToFloat(getInt(ref, offset));
    }

    /** Reads the double at {@code ref + offset}; as {@link #getByte}. */
    public double getDouble(long ref, int offset) {
        return Double.longBitsToDouble(getLong(ref, offset));
    }

    // --- bytes

    /**
     * Copies {@code length} bytes at {@code ref + offset} into {@code target}, from index {@code from} on; as {@link
     * #getByte}.
     *
     * @throws IndexOutOfBoundsException also if the range of the array is out of bounds; nothing is copied then, while
     *                                   some bytes may have been copied when a page is lost
     */
    public void copyOut(long ref, int offset, byte[] target, int from, int length) {
        Objects.checkFromIndexSize(from, length, target.length);
        long place = place(ref, offset, length);
        ByteBuffer window = window(place);
        try {
            if (shared) {
                GuardedReads.copy(window, index(place), target, from, length);
            } else {
                window.get(index(place), target, from, length);
            }
        } catch (InternalError e) {
            throw lost(e);
        }
    }

    /**
     * Whether the {@code length} bytes at {@code ref + offset} are those of {@code bytes}, from index {@code from} on;
     * as {@link #getByte}.
     *
     * @throws IndexOutOfBoundsException also if the range of the array is out of bounds
     */
    public boolean matches(long ref, int offset, byte[] bytes, int from, int length) {
        Objects.checkFromIndexSize(from, length, bytes.length);
        long place = place(ref, offset, length);
        ByteBuffer window = window(place);
        try {
            return shared ? GuardedReads.matches(window, index(place), bytes, from, length)
                    : equal(window, index(place), bytes, from, length);
        } catch (InternalError e) {
            throw lost(e);
        }
    }

    private static boolean equal(ByteBuffer window, int at, byte[] bytes, int from, int length) {
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            if (window.getLong(at + i) != (long) LONGS.get(bytes, from + i)) {
                return false;
            }
        }
        while (i < length && window.get(at + i) == bytes[from + i]) {
            i++;
        }
        return i == length;
    }

    /** The {@code length} bytes of UTF-8 at {@code ref + offset} as text; as {@link #getByte}. */
    public String getUtf8(long ref, int offset, int length) {
        place(ref, offset, length); // before an array of any length is made
        byte[] bytes = new byte[length];
        copyOut(ref, offset, bytes, 0, length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * A read-only view of {@code size} bytes at {@code ref}, in native byte order, with position 0 and limit =
     * capacity = size. Of a {@linkplain MappedMode#LOADED loaded} file it shows the memory itself, costs one small
     * object and ends with this arena as {@link MappedArena#viewSafety} says. Of a {@linkplain MappedMode#SHARED
     * shared} file, whose pages nobody may touch without care, it is a copy in the Java heap, made now.
     *
     * @throws IllegalArgumentException if the size is negative
     */
    public ByteBuffer view(long ref, int size) {
        if (size < 0) {
            throw new IllegalArgumentException("size=" + size + " file=" + name + ": pass a size of 0 or more");
        }
        long place = place(ref, 0, size);
        if (shared) {
            byte[] copy = new byte[size];
            copyOut(ref, 0, copy, 0, size);
            return ByteBuffer.wrap(copy).asReadOnlyBuffer().order(ByteOrder.nativeOrder());
        }
        return window(place).slice(index(place), size).order(ByteOrder.nativeOrder());
    }
}
