// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Failures;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Objects;

/**
 * Native memory for objects that die together: allocated by moving a cursor, taken back in one operation.
 *
 * <table>
 * <caption>Properties</caption>
 * <tr><th>threads</th><td>one owner, the thread that created the arena; any other gets an exception</td></tr>
 * <tr><th>lifetime</th><td>a block lives until {@link #reset}, {@link #clear} or {@link #close} of its arena</td></tr>
 * <tr><th>views</th><td>direct buffers in native byte order; after their lifetime see {@link #viewSafety}</td></tr>
 * <tr><th>references</th><td>64-bit numbers, 0 is null; checked at every use, may be stored in arena memory</td></tr>
 * <tr><th>contents</th><td>unspecified, unless the method says zeroed</td></tr>
 * </table>
 *
 * {@snippet :
 * try (NativeArena arena = NativeArena.create()) {
 *     ByteBuffer header = arena.allocate(16);
 *     header.putInt(0, 42);
 *     long node = arena.allocateRef(24);
 *     arena.putLong(node, 8, 7L);
 *     arena.reset();
 * }
 * }
 *
 * <p>A reference keeps working until the arena is reset or cleared; using it afterwards throws. Its generation has 14
 * bits and wraps: a reference that is kept for exactly 16,383 resets is taken for a fresh one.
 *
 * <p>An arena that becomes unreachable without close is reported with the place where it was created, and its memory is
 * freed once no view of it is reachable.
 */
public final class NativeArena extends ArenaAccess implements AutoCloseable {
    private static final byte[] ZEROS = new byte[4096];

    private final MemoryPool owningPool; // keeps the pool from being dropped while the arena is in use
    private final ArenaState state;

    NativeArena(MemoryPool pool, long handle, String name) {
        super(pool.state(), handle, name);
        this.owningPool = pool;
        this.state = pool.state().register(this, handle, name);
    }

    /** An arena of the {@linkplain MemoryPool#shared() shared pool} with the defaults; as {@code builder().build()}. */
    public static NativeArena create() {
        return builder().build();
    }

    /** An arena of {@code pool} with the defaults: chunks of 4 KiB growing to 64 KiB, alignment 16. */
    public static NativeArena create(MemoryPool pool) {
        return builder().pool(pool).build();
    }

    /** Starts a configured arena. */
    public static Builder builder() {
        return new Builder();
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

    // --- bulk

    /**
     * Takes back all blocks; chunks are kept for the next ones. References become stale, views should not be used any
     * more.
     * Cost: O(1), whatever the number of blocks and chunks.
     *
     * @throws IllegalStateException if the arena is closed, or this is not its owner's thread
     */
    public void reset() {
        requireUsable();
        int before = currentGeneration();
        check(ArenaNatives.reset(handle), "reset");
        keepRoots(before);
        Reference.reachabilityFence(this);
    }

    /** As {@link #reset}, and gives all chunks but the first back to the pool. Cost: O(chunks). */
    public void clear() {
        requireUsable();
        check(ArenaNatives.clear(handle), "clear");
        dropRoots();
        Reference.reachabilityFence(this);
    }

    /**
     * Takes back all blocks and gives all memory back to the pool. Closing again does nothing. When the owner has
     * ended, any thread may close.
     *
     * @throws IllegalStateException if this is not the owner's thread, before JDK 19 (later: {@code
     *                               WrongThreadException})
     */
    @Override
    public void close() {
        if (!isClosed()) {
            adoptFromEndedOwner();
            requireUsable();
            detach();
            pool.closeArena(state);
        }
    }

    private void check(int status, String operation) {
        if (status != Status.OK) {
            throw Failures.of(status, operation + ": arena=" + name);
        }
    }

    // --- about the arena

    /**
     * What the arena holds now.
     *
     * @throws IllegalStateException if the arena is closed, or this is not its owner's thread
     */
    public ArenaStats stats() {
        requireUsable();
        long[] values = new long[ArenaStats.NATIVE_LONGS];
        check(ArenaNatives.stats(handle, values), "stats");
        Reference.reachabilityFence(this);
        return ArenaStats.of(values);
    }

    /**
     * The address of the C {@code Arena}, for native code that allocates from the same arena on the owner's thread.
     * Keep this object reachable meanwhile. 16,383 resets in C between two uses from Java make old references look fresh.
     *
     * @throws IllegalStateException if the arena is closed, or this is not its owner's thread
     */
    public long nativeHandle() {
        requireUsable();
        return handle;
    }

    /** What a stale view does. */
    public ViewSafety viewSafety() {
        return ViewSafety.RETAINED;
    }

    /** The name given to the builder; {@code arena} by default. */
    public String name() {
        return name;
    }

    /** The pool that the arena's memory comes from. */
    public MemoryPool pool() {
        return owningPool;
    }

    /** Name and state; callable from any thread. */
    @Override
    public String toString() {
        return "NativeArena[name=" + name + " pool=" + owningPool.name() + (isClosed() ? " closed" : "") + "]";
    }

    /** Configuration of an arena. Not thread-safe. Values are checked by {@link #build}. */
    public static final class Builder {
        private static final long INITIAL_DEFAULT = 4096;
        private static final long MAXIMUM_DEFAULT = 65536;

        private MemoryPool pool;
        private long initialChunkSize;
        private long maxChunkSize;
        long fixedSize;
        int alignment = 16;
        String name = "arena";

        private Builder() {
        }

        /** Pool that chunks come from; the shared pool by default. */
        public Builder pool(MemoryPool newPool) {
            this.pool = Objects.requireNonNull(newPool, "pool");
            return this;
        }

        /** Size of the first chunk (in bytes), below 1 GiB; 4 KiB by default. */
        public Builder initialChunkSize(long bytes) {
            this.initialChunkSize = positive("initialChunkSize", bytes);
            return this;
        }

        /**
         * Size up to which chunks double (in bytes), below 1 GiB; 64 KiB by default, or the initial size if that is
         * larger.
         */
        public Builder maxChunkSize(long bytes) {
            this.maxChunkSize = positive("maxChunkSize", bytes);
            return this;
        }

        /**
         * One chunk of this size (in bytes), below 1 GiB, and no growth; cannot be combined with the other two sizes.
         */
        public Builder fixedSize(long bytes) {
            this.fixedSize = positive("fixedSize", bytes);
            return this;
        }

        /** Default alignment of blocks: 8 or 16 (the default) bytes. */
        public Builder alignment(int bytes) {
            this.alignment = bytes;
            return this;
        }

        /** Name for statistics and reports; the first 31 UTF-8 bytes are shown by C. */
        public Builder name(String newName) {
            this.name = Objects.requireNonNull(newName, "name");
            return this;
        }

        /**
         * Creates the arena; the calling thread becomes its owner.
         *
         * @throws IllegalArgumentException if a size or the alignment is out of range, or they contradict each other
         * @throws ArenaExhaustedException  if the pool has no memory for the first chunk
         * @throws IllegalStateException    if the pool is closed
         * @throws UnsatisfiedLinkError     if the native library cannot be loaded; the message lists every attempt
         */
        public NativeArena build() {
            if (fixedSize != 0 && (initialChunkSize != 0 || maxChunkSize != 0)) {
                throw new IllegalArgumentException("fixedSize=" + fixedSize + " initialChunkSize=" + initialChunkSize
                        + " maxChunkSize=" + maxChunkSize + ": a fixed arena has one chunk, set only fixedSize");
            }
            MemoryPool from = pool == null ? MemoryPool.shared() : pool;
            return from.state().open(from, this);
        }

        long initial() {
            return fixedSize != 0 ? fixedSize : initialChunkSize != 0 ? initialChunkSize : INITIAL_DEFAULT;
        }

        long maximum() {
            return fixedSize != 0 ? fixedSize : maxChunkSize != 0 ? maxChunkSize : Math.max(initial(), MAXIMUM_DEFAULT);
        }

        private static long positive(String what, long bytes) {
            if (bytes <= 0) {
                throw new IllegalArgumentException(what + "=" + bytes + ": pass a positive number of bytes");
            }
            return bytes;
        }
    }
}
